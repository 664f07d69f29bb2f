//! The engines that run an implementation.

pub mod exhaustive;
pub mod follow;
pub mod loom;
pub mod real_threads;
pub mod sampled;
mod stage;
