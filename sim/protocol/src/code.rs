//! Code that engines run: what checks, replays and shrinks ask of an implementation that is not one
//! of calloff's own.

use crate::exploration::{Exploration, Limits, Scope, Stop};
use crate::operations::{Followed, Script};
use crate::program::Case;

/// An implementation of somebody's own, as every engine that runs code runs it.
pub trait Code: Send + Sync {
    /// Its name; a worker of the `loom` engine knows it by that name.
    fn name(&self) -> &'static str;

    /// Whether it does what only client programs ask for.
    fn takes_clients(&self) -> bool;

    /// Explores every interleaving, as far as the scope goes.
    fn exhaustive(&self, case: &Case, scope: &Scope, limits: &Limits, stop: &Stop) -> Exploration;

    /// Draws that many executions by chance.
    fn sampled(&self, case: &Case, seed: u64, executions: u64, stop: &Stop) -> Exploration;

    /// Runs it so many times on real threads.
    fn on_threads(&self, case: &Case, times: u64, stop: &Stop) -> Exploration;

    /// Runs one execution, as the script says.
    fn follow(&self, case: &Case, script: &Script) -> Followed;
}
