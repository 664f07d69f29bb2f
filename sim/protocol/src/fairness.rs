//! Fair executions that go on for ever: which components of a graph have one.
//!
//! An infinite execution stays in one strongly connected component in the end. It is *fair* if
//!
//! 1. whoever can always step from some moment on does step (actors and the clock alike), and
//! 2. whoever can again and again take a lock, or get through a wait, does so again and again.
//!
//! A component has a fair execution in which everything in it happens again and again if it
//! satisfies both as a whole. If it fails the first, no part of it satisfies it either: whoever can
//! step in all of its states can in some of them. If it fails the second, only executions can be
//! fair that avoid the states in which that lock or wait can be passed; what is left without these
//! is taken apart again.
//!
//! # Example
//!
//! Two actors enter a lock and leave it, for ever. A third wants it once. It can enter again and
//! again, so in a fair execution it does, and finishes. If the two set and reset an event instead,
//! and the third looks now and then whether it is set (`repeat until`), it may look at the wrong
//! moments only, and nobody was unfair: it starves.

use std::collections::{BTreeSet, VecDeque};

use crate::history::ActorId;
use crate::world::Choice;

/// A step from a state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Arrow {
    /// Where it leads.
    pub to: u32,
    /// Who steps.
    pub choice: Choice,
    /// The instruction of a lock or a wait that is passed by the step.
    pub passes: Option<u32>,
}

/// A graph: the steps from each state, by its number.
#[derive(Clone, Debug, Default)]
pub struct Steps {
    arrows: Vec<Arrow>,
    /// For each state, the end of its steps in `arrows`.
    ends: Vec<u32>,
}

/// A lock or a wait that somebody can pass: the actor, and the instruction.
type Pass = (ActorId, u32);

/// Some actor, or the clock.
type Who = Option<ActorId>;

impl Arrow {
    fn pass(&self) -> Option<Pass> {
        Some((self.choice.actor()?, self.passes?))
    }
}

impl Steps {
    /// Adds a step from the state that was added last.
    pub fn push(&mut self, arrow: Arrow) {
        self.arrows.push(arrow);
    }

    /// All steps from the next state have been added.
    pub fn close(&mut self) {
        self.ends.push(u32::try_from(self.arrows.len()).expect("so many steps fit in no memory"));
    }

    /// The steps from that state; none if they were not added.
    pub fn of(&self, state: u32) -> &[Arrow] {
        let end = |state: u32| self.ends.get(state as usize).map(|end| *end as usize);
        let Some(to) = end(state) else { return &[] };
        let from = state.checked_sub(1).and_then(end).unwrap_or(0);
        &self.arrows[from..to]
    }

    /// The number of states whose steps are known.
    pub fn states(&self) -> u32 {
        u32::try_from(self.ends.len()).expect("states have numbers")
    }

    /// The memory that the steps need, in bytes.
    pub fn bytes(&self) -> usize {
        self.arrows.capacity() * size_of::<Arrow>() + self.ends.capacity() * size_of::<u32>()
    }

    /// The largest components that have a fair execution in which everything in them happens again
    /// and again. Each is sorted; the one with the smallest state comes first.
    pub fn fair_components(&self) -> Vec<Vec<u32>> {
        let mut fair = Vec::new();
        let mut parts = vec![(0..self.states()).collect::<Vec<u32>>()];
        let mut owner = vec![u32::MAX; self.states() as usize];
        let mut number = 0;
        while let Some(part) = parts.pop() {
            part.iter().for_each(|state| owner[*state as usize] = number);
            for component in self.components(&part, &owner, number) {
                let members: BTreeSet<u32> = component.iter().copied().collect();
                match self.verdict(&members) {
                    Verdict::Fair => fair.push(component),
                    Verdict::Unfair => {}
                    Verdict::Avoids(passes) => {
                        let is_kept = |state: &u32| {
                            let mut of = self.of(*state).iter().filter_map(Arrow::pass);
                            !of.any(|pass| passes.contains(&pass))
                        };
                        parts.push(component.into_iter().filter(is_kept).collect());
                    }
                }
            }
            number += 1;
        }
        fair.iter_mut().for_each(|component| component.sort_unstable());
        fair.sort_unstable();
        fair
    }

    /// The strongly connected components of these states that have a step within: Tarjan's
    /// algorithm, without recursion. `owner` tells which states belong to the part.
    fn components(&self, part: &[u32], owner: &[u32], number: u32) -> Vec<Vec<u32>> {
        let is_in = |state: u32| owner.get(state as usize) == Some(&number);
        let mut found = Vec::new();
        let mut index = vec![u32::MAX; owner.len()];
        let mut low = vec![0; owner.len()];
        let mut is_open = vec![false; owner.len()];
        let (mut open, mut next) = (Vec::new(), 0);
        for &root in part.iter().filter(|state| is_in(**state)) {
            if index[root as usize] != u32::MAX {
                continue;
            }
            let mut path: Vec<(u32, usize)> = vec![(root, 0)];
            while let Some((state, at)) = path.pop() {
                let this = state as usize;
                if at == 0 {
                    (index[this], low[this]) = (next, next);
                    next += 1;
                    open.push(state);
                    is_open[this] = true;
                } else {
                    let behind = self.of(state)[at - 1].to as usize;
                    low[this] = u32::min(low[this], low[behind]);
                }
                let mut rest = self.of(state).iter().enumerate().skip(at);
                let unseen = rest.find(|(_, arrow)| {
                    let behind = arrow.to as usize;
                    if is_in(arrow.to) && is_open[behind] {
                        low[this] = u32::min(low[this], index[behind]);
                    }
                    is_in(arrow.to) && index[behind] == u32::MAX
                });
                if let Some((at, arrow)) = unseen {
                    path.push((state, at + 1));
                    path.push((arrow.to, 0));
                    continue;
                }
                if low[this] == index[this] {
                    let from = open.iter().rposition(|other| *other == state).expect("it is open");
                    let component = open.split_off(from);
                    component.iter().for_each(|member| is_open[*member as usize] = false);
                    let is_cycle =
                        component.len() > 1 || self.of(state).iter().any(|arrow| arrow.to == state);
                    found.extend(is_cycle.then_some(component));
                }
            }
        }
        found
    }

