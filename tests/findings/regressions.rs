//! Regressions: each one holds and still shows the bug that it was kept for; if one does not,
//! `check` reports it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use calloff_protocol::faults::Seeded;
use calloff_protocol::finding::Counterexample;
use calloff_sim::replay::keep::counterexample_of;
use calloff_tests::{binary, project_file};
use serde_json::Value;

const FOLDER: &str = "scenarios/regressions";

/// Every regression: its scenario file, and the counterexample that this file names.
fn regressions() -> Vec<(PathBuf, PathBuf)> {
    let files = fs::read_dir(project_file(FOLDER)).expect("a folder");
    let files = files.map(|entry| entry.expect("an entry").path());
    let mut scenarios: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|e| e == "toml")).collect();
    scenarios.sort();
    let pair = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("text");
        let name = counterexample_of(&text).unwrap_or_else(|| panic!("{path:?} names none"));
        let json = path.with_file_name(name);
        (path, json)
    };
    scenarios.into_iter().map(pair).collect()
}

/// What `check` reports as wrong with the file, with the machine only.
fn complaints(path: &Path) -> Vec<String> {
    let mut command = Command::new(binary());
    command.arg("check").arg(path).args(["--engine", "protocol", "--format", "json"]);
    let output = command.output().expect("it runs");
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let runs = report["runs"].as_array().expect("runs");
    let all = runs.iter().flat_map(|run| run["violations"].as_array().expect("violations"));
    let text = |violation: &Value| {
        assert_eq!(violation["clause"], "expect");
        violation["message"].as_str().expect("text").to_owned()
    };
    let complaints: Vec<String> = all.map(text).collect();
    assert_eq!(output.status.code(), Some(i32::from(!complaints.is_empty())));
    complaints
}

#[test]
fn every_regression_holds_and_goes_on_to_show_the_bug_that_it_was_kept_for() {
    assert_eq!(complaints(&project_file(FOLDER)), Vec::<String>::new());
    let (mut machine, mut shell) = (0, 0);
    for (scenario, json) in regressions() {
        let bytes = fs::read(&json).unwrap_or_else(|error| panic!("{json:?}: {error}"));
        let finding = Counterexample::parse(&bytes).unwrap_or_else(|bad| panic!("{json:?}: {bad}"));
        match finding.fault {
            Some(Seeded::Machine(_)) => machine += 1,
            Some(Seeded::Shell(_)) => shell += 1,
            None => panic!("{scenario:?} was kept for no bug"),
        }
    }
    assert!(machine >= 4 && shell >= 2, "{machine} of the machine, {shell} of the shell");
}

/// What `check` reports after this change of the regression's files, which are given as text.
fn once_changed(name: &str, change: impl Fn(&mut String, &mut Option<String>)) -> Vec<String> {
    let folder = std::env::temp_dir().join(format!("calloff-spoiled-{}", std::process::id()));
    let folder = folder.join(name);
    fs::create_dir_all(&folder).expect("a folder");
    let original = project_file(FOLDER).join("reply-and-expiry-at-once.toml");
    let mut toml = fs::read_to_string(&original).expect("text");
    let mut json = fs::read_to_string(original.with_extension("json")).ok();
    change(&mut toml, &mut json);
    let file = folder.join("reply-and-expiry-at-once.toml");
    fs::write(&file, toml).expect("written");
    if let Some(json) = json {
        fs::write(file.with_extension("json"), json).expect("written");
    }
    let complaints = complaints(&file);
    fs::remove_dir_all(&folder).expect("removed");
    complaints
}

/// Changes the counterexample.
fn edit(json: &mut Option<String>, change: impl Fn(&mut Value)) {
    let mut value = serde_json::from_str(json.as_deref().expect("text")).expect("JSON");
    change(&mut value);
    *json = Some(value.to_string());
}

/// Changes the schedule of the counterexample.
fn reschedule(json: &mut Option<String>, change: impl Fn(&mut Vec<Value>)) {
    edit(json, |value| change(value["schedule"].as_array_mut().expect("a list")));
}

#[test]
fn a_regression_that_does_not_show_its_bug_any_more_is_a_violation_that_says_what_to_do() {
    let one = |name, change: &dyn Fn(&mut String, &mut Option<String>)| {
        let complaints = once_changed(name, change);
        let [complaint] = &complaints[..] else { panic!("{name}: {complaints:?}") };
        complaint.clone()
    };
    assert_eq!(once_changed("nothing", |_, _| ()), Vec::<String>::new());
    let shorter = one("shorter", &|_, json| {
        reschedule(json, |schedule| _ = schedule.pop());
    });
    let way_out = "Find the race again (`calloff fuzz --fault reply-loses-to-expiry`) and keep it \
                   anew, or delete the file";
    assert!(shorter.contains("does not show K6 any more"), "{shorter}");
    assert!(shorter.contains("it stops where more can happen, and nothing of"), "{shorter}");
    assert!(shorter.ends_with(way_out), "{shorter}");
    let impossible = one("impossible", &|_, json| {
        reschedule(json, |schedule| schedule.insert(0, "clock".into()));
    });
    assert!(impossible.contains("the schedule says `clock`; enabled to step: "), "{impossible}");
    let other = one("other", &|_, json| edit(json, |v| v["fault"] = "result-flattened".into()));
    assert!(other.contains("under the seeded bug result-flattened"), "{other}");
    let renamed = one("renamed", &|toml, _| {
        *toml = toml.replace("\"caller\"", "\"client\"").replace("\ncaller =", "\nclient =")
    });
    assert!(renamed.contains("no actor is called `caller`"), "{renamed}");
    let gone = one("gone", &|_, json| *json = None);
    assert!(gone.contains("its counterexample `reply-and-expiry-at-once.json`: "), "{gone}");
    let bad = one("bad", &|_, json| edit(json, |v| v["fault"] = "no-such-bug".into()));
    assert!(bad.contains("there is no seeded bug \"no-such-bug\""), "{bad}");
    let outside = one("outside", &|toml, _| {
        *toml = toml.replace("counterexample: ", "counterexample: ../");
    });
    assert!(outside.contains("not the name of a file next to it"), "{outside}");
}
