//! Reading counterexamples, strictly: what is not understood is refused, and nothing runs.

use serde_json::Value;
use thiserror::Error;

use super::{Counterexample, FORMAT, File, Shown};
use crate::program::Program;
use crate::scenario::{Scenario, ScenarioErrors};
use crate::text::printable;
use crate::trace::Schedule;

/// The largest file that is read, in bytes.
pub const BYTES_MAX: usize = 16 << 20;

/// Why a counterexample is refused.
#[derive(Debug, Error)]
pub enum BadFinding {
    /// Larger than [`BYTES_MAX`].
    #[error("larger than {} MiB", BYTES_MAX >> 20)]
    TooLarge,
    /// Not JSON, or not of the form that is wanted; the message has the line and the column.
    #[error("{}", crate::text::printable(&.0.to_string()))]
    Json(#[from] serde_json::Error),
    /// It does not say which format it is in.
    #[error("no `format` with the number of a version: not a counterexample of calloff")]
    NoFormat,
    /// Of a format that comes later than this version of calloff.
    #[error("written by a newer calloff{by}: it has format {format}, this one reads 1 to {FORMAT}")]
    Newer {
        /// The format of the file.
        format: u64,
        /// Which version wrote it, in parentheses, if it says so.
        by: String,
    },
    /// Of a format that was never published.
    #[error("there is no format {0}; this calloff reads 1 to {FORMAT}")]
    Unknown(u64),
    /// The scenario in it is bad.
    #[error("its scenario is bad\n{0}")]
    Scenario(Box<ScenarioErrors>),
    /// Its schedule cannot be replayed at that granularity, and it does not say how to explore.
    #[error("a schedule of `{0}` cannot be replayed, and there is no `exploration`")]
    NotReplayable(&'static str),
    /// Its schedule names neither an actor of the scenario nor the clock.
    #[error("`schedule` is `{0}`: neither an actor of the scenario nor `clock`")]
    Schedule(String),
}

impl Counterexample {
    /// Reads a counterexample.
    ///
    /// # Errors
    ///
    /// Why it is refused. Unknown keys are, too: they could mean something.
    pub fn parse(bytes: &[u8]) -> Result<Counterexample, BadFinding> {
        if bytes.len() > BYTES_MAX {
            return Err(BadFinding::TooLarge);
        }
        check_format(&serde_json::from_slice(bytes)?)?;
        let file: File = serde_json::from_slice(bytes)?;
        let scenario = Scenario::parse("scenario", file.scenario.as_bytes())
            .map_err(|errors| BadFinding::Scenario(Box::new(errors)))?;
        let shown = file.exploration.map_or(Shown::Execution, Shown::Exploration);
        if shown == Shown::Execution && !file.granularity.is_replayable() {
            return Err(BadFinding::NotReplayable(file.granularity.name()));
        }
        let schedule = Schedule::from_names(&Program::new(&scenario), &file.schedule)
            .map_err(|name| BadFinding::Schedule(printable(&name)))?;
        let File { reading, engine, granularity, fault, violated: claim, .. } = file;
        Ok(Counterexample { scenario, reading, engine, granularity, fault, claim, shown, schedule })
    }
}

/// Looks at the version before anything else: the rest may mean something else in another one.
fn check_format(value: &Value) -> Result<(), BadFinding> {
    let by = match value.get("tool").and_then(Value::as_str) {
        Some(tool) => format!(" ({})", printable(tool)),
        None => String::new(),
    };
    match value.get("format").and_then(Value::as_u64) {
        None => Err(BadFinding::NoFormat),
        Some(1..=FORMAT) => Ok(()),
        Some(format) if format > FORMAT => Err(BadFinding::Newer { format, by }),
        Some(format) => Err(BadFinding::Unknown(format)),
    }
}
