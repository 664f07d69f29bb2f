//! The messages to and from a worker: one JSON value each way.

use calloff_model::{Cancelable, Code, Reading, Waiter};
use serde::{Deserialize, Serialize};

use super::{Budget, LoomBound, LoomRun};
use crate::engine::Outcome;
use crate::history::ActorId;
use crate::scenario::Scenario;

/// The task of a worker: what it explores.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Job {
    /// The scenario.
    pub scenario: Scenario,
    /// The reading.
    pub reading: Reading,
    /// The limits of the exploration.
    pub budget: Budget,
    /// The name of the implementation, from the worker's list.
    pub implementation: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct JobWire {
    scenario: String,
    cancelable: String,
    waiter: String,
    executions_max: u64,
    preemptions_max: u64,
    implementation: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RunWire {
    outcomes: Vec<OutcomeWire>,
    executions: u64,
    bound: BoundWire,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OutcomeWire {
    codes: Vec<Vec<(u32, u32)>>,
    stuck: Vec<u32>,
    order: Vec<u32>,
    after: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum BoundWire {
    Exhausted,
    Bounded { preemptions: u64 },
    Stopped,
}

impl Job {
    /// The job as one line of JSON.
    pub fn to_json(&self) -> String {
        let wire = JobWire {
            scenario: self.scenario.to_toml(),
            cancelable: self.reading.cancelable.name().to_owned(),
            waiter: self.reading.waiter.name().to_owned(),
            executions_max: self.budget.executions_max,
            preemptions_max: self.budget.preemptions_max,
            implementation: self.implementation.clone(),
        };
        serde_json::to_string(&wire).expect("a job is plain data")
    }

    /// Reads a job.
    ///
    /// # Errors
    ///
    /// A description of what is wrong with the text.
    pub fn from_json(text: &str) -> Result<Job, String> {
        let wire: JobWire = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let scenario = Scenario::parse("job", wire.scenario.as_bytes());
        let cancelable = Cancelable::ALL.into_iter().find(|c| c.name() == wire.cancelable);
        let waiter = Waiter::ALL.into_iter().find(|w| w.name() == wire.waiter);
        Ok(Job {
            scenario: scenario.map_err(|errors| errors.to_string())?,
            reading: Reading {
                cancelable: cancelable.ok_or("no such value of cancelable")?,
                waiter: waiter.ok_or("no such value of waiter")?,
            },
            budget: Budget {
                executions_max: wire.executions_max,
                preemptions_max: wire.preemptions_max,
            },
            implementation: wire.implementation,
        })
    }
}

impl LoomRun {
    /// The run as one line of JSON.
    pub fn to_json(&self) -> String {
        let codes = |actor: &Vec<(u32, Code)>| actor.iter().map(|(at, c)| (*at, c.0)).collect();
        let outcome = |(outcome, order): (&Outcome, &Vec<ActorId>)| OutcomeWire {
            codes: outcome.codes.iter().map(codes).collect(),
            stuck: outcome.stuck.iter().map(|actor| actor.0).collect(),
            order: order.iter().map(|actor| actor.0).collect(),
            after: self.found_after.get(outcome).copied().unwrap_or(self.executions),
        };
        let wire = RunWire {
            outcomes: self.outcomes.iter().map(outcome).collect(),
            executions: self.executions,
            bound: match self.bound {
                LoomBound::Exhausted => BoundWire::Exhausted,
                LoomBound::Bounded { preemptions } => BoundWire::Bounded { preemptions },
                LoomBound::Stopped => BoundWire::Stopped,
            },
        };
        serde_json::to_string(&wire).expect("a run is plain data")
    }

    /// Reads a run.
    ///
    /// # Errors
    ///
    /// A description of what is wrong with the text.
    pub fn from_json(text: &str) -> Result<LoomRun, String> {
        let wire: RunWire = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let codes = |actor: Vec<(u32, u32)>| actor.into_iter().map(|(at, c)| (at, Code(c)));
        let outcome = |wire: OutcomeWire| {
            let codes = wire.codes.into_iter().map(|actor| codes(actor).collect()).collect();
            let stuck = wire.stuck.into_iter().map(ActorId).collect();
            let order: Vec<ActorId> = wire.order.into_iter().map(ActorId).collect();
            (Outcome { codes, stuck }, (wire.after, order))
        };
        let outcomes: Vec<_> = wire.outcomes.into_iter().map(outcome).collect();
        Ok(LoomRun {
            found_after: outcomes.iter().map(|(end, (after, _))| (end.clone(), *after)).collect(),
            outcomes: outcomes.into_iter().map(|(end, (_, order))| (end, order)).collect(),
            executions: wire.executions,
            bound: match wire.bound {
                BoundWire::Exhausted => LoomBound::Exhausted,
                BoundWire::Bounded { preemptions } => LoomBound::Bounded { preemptions },
                BoundWire::Stopped => LoomBound::Stopped,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run() -> LoomRun {
        let codes = vec![vec![(0, Code::S_OK), (1, Code::E_FAIL)], vec![]];
        let outcome = Outcome { codes, stuck: vec![ActorId(1)] };
        let bound = LoomBound::Bounded { preemptions: 2 };
        let found_after = [(outcome.clone(), 5)].into();
        let outcomes = [(outcome, vec![ActorId(0), ActorId(0)])].into();
        LoomRun { outcomes, found_after, executions: 7, bound }
    }

    #[test]
    fn a_run_reads_back_as_what_it_was() {
        for bound in [LoomBound::Exhausted, LoomBound::Stopped, run().bound] {
            let run = LoomRun { bound, ..run() };
            assert_eq!(LoomRun::from_json(&run.to_json()), Ok(run));
        }
    }

    #[test]
    fn no_part_of_a_run_passes_for_a_run() {
        let whole = run().to_json();
        for end in 0..whole.len() {
            assert!(LoomRun::from_json(&whole[..end]).is_err(), "{}", &whole[..end]);
        }
        assert!(LoomRun::from_json(&format!("{whole}{whole}")).is_err());
    }

    #[test]
    fn a_job_reads_back_as_what_it_was() {
        for file in calloff_scenarios::corpus() {
            let scenario = Scenario::parse(&file.path, file.bytes).expect("the corpus is valid");
            let reading = scenario.expect.readings[0];
            let implementation = "monitor".to_owned();
            let budget = Budget { executions_max: 3, preemptions_max: 2 };
            let job = Job { scenario, reading, budget, implementation };
            assert_eq!(Job::from_json(&job.to_json()), Ok(job));
        }
    }
}
