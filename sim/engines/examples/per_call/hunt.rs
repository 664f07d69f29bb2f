//! Looks for the planted bugs, one at a time: on the smallest scenario that shows one, and there
//! with each engine.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use calloff_model::{Reading, Runtime};
use calloff_protocol::exploration::{Bound, Engine, Exploration, Limits, Scope, Sought, Stop};
use calloff_protocol::history::{EndKind, Outcome};
use calloff_protocol::judge::{self, Source, Worker};
use calloff_protocol::program::Case;
use calloff_protocol::scenario::Scenario;
use calloff_protocol::search;
use calloff_sim::drive::{Make, Process};
use calloff_sim::engine::loom::worker::{Job, explore_in_worker};
use calloff_sim::engine::sampled::Sample;
use calloff_sim::engine::{exhaustive, loom, sampled};
use calloff_sim::pool::panic_text;
use calloff_sim::runtime::shuttle::ShuttleRuntime;

use super::locks::{BUGS, Bug, PerCall, RIGHT};

/// One scenario under one reading, with every end of the machine.
pub(crate) struct Place {
    /// The scenario's file.
    pub(crate) file: String,
    /// What is run, under its reading.
    pub(crate) case: Case,
    scenario: Scenario,
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
    /// Whether it is an end that is missing, which is known only after all executions.
    pub(crate) is_missing: bool,
}

/// A row of the table: a bug, where it shows, and when each engine notices it there.
pub(crate) struct Row {
    /// The bug.
    pub(crate) bug: Bug,
    /// The scenario and the reading, or a dash: no scenario shows it.
    pub(crate) place: String,
    /// For `exhaustive`, `loom` and `shuttle`: the executions until then, or why not.
    pub(crate) engines: [String; 3],
}

/// What makes the implementation with that bug, or without one.
pub(crate) fn make<R: Runtime>(bug: Option<Bug>) -> Make<R, PerCall<R>> {
    Arc::new(move |runtime, reading, process: &Process| {
        PerCall::with(bug, runtime, reading, &process.depths)
    })
}

/// The bug of that name, or what only looks like one.
pub(crate) fn named(name: &str) -> Option<Bug> {
    BUGS.iter().chain(RIGHT).copied().find(|bug| bug.name() == name)
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
        let place = |reading: &Reading| Place::new(source, *reading);
        source.scenario.expect.readings.iter().map(place).collect::<Vec<_>>()
    };
    small.into_iter().flat_map(readings).collect()
}

impl Place {
    /// Explores the machine.
    pub(crate) fn new(source: &Source, reading: Reading) -> Place {
        let case = Case::new(&source.scenario, reading);
        let machine = search::explore(&case, None, &Limits::default(), &Stop::default());
        let known = Arc::new(machine.outcomes.keys().cloned().collect());
        let (file, scenario) = (source.file.clone(), source.scenario.clone());
        Place { file, case, scenario, machine, known }
    }

    /// Whether the bug shows here: an end that the machine does not have, an end that is missing,
    /// or a panic.
    pub(crate) fn find(&self, bug: Bug) -> Option<Finding> {
        let sought = Sought { kind: EndKind::Foreign, known: self.known.clone() };
        let scope = Scope { sought: Some(sought), ..Scope::default() };
        let make = make::<ShuttleRuntime>(Some(bug));
        let (limits, stop) = (Limits::default(), Stop::default());
        let explore = || exhaustive::explore(&make, &self.case, &scope, &limits, &stop);
        match catch_unwind(AssertUnwindSafe(explore)) {
            Ok(found) => self.judge(&found),
            Err(panic) => {
                let message = format!("the engine panicked: {}", panic_text(&*panic));
                let (schedule, executions) = (Vec::new(), 0);
                Some(Finding { message, schedule, executions, is_missing: false })
            }
        }
    }

