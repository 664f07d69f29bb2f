//! The `std` engine: runs an implementation many times on real threads with a real clock.
//!
//! This is what a user runs, so it only samples: it proves nothing by itself, and its outcomes have
//! to be among those that the `protocol` engine has proven possible. It is the only engine whose
//! results differ from run to run.
//!
//! A virtual clock stops only at pending deadlines; a real clock passes every point in time. That
//! makes a difference if something has to happen *before* a deadline, as the dispatch of a call
//! under the reading `waiter = caller`: there, a window that opens between two other deadlines can
//! lead to outcomes that no virtual clock reaches.

use std::collections::BTreeMap;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use calloff_model::{Reading, Waiter, Window};
use calloff_protocol::exploration::{Bound, Exploration, Limit, ROOT, Stall, Stop};
use calloff_protocol::history::{Action, Outcome, TimePolicy};
use calloff_protocol::program::{Case, Program};

use crate::drive::{Commons, Driver, Implementation, Make, Process, Record};
use crate::runtime::stoppable::{Ended, Pace, Stoppable};

/// The default length of a scenario's second.
pub const TICK: Duration = Duration::from_millis(4);

/// The largest sum of all sleeps and finite windows of a scenario that this engine runs, in
/// seconds.
pub const SECONDS_MAX: u64 = 60;

/// The most steps of a scenario: executions with pauses are slow.
pub const STEPS_MAX: usize = 1_000;

/// The most actors of a scenario; each one gets a thread.
pub const THREADS_MAX: usize = 64;

/// The longest time without a finished step, in addition to the scenario's own seconds. Only a
/// livelock takes that long.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long to wait for an actor that was told to leave. Only code that uses nothing of the runtime
/// any more takes that long.
const LEAVE: Duration = Duration::from_secs(10);

/// How the executions of one case ended.
#[derive(Clone, Debug, Default)]
pub struct RealRuns {
    /// Each distinct end, and how often it was seen.
    pub outcomes: BTreeMap<Outcome, u64>,
    /// Each panic message of the implementation, and how often it was seen. An execution with a
    /// panic has no outcome.
    pub panics: BTreeMap<String, u64>,
    /// An actor that did not come back from an operation when it was told to.
    pub stall: Option<Stall>,
    /// Executions that ended.
    pub executions: u64,
    /// The limit that ended the run before all repetitions were made. Even without it, this is a
    /// sample.
    pub bound: Option<Limit>,
}

impl RealRuns {
    /// The runs as an exploration: a sample, without a schedule to any of its ends.
    pub fn into_exploration(self) -> Exploration {
        let bound = self.bound.map_or(Bound::RealTime, |limit| Bound::Stopped { limit });
        Exploration {
            bound,
            executions: self.executions,
            stall: self.stall,
            panics: self.panics.into_keys().map(|panic| (panic, ROOT)).collect(),
            outcomes: self.outcomes.into_keys().map(|outcome| (outcome, ROOT)).collect(),
            ..Exploration::nothing()
        }
    }
}

/// Why this engine cannot run the program under that reading; `None` if it can.
pub fn skip_reason(program: &Program, reading: Reading) -> Option<String> {
    if let Some(reason) = super::skips_client(program) {
        return Some(reason.to_owned());
    }
    if program.time == TimePolicy::Urgent {
        return Some("real threads cannot promise an urgent clock".to_owned());
    }
    if reading.waiter == Waiter::Caller && timed(program).filter(|s| *s > 0).count() > 1 {
        return Some("a real clock stops between deadlines, where no virtual one does".to_owned());
    }
    if program.ticks_per_second != 1 {
        return Some("its durations are no whole seconds".to_owned());
    }
    let threads = program.lanes.len();
    if threads > THREADS_MAX {
        return Some(format!("{threads} actors are more than {THREADS_MAX}"));
    }
    let steps: usize = program.lanes.iter().map(|lane| lane.instructions.len()).sum();
    if steps > STEPS_MAX {
        return Some(format!("{steps} steps are more than {STEPS_MAX}"));
    }
    let seconds = seconds(program);
    (seconds > SECONDS_MAX).then(|| {
        format!("its {seconds} seconds would pass in real time, and the limit is {SECONDS_MAX}")
    })
}

/// The sum of all sleeps, timeouts and finite windows of the program: an upper bound on the waiting
/// time.
fn seconds(program: &Program) -> u64 {
    timed(program).sum()
}

