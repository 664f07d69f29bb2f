//! Finds the first scenario of the corpus that shows a fault of the shell.

use calloff_model::Reading;
use calloff_protocol::exploration::{Engine, Exploration, Limits, Reductions, Scope, Stop};
use calloff_protocol::faults::Seeded;
use calloff_protocol::history::{EndKind, Outcome};
use calloff_protocol::judge::{self, Source, Worker};
use calloff_protocol::program::Case;
use calloff_protocol::scenario::Scenario;
use calloff_protocol::search;
use serde::{Deserialize, Serialize};

use crate::engine::loom::worker::{Job, explore_in_worker};
use crate::engine::loom::{self, Budget};
use crate::engine::sampled::Sample;
use crate::engine::{exhaustive, sampled};
use crate::subjects::{self, MONITOR};

/// The first sign of a fault.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catch {
    /// The scenario that shows it.
    pub file: String,
    /// The reading under which it shows.
    pub reading: Reading,
    /// The executions until then, including those of earlier scenarios.
    pub executions: u64,
    /// How it shows.
    pub shows: EndKind,
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
        for &reading in &source.scenario.expect.readings {
            let case = Case::new(&source.scenario, reading);
            let found = match engine {
                Engine::Loom => under_loom(fault, source, &case, worker, stop),
                engine => explore(fault, engine, &case, &limits, stop),
            };
            let Some(found) = found else { continue };
            let reference = search::ends(&case, &limits, Reductions::default(), stop);
            let differences = judge::compare(&case.program, engine, &reference, &found);
            if let Some(panic) = found.panics.keys().next() {
                let executions = before + found.executions;
                let (file, message) = (source.file.clone(), format!("it panics: {panic}"));
                return Some(Catch { file, reading, executions, shows: EndKind::Foreign, message });
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

/// The scenarios with few actors first, and among those the ones with few steps. The scenarios that
/// only look, mostly without a race, come after all others: they are no example of anything.
pub(crate) fn by_size(sources: &[Source]) -> Vec<&Source> {
    let mut sorted: Vec<&Source> = sources.iter().collect();
    sorted.sort_by_key(|source| {
        (calloff_scenarios::only_looks(&source.file), size(&source.scenario))
    });
    sorted
}

/// The number of actors, then of steps.
pub(crate) fn size(scenario: &Scenario) -> (usize, usize) {
    let actors = &scenario.actors;
    (actors.len(), actors.iter().map(|actor| actor.steps.len()).sum())
}

/// With more actors loom takes too long.
const LOOM_ACTORS_MAX: usize = 3;

const LOOM_BUDGET: Budget = Budget { executions_max: 20_000, preemptions_max: 3 };

/// Runs loom, unless the program has too many actors for it to be quick.
pub(crate) fn under_loom(
    fault: Option<Seeded>,
    source: &Source,
    case: &Case,
    worker: Option<&Worker>,
    stop: &Stop,
) -> Option<Exploration> {
    let Case { program, reading } = case;
    if program.lanes.len() > LOOM_ACTORS_MAX || loom::skip_reason(program).is_some() {
        return None;
    }
    let (scenario, implementation) =
        (source.scenario.clone(), fault.map_or(MONITOR, Seeded::name).to_owned());
    let job = Job { scenario, reading: *reading, budget: LOOM_BUDGET, implementation };
    Some(explore_in_worker(worker?, &job, stop))
}

/// Runs one engine; `None` if it cannot run the program.
fn explore(
    fault: Option<Seeded>,
    engine: Engine,
    case: &Case,
    limits: &Limits,
    stop: &Stop,
) -> Option<Exploration> {
    match engine {
        Engine::Exhaustive if exhaustive::skip_reason(&case.program).is_none() => {
            Some(subjects::exhaustive(fault, case, &Scope::default(), limits, stop))
        }
        Engine::Shuttle if sampled::skip_reason(&case.program).is_none() => {
            Some(subjects::sampled(
                fault,
                case,
                Sample { seed: 0, executions: limits.executions_max },
                stop,
            ))
        }
        _ => None,
    }
}

/// How it shows that the two differ, and after how many executions it did so first.
fn first_sign(reference: &Exploration, found: &Exploration) -> (EndKind, u64) {
    let after = |end: &Outcome| found.found_after.get(end).copied().unwrap_or(found.executions);
    let foreign = found.outcomes.keys().filter(|end| !reference.outcomes.contains_key(*end));
    match foreign.map(|end| (after(end), end)).min() {
        // Whoever is stuck in an end that the machine does not have.
        Some((after, end)) if !end.stuck.is_empty() => (EndKind::Stuck, after),
        Some((after, _)) => (EndKind::Foreign, after),
        None => (EndKind::Missing, found.executions),
    }
}
