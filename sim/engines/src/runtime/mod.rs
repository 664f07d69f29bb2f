//! Runtimes: locks, condition variables, atomics and clocks under which an implementation is
//! checked.

pub mod board;
pub mod loom;
pub mod shuttle;
pub mod stoppable;
