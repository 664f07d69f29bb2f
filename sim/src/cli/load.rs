//! Finds and reads scenario files.

use std::fs;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use super::{Exit, complain};
use crate::check::Source;
use crate::finding::{self, Counterexample, keep};
use crate::report::describe::printable;
use crate::scenario::Scenario;
use crate::scenario::language::BYTES_MAX;

/// Reads the corpus if there is no path; otherwise every file, and every `.toml` file in every
/// folder, in path order. All invalid files are reported on standard error; if there is one,
/// nothing runs.
pub(crate) fn load(paths: &[PathBuf]) -> Result<Vec<Source>, Exit> {
    load_kept(paths).map(|(sources, _)| sources)
}

/// The counterexample that a scenario file names, or the reason why it cannot be read.
pub(crate) struct Kept {
    /// The position of the scenario.
    pub source: usize,
    /// The counterexample next to it.
    pub finding: Result<Counterexample, String>,
}

/// Reads scenario files like [`load`], and the counterexamples next to regressions.
pub(crate) fn load_kept(paths: &[PathBuf]) -> Result<(Vec<Source>, Vec<Kept>), Exit> {
    let mut files = Vec::new();
    if paths.is_empty() {
        files.extend(calloff_scenarios::corpus().into_iter().map(File::embedded));
    }
    let mut bad = 0;
    for path in paths {
        match expand(path) {
            Ok(found) => files.extend(found),
            Err(message) => {
                bad += 1;
                complain(&format!("error: {message}"));
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
            Err(errors) => {
                bad += 1;
                complain(&errors.to_colored());
            }
        }
    }
    if bad == 0 { Ok((sources, kept)) } else { Err(Exit::BadFile) }
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

/// Reads a counterexample, or returns the reason why it cannot be read.
pub(super) fn counterexample(path: &Path) -> Result<Counterexample, String> {
    let bytes = read(path, finding::BYTES_MAX).map_err(|error| error.to_string())?;
    Counterexample::parse(&bytes).map_err(|bad| bad.to_string())
}

fn expand(path: &Path) -> Result<Vec<File>, String> {
    let name = |path: &Path| path.display().to_string();
    let read = |path: PathBuf| match read(&path, BYTES_MAX) {
        Ok(bytes) => Ok(File { name: name(&path), path: Some(path), bytes }),
        Err(error) => Err(format!("cannot read `{}`: {error}", name(&path))),
    };
    if !path.exists() {
        let found = of_corpus(path);
        return if found.is_empty() { Err(missing(path)) } else { Ok(found) };
    }
    if !path.is_dir() {
        return Ok(vec![read(path.to_owned())?]);
    }
    let mut files = Vec::new();
    find(path, &mut files).map_err(|error| format!("cannot read `{}`: {error}", name(path)))?;
    files.sort();
    if files.is_empty() {
        return Err(format!("there is no .toml file in `{}`", name(path)));
    }
    files.into_iter().map(read).collect()
}

/// The only scenario that a path or a name stands for; otherwise an error goes to standard error.
pub(crate) fn one(path: &Path) -> Result<Source, Exit> {
    let sources = load(std::slice::from_ref(&path.to_owned()))?;
    <[Source; 1]>::try_from(sources).map(|[source]| source).map_err(|_| {
        complain("error: this takes one scenario, not a folder of them");
        Exit::Usage
    })
}

/// The scenario of the corpus with that name, or with that path within the corpus.
pub(crate) fn named(name: &Path) -> Option<calloff_scenarios::File> {
    let name = name.to_str()?;
    let name = name.strip_suffix(".toml").unwrap_or(name);
    calloff_scenarios::corpus().into_iter().find(|file| {
        let path = file.path.strip_suffix(".toml").unwrap_or(&file.path);
        path == name || path.rsplit('/').next() == Some(name)
    })
}

/// The scenarios of the corpus for a name: one scenario, or all of a folder.
fn of_corpus(name: &Path) -> Vec<File> {
    if let Some(file) = named(name) {
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
    let hint = crate::goal::hint(name.strip_suffix(".toml").unwrap_or(&name), names);
    format!("`{}` is no file, and no scenario of the corpus{hint}", printable(&name))
}

/// Finds the scenario files in a folder. Does not follow links to folders, since they may form a
/// cycle.
fn find(dir: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            find(&entry.path(), files)?;
        } else if is_scenario(&entry.path()) {
            files.push(entry.path());
        }
    }
    Ok(())
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
