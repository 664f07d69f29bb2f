//! Runs the implementation that contains a seeded bug, or the real monitor if there is no bug.

use std::sync::Arc;
use std::time::Duration;

use calloff_model::{Monitor, Reading};

use super::{Seeded, shell};
use crate::drive;
use crate::engine::follow::{Followed, Script, follow, follow_made};
use crate::engine::loom::{Budget, LoomRun};
use crate::engine::real_threads::RealRuns;
use crate::engine::{Exploration, Limits, Scope, Sought, Stop};
use crate::engine::{exhaustive as every, loom as under_loom, real_threads, sampled as sampling};
use crate::program::Program;
use crate::runtime::loom::LoomRuntime;
use crate::runtime::shuttle::ShuttleRuntime;
use crate::runtime::stoppable::Stoppable;

/// Runs it in every interleaving, within the scope.
pub fn exhaustive(
    fault: Option<Seeded>,
    program: &Arc<Program>,
    reading: Reading,
    scope: &Scope,
    limits: &Limits,
    stop: &Stop,
) -> Exploration {
    match fault {
        Some(_) => every::explore_made(&shell::make(fault), program, reading, scope, limits, stop),
        None => {
            let make = drive::make::<_, Monitor<ShuttleRuntime>>();
            every::explore_made(&make, program, reading, scope, limits, stop)
        }
    }
}

/// Runs it that many times in total, with that seed.
pub fn sampled(
    fault: Option<Seeded>,
    program: &Arc<Program>,
    reading: Reading,
    (seed, executions): (u64, u64),
    stop: &Stop,
) -> Exploration {
    match fault {
        Some(_) => {
            let make = shell::make(fault);
            sampling::explore_made(&make, program, reading, seed, executions, stop)
        }
        None => {
            sampling::explore::<Monitor<ShuttleRuntime>>(program, reading, seed, executions, stop)
        }
    }
}

/// Runs it under one strategy with a seed until the question is answered. Returns the number of
/// executions, of at most the given number.
pub fn hunt(
    fault: Seeded,
    of: (&Arc<Program>, Reading),
    chance: (&str, u64),
    executions_max: usize,
    sought: &Sought,
    stop: &Stop,
) -> Option<u64> {
    sampling::hunt(&shell::make(Some(fault)), of, chance, executions_max, sought, stop)
}

/// Runs it under loom, in this process; see [`explore`](under_loom::explore).
pub fn loom(
    fault: Option<Seeded>,
    program: &Arc<Program>,
    reading: Reading,
    budget: Budget,
) -> LoomRun {
    match fault {
        Some(_) => under_loom::explore_made(&shell::make(fault), program, reading, budget),
        None => under_loom::explore::<Monitor<LoomRuntime>>(program, reading, budget),
    }
}

/// Runs it on real threads that many times; a second lasts for one tick.
pub fn on_threads(
    fault: Option<Seeded>,
    program: &Arc<Program>,
    reading: Reading,
    (repetitions, tick): (u64, Duration),
    stop: &Stop,
) -> RealRuns {
    match fault {
        Some(_) => {
            let make = shell::make(fault);
            real_threads::run_made(&make, program, reading, repetitions, tick, stop)
        }
        None => real_threads::run::<Monitor<Stoppable>>(program, reading, repetitions, tick, stop),
    }
}

/// Follows a schedule on it.
pub fn followed(
    fault: Option<Seeded>,
    program: &Arc<Program>,
    reading: Reading,
    script: &Script,
) -> Followed {
    match fault {
        Some(_) => follow_made(&shell::make(fault), program, reading, script),
        None => follow::<Monitor<ShuttleRuntime>>(program, reading, script),
    }
}
