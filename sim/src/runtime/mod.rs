//! Runtimes of checkers: locks, condition variables and a clock that a search controls.

pub mod loom;
