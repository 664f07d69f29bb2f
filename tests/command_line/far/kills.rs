//! Work that is killed at any moment goes on, and ends with the same file and the same report.
//!
//! `CALLOFF_KILLS=200 cargo test -p calloff-tests --test command_line far::kills` kills as many
//! times, in place of the few that every run of the tests does.

use std::time::{Duration, Instant};

use super::{Chance, Ended, Folder};

/// How often each of the four is killed.
fn kills() -> u64 {
    match std::env::var("CALLOFF_KILLS") {
        Ok(kills) => kills.parse::<u64>().expect("CALLOFF_KILLS is a number").div_ceil(4),
        Err(_) => 4,
    }
}

/// Kills the work that many times, each time at a moment drawn by chance, and lets it go on; then
/// to its end.
fn survives(name: &str, work: &[&str], code: i32) {
    let folder = Folder::new(name);
    let begin = Instant::now();
    let whole = folder.run(&[work, &["--results", "whole.jsonl"]].concat()).with(code);
    let lasts = u64::try_from(begin.elapsed().as_millis()).expect("not for ages");
    let file = folder.text("whole.jsonl");
    let mut chance = Chance(kills());
    let (mut killed, mut ends, mut before) = (0, 0, 0);
    let args = [work, &["--results", "part.jsonl", "--resume"]].concat();
    while killed < kills() || ends == 0 {
        let mut child = folder.spawn(&args);
        if killed < kills() {
            std::thread::sleep(Duration::from_millis(chance.below(lasts)));
            // It may have ended by itself.
            let _ = child.kill();
        }
        let ended = Ended::of(child.wait_with_output().expect("it ends"));
        assert!(!ended.told.contains("error"), "{}", ended.told);
        let part = std::fs::read_to_string(folder.file("part.jsonl")).unwrap_or_default();
        let now = part.lines().count();
        assert!(now + 1 >= before, "{before} lines were there, and now {now} are");
        before = now;
        if ended.code.is_none() {
            killed += 1;
            continue;
        }
        assert_eq!((ended.code, &ended.out), (Some(code), &whole.out), "{}", ended.told);
        let sorted = |text: &str| {
            let mut lines: Vec<&str> = text.lines().collect();
            lines.sort_unstable();
            lines.join("\n")
        };
        assert_eq!(sorted(&part), sorted(&file));
        assert!(part == file || work.contains(&"2"), "with one thread the order is the same");
        std::fs::remove_file(folder.file("part.jsonl")).expect("a file");
        (ends, before) = (ends + 1, 0);
    }
    eprintln!("{name}: killed {killed} times, came to its end {ends} times");
}

#[test]
fn results_come_while_the_work_goes_on() {
    let folder = Folder::new("coming");
    for work in [["check", "races"], ["fuzz", "--cases=1000000"]] {
        let args = [&work[..], &["--jobs", "1", "--results", "part.jsonl"]].concat();
        let mut child = folder.spawn(&args);
        let part = || std::fs::read_to_string(folder.file("part.jsonl")).unwrap_or_default();
        let begin = Instant::now();
        while part().lines().count() < 4 {
            assert!(begin.elapsed() < Duration::from_secs(120), "results come");
            assert!(child.try_wait().expect("it is ours").is_none(), "it goes on");
            std::thread::sleep(Duration::from_millis(20));
        }
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
        let whole = part().matches('\n').count() as u64 - 1;
        assert!(whole >= 3, "{whole}");
        let merged = folder.run(&["merge", "part.jsonl"]).with(3);
        merged.tells(&format!("missing: shard 1/1 ({whole} of "));
        std::fs::remove_file(folder.file("part.jsonl")).expect("a file");
    }
}

#[test]
fn a_check_that_is_killed_goes_on() {
    survives("check", &["check", "races", "--engine", "protocol", "--jobs", "1"], 0);
}

#[test]
fn a_check_that_finds_something_and_is_killed_goes_on() {
    let fault = ["--fault", "complete-on-expiry", "--jobs", "2"];
    survives("fault", &[&["check", "races", "--engine", "protocol"], &fault[..]].concat(), 1);
}

#[test]
fn a_campaign_that_is_killed_goes_on() {
    survives("fuzz", &["fuzz", "--cases", "60", "--jobs", "1"], 0);
}

#[test]
fn a_shard_that_is_killed_goes_on() {
    let work = ["check", "cancel-meets-reply", "equal-deadlines", "--shard", "1/2"];
    let engines = ["--engine", "exhaustive", "--engine", "std", "--jobs", "1"];
    survives("shard", &[&work[..], &engines].concat(), 0);
}
