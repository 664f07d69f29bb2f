//! Runs one exploration in a process of its own.
//!
//! An implementation under test may panic or deadlock, and loom may then abort the process. So each
//! exploration runs in a worker: the same program, started as `calloff worker loom`, which reads a
//! job from its standard input.
//!
//! # Invariants
//!
//! 1. A result counts only if it is complete and the worker exited by itself with code 0. Any other
//!    end of a worker is a [`WorkerDeath`].
//! 2. No worker outlives the call that started it.

use std::io::{self, Read, Write};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use calloff_protocol::exploration::{Exploration, Limit, ROOT, Stop};
use calloff_protocol::judge::Worker;
use calloff_protocol::program::Case;

pub use super::wire::Job;
use super::{Budget, LoomRun, skip_reason};
use crate::pool::panic_text;

/// Explores one implementation; see [`explore`](super::explore).
pub type Explore = Box<dyn Fn(&Case, Budget) -> LoomRun>;

const EXIT_DONE: u8 = 0;
const EXIT_BAD_JOB: u8 = 2;
const EXIT_PANIC: u8 = 70;

/// The prefix of the line in which a worker answers. The program that is the worker may print
/// something else.
const ANSWER: &str = "calloff worker answer: ";

/// The variable that says to a program that verifies an implementation that it is a worker.
pub const VARIABLE: &str = "CALLOFF_WORKER";

/// The prefix of the line in which a worker reports why it gives up.
const LAST_WORDS: &str = "calloff worker: ";

/// Why there is no result.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum WorkerDeath {
    /// It was not started, or communication with it failed.
    #[error("the worker could not be run: {0}")]
    NotRun(String),
    /// It was stopped from outside. This says nothing about the implementation.
    #[error("the worker was stopped by the limit on {}", .0.name())]
    Stopped(Limit),
    /// It reported an error and gave up, or was aborted while giving up.
    #[error("the worker gave up: {0}")]
    GaveUp(String),
    /// A signal ended it, without a report. SIGABRT (6): it panicked while threads held locks, most
    /// probably in a deadlock. SIGKILL (9): another process killed it.
    #[error("the worker was ended by signal {0}")]
    Signal(i32),
    /// It exited normally and left no complete result.
    #[error("the worker left no complete result: {0}")]
    NoResult(String),
}

/// Signals that a process does not send to itself: hangup, kill, terminate, CPU limit.
const FROM_OUTSIDE: [i32; 4] = [1, 9, 15, 24];

impl WorkerDeath {
    /// Whether the implementation caused the death, and not something outside.
    pub fn is_finding(&self) -> bool {
        match self {
            WorkerDeath::GaveUp(_) => true,
            WorkerDeath::Signal(signal) => !FROM_OUTSIDE.contains(signal),
            WorkerDeath::NotRun(_) | WorkerDeath::Stopped(_) | WorkerDeath::NoResult(_) => false,
        }
    }

    /// Whether the cause is a deadlock of the actors on locks.
    pub fn is_deadlock(&self) -> bool {
        match self {
            WorkerDeath::GaveUp(message) => message.contains("deadlock"),
            WorkerDeath::Signal(signal) => *signal == 6,
            _ => false,
        }
    }
}

/// This program, as a worker.
///
/// # Errors
///
/// When the path of the running program is not known.
pub fn this_program() -> io::Result<Worker> {
    let args = vec!["worker".into(), "loom".into()];
    Ok(Worker { program: std::env::current_exe()?, args })
}

fn start(worker: &Worker) -> io::Result<Child> {
    let mut command = Command::new(&worker.program);
    command.args(&worker.args);
    for (name, _) in std::env::vars_os() {
        // They would change what loom does.
        if name.to_string_lossy().starts_with("LOOM_") {
            command.env_remove(name);
        }
    }
    command.env(VARIABLE, "loom");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()
}

/// Explores a job in a worker.
///
/// # Errors
///
/// The worker died. Unless it was stopped, that is a finding and never a pass.
pub fn run_in_worker(worker: &Worker, job: &Job, stop: &Stop) -> Result<LoomRun, WorkerDeath> {
    let not_run = |error: io::Error| WorkerDeath::NotRun(error.to_string());
    let mut running = Running(start(worker).map_err(not_run)?);
    let child = &mut running.0;
    let mut input = child.stdin.take().expect("piped");
    let output = read_all(child.stdout.take().expect("piped"));
    let errors = read_all(child.stderr.take().expect("piped"));
    let json = job.to_json();
    // Written on another thread, since a worker need not read. If it does not, it will not answer
    // either.
    let writer = thread::spawn(move || drop(input.write_all(json.as_bytes())));
    let status = match wait(child, stop).map_err(not_run)? {
        Ok(status) => status,
        Err(limit) => return Err(WorkerDeath::Stopped(limit)),
    };
    let _ = writer.join();
    let (output, errors) = (text(output), text(errors));
    judge(status, &output, &errors)
}

