//! Finding and reading scenario files.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::{Exit, complain};
use crate::check::Source;
use crate::report::describe::printable;
use crate::scenario::Scenario;
use crate::scenario::language::BYTES_MAX;

/// Reads the corpus when there is no path, else every file, and every `.toml` file under every
/// folder, in path order. Bad files are reported on standard error, all of them; then nothing runs.
pub(crate) fn load(paths: &[PathBuf]) -> Result<Vec<Source>, Exit> {
    let mut sources = Vec::new();
    let mut bad = 0;
    let mut add = |file: &str, bytes: &[u8]| match Scenario::parse(file, bytes) {
        Ok(scenario) => sources.push(Source { file: file.to_owned(), scenario }),
        Err(errors) => {
            bad += 1;
            complain(&errors.to_colored());
        }
    };
    if paths.is_empty() {
        for file in calloff_scenarios::corpus() {
            add(&file.path, file.bytes);
        }
    }
    let mut unreadable = 0;
    for path in paths {
        match expand(path) {
            Err(message) => {
                unreadable += 1;
                complain(&format!("error: {message}"));
            }
            Ok(files) => {
                for (name, bytes) in files {
                    add(&name, &bytes);
                }
            }
        }
    }
    if bad + unreadable == 0 { Ok(sources) } else { Err(Exit::BadFile) }
}

fn expand(path: &Path) -> Result<Vec<(String, Vec<u8>)>, String> {
    let name = |path: &Path| path.display().to_string();
    let failed = |path: &Path, error: io::Error| format!("cannot read `{}`: {error}", name(path));
    if !path.exists() {
        return named(path)
            .map(|file| vec![(file.path, file.bytes.to_vec())])
            .ok_or_else(|| missing(path));
    }
    if !path.is_dir() {
        let bytes = read(path).map_err(|error| failed(path, error))?;
        return Ok(vec![(name(path), bytes)]);
    }
    let mut files = Vec::new();
    find(path, &mut files).map_err(|error| failed(path, error))?;
    files.sort();
    if files.is_empty() {
        return Err(format!("there is no .toml file in `{}`", name(path)));
    }
    let read = |file: &PathBuf| Ok((name(file), read(file).map_err(|error| failed(file, error))?));
    files.iter().map(read).collect()
}

/// The one scenario that a path or a name stands for, or says on standard error why not.
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

/// Links to folders are not followed: they may form a circle.
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

/// Files that Rust's tools keep next to anything.
const NOT_SCENARIOS: [&str; 3] = ["Cargo.toml", "clippy.toml", "rustfmt.toml"];

/// Whether a file in a folder is meant: a `.toml` file that is not a tool's.
fn is_scenario(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.ends_with(".toml") && !name.starts_with('.') && !NOT_SCENARIOS.contains(&name)
}

/// Reads a file, but not much more of it than is allowed.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = BYTES_MAX as u64 + 1;
    fs::File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}
