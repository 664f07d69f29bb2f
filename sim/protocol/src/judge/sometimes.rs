//! What must be seen at least once, and whether it was.

use calloff_model::Reading;

use super::Run;
use crate::clauses::ClauseId;
use crate::exploration::{Bound, Engine};

/// One thing that must be seen under a reading, and the run that has shown it.
#[derive(Clone, Debug)]
pub struct Sometimes {
    /// The clause that asks for it.
    pub clause: ClauseId,
    /// Which of the clause's facets.
    pub facet: &'static str,
    /// The reading.
    pub reading: Reading,
    /// The first run that has seen it, by its position; `None`: never seen.
    pub witness: Option<usize>,
}

/// The runs of the engine that judges clauses, with their positions.
fn judged(runs: &[Run], reading: Reading) -> impl Iterator<Item = (usize, &Run)> {
    let is_judged = move |run: &Run| run.engine == Engine::Protocol && run.reading == reading;
    runs.iter().enumerate().filter(move |(_, run)| is_judged(run))
}

/// Everything that must be seen, under each reading that was run: what only client programs can
/// show, where some were.
pub fn sometimes(runs: &[Run]) -> Vec<Sometimes> {
    let readings = Reading::ALL.into_iter().filter(|r| judged(runs, *r).next().is_some());
    let readings: Vec<Reading> = readings.collect();
    let mut all = Vec::new();
    let has_clients = |reading| judged(runs, reading).any(|(_, run)| run.is_client);
    for clause in ClauseId::sometimes() {
        let is_asked = |reading: &&Reading| !clause.of_clients || has_clients(**reading);
        for facet in clause.facets {
            for &reading in readings.iter().filter(is_asked) {
                let witness = witness(runs, (clause, facet), reading);
                all.push(Sometimes { clause, facet, reading, witness });
            }
        }
    }
    all
}

fn witness(runs: &[Run], (clause, facet): (ClauseId, &str), reading: Reading) -> Option<usize> {
    let facet = (clause, facet.to_owned());
    let mut runs = judged(runs, reading);
    runs.find(|(_, run)| run.exploration.seen.contains(&facet)).map(|(index, _)| index)
}

/// Those that were not seen although every run of their reading was exhausted: the check was
/// vacuous.
pub fn vacuous<'s>(runs: &[Run], sometimes: &'s [Sometimes]) -> Vec<&'s Sometimes> {
    let is_exhausted =
        |reading| judged(runs, reading).all(|(_, run)| run.exploration.bound == Bound::Exhausted);
    sometimes.iter().filter(|s| s.witness.is_none() && is_exhausted(s.reading)).collect()
}
