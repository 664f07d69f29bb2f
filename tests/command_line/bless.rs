//! `calloff check --bless`: what it writes, and what it leaves alone.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::{env, fs, process};

use calloff_tests::{binary, project_file};

/// A race whose codes are the same under each reading.
const RACE: &str = r#"schema = 1 # the only one
name   =   "race"

[[actor]]
name = "the caller"
depth = 1
steps = [{ call = "work" }]

[[actor]]
name = "server"
steps = [{ dispatch = "work" }, { reply = "S_FALSE" }]   # replies

[[actor]]
name = "canceller"
steps = [{ cancel = { thread = "the caller", seconds = 0 } }]"#;

const CODES: &str = r#"[expect.codes]
"the caller" = [["S_FALSE", "RPC_E_CALL_CANCELED"]]
canceller = [["S_OK", "E_NOINTERFACE", "RPC_E_CALL_COMPLETE"]]
"#;

fn file(name: &str, text: &str) -> PathBuf {
    let folder = env::temp_dir().join(format!("calloff-bless-{}", process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join(name);
    fs::write(&file, text).expect("a file");
    file
}

fn bless(file: &PathBuf, flags: &[&str]) -> (Output, String) {
    let mut command = Command::new(binary());
    command.args(["check", "--bless"]).arg(file).args(flags);
    let output = command.output().expect("it runs");
    (output, fs::read_to_string(file).expect("it is still there"))
}

/// Blesses a file that is to be left alone: its exit code, and what standard error says.
fn left_alone(name: &str, text: &str, flags: &[&str]) -> (Option<i32>, String) {
    let file = file(name, text);
    let (output, after) = bless(&file, flags);
    assert_eq!(after, text, "{name} was changed");
    let told = String::from_utf8_lossy(&output.stderr).replace("\n  ", " ");
    assert!(told.contains("not changed: "), "{told}");
    (output.status.code(), told)
}

#[test]
fn the_codes_are_written_behind_all_else_and_then_expected() {
    for (name, text, end) in [
        ("plain.toml", RACE.to_owned(), "\n"),
        ("expects.toml", format!("{RACE}\n\n[expect]\nverdict = \"holds\"\n"), "\n"),
        ("windows.toml", RACE.replace('\n', "\r\n"), "\r\n"),
    ] {
        let file = file(name, &text);
        let (output, after) = bless(&file, &["--engine", "protocol", "--engine", "exhaustive"]);
        assert_eq!(output.status.code(), Some(0));
        let added = after.strip_prefix(&text).expect("the rest stays, byte for byte");
        assert_eq!(added.trim_start(), CODES.replace('\n', end), "{name}");
        assert!(after.contains(&format!("{end}{end}[expect.codes]")), "{after:?}");
        // It is a scenario that holds, and that is left alone from now on.
        let (code, told) = left_alone(name, &after, &["--engine", "protocol"]);
        assert_eq!(code, Some(0));
        assert!(told.contains("names the codes that it expects already"), "{told}");
    }
}

#[test]
fn what_was_cut_short_or_does_not_hold_is_not_blessed() {
    let (code, told) =
        left_alone("short.toml", RACE, &["--engine", "protocol", "--states-max", "9"]);
    assert_eq!(code, Some(3));
    assert!(told.contains("not everything was explored"), "{told}");
    let stuck = RACE.replace(", { reply = \"S_FALSE\" }", "").replace("seconds = 0", "seconds = 1");
    let stuck = stuck.replace("cancel = { thread = \"the caller\", seconds = 1 }", "sleep = 1");
    let (code, told) = left_alone("stuck.toml", &stuck, &["--engine", "protocol"]);
    assert_eq!(code, Some(1));
    assert!(told.contains("it does not hold"), "{told}");
}

#[test]
fn only_codes_that_hold_under_all_its_readings_are_written() {
    let (code, told) =
        left_alone("one.toml", RACE, &["--engine", "protocol", "--waiter", "caller"]);
    assert_eq!(code, Some(2));
    assert!(told.contains("leave out --engine, --cancelable and --waiter"), "{told}");
    let differs = RACE.replace("depth = 1\nsteps = [", "steps = [\"enable\", ");
    let differs = differs
        .replace("seconds = 0", "seconds = 1")
        .replace("{ call = \"work\" }", "\"disable\", { call = \"work\" }, \"enable\"");
    let differs = differs.replace(
        "\"disable\", { call = \"work\" }",
        "{ issue = \"work\" }, \"disable\", { await = \"work\" }",
    );
    let (code, told) = left_alone("differs.toml", &differs, &["--engine", "protocol"]);
    assert_eq!(code, Some(2));
    assert!(told.contains("its codes depend on the reading"), "{told}");
}

#[test]
fn an_expect_in_braces_is_left_to_its_author() {
    let braces = format!("expect = {{ verdict = \"holds\" }}\n{RACE}\n");
    let (code, told) = left_alone("braces.toml", &braces, &["--engine", "protocol"]);
    assert_eq!(code, Some(2));
    assert!(told.contains("as a table of its own"), "{told}");
}

#[test]
fn a_shipped_scenario_is_no_file() {
    let output = Command::new(binary())
        .args(["check", "--bless", "cancel-meets-reply", "--engine", "protocol"])
        .current_dir(project_file("tests"))
        .output()
        .expect("it runs");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("not changed: "), "{told}");
}

#[test]
fn bless_needs_a_file_and_the_right_machine() {
    for flags in [&["--bless"][..], &["--bless", "x.toml", "--fault", "window-ignored"]] {
        let output = Command::new(binary()).arg("check").args(flags).output().expect("it runs");
        assert_eq!(output.status.code(), Some(2));
    }
}
