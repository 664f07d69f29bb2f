//! Runtimes under which an implementation can be checked.

pub mod stoppable;
