//! Findings that can be carried elsewhere: the one format of a counterexample.
//!
//! A [`Counterexample`] holds all that it takes to see a finding again: the scenario itself, the
//! reading, the seeded bug if there is one, and the schedule by name. As JSON it is a file that
//! `calloff replay` runs, on any machine and by any later version that reads its format.

pub mod keep;
mod read;
pub mod replay;
pub mod save;
mod schema;

use calloff_model::Reading;
use serde::{Deserialize, Serialize};

pub use read::{BYTES_MAX, BadFinding};
pub use schema::json_schema;

use crate::check::{Options, Run, Source, Violated, Violation};
use crate::engine::{Engine, Granularity};
use crate::faults::Seeded;
use crate::program::Program;
use crate::scenario::Scenario;
use crate::trace::Schedule;

/// The version of the format that is written, and the only one that is read.
pub const FORMAT: u64 = 1;

/// An execution, with all that it takes to see it again, and what it shows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Counterexample {
    /// The scenario.
    pub scenario: Scenario,
    /// The reading.
    pub reading: Reading,
    /// The engine that found it.
    pub engine: Engine,
    /// What one choice of the schedule stands for.
    pub granularity: Granularity,
    /// The seeded bug that it was found under.
    pub fault: Option<Seeded>,
    /// What the execution violates; `None` when it is just an execution.
    pub claim: Option<Claim>,
    /// The execution.
    pub schedule: Schedule,
}

/// What an execution is said to violate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claim {
    /// What is violated.
    pub what: Violated,
    /// What is wrong, in the words of the domain.
    pub message: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    format: u64,
    tool: String,
    scenario: String,
    reading: ReadingWire,
    engine: String,
    granularity: String,
    fault: Option<String>,
    violated: Option<ViolatedWire>,
    schedule: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadingWire {
    cancelable: String,
    waiter: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ViolatedWire {
    clause: String,
    message: String,
}

impl Counterexample {
    /// What a check has found; `None` when no schedule shows it that can be replayed.
    pub fn of(
        source: &Source,
        run: &Run,
        violation: &Violation,
        options: &Options,
    ) -> Option<Counterexample> {
        let schedule = violation.schedule.clone()?;
        // That a sampled or reordered execution never comes, no schedule can show.
        let is_absence = violation.what == Violated::CrossCheck
            && violation.granularity == Granularity::Step
            && run.engine != Engine::Exhaustive;
        // Nor can one that is not followed the same way twice be replayed.
        let is_fickle = violation.what == Violated::Divergence;
        (violation.granularity.is_replayable() && !is_absence && !is_fickle).then(|| {
            Counterexample {
                scenario: source.scenario.clone(),
                reading: run.reading,
                engine: run.engine,
                granularity: violation.granularity,
                fault: options.fault,
                claim: Some(Claim { what: violation.what, message: violation.message.clone() }),
                schedule,
            }
        })
    }

    /// The scenario, ready to run.
    pub fn program(&self) -> Program {
        Program::new(&self.scenario)
    }

    /// The counterexample as a JSON file. The same one is always written the same way.
    pub fn to_json(&self) -> String {
        let wire = Wire {
            format: FORMAT,
            tool: format!("calloff {}", env!("CARGO_PKG_VERSION")),
            scenario: self.scenario.to_toml(),
            reading: ReadingWire {
                cancelable: self.reading.cancelable.name().to_owned(),
                waiter: self.reading.waiter.name().to_owned(),
            },
            engine: self.engine.name().to_owned(),
            granularity: self.granularity.name().to_owned(),
            fault: self.fault.map(|fault| fault.name().to_owned()),
            violated: self.claim.as_ref().map(|claim| ViolatedWire {
                clause: claim.what.id().to_owned(),
                message: claim.message.clone(),
            }),
            schedule: self.schedule.names(&self.program()),
        };
        let json = serde_json::to_string_pretty(&wire).expect("a counterexample is plain data");
        format!("{json}\n")
    }
}

#[cfg(test)]
mod tests;
