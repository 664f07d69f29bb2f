//! Seeded bugs in shards, and the results put together.

use super::{Chance, Folder, changed, lines, merge, shards};

const WORK: [&str; 10] = [
    "faults",
    "--measure",
    "--seeds",
    "1",
    "--fault",
    "second-cancel-accepted",
    "--fault",
    "window-ignored",
    "--fault",
    "reply-not-notified",
];

#[test]
fn merged_bugs_give_the_tables_of_one_machine() {
    let folder = Folder::new("faults");
    let mut chance = Chance(3);
    let mut files = shards(&folder, &WORK, 3, &mut chance);
    let whole = folder.run(&WORK).with(0);
    files.push(files[0].clone());
    chance.shuffle(&mut files);
    assert_eq!(folder.run(&merge(&files, &[])).with(0).out, whole.out);
    files.sort();
    files.dedup();
    let is_empty = |file: &&String| lines(&folder.file(file)).len() > 1;
    let missing = files.iter().find(is_empty).expect("a shard with a bug");
    let others: Vec<String> = files.iter().filter(|file| *file != missing).cloned().collect();
    let merged = folder.run(&merge(&others, &[])).with(3);
    let command = merged.told.lines().map(str::trim).find(|l| l.starts_with("calloff faults"));
    folder.line(command.expect("a command")).with(0);
    // A double that differs.
    let mut lines = lines(&folder.file(missing));
    lines[1] = changed(&lines[1], "\"after\":", "\"after\":1");
    folder.put("other.jsonl", &format!("{}\n", lines.join("\n")));
    files.push("other.jsonl".to_owned());
    let merged = folder.run(&merge(&files, &[])).with(1);
    assert!(merged.out.contains("✗ not deterministic"), "{}", merged.out);
    folder.run(&merge(&files, &["--format", "json"])).with(2);
}

#[test]
fn the_whole_of_the_matrix_in_shards() {
    if std::env::var_os("CALLOFF_SHARDS").is_none() {
        return;
    }
    let folder = Folder::new("matrix");
    let files = shards(&folder, &["faults"], 7, &mut Chance(7));
    let whole = folder.run(&["faults"]).with(0);
    assert_eq!(folder.run(&merge(&files, &[])).with(0).out, whole.out);
}
