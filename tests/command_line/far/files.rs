//! Files of results that are damaged, foreign, in use, or cannot be written: nothing is lost.

use std::fs;

use super::{Folder, lines};

const WORK: [&str; 6] =
    ["check", "cancel-meets-reply", "equal-deadlines", "--engine", "protocol", "--results"];

/// Does the work, and goes on with it.
fn work<'a>(file: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&WORK[..], &[file], more].concat()
}

#[test]
fn a_line_that_was_cut_off_is_taken_away_and_its_unit_is_done_again() {
    let folder = Folder::new("torn");
    let whole = folder.run(&work("a.jsonl", &["--jobs", "1"])).with(0);
    let text = folder.text("a.jsonl");
    let last = text.trim_end().rfind('\n').expect("several lines") + 1;
    let resume = work("a.jsonl", &["--jobs", "1", "--resume"]);
    let cuts = [last + 1, last + 40, text.len() - 2, text.len() - 1];
    for cut in cuts {
        for end in ["", "\0\0\0\0", "\0\n"] {
            folder.put("a.jsonl", &format!("{}{end}", &text[..cut]));
            let merged = folder.run(&["merge", "a.jsonl"]).with(3);
            let merged = merged.tells("its last line was cut off, and counts for nothing");
            merged.tells("missing: shard 1/1");
            let ended = folder.run(&resume).with(0).tells("a.jsonl: its last line was cut off");
            assert_eq!(ended.out, whole.out, "{cut}");
            assert_eq!(folder.text("a.jsonl"), text);
        }
    }
    // The first line, too: then nothing was recorded.
    for cut in [0, 1, 8, 20, text.find('\n').expect("a line")] {
        folder.put("a.jsonl", &text[..cut]);
        assert_eq!(folder.run(&resume).with(0).out, whole.out);
        assert_eq!(folder.text("a.jsonl"), text);
    }
    // Done already: the same report without work.
    assert_eq!(folder.run(&resume).with(0).out, whole.out);
    assert_eq!(folder.text("a.jsonl"), text);
}

