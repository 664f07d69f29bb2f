//! Reproduces a finding that has a schedule: on the machine, and on the implementation.

pub mod explore;
pub mod keep;
pub mod save;

use calloff_protocol::code::Code;
use calloff_protocol::exploration::{
    Bound, Exploration, Granularity, Limits, Reductions, Scope, Stop,
};
use calloff_protocol::faults::Seeded;
use calloff_protocol::finding::{Claim, Counterexample, Refusal, Replay};
use calloff_protocol::goal::Goal;
use calloff_protocol::history::Outcome;
use calloff_protocol::judge::{Violated, Violation};
use calloff_protocol::operations::{Followed, Script};
use calloff_protocol::program::{Case, Program};
use calloff_protocol::scenario::Question;
use calloff_protocol::trace::{Schedule, TraceStep};
use calloff_protocol::{judge, search, trace};

use crate::subjects::{self, Which};

/// Runs the counterexample again: on the code, if it is about somebody's own.
pub fn replay(finding: &Counterexample, code: Option<&dyn Code>, stop: &Stop) -> Replay {
    let mut replay = run(finding, code, stop);
    if finding.fault.is_some() {
        let without = Counterexample { fault: None, ..finding.clone() };
        replay.is_seen_without_fault = run(&without, code, stop).is_seen_again;
    }
    replay
}

fn run(finding: &Counterexample, code: Option<&dyn Code>, stop: &Stop) -> Replay {
    let case = Case::new(&finding.scenario, finding.reading);
    let which = Which { code, fault: finding.fault };
    match finding.granularity {
        Granularity::Step => on_the_machine(finding, which, &case, stop),
        _ => on_the_implementation(finding, which, &case, stop),
    }
}

fn on_the_machine(finding: &Counterexample, which: Which<'_>, case: &Case, stop: &Stop) -> Replay {
    let program = &case.program;
    let what = finding.claim.as_ref().map(|claim| claim.what);
    let fault = match what {
        Some(what) => what.machine_fault(finding.fault),
        None => finding.fault.and_then(Seeded::machine),
    };
    let run = |schedule: &Schedule| trace::replay(program, case.reading, fault, schedule);
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
            replay.refused = Some(Refusal { choice, enabled: world.enabled(program) });
            replay.trace = Some(trace);
        }
        Ok(trace) => {
            // The steps of a client program on code are not those of the machine.
            let followed = (!program.is_client)
                .then(|| follow_under(which, case, &Script::Steps(trace.clone())));
            let shows = |claim: &Claim| match claim.what {
                Violated::Clause(clause) => {
                    trace.broken(program).iter().any(|broken| broken.clause == clause)
                }
                Violated::Stuck | Violated::NotFinishing => {
                    let is_stuck = |s: &TraceStep| s.is_at_rest && !s.blocked.is_empty();
                    trace.steps.last().is_some_and(is_stuck) || trace.comes_back().is_some()
                }
                Violated::Never => {
                    let mut never = finding.scenario.expect.never.iter();
                    let goal = |question: &Question| Goal::of(program, question);
                    never.any(|question| {
                        goal(question).is_some_and(|g| g.is_met_on(program, &trace))
                    })
                }
                Violated::Expectation => is_unexpected(finding, program, &trace.outcome(program)),
                Violated::CrossCheck => {
                    is_missing(&explored(which, case, stop), &trace.outcome(program))
                }
                Violated::Panic => followed.as_ref().is_some_and(|f| !f.panics.is_empty()),
                // Two executions are needed to see a divergence, and all of them for a livelock.
                Violated::Divergence | Violated::Livelock | Violated::Stall => false,
                // No single execution shows it.
                Violated::Possible => false,
            };
            replay.is_seen_again = finding.claim.as_ref().map(shows);
            replay.followed = followed;
            replay.trace = Some(trace);
        }
    }
    replay
}

fn on_the_implementation(
    finding: &Counterexample,
    which: Which<'_>,
    case: &Case,
    stop: &Stop,
) -> Replay {
    let program = &case.program;
    let followed = follow_under(which, case, &script(finding));
    let is_whole = followed.divergence.is_none();
    let shows = |claim: &Claim| match claim.what {
        Violated::Stuck => followed.is_end && !followed.outcome.stuck.is_empty(),
        Violated::Expectation => is_unexpected(finding, program, &followed.outcome),
        Violated::CrossCheck => {
            let limits = Limits::default();
            let machine = search::ends(case, &limits, Reductions::default(), stop);
            followed.is_end && is_missing(&machine, &followed.outcome)
        }
        Violated::Panic => !followed.panics.is_empty(),
        // Clauses are judged on histories of the machine; a divergence needs two executions, and a
        // livelock all of them.
        Violated::Clause(_) | Violated::Divergence | Violated::Livelock | Violated::Stall => false,
        Violated::Never | Violated::Possible | Violated::NotFinishing => false,
    };
    Replay {
        is_seen_again: finding.claim.as_ref().map(|claim| is_whole && shows(claim)),
        trace: None,
        refused: None,
        followed: Some(followed),
        is_seen_without_fault: None,
        must_follow: true,
        program: program.clone(),
    }
}

/// The script for a finding whose schedule consists of the implementation's own choices.
fn script(finding: &Counterexample) -> Script {
    Script::Operations {
        schedule: finding.schedule.clone(),
        is_careful: finding.granularity == Granularity::Operation,
    }
}

/// Follows the script on the implementation that the seeded bug is in, or on the real monitor: a
/// bug of the machine is not in the implementation that takes the machine's steps.
fn follow_under(which: Which<'_>, case: &Case, script: &Script) -> Followed {
    let is_in_it = |fault: &Seeded| match script {
        Script::Steps(_) => fault.shell().is_some(),
        Script::Operations { .. } => true,
    };
    subjects::follow(Which { fault: which.fault.filter(is_in_it), ..which }, case, script)
}

/// Follows the schedule of a violation in the implementation's own choices.
pub fn follow_violation<'a>(
    which: impl Into<Which<'a>>,
    case: &Case,
    violation: &Violation,
) -> Followed {
    let script = Script::Operations {
        schedule: violation.schedule.clone().unwrap_or_default(),
        is_careful: violation.granularity == Granularity::Operation,
    };
    follow_under(which.into(), case, &script)
}

/// Everything that the implementation can end in.
fn explored(which: Which<'_>, case: &Case, stop: &Stop) -> Exploration {
    subjects::exhaustive(which, case, &Scope::default(), &Limits::default(), stop)
}

/// Whether the exploration proves that this end never occurs.
fn is_missing(exploration: &Exploration, outcome: &Outcome) -> bool {
    exploration.bound == Bound::Exhausted && !exploration.outcomes.contains_key(outcome)
}

/// Whether a code was returned that the file does not expect.
fn is_unexpected(finding: &Counterexample, program: &Program, outcome: &Outcome) -> bool {
    finding.scenario.expect.readings.contains(&finding.reading)
        && judge::unexpected(&finding.scenario, program, outcome).next().is_some()
}
