//! Tests of where a counterexample ends: at the return that the file does not expect, and as soon
//! as `calloff witness` gets there.

use calloff_model::{Code, Reading};
use calloff_protocol::exploration::{Engine, Limits, Stop};
use calloff_protocol::goal::{By, Goal, Wanted, Which};
use calloff_protocol::judge::{Run, Violated, Violation, unexpected};
use calloff_protocol::program::{Case, Program};
use calloff_protocol::scenario::{ExpectedCodes, Scenario};
use calloff_protocol::search;
use calloff_protocol::trace::Schedule;
use calloff_protocol::world::World;
use calloff_sim::check::check;
use calloff_sim::replay::follow_violation;
use calloff_tests::options;

/// The scenario, without one of the codes that it expects of a step.
fn without(scenario: &Scenario, actor: &str, at: usize, code: Code) -> Scenario {
    let mut scenario = scenario.clone();
    let is_meant = |codes: &&mut ExpectedCodes| codes.actor == actor;
    let expected = scenario.expect.codes.iter_mut().find(is_meant).expect("expected codes");
    expected.steps[at].retain(|expected| *expected != code);
    scenario
}

fn checked(scenario: &Scenario, engines: &[Engine]) -> Vec<Run> {
    let options = options(engines, None);
    check(0, scenario, scenario.expect.readings[0], &options, &Stop::default())
}

/// The only violation of the run: a code that the file does not expect.
fn found(run: &Run) -> &Violation {
    let [violation] = run.violations.as_slice() else { panic!("{:#?}", run.violations) };
    assert_eq!(violation.what, Violated::Expectation);
    violation
}

fn length(violation: &Violation) -> usize {
    violation.schedule.as_ref().expect("a schedule").0.len()
}

/// The steps to the code, as `calloff witness` finds them.
fn witnessed(program: &Program, reading: Reading, wanted: Wanted) -> usize {
    let goal = Goal::Ends { codes: vec![wanted], stuck: Vec::new() };
    let world = World::new(program, reading, None);
    let hunt = search::find(program, world, &goal, &Limits::default(), &Stop::default());
    hunt.found.expect("it is returned").0.len()
}

/// Calls the function with each code that a step of the scenario may return and that is not its
/// only one.
fn each_code(scenario: &Scenario, mut check: impl FnMut(&Scenario, Wanted)) {
    let program = Program::new(scenario);
    for expected in &scenario.expect.codes {
        let actor = program.actors().find(|actor| program.actor_name(*actor) == expected.actor);
        let by = By::Actor(actor.expect("a known actor"));
        for (at, codes) in expected.steps.iter().enumerate().filter(|(_, codes)| codes.len() > 1) {
            for &code in codes {
                let wanted = Wanted { by, step: Which::At(at as u32), code };
                check(&without(scenario, &expected.actor, at, code), wanted);
            }
        }
    }
}

#[test]
fn a_counterexample_of_the_machine_is_as_short_as_a_witness() {
    let mut checked_codes = 0;
    for source in calloff_tests::corpus().into_iter().filter(|s| s.scenario.actors.len() < 5) {
        each_code(&source.scenario, |scenario, wanted| {
            let runs = checked(scenario, &[Engine::Protocol]);
            let program = Program::new(scenario);
            let shortest = witnessed(&program, scenario.expect.readings[0], wanted);
            assert_eq!(length(found(&runs[0])), shortest, "{}", scenario.name);
            checked_codes += 1;
        });
    }
    assert!(checked_codes > 100, "{checked_codes}");
}

#[test]
fn a_counterexample_of_the_implementation_ends_with_the_return() {
    let scenario = calloff_tests::scenario("cancel-meets-reply");
    each_code(&scenario, |scenario, _| {
        let runs = checked(scenario, &[Engine::Protocol, Engine::Exhaustive]);
        let violation = found(&runs[1]);
        let case = Case::new(scenario, scenario.expect.readings[0]);
        let schedule = violation.schedule.clone().expect("a schedule");
        let is_seen = |length: usize| {
            let schedule = Some(Schedule(schedule.0[..length].to_vec()));
            let cut = Violation { schedule, ..violation.clone() };
            let followed = follow_violation(None, &case, &cut);
            assert!(followed.divergence.is_none());
            unexpected(scenario, &case.program, &followed.outcome).next().is_some()
        };
        assert!(is_seen(schedule.0.len()), "{}", violation.message);
        assert!(!is_seen(schedule.0.len() - 1), "{} is seen before", violation.message);
    });
}

#[test]
fn a_step_has_one_name_everywhere() {
    let scenario = calloff_tests::scenario("cancel-meets-reply");
    let mut messages = Vec::new();
    each_code(&scenario, |scenario, wanted| {
        let runs = checked(scenario, &[Engine::Protocol]);
        let program = Program::new(scenario);
        let name = calloff_reports::wanted::subject(&wanted, &program);
        let message = found(&runs[0]).message.clone();
        assert!(message.starts_with(&format!("{name} can return ")), "{message}");
        messages.push(name);
    });
    messages.dedup();
    let expected = [
        "step 1 of `caller` (call work)",
        "step 2 of `server` (test_cancel)",
        "step 1 of `canceller` (cancel caller, 1 s)",
    ];
    assert_eq!(messages, expected);
}
