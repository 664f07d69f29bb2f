//! What a task does on the board, as data.
//!
//! Everything that a task does between two choices is a list of operations, each with what the task
//! saw by it. A task is code that is deterministic: what it does next depends on what it knows and
//! on what it has seen, and on nothing else. So a list that was recorded once can be performed
//! again without the code; see [`Operation`].

use std::hash::{Hash, Hasher};

use calloff_model::Ticks;
use calloff_protocol::operations::Deed;

use super::{Board, ObjectKey, Pending, Print};

/// One operation of the running task.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Operation {
    /// Announces the next operation, before which others may step.
    Announce(Pending),
    /// Looks whether another task holds a lock.
    LookAt(ObjectKey),
    /// Goes on to a lock in the same step, unless another task holds it.
    Join(ObjectKey),
    /// Takes a lock that is free, and sees what it protects.
    Lock(ObjectKey),
    /// Releases a lock; the fingerprint of what it protects.
    Unlock(ObjectKey, Print),
    /// Starts to wait, and releases the lock.
    Wait {
        /// The condition variable.
        condvar: ObjectKey,
        /// The lock.
        mutex: ObjectKey,
        /// The fingerprint of what the lock protects.
        content: Print,
        /// The time at which the wait times out.
        deadline: Option<Ticks>,
        /// The task may give the wait up.
        may_give_up: bool,
    },
    /// Returns from a wait, and takes the lock again.
    Wake {
        /// The condition variable.
        condvar: ObjectKey,
        /// The lock.
        mutex: ObjectKey,
        /// The time at which the wait times out.
        deadline: Option<Ticks>,
    },
    /// Sees in which way it goes on.
    Way,
    /// Wakes all waiters.
    NotifyAll(ObjectKey),
    /// Wakes one waiter, and sees whether a choice has to name it.
    NotifyOne(ObjectKey),
    /// Sets or clears an alarm.
    Alarm(ObjectKey, Option<Ticks>),
    /// Reads the clock.
    Now,
    /// Reads an atomic.
    Load(ObjectKey),
    /// Writes an atomic.
    Store(ObjectKey, u64),
    /// Writes an atomic that the task has just read, in the same operation.
    Replace(ObjectKey, u64),
    /// Has done something that others can observe.
    Acted,
    /// Knows only this of all that it has learned.
    Know(Print),
    /// Has finished a step, and is at the instruction `at`.
    FinishStep {
        /// The instruction.
        at: u32,
        /// The fingerprint of the local state.
        position: u128,
        /// It has taken a lock, or got through a wait.
        passes: bool,
    },
    /// Has panicked, which finishes it.
    Panic(String),
    /// Has finished.
    Finish,
    /// Has created or dropped an object, which is no operation that could be performed again: who
    /// drops an object last is known to nobody.
    Own(ObjectKey),
}

/// The operations of the running task since its choice, each with what the task saw, if they are
/// being recorded. It is no part of the state.
#[derive(Clone, Default, Debug)]
pub(super) struct Recording(Option<Vec<(Operation, u128)>>);

impl Hash for Recording {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl Operation {
    /// The same operation with other points in time.
    fn timed(mut self, timed: impl Fn(Ticks) -> Ticks) -> Operation {
        let print = |print: &mut Print| print.at = print.at.map(&timed);
        match &mut self {
            Operation::Announce(Pending::Sleep(until)) => *until = timed(*until),
            Operation::Announce(Pending::Woken { deadline, .. })
            | Operation::Wake { deadline, .. }
            | Operation::Alarm(_, deadline) => *deadline = deadline.map(timed),
            Operation::Wait { content, deadline, .. } => {
                print(content);
                *deadline = deadline.map(&timed);
            }
            Operation::Unlock(_, content) | Operation::Know(content) => print(content),
            _ => {}
        }
        self
    }
}

impl Board {
    /// Makes the board record the operations of tasks.
    #[must_use]
    pub fn recorded(mut self) -> Board {
        self.recording = Recording(Some(Vec::new()));
        self
    }

    /// Makes the board record nothing.
    #[must_use]
    pub fn unrecorded(mut self) -> Board {
        self.recording = Recording::default();
        self
    }

    /// Takes the operations that were recorded since the last call.
    pub fn take_recording(&mut self) -> Vec<(Operation, u128)> {
        self.recording.0.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Records an operation.
    pub(super) fn record(&mut self, operation: Operation, seen: u128) {
        let is_of_task = self.running.is_some() && !self.is_over;
        let now = self.now.0;
        let operation = match self.oldest {
            Some(_) => operation.timed(|at| Ticks(at.0.wrapping_sub(now))),
            None => operation,
        };
        if let Some(recording) = self.recording.0.as_mut().filter(|_| is_of_task) {
            recording.push((operation, seen));
        }
    }

    /// The running task performs an operation that was recorded. What it sees by it.
    pub fn perform_recorded(&mut self, operation: &Operation) -> u128 {
        let now = self.now.0;
        match self.oldest {
            Some(_) => self.perform(&operation.clone().timed(|at| Ticks(at.0.wrapping_add(now)))),
            None => self.perform(operation),
        }
    }

    /// The running task performs an operation. What it sees by it.
    pub fn perform(&mut self, operation: &Operation) -> u128 {
        let seen = self.effect(operation);
        self.record(operation.clone(), seen);
        seen
    }

    fn effect(&mut self, operation: &Operation) -> u128 {
        match *operation {
            Operation::Announce(pending) => self.announce(pending),
            Operation::LookAt(key) => return u128::from(self.is_held_by_other(key)),
            Operation::Join(key) => return u128::from(self.join(key)),
            Operation::Lock(key) => return self.take_lock(key),
            Operation::Unlock(key, content) => self.release_lock(key, content),
            Operation::Wait { condvar, mutex, content, deadline, may_give_up } => {
                self.begin_wait(
                    condvar,
                    content,
                    Pending::Woken { condvar, mutex, deadline, may_give_up },
                );
            }
            Operation::Way => {
                let way = self.way;
                self.learn(way);
                return u128::from(way);
            }
            Operation::Wake { condvar, mutex, deadline } => {
                return self.end_wait(condvar, mutex, deadline);
            }
            Operation::NotifyAll(condvar) => self.notify_all(condvar),
            Operation::NotifyOne(condvar) => {
                self.notify_one(condvar);
                return u128::from(self.is_waking());
            }
            Operation::Alarm(condvar, at) => self.set_alarm(condvar, at),
            Operation::Now => {
                let now = self.now();
                self.learn(now);
                return if self.oldest.is_some() { 0 } else { u128::from(now.0) };
            }
            Operation::Load(key) => {
                let value = *self.atomic(key);
                self.learn(value);
                return u128::from(value);
            }
            Operation::Store(key, value) => *self.atomic(key) = value,
            Operation::Replace(key, value) => {
                self.atomics.insert(key, value);
            }
            Operation::Acted => self.acted(),
            Operation::Know(what) => self.know_only(what),
            Operation::FinishStep { at, position, passes } => {
                self.finish_step(at, position, passes);
            }
            Operation::Panic(ref message) => self.panicked(message.clone()),
            Operation::Finish => self.finish_running(),
            Operation::Own(_) => {}
        }
        0
    }

    /// The value of an atomic.
    fn atomic(&mut self, key: ObjectKey) -> &mut u64 {
        self.note(|board| Deed::UsedAtomic(board.atomic_number(key)));
        self.atomics.entry(key).or_default()
    }
}
