//! Checks in shards, and their results put together.

use calloff_protocol::judge::Run;
use calloff_sim::results::Line;

use super::{Chance, Folder, changed, lines, merge, shards};

/// Several scenarios under several readings, each by every engine; one that was kept is among them.
const WORK: [&str; 3] = ["check", "cancel-meets-reply", "reply-wakes-nobody"];

/// The same by one engine, which is quick.
const QUICK: [&str; 7] =
    ["check", "races", "regressions", "--engine", "protocol", "--states-max", "900000"];

const FORMATS: [&str; 4] = ["human", "json", "junit", "github"];

/// The reports of one machine and of merged shards are the same, in these forms.
fn is_the_same(name: &str, work: &[&str], of: u64, code: i32, formats: &[&str]) {
    let folder = Folder::new(name);
    let mut chance = Chance(of);
    let mut files = shards(&folder, work, of, &mut chance);
    for format in formats {
        let whole = folder.run(&[work, &["--format", format]].concat()).with(code);
        files.push(files[0].clone());
        chance.shuffle(&mut files);
        let merged = folder.run(&merge(&files, &["--format", format])).with(code);
        assert_eq!(merged.out, whole.out, "{format}");
    }
}

#[test]
fn merged_shards_of_every_engine_give_the_report_of_one_machine() {
    is_the_same("engines", &WORK, 3, 0, &FORMATS[1..2]);
}

#[test]
fn merged_shards_give_the_pictures_of_what_is_violated() {
    let work = [&QUICK[..], &["--fault", "complete-on-expiry"]].concat();
    is_the_same("fault", &work, 7, 1, &FORMATS);
}

#[test]
fn merged_shards_of_the_corpus_witness_what_the_corpus_must() {
    if std::env::var_os("CALLOFF_SHARDS").is_none() {
        return;
    }
    is_the_same("corpus", &["check", "--engine", "protocol"], 3, 0, &FORMATS[..1]);
}

#[test]
fn counterexamples_are_saved_from_merged_results_as_from_a_check() {
    let folder = Folder::new("saved");
    let work = ["check", "cancel-meets-reply", "--fault", "complete-on-expiry"];
    let work = [&work[..], &["--engine", "protocol"]].concat();
    let files = shards(&folder, &work, 2, &mut Chance(1));
    let flags = ["--format", "json", "--save", "found", "--junit", "junit.xml"];
    let whole = folder.run(&[&work[..], &flags].concat()).with(1);
    let junit = folder.text("junit.xml");
    assert!(whole.out.contains("\"counterexample\": \"found/"), "{}", whole.out);
    let merged = folder.run(&merge(&files, &flags)).with(1);
    assert_eq!(merged.out, whole.out);
    assert_eq!(folder.text("junit.xml"), junit);
}

/// The commands that do what is missing, as they are told.
fn commands(told: &str) -> Vec<&str> {
    told.lines().map(str::trim).filter(|line| line.starts_with("calloff check")).collect()
}

#[test]
fn whichever_shard_is_missing_it_is_named_with_the_command_that_does_it() {
    let folder = Folder::new("missing");
    let files = shards(&folder, &QUICK, 4, &mut Chance(4));
    let whole = folder.run(&QUICK).with(0);
    for missing in &files {
        let lines = lines(&folder.file(missing));
        let kept = folder.text(missing);
        let others: Vec<String> = files.iter().filter(|file| *file != missing).cloned().collect();
        let merged = folder.run(&merge(&others, &[])).with(3).tells("missing: shard ");
        assert!(merged.out.contains("? inconclusive"), "{}", merged.out);
        assert_eq!(commands(&merged.told).len(), 1, "{}", merged.told);
        // A part of it is there.
        folder.put(missing, &format!("{}\n{}\n", lines[0], lines[1]));
        let part = folder.run(&merge(&files, &[])).with(3).tells("(1 of ");
        let command = commands(&part.told)[0];
        assert_eq!(command, commands(&merged.told)[0], "{}", part.told);
        folder.line(command).with(0);
        assert_eq!(folder.run(&merge(&files, &[])).with(0).out, whole.out);
        let (mut now, mut then) = (folder.text(missing), kept);
        for text in [&mut now, &mut then] {
            let mut lines: Vec<&str> = text.lines().collect();
            lines.sort_unstable();
            *text = lines.concat();
        }
        assert_eq!(now, then);
    }
}

#[test]
fn a_violation_counts_although_a_shard_is_missing() {
    let folder = Folder::new("violated");
    let work = [&QUICK[..], &["--fault", "complete-on-expiry"]].concat();
    let mut files = shards(&folder, &work, 3, &mut Chance(3));
    files.pop();
    folder.run(&merge(&files, &[])).with(1).tells("--fault complete-on-expiry");
}

