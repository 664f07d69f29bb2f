//! Reproduces a finding that is shown by exploring, and looks for an execution that shows it.

use std::sync::Arc;

use calloff_protocol::code::Code;
use calloff_protocol::exploration::{Engine, Limits, Reductions, Stop};
use calloff_protocol::faults::Seeded;
use calloff_protocol::finding::{Claim, Counterexample, Explored, Shown};
use calloff_protocol::history::EndKind;
use calloff_protocol::judge::{Options, Run, Source, Violated, Violation, Worker, end_kind};

use crate::check;

/// Explores as far as the finding says, with the engine that had found it: the code, if it is about
/// somebody's own. Without a worker, `loom` is skipped.
pub fn explore(
    finding: &Counterexample,
    code: Option<&Arc<dyn Code>>,
    worker: Option<&Worker>,
    stop: &Stop,
) -> Explored {
    let run = |fault: Option<Seeded>| {
        let (limits, seed) = match finding.shown {
            Shown::Exploration(extent) => (extent.limits(), extent.seed),
            Shown::Execution => (Limits::default(), 0),
        };
        let engines = match finding.engine {
            Engine::Protocol => vec![Engine::Protocol],
            engine => vec![Engine::Protocol, engine],
        };
        let (code, worker) = (code.cloned(), worker.cloned());
        let options = Options {
            reductions: Reductions::default(),
            engines,
            fault,
            code,
            limits,
            seed,
            worker,
        };
        let runs = check::check(0, &finding.scenario, finding.reading, &options, stop);
        runs.into_iter().next_back().expect("one of each engine")
    };
    let shows =
        |run: &Run| run.violations.iter().any(|violation| is_it(finding, violation, run.engine));
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
        code: None,
        limits: Limits::default(),
        reductions: Reductions::default(),
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
    let same = all.filter(|(run, violation)| is_it(finding, violation, run.engine));
    let mut found = same.map(|(run, v)| Counterexample::of(&source, run, v, &options));
    found.find(|found| found.shown == Shown::Execution)
}

/// Whether a violation found by that engine is what the finding claims.
fn is_it(finding: &Counterexample, violation: &Violation, engine: Engine) -> bool {
    let Some(Claim { what, message }) = &finding.claim else { return false };
    match (what, violation.what) {
        (Violated::CrossCheck, Violated::CrossCheck) => {
            let kind = end_kind(*what, finding.engine, finding.granularity);
            let is_same_engine = kind != Some(EndKind::Missing) || finding.engine == engine;
            kind == violation.end_kind(engine) && is_same_engine
        }
        (Violated::Expectation, Violated::Expectation) => *message == violation.message,
        // When threads deadlock on locks, loom panics.
        (Violated::Panic, Violated::Stuck) => finding.engine == Engine::Loom,
        (one, other) => *one == other,
    }
}
