//! Finds and reads scenario files.

use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::{fmt, fs};

use calloff_protocol::finding;
use calloff_protocol::finding::Counterexample;
use calloff_protocol::judge::Source;
use calloff_protocol::scenario::language::BYTES_MAX;
use calloff_protocol::scenario::{Mistake, Scenario, ScenarioErrors};
use calloff_protocol::text::{printable, printable_path};

use crate::replay::keep;

/// Everything that is wrong with the files that were to be read.
#[derive(Debug)]
pub struct BadFiles(Vec<BadFile>);

#[derive(Debug)]
enum BadFile {
    /// There is no such file, or it cannot be read.
    Unreadable { file: String, message: String },
    /// It is no scenario.
    Scenario(ScenarioErrors),
}

impl BadFiles {
    /// Whether no file is bad.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each thing that is wrong, in a line; in the order of the files.
    pub fn mistakes(&self) -> Vec<Mistake> {
        let of_file = |bad: &BadFile| match bad {
            BadFile::Scenario(errors) => errors.mistakes(),
            BadFile::Unreadable { file, message } => {
                vec![Mistake { file: file.clone(), position: None, message: message.clone() }]
            }
        };
        self.0.iter().flat_map(of_file).collect()
    }

    /// All of it as text for a terminal, with ANSI colours.
    pub fn to_colored(&self) -> String {
        self.render(ScenarioErrors::to_colored)
    }

    fn render(&self, of_scenario: fn(&ScenarioErrors) -> String) -> String {
        let text = |bad: &BadFile| match bad {
            BadFile::Scenario(errors) => of_scenario(errors),
            BadFile::Unreadable { message, .. } => format!("error: {message}"),
        };
        self.0.iter().map(text).collect::<Vec<_>>().join("\n")
    }
}

impl fmt::Display for BadFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(ScenarioErrors::to_plain))
    }
}

impl std::error::Error for BadFiles {}

/// Reads the corpus when there is no path, else every file, and every `.toml` file under every
/// folder, in path order.
///
/// # Errors
///
/// Everything that is wrong with any of the files.
pub fn load(paths: &[PathBuf]) -> Result<Vec<Source>, BadFiles> {
    load_kept(paths).map(|(sources, _)| sources)
}

/// The counterexample that a scenario file names, or why it cannot be had.
pub struct Kept {
    /// The position of the scenario.
    pub source: usize,
    /// The counterexample next to it.
    pub finding: Result<Counterexample, String>,
}

/// Reads files like [`load`], with the counterexamples that lie next to regressions.
///
/// # Errors
///
/// Everything that is wrong with any of the scenario files.
pub fn load_kept(paths: &[PathBuf]) -> Result<(Vec<Source>, Vec<Kept>), BadFiles> {
    let Loaded { sources, kept, bad } = load_each(paths);
    if bad.is_empty() { Ok((sources, kept)) } else { Err(bad) }
}

/// What came of reading files.
pub struct Loaded {
    /// The scenarios.
    pub sources: Vec<Source>,
    /// The counterexamples next to regressions.
    pub kept: Vec<Kept>,
    /// The files that are bad.
    pub bad: BadFiles,
}

/// Reads files like [`load_kept`], the good ones also if others are bad.
pub fn load_each(paths: &[PathBuf]) -> Loaded {
    let mut files = Vec::new();
    if paths.is_empty() {
        files.extend(calloff_scenarios::corpus().into_iter().map(File::embedded));
    }
    let mut bad = Vec::new();
    for path in paths {
        match expand(path) {
            Ok(found) => files.extend(found),
            Err(message) => {
                bad.push(BadFile::Unreadable { file: path.display().to_string(), message });
            }
        }
    }
    let (mut sources, mut kept) = (Vec::new(), Vec::new());
    for file in files {
        match Scenario::parse(&file.name, &file.bytes) {
            Ok(scenario) => {
                let finding = file.counterexample();
                kept.extend(finding.map(|finding| Kept { source: sources.len(), finding }));
                sources.push(Source { file: file.name, scenario });
            }
            Err(errors) => bad.push(BadFile::Scenario(errors)),
        }
    }
    Loaded { sources, kept, bad: BadFiles(bad) }
}

/// A scenario file.
struct File {
    name: String,
    /// `None` for a file of the corpus.
    path: Option<PathBuf>,
    bytes: Vec<u8>,
}

impl File {
    fn embedded(file: calloff_scenarios::File) -> File {
        File { name: file.path, path: None, bytes: file.bytes.to_vec() }
    }

    /// Whether the file is not a scenario but a finding in one.
    fn is_counterexample(&self) -> bool {
        let start = self.bytes.iter().find(|byte| !byte.is_ascii_whitespace());
        start == Some(&b'{') && Counterexample::parse(&self.bytes).is_ok()
    }

    /// Whether a file that was found in a folder is meant to be a scenario. A file that cannot be
    /// read as text is: then its reader is told why.
    fn looks_like_a_scenario(&self) -> bool {
        let Ok(text) = std::str::from_utf8(&self.bytes) else { return true };
        let begins = |line: &str| {
            let line = line.trim_start();
            ["schema", "[[actor", "[actor", "steps"].iter().any(|start| line.starts_with(start))
        };
        text.lines().any(begins)
    }

