//! The parts of worlds, by number.

use std::collections::BTreeSet;

use calloff_model::Code;

use super::tuples::Numbers;
use crate::clauses::{self, ClauseId, Common, Kind, Lane, Ledger};
use crate::history::{ActorId, Event};
use crate::world::{ActorState, ThreadMachine};

/// The parts of all worlds that were seen.
#[derive(Default)]
pub(super) struct Parts {
    /// Where an actor is, and what it holds.
    pub(super) states: Numbers<ActorState>,
    /// The machine of one thread.
    pub(super) machines: Numbers<ThreadMachine>,
    /// What the ledger knows of one thread.
    pub(super) lanes: Numbers<Lane>,
    /// The rest of what the ledger knows.
    pub(super) commons: Numbers<Common>,
    /// All that belongs to one actor.
    pub(super) cells: Numbers<Cell>,
}

/// All that belongs to one actor, by number.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Cell {
    pub(super) state: u32,
    pub(super) machine: u32,
    pub(super) lane: u32,
}

impl Parts {
    /// How many bytes they take, without what they point to.
    pub(super) fn bytes(&self) -> usize {
        self.states.bytes()
            + self.machines.bytes()
            + self.lanes.bytes()
            + self.commons.bytes()
            + self.cells.bytes()
    }
}

/// What clauses have said, and which codes were returned.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) violated: BTreeSet<ClauseId>,
    pub(super) seen: BTreeSet<(ClauseId, String)>,
    pub(super) returned: BTreeSet<(ActorId, u32, Code)>,
}

impl Findings {
    /// Shows an event to every clause.
    pub(super) fn judge(&mut self, ledger: &Ledger, event: &Event) {
        for (clause, message) in clauses::judge_all(ledger, event) {
            match clause.kind {
                Kind::Always => {
                    self.violated.insert(clause);
                }
                Kind::Sometimes => {
                    self.seen.insert((clause, message));
                }
            }
        }
    }
}
