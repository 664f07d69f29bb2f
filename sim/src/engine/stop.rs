//! Stops a check from outside: the limit on wall-clock time, and Ctrl-C.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::limits::Limit;

/// Stops an exploration from outside, and lets others see its progress.
#[derive(Clone, Default, Debug)]
pub struct Stop {
    interrupted: Arc<AtomicBool>,
    states: Arc<AtomicU64>,
    until: Option<Instant>,
}

/// The wall clock is read once per this number of states.
const STRIDE: usize = 256;

impl Stop {
    /// Stops after this number of seconds of wall-clock time.
    pub fn after(seconds: u64) -> Stop {
        let until = Instant::now().checked_add(Duration::from_secs(seconds));
        Stop { until, ..Stop::default() }
    }

    /// This value without the time limit, for work that is done after the time is up.
    pub fn without_time(&self) -> Stop {
        Stop { until: None, ..self.clone() }
    }

    /// Stops all explorations that share this value.
    pub fn interrupt(&self) {
        self.interrupted.store(true, Ordering::Relaxed);
    }

    /// Whether [`Stop::interrupt`] was called.
    pub fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    /// States explored so far, by all explorations that share this value.
    pub fn states(&self) -> u64 {
        self.states.load(Ordering::Relaxed)
    }

    pub(super) fn check(&self, states: usize) -> Result<(), Limit> {
        if !states.is_multiple_of(STRIDE) && states != 1 {
            return Ok(());
        }
        self.states.fetch_add(if states == 1 { 1 } else { STRIDE as u64 }, Ordering::Relaxed);
        self.check_now()
    }

    pub(super) fn check_now(&self) -> Result<(), Limit> {
        self.limit().map_or(Ok(()), Err)
    }

    /// The limit that was hit, if any.
    pub fn limit(&self) -> Option<Limit> {
        if self.is_interrupted() {
            return Some(Limit::Interrupt);
        }
        self.until.filter(|until| Instant::now() >= *until).map(|_| Limit::Seconds)
    }
}
