//! The program as a process: closed and full pipes, signals.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

fn calloff(args: &[&str]) -> Command {
    let mut command = Command::new(calloff_tests::binary());
    command.args(args).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cmd/check.in").join(name)
}

/// Runs a check of a file with one of its outputs closed; its exit code.
fn with_closed(output: &str, name: &str, flags: &[&str]) -> Option<i32> {
    let path = file(name);
    let script = format!("exec \"$0\" \"$@\" {output}>&-");
    let mut args = vec!["check", path.to_str().expect("a plain path")];
    args.extend(flags);
    let status = Command::new("sh")
        .args(["-c", &script])
        .arg(calloff_tests::binary())
        .args(&args)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.expect("a shell").code()
}

#[test]
fn the_verdict_stands_when_nobody_listens() {
    for (name, flags, code) in [
        ("my-race.toml", &[][..], 0),
        ("stuck.toml", &[][..], 1),
        ("my-race.toml", &["--states-max", "20"][..], 3),
        ("missing.toml", &[][..], 4),
    ] {
        assert_eq!(with_closed("2", name, flags), Some(code), "{name} {flags:?}");
    }
}

#[test]
fn a_reader_who_leaves_early_does_not_change_the_exit_code() {
    for format in ["human", "json"] {
        let path = file("stuck.toml");
        let args = ["check", path.to_str().expect("a plain path"), "--format", format];
        let mut child = calloff(&args).spawn().expect("calloff runs");
        drop(child.stdout.take());
        assert_eq!(child.wait().expect("it ends").code(), Some(1), "{format}");
    }
}

