//! Runtimes: locks, condition variables, atomics and clocks under which an implementation is
//! checked.

pub mod board;
pub mod loom;
pub mod shuttle;
pub mod stoppable;

use calloff_model::Runtime;

/// What driving a program's actors asks of a runtime besides.
pub trait Host: Runtime {
    /// The next lock that the calling thread takes belongs to the step that it is in: if the lock
    /// is free, nobody steps before. Only a runtime that owns all steps can promise that.
    fn join_next(&self) {}

    /// In which of so many ways the calling thread goes on; from 0. A checker that owns all steps
    /// tries each one.
    fn pick(&self, ways: usize) -> usize {
        let _ = ways;
        0
    }
}
