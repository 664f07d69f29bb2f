//! Reproduces a finding that has a schedule: on the machine, and on the implementation.

use std::sync::Arc;

use calloff_model::Reading;

use super::{Claim, Counterexample};
use crate::check::{self, Violated};
use crate::engine::follow::{Followed, Script};
use crate::engine::{Bound, Exploration, Granularity, Limits, Outcome, Scope, Stop, protocol};
use crate::faults::{Seeded, run as running};
use crate::program::Program;
use crate::trace::{self, NotEnabled, Schedule, Trace};
use crate::world::{Choice, World};

/// The result of running a counterexample again.
pub struct Replay {
    /// The program of the scenario.
    pub program: Arc<Program>,
    /// The machine's steps, as far as they were possible; `None` if the schedule is not one of the
    /// machine.
    pub trace: Option<Trace>,
    /// The choice that was not possible on the machine.
    pub refused: Option<Refusal>,
    /// The schedule on the implementation: the one with the seeded bug, or the real monitor. `None`
    /// if the machine did not get to the end.
    pub followed: Option<Followed>,
    /// Whether the claimed violation was seen again; `None` if the file claims nothing.
    pub is_seen_again: Option<bool>,
    /// Whether the same schedule shows the violation without the seeded bug; `None` if there is no
    /// bug.
    pub is_seen_without_fault: Option<bool>,
    /// Whether the implementation must do what the machine does: neither contains a seeded bug.
    pub must_follow: bool,
}

/// A choice that was not possible on the machine, and the choices that were.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The choice, and the reason.
    pub choice: NotEnabled,
    /// The choices that were possible there.
    pub enabled: Vec<Choice>,
}

impl Replay {
    /// Whether the machine or the implementation failed to follow the schedule although it must.
    pub fn has_diverged(&self) -> bool {
        let departs = self.followed.as_ref().is_some_and(|f| f.divergence.is_some());
        self.refused.is_some() || (departs && (self.must_follow || self.trace.is_none()))
    }
}

/// Runs the counterexample again.
pub fn replay(finding: &Counterexample, stop: &Stop) -> Replay {
    let mut replay = run(finding, stop);
    if finding.fault.is_some() {
        let without = Counterexample { fault: None, ..finding.clone() };
        replay.is_seen_without_fault = run(&without, stop).is_seen_again;
    }
    replay
}

fn run(finding: &Counterexample, stop: &Stop) -> Replay {
    let program = Arc::new(finding.program());
    match finding.granularity {
        Granularity::Step => on_the_machine(finding, program, stop),
        _ => on_the_implementation(finding, program, stop),
    }
}

fn on_the_machine(finding: &Counterexample, program: Arc<Program>, stop: &Stop) -> Replay {
    let what = finding.claim.as_ref().map(|claim| claim.what);
    let fault = match what {
        Some(what) => what.machine_fault(finding.fault),
        None => finding.fault.and_then(Seeded::machine),
    };
    let run = |schedule: &Schedule| trace::replay(&program, finding.reading, fault, schedule);
    let mut replay = Replay {
        trace: None,
        refused: None,
        followed: None,
        is_seen_again: finding.claim.as_ref().map(|_| false),
        is_seen_without_fault: None,
        must_follow: finding.fault.is_none(),
        program: program.clone(),
    };
    match run(&finding.schedule) {
        Err(choice) => {
            let before = Schedule(finding.schedule.0[..choice.position].to_vec());
            let trace = run(&before).expect("what comes before is possible");
            let world = trace.steps.last().map_or(&trace.start, |step| &step.world);
            replay.refused = Some(Refusal { choice, enabled: enabled(&program, world) });
            replay.trace = Some(trace);
        }
        Ok(trace) => {
            let followed = implementation(finding, &program, &Script::Steps(trace.clone()));
            let shows = |claim: &Claim| match claim.what {
                Violated::Clause(clause) => {
                    trace.broken(&program).iter().any(|broken| broken.clause == clause)
                }
                Violated::Stuck => {
                    trace.steps.last().is_some_and(|s| s.is_at_rest && !s.blocked.is_empty())
                }
                Violated::Expectation => is_unexpected(finding, &program, &trace.outcome(&program)),
                Violated::CrossCheck => {
                    is_missing(&explored(finding, &program, stop), &trace.outcome(&program))
                }
                Violated::Panic => !followed.panics.is_empty(),
                // Two executions are needed to see a divergence.
                Violated::Divergence => false,
            };
            replay.is_seen_again = finding.claim.as_ref().map(shows);
            replay.followed = Some(followed);
            replay.trace = Some(trace);
        }
    }
    replay
}

