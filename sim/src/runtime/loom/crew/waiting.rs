//! Queues, parking and alarms.

use std::panic::resume_unwind;

use calloff_model::Ticks;

use super::super::Assumption;
use super::{Alarm, Crew, ObjectId, QueueId, State, Stuck, Thread};

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

    /// The deadline of a waiter is now; `false` if the waiter was notified before.
    pub(in super::super) fn reach(&self, queue: QueueId, lock: ObjectId, at: Ticks) -> bool {
        let mut state = self.state();
        if state.me().is_notified {
            return false;
        }
        let me = state.current;
        state.queues[queue.0].waiters.retain(|waiter| *waiter != me);
        let seen = state.me().seen.max(at);
        state.see(lock, seen);
        true
    }

    pub(in super::super) fn notify(&self, queue: QueueId, count_max: usize) {
        let mut state = self.state();
        let held = state.me().held.clone();
        let lock = state.queues[queue.0].lock.or_else(|| held.last().copied());
        state.queues[queue.0].lock = lock;
        if self.assumptions.notifies_inside && !lock.is_some_and(|lock| held.contains(&lock)) {
            state.broken = Some(Assumption::NotifiesInside);
        }
        state.wake(queue, count_max);
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
            state.wake(queue, usize::MAX);
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
        state.wake(alarm.queue, usize::MAX);
        true
    }
}

impl State {
    /// Wakes those who have waited longest.
    pub(super) fn wake(&mut self, queue: QueueId, count_max: usize) {
        let waiters = &mut self.queues[queue.0].waiters;
        let woken: Vec<usize> = waiters.drain(..count_max.min(waiters.len())).collect();
        for thread in woken {
            self.unpark(thread);
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
