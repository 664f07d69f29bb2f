//! Writes counterexamples into a folder: one file for each, with a descriptive name.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{Claim, Counterexample};

/// The longest name of a scenario in a file name, in bytes; a longer one is shortened.
const NAME_MAX: usize = 80;

impl Counterexample {
    /// The name of its file, without the extension: the scenario, what is violated, the reading,
    /// the engine and the seeded bug. Different findings may have the same name.
    pub fn file_stem(&self) -> String {
        let what = self.claim.as_ref().map_or("execution", |claim: &Claim| claim.what.id());
        let (cancelable, waiter) = (self.reading.cancelable.name(), self.reading.waiter.name());
        let engine = self.engine.name();
        let mut stem =
            format!("{}.{what}.{cancelable}.{waiter}.{engine}", plain(&self.scenario.name));
        if let Some(fault) = self.fault {
            stem = format!("{stem}.{}", fault.name());
        }
        stem
    }
}

/// The name with letters, digits, `-` and `_` only, which every file system accepts.
fn plain(name: &str) -> String {
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    name.chars().map(|c| if is_plain(&c) { c } else { '-' }).take(NAME_MAX).collect()
}

/// Writes the counterexample into the folder, creating it if necessary; returns the path. An
/// existing file with the same content is left alone. A file with another finding is not
/// overwritten; a number is added to the name instead.
///
/// # Errors
///
/// If it cannot be written. The file is then absent: it is never written in part.
pub fn save(counterexample: &Counterexample, folder: &Path) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let (stem, json) = (counterexample.file_stem(), counterexample.to_json());
    for number in 1_u32.. {
        let name = match number {
            1 => format!("{stem}.json"),
            _ => format!("{stem}.{number}.json"),
        };
        let path = folder.join(name);
        if create(&path, &json)? || fs::read(&path)? == json.as_bytes() {
            return Ok(path);
        }
    }
    unreachable!("some number is free")
}

/// Writes a new file atomically; returns `false` if the file exists already.
pub(crate) fn create(path: &Path, text: &str) -> io::Result<bool> {
    if path.exists() {
        return Ok(false);
    }
    let mut part = path.as_os_str().to_owned();
    part.push(format!(".{}.part", std::process::id()));
    let part = PathBuf::from(part);
    let written = write(&part, text).and_then(|()| match fs::hard_link(&part, path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        // A file system without hard links: here we rely on nobody else writing the same file now.
        Err(_) => fs::rename(&part, path).map(|()| true),
    });
    // After a rename the temporary file no longer exists.
    let _ = fs::remove_file(&part);
    written
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
