//! Portable findings: the format of a counterexample.
//!
//! A [`Counterexample`] contains everything that is needed to reproduce a finding: the scenario
//! itself, the reading, the seeded bug if there is one, and how it is [`Shown`]: by an execution,
//! with its schedule by name, or by exploring again. As a JSON file, `calloff replay` runs it on
//! any machine and with any later version that reads the format.

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

/// The version of the format that is written. Version 1 can be read, too; it only has executions.
pub const FORMAT: u64 = 2;

/// A finding, or just an execution, with everything that is needed to reproduce it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Counterexample {
    /// The scenario.
    pub scenario: Scenario,
    /// The reading.
    pub reading: Reading,
    /// The engine that found it.
    pub engine: Engine,
    /// The meaning of one choice of the schedule.
    pub granularity: Granularity,
    /// The seeded bug that it was found under.
    pub fault: Option<Seeded>,
    /// What the execution violates; `None` if it is just an execution.
    pub claim: Option<Claim>,
    /// How it is reproduced.
    pub shown: Shown,
    /// The execution. For a finding shown by exploring: a related execution, if one is known.
    pub schedule: Schedule,
}

/// How a finding is reproduced.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shown {
    /// By an execution: its schedule is followed.
    Execution,
    /// By exploring again, to the same extent. This is needed if no single execution can show the
    /// finding (an end that is absent), or if an execution cannot be followed (loom, real threads,
    /// or code that is not deterministic).
    Exploration(Extent),
}

/// How far an engine explores.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extent {
    /// The seed of random choices.
    pub seed: u64,
    /// The most states.
    pub states_max: u64,
    /// The most executions.
    pub executions_max: u64,
    /// The largest bound on preemptions of `loom`.
    pub preemptions_max: u64,
}

impl Extent {
    /// The extent of that engine under these options.
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
    /// A description of what is wrong, in terms of the scenario.
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
    /// The counterexample for a violation that a check has found.
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
        // A schedule that does not give the same result twice cannot be replayed; and that no end
        // can be reached from a state, no schedule shows.
        let is_fickle =
            matches!(violation.what, Violated::Divergence | Violated::Livelock | Violated::Stall);
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

    /// The program of the scenario.
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
