//! Waiting and waking.
//!
//! `notify_one` wakes any one of those who wait, as real condition variables may. Where several
//! wait, the next choice names the one who is woken, and only then the notifier goes on: nobody
//! steps in between. So a list of actors' names is still all there is to an execution. Who began to
//! wait first makes no difference, and is not remembered. One whose time has come and who has not
//! gone on yet may be woken as well, and nobody else is then: POSIX leaves that open, too.

use std::collections::BTreeSet;

use calloff_model::Ticks;
use calloff_protocol::operations::{Deed, Wake};

use super::{Board, MutexState, ObjectKey, Pending, Task};

/// A condition variable.
#[derive(Clone, Hash, Debug, Default)]
pub(super) struct CondvarState {
    /// Those who wait.
    pub(super) waiters: BTreeSet<Task>,
    /// The lock that it is waited for with, once somebody did.
    mutex: Option<ObjectKey>,
    pub(super) alarm: Option<Ticks>,
}

/// A notification of one out of several: the next choice names who is woken.
#[derive(Clone, Copy, Hash, Debug)]
pub(super) struct Waking {
    pub(super) condvar: ObjectKey,
    /// Who goes on when that is settled.
    notifier: Task,
}

impl Board {
    /// Whether the task waits, and was not woken.
    pub(super) fn waits(&self, task: Task, condvar: ObjectKey) -> bool {
        self.condvars.get(&condvar).is_some_and(|condvar| condvar.waiters.contains(&task))
    }

    /// Whether the next choice names who is woken.
    pub fn is_waking(&self) -> bool {
        self.waking.is_some()
    }

    /// The task is the one to be woken; the notifier runs on.
    pub(super) fn wake(&mut self, waking: Waking, task: Task) -> Task {
        if let Some(state) = self.condvars.get_mut(&waking.condvar) {
            state.waiters.remove(&task);
        }
        self.running = Some(waking.notifier);
        self.learn(());
        waking.notifier
    }

    /// The running task begins to wait, and gives the lock back.
    pub fn begin_wait(
        &mut self,
        condvar: ObjectKey,
        mutex: ObjectKey,
        content: u128,
        deadline: Option<Ticks>,
    ) {
        self.note(|board| Deed::Waited(board.condvar_number(condvar)));
        self.free(mutex, content);
        let Some(running) = self.running else { return };
        if let Some(state) = self.condvars.get_mut(&condvar) {
            state.waiters.insert(running);
            self.is_broken |= state.mutex.is_some_and(|known| known != mutex);
            state.mutex = Some(mutex);
        }
        self.announce(Pending::Woken { condvar, mutex, deadline });
    }

    /// The running task goes on after a wait: woken, due, or for no reason.
    pub fn end_wait(&mut self, condvar: ObjectKey, mutex: ObjectKey, deadline: Option<Ticks>) {
        let Some(running) = self.running else { return };
        let Some(state) = self.condvars.get_mut(&condvar) else { return };
        let wake = match (state.waiters.remove(&running), deadline) {
            (false, _) => Wake::Notified,
            (true, Some(deadline)) if deadline <= self.now => Wake::Due,
            (true, _) => Wake::Spurious,
        };
        self.spurious = self.spurious.saturating_sub(u32::from(wake == Wake::Spurious));
        self.note(|_| Deed::Woke(wake));
        self.take_lock(mutex);
    }

    /// Notes a notification: whoever notifies holds the lock that is waited with.
    fn check_notifier(&mut self, condvar: ObjectKey) {
        let holds = |m: &MutexState| m.holder.is_some() && m.holder == self.running;
        let mut held = self.mutexes.iter().filter(|(_, m)| holds(m)).map(|(key, _)| *key);
        let Some(state) = self.condvars.get_mut(&condvar) else { return };
        let is_held = match state.mutex {
            Some(mutex) => held.any(|key| key == mutex),
            // Nobody has waited so far: they will have to wait with the one lock that is held.
            None => {
                let only = held.next().filter(|_| held.next().is_none());
                state.mutex = only;
                only.is_some()
            }
        };
        self.is_broken |= !is_held;
    }

    /// Wakes everyone who waits.
    pub fn notify_all(&mut self, condvar: ObjectKey) {
        self.note(|board| Deed::NotifiedAll(board.condvar_number(condvar)));
        self.check_notifier(condvar);
        if let Some(state) = self.condvars.get_mut(&condvar) {
            state.waiters.clear();
        }
    }

    /// Wakes one of those who wait. Where there are several, the next choice says whom.
    pub fn notify_one(&mut self, condvar: ObjectKey) {
        self.note(|board| Deed::NotifiedOne(board.condvar_number(condvar)));
        self.check_notifier(condvar);
        let Some(state) = self.condvars.get_mut(&condvar) else { return };
        if state.waiters.len() > 1 {
            self.waking = self.running.map(|notifier| Waking { condvar, notifier });
        } else {
            state.waiters.clear();
        }
    }

    /// Sets or clears the alarm of a condition variable.
    pub fn set_alarm(&mut self, condvar: ObjectKey, at: Option<Ticks>) {
        let now = self.now;
        if let Some(state) = self.condvars.get_mut(&condvar) {
            state.alarm = at.filter(|at| *at > now);
        }
    }
}
