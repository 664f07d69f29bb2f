//! Reads counterexamples strictly: a file that is not fully understood is refused, and nothing
//! runs.

use calloff_model::{Cancelable, Reading, Waiter};
use serde_json::Value;
use thiserror::Error;

use super::{Claim, Counterexample, FORMAT, Shown, Wire};
use crate::check::Violated;
use crate::engine::{Engine, Granularity};
use crate::faults;
use crate::program::Program;
use crate::scenario::{Scenario, ScenarioErrors};
use crate::trace::Schedule;

/// The largest file that is accepted, in bytes.
pub const BYTES_MAX: usize = 16 << 20;

/// Why a counterexample file is refused.
#[derive(Debug, Error)]
pub enum BadFinding {
    /// Larger than [`BYTES_MAX`].
    #[error("larger than {} MiB", BYTES_MAX >> 20)]
    TooLarge,
    /// Not JSON, or not of the expected form; the message has the line and the column.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// It does not say which format it has.
    #[error("no `format` with the number of a version: not a counterexample of calloff")]
    NoFormat,
    /// Its format is newer than this version of calloff.
    #[error("written by a newer calloff{by}: it has format {format}, this one reads 1 to {FORMAT}")]
    Newer {
        /// The format of the file.
        format: u64,
        /// The version that wrote it, in parentheses, if the file says so.
        by: String,
    },
    /// Its format was never published.
    #[error("there is no format {0}; this calloff reads 1 to {FORMAT}")]
    Unknown(u64),
    /// Its scenario is invalid.
    #[error("its scenario is bad\n{0}")]
    Scenario(Box<ScenarioErrors>),
    /// It contains an unknown name.
    #[error("`{key}` is `{name}`: {expected}")]
    Name {
        /// The key in the file.
        key: &'static str,
        /// The unknown name.
        name: String,
        /// The possible names.
        expected: String,
    },
}

impl Counterexample {
    /// Reads a counterexample.
    ///
    /// # Errors
    ///
    /// The reason why it is refused. Unknown keys are refused too, since they could have a meaning.
    pub fn parse(bytes: &[u8]) -> Result<Counterexample, BadFinding> {
        if bytes.len() > BYTES_MAX {
            return Err(BadFinding::TooLarge);
        }
        check_format(&serde_json::from_slice(bytes)?)?;
        let wire: Wire = serde_json::from_slice(bytes)?;
        let scenario = Scenario::parse("scenario", wire.scenario.as_bytes())
            .map_err(|errors| BadFinding::Scenario(Box::new(errors)))?;
        let Wire { reading, engine, granularity, .. } = &wire;
        let reading = Reading {
            cancelable: one(
                "reading.cancelable",
                &reading.cancelable,
                &Cancelable::ALL,
                Cancelable::name,
            )?,
            waiter: one("reading.waiter", &reading.waiter, &Waiter::ALL, Waiter::name)?,
        };
        let engine = one("engine", engine, &Engine::ALL, Engine::name)?;
        let shown = wire.exploration.map_or(Shown::Execution, Shown::Exploration);
        let granularities = match shown {
            Shown::Execution => &Granularity::REPLAYABLE[..],
            Shown::Exploration(_) => &Granularity::ALL,
        };
        let granularity = one("granularity", granularity, granularities, Granularity::name)?;
        let claim = wire.violated.map(|violated| {
            let what = Violated::find(&violated.clause).ok_or_else(|| BadFinding::Name {
                key: "violated.clause",
                name: violated.clause,
                expected: "no clause has this id".to_owned(),
            });
            Ok::<_, BadFinding>(Claim { what: what?, message: violated.message })
        });
        let fault = wire.fault.map(|name| {
            let expected = "this calloff has no such fault; `calloff faults --list` lists them";
            let expected = expected.to_owned();
            faults::find(&name).ok_or(BadFinding::Name { key: "fault", name, expected })
        });
        Ok(Counterexample {
            reading,
            engine,
            granularity,
            fault: fault.transpose()?,
            claim: claim.transpose()?,
            shown,
            schedule: schedule(&scenario, &wire.schedule)?,
            scenario,
        })
    }
}

/// Checks the version before anything else: in another version the rest may have another meaning.
fn check_format(value: &Value) -> Result<(), BadFinding> {
    let by = match value.get("tool").and_then(Value::as_str) {
        Some(tool) => format!(" ({})", crate::report::describe::printable(tool)),
        None => String::new(),
    };
    match value.get("format").and_then(Value::as_u64) {
        None => Err(BadFinding::NoFormat),
        Some(1..=FORMAT) => Ok(()),
        Some(format) if format > FORMAT => Err(BadFinding::Newer { format, by }),
        Some(format) => Err(BadFinding::Unknown(format)),
    }
}

fn one<T: Copy>(
    key: &'static str,
    name: &str,
    all: &[T],
    name_of: fn(T) -> &'static str,
) -> Result<T, BadFinding> {
    all.iter().copied().find(|value| name_of(*value) == name).ok_or_else(|| {
        let names: Vec<String> = all.iter().map(|v| format!("`{}`", name_of(*v))).collect();
        let expected = format!("one of {}", names.join(", "));
        BadFinding::Name { key, name: crate::report::describe::printable(name), expected }
    })
}

/// Resolves the names in a schedule.
fn schedule(scenario: &Scenario, names: &[String]) -> Result<Schedule, BadFinding> {
    let program = Program::new(scenario);
    Schedule::from_names(&program, names).map_err(|unknown| BadFinding::Name {
        key: "schedule",
        name: crate::report::describe::printable(&unknown),
        expected: "neither an actor of the scenario nor `clock`".to_owned(),
    })
}