    fn verdict(&self, members: &BTreeSet<u32>) -> Verdict {
        let mut always: Option<BTreeSet<Who>> = None;
        let (mut step, mut possible, mut taken) =
            (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for &state in members {
            let arrows = self.of(state);
            let here: BTreeSet<Who> = arrows.iter().map(|arrow| arrow.choice.actor()).collect();
            always = Some(match always {
                Some(always) => always.intersection(&here).copied().collect(),
                None => here,
            });
            possible.extend(arrows.iter().filter_map(Arrow::pass));
            for arrow in arrows.iter().filter(|arrow| members.contains(&arrow.to)) {
                step.insert(arrow.choice.actor());
                taken.extend(arrow.pass());
            }
        }
        if !always.unwrap_or_default().is_subset(&step) {
            return Verdict::Unfair;
        }
        let missed: BTreeSet<Pass> = possible.difference(&taken).copied().collect();
        if missed.is_empty() { Verdict::Fair } else { Verdict::Avoids(missed) }
    }

    /// A short fair cycle within a fair component, through its first state.
    pub fn cycle(&self, component: &[u32]) -> Vec<Choice> {
        let members: BTreeSet<u32> = component.iter().copied().collect();
        let mut tour =
            Tour { steps: self, members: &members, at: component[0], arrows: Vec::new() };
        loop {
            let (visited, arrows) = tour.so_far(component[0]);
            let owed = self.owed(&visited, &arrows);
            if owed.is_empty() && !arrows.is_empty() && tour.at == component[0] {
                return arrows.iter().map(|arrow| arrow.choice).collect();
            }
            let home = |arrow: &Arrow| arrow.to == component[0];
            let pays = |arrow: &Arrow| {
                let can: BTreeSet<Who> =
                    self.of(arrow.to).iter().map(|arrow| arrow.choice.actor()).collect();
                owed.iter().any(|owed| match owed {
                    Owed::Step(who) => arrow.choice.actor() == *who || !can.contains(who),
                    Owed::Pass(pass) => arrow.pass() == Some(*pass),
                })
            };
            match owed.is_empty() {
                true => tour.go(&home),
                false => tour.go(&pays),
            }
        }
    }

    /// What a cycle with these states and steps still has to do to be fair.
    fn owed(&self, visited: &BTreeSet<u32>, arrows: &[Arrow]) -> Vec<Owed> {
        let can = |state: u32| self.of(state).iter().map(|arrow| arrow.choice.actor());
        let mut whos: BTreeSet<Who> = visited.iter().flat_map(|state| can(*state)).collect();
        whos.retain(|who| {
            visited.iter().all(|state| can(*state).any(|other| other == *who))
                && !arrows.iter().any(|arrow| arrow.choice.actor() == *who)
        });
        let possible = visited.iter().flat_map(|state| self.of(*state)).filter_map(Arrow::pass);
        let mut passes: BTreeSet<Pass> = possible.collect();
        passes.retain(|pass| !arrows.iter().any(|arrow| arrow.pass() == Some(*pass)));
        whos.into_iter().map(Owed::Step).chain(passes.into_iter().map(Owed::Pass)).collect()
    }
}

/// What a component is.
enum Verdict {
    /// It has a fair execution in which everything in it happens again and again.
    Fair,
    /// No execution in it is fair.
    Unfair,
    /// Only executions in it that never can pass these may be fair.
    Avoids(BTreeSet<Pass>),
}

/// What a cycle has to do to be fair.
enum Owed {
    /// Somebody has to step, or come to a state in which they cannot.
    Step(Who),
    /// A lock or a wait has to be passed.
    Pass(Pass),
}

/// A walk within a component.
struct Tour<'s> {
    steps: &'s Steps,
    members: &'s BTreeSet<u32>,
    at: u32,
    arrows: Vec<Arrow>,
}

impl Tour<'_> {
    fn so_far(&self, from: u32) -> (BTreeSet<u32>, Vec<Arrow>) {
        let visited = std::iter::once(from).chain(self.arrows.iter().map(|arrow| arrow.to));
        (visited.collect(), self.arrows.clone())
    }

    /// Goes the shortest way to the end of a step that is meant.
    fn go(&mut self, is_meant: &dyn Fn(&Arrow) -> bool) {
        let mut before: Vec<(u32, Arrow, Option<usize>)> = Vec::new();
        let mut seen = BTreeSet::from([self.at]);
        let mut queue: VecDeque<(u32, Option<usize>)> = VecDeque::from([(self.at, None)]);
        while let Some((state, from)) = queue.pop_front() {
            for arrow in
                self.steps.of(state).iter().filter(|arrow| self.members.contains(&arrow.to))
            {
                before.push((state, *arrow, from));
                let this = before.len() - 1;
                if is_meant(arrow) {
                    let mut way = Vec::new();
                    let mut at = Some(this);
                    while let Some(number) = at {
                        way.push(before[number].1);
                        at = before[number].2;
                    }
                    self.arrows.extend(way.into_iter().rev());
                    self.at = arrow.to;
                    return;
                }
                if seen.insert(arrow.to) {
                    queue.push_back((arrow.to, Some(this)));
                }
            }
        }
        unreachable!("everything in a fair component can be reached from everywhere in it");
    }
}

#[cfg(test)]
mod tests;
