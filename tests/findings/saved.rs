//! Every finding of an engine can be reproduced from its file: by an execution if there is one,
//! otherwise by exploring.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use calloff_tests::binary;
use serde_json::Value;

/// A scenario with one call; each test adds the expected codes of its caller.
const SCENARIO: &str = r#"
schema = 1
name = "one-call"

[[actor]]
name = "caller"
steps = [{ call = "work" }]

[[actor]]
name = "server"
steps = [{ dispatch = "work" }, { reply = "S_FALSE" }]
"#;

/// A new folder for each test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let name = format!("calloff-saved-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).expect("a folder");
        Folder(folder)
    }

    /// Checks the scenario under one reading; returns the files of the findings, each one once.
    fn check(&self, text: &str, flags: &[&str]) -> Vec<PathBuf> {
        let (file, found) = (self.0.join("one-call.toml"), self.0.join("found"));
        fs::write(&file, text).expect("written");
        let mut command = Command::new(binary());
        command.arg("check").arg(file).arg("--save").arg(found).args(flags);
        command.args(["--cancelable", "at-issue", "--waiter", "canceller", "--format", "json"]);
        let output = command.output().expect("it runs");
        let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let runs = report["runs"].as_array().expect("runs");
        let all = runs.iter().flat_map(|run| run["violations"].as_array().expect("violations"));
        let path = |violation: &Value| {
            PathBuf::from(violation["counterexample"].as_str().expect("everything is saved"))
        };
        let mut paths: Vec<PathBuf> = all.map(path).collect();
        paths.sort();
        paths.dedup();
        paths
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).expect("a file")).expect("JSON")
}

fn calloff(command: &str, path: &Path) -> (Option<i32>, String) {
    let mut calloff = Command::new(binary());
    let output = calloff.arg(command).arg(path).env("NO_COLOR", "1").output().expect("it runs");
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).expect("text"))
}

/// The only path in the list.
fn only(paths: &[PathBuf]) -> &Path {
    let [path] = paths else { panic!("{paths:?}") };
    path
}

#[test]
fn what_loom_alone_sees_is_seen_again_by_loom_and_not_without_the_bug() {
    let folder = Folder::new("loom");
    let flags = ["--engine", "protocol", "--engine", "loom", "--fault", "result-read-unlocked"];
    let found = folder.check(SCENARIO, &flags);
    let path = only(&found);
    let mut file = json(path);
    assert_eq!((&file["engine"], &file["granularity"]), (&"loom".into(), &"finished-step".into()));
    assert_eq!(file["exploration"]["executions_max"], 20_000);
    let (code, text) = calloff("replay", path);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("loom ran ") && text.contains("✓ seen again: cross-check"), "{text}");
    assert!(text.contains("✓ without the bug: not seen"), "{text}");
    // Without the bug there is nothing to see, and nothing to keep.
    file["fault"] = Value::Null;
    fs::write(path, file.to_string()).expect("written");
    let (code, text) = calloff("replay", path);
    assert_eq!(code, Some(5), "{text}");
    assert!(text.contains("✗ not seen: cross-check"), "{text}");
    let (code, text) = calloff("keep", path);
    assert_eq!(code, Some(2), "{text}");
}

#[test]
fn what_loom_sees_as_others_do_is_saved_with_an_execution_of_theirs() {
    let folder = Folder::new("execution");
    // loom dies of a deadlock on locks.
    for fault in ["reply-not-notified", "lock-held-while-waiting"] {
        let flags = ["--engine", "protocol", "--engine", "loom", "--fault", fault];
        let found = folder.check(SCENARIO, &flags);
        assert!(!found.is_empty(), "{fault}");
        for path in found {
            let file = json(&path);
            assert_eq!(
                (&file["engine"], &file["exploration"]),
                (&"exhaustive".into(), &Value::Null)
            );
            let (code, text) = calloff("replay", &path);
            assert_eq!(code, Some(0), "{text}");
        }
    }
}

#[test]
fn a_code_that_never_comes_is_seen_not_to_come_again() {
    let folder = Folder::new("code");
    let text = format!("{SCENARIO}\n[expect.codes]\ncaller = [[\"S_FALSE\", \"E_FAIL\"]]\n");
    let found = folder.check(&text, &["--engine", "protocol"]);
    let (code, text) = calloff("replay", only(&found));
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains("seen again: expect: step 1 of `caller` (call work) never returns E_FAIL"),
        "{text}"
    );
    let mut file = json(only(&found));
    let scenario = file["scenario"].as_str().expect("text").replace("S_FALSE\" }", "E_FAIL\" }");
    file["scenario"] = scenario.into();
    fs::write(only(&found), file.to_string()).expect("written");
    let (code, text) = calloff("replay", only(&found));
    assert_eq!(code, Some(5), "{text}");
}

#[test]
fn what_real_threads_did_is_saved_with_an_execution_of_the_machine() {
    let folder = Folder::new("std");
    let text = format!("{SCENARIO}\n[expect.codes]\ncaller = [[\"S_OK\"]]\n");
    let found = folder.check(&text, &["--engine", "std"]);
    assert_eq!(json(only(&found))["engine"], "protocol");
    let (code, text) = calloff("replay", only(&found));
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains("seen again: expect: step 1 of `caller` (call work) can return S_FALSE"),
        "{text}"
    );
    // If no interleaving has it, real threads have to do it again. If they do not, the report says
    // so, and that this means little.
    let mut file = json(only(&found));
    file["engine"] = "std".into();
    file["schedule"] = Value::Array(Vec::new());
    let extent = r#"{ "seed": 0, "states_max": 9, "executions_max": 2, "preemptions_max": 0 }"#;
    file["exploration"] = serde_json::from_str(extent).expect("JSON");
    fs::write(only(&found), file.to_string()).expect("written");
    let (code, text) = calloff("replay", only(&found));
    assert_eq!(code, Some(0), "{text}");
    assert!(text.starts_with("std found it; protocol has an execution of it"), "{text}");
    file["violated"] = serde_json::json!({ "clause": "panic", "message": "it happened once" });
    fs::write(only(&found), file.to_string()).expect("written");
    let (code, text) = calloff("replay", only(&found));
    assert_eq!(code, Some(5), "{text}");
    assert!(text.contains("std ran 2 executions") && text.contains("these are samples"), "{text}");
}
