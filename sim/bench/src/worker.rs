//! One measurement, in a process of its own: what it prints, and who starts it.

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Instant;

use nix::sys::resource::{Resource, UsageWho, setrlimit};
use nix::sys::signal::Signal;

use crate::args::Args;
use crate::group::Group;
use crate::numbers::{Numbers, cpu_seconds, peak_bytes};

/// Before the line with the numbers; whatever runs may print something else.
const ANSWER: &str = "calloff-bench: ";

/// Why there are no numbers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NoNumbers {
    /// It took too long.
    Stopped,
    /// It failed, and said this.
    Failed(String),
}

/// Runs one measurement in this process, and prints its numbers.
///
/// # Errors
///
/// There is no such variant, or it failed.
pub fn work(groups: &[Group], names: [&str; 3], seed: u64) -> Result<(), String> {
    let [group, variant, case] = names;
    let group = groups.iter().find(|one| one.name == group).ok_or("no such group")?;
    let variant = group.variants.iter().find(|one| one.name == variant).ok_or("no such variant")?;
    // It holds for a verifier of Spin, too, which is a process of its own.
    let seconds_max = group.seconds_max.ceil() as u64;
    setrlimit(Resource::RLIMIT_CPU, seconds_max, seconds_max + 5).map_err(|e| e.to_string())?;
    let own = UsageWho::RUSAGE_SELF;
    let (started, peak) = (Instant::now(), peak_bytes(own));
    let mut measured = (variant.run)(case, seed)?;
    let mut add = |name: &str, value: f64| *measured.entry(name.to_owned()).or_insert(value);
    add("wall_seconds", started.elapsed().as_secs_f64());
    // From the start of the process: what it takes to begin belongs to a tool, too.
    add("cpu_seconds", cpu_seconds(own));
    add("peak_bytes", peak_bytes(own));
    let grown = add("grown_bytes", peak_bytes(own) - peak);
    // In a small search nearly everything is what any search needs.
    if let Some(states) = measured.get("states").copied().filter(|states| *states > 10_000.0) {
        measured.insert("bytes_per_state".to_owned(), grown / states);
    }
    let json = serde_json::to_string(&measured).map_err(|error| error.to_string())?;
    println!("\n{ANSWER}{json}");
    Ok(())
}

/// Starts a process for one measurement, with the flags on which groups depend, and waits for its
/// numbers.
///
/// # Errors
///
/// It took more CPU time than its group allows, or it failed.
pub fn measure(args: &Args, names: [&str; 3], seed: u64) -> Result<Numbers, NoNumbers> {
    let failed = |error: std::io::Error| NoNumbers::Failed(error.to_string());
    let program = std::env::current_exe().map_err(failed)?;
    let mut command = Command::new(program);
    command.args(args.quick.then_some("--quick")).args(args.large.then_some("--large"));
    if let Some(seconds) = args.seconds_max {
        command.arg(format!("--seconds-max={seconds}"));
    }
    command.arg("worker").args(names).arg(seed.to_string());
    command.stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        // They would change what loom and shuttle do.
        if text.starts_with("LOOM_") || text.starts_with("SHUTTLE_") {
            command.env_remove(&name);
        }
    }
    let output = command.output().map_err(failed)?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (status, said, errors) = (output.status, text(&output.stdout), text(&output.stderr));
    let answer = said.lines().rev().find_map(|line| line.strip_prefix(ANSWER));
    match answer.filter(|_| status.success()).map(serde_json::from_str) {
        Some(Ok(numbers)) => Ok(numbers),
        _ if is_out_of_time(status, &errors) => Err(NoNumbers::Stopped),
        _ => Err(NoNumbers::Failed(format!("{status}; {}", errors.trim()))),
    }
}

/// Whether the limit on CPU time has ended the process, or the one that it has started.
fn is_out_of_time(status: ExitStatus, errors: &str) -> bool {
    let signal = Signal::SIGXCPU as i32;
    status.signal() == Some(signal) || errors.contains(&format!("signal: {signal} "))
}
