//! Engines: different ways to explore the executions of a program.

pub mod exhaustive;
mod exploration;
pub mod follow;
mod granularity;
pub mod limits;
pub mod loom;
pub mod protocol;
pub mod real_threads;
pub mod sampled;
mod sought;
mod stage;
mod stop;

/// A way to explore a program.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
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
                "Every interleaving of the machine's atomic steps, breadth first, so that what it \
                 finds is shown by a shortest schedule. It judges the clauses."
            }
            Engine::Exhaustive => {
                "Every interleaving of the lock operations of the real monitor: the code that a \
                 program ships has to end exactly as the machine does."
            }
            Engine::Loom => {
                "The real monitor in every order of its lock operations, under loom, each case in \
                 a process of its own; with a bound on preemptions where that is too much."
            }
            Engine::Shuttle => {
                "The real monitor under shuttle's schedulers, seeded and sampled: for scenarios of \
                 any size."
            }
            Engine::Std => {
                "The real monitor on real threads with a real clock, sampled: what it sees must be \
                 among what `protocol` has proven possible."
            }
        }
    }
}

pub use exploration::{Exploration, Finding, NodeId, Outcome, Strategy};
pub use granularity::Granularity;
pub use limits::{Bound, Limit, Limits};
pub use sought::{Scope, Sought};
pub use stop::Stop;
