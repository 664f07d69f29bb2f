//! The graph of the states that the search has seen, and the states in it that no end can be
//! reached from.

use calloff_protocol::digest::FingerprintMap;
use calloff_protocol::exploration::NodeId;
use calloff_protocol::fairness::{Arrow, Steps};
use calloff_protocol::history::ActorId;
use calloff_protocol::world::Choice;

use super::TASKS_MAX;
use crate::runtime::board::FinishedStep;

/// A state, by the order in which states were seen first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct StateId(u32);

/// A choice that was made in a state.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) from: StateId,
    pub(super) choice: Choice,
    /// Whether it wakes a task for no reason.
    pub(super) is_spurious: bool,
    /// The step of the program that an actor finishes by it.
    pub(super) finishes: Option<FinishedStep>,
}

impl StateId {
    /// Its number, from 0.
    pub(super) fn number(self) -> usize {
        self.0 as usize
    }
}

/// States from which no end can be reached: a way into them, and a cycle there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Trap {
    /// The node of the search that the way begins at.
    pub(super) node: NodeId,
    /// The choices from there to the cycle.
    pub(super) way: Vec<Choice>,
    /// The choices of one round.
    pub(super) cycle: Vec<Choice>,
}

/// Every state that was seen, with the choices made in it.
#[derive(Default)]
pub(super) struct States {
    numbers: FingerprintMap<StateId>,
    all: Vec<State>,
    edges: Vec<Edge>,
}

/// What a search knows of a state.
#[derive(Clone, Copy, Default)]
pub(super) struct About {
    pub(super) is_end: bool,
    /// The tasks that have not finished: a bit each.
    pub(super) unfinished: u64,
    /// The tasks that can only not go on because another one holds a lock.
    pub(super) at_lock: u64,
}

struct State {
    fingerprint: u128,
    /// The node by which it was reached first.
    node: NodeId,
    /// The choices made there: a bit per task, one for the clock, and one per other way.
    made: u128,
    /// The choices that are possible there.
    possible: u128,
    about: About,
    /// The last edge that leads on from it.
    last_edge: u32,
}

struct Edge {
    to: StateId,
    /// The bit of the choice.
    bit: u8,
    is_spurious: bool,
    finishes: Option<FinishedStep>,
    /// The edge before it that leads on from the same state.
    before: u32,
}

const NONE: u32 = u32::MAX;

/// Where actors have other ways to step: the most actors, and the most ways of each. A choice is a
/// bit.
pub(super) const WAYS: (usize, usize) = (8, 9);

fn bit(choice: Choice) -> u8 {
    match choice {
        Choice::Actor(actor) => u8::try_from(actor.0).expect("there are at most 63 tasks"),
        Choice::Clock => TASKS_MAX as u8,
        Choice::Way(actor, way) => {
            let before = WAYS.1 as u32 - 1;
            u8::try_from(TASKS_MAX as u32 + actor.0 * before + way).expect("there are few ways")
        }
    }
}

fn choice(bit: u8) -> Choice {
    let (number, clock) = (u32::from(bit), TASKS_MAX as u32);
    match number.checked_sub(clock) {
        None => Choice::Actor(ActorId(number)),
        Some(0) => Choice::Clock,
        Some(way) => {
            let before = WAYS.1 as u32 - 1;
            Choice::Way(ActorId((way - 1) / before), (way - 1) % before + 1)
        }
    }
}

impl States {
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn find(&self, fingerprint: u128) -> Option<StateId> {
        self.numbers.get(&fingerprint).copied()
    }

    pub(super) fn fingerprint(&self, state: StateId) -> u128 {
        self.at(state).fingerprint
    }

    /// The fingerprint of the state that was seen first.
    pub(super) fn first(&self) -> Option<u128> {
        self.all.first().map(|state| state.fingerprint)
    }

    /// Whether every choice that is possible there was made.
    pub(super) fn is_spent(&self, state: StateId) -> bool {
        self.at(state).made == self.at(state).possible
    }

    /// Adds a state that was not seen before.
    pub(super) fn add(
        &mut self,
        fingerprint: u128,
        node: NodeId,
        choices: impl Iterator<Item = Choice>,
        about: About,
    ) -> StateId {
        let number = u32::try_from(self.all.len()).expect("the limit on states fits");
        let possible = choices.fold(0_u128, |bits, choice| bits | 1 << bit(choice));
        let last_edge = NONE;
        self.all.push(State { fingerprint, node, made: 0, possible, about, last_edge });
        self.numbers.insert(fingerprint, StateId(number));
        StateId(number)
    }

    /// Marks the choice as made there; `false` if it was made before.
    pub(super) fn make(&mut self, state: StateId, choice: Choice) -> bool {
        let made = &mut self.all[state.0 as usize].made;
        let is_new = *made & 1 << bit(choice) == 0;
        *made |= 1 << bit(choice);
        is_new
    }

