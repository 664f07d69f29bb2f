//! Tests of the format: what is written can be read again, and anything else is refused.

use super::*;

fn example() -> Counterexample {
    let text = "schema = 1\nname = \"a race\"\n\n[[actor]]\nname = \"the caller\"\n\
                steps = [\"enable\", { sleep = 1 }]\n";
    let scenario = Scenario::parse("test", text.as_bytes()).expect("a good scenario");
    let names = ["the caller", "the caller", "clock", "the caller"].map(str::to_owned);
    let schedule = Schedule::from_names(&Program::new(&scenario), &names).expect("known names");
    Counterexample {
        scenario,
        reading: Reading::default(),
        engine: Engine::Protocol,
        granularity: Granularity::Step,
        fault: crate::faults::find("complete-on-expiry"),
        claim: Some(Claim { what: Violated::Stuck, message: "\"quoted\"\n".to_owned() }),
        shown: Shown::Execution,
        schedule,
    }
}

/// The example with one key of its JSON changed.
fn changed(key: &str, value: serde_json::Value) -> String {
    let mut json: serde_json::Value = serde_json::from_str(&example().to_json()).expect("JSON");
    json[key] = value;
    json.to_string()
}

fn refusal(text: &str) -> String {
    Counterexample::parse(text.as_bytes()).expect_err("a bad file").to_string()
}

#[test]
fn what_is_written_is_read_again() {
    let mut example = example();
    assert_eq!(Counterexample::parse(example.to_json().as_bytes()).unwrap(), example);
    (example.claim, example.fault) = (None, None);
    for granularity in Granularity::REPLAYABLE {
        example.granularity = granularity;
        assert_eq!(Counterexample::parse(example.to_json().as_bytes()).unwrap(), example);
    }
}

#[test]
fn what_was_written_as_format_1_is_read() {
    let mut json: serde_json::Value = serde_json::from_str(&example().to_json()).expect("JSON");
    json["format"] = 1.into();
    json.as_object_mut().expect("an object").remove("exploration");
    assert_eq!(Counterexample::parse(json.to_string().as_bytes()).unwrap(), example());
}

#[test]
fn what_is_shown_by_exploring_says_how_far() {
    let extent = Extent { seed: u64::MAX, states_max: 1, executions_max: 2, preemptions_max: 3 };
    let shown = Shown::Exploration(extent);
    let example = Counterexample { shown, granularity: Granularity::FinishedStep, ..example() };
    assert_eq!(Counterexample::parse(example.to_json().as_bytes()).unwrap(), example);
    let json = example.to_json();
    assert!(json.contains("\"granularity\": \"finished-step\""), "{json}");
}

#[test]
fn another_version_of_the_format_is_refused_by_name_whatever_else_is_in_it() {
    let newer = "{ \"format\": 3, \"tool\": \"calloff 9.9.9\", \"lanes\": [] }";
    assert_eq!(
        refusal(newer),
        "written by a newer calloff (calloff 9.9.9): it has format 3, this one reads 1 to 2"
    );
    assert_eq!(refusal("{ \"format\": 0 }"), "there is no format 0; this calloff reads 1 to 2");
    assert!(refusal("{}").contains("not a counterexample"));
    assert!(refusal("[1]").contains("not a counterexample"));
}

#[test]
fn bad_json_and_unknown_keys_are_refused_with_their_place() {
    assert_eq!(refusal("{\n  \"format\": 1,,\n}"), "key must be a string at line 2 column 15");
    let unknown = refusal(&changed("notes", "hello".into()));
    assert!(unknown.starts_with("unknown field `notes`, expected one of `format`"), "{unknown}");
    assert!(unknown.contains("at line 1 column"), "{unknown}");
    assert!(refusal(&changed("schedule", "caller".into())).contains("expected a sequence"));
}

#[test]
fn names_that_nothing_has_are_refused() {
    for (key, value, said) in [
        ("engine", "spin", "`spin`"),
        ("granularity", "finished-step", "`finished-step`"),
        ("fault", "no-such-fault", "no-such-fault"),
        ("scenario", "schema = 1", "scenario is bad"),
    ] {
        let text = refusal(&changed(key, value.into()));
        assert!(text.contains(said), "{key}: {text}");
    }
    let text = refusal(&changed("schedule", serde_json::json!(["the caller", "nobody"])));
    assert_eq!(text, "`schedule` is `nobody`: neither an actor of the scenario nor `clock`");
    let violated = serde_json::json!({ "clause": "K99", "message": "" });
    assert!(refusal(&changed("violated", violated)).contains("K99"));
}

#[test]
fn the_schema_names_exactly_the_keys_that_are_written() {
    let schema = json_schema();
    let json: serde_json::Value = serde_json::from_str(&example().to_json()).expect("JSON");
    let keys = |value: &serde_json::Value| -> Vec<String> {
        value.as_object().expect("an object").keys().cloned().collect()
    };
    assert_eq!(keys(&schema["properties"]), keys(&json));
    assert_eq!(keys(&schema["properties"]["reading"]["properties"]), keys(&json["reading"]));
}
