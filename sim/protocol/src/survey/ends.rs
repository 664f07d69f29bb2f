//! The ends of executions, and what identical actors make of them.

use std::collections::BTreeSet;

use calloff_model::Code;

use super::alike::Alike;
use super::parts::{Cell, Parts};
use super::tuples::Tuples;
use crate::exploration::Limits;
use crate::history::{Action, ActorId, Outcome};

/// How an execution ends for one actor: the codes of its steps, and whether it is stuck.
pub(super) type Fate = (Vec<(u32, Code)>, bool);

/// The ends that were seen, up to the exchange of identical actors.
pub(super) struct Ends {
    /// For each actor, its state and whether it is stuck.
    known: Tuples,
    fates: BTreeSet<Vec<Fate>>,
    key: Vec<u32>,
    size: usize,
}

impl Ends {
    pub(super) fn new(actors: usize) -> Ends {
        let known = Tuples::new(actors);
        Ends { known, fates: BTreeSet::new(), key: Vec::new(), size: 0 }
    }

    pub(super) fn bytes(&self) -> usize {
        self.known.bytes() + self.size
    }

    /// Adds an end.
    pub(super) fn add(
        &mut self,
        alike: &Alike,
        parts: &Parts,
        cells: &[Cell],
        blocked: &[(ActorId, Action)],
    ) {
        let is_stuck = |actor: usize| blocked.iter().any(|(stuck, _)| stuck.0 as usize == actor);
        self.key.clear();
        let keys = cells.iter().enumerate();
        self.key.extend(keys.map(|(actor, cell)| 2 * cell.state + u32::from(is_stuck(actor))));
        alike.sort(&mut self.key);
        if !self.known.insert(&self.key).1 {
            return;
        }
        let fate = |key: &u32| (parts.states.get(key / 2).codes.to_vec(), key % 2 == 1);
        let mut fates: Vec<Fate> = self.key.iter().map(fate).collect();
        alike.sort(&mut fates);
        let size = Outcome::size_of(fates.iter().map(|(codes, _)| codes.len()));
        if self.fates.insert(fates) {
            self.size += size;
        }
    }

    /// Every end, with each exchange of identical actors; and whether that is all of them.
    pub(super) fn expand(&self, alike: &Alike, limits: &Limits) -> (BTreeSet<Outcome>, bool) {
        let mut outcomes = Vec::new();
        let mut size = 0;
        for fates in &self.fates {
            let mut fates = fates.clone();
            loop {
                size += Outcome::size_of(fates.iter().map(|(codes, _)| codes.len())) as u64;
                if size >> 20 >= limits.memory_max {
                    return (outcomes.into_iter().collect(), false);
                }
                outcomes.push(outcome(&fates));
                if !alike.exchange(&mut fates) {
                    break;
                }
            }
        }
        (outcomes.into_iter().collect(), true)
    }
}

fn outcome(fates: &[Fate]) -> Outcome {
    let stuck = (0..).map(ActorId).zip(fates).filter(|(_, (_, is_stuck))| *is_stuck);
    Outcome {
        stuck: stuck.map(|(actor, _)| actor).collect(),
        codes: fates.iter().map(|(codes, _)| codes.clone()).collect(),
    }
}
