//! Queues of condition variables, parking, and alarms.

use std::panic::resume_unwind;

use calloff_model::Ticks;

use super::super::Assumption;
use super::{Alarm, Crew, ObjectId, Queue, QueueId, State, Stuck, Thread, Whom};

impl Crew {
    // Waiting.

    /// The thread starts to wait. A returned time is a deadline that the thread has to reach by
    /// itself. Where an alarm is set for that very time, the clock thread ends the wait: one step
    /// less, which could otherwise come in any order with the clock's.
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
        let by_clock = deadline.filter(|at| entry.alarm == Some(*at));
        entry.by_clock.extend(by_clock.map(|at| (me, at)));
        let is_strange = *entry.lock.get_or_insert(lock) != lock;
        if is_strange && self.assumptions.notifies_inside {
            state.broken = Some(Assumption::NotifiesInside);
        }
        deadline.filter(|_| by_clock.is_none())
    }

    /// The deadline that a thread in a wait has to reach by itself after all: the alarm for that
    /// time was withdrawn.
    pub(in super::super) fn takes_over(&self) -> Option<Ticks> {
        self.state().me().takes_over.take()
    }

    /// Called by a thread that has waited and holds the lock again. Returns whether it was
    /// notified, or takes a `notify_one` that was offered to several waiters (rule 9); otherwise it
    /// has to wait again.
    pub(in super::super) fn is_woken(&self, queue: QueueId) -> bool {
        let mut state = self.state();
        let me = state.current;
        let entry = &mut state.queues[queue.0];
        let is_woken = !entry.waiters.contains(&me) || entry.take(me);
        state.me().is_notified = is_woken;
        is_woken
    }

    /// The waiter's deadline is reached. Returns `false` if the waiter was notified before.
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

    /// Blocks until notified. If every thread is blocked, they all unwind instead.
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

    /// Whether the thread has to block; if so, it is counted as blocked.
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
        // No thread is left that could wake another one.
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
        if before != at {
            for (thread, deadline) in std::mem::take(&mut state.queues[queue.0].by_clock) {
                state.threads[thread].takes_over = Some(deadline);
                state.unpark(thread);
            }
        }
        let Some(at) = at.filter(|at| before != Some(*at)) else { return };
        if self.assumptions.no_alarms {
            state.broken = Some(Assumption::NoAlarms);
            return;
        }
        let lock = state.me().held.last().copied().unwrap_or(Crew::CLOCK);
        state.queues[queue.0].alarm_lock = lock;
        state.me().unannounced.push(Alarm { at, queue, lock });
    }

    /// Whether a thread that sets or withdraws an alarm must take the clock's own lock to be
    /// ordered against the clock thread: it does not hold the lock under which an alarm was set.
    pub(in super::super) fn orders_by_clock(&self, queue: QueueId) -> bool {
        let mut state = self.state();
        let entry = &state.queues[queue.0];
        let set_under = entry.alarm.map(|_| entry.alarm_lock);
        let held = &state.me().held;
        !self.assumptions.no_alarms
            && set_under.map_or(held.is_empty(), |lock| !held.contains(&lock))
    }

    /// Announces the thread's alarms. Returns the number of the clock thread if it has to be
    /// started.
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

    /// The clock thread waits for an alarm; `false` if none will come.
    ///
    /// It handles every alarm, even after all actors have finished: loom asks whether a step could
    /// have come earlier only for steps that it has seen.
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

    /// The clock reaches the alarm, if it is still set. That wakes nobody but those whose deadline
    /// it is.
    pub(in super::super) fn ring(&self, alarm: Alarm) -> bool {
        let mut state = self.state();
        if state.queues[alarm.queue.0].alarm != Some(alarm.at) {
            return false;
        }
        state.queues[alarm.queue.0].alarm = None;
        let seen = state.me().seen.max(alarm.at);
        state.see(alarm.lock, seen);
        for (thread, _) in std::mem::take(&mut state.queues[alarm.queue.0].by_clock) {
            state.queues[alarm.queue.0].forget(thread);
            state.unpark(thread);
        }
        true
    }
}

impl Queue {
    /// The thread takes the oldest notification that it may take: fewer other waiters may take that
    /// one.
    fn take(&mut self, me: usize) -> bool {
        let Some(at) = self.offers.iter().position(|offer| offer.contains(&me)) else {
            return false;
        };
        self.offers.remove(at);
        self.forget(me);
        true
    }

    /// The thread does not wait any more.
    fn forget(&mut self, me: usize) {
        self.waiters.retain(|waiter| *waiter != me);
        self.by_clock.retain(|(waiter, _)| *waiter != me);
        for offer in &mut self.offers {
            offer.retain(|waiter| *waiter != me);
        }
    }
}

impl State {
    /// Wakes all waiters.
    fn wake(&mut self, queue: QueueId) {
        let queue = &mut self.queues[queue.0];
        queue.offers.clear();
        queue.by_clock.clear();
        for thread in std::mem::take(&mut queue.waiters) {
            self.unpark(thread);
        }
    }

    /// Wakes one of the waiters that are not yet covered by an earlier `notify_one`: the first to
    /// come.
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