/// The exit code, and what is complained about.
fn ending(mut command: Command) -> (Option<i32>, String) {
    let output = command.output().expect("calloff runs");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[cfg(target_os = "linux")]
#[test]
fn an_output_that_cannot_be_written_ends_with_74_and_its_path() {
    let [good, stuck] = ["my-race.toml", "stuck.toml"].map(file);
    let [good, stuck] = [&good, &stuck].map(|path| path.to_str().expect("a plain path"));
    let folder = std::env::temp_dir().join(format!("calloff-process-{}", std::process::id()));
    let folder = folder.to_str().expect("a plain path");
    let made = calloff(&["check", stuck, "--engine", "protocol", "--save", folder]).status();
    assert_eq!(made.expect("calloff runs").code(), Some(1));
    let found = std::fs::read_dir(folder).expect("a folder").next().expect("a file").expect("it");
    let found = found.path();
    let found = found.to_str().expect("a plain path");
    for (args, path) in [
        (&["check", stuck, "--engine", "protocol", "--save", "/proc/nope"][..], "/proc/nope"),
        (&["check", good, "--engine", "protocol", "--junit", "/nope/x"], "/nope/x"),
        (&["check", good, "--engine", "protocol", "--junit", "/dev/full"], "/dev/full"),
        (&["check", "missing.toml", "--junit", "/nope/x"], "/nope/x"),
        (&["fuzz", "--fault", "window-ignored", "--save", "/proc/nope"], "/proc/nope"),
        (&["fuzz", "--cases", "1", "--state", "/proc/nope"], "/proc/nope"),
        (&["explore", good, "-o", "/nope/x"], "/nope/x"),
        (&["keep", found, "--dir", "/proc/nope"], "/proc/nope"),
    ] {
        let (code, said) = ending(calloff(args));
        assert_eq!(code, Some(74), "{args:?}: {said}");
        assert!(said.contains(path), "{args:?}: {said}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_was_found_is_told_even_if_it_cannot_be_saved() {
    let stuck = file("stuck.toml");
    let stuck = stuck.to_str().expect("a plain path");
    for (args, told) in [
        (&["check", stuck, "--engine", "protocol"][..], "✗ stuck"),
        (&["fuzz", "--cases", "60", "--keep-going", "--fault", "window-ignored"], "✗ found"),
    ] {
        let output = calloff(args).args(["--save", "/proc/nope"]).output().expect("calloff runs");
        assert!(String::from_utf8_lossy(&output.stdout).contains(told), "{args:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_standard_output_ends_with_74() {
    let [good, stuck] = ["my-race.toml", "stuck.toml"].map(file);
    let [good, stuck] = [&good, &stuck].map(|path| path.to_str().expect("a plain path"));
    for args in [
        &["check", good, "--engine", "protocol"][..],
        &["check", good, "--engine", "protocol", "--format", "json"],
        &["check", good, "--engine", "protocol", "--format", "junit"],
        &["check", stuck, "--engine", "protocol", "--format", "github"],
        &["check", "missing.toml", "--format", "json"],
        &["list"],
        &["schema"],
        &["explain", "S_OK"],
        &["witness", good, "--code", "S_OK", "--format", "svg"],
        &["shrink", stuck, "--engine", "protocol"],
        &["step", good],
        &["fuzz", "--cases", "1"],
        &["faults", "--list"],
        &["--help"],
        &["check", "--help"],
        &["--version"],
    ] {
        let mut command = calloff(args);
        command.stdin(Stdio::null()).stdout(std::fs::File::create("/dev/full").expect("Linux"));
        let (code, said) = ending(command);
        assert_eq!(code, Some(74), "{args:?}: {said}");
        assert!(said.contains("cannot write standard output"), "{args:?}: {said}");
    }
}

/// A check that takes long: its state space is larger than its limit on states.
fn long_check() -> Child {
    let path = file("long.toml");
    let args = ["check", path.to_str().expect("a plain path"), "--engine", "protocol"];
    let more = ["--states-max", "4000000000", "--memory-max", "100000", "--jobs", "1"];
    calloff(&args).args(more).spawn().expect("calloff runs")
}

/// What the child reports, and its exit code, when Ctrl-C comes some time after it has said what
/// its limits are.
fn interrupted(child: Child, after: Duration) -> (String, Option<i32>) {
    signalled(child, "INT", after)
}

/// What the child reports, and its exit code, when that signal comes.
fn signalled(mut child: Child, signal: &str, after: Duration) -> (String, Option<i32>) {
    let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
    while !lines.next().expect("a line").expect("text").starts_with("limits") {}
    std::thread::sleep(after);
    let id = child.id().to_string();
    let killed = Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\"", signal, &id]).status();
    assert!(killed.expect("a shell").success());
    let mut report = String::new();
    child.stdout.take().expect("a pipe").read_to_string(&mut report).expect("text");
    (report, child.wait().expect("it ends").code())
}

#[test]
fn ctrl_c_reports_what_was_found_so_far_and_ends_with_130() {
    let (report, code) = interrupted(long_check(), Duration::from_millis(300));
    assert_eq!(code, Some(130));
    assert!(report.contains("interrupted after"), "{report}");
    assert!(report.contains("? inconclusive"), "{report}");
    assert!(!report.contains("holds"), "{report}");
}

#[test]
fn sigterm_reports_what_was_found_so_far_and_ends_with_143() {
    let (report, code) = signalled(long_check(), "TERM", Duration::from_millis(300));
    assert_eq!(code, Some(143));
    assert!(report.contains("interrupted after"), "{report}");
    let args = ["fuzz", "--cases", "1000000000", "--keep-going", "--fault", "result-flattened"];
    let child = calloff(&args).spawn().expect("calloff runs");
    let (report, code) = signalled(child, "TERM", Duration::from_secs(3));
    assert_eq!(code, Some(143));
    assert!(report.contains("K8 at await: case"), "{report}");
}

#[test]
fn ctrl_c_counts_the_runs_that_were_not_begun_on_one_line() {
    let child = calloff(&["check", "--jobs", "1"]).spawn().expect("calloff runs");
    let (report, code) = interrupted(child, Duration::from_millis(100));
    assert_eq!(code, Some(130));
    assert_eq!(report.matches(" runs were not begun").count(), 1, "{report}");
    assert!(!report.contains("after 0 states"), "{report}");
}

#[test]
fn ctrl_c_ends_a_campaign_that_goes_on_with_what_it_has_found() {
    let args = ["fuzz", "--cases", "1000000000", "--keep-going", "--fault", "result-flattened"];
    let child = calloff(&args).spawn().expect("calloff runs");
    let (report, code) = interrupted(child, Duration::from_secs(3));
    assert_eq!(code, Some(130));
    assert!(report.contains("K8 at await: case"), "{report}");
    assert!(report.contains(", interrupted"), "{report}");
}
