//! The property: what must hold for every generated scenario.

use calloff_model::Reading;
use calloff_protocol::exploration::Stop;
use calloff_protocol::judge::{Options, Run, Verdict};
use calloff_protocol::scenario::Scenario;

use super::coverage::Coverage;
use super::{Size, scenario};
use crate::check;

/// The result for one generated scenario.
#[derive(Debug)]
pub struct Tested {
    /// Its index.
    pub index: u64,
    /// The scenario.
    pub scenario: Scenario,
    /// The results of each engine under each reading.
    pub runs: Vec<Run>,
    /// The coverage of this scenario.
    pub coverage: Coverage,
}

/// Checks the scenario with that index: under every reading each engine must agree with the
/// clauses, with the `protocol` engine, and with the scenario's expectations.
///
/// # Panics
///
/// If the scenario, printed as a file, does not parse back to itself: a bug of the harness.
pub fn property(seed: u64, index: u64, size: &Size, options: &Options, stop: &Stop) -> Tested {
    let scenario = scenario(seed, index, size);
    let file = scenario.to_toml();
    match Scenario::parse(&scenario.name, file.as_bytes()) {
        Ok(parsed) => assert_eq!(parsed, scenario, "a file means what was printed:\n{file}"),
        Err(errors) => panic!("a generated scenario is valid: {errors}\n{file}"),
    }
    let mut runs = Vec::new();
    for reading in Reading::ALL {
        runs.extend(check::check(0, &scenario, reading, options, stop));
    }
    let coverage = Coverage::of(seed, index, &scenario, &runs, options.fault);
    Tested { index, scenario, runs, coverage }
}

impl Tested {
    /// The runs in which something is wrong.
    pub fn broken(&self) -> impl Iterator<Item = &Run> {
        self.runs.iter().filter(|run| run.is_broken())
    }

    /// Whether some run hit a limit, so that this case proves nothing.
    pub fn is_inconclusive(&self) -> bool {
        let is_unsure = |run: &Run| run.skipped.is_none() && run.verdict == Verdict::Inconclusive;
        self.runs.iter().any(is_unsure)
    }
}
