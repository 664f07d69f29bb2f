//! Executions that do not end.

use calloff_protocol::digest::{FingerprintMap, fingerprint};
use calloff_protocol::exploration::Livelock;
use calloff_protocol::operations::ObjectNames;
use calloff_protocol::program::Program;
use calloff_protocol::trace::Schedule;
use calloff_protocol::world::Choice;

use crate::runtime::shuttle::SharedBoard;

/// How long an execution may be.
pub(super) struct Patience {
    /// The choices that are left to the strategy; later ones are made at random.
    strategy_max: usize,
    /// The choices of an execution in all.
    choices_max: usize,
    execution: u64,
    /// The states that were seen after the last choices made at random.
    seen: FingerprintMap<usize>,
}

/// So many choices are left to the strategy, and so many more for each step of the program.
const STRATEGY_MAX: (usize, usize) = (1_000, 50);

/// The same in a program with loops, which may well go on for ever.
const STRATEGY_MAX_OF_LOOPS: (usize, usize) = (100, 20);

/// After those, that many times as many choices are made at random.
const AT_RANDOM: usize = 20;

impl Patience {
    pub(super) fn of(program: &Program) -> Patience {
        let steps: usize = program.lanes.iter().map(|lane| lane.instructions.len()).sum();
        let ((base, each), at_random) = match program.is_client {
            true => (STRATEGY_MAX_OF_LOOPS, 1),
            false => (STRATEGY_MAX, AT_RANDOM),
        };
        let strategy_max = base + each * steps;
        let choices_max = strategy_max * (1 + at_random);
        Patience { strategy_max, choices_max, execution: 0, seen: FingerprintMap::default() }
    }

    /// The execution with this number begins.
    pub(super) fn begin(&mut self, execution: u64) {
        self.execution = execution;
        self.seen.clear();
    }

    /// A random number for the next choice, if it is not the strategy's any more.
    pub(super) fn chance(&self, made: usize) -> Option<u128> {
        (made >= self.strategy_max).then(|| fingerprint(&(self.execution, made)))
    }

    /// Whether the execution is given up: the choices that led to its last state, and a round that
    /// led from there back to it.
    pub(super) fn is_over(&mut self, board: &SharedBoard, made: &[Choice]) -> Option<Livelock> {
        if made.len() + self.strategy_max < self.choices_max {
            return None;
        }
        let state = board.lock().fingerprint();
        if made.len() < self.choices_max {
            self.seen.insert(state, made.len());
            return None;
        }
        let before = self.seen.get(&state).copied().unwrap_or(made.len());
        let (way, cycle) = made.split_at(before);
        Some(Livelock {
            way: Schedule(way.to_vec()),
            cycle: Schedule(cycle.to_vec()),
            turns: Vec::new(),
            names: ObjectNames::default(),
            is_proven: false,
            is_shortened: board.lock().is_shortened(),
        })
    }
}
