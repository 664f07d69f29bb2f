//! The clock thread: it brings the times of alarms, for which nobody need be in a timed wait.
//!
//! An alarm is announced by taking the clock's own lock, right after the lock is released that it
//! was set under, and the clock thread takes it from there in the same way. So loom explores every
//! order of announcing alarms and of taking the earliest of those that are known.

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
                // It counts only if it is still set now that the clock has its lock.
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
