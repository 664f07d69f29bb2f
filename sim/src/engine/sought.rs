//! The question that an exploration has to answer, if it need not explore everything.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::exploration::{NodeId, Outcome};

/// The question of an exploration. It ends as soon as it knows the answer, with
/// [`Bound::Sought`](super::Bound::Sought).
#[derive(Clone, Debug)]
pub enum Sought {
    /// Is there an end that is not among these?
    Foreign(Arc<BTreeSet<Outcome>>),
    /// Is there an end in which an actor is stuck?
    Stuck,
    /// Is one of these ends unreachable? The exploration stops once all of them were seen.
    Missing(Arc<BTreeSet<Outcome>>),
}

/// How much is explored; by default, everything.
#[derive(Clone, Default, Debug)]
pub struct Scope {
    /// The question to answer.
    pub sought: Option<Sought>,
    /// The most context switches of an execution.
    pub switches_max: Option<u64>,
}

impl Sought {
    /// Whether the end answers the question with yes.
    pub fn is_shown_by(&self, end: &Outcome) -> bool {
        match self {
            Sought::Foreign(known) => !known.contains(end),
            Sought::Stuck => !end.stuck.is_empty(),
            Sought::Missing(_) => false,
        }
    }
}

impl Scope {
    /// Whether the question is answered after `new`, the last of these ends.
    pub(super) fn is_done(&self, ends: &BTreeMap<Outcome, NodeId>, new: &Outcome) -> bool {
        match &self.sought {
            Some(Sought::Missing(known)) => known.iter().all(|end| ends.contains_key(end)),
            Some(sought) => sought.is_shown_by(new),
            None => false,
        }
    }
}
