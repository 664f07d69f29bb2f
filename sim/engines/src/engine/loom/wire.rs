//! What a worker is told and what it answers: one JSON value each way.

use calloff_model::Reading;
use calloff_protocol::history::{ActorId, Outcome};
use calloff_protocol::scenario::Scenario;
use serde::{Deserialize, Serialize};

use super::{Budget, LoomBound, LoomRun};

/// What is to be explored.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// The scenario.
    #[serde(serialize_with = "as_toml", deserialize_with = "from_toml")]
    pub scenario: Scenario,
    /// The reading.
    pub reading: Reading,
    /// How much may be explored.
    pub budget: Budget,
    /// The name of the implementation, among those that the worker has.
    pub implementation: String,
}

fn as_toml<S: serde::Serializer>(scenario: &Scenario, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&scenario.to_toml())
}

fn from_toml<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Scenario, D::Error> {
    let text = String::deserialize(from)?;
    Scenario::parse("job", text.as_bytes()).map_err(serde::de::Error::custom)
}

/// An answer: for each end the order in which actors finished their steps, and the execution in
/// which it was seen first.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    outcomes: Vec<(Outcome, Vec<ActorId>, u64)>,
    executions: u64,
    bound: LoomBound,
}

impl Job {
    /// The job as one line of JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a job is plain data")
    }

    /// Reads a job.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn from_json(text: &str) -> Result<Job, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }
}

impl LoomRun {
    /// The run as one line of JSON.
    pub fn to_json(&self) -> String {
        let after = |end: &Outcome| self.found_after.get(end).copied().unwrap_or(self.executions);
        let outcomes = self.outcomes.iter();
        let answer = Answer {
            outcomes: outcomes
                .map(|(end, order)| (end.clone(), order.clone(), after(end)))
                .collect(),
            executions: self.executions,
            bound: self.bound,
        };
        serde_json::to_string(&answer).expect("a run is plain data")
    }

    /// Reads a run.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn from_json(text: &str) -> Result<LoomRun, String> {
        let Answer { outcomes, executions, bound } =
            serde_json::from_str(text).map_err(|error| error.to_string())?;
        Ok(LoomRun {
            found_after: outcomes.iter().map(|(end, _, after)| (end.clone(), *after)).collect(),
            outcomes: outcomes.into_iter().map(|(end, order, _)| (end, order)).collect(),
            executions,
            bound,
        })
    }
}

#[cfg(test)]
mod tests {
    use calloff_model::Code;

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
