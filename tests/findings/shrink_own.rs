//! Findings in a file's own expectations shrink, too: a code that it does not expect, and somebody
//! who is stuck.

use calloff_protocol::exploration::{Engine, Stop};
use calloff_protocol::judge::Violated;
use calloff_protocol::scenario::{Actor, Step};
use calloff_sim::check;
use calloff_sim::shrink::{self, Cost, NotShown, ShrinkInput, Shrunk, shrink};
use calloff_tests::{options, parse};

/// Shrinks the first finding in a file of one's own.
fn shrunk_own(text: &str) -> Result<Shrunk, NotShown> {
    let scenario = parse(text);
    let options = options(&[Engine::Protocol], None);
    let reading = scenario.expect.readings[0];
    let runs = check::check(0, &scenario, reading, &options, &Stop::default());
    let finding = ShrinkInput::first(&scenario, ShrinkInput::among(&runs), None);
    let finding = finding.expect("something is not as the file expects");
    let limits = shrink::Limits::default();
    shrink(&finding, &options, &limits, &Stop::default(), &|_| ())
}

fn actors(shrunk: &Shrunk) -> Vec<&str> {
    shrunk.scenario.actors.iter().map(|actor| actor.name.as_str()).collect()
}

/// A race, with an actor that has nothing to do with it.
const WITH_A_BYSTANDER: &str = r#"
schema = 1
name = "race"

[[actor]]
name = "caller"
depth = 1
steps = ["enable", { call = "work" }, "disable"]

[[actor]]
name = "server"
steps = [{ dispatch = "work" }, "test_cancel", { reply = "S_FALSE" }]

[[actor]]
name = "canceller"
steps = [{ cancel = { thread = "caller", seconds = 1 } }]

[[actor]]
name = "bystander"
steps = [{ sleep = 1 }, "enable"]
"#;

#[test]
fn a_code_that_a_file_does_not_expect_shrinks_to_what_it_takes() {
    let expects = "[expect.codes]\ncaller = [[\"S_OK\"], [\"S_FALSE\"], [\"S_OK\"]]\n";
    let shrunk = shrunk_own(&format!("{WITH_A_BYSTANDER}\n{expects}")).expect("it is shown");
    let actors = actors(&shrunk);
    assert!(actors.contains(&"caller") && !actors.contains(&"bystander"), "{actors:?}");
    // The call can still complete: the race is left.
    let replies = |actor: &Actor| actor.steps.iter().any(|s| matches!(s, Step::Reply(_)));
    assert!(shrunk.scenario.actors.iter().any(replies), "{}", shrunk.scenario.to_toml());
    assert!(Cost::of(&shrunk.scenario).steps < 7, "{}", shrunk.scenario.to_toml());
    let [violation] = shrunk.run.violations.as_slice() else { panic!("one violation") };
    assert!(violation.message.contains("can return RPC_E_CALL_CANCELED"), "{}", violation.message);
    // Its file shows the same to whoever checks it.
    let options = options(&[Engine::Protocol], None);
    let reading = shrunk.scenario.expect.readings[0];
    let runs = check::check(0, &shrunk.scenario, reading, &options, &Stop::default());
    assert_eq!(runs[0].violations.len(), 1);
    assert_eq!(runs[0].violations[0].message, violation.message);
}

#[test]
fn who_is_stuck_shrinks_to_what_it_takes() {
    let text = WITH_A_BYSTANDER.replace("seconds = 1 }", "seconds = \"infinite\" }");
    let text = text.replace("{ reply = \"S_FALSE\" }", "{ call = \"never\" }");
    let shrunk = shrunk_own(&text).expect("it is shown");
    assert!(!actors(&shrunk).contains(&"bystander"), "{}", shrunk.scenario.to_toml());
    assert_eq!(shrunk.run.violations[0].what, Violated::Stuck);
}

#[test]
fn what_never_comes_is_shown_by_nothing_smaller() {
    let expects = "[expect.codes]\nserver = [[\"RPC_S_CALLPENDING\", \"RPC_E_CALL_CANCELED\", \
                   \"S_OK\"]]\n";
    let shrunk = shrunk_own(&format!("{WITH_A_BYSTANDER}\n{expects}"));
    assert_eq!(shrunk.map(|_| ()), Err(NotShown));
}
