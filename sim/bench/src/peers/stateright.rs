//! The family as a model for [stateright](https://docs.rs/stateright), on one thread.
//!
//! A state is one word, and an action is the state that it leads to, so that stateright computes
//! each step once. Its property is true in every state: there has to be one, or the search is over
//! at once.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use stateright::{Checker, Model, Property};

use super::family::{Family, Mover};
use super::hand::Explored;

/// Which of stateright's searches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// Breadth first: it keeps how each state was reached.
    Breadth,
    /// Depth first.
    Depth,
}

struct Modelled {
    family: Family,
    movers: Vec<Mover>,
    ends: Arc<Mutex<BTreeSet<u64>>>,
}

fn lock(ends: &Mutex<BTreeSet<u64>>) -> MutexGuard<'_, BTreeSet<u64>> {
    ends.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Model for Modelled {
    type State = u64;
    type Action = u64;

    fn init_states(&self) -> Vec<u64> {
        vec![0]
    }

    fn actions(&self, state: &u64, actions: &mut Vec<u64>) {
        actions.extend(self.movers.iter().filter_map(|mover| self.family.step(*state, *mover)));
        if actions.is_empty() {
            lock(&self.ends).insert(self.family.end(*state));
        }
    }

    fn next_state(&self, _: &u64, next: u64) -> Option<u64> {
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("true", |_, _| true)]
    }
}

/// Explores all of it.
pub fn explore(family: Family, order: Order) -> Explored {
    let ends = Arc::new(Mutex::default());
    let modelled = Modelled { family, movers: family.movers().collect(), ends: ends.clone() };
    let checker = modelled.checker().threads(1);
    let (states, generated) = match order {
        Order::Breadth => counts(&checker.spawn_bfs().join()),
        Order::Depth => counts(&checker.spawn_dfs().join()),
    };
    let ends = lock(&ends).clone();
    // It counts the state that it begins in, too.
    Explored { states, transitions: generated - 1, ends }
}

fn counts(done: &impl Checker<Modelled>) -> (u64, u64) {
    (done.unique_state_count() as u64, done.state_count() as u64)
}
