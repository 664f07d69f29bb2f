//! What a task has learned since its operation began, as far as it can still matter.
//!
//! By default everything that a task observes becomes part of its state. A loop that observes the
//! same again and again would then never come back to a state that was seen before, and a search
//! would follow it for ever. So the rounds are counted: once a task has gone round [`ROUNDS_MAX`]
//! times without observing anything new, one more round does not change its state.
//!
//! # Example
//!
//! A task reads a flag until it is set, and nobody sets it. Each round it is scheduled (observation
//! `s`) and reads 0 (observation `0`):
//!
//! ```text
//! s 0 s 0 s 0 ... s 0      the state is another one after each observation, for ROUNDS_MAX rounds
//! s 0 s 0 s 0 ... s 0 s 0  one round more: the state is the one of a round ago
//! ```
//!
//! So the graph of states has a cycle, which is what the task does. Code that counts its rounds and
//! does something else after more than [`ROUNDS_MAX`] of them has to say so with
//! [`knows_only`](calloff_model::Runtime::knows_only).

use std::hash::{Hash, Hasher};

use super::Print;

/// How often a task may observe the same before another round counts as nothing new.
pub const ROUNDS_MAX: usize = 32;

/// The most observations of a round that is recognized.
const ROUND_LENGTH_MAX: usize = 24;

/// What one task has learned.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    /// A fingerprint of all that it has learned.
    learned: Print,
    /// Each observation, with what was learned before it.
    trail: Vec<(u64, Print)>,
    /// Whether a round was ever left out.
    is_shortened: bool,
}

/// Two tasks that have learned the same are in the same state, however they remember it.
impl Hash for Memory {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.learned.hash(state);
    }
}

impl Memory {
    /// All that it has learned.
    pub(super) fn learned(&self) -> Print {
        self.learned
    }

    /// Learns something more, by which it has learned this in all.
    pub(super) fn learn(&mut self, observation: u64, learned: Print) {
        self.trail.push((observation, self.learned));
        self.learned = learned;
        if let Some(length) = self.round() {
            // The same state as before the round.
            let at = self.trail.len() - length;
            self.learned = self.trail[at].1;
            self.trail.truncate(at);
            self.is_shortened = true;
        }
    }

    /// Replaces everything by this.
    pub(super) fn replace(&mut self, learned: Print) {
        self.learned = learned;
        self.trail.clear();
    }

    /// Whether the task has ever gone round more often than is told apart.
    pub(super) fn is_shortened(&self) -> bool {
        self.is_shortened
    }

    /// The length of the round that the task has just made once more than is told apart.
    fn round(&self) -> Option<usize> {
        let seen = |back: usize| self.trail[self.trail.len() - 1 - back].0;
        (1..=ROUND_LENGTH_MAX).find(|length| {
            let all = length * (ROUNDS_MAX + 1);
            let repeats = |back: usize| seen(back) == seen(back + length);
            self.trail.len() >= all && (0..all - length).all(repeats)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Board;
    use super::*;

    fn learn(memory: &mut Memory, what: impl Hash) {
        let board = Board::default();
        let observation = board.print(&what);
        let learned = board.print(&(memory.learned, observation.hash));
        memory.learn(observation.hash as u64, learned);
    }

    /// The distinct states that a task comes to which observes the round that often.
    fn states(round: &[u32], times: usize) -> usize {
        let mut memory = Memory::default();
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..times {
            for what in round {
                learn(&mut memory, what);
                seen.insert(memory.learned);
            }
        }
        seen.len()
    }

    #[test]
    fn a_round_that_is_made_for_ever_has_finitely_many_states() {
        for round in [&[1][..], &[1, 2], &[1, 1, 2], &(0..24).collect::<Vec<u32>>()] {
            let few = states(round, ROUNDS_MAX + 1);
            assert!(few >= ROUNDS_MAX * round.len(), "{few} for {round:?}");
            assert_eq!(states(round, 10 * ROUNDS_MAX), few, "{round:?}");
        }
    }

    #[test]
    fn observations_that_differ_are_always_told_apart() {
        let mut memory = Memory::default();
        let mut seen = std::collections::BTreeSet::new();
        for number in 0..10 * ROUNDS_MAX {
            learn(&mut memory, number);
            assert!(seen.insert(memory.learned), "{number}");
        }
        assert!(!memory.is_shortened());
    }

    #[test]
    fn whoever_leaves_a_round_is_in_the_state_of_one_who_made_fewer() {
        let after = |rounds: usize| {
            let mut memory = Memory::default();
            (0..rounds).for_each(|_| learn(&mut memory, 0));
            learn(&mut memory, 1);
            memory.learned
        };
        assert_eq!(after(ROUNDS_MAX + 1), after(ROUNDS_MAX + 5));
        assert_ne!(after(3), after(4));
    }
}
