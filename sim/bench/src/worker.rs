//! One measurement, in a process of its own: what it prints, and who starts it.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::resource::UsageWho;

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
/// It took longer than that many seconds, or it failed.
pub fn measure(
    args: &Args,
    names: [&str; 3],
    seed: u64,
    seconds_max: f64,
) -> Result<Numbers, NoNumbers> {
    let failed = |error: std::io::Error| NoNumbers::Failed(error.to_string());
    let program = std::env::current_exe().map_err(failed)?;
    let mut command = Command::new(program);
    command.args(args.quick.then_some("--quick")).args(args.large.then_some("--large"));
    command.arg("worker").args(names).arg(seed.to_string());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        // They would change what loom and shuttle do.
        if text.starts_with("LOOM_") || text.starts_with("SHUTTLE_") {
            command.env_remove(&name);
        }
    }
    let mut child = command.spawn().map_err(failed)?;
    let output = read(child.stdout.take());
    let errors = read(child.stderr.take());
    if !ends_within(&mut child, Duration::from_secs_f64(seconds_max)).map_err(failed)? {
        return Err(NoNumbers::Stopped);
    }
    let status = child.wait().map_err(failed)?;
    let (output, errors) = (output.join().unwrap_or_default(), errors.join().unwrap_or_default());
    let answer = output.lines().rev().find_map(|line| line.strip_prefix(ANSWER));
    match answer.filter(|_| status.success()).map(serde_json::from_str) {
        Some(Ok(numbers)) => Ok(numbers),
        _ => Err(NoNumbers::Failed(format!("{status}; {}", errors.trim()))),
    }
}

fn read(from: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut text = Vec::new();
        if let Some(mut from) = from {
            // What is missing is noticed when the numbers are.
            let _ = from.read_to_end(&mut text);
        }
        String::from_utf8_lossy(&text).into_owned()
    })
}

/// Whether it has ended by itself; otherwise it is stopped.
fn ends_within(child: &mut Child, time: Duration) -> std::io::Result<bool> {
    let until = Instant::now() + time;
    while child.try_wait()?.is_none() {
        if Instant::now() >= until {
            child.kill()?;
            child.wait()?;
            return Ok(false);
        }
        thread::sleep(Duration::from_millis(2));
    }
    Ok(true)
}
