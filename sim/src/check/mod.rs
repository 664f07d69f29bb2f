//! Checks: each engine explores one scenario under one reading; the result is judged, compared with
//! the expectations of the file, and with the results of the other engines.

pub(crate) mod cross;
mod judge;

use std::sync::Arc;

use calloff_model::Reading;

use crate::clauses;
use crate::engine::loom::worker::{Job, MONITOR, Worker, explore_in_worker};
use crate::engine::{
    Bound, Engine, Exploration, Granularity, Limits, Scope, Stop, exhaustive, loom, protocol,
    real_threads, sampled,
};
use crate::faults::{Fault, Seeded, run};
use crate::program::Program;
use crate::scenario::{ExpectedVerdict, Scenario};
use crate::trace::Schedule;

pub(crate) use judge::{stuck, unexpected};

/// A scenario with the file that it came from.
#[derive(Clone, Debug)]
pub struct Source {
    /// The file's path, as the user gave it or within the corpus.
    pub file: String,
    /// The content of the file.
    pub scenario: Scenario,
}

/// How to check.
#[derive(Clone)]
pub struct Options {
    /// The engines to run, in this order.
    pub engines: Vec<Engine>,
    /// The seeded bug to run under.
    pub fault: Option<Seeded>,
    /// The limits of each exploration.
    pub limits: Limits,
    /// The seed of the engines that sample.
    pub seed: u64,
    /// The worker that runs the `loom` engine; without one that engine is skipped.
    pub worker: Option<Worker>,
}

/// The result of one run of one engine.
#[derive(Debug)]
pub struct Run {
    /// The scenario's position in the check.
    pub source: usize,
    /// The reading.
    pub reading: Reading,
    /// The engine.
    pub engine: Engine,
    /// Why the engine did not run; then there are no other results.
    pub skipped: Option<String>,
    /// The verdict.
    pub verdict: Verdict,
    /// Whether the file's expectations are met; an expected violation meets them.
    pub is_as_expected: bool,
    /// Everything that is wrong.
    pub violations: Vec<Violation>,
    /// The exploration.
    pub exploration: Exploration,
}

impl Run {
    /// Whether something is wrong that the file does not expect.
    pub fn is_broken(&self) -> bool {
        !self.is_as_expected && self.verdict == Verdict::Violated
    }
}

/// The end of a check. A run that hit a limit is never [`Verdict::Holds`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Verdict {
    /// Every clause holds in every interleaving, and every stuck actor is expected.
    Holds,
    /// Something is wrong; if a schedule can show it, there is one.
    Violated,
    /// Not everything was explored, and nothing wrong was found.
    Inconclusive,
}

impl Verdict {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Holds => "holds",
            Verdict::Violated => "violated",
            Verdict::Inconclusive => "inconclusive",
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug)]
pub struct Violation {
    /// What was violated.
    pub what: Violated,
    /// A description of what is wrong, in terms of the scenario.
    pub message: String,
    /// The shortest schedule that shows it; `None` if no single execution does.
    pub schedule: Option<Schedule>,
    /// The meaning of one choice of the schedule.
    pub granularity: Granularity,
    /// The [counterexample](crate::finding) file that it was saved in, if it was.
    pub file: Option<String>,
}

impl Violation {
    /// A violation that no schedule shows.
    pub(crate) fn new(what: Violated, message: String) -> Violation {
        let granularity = Granularity::default();
        Violation { what, message, schedule: None, granularity, file: None }
    }
}

/// What was violated.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Violated {
    /// A clause, by its position in [`clauses::CLAUSES`].
    Clause(usize),
    /// Some actor can never finish, and the file does not expect that.
    Stuck,
    /// The implementation panicked.
    Panic,
    /// The implementation is not deterministic.
    Divergence,
    /// Two engines disagree about what can happen.
    CrossCheck,
    /// The file's expectation is not met.
    Expectation,
}

impl Violated {
    /// The clause's id, `stuck`, `panic`, `divergence`, `cross-check`, or `expect`.
    pub fn id(self) -> &'static str {
        match self {
            Violated::Clause(clause) => clauses::CLAUSES[clause].id,
            Violated::Stuck => "stuck",
            Violated::Panic => "panic",
            Violated::Divergence => "divergence",
            Violated::CrossCheck => "cross-check",
            Violated::Expectation => "expect",
        }
    }

    /// Everything that can be violated.
    pub fn all() -> impl Iterator<Item = Violated> {
        use Violated::{CrossCheck, Divergence, Expectation, Panic, Stuck};
        let clauses = (0..clauses::CLAUSES.len()).map(Violated::Clause);
        clauses.chain([Stuck, Panic, Divergence, CrossCheck, Expectation])
    }

    /// The seeded bug of the machine that a schedule for this violation is meant for, if there is
    /// one. Ends about which engines disagree are those of the machine without a bug.
    pub fn machine_fault(self, fault: Option<Seeded>) -> Option<&'static Fault> {
        fault.filter(|_| self != Violated::CrossCheck).and_then(Seeded::machine)
    }

    /// The kind of violation with this id.
    pub fn find(id: &str) -> Option<Violated> {
        Violated::all().find(|what| what.id() == id)
    }
}

