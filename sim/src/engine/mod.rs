//! Engines: ways of exploring a program.

pub mod limits;
pub mod loom;
pub mod protocol;
mod stop;

pub use limits::{Bound, Limit, Limits};
pub use protocol::{Exploration, Finding, NodeId, Outcome};
pub use stop::Stop;
