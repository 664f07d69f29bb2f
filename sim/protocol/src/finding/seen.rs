//! What came of seeing a finding again.

use std::sync::Arc;

use crate::judge::Run;
use crate::operations::Followed;
use crate::program::Program;
use crate::trace::{NotEnabled, Trace};
use crate::world::Choice;

/// What came of running a counterexample again.
pub struct Replay {
    /// The scenario, ready to run.
    pub program: Arc<Program>,
    /// The machine's steps as far as they were possible; `None`: the schedule is not one of the
    /// machine's.
    pub trace: Option<Trace>,
    /// The choice that was not possible on the machine.
    pub refused: Option<Refusal>,
    /// The same on the implementation: the one that the seeded bug is in, or the real monitor.
    /// `None` when the machine did not get to the end.
    pub followed: Option<Followed>,
    /// Whether what the file says was violated again; `None` when it says nothing.
    pub is_seen_again: Option<bool>,
    /// Whether it was also violated without the seeded bug; `None` when there is no bug.
    pub is_seen_without_fault: Option<bool>,
    /// Whether the implementation must do what the machine does: no seeded bug is in either.
    pub must_follow: bool,
}

/// A choice that was not possible on the machine, and those that were.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// Which, and why.
    pub choice: NotEnabled,
    /// What was possible there.
    pub enabled: Vec<Choice>,
}

impl Replay {
    /// Whether the schedule could be followed to its end by all who must.
    pub fn has_diverged(&self) -> bool {
        let departs = self.followed.as_ref().is_some_and(|f| f.divergence.is_some());
        self.refused.is_some() || (departs && (self.must_follow || self.trace.is_none()))
    }
}

/// What came of exploring again.
#[derive(Debug)]
pub struct Explored {
    /// The run of the engine that had found it.
    pub run: Run,
    /// Whether it found it again.
    pub is_seen_again: bool,
    /// Whether it finds it without the seeded bug as well; `None` when there is no bug.
    pub is_seen_without_fault: Option<bool>,
}