/// Explores one scenario under one reading with each engine, and judges what was found.
pub fn check(
    source: usize,
    scenario: &Scenario,
    reading: Reading,
    options: &Options,
    stop: &Stop,
) -> Vec<Run> {
    let program = Arc::new(Program::new(scenario));
    let mut found: Vec<(Engine, Result<Exploration, String>)> = Vec::new();
    for &engine in &options.engines {
        found.push((engine, explore(engine, scenario, &program, reading, options, stop)));
    }
    let right = machine_without(options, &program, reading, stop);
    let differences = cross::differences(&program, right.as_ref(), &found);
    let mut runs = Vec::new();
    for ((engine, exploration), differences) in found.into_iter().zip(differences) {
        let (exploration, skipped) = match exploration {
            Ok(exploration) => (exploration, None),
            Err(reason) => (Exploration::nothing(), Some(reason)),
        };
        let mut violations = match &skipped {
            None => judge::violations(scenario, &program, reading, &exploration),
            Some(_) => Vec::new(),
        };
        violations.extend(differences);
        let verdict = verdict(&violations, &exploration, skipped.as_deref());
        let is_as_expected = is_as_expected(scenario, reading, verdict, &violations);
        let exploration = exploration.without_paths();
        runs.push(Run {
            source,
            reading,
            engine,
            skipped,
            verdict,
            is_as_expected,
            violations,
            exploration,
        });
    }
    runs
}

/// The exploration of the machine without its seeded bug, if it has one and engines that run code
/// are to be compared with it.
fn machine_without(
    options: &Options,
    program: &Program,
    reading: Reading,
    stop: &Stop,
) -> Option<Exploration> {
    options.fault.and_then(Seeded::machine)?;
    let is_compared = options.engines.contains(&Engine::Protocol) && options.engines.len() > 1;
    is_compared.then(|| protocol::explore(program, reading, None, &options.limits, stop))
}

/// The differences between a foreign implementation, as `exhaustive` explored it, and the machine.
pub(crate) fn differences_from_machine(
    program: &Program,
    machine: &Exploration,
    implementation: &Exploration,
) -> Vec<Violation> {
    cross::compare(program, Engine::Exhaustive, machine, implementation)
}

/// Runs one engine, or returns the reason why it cannot run the program.
pub(crate) fn explore(
    engine: Engine,
    scenario: &Scenario,
    program: &Arc<Program>,
    reading: Reading,
    options: &Options,
    stop: &Stop,
) -> Result<Exploration, String> {
    let Options { fault, limits, seed, .. } = options;
    if let Some(reason) = fault.and_then(|fault| fault.skip_reason(engine)) {
        return Err(reason.to_owned());
    }
    match engine {
        Engine::Protocol => {
            // Under a bug of the shell the machine is right: it gives the expected ends.
            let fault = fault.and_then(Seeded::machine);
            Ok(protocol::explore(program, reading, fault, limits, stop))
        }
        Engine::Exhaustive => {
            if let Some(reason) = exhaustive::skip_reason(program) {
                return Err(reason);
            }
            Ok(run::exhaustive(*fault, program, reading, &Scope::default(), limits, stop))
        }
        Engine::Loom => {
            if let Some(reason) = loom::skip_reason(program) {
                return Err(reason);
            }
            let worker = options.worker.as_ref().ok_or("no program is known to run workers of")?;
            let job = Job {
                scenario: scenario.clone(),
                reading,
                budget: limits.into(),
                implementation: fault.map_or(MONITOR, Seeded::name).to_owned(),
            };
            Ok(explore_in_worker(worker, &job, stop))
        }
        Engine::Std => {
            if let Some(reason) = real_threads::skip_reason(program, reading) {
                return Err(reason);
            }
            let often = (limits.std_executions, real_threads::TICK);
            Ok(run::on_threads(*fault, program, reading, often, stop).into_exploration())
        }
        Engine::Shuttle => {
            if let Some(reason) = sampled::skip_reason(program) {
                return Err(reason);
            }
            Ok(run::sampled(*fault, program, reading, (*seed, limits.executions_max), stop))
        }
    }
}

fn verdict(violations: &[Violation], exploration: &Exploration, skipped: Option<&str>) -> Verdict {
    let is_cut_short = skipped.is_some()
        || matches!(exploration.bound, Bound::Stopped { .. } | Bound::Diverged | Bound::Sought);
    match (violations.is_empty(), !is_cut_short) {
        (false, _) => Verdict::Violated,
        (true, true) => Verdict::Holds,
        (true, false) => Verdict::Inconclusive,
    }
}

/// Whether the result is as expected. A file that expects a violation excuses other violations by
/// the same bug, but not wrong codes.
fn is_as_expected(
    scenario: &Scenario,
    reading: Reading,
    verdict: Verdict,
    violations: &[Violation],
) -> bool {
    let has = |what: &str| violations.iter().any(|v| v.what.id() == what);
    match &scenario.expect.verdict {
        ExpectedVerdict::Violated { clause } if scenario.expect.readings.contains(&reading) => {
            has(clause) && !has(Violated::Expectation.id()) && !has(Violated::CrossCheck.id())
        }
        _ => verdict == Verdict::Holds,
    }
}
