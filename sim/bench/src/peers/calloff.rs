//! calloff's own searches of the family: the one list of its variants.

use calloff_protocol::digest::{FingerprintSet, fingerprint};
use calloff_protocol::exploration::{Exploration, Limits, Reductions, Stop};
use calloff_protocol::history::Outcome;
use calloff_protocol::program::Case;
use calloff_protocol::search;
use calloff_protocol::world::World;
use std::collections::BTreeSet;

/// What a variant has seen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Searched {
    /// Distinct states.
    pub states: u64,
    /// Steps, also to states that were known.
    pub transitions: u64,
    /// The ends.
    pub outcomes: BTreeSet<Outcome>,
}

/// A way to search: its name in tables, and what it does.
pub type Variant = (&'static str, fn(&Case) -> Searched);

/// All of them. A new way to search is one line more.
pub const VARIANTS: &[Variant] = &[
    ("protocol", protocol),
    ("no reductions", without_reductions),
    ("no clauses", without_clauses),
    ("neither", without_both),
    ("full search", full),
];

/// Limits that nothing measured here comes to.
fn limits() -> Limits {
    Limits { states_max: u64::MAX, memory_max: 16 << 10, ..Limits::default() }
}

/// The engine as `calloff check` runs it.
fn protocol(case: &Case) -> Searched {
    searched(search::prove(case, None, &limits(), Reductions::default(), &Stop::default()))
}

fn without_reductions(case: &Case) -> Searched {
    searched(search::prove(case, None, &limits(), Reductions::NONE, &Stop::default()))
}

fn without_clauses(case: &Case) -> Searched {
    searched(search::ends(case, &limits(), Reductions::default(), &Stop::default()))
}

fn without_both(case: &Case) -> Searched {
    searched(search::ends(case, &limits(), Reductions::NONE, &Stop::default()))
}

/// The search with which `calloff check` looks for the shortest schedules of what is wrong.
fn full(case: &Case) -> Searched {
    searched(search::explore(case, None, &limits(), &Stop::default()))
}

fn searched(found: Exploration) -> Searched {
    let Exploration { states, transitions, outcomes, .. } = found;
    Searched { states, transitions, outcomes: outcomes.into_keys().collect() }
}

/// The steps of the machine as they are defined, breadth first, in absolute time. What the clauses
/// remember is no part of a state, and nothing is judged.
pub fn plain(case: &Case) -> Searched {
    let program = &case.program;
    let key = |world: &World| {
        let actors = program.actors().map(|actor| (world.actor(actor), world.subject(actor)));
        fingerprint(&(world.now(), actors.collect::<Vec<_>>()))
    };
    let start = World::new(program, case.reading, None);
    let mut seen = FingerprintSet::default();
    seen.insert(key(&start));
    let mut found = Searched { states: 0, transitions: 0, outcomes: BTreeSet::new() };
    let mut level = vec![start];
    while !level.is_empty() {
        for world in std::mem::take(&mut level) {
            let next = world.successors(program);
            if next.is_end() {
                found.outcomes.insert(world.outcome(&next.blocked));
            }
            for step in next.steps {
                found.transitions += 1;
                let world = world.after(step, &mut ());
                if seen.insert(key(&world)) {
                    level.push(world);
                }
            }
        }
    }
    found.states = seen.len() as u64;
    found
}
