//! What an exploration is after, when it need not see everything.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::exploration::NodeId;
use crate::history::Outcome;

/// What is to be found out. An exploration that knows it ends, with
/// [`Bound::Sought`](super::Bound::Sought).
#[derive(Clone, Debug)]
pub enum Sought {
    /// An end that is not among these.
    Foreign(Arc<BTreeSet<Outcome>>),
    /// An end in which somebody is stuck.
    Stuck,
    /// That one of these never comes: it does not, once all of them have come.
    Missing(Arc<BTreeSet<Outcome>>),
}

/// How far an exploration goes; by default, to the end.
#[derive(Clone, Default, Debug)]
pub struct Scope {
    /// What is to be found out.
    pub sought: Option<Sought>,
    /// The most context switches of an execution.
    pub switches_max: Option<u64>,
}

impl Sought {
    /// Whether an end shows it.
    pub fn is_shown_by(&self, end: &Outcome) -> bool {
        match self {
            Sought::Foreign(known) => !known.contains(end),
            Sought::Stuck => !end.stuck.is_empty(),
            Sought::Missing(_) => false,
        }
    }
}

impl Scope {
    /// Whether nothing more is to be found out behind a new end, the last of these.
    pub fn is_done(&self, ends: &BTreeMap<Outcome, NodeId>, new: &Outcome) -> bool {
        match &self.sought {
            Some(Sought::Missing(known)) => known.iter().all(|end| ends.contains_key(end)),
            Some(sought) => sought.is_shown_by(new),
            None => false,
        }
    }
}
