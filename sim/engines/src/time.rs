//! The limit on wall-clock time.

use std::time::{Duration, Instant};

use calloff_protocol::exploration::Stop;

/// Stops explorations after that many seconds of wall-clock time.
pub fn stop_after(seconds: u64) -> Stop {
    match Instant::now().checked_add(Duration::from_secs(seconds)) {
        Some(until) => Stop::when(move || Instant::now() >= until),
        None => Stop::default(),
    }
}
