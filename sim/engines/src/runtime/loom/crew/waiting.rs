//! Queues, parking and alarms.

use std::panic::resume_unwind;

use calloff_model::Ticks;

use super::super::Assumption;
use super::{Alarm, Crew, ObjectId, Queue, QueueId, State, Stuck, Thread, Whom};

impl Crew {
    // Waiting.

    /// The thread waits from now on. A time: it has to bring that time itself.
    pub(in super::super) fn enqueue(
        &self,
        queue: QueueId,
        lock: ObjectId,
        deadline: Option<Ticks>,
    ) -> Option<Ticks> {
        let mut state = self.state();
        let me = state.current;
        state.me().is_notified = false;
        let entry = &mut state.queues[queue.0];
        entry.waiters.push(me);
        let alarm = entry.alarm;
        let is_strange = *entry.lock.get_or_insert(lock) != lock;
        if is_strange && self.assumptions.notifies_inside {
            state.broken = Some(Assumption::NotifiesInside);
        }
        // The clock thread brings the time of an alarm, and wakes those who wait for it.
        deadline.filter(|at| self.assumptions.no_alarms || alarm != Some(*at))
    }

    /// Whether the thread, which has waited and holds the lock again, was notified; or takes a
    /// notification that was for it or another (rule 9). Otherwise it has to wait on.
    pub(in super::super) fn is_woken(&self, queue: QueueId) -> bool {
        let mut state = self.state();
        let me = state.current;
        let entry = &mut state.queues[queue.0];
        let is_woken = !entry.waiters.contains(&me) || entry.take(me);
        state.me().is_notified = is_woken;
        is_woken
    }

    /// The deadline of a waiter is now; `false` if the waiter was notified before.
    pub(in super::super) fn reach(&self, queue: QueueId, lock: ObjectId, at: Ticks) -> bool {
        if self.is_woken(queue) {
            return false;
        }
        let mut state = self.state();
        let me = state.current;
        state.queues[queue.0].waiters.retain(|waiter| *waiter != me);
        let seen = state.me().seen.max(at);
        state.see(lock, seen);
        true
    }

    pub(in super::super) fn notify(&self, queue: QueueId, whom: Whom) {
        let mut state = self.state();
        let held = state.me().held.clone();
        let lock = state.queues[queue.0].lock.or_else(|| held.last().copied());
        state.queues[queue.0].lock = lock;
        if self.assumptions.notifies_inside && !lock.is_some_and(|lock| held.contains(&lock)) {
            state.broken = Some(Assumption::NotifiesInside);
        }
        match whom {
            Whom::All => state.wake(queue),
            Whom::One => state.wake_one(queue),
        }
    }

    /// Blocks until notified. When everyone is blocked, all of them unwind instead.
    pub(in super::super) fn park(&self) {
        let me = self.me();
        while self.block() {
            ::loom::thread::park();
            let mut state = self.state();
            state.current = me;
            state.me().is_fresh = true;
        }
        let mut state = self.state();
        if !state.me().is_notified && state.is_over && me < self.actors {
            drop(state);
            resume_unwind(Box::new(Stuck));
        }
    }

    /// Whether the thread has to be blocked; it is counted as such then.
    fn block(&self) -> bool {
        let mut state = self.state();
        if state.me().is_notified || state.is_over {
            return false;
        }
        state.me().is_parked = true;
        state.running -= 1;
        if state.running > 0 {
            return true;
        }
        // Nobody is left who could wake anyone.
        state.me().is_parked = false;
        state.running += 1;
        state.end();
        false
    }

    // Alarms.

    pub(in super::super) fn set_alarm(&self, queue: QueueId, at: Option<Ticks>) {
        let mut state = self.state();
        let seen = state.me().seen;
        let at = at.filter(|at| *at > seen);
        let before = std::mem::replace(&mut state.queues[queue.0].alarm, at);
        if before == at {
            return;
        }
        if before.is_some() {
            // Who waited for that alarm has to look again.
            state.wake(queue);
        }
        let Some(at) = at else { return };
        if self.assumptions.no_alarms {
            state.broken = Some(Assumption::NoAlarms);
            return;
        }
        let lock = *state.me().held.last().expect("an alarm is set while its lock is held");
        state.me().unannounced.push(Alarm { at, queue, lock });
    }

    /// Announces the thread's alarms. The clock thread's number, if it has to be started.
    pub(in super::super) fn announce(&self) -> Option<usize> {
        let mut state = self.state();
        let alarms = std::mem::take(&mut state.me().unannounced);
        state.alarms.extend(alarms);
        let clock = self.actors;
        if state.threads.len() == clock {
            state.threads.push(Thread::default());
            state.running += 1;
            return Some(clock);
        }
        state.unpark(clock);
        None
    }

    /// The clock thread waits for an alarm; `false` when there will be none.
    ///
    /// It takes every alarm, even when all actors are gone: loom asks what would have happened if a
    /// step had come earlier only of steps that it has seen.
    pub(in super::super) fn await_alarm(&self) -> bool {
        let mut state = self.state();
        state.me().is_notified = !state.alarms.is_empty();
        drop(state);
        self.park();
        !self.state().alarms.is_empty()
    }

    pub(in super::super) fn next_alarm(&self) -> Option<Alarm> {
        self.state().alarms.pop_first()
    }

    /// The clock has reached an alarm, if that is still set.
    pub(in super::super) fn ring(&self, alarm: Alarm) -> bool {
        let mut state = self.state();
        if state.queues[alarm.queue.0].alarm != Some(alarm.at) {
            return false;
        }
        state.queues[alarm.queue.0].alarm = None;
        let seen = state.me().seen.max(alarm.at);
        state.see(alarm.lock, seen);
        state.wake(alarm.queue);
        true
    }
}

impl Queue {
    /// The thread takes the oldest notification that may be for it: fewer others may have that.
    fn take(&mut self, me: usize) -> bool {
        let Some(at) = self.offers.iter().position(|offer| offer.contains(&me)) else {
            return false;
        };
        self.offers.remove(at);
        self.waiters.retain(|waiter| *waiter != me);
        for offer in &mut self.offers {
            offer.retain(|waiter| *waiter != me);
        }
        true
    }
}

impl State {
    /// Wakes all who wait.
    fn wake(&mut self, queue: QueueId) {
        let queue = &mut self.queues[queue.0];
        queue.offers.clear();
        for thread in std::mem::take(&mut queue.waiters) {
            self.unpark(thread);
        }
    }

    /// Wakes one of those who wait and have not been promised a notification: the first to come.
    fn wake_one(&mut self, queue: QueueId) {
        let entry = &mut self.queues[queue.0];
        match entry.waiters.len() - entry.offers.len() {
            0 => {}
            1 => self.wake(queue),
            _ => {
                let candidates = entry.waiters.clone();
                entry.offers.push(candidates.clone());
                for thread in candidates {
                    self.unpark(thread);
                }
            }
        }
    }

    pub(super) fn unpark(&mut self, thread: usize) {
        let thread = &mut self.threads[thread];
        thread.is_notified = true;
        if std::mem::take(&mut thread.is_parked) {
            self.running += 1;
            thread.handle.as_ref().expect("a parked thread has started").unpark();
        }
    }
}
