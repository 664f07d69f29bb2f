//! Waiting and waking on the board.
//!
//! `notify_one` wakes any one of the waiters, as real condition variables may. If there are
//! several, the next choice names the task that is woken, and then the notifier continues; no other
//! task steps in between. So a list of task names still describes an execution completely. The
//! order in which tasks started to wait makes no difference and is not stored. The chosen waiter
//! may be one whose deadline has been reached but which has not returned yet; the notification is
//! then used up. POSIX leaves that open, too.

use std::collections::BTreeSet;

use calloff_model::Ticks;
use calloff_protocol::operations::{Deed, Wake};

use super::{Board, MutexState, ObjectKey, Pending, Print, Task};

/// The state of a condition variable.
#[derive(Clone, Hash, Debug, Default)]
pub(super) struct CondvarState {
    /// The tasks that wait and were not woken.
    pub(super) waiters: BTreeSet<Task>,
    /// The lock that waiters release; known once a task has waited or notified.
    mutex: Option<ObjectKey>,
    pub(super) alarm: Option<Ticks>,
}

/// A pending `notify_one` with several waiters: the next choice names the task that is woken.
#[derive(Clone, Copy, Hash, Debug)]
pub(super) struct Waking {
    pub(super) condvar: ObjectKey,
    /// The task that continues after the choice.
    notifier: Task,
}

impl CondvarState {
    pub(super) fn mutex(&self) -> Option<ObjectKey> {
        self.mutex
    }
}

impl Waking {
    pub(super) fn notifier(self) -> Task {
        self.notifier
    }
}

impl Board {
    /// Whether the task waits on the condition variable and was not woken.
    pub(super) fn waits(&self, task: Task, condvar: ObjectKey) -> bool {
        self.condvars.get(&condvar).is_some_and(|condvar| condvar.waiters.contains(&task))
    }

    /// Whether the next choice names the task that is woken.
    pub fn is_waking(&self) -> bool {
        self.waking.is_some()
    }

    /// Wakes the task; the notifier continues.
    pub(super) fn wake(&mut self, waking: Waking, task: Task) -> Task {
        if let Some(state) = self.condvars.get_mut(&waking.condvar) {
            state.waiters.remove(&task);
        }
        self.running = Some(waking.notifier);
        self.learn(());
        waking.notifier
    }

    /// The running task starts to wait, and releases the lock.
    pub(super) fn begin_wait(&mut self, condvar: ObjectKey, content: Print, woken: Pending) {
        let Pending::Woken { mutex, .. } = woken else { return };
        self.note(|board| Deed::Waited(board.condvar_number(condvar)));
        self.free(mutex, content);
        let Some(running) = self.running else { return };
        if let Some(state) = self.condvars.get_mut(&condvar) {
            state.waiters.insert(running);
            self.is_broken |= state.mutex.is_some_and(|known| known != mutex);
            state.mutex = Some(mutex);
        }
        self.announce(woken);
    }

    /// The running task returns from a wait: it was notified, timed out, or woke spuriously.
    pub(super) fn end_wait(
        &mut self,
        condvar: ObjectKey,
        mutex: ObjectKey,
        deadline: Option<Ticks>,
    ) -> u128 {
        let Some(running) = self.running else { return 0 };
        let Some(state) = self.condvars.get_mut(&condvar) else { return 0 };
        let wake = match (state.waiters.remove(&running), deadline) {
            _ if self.way > 0 => Wake::GivesUp,
            (false, _) => Wake::Notified,
            (true, Some(deadline)) if deadline <= self.now => Wake::Due,
            (true, _) => Wake::Spurious,
        };
        self.spurious = self.spurious.saturating_sub(u32::from(wake == Wake::Spurious));
        self.note(|_| Deed::Woke(wake));
        self.take_lock(mutex)
    }

    /// Checks that the notifier holds the lock that waiters release; otherwise marks the board as
    /// broken.
    fn check_notifier(&mut self, condvar: ObjectKey) {
        let holds = |m: &MutexState| m.holder.is_some() && m.holder == self.running;
        let mut held = self.mutexes.iter().filter(|(_, m)| holds(m)).map(|(key, _)| *key);
        let Some(state) = self.condvars.get_mut(&condvar) else { return };
        let is_held = match state.mutex {
            Some(mutex) => held.any(|key| key == mutex),
            // No task has waited yet: from now on waiters must use the one lock that is held here.
            None => {
                let only = held.next().filter(|_| held.next().is_none());
                state.mutex = only;
                only.is_some()
            }
        };
        self.is_broken |= !is_held;
    }

    /// Wakes all waiters.
    pub(super) fn notify_all(&mut self, condvar: ObjectKey) {
        self.note(|board| Deed::NotifiedAll(board.condvar_number(condvar)));
        self.check_notifier(condvar);
        if let Some(state) = self.condvars.get_mut(&condvar) {
            state.waiters.clear();
        }
    }

    /// Wakes one waiter. If there are several, the next choice names it.
    pub(super) fn notify_one(&mut self, condvar: ObjectKey) {
        self.note(|board| Deed::NotifiedOne(board.condvar_number(condvar)));
        self.check_notifier(condvar);
        let Some(state) = self.condvars.get_mut(&condvar) else { return };
        if state.waiters.len() > 1 && !self.is_over {
            self.waking = self.running.map(|notifier| Waking { condvar, notifier });
        } else {
            state.waiters.clear();
        }
    }

    /// Sets or clears the alarm of a condition variable.
    pub(super) fn set_alarm(&mut self, condvar: ObjectKey, at: Option<Ticks>) {
        let now = self.now;
        if let Some(state) = self.condvars.get_mut(&condvar) {
            state.alarm = at.filter(|at| *at > now);
        }
    }
}
