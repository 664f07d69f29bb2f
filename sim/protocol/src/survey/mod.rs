//! The survey: everything that can happen to a program, without saying how.
//!
//! It finds all ends, all clauses that are violated, everything that must be seen and is, and all
//! codes that steps return. It gives no schedules: if something is wrong, [`search`](crate::search)
//! explores again, in full, and finds the shortest one. So a proof, which needs no schedule, is
//! fast.
//!
//! # States
//!
//! Each part of a world (an actor's state, a machine, what the ledger knows of a thread) is kept
//! once, and has a number. A state is the list of the numbers of its parts. What a step does is
//! remembered for each combination of parts that it looks at (`steps`, `ledgers`), so the
//! machine and the clauses are asked once for each combination, and not once for each transition.
//! Most transitions only look up numbers.
//!
//! The time in a state is always the same, `NOW`: when the clock advances by three seconds,
//! every deadline comes three seconds nearer. So states that differ in the time alone are one.
//!
//! # Reductions
//!
//! Not every state has to be looked at; see [`Reduction`], and `docs/reductions.md` for the
//! arguments. Each can be switched off, and a test holds the results against those of the search
//! without them.
//!
//! # Example
//!
//! A caller, its server, and four cancellers of one call are 69 266 states. Identical cancellers,
//! and waits without a clock, leave 2 173 of them. `docs/reductions.md` has more, and the command.

mod alike;
mod ends;
mod ledgers;
mod parts;
mod pieces;
mod run;
mod states;
mod steps;
mod tuples;

use std::collections::BTreeSet;

use calloff_model::{Code, Ticks, Waiter};

use crate::clauses::ClauseId;
use crate::exploration::{Bound, Limits, Reduction, Reductions, Stop};
use crate::history::{ActorId, Outcome, TimePolicy};
use crate::program::Case;
use crate::world::Fault;

/// The time in every state. Later than the longest window, so that what happened a window ago has
/// a time, too.
const NOW: Ticks = Ticks(1 << 33);

/// What can happen to a program.
#[derive(Clone, Debug)]
pub struct Survey {
    /// How much was explored.
    pub bound: Bound,
    /// The number of states, as they are counted under the reductions.
    pub states: u64,
    /// The number of steps taken from them.
    pub transitions: u64,
    /// Each distinct end.
    pub outcomes: BTreeSet<Outcome>,
    /// The violated clauses.
    pub violated: BTreeSet<ClauseId>,
    /// Each facet of a *sometimes* clause that was seen.
    pub seen: BTreeSet<(ClauseId, String)>,
    /// Each code that a code-returning step of an actor returned, by its position.
    pub returned: BTreeSet<(ActorId, u32, Code)>,
    /// If a limit stopped it: the number of steps up to which everything was seen.
    pub complete_depth: Option<u64>,
    /// The memory that the states needed at the end, in bytes.
    pub bytes: u64,
}

impl Survey {
    fn nothing() -> Survey {
        Survey {
            bound: Bound::Exhausted,
            states: 0,
            transitions: 0,
            outcomes: BTreeSet::new(),
            violated: BTreeSet::new(),
            seen: BTreeSet::new(),
            returned: BTreeSet::new(),
            complete_depth: None,
            bytes: 0,
        }
    }
}

/// Finds out everything that can happen in a case.
pub fn survey(
    case: &Case,
    fault: Option<&'static Fault>,
    limits: &Limits,
    reductions: Reductions,
    stop: &Stop,
) -> Survey {
    explore(case, fault, limits, Mode::of(case, fault, reductions), stop)
}

/// Finds out the ends of a case, and the codes that steps return. Clauses are not asked, and what
/// they remember is no part of a state.
pub fn ends(
    case: &Case,
    fault: Option<&'static Fault>,
    limits: &Limits,
    reductions: Reductions,
    stop: &Stop,
) -> Survey {
    let mode = Mode { judges: false, ..Mode::of(case, fault, reductions) };
    explore(case, fault, limits, mode, stop)
}

fn explore(
    case: &Case,
    fault: Option<&'static Fault>,
    limits: &Limits,
    mode: Mode,
    stop: &Stop,
) -> Survey {
    let pieces = match mode.is_split {
        true => pieces::split(case, fault, &mode),
        false => vec![pieces::Piece::whole(case)],
    };
    pieces::combine(case, &pieces, limits, |piece, limits| {
        run::explore(&piece.case, fault, mode, limits, stop)
    })
}

/// How states are explored.
#[derive(Clone, Copy)]
struct Mode {
    /// Clauses are asked.
    judges: bool,
    /// Independent parts are explored apart.
    is_split: bool,
    /// Identical actors are interchangeable.
    are_alike: bool,
    /// A wait may end at any moment, and there is no clock.
    is_timeless: bool,
}

impl Mode {
    fn of(case: &Case, fault: Option<&'static Fault>, reductions: Reductions) -> Mode {
        let only_enables = fault.is_none()
            && case.program.time == TimePolicy::Free
            && case.reading.waiter == Waiter::Canceller;
        Mode {
            judges: true,
            is_split: reductions.has(Reduction::IndependentParts),
            are_alike: reductions.has(Reduction::IdenticalActors),
            is_timeless: only_enables && reductions.has(Reduction::FreeWaits),
        }
    }

    /// The time at which clauses see what happens. Without a clock, a wait that ends has lasted
    /// for as long as it must.
    fn judged_at(self) -> Ticks {
        if self.is_timeless { Ticks(2 * NOW.0) } else { NOW }
    }
}
