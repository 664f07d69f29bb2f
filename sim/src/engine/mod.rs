//! Engines: ways of exploring a program.

pub mod limits;
pub mod protocol;
pub mod real_threads;
mod stop;

pub use limits::{Bound, Limit, Limits};
pub use protocol::{Exploration, Finding, NodeId, Outcome};
pub use stop::Stop;