    /// The counterexample that the file names.
    fn counterexample(&self) -> Option<Result<Counterexample, String>> {
        let text = std::str::from_utf8(&self.bytes).ok()?;
        let name = keep::counterexample_of(text)?;
        let found = match &self.path {
            _ if !is_plain(name) => Err("not the name of a file next to it".to_owned()),
            Some(path) => counterexample(&path.with_file_name(name)),
            None => match calloff_scenarios::next_to(&self.name, name) {
                Some(bytes) => Counterexample::parse(bytes).map_err(|bad| bad.to_string()),
                None => Err("the corpus has no such file".to_owned()),
            },
        };
        Some(found.map_err(|why| format!("its counterexample `{}`: {why}", printable(name))))
    }
}

/// Whether the name stays within its folder.
fn is_plain(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    matches!(parts.next(), Some(Component::Normal(_))) && parts.next().is_none()
}

/// Reads a counterexample.
///
/// # Errors
///
/// Why it cannot be read, in a sentence.
pub fn counterexample(path: &Path) -> Result<Counterexample, String> {
    let bytes = read(path, finding::BYTES_MAX).map_err(|error| error.to_string())?;
    Counterexample::parse(&bytes).map_err(|bad| bad.to_string())
}

fn expand(path: &Path) -> Result<Vec<File>, String> {
    let cannot = |path: &Path, why| format!("cannot read `{}`: {why}", printable_path(path));
    let read = |path: PathBuf| match read(&path, BYTES_MAX) {
        Ok(bytes) => Ok(File { name: path.display().to_string(), path: Some(path), bytes }),
        Err(error) => Err(cannot(&path, error)),
    };
    if !path.exists() {
        let found = of_corpus(path);
        return if found.is_empty() { Err(missing(path)) } else { Ok(found) };
    }
    if !path.is_dir() {
        let file = read(path.to_owned())?;
        return match file.is_counterexample() {
            true => Err(is_counterexample(path)),
            false => Ok(vec![file]),
        };
    }
    let mut files = Vec::new();
    find(path, &mut files).map_err(|error| cannot(path, error))?;
    files.sort();
    let (findings, files): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| is_json(file));
    let all = files.into_iter().map(read).collect::<Result<Vec<File>, String>>()?;
    let number = all.len();
    let scenarios: Vec<File> = all.into_iter().filter(File::looks_like_a_scenario).collect();
    let folder = printable_path(path);
    match (scenarios.is_empty(), number, findings.first()) {
        (false, ..) => Ok(scenarios),
        (true, 0, Some(finding)) => Err(format!(
            "there is no scenario in `{folder}`; if its .json files are counterexamples, \
             `calloff replay {}` runs one again",
            printable_path(finding)
        )),
        (true, 0, None) => Err(format!("there is no .toml file in `{folder}`")),
        (true, ..) => Err(format!(
            "there is no scenario in `{folder}`: none of its .toml files has a `schema` or an \
             `[[actor]]`"
        )),
    }
}

/// What to do with a counterexample where scenarios are read.
fn is_counterexample(path: &Path) -> String {
    let name = printable_path(path);
    format!(
        "`{name}` is a counterexample, and a scenario is expected: `calloff replay {name}` runs it \
         again, `calloff explore {name}` shows it, `calloff keep {name}` makes a scenario of it"
    )
}

/// The scenarios of the corpus that a name stands for: that of one, or that of a folder.
fn of_corpus(name: &Path) -> Vec<File> {
    if let Some(file) = name.to_str().and_then(calloff_scenarios::named) {
        return vec![File::embedded(file)];
    }
    let files = calloff_scenarios::corpus().into_iter();
    files.filter(|file| Path::new(&file.path).parent() == Some(name)).map(File::embedded).collect()
}

fn missing(path: &Path) -> String {
    let name = path.display().to_string();
    let stem = |file: calloff_scenarios::File| {
        let name = file.path.rsplit('/').next().unwrap_or_default();
        name.strip_suffix(".toml").unwrap_or(name).to_owned()
    };
    let names: Vec<String> = calloff_scenarios::corpus().into_iter().map(stem).collect();
    let hint = calloff_protocol::text::hint(name.strip_suffix(".toml").unwrap_or(&name), names);
    format!("`{}` is no file, and no scenario of the corpus{hint}", printable(&name))
}

/// Finds the scenario files in a folder. Does not follow links to folders, since they may form a
/// cycle.
fn find(dir: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            find(&entry.path(), files)?;
        } else if is_scenario(&entry.path()) || is_json(&entry.path()) {
            files.push(entry.path());
        }
    }
    Ok(())
}

fn is_json(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "json")
}

/// TOML files of Rust's tools, which are not scenarios.
const NOT_SCENARIOS: [&str; 3] = ["Cargo.toml", "clippy.toml", "rustfmt.toml"];

/// Whether a file in a folder is a scenario: a `.toml` file that does not belong to a tool.
fn is_scenario(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.ends_with(".toml") && !name.starts_with('.') && !NOT_SCENARIOS.contains(&name)
}

/// Reads a file, up to slightly more than the allowed size.
fn read(path: &Path, bytes_max: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(bytes_max as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