/// The seconds of each sleep, timeout and finite window.
fn timed(program: &Program) -> impl Iterator<Item = u64> + '_ {
    let actions = program.lanes.iter().flat_map(|lane| &lane.instructions);
    actions.map(|instruction| match instruction.action {
        Action::Sleep(seconds)
        | Action::Wait(_, Some(seconds))
        | Action::Join(_, Some(seconds)) => seconds,
        Action::CancelThread(_, Window::Seconds(seconds))
        | Action::CancelObject(_, Window::Seconds(seconds)) => u64::from(seconds),
        _ => 0,
    })
}

/// How often a case runs in real time, and how long a second of it lasts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Repetitions {
    /// How often.
    pub times: u64,
    /// How long a second of the program lasts.
    pub tick: Duration,
}

/// Runs a case again and again, each actor on a thread of its own. In every second repetition the
/// actors stumble, so that they meet in more ways.
pub fn run<I: Implementation<Stoppable>>(
    make: &Make<Stoppable, I>,
    case: &Case,
    repetitions: Repetitions,
    stop: &Stop,
) -> RealRuns {
    let mut runs = RealRuns::default();
    for repetition in 0..repetitions.times {
        let pace = match repetition % 2 {
            0 => Pace::Steady,
            _ => Pace::Stumbling(repetition),
        };
        match execute(make, case, (repetitions.tick, pace), stop) {
            Ok(outcome) => *runs.outcomes.entry(outcome).or_default() += 1,
            Err(Failure::Panicked(text)) => *runs.panics.entry(text).or_default() += 1,
            Err(Failure::Stopped(limit)) => {
                runs.bound = Some(limit);
                break;
            }
            Err(Failure::Stalled(stall)) => {
                runs.stall = Some(stall);
                break;
            }
        }
        runs.executions += 1;
    }
    runs
}

/// Why an execution has no outcome.
enum Failure {
    Panicked(String),
    Stopped(Limit),
    Stalled(Stall),
}

fn execute<I: Implementation<Stoppable>>(
    make: &Make<Stoppable, I>,
    case: &Case,
    (tick, pace): (Duration, Pace),
    stop: &Stop,
) -> Result<Outcome, Failure> {
    stop.check_now().map_err(Failure::Stopped)?;
    let program = &case.program;
    let threads = program.lanes.len();
    let runtime = Stoppable::new(tick, threads, pace);
    let subject = Arc::new(make(runtime.clone(), case.reading, &Process::of(program)));
    let commons = Commons::of(&runtime, program);
    let record = Record::new(program);
    let start = Arc::new(Barrier::new(threads));
    let actors = program.actors().map(|actor| {
        let (runtime, start) = (runtime.clone(), Arc::clone(&start));
        let (program, subject) = (Arc::clone(program), Arc::clone(&subject));
        let (commons, record) = (commons.clone(), record.clone());
        let driver = Driver { program, actor, runtime, subject, commons, record };
        thread::spawn(move || {
            start.wait();
            driver.runtime.actor(|| driver.run(|_| driver.runtime.stepped()))
        })
    });
    let actors: Vec<_> = actors.collect();

    let of_program = tick.saturating_mul(u32::try_from(seconds(program)).unwrap_or(u32::MAX));
    let ended = runtime.watch(PATIENCE.saturating_add(of_program), || stop.check_now());
    let outcome = record.outcome();
    if !runtime.stop(LEAVE) {
        // Its threads run on; nobody can end them from outside.
        return Err(Failure::Stalled(stall(program, &record)));
    }
    let ends = actors.into_iter().map(|actor| actor.join().expect("panics are caught inside"));
    let panics: Vec<String> = ends.filter_map(Result::err).collect();
    match (ended, panics.into_iter().next()) {
        (Ended::Stopped(limit), _) => Err(Failure::Stopped(limit)),
        (_, Some(panic)) => Err(Failure::Panicked(panic)),
        (Ended::Finished | Ended::Stuck | Ended::OutOfPatience, None) => Ok(outcome),
    }
}

/// The first actor that has not finished, with its operation.
fn stall(program: &Program, record: &Record) -> Stall {
    let within = program.actors().find_map(|actor| {
        let at = record.position(actor)?;
        let instruction = program.lanes[actor.0 as usize].instructions.get(at as usize);
        Some((actor, instruction.map(|instruction| instruction.action)))
    });
    Stall { within, seconds: LEAVE.as_secs() }
}

#[cfg(test)]
mod tests;
