//! The clock thread: it advances time to alarms, since no thread need be in a timed wait for an
//! alarm.
//!
//! A thread announces an alarm by taking the clock's own lock, right after it has released the lock
//! under which the alarm was set, or at once if it holds none. The clock thread takes the clock's
//! lock before it picks up alarms. So loom explores every order of announcing alarms and of picking
//! up the earliest one announced.

use super::LoomRuntime;
use super::crew::{Crew, Step};

impl LoomRuntime {
    /// Announces the alarms that the thread has set since it last held no lock.
    pub(super) fn announce(&self) {
        self.visit(Crew::CLOCK, Step::Same);
        if let Some(clock) = self.crew.announce() {
            let runtime = self.clone();
            ::loom::thread::spawn(move || runtime.run_clock(clock));
        }
    }

    fn run_clock(&self, me: usize) {
        self.crew.start(me);
        while self.crew.await_alarm() {
            self.visit(Crew::CLOCK, Step::New);
            while let Some(alarm) = self.crew.next_alarm() {
                // The alarm counts only if it is still set now that the clock thread has taken its
                // lock.
                self.visit(alarm.lock, Step::Same);
                self.look_at(alarm.queue);
                if self.crew.ring(alarm) {
                    self.spread(alarm.lock);
                    break;
                }
            }
        }
        self.crew.leave();
    }
}
