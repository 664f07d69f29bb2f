//! Campaigns in shards, and their results put together.
//!
//! `CALLOFF_SHARDS=64 cargo test -p calloff-tests --test command_line far::fuzz` divides them into
//! as many shards, in place of a few.

use super::{Chance, Ended, Folder, changed, lines, merge, shards};

fn number() -> u64 {
    match std::env::var("CALLOFF_SHARDS") {
        Ok(shards) => shards.parse().expect("CALLOFF_SHARDS is a number"),
        Err(_) => 5,
    }
}

/// The reports of one machine and of merged shards are the same.
fn is_the_same(folder: &Folder, work: &[&str], code: i32) -> (Vec<String>, Ended) {
    let mut chance = Chance(number());
    let mut files = shards(folder, work, number(), &mut chance);
    let whole = folder.run(work).with(code);
    files.push(files[0].clone());
    chance.shuffle(&mut files);
    assert_eq!(folder.run(&merge(&files, &[])).with(code).out, whole.out);
    files.sort();
    files.dedup();
    (files, whole)
}

#[test]
fn merged_cases_give_the_report_of_one_machine_whichever_shard_was_missing() {
    let folder = Folder::new("fuzz");
    let cases = if number() > 5 { "700" } else { "100" };
    let work = ["fuzz", "--cases", cases, "--seed", "5"];
    let (files, whole) = is_the_same(&folder, &work, 0);
    for missing in files.iter().take(5) {
        let others: Vec<String> = files.iter().filter(|file| *file != missing).cloned().collect();
        let merged = folder.run(&merge(&others, &[])).with(3).tells("missing: shard ");
        let command = merged.told.lines().map(str::trim).find(|l| l.starts_with("calloff fuzz"));
        let command = command.expect("a command");
        assert!(command.contains(&format!("--results {missing} --resume")), "{command}");
        let ended = folder.line(command).with(0);
        ended.tells(&format!("{missing}: "));
    }
    assert_eq!(folder.run(&merge(&files, &[])).with(0).out, whole.out);
}

#[test]
fn what_is_found_first_is_the_same_in_shards() {
    let folder = Folder::new("fuzz-found");
    let work = ["fuzz", "--fault", "window-ignored", "--cases", "120", "--candidates-max", "50"];
    is_the_same(&folder, &work, 1);
    let folder = Folder::new("fuzz-all");
    let work =
        ["fuzz", "--fault", "window-ignored", "--keep-going", "--cases", "60", "--no-shrink"];
    is_the_same(&folder, &work, 1);
}

#[test]
fn two_results_of_one_case_that_differ_are_a_finding() {
    let folder = Folder::new("fuzz-doubles");
    folder.run(&["fuzz", "--cases", "5", "--results", "one.jsonl"]).with(0);
    let mut lines = lines(&folder.file("one.jsonl"));
    let at = lines.iter().rposition(|line| line.contains("\"states\":")).expect("a case");
    lines[at] = changed(&lines[at], "\"states\":", "\"states\":1");
    folder.put("other.jsonl", &format!("{}\n", lines.join("\n")));
    let merge = |files: [&str; 2]| folder.run(&[&["merge"], &files[..]].concat()).with(1);
    let merged = merge(["one.jsonl", "other.jsonl"]);
    let told = "✗ not deterministic case ";
    assert!(merged.out.contains(told), "{}", merged.out);
    assert!(merged.out.contains("totals.protocol.states: "), "{}", merged.out);
    assert_eq!(merge(["other.jsonl", "one.jsonl"]), merged);
}

#[test]
fn shards_are_parts_of_a_number_of_cases() {
    let folder = Folder::new("fuzz-endless");
    let args = ["fuzz", "--seconds", "5", "--shard", "1/2"];
    folder.run(&args).with(2).tells("give --cases as well");
    let args = ["fuzz", "--cases", "2", "--shard", "1/2", "--state", "folder"];
    folder.run(&args).with(2);
    // More shards than cases.
    for shard in 1..=4 {
        let shard = format!("{shard}/4");
        folder.run(&["fuzz", "--cases", "2", "--shard", &shard]).with(0);
    }
}
