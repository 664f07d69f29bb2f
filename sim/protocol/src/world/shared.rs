//! What actors share besides the machines: events, locks, and who has finished.

use calloff_model::{Code, Ticks};

use crate::history::{Action, ActorId, EventId, LockId};
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

/// What an operation does with what actors share.
pub enum Beside {
    /// It returns, and this is what they share then.
    Changed(Shared, Code),
    /// It returns, and changes nothing.
    Same(Code),
    /// It has to wait; if there is a deadline, until then at most.
    Blocked(Option<Ticks>),
    /// It begins to wait, until that time at most.
    Arm(Ticks),
}

impl Shared {
    /// What they share at the beginning.
    pub fn new(program: &Program) -> Shared {
        let finished = if program.is_client { program.lanes.len() } else { 0 };
        Shared {
            events: program.events.iter().map(|event| event.is_set).collect(),
            locks: vec![None; program.locks.len()],
            finished: vec![false; finished],
        }
    }

    /// What an operation of that actor, whose steps have returned that code last, does here; `None`
    /// for one that has no part in it. A wait that has begun ends at `until`.
    pub fn step(
        &self,
        program: &Program,
        (actor, last): (ActorId, Option<Code>),
        action: Action,
        until: Option<Ticks>,
        now: Ticks,
    ) -> Option<Beside> {
        let change = |code, change: &dyn Fn(&mut Shared)| {
            let mut changed = self.clone();
            change(&mut changed);
            Beside::Changed(changed, code)
        };
        let wait =
            |is_met: bool, timeout: Option<u64>, pass: &dyn Fn(&mut Shared)| match (until, timeout)
            {
                _ if is_met => change(Code::S_OK, pass),
                (Some(until), _) if until <= now => Beside::Same(Code::WAIT_TIMEOUT),
                (Some(until), _) => Beside::Blocked(Some(until)),
                (None, Some(0)) => Beside::Same(Code::WAIT_TIMEOUT),
                (None, Some(ticks)) => Beside::Arm(Ticks(now.0.saturating_add(ticks))),
                (None, None) => Beside::Blocked(None),
            };
        Some(match action {
            Action::Set(event) => change(Code::S_OK, &|shared| shared.set(event, true)),
            Action::Reset(event) => change(Code::S_OK, &|shared| shared.set(event, false)),
            Action::Wait(event, timeout) => wait(self.is_set(event), timeout, &|shared| {
                if program.events[event.0 as usize].is_auto {
                    shared.set(event, false);
                }
            }),
            Action::Join(other, timeout) => wait(self.has_finished(other), timeout, &|_| {}),
            Action::Lock(lock) => match self.owner(lock) {
                Some(owner) if owner != actor => Beside::Blocked(None),
                _ => change(Code::S_OK, &|shared| shared.enter(lock, actor)),
            },
            Action::Unlock(lock) if self.owner(lock) == Some(actor) => {
                change(Code::S_OK, &|shared| shared.leave(lock))
            }
            Action::Unlock(_) => Beside::Same(Code::E_FAIL),
            Action::Look(number) => {
                let test = &program.lanes[actor.0 as usize].tests[number as usize];
                let is_set = |event| self.is_set(event);
                let has_finished = |other| self.has_finished(other);
                let is_met = test.is_met(last, &is_set, &has_finished);
                Beside::Same(if is_met { Code::S_OK } else { Code::S_FALSE })
            }
            _ => return None,
        })
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
    pub fn finish(&mut self, actor: ActorId) {
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
