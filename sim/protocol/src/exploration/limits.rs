//! Limits: each one has a name, a default, a flag, and a message that says it was hit.

use core::time::Duration;
use std::fmt;

use serde::{Deserialize, Serialize};

/// What stops an exploration that would go on for too long.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(into = "LimitsJson")]
pub struct Limits {
    /// The most states per scenario and reading (`--states-max`).
    pub states_max: u64,
    /// The most executions per scenario and reading, for the engine that samples
    /// (`--executions-max`).
    pub executions_max: u64,
    /// The executions per scenario and reading, for the `std` engine (more with `--thorough`).
    pub std_executions: u64,
    /// The most executions per pass of the `loom` engine (`--executions-max`, too).
    pub loom_executions_max: u64,
    /// The largest bound on preemptions that the `loom` engine uses if an exploration without a
    /// bound takes too many executions (`--preemptions-max`).
    pub preemptions_max: u64,
    /// Memory for states per scenario and reading, in MiB, estimated (`--memory-max`).
    pub memory_max: u64,
    /// The most wall-clock seconds for the whole check (`--seconds-max`). What it cuts off is
    /// inconclusive.
    pub seconds_max: u64,
    /// What this limit has beyond whole seconds, in nanoseconds.
    pub nanoseconds_max: u32,
}

/// The limits as reports have them: the seconds with their fraction, if there is one.
#[derive(Serialize)]
struct LimitsJson {
    states_max: u64,
    executions_max: u64,
    std_executions: u64,
    loom_executions_max: u64,
    preemptions_max: u64,
    memory_max: u64,
    seconds_max: Number,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Number {
    Whole(u64),
    Fraction(f64),
}

impl From<Limits> for LimitsJson {
    fn from(limits: Limits) -> LimitsJson {
        let Limits { states_max, executions_max, std_executions, loom_executions_max, .. } = limits;
        let Limits { preemptions_max, memory_max, seconds_max, nanoseconds_max, .. } = limits;
        LimitsJson {
            states_max,
            executions_max,
            std_executions,
            loom_executions_max,
            preemptions_max,
            memory_max,
            seconds_max: match nanoseconds_max {
                0 => Number::Whole(seconds_max),
                _ => Number::Fraction(limits.time().as_secs_f64()),
            },
        }
    }
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            states_max: 2_000_000,
            executions_max: 400,
            std_executions: 20,
            loom_executions_max: 20_000,
            preemptions_max: 3,
            memory_max: 384,
            seconds_max: 600,
            nanoseconds_max: 0,
        }
    }
}

impl Limits {
    /// The limit on time.
    pub fn time(&self) -> Duration {
        Duration::new(self.seconds_max, self.nanoseconds_max)
    }

    /// The limits of `--thorough`: they allow minutes, before a release.
    pub fn thorough() -> Limits {
        Limits {
            executions_max: 4_000,
            std_executions: 60,
            loom_executions_max: 150_000,
            seconds_max: 3_600,
            ..Limits::default()
        }
    }
}

/// The limit that was hit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    /// `--states-max`
    States,
    /// `--executions-max`
    Executions,
    /// `--memory-max`
    Memory,
    /// `--seconds-max`
    Seconds,
    /// Ctrl-C
    Interrupt,
    /// An execution had more operations than any that ends.
    Steps,
    /// A worker died of what it explored, or was killed from outside at each of its starts.
    Worker,
}

impl Limit {
    /// The limit's name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Limit::States => "states",
            Limit::Executions => "executions",
            Limit::Memory => "memory",
            Limit::Seconds => "seconds",
            Limit::Interrupt => "interrupt",
            Limit::Steps => "steps",
            Limit::Worker => "worker",
        }
    }

    /// What the user can do about it.
    pub fn advice(self) -> &'static str {
        match self {
            Limit::States => "raise --states-max",
            Limit::Executions => "raise --executions-max",
            Limit::Memory => "raise --memory-max",
            Limit::Seconds => "raise --seconds-max",
            Limit::Interrupt => "let it finish",
            Limit::Steps => "the code may loop for ever: see `exhaustive`",
            Limit::Worker => "see why it died (out of memory?)",
        }
    }
}

/// How much of the executions an exploration covered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bound {
    /// Every interleaving was explored.
    Exhausted,
    /// Every interleaving with at most this number of preemptions was explored.
    Bounded {
        /// The number of preemptions.
        preemptions: u64,
    },
    /// Some executions were chosen at random.
    Sampled {
        /// The seed.
        seed: u64,
    },
    /// Some executions ran in real time.
    RealTime,
    /// A limit stopped it.
    Stopped {
        /// Which limit.
        limit: Limit,
    },
    /// The exploration ended when its question was answered.
    Sought,
    /// The implementation behaved differently when it was run again: more runs would prove nothing.
    Diverged,
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Bound::Exhausted => f.write_str("exhausted"),
            Bound::Bounded { preemptions } => write!(f, "bounded (preemptions ≤ {preemptions})"),
            Bound::RealTime => f.write_str("sampled in real time"),
            Bound::Sampled { seed } => write!(f, "sampled with seed {seed}"),
            Bound::Stopped { limit } => write!(f, "stopped by the limit on {}", limit.name()),
            Bound::Sought => f.write_str("explored for what was sought alone"),
            Bound::Diverged => f.write_str("cut short: not deterministic"),
        }
    }
}
