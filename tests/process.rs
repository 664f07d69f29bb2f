//! The program as a process: closed pipes and Ctrl-C.

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

/// Checks a file with one of the outputs closed; returns the exit code.
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

/// A check that takes long: its state space exceeds the limit on states.
fn long_check() -> Child {
    let path = file("long.toml");
    let args = ["check", path.to_str().expect("a plain path"), "--engine", "protocol"];
    let more = ["--states-max", "4000000000", "--memory-max", "100000", "--jobs", "1"];
    calloff(&args).args(more).spawn().expect("calloff runs")
}

/// The child's report and its exit code, if Ctrl-C comes some time after it has printed its limits.
fn interrupted(mut child: Child, after: Duration) -> (String, Option<i32>) {
    let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
    while !lines.next().expect("a line").expect("text").starts_with("limits") {}
    std::thread::sleep(after);
    let id = child.id().to_string();
    let killed = Command::new("sh").args(["-c", "kill -INT \"$0\"", &id]).status();
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
