//! Runtimes under which an implementation can be checked.

pub mod board;
pub mod loom;
pub mod shuttle;
pub mod stoppable;