#[test]
fn two_results_of_one_unit_that_differ_are_a_finding() {
    let folder = Folder::new("doubles");
    let work = ["check", "cancel-meets-reply", "--engine", "protocol", "--engine", "std"];
    folder.run(&[&work[..], &["--results", "one.jsonl"]].concat()).with(0);
    let mut lines = lines(&folder.file("one.jsonl"));
    lines[1] = changed(&lines[1], "\"states\":", "\"states\":1");
    folder.put("other.jsonl", &format!("{}\n", lines.join("\n")));
    let told = "not deterministic: 1.exploration.states: ";
    let merge = |files: [&str; 2], flags: &[&str]| {
        folder.run(&[&["merge"], &files[..], flags].concat()).with(1)
    };
    let merged = merge(["one.jsonl", "other.jsonl"], &["--format", "json"]);
    assert!(merged.out.contains(told), "{}", merged.out);
    assert_eq!(merge(["other.jsonl", "one.jsonl"], &["--format", "json"]), merged);
    let human = merge(["one.jsonl", "other.jsonl"], &[]).out;
    assert!(human.contains("✗ divergence"), "{human}");
    // What real threads do is no finding.
    let line = &super::lines(&folder.file("one.jsonl"))[1];
    let std = &line[line.find("\"engine\":\"std\"").expect("a run on real threads")..];
    let other = std.replacen("\"executions\":", "\"executions\":1", 1);
    lines[1] = changed(line, std, &other);
    folder.put("other.jsonl", &format!("{}\n", lines.join("\n")));
    folder.run(&["merge", "one.jsonl", "other.jsonl"]).with(0);
}

#[test]
fn costs_divide_the_work_otherwise_and_the_report_is_the_same() {
    let folder = Folder::new("costs");
    let whole = folder.run(&[&QUICK[..], &["--results", "record.jsonl"]].concat()).with(0);
    let work = [&QUICK[..], &["--costs", "record.jsonl"]].concat();
    let files = shards(&folder, &work, 4, &mut Chance(5));
    assert_eq!(folder.run(&merge(&files, &[])).with(0).out, whole.out);
    let cost = |file: &String| {
        let read = |line: &String| serde_json::from_str::<serde_json::Value>(line).expect("JSON");
        let results = lines(&folder.file(file)).into_iter().skip(1).map(|line| {
            let mut line = read(&line);
            line.as_object_mut().expect("an object").remove("sum");
            serde_json::from_value::<Line<Vec<Run>>>(line).expect("a result")
        });
        results.map(|line| calloff_sim::recorded::cost(&line.result)).sum::<u64>()
    };
    let costs: Vec<u64> = files.iter().map(cost).collect();
    let (least, most) = (costs.iter().min().expect("four"), costs.iter().max().expect("four"));
    let largest = lines(&folder.file("record.jsonl"));
    assert!(largest.len() > 20);
    assert!(*most < 2 * *least, "{costs:?}");
    // Shards of one division do not fit those of another.
    let flags = ["--shard", "1/4", "--results", "shard-1.jsonl", "--resume"];
    folder.run(&[&QUICK[..], &flags].concat()).with(4).tells("costs: another record");
}

#[test]
fn a_shard_without_work_is_done_and_each_unit_is_in_one_shard_whatever_else_is_checked() {
    let folder = Folder::new("empty");
    let of = |paths: &[&str], shard: u64| {
        let (shard, file) = (format!("{shard}/9"), "part.jsonl");
        let flags = ["--engine", "protocol", "--shard", &shard, "--results", file];
        folder.run(&[&["check"], paths, &flags].concat()).with(0);
        let units = lines(&folder.file(file)).into_iter().skip(1).map(|line| {
            let value: serde_json::Value = serde_json::from_str(&line).expect("JSON");
            value["unit"].as_str().expect("an id").to_owned()
        });
        let units: Vec<String> = units.collect();
        std::fs::remove_file(folder.file(file)).expect("a file");
        units
    };
    let mut all = Vec::new();
    let mut is_some_empty = false;
    for shard in 1..=9 {
        let few = of(&["cancel-meets-reply"], shard);
        let more = of(&["equal-deadlines", "cancel-meets-reply"], shard);
        assert!(few.iter().all(|unit| more.contains(unit)), "{shard}");
        is_some_empty |= few.is_empty();
        all.extend(more);
    }
    assert!(is_some_empty);
    let number = all.len();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), number);
}
