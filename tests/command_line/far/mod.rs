//! Work of many machines, and work that goes on after it was killed: the report is that of one
//! machine, byte for byte.

mod check;
mod faults;
mod files;
mod fuzz;
mod kills;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::{env, fs, process};

use calloff_sim::shards::UnitId;

/// A new folder for one test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let folder = env::temp_dir().join(format!("calloff-far-{}-{name}", process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder");
        Folder(folder)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).expect("a file with text")
    }

    fn put(&self, name: &str, text: &str) {
        fs::write(self.file(name), text).expect("a file");
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(calloff_tests::binary());
        command.args(args).current_dir(&self.0).stdout(Stdio::piped()).stderr(Stdio::piped());
        for (name, _) in env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            if ["CALLOFF_S", "SLURM_", "JOB_", "CI_NODE_"].iter().any(|p| name.starts_with(p)) {
                command.env_remove(name);
            }
        }
        command
    }

    fn run(&self, args: &[&str]) -> Ended {
        Ended::of(self.command(args).output().expect("calloff runs"))
    }

    /// The same, by a line as a shell takes it, without quotes.
    fn line(&self, line: &str) -> Ended {
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(words[0], "calloff", "{line}");
        self.run(&words[1..])
    }

    fn spawn(&self, args: &[&str]) -> Child {
        self.command(args).spawn().expect("calloff runs")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// How a command ended, and what it said.
#[derive(Debug, PartialEq, Eq)]
struct Ended {
    code: Option<i32>,
    out: String,
    told: String,
}

impl Ended {
    fn of(output: Output) -> Ended {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        Ended { code: output.status.code(), out: text(output.stdout), told: text(output.stderr) }
    }

    #[track_caller]
    fn with(self, code: i32) -> Ended {
        assert_eq!(self.code, Some(code), "{}\n{}", self.told, self.out);
        self
    }

    #[track_caller]
    fn tells(self, what: &str) -> Ended {
        assert!(self.told.contains(what), "{what} is not in:\n{}", self.told);
        self
    }
}

/// A reproducible generator of pseudo-random numbers.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) % end
    }

    fn shuffle<T>(&mut self, all: &mut [T]) {
        for at in (1..all.len()).rev() {
            all.swap(at, self.below(at as u64 + 1) as usize);
        }
    }
}

/// Does every shard of some work in a process of its own, in any order, two at a time. Returns the
/// names of their files, in that order.
fn shards(folder: &Folder, work: &[&str], of: u64, chance: &mut Chance) -> Vec<String> {
    let mut all: Vec<u64> = (1..=of).collect();
    chance.shuffle(&mut all);
    let name = |shard: &u64| format!("shard-{shard}.jsonl");
    for pair in all.chunks(2) {
        let spawn = |shard: &u64| {
            let (shard, file) = (format!("{shard}/{of}"), name(shard));
            let more = ["--shard", &shard, "--results", &file, "--jobs", "1"];
            folder.spawn(&[work, &more[..]].concat())
        };
        let children: Vec<Child> = pair.iter().map(spawn).collect();
        for child in children {
            let ended = Ended::of(child.wait_with_output().expect("it ends"));
            assert!(matches!(ended.code, Some(0 | 1)), "{ended:?}");
        }
    }
    all.iter().map(name).collect()
}

fn merge<'f>(files: &'f [String], flags: &[&'f str]) -> Vec<&'f str> {
    let files = files.iter().map(String::as_str);
    ["merge"].into_iter().chain(files).chain(flags.iter().copied()).collect()
}

/// A line of a file of results, changed, with the sum that belongs to it.
fn changed(line: &str, from: &str, to: &str) -> String {
    let rest = line.split_once("\",").expect("a sum").1;
    let rest = rest.replacen(from, to, 1);
    assert!(!line.ends_with(&rest), "{from} is in {line}");
    format!("{{\"sum\":\"{}\",{rest}", UnitId::of(&[&rest]))
}

fn lines(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).expect("a file with text");
    text.lines().map(str::to_owned).collect()
}
