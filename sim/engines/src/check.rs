//! Checks: one scenario under one reading, explored by each engine, judged, held against what its
//! file expects, and the engines against each other.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use calloff_model::Reading;
use calloff_protocol::exploration::{Engine, Exploration, Scope, Stop};
use calloff_protocol::faults::Seeded;
use calloff_protocol::judge::{self, Options, Run};
use calloff_protocol::plan::Plan;
use calloff_protocol::program::Program;
use calloff_protocol::scenario::Scenario;
use calloff_protocol::search;

use crate::engine::loom::worker::{Job, MONITOR, explore_in_worker};
use crate::engine::{exhaustive, loom, real_threads, sampled};
use crate::subjects as run;

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
    let differences = judge::differences(&program, right.as_ref(), &found);
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
        let verdict = judge::verdict(&violations, &exploration, skipped.as_deref());
        let is_as_expected = judge::is_as_expected(scenario, reading, verdict, &violations);
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

/// What the machine does without the seeded bug, if there is one in it and an engine that runs code
/// is to be held against it.
fn machine_without(
    options: &Options,
    program: &Program,
    reading: Reading,
    stop: &Stop,
) -> Option<Exploration> {
    options.fault.and_then(Seeded::machine)?;
    let is_compared = options.engines.contains(&Engine::Protocol) && options.engines.len() > 1;
    is_compared.then(|| search::explore(program, reading, None, &options.limits, stop))
}

/// Runs one engine, or says why it cannot take the program.
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
            // The machine is right when the shell is wrong: it says what should be.
            let fault = fault.and_then(Seeded::machine);
            Ok(search::explore(program, reading, fault, limits, stop))
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

/// Runs everything. `done` is told after each run how many are over.
pub fn execute(plan: &Plan, stop: &Stop, done: &(impl Fn(usize) + Sync)) -> Vec<Run> {
    let runs = plan.runs();
    let (next, finished) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let results: Vec<Mutex<Vec<Run>>> = runs.iter().map(|_| Mutex::default()).collect();
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(&(source, reading)) = runs.get(index) else { return };
            let scenario = &plan.sources[source].scenario;
            let found = check(source, scenario, reading, &plan.options, stop);
            *results[index].lock().expect("no run panics") = found;
            done(finished.fetch_add(1, Ordering::Relaxed) + 1);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..plan.jobs.clamp(1, runs.len().max(1)) {
            scope.spawn(work);
        }
    });
    let runs = results.into_iter();
    runs.flat_map(|found| found.into_inner().expect("no run panics")).collect()
}
