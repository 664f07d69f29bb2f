//! The computer, and the versions of everything that was measured.

use std::fs;
use std::process::Command;
use std::thread;

use serde::Serialize;

/// On what a run was made.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Machine {
    /// The model of the processor.
    pub cpu: String,
    /// The number of cores that the run may use.
    pub cores: usize,
    /// Memory, in MiB.
    pub memory_mebibytes: u64,
    /// The operating system's kernel.
    pub kernel: String,
    /// How many processes wanted to run, on average of the minute before: 0 on an idle machine.
    pub load_before: String,
    /// The compilers and the tools, with their versions; the crates as they were linked.
    pub versions: Vec<(String, String)>,
}

const LOCK: &str = include_str!("../../Cargo.lock");

/// The crates that are measured, or that draw.
const CRATES: [&str; 4] = ["stateright", "shuttle", "loom", "plotters"];

impl Machine {
    /// This one, now.
    pub fn here() -> Machine {
        let line = |file: &str, name: &str| {
            let text = fs::read_to_string(file).unwrap_or_default();
            let value = text.lines().find_map(|line| line.strip_prefix(name));
            value.map(|value| value.trim_start_matches([' ', '\t', ':']).to_owned())
        };
        let word = |file: &str| fs::read_to_string(file).unwrap_or_default().trim().to_owned();
        let kibibytes = line("/proc/meminfo", "MemTotal");
        let kibibytes = kibibytes.and_then(|text| text.split(' ').next()?.parse::<u64>().ok());
        let system = ["ostype", "osrelease"].map(|name| word(&format!("/proc/sys/kernel/{name}")));
        let load = word("/proc/loadavg");
        Machine {
            cpu: line("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".to_owned()),
            cores: thread::available_parallelism().map_or(1, usize::from),
            memory_mebibytes: kibibytes.unwrap_or(0) >> 10,
            kernel: system.join(" "),
            load_before: load.split(' ').next().unwrap_or_default().to_owned(),
            versions: versions(),
        }
    }

    /// The description as a list.
    pub fn text(&self) -> String {
        let versions: Vec<String> =
            self.versions.iter().map(|(name, version)| format!("{name} {version}")).collect();
        format!(
            "- {}, {} cores, {} MiB\n- {}; load before the run: {}\n- {}\n",
            self.cpu,
            self.cores,
            self.memory_mebibytes,
            self.kernel,
            self.load_before,
            versions.join(", ")
        )
    }
}

fn versions() -> Vec<(String, String)> {
    let said = |program: &str, flag: &str| {
        let output = Command::new(program).arg(flag).output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        // The first word that begins with a digit.
        let words = text.lines().next()?.split_whitespace();
        let mut numbers = words.filter(|word| word.starts_with(|c: char| c.is_ascii_digit()));
        numbers.next().map(|word| word.trim_end_matches(')').to_owned())
    };
    let tool = |(program, flag): (&str, &str)| {
        let version = said(program, flag).unwrap_or_else(|| "is not installed".to_owned());
        (program.to_owned(), version)
    };
    let linked = |name: &str| {
        let entry = LOCK.split("[[package]]").find(|e| e.contains(&format!("name = \"{name}\"\n")));
        let version = entry.and_then(|entry| entry.split("version = \"").nth(1)?.split('"').next());
        (name.to_owned(), version.unwrap_or("unknown").to_owned())
    };
    let tools = [("rustc", "-V"), ("spin", "-V"), ("gcc", "--version")].map(tool);
    tools.into_iter().chain(CRATES.map(linked)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crates_have_the_versions_that_they_are_locked_to() {
        let versions = versions();
        let of = |name: &str| versions.iter().find(|(known, _)| known == name).unwrap().1.clone();
        assert_eq!(of("shuttle"), "0.9.9", "it is pinned");
        assert!(of("stateright").starts_with("0."));
    }
}