/// Explores a job in a worker, and returns the result in the form of all engines. A worker that was
/// killed from outside is started again, a few times.
pub fn explore_in_worker(worker: &Worker, job: &Job, stop: &Stop) -> Exploration {
    const TRIES: u32 = 3;
    let mut tries = 1;
    loop {
        return match run_in_worker(worker, job, stop) {
            Ok(run) => run.into_exploration(),
            Err(WorkerDeath::Stopped(limit)) => Exploration::stopped(limit),
            Err(death) if death.is_finding() => {
                let panics = [(death.to_string(), ROOT)].into();
                // What the worker had explored until then is lost.
                Exploration { panics, ..Exploration::stopped(Limit::Worker) }
            }
            Err(_) if tries < TRIES => {
                tries += 1;
                continue;
            }
            Err(_) => Exploration::stopped(Limit::Worker),
        };
    }
}

fn judge(status: ExitStatus, output: &str, errors: &str) -> Result<LoomRun, WorkerDeath> {
    if status.code() == Some(i32::from(EXIT_DONE)) {
        let answer = output.lines().rev().find_map(|line| line.strip_prefix(ANSWER));
        return LoomRun::from_json(answer.unwrap_or("")).map_err(WorkerDeath::NoResult);
    }
    let last_words = errors.lines().find_map(|line| line.strip_prefix(LAST_WORDS));
    Err(match (last_words, signal(status)) {
        // Ctrl-C is also sent to workers.
        (_, Some(2)) => WorkerDeath::Stopped(Limit::Interrupt),
        (Some(message), None | Some(6)) => WorkerDeath::GaveUp(message.to_owned()),
        (_, Some(signal)) => WorkerDeath::Signal(signal),
        (None, None) => WorkerDeath::GaveUp(format!("{status}; {}", errors.trim())),
    })
}

/// Kills the worker when this value is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // The worker may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits for the worker to exit, or for the limit that stops it.
fn wait(child: &mut Child, stop: &Stop) -> io::Result<Result<ExitStatus, Limit>> {
    const PAUSE_MAX: Duration = Duration::from_millis(20);
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Ok(status));
        }
        if let Some(limit) = stop.limit() {
            return Ok(Err(limit));
        }
        thread::sleep(pause);
        pause = PAUSE_MAX.min(pause * 2);
    }
}

fn read_all(mut from: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // After an error the output is incomplete, which the reader of the result detects.
        let _ = from.read_to_end(&mut bytes);
        bytes
    })
}

fn text(reader: JoinHandle<Vec<u8>>) -> String {
    String::from_utf8_lossy(&reader.join().unwrap_or_default()).into_owned()
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal(_: ExitStatus) -> Option<i32> {
    None
}

/// The main function of a worker: reads a job, explores it, writes the result. Returns the exit
/// code: 0 if the result is complete, 2 if the job is invalid, 70 if the exploration panicked.
///
/// Takes over the process's panic hook.
pub fn worker_main(
    mut input: impl Read,
    mut output: impl Write,
    implementations: &[(&str, Explore)],
) -> u8 {
    panic::set_hook(Box::new(say_last_words));
    let mut text = String::new();
    let job = input.read_to_string(&mut text).map_err(|error| error.to_string());
    let explored = job
        .and_then(|_| prepare(&text, implementations))
        .map(|(explore, case, budget)| catch_unwind(AssertUnwindSafe(|| explore(&case, budget))));
    match explored {
        Err(message) => {
            eprintln!("{LAST_WORDS}{message}");
            EXIT_BAD_JOB
        }
        Ok(Err(_)) => EXIT_PANIC,
        Ok(Ok(run)) => {
            match writeln!(output, "{ANSWER}{}", run.to_json()).and_then(|()| output.flush()) {
                Ok(()) => EXIT_DONE,
                Err(_) => EXIT_PANIC,
            }
        }
    }
}

fn prepare<'i>(
    text: &str,
    implementations: &'i [(&str, Explore)],
) -> Result<(&'i Explore, Case, Budget), String> {
    let job = Job::from_json(text)?;
    let named = implementations.iter().find(|(name, _)| *name == job.implementation);
    let (_, explore) = named.ok_or_else(|| format!("no such thing: {}", job.implementation))?;
    let case = Case::new(&job.scenario, job.reading);
    match skip_reason(&case.program) {
        Some(reason) => Err(reason),
        None => Ok((explore, case, job.budget)),
    }
}

/// Reports the first panic; later ones come from unwinding loom's threads. The report is one line,
/// without a backtrace: loom's stacks are small.
fn say_last_words(panic: &PanicHookInfo<'_>) {
    static IS_SAID: AtomicBool = AtomicBool::new(false);
    if !IS_SAID.swap(true, Ordering::Relaxed) {
        eprintln!("{LAST_WORDS}{}", panic_text(panic.payload()).replace('\n', " "));
    }
}
