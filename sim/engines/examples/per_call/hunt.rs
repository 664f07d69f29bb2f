//! Looks for the planted bugs, one at a time, with the engine `exhaustive`.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use calloff_model::Reading;
use calloff_protocol::exploration::{Bound, Engine, Exploration, Limits, Scope, Sought, Stop};
use calloff_protocol::history::{EndKind, Outcome};
use calloff_protocol::judge::{self, Source};
use calloff_protocol::program::Case;
use calloff_protocol::search;
use calloff_sim::drive::Make;
use calloff_sim::engine::exhaustive;
use calloff_sim::pool::panic_text;
use calloff_sim::runtime::shuttle::ShuttleRuntime;

use crate::locks::{Bug, PerCall};

/// One scenario under one reading, with every end of the machine.
pub(crate) struct Place {
    /// The scenario's file.
    pub(crate) file: String,
    /// The reading.
    pub(crate) reading: Reading,
    /// What is run.
    pub(crate) case: Case,
    machine: Exploration,
    known: Arc<BTreeSet<Outcome>>,
}

/// What shows a bug.
pub(crate) struct Finding {
    /// What is wrong.
    pub(crate) message: String,
    /// Who steps, in order.
    pub(crate) schedule: Vec<String>,
    /// The executions until then.
    pub(crate) executions: u64,
}

/// Every scenario of at most that many actors under every reading that it names, the smallest
/// first.
pub(crate) fn places(sources: &[Source], actors_max: usize) -> Vec<Place> {
    let steps = |source: &&Source| -> usize {
        source.scenario.actors.iter().map(|actor| actor.steps.len()).sum()
    };
    let mut small: Vec<&Source> =
        sources.iter().filter(|source| source.scenario.actors.len() <= actors_max).collect();
    small.sort_by_key(|source| (source.scenario.actors.len(), steps(source)));
    let readings = |source: &Source| {
        let place = |reading: &Reading| {
            let case = Case::new(&source.scenario, *reading);
            let machine = search::explore(&case, None, &Limits::default(), &Stop::default());
            let known = Arc::new(machine.outcomes.keys().cloned().collect());
            Place { file: source.file.clone(), reading: *reading, case, machine, known }
        };
        source.scenario.expect.readings.iter().map(place).collect::<Vec<_>>()
    };
    small.into_iter().flat_map(readings).collect()
}

/// What makes the implementation with that bug, or without one.
pub(crate) fn make<R: calloff_model::Runtime>(bug: Option<Bug>) -> Make<R, PerCall<R>> {
    Arc::new(move |runtime, reading, depths: &[u32]| PerCall::with(bug, runtime, reading, depths))
}

impl Place {
    /// Whether the bug shows here: an end that the machine does not have, an end that is missing,
    /// or a panic.
    pub(crate) fn find(&self, bug: Bug) -> Option<Finding> {
        let sought = Sought { kind: EndKind::Foreign, known: self.known.clone() };
        let scope = Scope { sought: Some(sought), ..Scope::default() };
        let make = make::<ShuttleRuntime>(Some(bug));
        let (limits, stop) = (Limits::default(), Stop::default());
        let explore = || exhaustive::explore(&make, &self.case, &scope, &limits, &stop);
        let found = match catch_unwind(AssertUnwindSafe(explore)) {
            Ok(found) => found,
            Err(panic) => {
                let message = format!("the engine panicked: {}", panic_text(&*panic));
                return Some(Finding { message, schedule: Vec::new(), executions: 0 });
            }
        };
        let program = &*self.case.program;
        let finding = |message: String, schedule: Option<Vec<String>>| Finding {
            message,
            schedule: schedule.unwrap_or_default(),
            executions: found.executions,
        };
        if let Some(found) = &found.divergence {
            return Some(finding(found.message.clone(), Some(found.schedule.names(program))));
        }
        if let Some((panic, node)) = found.panics.iter().next() {
            let schedule = found.schedule(*node).map(|schedule| schedule.names(program));
            return Some(finding(format!("it panicked: {panic}"), schedule));
        }
        let first = judge::compare(program, Engine::Exhaustive, &self.machine, &found);
        if let Some(violation) = first.into_iter().next() {
            let schedule = violation.schedule.map(|schedule| schedule.names(program));
            return Some(finding(violation.message, schedule));
        }
        if let Bound::Stopped { limit } = found.bound {
            eprintln!("{} under {}: stopped by {}", self.file, self.reading, limit.name());
        }
        None
    }
}
