//! The state of a campaign on disk, so that the campaign can continue after it was killed at any
//! moment.
//!
//! # Invariants
//!
//! 1. The file is complete at any moment: a new version is written under another name, and replaces
//!    the old one when it is on disk.
//! 2. A file that is not understood, or belongs to another campaign, is refused and left unchanged.
//! 3. Only one campaign at a time uses the folder. The operating system releases the lock when the
//!    process ends, in whatever way.
//!    process ends, in whatever way.

pub(super) mod wire;

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use calloff_protocol::text::printable;
use serde_json::{Map, Value, json};

use super::Campaign;
use super::campaign::Progress;

/// The version of the format that is written, and the only one that is read.
const FORMAT: u64 = 1;
const NAME: &str = "state.json";

/// A folder with the state of a campaign; no other process can use it in the meantime.
#[derive(Debug)]
pub struct State {
    folder: PathBuf,
    identity: Map<String, Value>,
    pub(super) progress: Progress,
    /// The lock on the folder, held until this value is dropped.
    _lock: File,
}

/// Why a state is refused. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum BadState {
    /// The folder cannot be used.
    #[error("cannot be used: {0}")]
    Io(#[from] io::Error),
    /// Another process uses it.
    #[error("another calloff is using it; wait for that one, or take another folder")]
    Busy,
    /// Not JSON, or not of the expected form.
    #[error(
        "`state.json` is damaged, or no state of a campaign: {0}; \
         put it right, or take another folder"
    )]
    Damaged(String),
    /// Of another format.
    #[error(
        "`state.json` has format {0}, and this calloff reads {FORMAT}; \
         take the calloff that wrote it, or another folder"
    )]
    Format(u64),
    /// Of another campaign, or of another version.
    #[error("it belongs to another campaign:\n{0}\ngive the same flags, or take another folder")]
    Another(String),
    /// More cases are finished than are asked for.
    #[error(
        "{over} cases are checked already, more than --cases {cases}; \
         raise --cases, or take another folder"
    )]
    Ahead {
        /// The number of finished cases.
        over: u64,
        /// The number of cases asked for.
        cases: u64,
    },
}

impl State {
    /// Opens the folder for this campaign only, and creates it if necessary.
    ///
    /// # Errors
    ///
    /// If the folder is in use, or contains anything but the state of this campaign, written by
    /// this version of calloff.
    pub fn open(folder: &Path, campaign: &Campaign) -> Result<State, BadState> {
        fs::create_dir_all(folder)?;
        let lock = File::options().create(true).append(true).open(folder.join("lock"))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => BadState::Busy,
            TryLockError::Error(error) => BadState::Io(error),
        })?;
        let identity = identity(campaign);
        let progress = match fs::read(folder.join(NAME)) {
            Ok(bytes) => read(&bytes, &identity, campaign)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Progress::default(),
            Err(error) => return Err(error.into()),
        };
        let over = progress.report.coverage.cases;
        match campaign.cases {
            Some(cases) if cases < over => Err(BadState::Ahead { over, cases }),
            _ => Ok(State { folder: folder.to_owned(), identity, progress, _lock: lock }),
        }
    }

    /// The number of finished cases without a gap before them.
    pub fn cases(&self) -> u64 {
        self.progress.report.coverage.cases
    }

    /// The content of the file.
    pub(super) fn text(&self, progress: &Progress) -> String {
        let whole = json!({
            "format": FORMAT,
            "campaign": self.identity,
            "progress": wire::Progress::of(progress),
        });
        format!("{whole}\n")
    }

    /// Replaces the file atomically.
    pub(super) fn write(&self, text: &str) -> io::Result<()> {
        let (part, path) = (self.folder.join("state.json.part"), self.folder.join(NAME));
        let mut file = File::create(&part)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&part, &path)?;
        // Elsewhere a folder cannot be opened as a file; a rename is atomic there by itself.
        if cfg!(unix) { File::open(&self.folder)?.sync_all() } else { Ok(()) }
    }
}

/// Everything that decides what a campaign finds, under the names of the flags if there are any.
fn identity(campaign: &Campaign) -> Map<String, Value> {
    let Campaign { seed, first, size, grows, options, goes_on, .. } = campaign;
    let engines: Vec<&str> = options.engines.iter().map(|engine| engine.name()).collect();
    let limits = &options.limits;
    let identity = json!({
        "tool": format!("calloff {}", env!("CARGO_PKG_VERSION")),
        "seed": seed,
        "engine-seed": options.seed,
        "first": first,
        "engine": engines,
        "fault": options.fault.map(|fault| fault.name()),
        "keep-going": goes_on,
        "states-max": limits.states_max,
        "executions-max": limits.executions_max,
        "loom-executions-max": limits.loom_executions_max,
        "std-executions": limits.std_executions,
        "preemptions-max": limits.preemptions_max,
        "memory-max": limits.memory_max,
        "actors": size.actors_max,
        "calls": size.calls_max,
        "steps": size.steps_max,
        "seconds": size.seconds_max,
        "timed": size.timed,
        "grows": grows,
    });
    match identity {
        Value::Object(map) => map,
        _ => unreachable!("it is written as an object"),
    }
}

fn read(
    bytes: &[u8],
    identity: &Map<String, Value>,
    campaign: &Campaign,
) -> Result<Progress, BadState> {
    let damaged = |error: serde_json::Error| BadState::Damaged(printable(&error.to_string()));
    let mut whole: Map<String, Value> = serde_json::from_slice(bytes).map_err(damaged)?;
    match whole.remove("format").as_ref().and_then(Value::as_u64) {
        Some(FORMAT) => {}
        Some(format) => return Err(BadState::Format(format)),
        None => return Err(BadState::Damaged("it does not say which format it has".to_owned())),
    }
    let Some(Value::Object(there)) = whole.remove("campaign") else {
        return Err(BadState::Damaged("it does not say which campaign it is of".to_owned()));
    };
    let mut names: Vec<&String> = identity.keys().chain(there.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let differ = names.into_iter().filter(|name| identity.get(*name) != there.get(*name));
    let show = |value: Option<&Value>| value.map_or("nothing".to_owned(), Value::to_string);
    let line = |name: &String| {
        let (there, here) = (show(there.get(name)), show(identity.get(name)));
        format!("  {}: {there} there, {here} here", printable(name))
    };
    let differ: Vec<String> = differ.map(line).collect();
    if !differ.is_empty() {
        return Err(BadState::Another(differ.join("\n")));
    }
    let progress = whole.remove("progress").unwrap_or_default();
    if let Some(unknown) = whole.keys().next() {
        return Err(BadState::Damaged(format!("unknown key {unknown:?}")));
    }
    let progress: wire::Progress = serde_json::from_value(progress).map_err(damaged)?;
    progress.read(campaign).map_err(BadState::Damaged)
}

#[cfg(test)]
mod tests;
