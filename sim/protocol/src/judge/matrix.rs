//! The matrix of faults and clauses: which clauses catch a fault.

use std::collections::BTreeSet;

use super::{Run, sometimes, vacuous};
use crate::clauses::ClauseId;

/// The ids of the clauses that the runs violate, in order. A *sometimes* clause counts as violated
/// if one of its facets is never witnessed under some reading.
pub fn caught_by(runs: &[Run]) -> Vec<&'static str> {
    let always = runs.iter().flat_map(|run| run.exploration.violations.keys());
    let mut caught: BTreeSet<ClauseId> = always.copied().collect();
    let sometimes = sometimes(runs);
    for missing in vacuous(runs, &sometimes) {
        caught.insert(missing.clause);
    }
    caught.into_iter().map(|clause| clause.id).collect()
}
