//! Engines: ways of exploring a program.

pub mod exhaustive;
mod exploration;
pub mod limits;
pub mod protocol;
mod stop;

/// A way of exploring.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Engine {
    /// Every interleaving of the machine's atomic steps.
    Protocol,
    /// Every interleaving of the real monitor's lock operations.
    Exhaustive,
}

impl Engine {
    /// All engines, in the order in which they run.
    pub const ALL: [Engine; 2] = [Engine::Protocol, Engine::Exhaustive];

    /// The name in flags and reports.
    pub fn name(self) -> &'static str {
        match self {
            Engine::Protocol => "protocol",
            Engine::Exhaustive => "exhaustive",
        }
    }
}

pub use exploration::{Exploration, Finding, NodeId, Outcome};
pub use limits::{Bound, Limit, Limits};
pub use stop::Stop;
