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

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use calloff_model::Reading;

pub use super::wire::Job;
use super::{Budget, LoomRun, skip_reason};
use crate::engine::exploration::ROOT;
use crate::engine::{Exploration, Limit, Stop};
use crate::faults::{Seeded, run};
use crate::program::Program;

/// Explores one implementation; see [`explore`](super::explore).
pub type Explore = fn(&Arc<Program>, Reading, Budget) -> LoomRun;

/// Explores one implementation that was chosen by name.
pub type ExploreMade = Box<dyn Fn(&Arc<Program>, Reading, Budget) -> LoomRun>;

/// The implementations that `calloff worker loom` can explore, by name: the reference
/// implementation, without and with each of the seeded bugs.
pub fn implementations() -> Vec<(&'static str, ExploreMade)> {
    let explore = |fault: Option<Seeded>| -> ExploreMade {
        Box::new(move |program, reading, budget| run::loom(fault, program, reading, budget))
    };
    let seeded = Seeded::all().map(|fault| (fault.name(), explore(Some(fault))));
    std::iter::once((MONITOR, explore(None))).chain(seeded).collect()
}

/// The name of the reference implementation.
pub const MONITOR: &str = "monitor";

const EXIT_DONE: u8 = 0;
const EXIT_BAD_JOB: u8 = 2;
const EXIT_PANIC: u8 = 70;

/// The prefix of the line in which a worker reports why it gives up.
const LAST_WORDS: &str = "calloff worker: ";

/// How to start a worker process.
#[derive(Clone, Debug)]
pub struct Worker {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
}

/// Why a worker left no result.
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

impl Worker {
    /// This program itself as the worker.
    ///
    /// # Errors
    ///
    /// If the path of the running program is not known.
    pub fn this_program() -> io::Result<Worker> {
        let args = vec!["worker".into(), "loom".into()];
        Ok(Worker { program: std::env::current_exe()?, args })
    }

    fn start(&self) -> io::Result<Child> {
        let mut command = Command::new(&self.program);
        command.args(&self.args);
        for (name, _) in std::env::vars_os() {
            // These variables would change what loom does.
            if name.to_string_lossy().starts_with("LOOM_") {
                command.env_remove(name);
            }
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()
    }
}

/// Explores a job in a worker.
///
/// # Errors
///
/// The worker died. Unless it was stopped, that is a finding and never a pass.
pub fn run_in_worker(worker: &Worker, job: &Job, stop: &Stop) -> Result<LoomRun, WorkerDeath> {
    let not_run = |error: io::Error| WorkerDeath::NotRun(error.to_string());
    let mut running = Running(worker.start().map_err(not_run)?);
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
        return LoomRun::from_json(output).map_err(WorkerDeath::NoResult);
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
/// Replaces the process's panic hook.
pub fn worker_main<E>(
    mut input: impl Read,
    mut output: impl Write,
    implementations: &[(&str, E)],
) -> u8
where
    E: Fn(&Arc<Program>, Reading, Budget) -> LoomRun,
{
    panic::set_hook(Box::new(say_last_words));
    let mut text = String::new();
    let job = input.read_to_string(&mut text).map_err(|error| error.to_string());
    let explored =
        job.and_then(|_| prepare(&text, implementations)).map(|(explore, program, job)| {
            catch_unwind(AssertUnwindSafe(|| explore(&program, job.reading, job.budget)))
        });
    match explored {
        Err(message) => {
            eprintln!("{LAST_WORDS}{message}");
            EXIT_BAD_JOB
        }
        Ok(Err(_)) => EXIT_PANIC,
        Ok(Ok(run)) => match writeln!(output, "{}", run.to_json()).and_then(|()| output.flush()) {
            Ok(()) => EXIT_DONE,
            Err(_) => EXIT_PANIC,
        },
    }
}

fn prepare<'i, E>(
    text: &str,
    implementations: &'i [(&str, E)],
) -> Result<(&'i E, Arc<Program>, Job), String> {
    let job = Job::from_json(text)?;
    let named = implementations.iter().find(|(name, _)| *name == job.implementation);
    let (_, explore) = named.ok_or_else(|| format!("no such thing: {}", job.implementation))?;
    let program = Arc::new(Program::new(&job.scenario));
    match skip_reason(&program) {
        Some(reason) => Err(reason),
        None => Ok((explore, program, job)),
    }
}

/// Reports the first panic; later ones come from unwinding loom's threads. The report is one line,
/// without a backtrace: loom's stacks are small.
fn say_last_words(panic: &PanicHookInfo<'_>) {
    static IS_SAID: AtomicBool = AtomicBool::new(false);
    if !IS_SAID.swap(true, Ordering::Relaxed) {
        let message = match panic.payload().downcast_ref::<String>() {
            Some(message) => message,
            None => *panic.payload().downcast_ref().unwrap_or(&"a panic without a message"),
        };
        eprintln!("{LAST_WORDS}{}", message.replace('\n', " "));
    }
}
