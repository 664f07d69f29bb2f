//! The graph of the states that the search has seen, and the states in it that no end can be
//! reached from.

use calloff_protocol::digest::FingerprintMap;
use calloff_protocol::exploration::NodeId;
use calloff_protocol::history::ActorId;
use calloff_protocol::world::Choice;

use super::TASKS_MAX;

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

struct State {
    fingerprint: u128,
    /// The node by which it was reached first.
    node: NodeId,
    /// The choices made there: a bit per task, and one for the clock.
    made: u64,
    /// The choices that are possible there.
    possible: u64,
    is_end: bool,
    /// The last edge that leads on from it.
    last_edge: u32,
}

struct Edge {
    to: StateId,
    /// The bit of the choice.
    bit: u8,
    is_spurious: bool,
    /// The edge before it that leads on from the same state.
    before: u32,
}

const NONE: u32 = u32::MAX;

fn bit(choice: Choice) -> u8 {
    match choice {
        Choice::Actor(actor) => u8::try_from(actor.0).expect("there are at most 63 tasks"),
        Choice::Way(..) | Choice::Clock => TASKS_MAX as u8,
    }
}

fn choice(bit: u8) -> Choice {
    match usize::from(bit) == TASKS_MAX {
        true => Choice::Clock,
        false => Choice::Actor(ActorId(u32::from(bit))),
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
        is_end: bool,
    ) -> StateId {
        let number = u32::try_from(self.all.len()).expect("the limit on states fits");
        let possible = choices.fold(0, |bits, choice| bits | 1 << bit(choice));
        let last_edge = NONE;
        self.all.push(State { fingerprint, node, made: 0, possible, is_end, last_edge });
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
        let Step { from, choice, is_spurious } = step;
        if let Some(edge) = self.edges_from(from).find(|edge| edge.bit == bit(choice)) {
            return edge.to == to;
        }
        let number = u32::try_from(self.edges.len()).expect("the limit on states fits");
        let before = std::mem::replace(&mut self.all[from.0 as usize].last_edge, number);
        self.edges.push(Edge { to, bit: bit(choice), is_spurious, before });
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

    /// The first state, in the order of the search, from which no end can be reached, and a cycle
    /// that can be reached from it. A choice that was not explored may lead to an end. An end that
    /// is only reached because somebody wakes up for no reason does not count.
    pub(super) fn trap(&self) -> Option<Trap> {
        let can_end = self.can_end();
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
    fn can_end(&self) -> Vec<bool> {
        let mut into: Vec<(StateId, StateId)> = Vec::with_capacity(self.edges.len());
        let mut can_end = Vec::with_capacity(self.all.len());
        for (number, state) in (0..).map(StateId).zip(&self.all) {
            let mut taken = 0;
            for edge in self.edges_from(number) {
                taken |= 1 << edge.bit;
                if !edge.is_spurious {
                    into.push((edge.to, number));
                }
            }
            can_end.push(state.is_end || taken != state.possible);
        }
        into.sort_unstable();
        let mut open: Vec<StateId> =
            (0..).map(StateId).zip(&can_end).filter(|(_, can)| **can).map(|(id, _)| id).collect();
        while let Some(to) = open.pop() {
            let start = into.partition_point(|(target, _)| *target < to);
            for (_, from) in into[start..].iter().take_while(|(target, _)| *target == to) {
                if !std::mem::replace(&mut can_end[from.0 as usize], true) {
                    open.push(*from);
                }
            }
        }
        can_end
    }
}

#[cfg(test)]
mod tests {
    use calloff_protocol::exploration::ROOT;

    use super::*;

    const A: Choice = Choice::Actor(ActorId(0));
    const B: Choice = Choice::Actor(ActorId(1));

    /// A graph of that many states with these edges; states without an edge are ends.
    fn graph(states: u32, edges: &[(u32, Choice, u32)]) -> States {
        let mut graph = States::default();
        for number in 0..states {
            let of = edges.iter().filter(|(from, ..)| *from == number);
            let choices: Vec<Choice> = of.map(|(_, choice, _)| *choice).collect();
            graph.add(u128::from(number), ROOT, choices.iter().copied(), choices.is_empty());
        }
        for &(from, choice, to) in edges {
            let step = Step { from: StateId(from), choice, is_spurious: false };
            assert!(graph.make(step.from, choice));
            assert!(graph.connect(step, StateId(to)));
        }
        graph
    }

    #[test]
    fn a_cycle_that_somebody_can_leave_is_no_trap() {
        let spin = [(0, A, 1), (1, A, 0), (1, B, 2)];
        assert_eq!(graph(3, &spin).trap(), None);
    }

    #[test]
    fn a_cycle_that_nobody_can_leave_is_found_with_the_way_into_it() {
        let spin = [(0, A, 1), (0, B, 3), (1, B, 2), (2, A, 1)];
        let trap = Trap { node: ROOT, way: vec![], cycle: vec![B, A] };
        assert_eq!(graph(4, &spin).trap(), Some(trap));
        let late = [(0, A, 1), (1, A, 2), (2, B, 2)];
        let trap = Trap { node: ROOT, way: vec![A, A], cycle: vec![B] };
        assert_eq!(graph(3, &late).trap(), Some(trap));
    }

    #[test]
    fn what_was_not_explored_may_lead_to_an_end() {
        let mut graph = States::default();
        let only = graph.add(0, ROOT, [A, B].into_iter(), false);
        assert!(graph.connect(Step { from: only, choice: A, is_spurious: false }, only));
        assert_eq!(graph.trap(), None);
        assert!(graph.connect(Step { from: only, choice: B, is_spurious: false }, only));
        assert!(graph.trap().is_some());
    }

    #[test]
    fn an_end_after_a_spurious_wake_up_does_not_save_anybody() {
        let mut graph = States::default();
        let spin = graph.add(0, ROOT, [A, B].into_iter(), false);
        let end = graph.add(1, ROOT, [].into_iter(), true);
        assert!(graph.connect(Step { from: spin, choice: A, is_spurious: false }, spin));
        assert!(graph.connect(Step { from: spin, choice: B, is_spurious: true }, end));
        assert_eq!(graph.trap(), Some(Trap { node: ROOT, way: vec![], cycle: vec![A] }));
    }

    #[test]
    fn a_step_that_leads_elsewhere_the_second_time_is_noticed() {
        let mut graph = graph(2, &[(0, A, 1)]);
        let step = Step { from: StateId(0), choice: A, is_spurious: false };
        assert!(graph.connect(step, StateId(1)));
        assert!(!graph.connect(step, StateId(0)));
        assert_eq!(graph.recorded(StateId(0)), [A]);
    }
}
