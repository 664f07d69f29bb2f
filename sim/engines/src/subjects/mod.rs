//! Running the implementation that a seeded bug is in, or the real monitor when there is none.

mod monitor;

use std::sync::Arc;
use std::time::Duration;

use calloff_model::{Monitor, Reading};
use calloff_protocol::exploration::{Exploration, Limits, Scope, Sought, Stop};
use calloff_protocol::faults::Seeded;
use calloff_protocol::operations::{Followed, Script};
use calloff_protocol::program::Program;

use crate::drive;
use crate::engine::follow::{follow, follow_made};
use crate::engine::loom::{Budget, LoomRun};
use crate::engine::real_threads::RealRuns;
use crate::engine::{exhaustive as every, loom as under_loom, real_threads, sampled as sampling};
use crate::runtime::loom::LoomRuntime;
use crate::runtime::shuttle::ShuttleRuntime;
use crate::runtime::stoppable::Stoppable;

/// In every interleaving, as far as the scope goes.
pub fn exhaustive(
    fault: Option<Seeded>,
    program: &Arc<Program>,
    reading: Reading,
    scope: &Scope,
    limits: &Limits,
    stop: &Stop,
) -> Exploration {
    match fault {
        Some(_) => {
            every::explore_made(&monitor::make(fault), program, reading, scope, limits, stop)
        }
        None => {
            let make = drive::make::<_, Monitor<ShuttleRuntime>>();
            every::explore_made(&make, program, reading, scope, limits, stop)
        }
    }
}

/// That many times, in all, with that seed.
pub fn sampled(
    fault: Option<Seeded>,
    program: &Arc<Program>,
    reading: Reading,
    (seed, executions): (u64, u64),
    stop: &Stop,
) -> Exploration {
    match fault {
        Some(_) => {
            let make = monitor::make(fault);
            sampling::explore_made(&make, program, reading, seed, executions, stop)
        }
        None => {
            sampling::explore::<Monitor<ShuttleRuntime>>(program, reading, seed, executions, stop)
        }
    }
}

/// Under one strategy with a seed, until an end comes that is sought: after how many executions, of
/// at most so many.
pub fn hunt(
    fault: Seeded,
    of: (&Arc<Program>, Reading),
    chance: (&str, u64),
    executions_max: usize,
    sought: &Sought,
    stop: &Stop,
) -> Option<u64> {
    sampling::hunt(&monitor::make(Some(fault)), of, chance, executions_max, sought, stop)
}

/// Under loom, in this process; see [`explore`](under_loom::explore).
pub fn loom(
    fault: Option<Seeded>,
    program: &Arc<Program>,
    reading: Reading,
    budget: Budget,
) -> LoomRun {
    match fault {
        Some(_) => under_loom::explore_made(&monitor::make(fault), program, reading, budget),
        None => under_loom::explore::<Monitor<LoomRuntime>>(program, reading, budget),
    }
}

/// On real threads, that many times, a second for a tick.
pub fn on_threads(
    fault: Option<Seeded>,
    program: &Arc<Program>,
    reading: Reading,
    (repetitions, tick): (u64, Duration),
    stop: &Stop,
) -> RealRuns {
    match fault {
        Some(_) => {
            let make = monitor::make(fault);
            real_threads::run_made(&make, program, reading, repetitions, tick, stop)
        }
        None => real_threads::run::<Monitor<Stoppable>>(program, reading, repetitions, tick, stop),
    }
}

/// Follows a schedule.
pub fn followed(
    fault: Option<Seeded>,
    program: &Arc<Program>,
    reading: Reading,
    script: &Script,
) -> Followed {
    match fault {
        Some(_) => follow_made(&monitor::make(fault), program, reading, script),
        None => follow::<Monitor<ShuttleRuntime>>(program, reading, script),
    }
}
