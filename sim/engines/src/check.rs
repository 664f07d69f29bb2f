//! Checks: one scenario under one reading, explored by each engine, judged, held against what its
//! file expects, and the engines against each other.

use calloff_model::Reading;
use calloff_protocol::exploration::{Engine, Exploration, Scope, Stop};
use calloff_protocol::faults::Seeded;
use calloff_protocol::judge::{self, Options, Run, Violated, Violation};
use calloff_protocol::plan::Plan;
use calloff_protocol::program::Case;
use calloff_protocol::scenario::Scenario;
use calloff_protocol::search;
use calloff_protocol::text::printable;

use crate::engine::loom::worker::{Job, explore_in_worker};
use crate::engine::sampled::Sample;
use crate::engine::{exhaustive, loom, real_threads, sampled};
use crate::pool;
use crate::shorten::end_at_return;
use crate::subjects::{self, MONITOR, Which};

/// Explores one scenario under one reading with each engine, and judges what was found.
pub fn check(
    source: usize,
    scenario: &Scenario,
    reading: Reading,
    options: &Options,
    stop: &Stop,
) -> Vec<Run> {
    let case = Case::new(scenario, reading);
    let program = &case.program;
    let mut found: Vec<Found> = Vec::new();
    for &engine in &options.engines {
        stop.begin(format!("{} ({reading}, {})", printable(&scenario.name), engine.name()));
        found.push((engine, explore(engine, scenario, &case, options, stop)));
    }
    let mut right = machine_without(options, &case, stop);
    let mut differences = judge::differences(program, right.as_ref(), &found);
    if lacks_schedules(scenario, &case, &found, &differences) {
        explain(&mut found, right.as_mut(), &case, options, stop);
        differences = judge::differences(program, right.as_ref(), &found);
    }
    let found = found.into_iter().zip(differences);
    let run = |((engine, found), differences)| {
        let mut run = Run::of(source, scenario, &case, engine, found, differences);
        for violation in &mut run.violations {
            end_at_return(violation, scenario, options, &case);
        }
        run
    };
    found.map(run).collect()
}

/// An engine, with what it has found, or why it did not run.
type Found = (Engine, Result<Exploration, String>);

/// Whether something is wrong that a schedule of the machine would show.
fn lacks_schedules(
    scenario: &Scenario,
    case: &Case,
    found: &[Found],
    differences: &[Vec<Violation>],
) -> bool {
    let machine = found.iter().filter(|(engine, _)| *engine == Engine::Protocol);
    let mut wrong = machine
        .filter_map(|(_, found)| found.as_ref().ok())
        .flat_map(|found| judge::violations(scenario, &case.program, case.reading, found));
    let has_none = |violation: &Violation| {
        let can_be_shown = violation.what != Violated::Expectation || violation.returned.is_some();
        violation.schedule.is_none() && can_be_shown
    };
    wrong.any(|violation| has_none(&violation)) || differences.iter().flatten().any(has_none)
}

/// Explores the machine in full, and adds the schedules to what is known of it.
fn explain(
    found: &mut [Found],
    right: Option<&mut Exploration>,
    case: &Case,
    options: &Options,
    stop: &Stop,
) {
    let add = |known: &mut Exploration, fault| {
        let full = search::explore(case, fault, &options.limits, stop);
        *known = std::mem::replace(known, Exploration::nothing()).with_schedules(full);
    };
    for (engine, found) in found {
        if let (Engine::Protocol, Ok(known)) = (engine, found) {
            add(known, options.fault.and_then(Seeded::machine));
        }
    }
    if let Some(right) = right {
        add(right, None);
    }
}

/// What the machine does without the seeded bug, if there is one in it and an engine that runs code
/// is to be held against it.
fn machine_without(options: &Options, case: &Case, stop: &Stop) -> Option<Exploration> {
    options.fault.and_then(Seeded::machine)?;
    let is_compared = options.engines.contains(&Engine::Protocol) && options.engines.len() > 1;
    is_compared.then(|| search::ends(case, &options.limits, options.reductions, stop))
}

/// Runs one engine, or says why it cannot take the program.
pub(crate) fn explore(
    engine: Engine,
    scenario: &Scenario,
    case: &Case,
    options: &Options,
    stop: &Stop,
) -> Result<Exploration, String> {
    let Options { fault, code, limits, seed, .. } = options;
    if let Some(reason) = fault.and_then(|fault| fault.skip_reason(engine)) {
        return Err(reason.to_owned());
    }
    let program = &case.program;
    let skips_clients = Which::from(options).skips_clients();
    let skipped = match engine {
        Engine::Protocol => None,
        _ if program.is_client && skips_clients.is_some() => skips_clients.map(str::to_owned),
        Engine::Exhaustive => exhaustive::skip_reason(program),
        Engine::Loom => loom::skip_reason(program),
        Engine::Shuttle => sampled::skip_reason(program),
        Engine::Std => real_threads::skip_reason(program, case.reading),
    };
    if let Some(reason) = skipped {
        return Err(reason);
    }
    Ok(match engine {
        // The machine is right when the shell is wrong: it says what should be.
        Engine::Protocol => {
            let fault = fault.and_then(Seeded::machine);
            let found = search::prove(case, fault, limits, options.reductions, stop);
            found.with_answers(search::answers(scenario, case, fault, limits, stop))
        }
        Engine::Exhaustive => {
            let scope = Scope { reductions: options.reductions, ..Scope::default() };
            subjects::exhaustive(options, case, &scope, limits, stop)
        }
        Engine::Loom => {
            let worker = options.worker.as_ref().ok_or("no program is known to run workers of")?;
            let job = Job {
                scenario: scenario.clone(),
                reading: case.reading,
                budget: limits.into(),
                implementation: match code {
                    Some(code) => code.name().to_owned(),
                    None => fault.map_or(MONITOR, Seeded::name).to_owned(),
                },
            };
            explore_in_worker(worker, &job, stop)
        }
        Engine::Shuttle => {
            let sample = Sample { seed: *seed, executions: limits.executions_max };
            subjects::sampled(options, case, sample, stop)
        }
        Engine::Std => subjects::on_threads(options, case, limits.std_executions, stop),
    })
}

/// Runs everything. `done` is told after each run how many are over.
pub fn execute(plan: &Plan, stop: &Stop, done: &(impl Fn(usize) + Sync)) -> Vec<Run> {
    let runs = plan.runs();
    let work = |&(source, reading): &(usize, Reading)| {
        check(source, &plan.sources[source].scenario, reading, &plan.options, stop)
    };
    pool::run(&runs, plan.jobs, work, done).into_iter().flatten().collect()
}
