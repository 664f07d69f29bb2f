//! Which implementation runs: the real monitor, or the one that a seeded bug is in.

mod monitor;

use calloff_model::Monitor;
use calloff_protocol::exploration::{Exploration, Limits, Scope, Sought, Stop};
use calloff_protocol::faults::Seeded;
use calloff_protocol::operations::{Followed, Script};
use calloff_protocol::program::Case;

use crate::drive;
use crate::engine::loom::worker::Explore;
use crate::engine::loom::{self, Budget, LoomRun};
use crate::engine::real_threads::{self, RealRuns, Repetitions};
use crate::engine::sampled::{self, Sample};
use crate::engine::{exhaustive, follow};

/// Runs an expression with what makes the implementation that a seeded bug is in, if there is one.
macro_rules! with_subject {
    ($fault:expr, |$make:ident| $run:expr) => {
        match $fault {
            None => {
                let $make = &drive::make::<_, Monitor<_>>();
                $run
            }
            fault => {
                let $make = &monitor::make(fault);
                $run
            }
        }
    };
}

/// Explores every interleaving, as far as the scope goes.
pub fn exhaustive(
    fault: Option<Seeded>,
    case: &Case,
    scope: &Scope,
    limits: &Limits,
    stop: &Stop,
) -> Exploration {
    with_subject!(fault, |make| exhaustive::explore(make, case, scope, limits, stop))
}

/// Draws executions by chance.
pub fn sampled(fault: Option<Seeded>, case: &Case, sample: Sample, stop: &Stop) -> Exploration {
    with_subject!(fault, |make| sampled::explore(make, case, sample, stop))
}

/// Draws executions by chance until an end comes that is sought; see [`sampled::hunt`].
pub fn hunt(
    fault: Seeded,
    case: &Case,
    strategy: &str,
    sample: Sample,
    sought: &Sought,
    stop: &Stop,
) -> Option<u64> {
    sampled::hunt(&monitor::make(Some(fault)), case, strategy, sample, sought, stop)
}

/// Explores under loom, in this process; see [`loom::explore`].
pub fn under_loom(fault: Option<Seeded>, case: &Case, budget: Budget) -> LoomRun {
    with_subject!(fault, |make| loom::explore(make, case, budget))
}

/// Runs on real threads.
pub fn on_threads(
    fault: Option<Seeded>,
    case: &Case,
    repetitions: Repetitions,
    stop: &Stop,
) -> RealRuns {
    with_subject!(fault, |make| real_threads::run(make, case, repetitions, stop))
}

/// Follows a schedule.
pub fn follow(fault: Option<Seeded>, case: &Case, script: &Script) -> Followed {
    with_subject!(fault, |make| follow::follow(make, case, script))
}

/// The name of the real monitor among [`implementations`].
pub const MONITOR: &str = "monitor";

/// What `calloff worker loom` can explore, by name: the real monitor, and the implementation that
/// each of the seeded bugs is in.
pub fn implementations() -> Vec<(&'static str, Explore)> {
    let explore = |fault: Option<Seeded>| -> Explore {
        Box::new(move |case, budget| under_loom(fault, case, budget))
    };
    let seeded = Seeded::all().map(|fault| (fault.name(), explore(Some(fault))));
    std::iter::once((MONITOR, explore(None))).chain(seeded).collect()
}
