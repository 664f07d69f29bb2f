//! What actors share besides the machines: events, locks, and who has finished.

use crate::history::{ActorId, EventId, LockId};
use crate::program::Program;

/// The events, the locks, and who has finished.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Shared {
    /// Which events are set.
    events: Vec<bool>,
    /// Who owns each lock, and how often it has entered it.
    locks: Vec<Option<(ActorId, u32)>>,
    /// Which actors have finished. Empty in a program in which that does not matter.
    finished: Vec<bool>,
}

impl Shared {
    pub(super) fn new(program: &Program) -> Shared {
        let finished = if program.is_client { program.lanes.len() } else { 0 };
        Shared {
            events: program.events.iter().map(|event| event.is_set).collect(),
            locks: vec![None; program.locks.len()],
            finished: vec![false; finished],
        }
    }

    /// Whether the event is set.
    pub fn is_set(&self, event: EventId) -> bool {
        self.events[event.0 as usize]
    }

    /// Sets or resets the event.
    pub(super) fn set(&mut self, event: EventId, is_set: bool) {
        self.events[event.0 as usize] = is_set;
    }

    /// Who owns the lock.
    pub fn owner(&self, lock: LockId) -> Option<ActorId> {
        self.locks[lock.0 as usize].map(|(owner, _)| owner)
    }

    /// How often its owner has entered the lock.
    pub(super) fn times(&self, lock: LockId) -> u32 {
        self.locks[lock.0 as usize].map_or(0, |(_, times)| times)
    }

    /// The actor, who may, enters the lock.
    pub(super) fn enter(&mut self, lock: LockId, actor: ActorId) {
        let lock = &mut self.locks[lock.0 as usize];
        *lock = Some((actor, lock.map_or(0, |(_, times)| times) + 1));
    }

    /// The owner leaves the lock.
    pub(super) fn leave(&mut self, lock: LockId) {
        let lock = &mut self.locks[lock.0 as usize];
        *lock = lock.map(|(owner, times)| (owner, times - 1)).filter(|(_, times)| *times > 0);
    }

    /// Whether the actor has finished.
    pub fn has_finished(&self, actor: ActorId) -> bool {
        self.finished[actor.0 as usize]
    }

    /// The actor has finished.
    pub(super) fn finish(&mut self, actor: ActorId) {
        if let Some(finished) = self.finished.get_mut(actor.0 as usize) {
            *finished = true;
        }
    }

    /// Whether all actors have finished that have to.
    pub(super) fn is_over(&self, program: &Program) -> bool {
        let mut lanes = program.lanes.iter().zip(&self.finished);
        program.lanes.iter().any(|lane| lane.is_daemon)
            && lanes.all(|(lane, has_finished)| lane.is_daemon || *has_finished)
    }
}
