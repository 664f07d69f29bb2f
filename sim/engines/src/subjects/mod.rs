//! Which implementation runs: the real monitor, the one that a seeded bug is in, or one of
//! somebody's own.

mod monitor;
mod own;

use calloff_model::Monitor;
use calloff_protocol::code::Code;
use calloff_protocol::exploration::{Exploration, Limits, Scope, Sought, Stop};
use calloff_protocol::faults::Seeded;
use calloff_protocol::judge::Options;
use calloff_protocol::operations::{Followed, Script};
use calloff_protocol::program::Case;
pub use own::Own;

use crate::drive;
use crate::engine::loom::worker::Explore;
use crate::engine::loom::{self, Budget, LoomRun};
use crate::engine::real_threads::{self, Repetitions};
use crate::engine::sampled::{self, Sample};
use crate::engine::{exhaustive, follow};

/// Which implementation: one of somebody's own, else the one that the seeded bug is in, else the
/// real monitor.
#[derive(Clone, Copy)]
pub struct Which<'a> {
    /// Somebody's own.
    pub code: Option<&'a dyn Code>,
    /// The seeded bug.
    pub fault: Option<Seeded>,
}

impl From<Option<Seeded>> for Which<'_> {
    fn from(fault: Option<Seeded>) -> Self {
        Which { code: None, fault }
    }
}

impl<'a> From<&'a Options> for Which<'a> {
    fn from(options: &'a Options) -> Self {
        Which { code: options.code.as_deref(), fault: options.fault }
    }
}

impl Which<'_> {
    /// Why it cannot run client programs; `None` if it can.
    pub fn skips_clients(&self) -> Option<&'static str> {
        match (self.code, self.fault) {
            (Some(code), _) if code.takes_clients() => None,
            (Some(_), _) => Some("the implementation does not take client programs"),
            (None, Some(_)) => Some("the code that the bug is in does not take client programs"),
            (None, None) => None,
        }
    }
}

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
pub fn exhaustive<'a>(
    which: impl Into<Which<'a>>,
    case: &Case,
    scope: &Scope,
    limits: &Limits,
    stop: &Stop,
) -> Exploration {
    let Which { code, fault } = which.into();
    match code {
        Some(code) => code.exhaustive(case, scope, limits, stop),
        None => with_subject!(fault, |make| exhaustive::explore(make, case, scope, limits, stop)),
    }
}

/// Draws executions by chance.
pub fn sampled<'a>(
    which: impl Into<Which<'a>>,
    case: &Case,
    sample: Sample,
    stop: &Stop,
) -> Exploration {
    let Which { code, fault } = which.into();
    match code {
        Some(code) => code.sampled(case, sample.seed, sample.executions, stop),
        None => with_subject!(fault, |make| sampled::explore(make, case, sample, stop)),
    }
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

/// Runs that many times on real threads.
pub fn on_threads<'a>(
    which: impl Into<Which<'a>>,
    case: &Case,
    times: u64,
    stop: &Stop,
) -> Exploration {
    let Which { code, fault } = which.into();
    let often = Repetitions { times, tick: real_threads::TICK };
    let run = || with_subject!(fault, |make| real_threads::run(make, case, often, stop));
    match code {
        Some(code) => code.on_threads(case, times, stop),
        None => run().into_exploration(),
    }
}

/// Follows a schedule.
pub fn follow<'a>(which: impl Into<Which<'a>>, case: &Case, script: &Script) -> Followed {
    let Which { code, fault } = which.into();
    match code {
        Some(code) => code.follow(case, script),
        None => with_subject!(fault, |make| follow::follow(make, case, script)),
    }
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
