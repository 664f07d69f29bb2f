//! What an exploration is after, when it need not see everything.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::exploration::{NodeId, Reductions};
use crate::history::{EndKind, Outcome};

/// What is to be found out: whether there is an end of that kind. An exploration that knows it
/// ends, with [`Bound::Sought`](super::Bound::Sought).
#[derive(Clone, Debug)]
pub struct Sought {
    /// What the end is like.
    pub kind: EndKind,
    /// Every end of the machine.
    pub known: Arc<BTreeSet<Outcome>>,
}

/// How far an exploration goes; by default, to the end.
#[derive(Clone, Default, Debug)]
pub struct Scope {
    /// What is to be found out.
    pub sought: Option<Sought>,
    /// The most context switches of an execution.
    pub switches_max: Option<u64>,
    /// The most wake-ups for no reason in an execution; by default one for programs of few actors.
    pub spurious_max: Option<u32>,
    /// What an exploration saves itself, of what it can.
    pub reductions: Reductions,
}

impl Sought {
    /// Whether an end shows it.
    pub fn is_shown_by(&self, end: &Outcome) -> bool {
        match self.kind {
            EndKind::Foreign => !self.known.contains(end),
            EndKind::Stuck => !end.stuck.is_empty(),
            EndKind::Missing => false,
        }
    }
}

impl Scope {
    /// Whether nothing more is to be found out after the end `new`, which is the last of these.
    pub fn is_done(&self, ends: &BTreeMap<Outcome, NodeId>, new: &Outcome) -> bool {
        match &self.sought {
            // No end of the machine's is missing once all of them were seen.
            Some(Sought { kind: EndKind::Missing, known }) => {
                known.iter().all(|end| ends.contains_key(end))
            }
            Some(sought) => sought.is_shown_by(new),
            None => false,
        }
    }
}