fn on_the_implementation(finding: &Counterexample, program: Arc<Program>, stop: &Stop) -> Replay {
    let followed = implementation(finding, &program, &script(finding));
    let is_whole = followed.divergence.is_none();
    let shows = |claim: &Claim| match claim.what {
        Violated::Stuck => followed.is_end && !followed.outcome.stuck.is_empty(),
        Violated::Expectation => is_unexpected(finding, &program, &followed.outcome),
        Violated::CrossCheck => {
            let limits = Limits::default();
            let machine = protocol::explore(&program, finding.reading, None, &limits, stop);
            followed.is_end && is_missing(&machine, &followed.outcome)
        }
        Violated::Panic => !followed.panics.is_empty(),
        // Clauses are judged on histories of the machine; a divergence needs two executions.
        Violated::Clause(_) | Violated::Divergence => false,
    };
    Replay {
        is_seen_again: finding.claim.as_ref().map(|claim| is_whole && shows(claim)),
        trace: None,
        refused: None,
        followed: Some(followed),
        is_seen_without_fault: None,
        must_follow: true,
        program,
    }
}

/// The script for a finding whose schedule consists of the implementation's own choices.
fn script(finding: &Counterexample) -> Script {
    Script::Operations {
        schedule: finding.schedule.clone(),
        is_careful: finding.granularity == Granularity::Operation,
    }
}

fn implementation(finding: &Counterexample, program: &Arc<Program>, script: &Script) -> Followed {
    follow_under(finding.fault, program, finding.reading, script)
}

/// Follows the script on the implementation with the seeded bug, or on the real monitor. A bug of
/// the machine is left out when the script consists of the machine's steps.
pub(crate) fn follow_under(
    fault: Option<Seeded>,
    program: &Arc<Program>,
    reading: Reading,
    script: &Script,
) -> Followed {
    let is_in_it = |fault: &Seeded| match script {
        Script::Steps(_) => fault.shell().is_some(),
        Script::Operations { .. } => true,
    };
    running::followed(fault.filter(is_in_it), program, reading, script)
}

/// The exploration of all ends of the implementation.
fn explored(finding: &Counterexample, program: &Arc<Program>, stop: &Stop) -> Exploration {
    let (fault, limits) = (finding.fault, Limits::default());
    running::exhaustive(fault, program, finding.reading, &Scope::default(), &limits, stop)
}

/// Whether the exploration proves that this end never occurs.
fn is_missing(exploration: &Exploration, outcome: &Outcome) -> bool {
    exploration.bound == Bound::Exhausted && !exploration.outcomes.contains_key(outcome)
}

/// All possible choices, the clock last.
pub(crate) fn enabled(program: &Program, world: &World) -> Vec<Choice> {
    let actors = program.actors().filter(|actor| world.attempt(program, *actor).is_ok());
    let clock = world.clone().step(program, Choice::Clock, &mut ()).ok();
    actors.map(Choice::Actor).chain(clock.map(|()| Choice::Clock)).collect()
}

/// Whether a code was returned that the file does not expect.
fn is_unexpected(finding: &Counterexample, program: &Program, outcome: &Outcome) -> bool {
    finding.scenario.expect.readings.contains(&finding.reading)
        && check::unexpected(&finding.scenario, program, outcome).next().is_some()
}
