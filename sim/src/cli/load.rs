//! Finding and reading scenario files.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::{Exit, stderr};
use crate::check::Source;
use crate::scenario::Scenario;
use crate::scenario::language::BYTES_MAX;

/// Reads the corpus when there is no path, else every file, and every `.toml` file under every
/// folder, in path order. Bad files are reported on standard error, all of them; then nothing runs.
pub(super) fn load(paths: &[PathBuf]) -> io::Result<Result<Vec<Source>, Exit>> {
    let mut sources = Vec::new();
    let mut bad = 0;
    let mut add = |file: &str, bytes: &[u8]| -> io::Result<()> {
        match Scenario::parse(file, bytes) {
            Ok(scenario) => sources.push(Source { file: file.to_owned(), scenario }),
            Err(errors) => {
                bad += 1;
                writeln!(stderr(), "{}", errors.to_colored())?;
            }
        }
        Ok(())
    };
    if paths.is_empty() {
        for file in calloff_scenarios::corpus() {
            add(&file.path, file.bytes)?;
        }
    }
    let mut unreadable = 0;
    for path in paths {
        match expand(path) {
            Err(message) => {
                unreadable += 1;
                writeln!(stderr(), "error: {message}")?;
            }
            Ok(files) => {
                for (name, bytes) in files {
                    add(&name, &bytes)?;
                }
            }
        }
    }
    Ok(if bad + unreadable == 0 { Ok(sources) } else { Err(Exit::BadFile) })
}

fn expand(path: &Path) -> Result<Vec<(String, Vec<u8>)>, String> {
    let name = |path: &Path| path.display().to_string();
    let failed = |path: &Path, error: io::Error| format!("cannot read `{}`: {error}", name(path));
    if !path.is_dir() {
        let bytes = read(path).map_err(|error| failed(path, error))?;
        return Ok(vec![(name(path), bytes)]);
    }
    let mut files = Vec::new();
    find(path, &mut files, 0).map_err(|error| failed(path, error))?;
    files.sort();
    if files.is_empty() {
        return Err(format!("there is no .toml file in `{}`", name(path)));
    }
    let read = |file: &PathBuf| Ok((name(file), read(file).map_err(|error| failed(file, error))?));
    files.iter().map(read).collect()
}

/// Folders nested more deeply are not looked into (links may form a circle).
const FOLDER_DEPTH_MAX: usize = 16;

fn find(dir: &Path, files: &mut Vec<PathBuf>, depth: usize) -> io::Result<()> {
    if depth > FOLDER_DEPTH_MAX {
        return Ok(());
    }
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            find(&path, files, depth + 1)?;
        } else if is_scenario(&path) {
            files.push(path);
        }
    }
    Ok(())
}

/// Whether a file in a folder is meant: a `.toml` file, but no Cargo manifest.
fn is_scenario(path: &Path) -> bool {
    let is_toml = path.extension().is_some_and(|extension| extension == "toml");
    is_toml && path.file_name().is_some_and(|name| name != "Cargo.toml")
}

/// Reads a file, but not much more of it than is allowed.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = BYTES_MAX as u64 + 1;
    fs::File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}