    fn judge(&self, found: &Exploration) -> Option<Finding> {
        let program = &*self.case.program;
        let finding = |message: String, schedule: Option<Vec<String>>| Finding {
            message,
            schedule: schedule.unwrap_or_default(),
            executions: found.executions,
            is_missing: found.bound == Bound::Exhausted,
        };
        if let Some(found) = &found.divergence {
            return Some(finding(
                found.message.clone(),
                found.schedule.as_ref().map(|schedule| schedule.names(program)),
            ));
        }
        if let Some((panic, node)) = found.panics.iter().next() {
            let schedule = found.schedule(*node).map(|schedule| schedule.names(program));
            let finding = finding(format!("it panicked: {panic}"), schedule);
            return Some(Finding { is_missing: false, ..finding });
        }
        let first = judge::compare(program, Engine::Exhaustive, &self.machine, found);
        first.into_iter().next().map(|violation| {
            let schedule = violation.schedule.map(|schedule| schedule.names(program));
            finding(violation.message, schedule)
        })
    }

    /// When the sampling engine notices the bug, within 400 executions of seed 0.
    fn sampled(&self, bug: Bug) -> String {
        let sample = Sample { seed: 0, executions: Limits::default().executions_max };
        let make = make::<ShuttleRuntime>(Some(bug));
        let found = sampled::explore(&make, &self.case, sample, &Stop::default());
        if !found.panics.is_empty() {
            return "panics".to_owned();
        }
        match self.first_foreign(&found) {
            Some(after) => after.to_string(),
            None => "no".to_owned(),
        }
    }

    /// The execution with the first end that the machine does not have.
    fn first_foreign(&self, found: &Exploration) -> Option<u64> {
        let foreign = found.found_after.iter().filter(|(end, _)| !self.known.contains(*end));
        foreign.map(|(_, after)| *after).min()
    }

    /// When `loom` notices the bug.
    fn under_loom(&self, bug: Bug, worker: &Worker) -> String {
        if loom::skip_reason(&self.case.program).is_some() {
            return "–".to_owned();
        }
        let job = Job {
            scenario: self.scenario.clone(),
            reading: self.case.reading,
            budget: (&Limits::default()).into(),
            implementation: bug.name().to_owned(),
        };
        let found = explore_in_worker(worker, &job, &Stop::default());
        if !found.panics.is_empty() {
            return "dies".to_owned();
        }
        let is_missing = self.known.iter().any(|end| !found.outcomes.contains_key(end));
        match self.first_foreign(&found) {
            Some(after) => after.to_string(),
            None if is_missing && found.bound == Bound::Exhausted => {
                format!("all {}", found.executions)
            }
            None => "no".to_owned(),
        }
    }
}

/// Where a bug shows first, and which engines notice it there. A place where it adds an end is
/// preferred to one where an end is missing: no single execution shows that.
pub(crate) fn measure(bug: Bug, places: &[Place], worker: Option<&Worker>) -> Row {
    let mut first: Option<(&Place, Finding)> = None;
    for place in places {
        let Some(finding) = place.find(bug) else { continue };
        let is_best = !finding.is_missing;
        if is_best || first.is_none() {
            first = Some((place, finding));
        }
        if is_best {
            break;
        }
    }
    let Some((place, finding)) = first else {
        return Row {
            bug, place: "–".to_owned(), engines: ["no", "–", "–"].map(str::to_owned)
        };
    };
    let name = format!("{} ({})", place.file.trim_end_matches(".toml"), place.case.reading);
    let mut row = Row::of(bug, &name, &finding);
    if let Some(worker) = worker {
        row.engines[1] = place.under_loom(bug, worker);
    }
    if !finding.is_missing {
        row.engines[2] = place.sampled(bug);
    }
    row
}

impl Row {
    /// What `exhaustive` has found.
    pub(crate) fn of(bug: Bug, place: &str, finding: &Finding) -> Row {
        let exhaustive = match finding.is_missing {
            true => format!("all {}", finding.executions),
            false => finding.executions.to_string(),
        };
        let engines = [exhaustive, "–".to_owned(), "–".to_owned()];
        Row { bug, place: place.to_owned(), engines }
    }
}

/// The table of the documentation.
pub(crate) fn table(rows: &[Row]) -> String {
    let head =
        "| planted bug | where | `exhaustive` | `loom` | `shuttle` |\n|---|---|---|---|---|\n";
    let line = |Row { bug, place, engines }: &Row| {
        format!("| `{}` | {place} | {} |\n", bug.name(), engines.join(" | "))
    };
    head.to_owned() + &rows.iter().map(line).collect::<String>()
}
