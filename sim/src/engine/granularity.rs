//! The granularity of a schedule: the meaning of one choice.

/// The meaning of one choice of a schedule.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Granularity {
    /// An atomic step of the machine.
    #[default]
    Step,
    /// All that the implementation does from taking one lock to taking the next one.
    Section,
    /// An operation of the implementation on a lock, a condition variable or an atomic.
    Operation,
    /// A step that the actor has finished; other steps may have started before it or during it.
    /// Such a schedule describes what happened but cannot be replayed.
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
