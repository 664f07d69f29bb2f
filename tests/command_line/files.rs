//! Which files are read, and what is said about those that are not scenarios.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, process};

use calloff_tests::{binary, project_file};

fn folder(name: &str) -> PathBuf {
    let folder = env::temp_dir().join(format!("calloff-files-{}-{name}", process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn put(folder: &Path, from: &str, name: &str) {
    fs::copy(project_file(from), folder.join(name)).expect("a copy");
}

/// The exit code, standard output and standard error.
fn calloff(args: &[&str], folder: &Path) -> (Option<i32>, String, String) {
    let mut command = Command::new(binary());
    let output = command.args(args).current_dir(folder).output().expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

const FINDING: &str = "tests/cmd/replay.in/finding.json";
const RACE: &str = "tests/cmd/check.in/my-race.toml";
const BAD: &str = "tests/bad/unknown-actor.toml";

#[test]
fn a_counterexample_in_place_of_a_scenario_is_told_what_takes_it() {
    let folder = folder("counterexample");
    put(&folder, FINDING, "finding.json");
    for command in ["check", "explain", "list", "step"] {
        let (code, _, told) = calloff(&[command, "finding.json"], &folder);
        assert_eq!(code, Some(4), "{command}");
        assert!(told.contains("`calloff replay finding.json` runs it"), "{command}: {told}");
        assert_eq!(told.matches("error").count(), 1, "{told}");
    }
    let (code, _, told) = calloff(&["check", "."], &folder);
    assert_eq!(code, Some(4));
    assert!(told.contains("`calloff replay ./finding.json`"), "{told}");
}

#[test]
fn other_toml_files_in_a_folder_are_no_scenarios() {
    let folder = folder("others");
    fs::write(folder.join("pyproject.toml"), "[project]\nname = \"x\"\n").expect("a file");
    let (code, _, told) = calloff(&["check", "."], &folder);
    assert_eq!(code, Some(4));
    assert!(told.contains("none of its .toml files"), "{told}");
    put(&folder, RACE, "my-race.toml");
    let (code, listed, _) = calloff(&["list", "."], &folder);
    assert_eq!(code, Some(0));
    assert!(listed.ends_with("\n1 scenario\n"), "{listed}");
    // A file that is named is read, whatever it is.
    assert_eq!(calloff(&["list", "pyproject.toml"], &folder).0, Some(4));
}

#[test]
fn one_bad_file_does_not_hide_the_good_ones_from_a_list() {
    let folder = folder("bad");
    put(&folder, RACE, "my-race.toml");
    put(&folder, BAD, "bad.toml");
    let (code, listed, told) = calloff(&["list", "."], &folder);
    assert_eq!(code, Some(4));
    assert!(listed.contains("my-race.toml"), "{listed}");
    assert!(told.contains("bad.toml"), "{told}");
}
