//! Reproduces a finding that is shown by exploring, and looks for an execution that shows it.

use super::{Claim, Counterexample, Shown};
use crate::check::{self, Options, Run, Source, Violated, Violation};
use crate::engine::loom::worker::Worker;
use crate::engine::{Engine, Limits, Stop};
use crate::faults::Seeded;

/// The result of exploring again.
#[derive(Debug)]
pub struct Explored {
    /// The run of the engine that had found it.
    pub run: Run,
    /// Whether it was found again.
    pub is_seen_again: bool,
    /// Whether it is also found without the seeded bug; `None` if there is no bug.
    pub is_seen_without_fault: Option<bool>,
}

/// Explores as far as the finding says, with the engine that had found it. Without a worker, `loom`
/// is skipped.
pub fn explore(finding: &Counterexample, worker: Option<&Worker>, stop: &Stop) -> Explored {
    let run = |fault: Option<Seeded>| {
        let (limits, seed) = match finding.shown {
            Shown::Exploration(extent) => (extent.limits(), extent.seed),
            Shown::Execution => (Limits::default(), 0),
        };
        let engines = match finding.engine {
            Engine::Protocol => vec![Engine::Protocol],
            engine => vec![Engine::Protocol, engine],
        };
        let options = Options { engines, fault, limits, seed, worker: worker.cloned() };
        let runs = check::check(0, &finding.scenario, finding.reading, &options, stop);
        runs.into_iter().next_back().expect("one of each engine")
    };
    let shows = |run: &Run| run.violations.iter().any(|violation| is_it(finding, violation));
    let found = run(finding.fault);
    Explored {
        is_seen_again: shows(&found),
        is_seen_without_fault: finding.fault.map(|_| shows(&run(None))),
        run: found,
    }
}

/// An execution that shows the finding, from the engines that try every interleaving and keep
/// schedules: first the machine's, then the implementation's.
pub fn execution(finding: &Counterexample, stop: &Stop) -> Option<Counterexample> {
    let options = Options {
        engines: vec![Engine::Protocol, Engine::Exhaustive],
        fault: finding.fault,
        limits: Limits::default(),
        seed: 0,
        worker: None,
    };
    if options.engines.contains(&finding.engine) {
        // If these engines found no execution that shows it, there is none.
        return None;
    }
    let Counterexample { scenario, reading, .. } = finding;
    let source = Source { file: scenario.name.clone(), scenario: scenario.clone() };
    let runs = check::check(0, scenario, *reading, &options, stop);
    let all = runs.iter().flat_map(|run| run.violations.iter().map(move |v| (run, v)));
    let same = all.filter(|(_, violation)| is_it(finding, violation));
    let mut found = same.map(|(run, v)| Counterexample::of(&source, run, v, &options));
    found.find(|found| found.shown == Shown::Execution)
}

/// Whether the violation is the one that the finding claims.
fn is_it(finding: &Counterexample, violation: &Violation) -> bool {
    let Some(Claim { what, message }) = &finding.claim else { return false };
    // The text after the colon describes the end that differs.
    let kind = |message: &str| message.split(':').next().unwrap_or_default().to_owned();
    match (what, violation.what) {
        (Violated::CrossCheck, Violated::CrossCheck) => kind(message) == kind(&violation.message),
        (Violated::Expectation, Violated::Expectation) => *message == violation.message,
        // When threads deadlock on locks, loom panics.
        (Violated::Panic, Violated::Stuck) => finding.engine == Engine::Loom,
        (one, other) => *one == other,
    }
}
