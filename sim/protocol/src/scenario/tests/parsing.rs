//! Tests of the meaning of good files.

use calloff_model::{Cancelable, Code, Reading, Waiter, Window};

use super::super::{ExpectedVerdict, Millis, Mistake, Position, Step, Target, TimePolicy};
use super::{EXAMPLE, parse, titles, with_steps};

fn steps_of(steps: &str) -> Vec<Step> {
    let scenario = parse(&with_steps(steps)).unwrap_or_else(|errors| panic!("{errors}"));
    scenario.actors[0].steps.clone()
}

#[test]
fn the_documented_example_means_what_it_says() {
    let scenario = parse(EXAMPLE).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(scenario.name, "cancel-meets-reply");
    assert_eq!(scenario.time, TimePolicy::Free);
    let names: Vec<&str> = scenario.actors.iter().map(|actor| actor.name.as_str()).collect();
    assert_eq!(names, ["caller", "server", "canceller"]);
    assert_eq!(scenario.actors[1].steps[2], Step::Work(Millis::seconds(2)));
    assert_eq!(scenario.expect.verdict, ExpectedVerdict::Holds);
    let last = Reading { cancelable: Cancelable::AtRequest, waiter: Waiter::Caller };
    assert_eq!(scenario.expect.readings, [Reading::ALL[0], Reading::ALL[1], last]);
    assert_eq!(scenario.expect.codes[0].actor, "canceller");
    assert_eq!(scenario.expect.codes[0].steps[0].len(), 4);
}

#[test]
fn a_file_without_expectations_must_hold_under_all_readings() {
    let scenario = parse(&with_steps("")).expect("an actor may do nothing");
    assert_eq!(scenario.expect.readings, Reading::ALL);
    assert_eq!(scenario.expect.verdict, ExpectedVerdict::Holds);
    assert_eq!(scenario.summary, "");
    assert_eq!(scenario.actors[0].depth, 0);
}

#[test]
fn all_ones_and_the_word_are_the_same_infinite_window() {
    let cancel = |seconds: &str| {
        let step = format!("{{ cancel = {{ thread = \"b\", seconds = {seconds} }} }}");
        steps_of(&step).remove(0)
    };
    let with = |window| Step::Cancel { target: Target::Thread("b".to_owned()), window };
    assert_eq!(cancel("\"infinite\""), with(Window::Infinite));
    assert_eq!(cancel("4294967295"), with(Window::Infinite));
    assert_eq!(cancel("0xFFFF_FFFF"), with(Window::Infinite));
    assert_eq!(cancel("4294967294"), with(Window::Seconds(u32::MAX - 1)));
    assert_eq!(cancel("0x10"), with(Window::Seconds(16)));
    assert_eq!(cancel("-0"), with(Window::Seconds(0)));
}

#[test]
fn sleep_and_depth_go_up_to_all_ones() {
    assert_eq!(steps_of("{ sleep = 4294967295 }"), [Step::Sleep(Millis::seconds(u32::MAX))]);
    assert_eq!(titles(&with_steps("{ sleep = 4294967296 }")), ["the number is too large"]);
    let deep = with_steps("").replacen("steps", "depth = 4294967295\nsteps", 1);
    assert_eq!(parse(&deep).expect("it is in range").actors[0].depth, u32::MAX);
}

#[test]
fn a_code_has_a_name_two_names_or_digits() {
    let reply = |code: &str| {
        let steps = format!("{{ dispatch = \"other\" }}, {{ reply = \"{code}\" }}");
        steps_of(&steps).remove(1)
    };
    assert_eq!(reply("RPC_S_CALL_CANCELED"), Step::Reply(Code::RPC_E_CALL_CANCELED));
    assert_eq!(reply("0xdeadbeef"), Step::Reply(Code(0xdead_beef)));
}

#[test]
fn keys_may_be_dotted_or_spread_over_tables() {
    let inline = parse(EXAMPLE).expect("the example is good");
    let steps = EXAMPLE.replace("{ cancel = { thread = \"caller\", seconds = 1 } }", {
        "{ cancel.thread = \"caller\", cancel.seconds = 1 }"
    });
    assert_ne!(steps, EXAMPLE);
    assert_eq!(parse(&steps).expect("dotted keys are TOML"), inline);
}

#[test]
fn a_byte_order_mark_is_passed_over() {
    let file = format!("\u{feff}{EXAMPLE}");
    assert!(parse(&file).is_ok());
}

#[test]
fn expected_codes_keep_the_order_of_the_file() {
    let file = with_steps("\"enable\"") + "[expect.codes]\nb = []\na = [[\"S_OK\"]]\n";
    let scenario = parse(&file).unwrap_or_else(|errors| panic!("{errors}"));
    let actors: Vec<&str> =
        scenario.expect.codes.iter().map(|codes| codes.actor.as_str()).collect();
    assert_eq!(actors, ["b", "a"]);
}

#[test]
fn a_mistake_is_reported_at_its_line_and_column() {
    let errors = parse(&with_steps("\"enabel\"")).expect_err("it is misspelt");
    let message = "unknown step `enabel`: no such step; did you mean `enable`?".to_owned();
    let position = Some(Position { line: 5, column: 10 });
    assert_eq!(errors.mistakes(), [Mistake { file: "test.toml".to_owned(), position, message }]);
    assert_eq!(errors.total(), 1);
}

#[test]
fn a_newer_schema_is_the_only_thing_said() {
    let needs = ["the file needs a newer calloff"];
    assert_eq!(titles("schema = 2\nloops = [\n"), needs);
    assert_eq!(titles("schema = 99999999999999999999999999999999999999999999\n"), needs);
    assert_ne!(titles("schema = -2\nname = \"n\"\n"), needs);
}

#[test]
fn what_had_to_be_left_out_is_not_missed_elsewhere() {
    let steps =
        "{ isue = \"c\" }, { await = \"c\" }, { dispach = \"other\" }, { reply = \"S_OK\" }";
    assert_eq!(titles(&with_steps(steps)), ["unknown step `isue`", "unknown step `dispach`"]);
    let nameless = with_steps("{ cancel = { thread = \"c\", seconds = 1 } }")
        .replace("name = \"b\"", "nam = \"c\"");
    assert_eq!(titles(&nameless), ["unknown key `nam`"]);
}

#[test]
fn colours_are_in_the_coloured_text_only() {
    let errors = parse("schema = 1").expect_err("there is no name");
    assert!(errors.to_colored().contains("\u{1b}["));
    assert!(!errors.to_plain().contains('\u{1b}'));
    assert_eq!(errors.to_string(), errors.to_plain());
}
