//! The limit on wall-clock time.

use std::time::{Duration, Instant};

use calloff_protocol::exploration::Stop;

/// Stops explorations after that many seconds of wall-clock time.
pub fn stop_after(seconds: u64) -> Stop {
    stop_within(Duration::from_secs(seconds))
}

/// Stops explorations after that much wall-clock time.
pub fn stop_within(time: Duration) -> Stop {
    match Instant::now().checked_add(time) {
        Some(until) => Stop::when(move || Instant::now() >= until),
        None => Stop::default(),
    }
}
