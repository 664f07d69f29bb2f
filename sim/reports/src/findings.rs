//! What was found, with each thing once: the same finding of several readings and engines is one.

use std::collections::BTreeMap;

use calloff_model::Reading;
use calloff_protocol::exploration::{Engine, Granularity};
use calloff_protocol::judge::{Run, Violated, Violation};
use calloff_protocol::plan::Plan;
use calloff_protocol::program::Program;
use calloff_protocol::scenario::FileLines;
use calloff_protocol::trace;

/// One thing that is violated: the counterexample to be shown, and all runs that have one.
pub struct Finding<'a> {
    /// The run with the counterexample to be shown.
    pub run: &'a Run,
    /// The counterexample to be shown.
    pub violation: &'a Violation,
    /// The runs that have one.
    pub all: Vec<&'a Run>,
    /// The position of each violation: its run, and where it is in that run.
    pub places: Vec<(usize, usize)>,
}

/// What makes two findings the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// A clause counts once for all files, anything else once for each file.
    Check,
    /// Everything counts once for each file.
    File,
    /// The same, with what a file expects.
    Expected,
}

/// The key of a finding.
pub type Key<'a> = (Violated, Option<(usize, &'a str)>);

/// For each thing violated (that is not expected, unless the scope says so): the shortest
/// counterexample (with the fewest lanes), and where else it was violated.
pub fn of<'a>(plan: &Plan, runs: &'a [Run], scope: Scope) -> BTreeMap<Key<'a>, Finding<'a>> {
    let mut findings: BTreeMap<_, Finding> = BTreeMap::new();
    let is_meant = |run: &Run| scope == Scope::Expected || !run.is_as_expected;
    for (number, run) in runs.iter().enumerate().filter(|(_, run)| is_meant(run)) {
        for (at, violation) in run.violations.iter().enumerate() {
            let key = match violation.what {
                Violated::Clause(_) if scope == Scope::Check => (violation.what, None),
                // The shortest schedules of two engines may have different stuck actors, and may
                // break a clause by different steps.
                Violated::Clause(_) | Violated::Stuck => (violation.what, Some((run.source, ""))),
                what => (what, Some((run.source, violation.message.as_str()))),
            };
            let (all, places) = (Vec::new(), Vec::new());
            let entry = findings.entry(key).or_insert(Finding { run, violation, all, places });
            if length(plan, run, violation) < length(plan, entry.run, entry.violation) {
                (entry.run, entry.violation) = (run, violation);
            }
            entry.all.push(run);
            entry.places.push((number, at));
        }
    }
    for finding in findings.values_mut() {
        // Real threads also find it by chance, which differs from one check to the next.
        if finding.all.iter().any(|run| run.engine != Engine::Std) {
            finding.all.retain(|run| run.engine != Engine::Std);
        }
    }
    findings
}

/// The order in which counterexamples are preferred: those that can be drawn, then the shorter
/// ones.
fn length(plan: &Plan, run: &Run, violation: &Violation) -> (u8, usize, usize) {
    let steps = violation.schedule.as_ref().map_or(usize::MAX, |schedule| schedule.0.len());
    let rank = match violation.granularity {
        _ if violation.schedule.is_none() => 3,
        Granularity::Step => 0,
        Granularity::Section | Granularity::Operation => 1,
        Granularity::FinishedStep => 2,
    };
    (rank, steps, plan.sources[run.source].scenario.actors.len())
}

/// The readings and the engines of some runs, in words.
pub fn where_found(runs: &[&Run]) -> String {
    let mut readings: Vec<Reading> = runs.iter().map(|run| run.reading).collect();
    readings.sort();
    readings.dedup();
    let mut engines: Vec<Engine> = runs.iter().map(|run| run.engine).collect();
    engines.sort();
    engines.dedup();
    let readings = match readings.len() {
        4 => "every reading".to_owned(),
        _ => readings.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    };
    let engines: Vec<&str> = engines.into_iter().map(Engine::name).collect();
    format!("{readings}; {}", engines.join(", "))
}

/// The line of the file that a finding is about: of the step that violates, or of the expectation.
pub fn line(plan: &Plan, finding: &Finding, lines: &FileLines) -> Option<usize> {
    let Finding { run, violation, .. } = finding;
    let program = Program::new(&plan.sources[run.source].scenario);
    if violation.what == Violated::Expectation {
        let is_about = |name: &String| {
            let mut steps =
                program.actors().filter(|a| program.actor_name(*a) == name).flat_map(|actor| {
                    let returning = program.lanes[actor.0 as usize].returning.len() as u32;
                    (0..returning).map(move |at| (actor, at))
                });
            steps.any(|(actor, at)| {
                violation.message.starts_with(&format!("{} ", program.step_name(actor, at)))
            })
        };
        return lines.codes.iter().find(|(name, _)| is_about(name)).map(|(_, line)| *line);
    }
    let schedule =
        violation.schedule.as_ref().filter(|_| violation.granularity == Granularity::Step)?;
    let fault = violation.what.machine_fault(plan.options.fault);
    let trace = trace::replay(&program, run.reading, fault, schedule).ok()?;
    let last = trace.steps.last()?;
    let actor = match violation.what {
        Violated::Stuck => last.blocked.first().map(|(actor, _)| *actor)?,
        _ => last.choice.actor()?,
    };
    let before = match (violation.what, trace.steps.len()) {
        (Violated::Stuck, _) => &last.world,
        (_, 1) => &trace.start,
        (_, steps) => &trace.steps[steps - 2].world,
    };
    let instruction =
        program.lanes[actor.0 as usize].instructions.get(before.actor(actor).at as usize)?;
    lines.steps.get(actor.0 as usize)?.get(instruction.step).copied()
}
