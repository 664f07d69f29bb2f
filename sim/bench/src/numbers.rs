//! What one run measures: numbers by name.

use std::collections::BTreeMap;
use std::fs;

use calloff_protocol::exploration::Stop;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// Numbers by name, such as `cpu_seconds` or `states`; `docs/performance.md` lists the names.
pub type Numbers = BTreeMap<String, f64>;

/// Numbers, from pairs.
pub fn numbers<const N: usize>(pairs: [(&str, f64); N]) -> Numbers {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The CPU time so far, of this process or of its children that have ended, in seconds.
///
/// # Panics
///
/// If the operating system does not say, which no Unix does.
pub fn cpu_seconds(of: UsageWho) -> f64 {
    let usage = getrusage(of).expect("a process may ask for its own usage");
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    micros as f64 / 1e6
}

/// Stops an exploration when this process has had that much CPU time from now on.
pub fn stop_after_cpu(seconds: f64) -> Stop {
    let until = cpu_seconds(UsageWho::RUSAGE_SELF) + seconds;
    Stop::when(move || cpu_seconds(UsageWho::RUSAGE_SELF) >= until)
}

/// The most memory that was resident, in bytes.
///
/// # Panics
///
/// If the operating system does not say, which no Unix does.
pub fn peak_bytes(of: UsageWho) -> f64 {
    // What `getrusage` says of a process may be what its parent had when it started it.
    let own = (of == UsageWho::RUSAGE_SELF).then(peak_of_this_process).flatten();
    own.unwrap_or_else(|| {
        let usage = getrusage(of).expect("a process may ask for its own usage");
        usage.max_rss() as f64 * 1024.0
    })
}

fn peak_of_this_process() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024.0)
}
