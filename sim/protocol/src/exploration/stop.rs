//! What stops an exploration from outside: a limit on time, and an interruption by the user.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use crate::exploration::Limit;

/// Stops an exploration from outside, and lets others see how far it is.
#[derive(Clone, Default)]
pub struct Stop {
    interrupted: Arc<AtomicBool>,
    states: Arc<AtomicU64>,
    doing: Arc<Mutex<String>>,
    is_time_up: Option<Arc<dyn Fn() -> bool + Send + Sync>>,
}

/// The wall clock is read once per this number of states.
const STRIDE: usize = 256;

impl Stop {
    /// Stops once the function says that the time is up. The clock is the caller's: nothing in this
    /// crate reads one.
    pub fn when(is_time_up: impl Fn() -> bool + Send + Sync + 'static) -> Stop {
        Stop { is_time_up: Some(Arc::new(is_time_up)), ..Stop::default() }
    }

    /// A copy without the limit on time, for the work that remains when the time is up.
    pub fn without_time(&self) -> Stop {
        Stop { is_time_up: None, ..self.clone() }
    }

    /// Stops all explorations that share this value.
    pub fn interrupt(&self) {
        self.interrupted.store(true, Ordering::Relaxed);
    }

    /// What [`Stop::interrupt`] sets, for the handler of a signal.
    pub fn flag(&self) -> Arc<AtomicBool> {
        self.interrupted.clone()
    }

    /// Whether [`Stop::interrupt`] was called.
    pub fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    /// States explored so far, by all explorations that share this value.
    pub fn states(&self) -> u64 {
        self.states.load(Ordering::Relaxed)
    }

    /// Says what is begun to be explored, for whoever shows progress.
    pub fn begin(&self, what: String) {
        if let Ok(mut doing) = self.doing.lock() {
            *doing = what;
        }
    }

    /// What was begun last, of all explorations that share this value; empty if nothing was.
    pub fn doing(&self) -> String {
        self.doing.lock().map_or_else(|_| String::new(), |doing| doing.clone())
    }

    /// Counts the states explored, and now and then looks whether to stop.
    ///
    /// # Errors
    ///
    /// The limit that was hit.
    pub fn check(&self, states: usize) -> Result<(), Limit> {
        if !states.is_multiple_of(STRIDE) && states != 1 {
            return Ok(());
        }
        self.states.fetch_add(if states == 1 { 1 } else { STRIDE as u64 }, Ordering::Relaxed);
        self.check_now()
    }

    /// Looks whether to stop.
    ///
    /// # Errors
    ///
    /// The limit that was hit.
    pub fn check_now(&self) -> Result<(), Limit> {
        self.limit().map_or(Ok(()), Err)
    }

    /// The limit that was hit, if any.
    pub fn limit(&self) -> Option<Limit> {
        if self.is_interrupted() {
            return Some(Limit::Interrupt);
        }
        self.is_time_up.as_ref().filter(|is_time_up| is_time_up()).map(|_| Limit::Seconds)
    }
}