#[test]
fn a_file_of_something_else_is_refused_and_left_as_it_is() {
    let folder = Folder::new("foreign");
    folder.run(&work("a.jsonl", &[])).with(0);
    let text = folder.text("a.jsonl");
    let refused = |args: &[&str], why: &str| {
        let before = folder.text("a.jsonl");
        let ended = folder.run(args).with(4).tells(why);
        assert_eq!(ended.out, "", "{why}");
        assert_eq!(folder.text("a.jsonl"), before, "{why}");
    };
    let resume = work("a.jsonl", &["--resume"]);
    let with = |flags: &[&'static str]| [&resume[..], flags].concat();
    refused(&with(&["--seed", "7"]), "seed: 0 there, 7 here");
    refused(&with(&["--states-max", "7"]), "states-max: 2000000 there, 7 here");
    refused(&with(&["--engine", "loom"]), "engine: [\"protocol\"] there");
    refused(&with(&["--fault", "notify-one"]), "fault: nothing there, \"notify-one\" here");
    refused(&with(&["--shard", "1/2"]), "shard: 1/1 there, 1/2 here");
    refused(&with(&["seed"]), "paths: [\"cancel-meets-reply\",\"equal-deadlines\"] there");
    let header = &lines(&folder.file("a.jsonl"))[0];
    let version = concat!("calloff ", env!("CARGO_PKG_VERSION"));
    let other = super::changed(header, version, "calloff 9.9.9");
    folder.put("a.jsonl", &text.replacen(header, &other, 1));
    refused(&resume, "tool: \"calloff 9.9.9\" there");
    refused(&["merge", "a.jsonl"], "tool: \"calloff 9.9.9\" there");
    let other = super::changed(header, "\"format\":1", "\"format\":2");
    folder.put("a.jsonl", &text.replacen(header, &other, 1));
    refused(&resume, "it has format 2, and this calloff reads 1");
    for foreign in ["somebody's text", "{}\n", "[1]\n", "{\"format\":1}\n", "\u{1}\u{2}"] {
        folder.put("a.jsonl", foreign);
        refused(&resume, "it is no file with results of calloff");
        refused(&["merge", "a.jsonl"], "it is no file with results of calloff");
    }
    // Damage that is not at the end.
    let third = &lines_of(&text)[2];
    let damaged = third.replacen("\"states\":", "\"states\":1", 1);
    folder.put("a.jsonl", &text.replacen(third, &damaged, 1));
    refused(&resume, "line 3 is damaged: its text is not the one that was written");
    refused(&["merge", "a.jsonl"], "line 3 is damaged");
    // As that says: without the line, its unit is done again.
    folder.put("a.jsonl", &text.replacen(&format!("{third}\n"), "", 1));
    folder.run(&resume).with(0);
    let sorted = |text: &str| {
        let mut lines = lines_of(text);
        lines.sort();
        lines
    };
    assert_eq!(sorted(&folder.text("a.jsonl")), sorted(&text));
}

fn lines_of(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

#[test]
fn a_file_that_is_there_is_not_gone_on_with_unless_that_is_asked_for() {
    let folder = Folder::new("there");
    folder.run(&work("a.jsonl", &[])).with(0);
    let text = folder.text("a.jsonl");
    folder.run(&work("a.jsonl", &[])).with(2).tells("`--resume` goes on with it");
    assert_eq!(folder.text("a.jsonl"), text);
    folder.run(&["check", "--resume"]).with(2);
    folder.run(&["check", "--shard", "3/2"]).with(2).tells("there is no shard 3");
}

#[test]
fn one_process_at_a_time_has_the_file() {
    let folder = Folder::new("busy");
    folder.put("a.jsonl", "");
    let file = fs::File::options().append(true).open(folder.file("a.jsonl")).expect("a file");
    file.lock().expect("a lock");
    folder.run(&work("a.jsonl", &[])).with(4).tells("another calloff is using it");
}

#[test]
fn results_that_cannot_be_written_are_told_with_their_path() {
    let folder = Folder::new("unwritable");
    folder.put("a-file", "");
    let ended = folder.run(&work("a-file/a.jsonl", &[])).with(74);
    ended.tells("error: cannot write `a-file/a.jsonl`");
    if cfg!(target_os = "linux") {
        folder.run(&work("/dev/full", &[])).with(74).tells("error: cannot write `/dev/full`");
    }
}

#[test]
fn what_the_limit_on_time_has_cut_short_is_done_again() {
    let folder = Folder::new("time");
    let whole = folder.run(&work("whole.jsonl", &["--jobs", "1"])).with(0);
    let cut = work("part.jsonl", &["--jobs", "1", "--seconds-max", "0"]);
    folder.run(&cut).with(3);
    assert_eq!(folder.text("part.jsonl").lines().count(), 1, "the first line alone");
    let ended = folder.run(&work("part.jsonl", &["--jobs", "1", "--resume"])).with(0);
    assert_eq!(ended.out, whole.out);
    let results = |name: &str| lines(&folder.file(name)).split_off(1);
    assert_eq!(results("part.jsonl"), results("whole.jsonl"));
}

#[test]
fn a_disk_that_gets_full_leaves_whole_results_behind() {
    let folder = Folder::new("full");
    let whole = folder.run(&work("whole.jsonl", &["--jobs", "1"])).with(0);
    let text = folder.text("whole.jsonl");
    for kib in [1, 2, 4] {
        // A file may not get larger than that. Writing is then an error, in place of a signal.
        let limited = format!("trap '' XFSZ; ulimit -f {}; exec \"$0\" \"$@\"", 2 * kib);
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", &limited]).arg(calloff_tests::binary()).current_dir(&folder.0);
        shell.args(work("part.jsonl", &["--jobs", "1", "--resume"]));
        let ended = super::Ended::of(shell.output().expect("a shell"));
        ended.with(74).tells("error: cannot write `part.jsonl`");
        let part = folder.text("part.jsonl");
        assert!(text.starts_with(&part), "{kib}");
        assert!(part.is_empty() || part.ends_with('\n'), "{kib}: {part}");
    }
    let ended = folder.run(&work("part.jsonl", &["--jobs", "1", "--resume"])).with(0);
    assert_eq!(ended.out, whole.out);
    assert_eq!(folder.text("part.jsonl"), text);
}

#[test]
fn the_environment_names_the_shard_and_what_was_read_is_told() {
    let folder = Folder::new("auto");
    let args = ["check", "cancel-meets-reply", "--engine", "protocol", "--shard", "auto"];
    let run = |variables: &[(&str, &str)]| {
        let mut command = folder.command(&args);
        command.envs(variables.iter().copied());
        super::Ended::of(command.output().expect("calloff runs"))
    };
    let gitlab = [("CI_NODE_INDEX", "2"), ("CI_NODE_TOTAL", "3")];
    run(&gitlab).with(0).tells("shard 2/3: CI_NODE_INDEX=2, CI_NODE_TOTAL=3 of GitLab");
    let job = [("JOB_COMPLETION_INDEX", "2"), ("CALLOFF_SHARD_TOTAL", "3")];
    run(&job).with(0).tells("shard 3/3: JOB_COMPLETION_INDEX=2, CALLOFF_SHARD_TOTAL=3");
    run(&job[..1]).with(2).tells("CALLOFF_SHARD_TOTAL is not set");
    run(&[]).with(2).tells("no variable says which shard this is");
}

#[test]
fn the_array_for_slurm_does_every_shard_and_goes_on_with_a_task_that_is_requeued() {
    let folder = Folder::new("slurm");
    let script = calloff_tests::project_file("docs/scale/slurm.sh");
    let work = ["check", "cancel-meets-reply", "equal-deadlines", "--engine", "protocol"];
    let task = |id: &str, of: &str| {
        let mut shell = std::process::Command::new("sh");
        shell.arg(&script).args(work).current_dir(&folder.0);
        let calloff = calloff_tests::binary();
        let path = std::env::var("PATH").unwrap_or_default();
        shell.env("PATH", format!("{}:{path}", calloff.parent().expect("a folder").display()));
        shell.envs([("SLURM_ARRAY_TASK_ID", id), ("SLURM_ARRAY_TASK_MIN", id)]);
        shell.envs([("SLURM_ARRAY_TASK_COUNT", "1"), ("CALLOFF_SHARD_TOTAL", of)]);
        super::Ended::of(shell.output().expect("a shell"))
    };
    for id in ["2", "0", "1"] {
        task(id, "3").with(0).tells(&format!("SLURM_ARRAY_TASK_ID={id}, CALLOFF_SHARD_TOTAL=3"));
    }
    let before = folder.text("shards/2.jsonl");
    task("2", "3").with(0).tells("done already");
    assert_eq!(folder.text("shards/2.jsonl"), before);
    let files = ["0", "1", "2"].map(|id| format!("shards/{id}.jsonl"));
    let merged = folder.run(&super::merge(&files, &[])).with(0);
    assert_eq!(merged.out, folder.run(&work).with(0).out);
    // Another number of tasks does not get into the same files.
    task("2", "4").with(4).tells("shard: 3/3 there, 3/4 here");
}
