//! Finds the first scenario of the corpus that shows a fault of the shell.

use std::sync::Arc;

use calloff_model::Reading;

use super::Shows;
use crate::check::{Source, cross};
use crate::engine::loom::worker::{Job, MONITOR, Worker, explore_in_worker};
use crate::engine::loom::{self, Budget};
use crate::engine::{
    Engine, Exploration, Limits, Outcome, Scope, Stop, exhaustive, protocol, sampled,
};
use crate::faults::{Seeded, run};
use crate::program::Program;

/// The first sign of a fault.
#[derive(Clone, Debug)]
pub struct Catch {
    /// The scenario that shows it.
    pub file: String,
    /// The reading under which it shows.
    pub reading: Reading,
    /// The executions until then, including those of earlier scenarios.
    pub executions: u64,
    /// How it shows.
    pub shows: Shows,
    /// What differs from the machine.
    pub message: String,
}

/// Runs the scenarios against the faulty implementation, in the order of actors and steps, until
/// one has an end that the machine does not have, or lacks an end that the machine has.
pub fn catches(
    fault: Option<Seeded>,
    engine: Engine,
    sources: &[Source],
    worker: Option<&Worker>,
    stop: &Stop,
) -> Option<Catch> {
    let limits = Limits::default();
    let mut before = 0;
    for source in by_size(sources) {
        let program = Arc::new(Program::new(&source.scenario));
        for &reading in &source.scenario.expect.readings {
            let found = match engine {
                Engine::Loom => under_loom(fault, source, &program, reading, worker, stop),
                engine => explore(fault, engine, &program, reading, &limits, stop),
            };
            let Some(found) = found else { continue };
            let reference = protocol::explore(&program, reading, None, &limits, stop);
            let differences = cross::compare(&program, engine, &reference, &found);
            if let Some(panic) = found.panics.keys().next() {
                let executions = before + found.executions;
                let (file, message) = (source.file.clone(), format!("it panics: {panic}"));
                return Some(Catch {
                    file,
                    reading,
                    executions,
                    shows: Shows::ForeignEnd,
                    message,
                });
            }
            if let Some(difference) = differences.into_iter().next() {
                let (shows, after) = first_sign(&reference, &found);
                return Some(Catch {
                    file: source.file.clone(),
                    reading,
                    executions: before + after,
                    shows,
                    message: difference.message,
                });
            }
            before += found.executions;
            if stop.is_interrupted() {
                return None;
            }
        }
    }
    None
}

/// The scenarios ordered by the number of actors, and then by the number of steps.
pub(in crate::faults) fn by_size(sources: &[Source]) -> Vec<&Source> {
    let mut sorted: Vec<&Source> = sources.iter().collect();
    sorted.sort_by_key(|source| {
        let actors = &source.scenario.actors;
        (actors.len(), actors.iter().map(|actor| actor.steps.len()).sum::<usize>())
    });
    sorted
}

/// With more actors loom takes too long.
const LOOM_ACTORS_MAX: usize = 3;

const LOOM_BUDGET: Budget = Budget { executions_max: 20_000, preemptions_max: 3 };

/// Runs loom, unless the program has more actors than that.
pub(in crate::faults) fn under_loom(
    fault: Option<Seeded>,
    source: &Source,
    program: &Program,
    reading: Reading,
    worker: Option<&Worker>,
    stop: &Stop,
) -> Option<Exploration> {
    if program.lanes.len() > LOOM_ACTORS_MAX || loom::skip_reason(program).is_some() {
        return None;
    }
    let (scenario, implementation) =
        (source.scenario.clone(), fault.map_or(MONITOR, Seeded::name).to_owned());
    let job = Job { scenario, reading, budget: LOOM_BUDGET, implementation };
    Some(explore_in_worker(worker?, &job, stop))
}

/// Runs one engine; `None` if it cannot run the program.
fn explore(
    fault: Option<Seeded>,
    engine: Engine,
    program: &Arc<Program>,
    reading: Reading,
    limits: &Limits,
    stop: &Stop,
) -> Option<Exploration> {
    match engine {
        Engine::Exhaustive if exhaustive::skip_reason(program).is_none() => {
            Some(run::exhaustive(fault, program, reading, &Scope::default(), limits, stop))
        }
        Engine::Shuttle if sampled::skip_reason(program).is_none() => {
            Some(run::sampled(fault, program, reading, (0, limits.executions_max), stop))
        }
        _ => None,
    }
}

/// How the two explorations differ, and after how many executions the difference first showed.
fn first_sign(reference: &Exploration, found: &Exploration) -> (Shows, u64) {
    let after = |end: &Outcome| found.found_after.get(end).copied().unwrap_or(found.executions);
    let foreign = found.outcomes.keys().filter(|end| !reference.outcomes.contains_key(*end));
    match foreign.map(|end| (after(end), end)).min() {
        // An actor is stuck in an end that the machine does not have.
        Some((after, end)) if !end.stuck.is_empty() => (Shows::Stuck, after),
        Some((after, _)) => (Shows::ForeignEnd, after),
        None => (Shows::MissingEnd, found.executions),
    }
}
