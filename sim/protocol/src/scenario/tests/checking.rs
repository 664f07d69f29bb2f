//! Tests of the checks on a whole scenario, including scenarios that no file can express.

use calloff_model::{Reading, Window};

use super::super::validate::{Fault, Field, Location, Problem, validate};
use super::super::{Expect, ExpectedCodes, ExpectedVerdict, Scenario, Step, Target, Waiting};
use super::{of_actors, titles, with_steps};

fn scenario(steps: Vec<Step>) -> Scenario {
    of_actors([("a", steps)])
}

fn faults(scenario: &Scenario) -> Vec<Fault> {
    validate(scenario).into_iter().map(|problem| problem.fault).collect()
}

#[test]
fn a_problem_says_where_it_is_and_what_it_is_about() {
    let call = || "c".to_owned();
    let problems =
        validate(&scenario(vec![Step::Issue(call()), Step::Call(Waiting::plain(call()))]));
    let at = |step| Location::Step { actor: 0, step, field: Field::Call };
    let fault = Fault::IssuedTwice { call: call() };
    assert_eq!(problems, [Problem { location: at(1), fault, related: Some(at(0)) }]);
}

#[test]
fn dispatches_nest_and_each_reply_ends_the_innermost() {
    let two = "{ issue = \"c\" }, { dispatch = \"other\" }, { dispatch = \"c\" }, ";
    let reply = "{ reply = \"S_OK\" }";
    assert!(titles(&with_steps(&format!("{two}{reply}, {reply}"))).is_empty());
    let three = titles(&with_steps(&format!("{two}{reply}, {reply}, {reply}")));
    assert_eq!(three, ["reply without dispatch"]);
}

#[test]
fn test_cancel_may_come_while_nothing_is_served() {
    assert!(titles(&with_steps("\"test_cancel\"")).is_empty());
}

#[test]
fn a_call_may_stay_unawaited_and_undispatched() {
    assert!(titles(&with_steps("{ issue = \"c\" }")).is_empty());
}

#[test]
fn a_call_step_awaits_what_it_issues() {
    let steps = "{ call = \"c\" }, { await = \"c\" }";
    assert_eq!(titles(&with_steps(steps)), ["call `c` is awaited twice"]);
}

#[test]
fn an_object_may_be_got_again_and_used_after() {
    let got = "{ get_cancel_object = { thread = \"b\", as = \"o\" } }";
    let used = "{ test_cancel = { object = \"o\" } }";
    assert!(titles(&with_steps(&format!("{got}, {used}, {got}, {used}"))).is_empty());
}

#[test]
fn code_made_scenarios_are_held_to_what_files_cannot_say() {
    let target = Target::Thread("a".to_owned());
    let window = Window::Seconds(u32::MAX);
    let too_long = scenario(vec![Step::Cancel { target, window }]);
    assert_eq!(faults(&too_long), [Fault::WindowTooLong]);

    let mut twice = scenario(Vec::new());
    let codes = ExpectedCodes { actor: "a".to_owned(), steps: Vec::new() };
    twice.expect.codes = vec![codes.clone(), codes];
    assert_eq!(faults(&twice), [Fault::CodesTwice { actor: "a".to_owned() }]);

    let mut empty = scenario(Vec::new());
    empty.expect.readings.clear();
    assert_eq!(faults(&empty), [Fault::NoReadings]);
    empty.expect.readings = vec![Reading::ALL[2]; 2];
    assert_eq!(faults(&empty), [Fault::ReadingTwice { reading: Reading::ALL[2] }]);

    empty.actors.clear();
    empty.expect = Expect::default();
    assert_eq!(faults(&empty), [Fault::NoActors]);
}

#[test]
fn only_a_clause_that_can_be_violated_is_expected_to_be() {
    let mut violated = scenario(Vec::new());
    for (clause, is_good) in [
        ("K1", true),
        ("K21", true),
        ("K22", false),
        ("K20", false),
        ("K99", false),
        ("K", false),
        ("K0", false),
        ("K06", false),
        ("k6", false),
        ("K6 ", false),
        ("K٣", false),
        ("", false),
    ] {
        violated.expect.verdict = ExpectedVerdict::Violated { clause: clause.to_owned() };
        assert_eq!(validate(&violated).is_empty(), is_good, "{clause:?}");
    }
}

#[test]
fn names_are_checked_where_they_are_given() {
    let mut nameless = scenario(vec![Step::Issue(String::new()), Step::Issue("a\u{7f}".into())]);
    nameless.name = "two\nlines".to_owned();
    let hidden = |name: &str, position, character| {
        let name = name.to_owned();
        Fault::HiddenInName { name, character, position }
    };
    let expected =
        [hidden("two\nlines", 4, '\n'), Fault::EmptyName, hidden("a\u{7f}", 2, '\u{7f}')];
    assert_eq!(faults(&nameless), expected);
}
