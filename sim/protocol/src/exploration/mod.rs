//! Explorations: which engine explores, how far, and what it has found.
//!
//! This is the data that engines, judges and reports share. The engines themselves are elsewhere:
//! [`search`](crate::search) explores the machine, the others run code.

use serde::{Deserialize, Serialize};

mod found;
mod granularity;
mod limits;
mod reductions;
mod sought;
mod stop;

pub use found::{
    Answer, Discovery, Exploration, Lasso, Livelock, NodeId, Paths, ROOT, Stall, Strategy, Turn,
};
pub use granularity::Granularity;
pub use limits::{Bound, Limit, Limits};
pub use reductions::{Reduction, Reductions};
pub use sought::{Scope, Sought};
pub use stop::Stop;

/// A way of exploring.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    /// Every interleaving of the machine's atomic steps.
    Protocol,
    /// Every interleaving of the real monitor's lock operations.
    Exhaustive,
    /// The real monitor in every order of its lock operations, under loom.
    Loom,
    /// The real monitor under shuttle's schedulers, sampled.
    Shuttle,
    /// The real monitor on real threads, sampled.
    Std,
}

impl Engine {
    /// All engines, in the order in which they run.
    pub const ALL: [Engine; 5] =
        [Engine::Protocol, Engine::Exhaustive, Engine::Loom, Engine::Shuttle, Engine::Std];

    /// The name in flags and reports.
    pub fn name(self) -> &'static str {
        match self {
            Engine::Protocol => "protocol",
            Engine::Exhaustive => "exhaustive",
            Engine::Loom => "loom",
            Engine::Shuttle => "shuttle",
            Engine::Std => "std",
        }
    }

    /// What it explores, and how, in one sentence.
    pub fn summary(self) -> &'static str {
        match self {
            Engine::Protocol => {
                "Every interleaving of the machine's atomic steps, breadth first, so that each \
                 counterexample is a shortest schedule. It checks the clauses."
            }
            Engine::Exhaustive => {
                "Every interleaving of the lock operations of the real monitor: the code that a \
                 program ships must have exactly the ends of the machine."
            }
            Engine::Loom => {
                "The real monitor in every order of its lock operations, under loom, each case in \
                 its own process; with a bound on preemptions where a full exploration is too \
                 large."
            }
            Engine::Shuttle => {
                "The real monitor under shuttle's schedulers, seeded and sampled: for scenarios of \
                 any size."
            }
            Engine::Std => {
                "The real monitor on real threads with a real clock, sampled: its ends must be \
                 among those that `protocol` has proven possible."
            }
        }
    }
}