    /// Records where a step leads; `false` if it has led elsewhere before.
    pub(super) fn connect(&mut self, step: Step, to: StateId) -> bool {
        let Step { from, choice, is_spurious, finishes } = step;
        if let Some(edge) = self.edges_from(from).find(|edge| edge.bit == bit(choice)) {
            return edge.to == to;
        }
        let number = u32::try_from(self.edges.len()).expect("the limit on states fits");
        let before = std::mem::replace(&mut self.all[from.0 as usize].last_edge, number);
        self.edges.push(Edge { to, bit: bit(choice), is_spurious, finishes, before });
        true
    }

    /// The choices that were made there and led to a state, in the order of actors.
    pub(super) fn recorded(&self, state: StateId) -> Vec<Choice> {
        let mut bits: Vec<u8> = self.edges_from(state).map(|edge| edge.bit).collect();
        bits.sort_unstable();
        bits.into_iter().map(choice).collect()
    }

    fn at(&self, state: StateId) -> &State {
        &self.all[state.0 as usize]
    }

    fn edges_from(&self, state: StateId) -> impl Iterator<Item = &Edge> {
        let mut next = self.at(state).last_edge;
        std::iter::from_fn(move || {
            let edge = self.edges.get(next as usize)?;
            next = edge.before;
            Some(edge)
        })
    }

    /// Fair executions that go on for ever, by which tasks do not finish in them: the node of the
    /// search at which the cycle begins, the tasks, one bit each, and the choices of a round.
    pub(super) fn endless(&self) -> Vec<(NodeId, u64, Vec<Choice>)> {
        let mut steps = Steps::default();
        let waiting = self.all.iter().fold(0, |all, state| all | state.about.at_lock);
        let of_tasks = (0..TASKS_MAX).filter(|task| waiting & 1 << task != 0);
        let runs: Vec<(usize, Vec<bool>)> = of_tasks
            .map(|task| (task, self.comes_to(|edge| usize::from(edge.bit) == task)))
            .collect();
        for number in (0..self.all.len() as u32).map(StateId) {
            let real = self.edges_from(number).filter(|edge| !edge.is_spurious);
            let mut edges: Vec<&Edge> = real.collect();
            edges.sort_unstable_by_key(|edge| edge.bit);
            for edge in edges {
                let choice = choice(edge.bit);
                // Whoever gives a wait up does not get through it.
                let is_first = matches!(choice, Choice::Actor(_));
                let passes = edge.finishes.filter(|step| step.passes && is_first);
                steps.push(Arrow { to: edge.to.0, choice, passes: passes.map(|step| step.at) });
            }
            // Whoever only waits for a lock that is going to be free is as good as able to step.
            for (task, runs) in &runs {
                if self.at(number).about.at_lock & 1 << task != 0 && runs[number.0 as usize] {
                    let choice = Choice::Actor(ActorId(*task as u32));
                    steps.push(Arrow { to: u32::MAX, choice, passes: None });
                }
            }
            steps.close();
        }
        let found = steps.fair_components().into_iter().map(|component| {
            let begin = self.at(StateId(component[0]));
            (begin.node, begin.about.unfinished, steps.cycle(&component))
        });
        found.collect()
    }

    /// The first state, in the order of the search, from which no end can be reached, and a cycle
    /// that can be reached from it. A choice that was not explored may lead to an end. An end that
    /// is only reached because somebody wakes up for no reason does not count.
    ///
    /// A program that may go on for ever need not come to an end (`is_endless`): there, it is
    /// enough if some actor can finish a step.
    pub(super) fn trap(&self, is_endless: bool) -> Option<Trap> {
        let can_end = self.can_end(is_endless);
        let first = (0..).map(StateId).zip(&can_end).find(|(_, can_end)| !**can_end)?.0;
        let (mut visited, mut steps, mut at) = (Vec::new(), Vec::new(), first);
        loop {
            if let Some(start) = visited.iter().position(|seen| *seen == at) {
                let cycle = steps.split_off(start);
                return Some(Trap { node: self.at(first).node, way: steps, cycle });
            }
            visited.push(at);
            let real = self.edges_from(at).filter(|edge| !edge.is_spurious);
            let edge = real.min_by_key(|edge| edge.bit)?;
            steps.push(choice(edge.bit));
            at = edge.to;
        }
    }

    /// For each state, whether an end can be reached from it, as far as is known.
    fn can_end(&self, is_endless: bool) -> Vec<bool> {
        let ends = (0..).map(StateId).zip(&self.all).map(|(number, state)| {
            let (mut taken, mut goes_on) = (0_u128, false);
            for edge in self.edges_from(number) {
                taken |= 1 << edge.bit;
                goes_on |= is_endless && edge.finishes.is_some() && !edge.is_spurious;
            }
            state.about.is_end || goes_on || taken != state.possible
        });
        self.come_to(ends.collect())
    }

