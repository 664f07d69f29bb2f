//! Generated races: random scenarios, each checked in the same way as a file.
//!
//! A scenario is a function of a seed, an index and a [`Size`] only: it does not depend on threads
//! or on earlier cases. It is drawn as a draft (`draft.rs`), from which any part can be left out
//! without a change of the rest, and then lowered (`lower.rs`) to a scenario.
//!
//! # Invariants
//!
//! 1. Every generated scenario is valid, and printed as a file it parses back to itself.
//! 2. What it expects is known without looking at what is checked: that nobody gets stuck, where
//!    its structure excludes it ([`is_live`](crate::settle::is_live)); elsewhere, what the machine
//!    without a fault does.

mod campaign;
mod coverage;
mod draft;
mod lower;
mod property;
mod recorded;
mod report;
mod shape;
mod state;

use calloff_protocol::scenario::Scenario;
pub use campaign::Campaign;
pub use coverage::{Coverage, Racing};
pub use property::{Tested, property};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
pub use recorded::{Arguments, CaseResult};
pub use report::{Ended, Found, FuzzFinding, Report, Totals, VACUOUS_AFTER, Vacuous};
pub use shape::Shape;
pub use state::{BadState, State};

use crate::settle::settle;

/// How large generated scenarios get.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Size {
    /// The most actors of a scenario, at least 2.
    pub actors_max: usize,
    /// The most calls of a scenario, at least 1.
    pub calls_max: usize,
    /// The most steps of a scenario, of all actors together; at least 4 for each call.
    pub steps_max: usize,
    /// The most seconds of a sleep or a window, at least 1. A few windows are of maximal length or
    /// infinite.
    pub seconds_max: u32,
    /// Whether the scenario is about durations: its clock is urgent, so that durations are exact,
    /// and work, sleeps and windows are more frequent and longer.
    pub timed: bool,
}

/// The most steps of the first scenarios of a campaign that grows.
const STEPS_FIRST: usize = 8;

/// The number of scenarios of the same size in a campaign that grows.
const SAME_SIZE: u64 = 500;

/// The fewest steps with which a fourth actor is useful.
const STEPS_OF_FOUR: usize = 10;

impl Size {
    /// The size of the scenario with that index, in a campaign that begins with small scenarios and
    /// grows up to this size. Every other scenario is about durations: on a free clock any step may
    /// take any time, so code that waits too long goes unnoticed.
    pub fn grown(&self, index: u64) -> Size {
        let more = usize::try_from(index / SAME_SIZE).unwrap_or(usize::MAX);
        let steps_max = STEPS_FIRST.saturating_add(more).min(self.steps_max);
        let is_small = steps_max < STEPS_OF_FOUR.min(self.steps_max);
        let actors_max = if is_small { self.actors_max.min(3) } else { self.actors_max };
        Size { actors_max, steps_max, timed: index % 2 == 1, ..*self }
    }
}

impl Default for Size {
    fn default() -> Size {
        Size { actors_max: 4, calls_max: 3, steps_max: 14, seconds_max: 3, timed: false }
    }
}

/// All scenarios up to that size; scenarios with many races are drawn far more often than others.
pub fn strategy(size: &Size) -> impl Strategy<Value = Scenario> + use<> {
    let size = *size;
    draft::draft(&size).prop_map(move |draft| {
        let mut scenario = lower::lower(&draft, &size);
        settle(&mut scenario);
        scenario
    })
}

/// The scenario with that index in the sequence that belongs to the seed.
pub fn scenario(seed: u64, index: u64, size: &Size) -> Scenario {
    // Settings of proptest from environment variables have no effect on a single draw.
    let config = Config { failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, rng(seed, index, Purpose::Draw));
    let tree = strategy(size).new_tree(&mut runner).expect("no draft is rejected");
    let mut scenario = tree.current();
    scenario.name = format!("case-{seed}-{index}");
    scenario
}

/// The purpose of random numbers: each purpose has its own sequence.
#[derive(Clone, Copy)]
enum Purpose {
    /// Drawing the scenario.
    Draw,
    /// The random walk under the reading with this position.
    Walk(usize),
}

/// The random number generator for one purpose in one case.
fn rng(seed: u64, index: u64, purpose: Purpose) -> TestRng {
    let purpose = match purpose {
        Purpose::Draw => 0,
        Purpose::Walk(reading) => 1 + reading as u64,
    };
    let mut bytes = [0; 32];
    for (at, number) in [seed, index, purpose].into_iter().enumerate() {
        bytes[8 * at..8 * at + 8].copy_from_slice(&number.to_le_bytes());
    }
    TestRng::from_seed(RngAlgorithm::ChaCha, &bytes)
}
