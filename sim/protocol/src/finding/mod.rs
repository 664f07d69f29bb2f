//! Findings that can be carried elsewhere: the one format of a counterexample.
//!
//! A [`Counterexample`] holds all that it takes to see a finding again: the scenario itself, the
//! reading, the seeded bug if there is one, and how it is [`Shown`]: by an execution, with its
//! schedule by name, or by exploring again. As JSON it is a file that `calloff replay` runs, on any
//! machine and by any later version that reads its format.

mod file_name;
mod read;
mod schema;
mod seen;

use calloff_model::Reading;
pub use read::{BYTES_MAX, BadFinding};
pub use schema::json_schema;
pub use seen::{Explored, Refusal, Replay};
use serde::{Deserialize, Serialize};

use crate::exploration::{Engine, Granularity, Limits};
use crate::faults::Seeded;
use crate::judge::{Options, Run, Source, Violated, Violation};
use crate::program::Program;
use crate::scenario::Scenario;
use crate::trace::Schedule;

/// The version of the format that is written. Version 1 is read, too: it has executions alone.
pub const FORMAT: u64 = 2;

/// A finding, or just an execution, with all that it takes to see it again, and what it shows.
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
    /// How it is seen again.
    pub shown: Shown,
    /// The execution. Where it is shown by exploring: what is known of an execution, if anything.
    pub schedule: Schedule,
}

/// How a finding is seen again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shown {
    /// By an execution: the schedule is followed.
    Execution,
    /// By exploring again, just as far. No single execution shows that something never comes; and
    /// what loom, real threads and code that is not deterministic did cannot be followed.
    Exploration(Extent),
}

/// How far an engine explores.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extent {
    /// The seed of what is drawn by chance.
    pub seed: u64,
    /// States.
    pub states_max: u64,
    /// Executions.
    pub executions_max: u64,
    /// The bound on preemptions that `loom` falls back to.
    pub preemptions_max: u64,
}

impl Extent {
    /// How far that engine goes with these options.
    fn of(engine: Engine, options: &Options) -> Extent {
        let Limits { states_max, preemptions_max, .. } = options.limits;
        let executions_max = match engine {
            Engine::Loom => options.limits.loom_executions_max,
            Engine::Std => options.limits.std_executions,
            _ => options.limits.executions_max,
        };
        Extent { seed: options.seed, states_max, executions_max, preemptions_max }
    }

    /// The same as limits, for any engine.
    pub fn limits(self) -> Limits {
        let Extent { states_max, executions_max, preemptions_max, .. } = self;
        Limits {
            states_max,
            executions_max,
            loom_executions_max: executions_max,
            std_executions: executions_max,
            preemptions_max,
            ..Limits::default()
        }
    }
}

/// What an execution is said to violate.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// What is violated.
    #[serde(rename = "clause")]
    pub what: Violated,
    /// What is wrong, in the words of the domain.
    pub message: String,
}

/// The file of a counterexample.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: u64,
    tool: String,
    /// As TOML.
    scenario: String,
    reading: Reading,
    engine: Engine,
    granularity: Granularity,
    fault: Option<Seeded>,
    violated: Option<Claim>,
    /// Not in format 1.
    exploration: Option<Extent>,
    schedule: Vec<String>,
}

impl Counterexample {
    /// What a check has found.
    pub fn of(
        source: &Source,
        run: &Run,
        violation: &Violation,
        options: &Options,
    ) -> Counterexample {
        // No schedule can show that an end is absent; only a whole exploration can.
        let is_absence = violation.what == Violated::CrossCheck
            && violation.granularity == Granularity::Step
            && run.engine != Engine::Exhaustive;
        // Nor can one that is not followed the same way twice be replayed.
        let is_fickle = violation.what == Violated::Divergence;
        let is_execution = violation.schedule.is_some() && violation.granularity.is_replayable();
        Counterexample {
            scenario: source.scenario.clone(),
            reading: run.reading,
            engine: run.engine,
            granularity: violation.granularity,
            fault: options.fault,
            claim: Some(Claim { what: violation.what, message: violation.message.clone() }),
            shown: match is_execution && !is_absence && !is_fickle {
                true => Shown::Execution,
                false => Shown::Exploration(Extent::of(run.engine, options)),
            },
            schedule: violation.schedule.clone().unwrap_or_default(),
        }
    }

    /// The scenario, ready to run.
    pub fn program(&self) -> Program {
        Program::new(&self.scenario)
    }

    /// The counterexample as a JSON file. Equal counterexamples give equal bytes.
    pub fn to_json(&self) -> String {
        let file = File {
            format: FORMAT,
            tool: format!("calloff {}", env!("CARGO_PKG_VERSION")),
            scenario: self.scenario.to_toml(),
            reading: self.reading,
            engine: self.engine,
            granularity: self.granularity,
            fault: self.fault,
            violated: self.claim.clone(),
            exploration: match self.shown {
                Shown::Execution => None,
                Shown::Exploration(extent) => Some(extent),
            },
            schedule: self.schedule.names(&self.program()),
        };
        let json = serde_json::to_string_pretty(&file).expect("a counterexample is plain data");
        format!("{json}\n")
    }
}

#[cfg(test)]
mod tests;