    /// For each state, whether a step of this kind can come, now or later.
    fn comes_to(&self, is_meant: impl Fn(&Edge) -> bool) -> Vec<bool> {
        let real = |number| self.edges_from(number).filter(|edge| !edge.is_spurious);
        let numbers = (0..self.all.len() as u32).map(StateId);
        self.come_to(numbers.map(|number| real(number).any(&is_meant)).collect())
    }

    /// For each state, whether one of these can be reached from it without waking up for no reason.
    fn come_to(&self, mut meant: Vec<bool>) -> Vec<bool> {
        let mut into: Vec<(StateId, StateId)> = Vec::with_capacity(self.edges.len());
        for number in (0..self.all.len() as u32).map(StateId) {
            let real = self.edges_from(number).filter(|edge| !edge.is_spurious);
            into.extend(real.map(|edge| (edge.to, number)));
        }
        into.sort_unstable();
        let mut open: Vec<StateId> =
            (0..).map(StateId).zip(&meant).filter(|(_, is)| **is).map(|(id, _)| id).collect();
        while let Some(to) = open.pop() {
            let start = into.partition_point(|(target, _)| *target < to);
            for (_, from) in into[start..].iter().take_while(|(target, _)| *target == to) {
                if !std::mem::replace(&mut meant[from.0 as usize], true) {
                    open.push(*from);
                }
            }
        }
        meant
    }
}

#[cfg(test)]
mod tests {
    use calloff_protocol::exploration::ROOT;

    use super::*;

    const A: Choice = Choice::Actor(ActorId(0));
    const B: Choice = Choice::Actor(ActorId(1));

    fn end(is_end: bool) -> About {
        About { is_end, ..About::default() }
    }

    /// A graph of that many states with these edges; states without an edge are ends.
    fn graph(states: u32, edges: &[(u32, Choice, u32)]) -> States {
        let mut graph = States::default();
        for number in 0..states {
            let of = edges.iter().filter(|(from, ..)| *from == number);
            let choices: Vec<Choice> = of.map(|(_, choice, _)| *choice).collect();
            graph.add(u128::from(number), ROOT, choices.iter().copied(), end(choices.is_empty()));
        }
        for &(from, choice, to) in edges {
            let step = Step { from: StateId(from), choice, is_spurious: false, finishes: None };
            assert!(graph.make(step.from, choice));
            assert!(graph.connect(step, StateId(to)));
        }
        graph
    }

    #[test]
    fn a_cycle_that_somebody_can_leave_is_no_trap() {
        let spin = [(0, A, 1), (1, A, 0), (1, B, 2)];
        assert_eq!(graph(3, &spin).trap(false), None);
    }

    #[test]
    fn a_cycle_that_nobody_can_leave_is_found_with_the_way_into_it() {
        let spin = [(0, A, 1), (0, B, 3), (1, B, 2), (2, A, 1)];
        let trap = Trap { node: ROOT, way: vec![], cycle: vec![B, A] };
        assert_eq!(graph(4, &spin).trap(false), Some(trap));
        let late = [(0, A, 1), (1, A, 2), (2, B, 2)];
        let trap = Trap { node: ROOT, way: vec![A, A], cycle: vec![B] };
        assert_eq!(graph(3, &late).trap(false), Some(trap));
    }

    #[test]
    fn what_was_not_explored_may_lead_to_an_end() {
        let mut graph = States::default();
        let only = graph.add(0, ROOT, [A, B].into_iter(), end(false));
        assert!(
            graph.connect(Step { from: only, choice: A, is_spurious: false, finishes: None }, only)
        );
        assert_eq!(graph.trap(false), None);
        assert!(
            graph.connect(Step { from: only, choice: B, is_spurious: false, finishes: None }, only)
        );
        assert!(graph.trap(false).is_some());
    }

    #[test]
    fn an_end_after_a_spurious_wake_up_does_not_save_anybody() {
        let mut graph = States::default();
        let spin = graph.add(0, ROOT, [A, B].into_iter(), end(false));
        let end = graph.add(1, ROOT, [].into_iter(), end(true));
        assert!(
            graph.connect(Step { from: spin, choice: A, is_spurious: false, finishes: None }, spin)
        );
        assert!(
            graph.connect(Step { from: spin, choice: B, is_spurious: true, finishes: None }, end)
        );
        assert_eq!(graph.trap(false), Some(Trap { node: ROOT, way: vec![], cycle: vec![A] }));
    }

    #[test]
    fn a_step_that_leads_elsewhere_the_second_time_is_noticed() {
        let mut graph = graph(2, &[(0, A, 1)]);
        let step = Step { from: StateId(0), choice: A, is_spurious: false, finishes: None };
        assert!(graph.connect(step, StateId(1)));
        assert!(!graph.connect(step, StateId(0)));
        assert_eq!(graph.recorded(StateId(0)), [A]);
    }
}
