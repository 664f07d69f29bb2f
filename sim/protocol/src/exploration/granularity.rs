//! The granularity of a schedule: the meaning of one choice.

use serde::{Deserialize, Serialize};

/// What one choice of a schedule stands for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
pub enum Granularity {
    /// An atomic step of the machine.
    #[default]
    #[serde(rename = "atomic-step")]
    Step,
    /// What the implementation does from one lock that it takes up to the next one.
    #[serde(rename = "critical-section")]
    Section,
    /// An operation of the implementation on a lock, a condition variable or an atomic.
    #[serde(rename = "lock-operation")]
    Operation,
    /// A step that the actor has finished; others may have begun before, or in between. Such a
    /// schedule tells what happened, but cannot be replayed.
    #[serde(rename = "finished-step")]
    FinishedStep,
}

impl Granularity {
    /// All granularities.
    pub const ALL: [Granularity; 4] = [
        Granularity::Step,
        Granularity::Section,
        Granularity::Operation,
        Granularity::FinishedStep,
    ];

    /// The granularities at which a schedule can be replayed.
    pub const REPLAYABLE: [Granularity; 3] =
        [Granularity::Step, Granularity::Section, Granularity::Operation];

    /// The name in counterexamples and flags.
    pub fn name(self) -> &'static str {
        match self {
            Granularity::Step => "atomic-step",
            Granularity::Section => "critical-section",
            Granularity::Operation => "lock-operation",
            Granularity::FinishedStep => "finished-step",
        }
    }

    /// Whether a schedule of this granularity can be replayed.
    pub fn is_replayable(self) -> bool {
        self != Granularity::FinishedStep
    }
}
