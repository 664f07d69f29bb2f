//! Exploring some states twice, to find out whether they have the same future.
//!
//! Two executions that come to states with the same fingerprint are taken to be in the same state.
//! That is wrong if the implementation keeps something where the board cannot see it. So some of
//! the executions that come to a state that was seen before go on from there, by choices that were
//! made before: each of them must lead to the state that it led to then.

use calloff_protocol::digest::fingerprint;
use calloff_protocol::world::Choice;

use super::Exhaustive;
use super::states::StateId;

/// How many of the first executions that come to a state that was seen before go on from there.
const RECHECKS_MIN: u64 = 64;

/// Of the later ones, one in so many does.
const RECHECK_RATE: u128 = 16;

impl Exhaustive {
    /// Whether the execution, which has come to a state that was seen before, goes on from there:
    /// many of the first ones do, and some of the later ones.
    pub(super) fn is_rechecked(&mut self, state: u128) -> bool {
        self.revisits += 1;
        let chance = fingerprint(&(state, self.revisits));
        let is_chosen = self.revisits <= RECHECKS_MIN || chance.is_multiple_of(RECHECK_RATE);
        self.is_walking = is_chosen;
        self.rechecked += u64::from(is_chosen);
        is_chosen
    }

    /// Repeats one of the choices that were made in the state; `None` if there was none.
    pub(super) fn walk(&mut self, state: StateId) -> Option<Choice> {
        let recorded = self.states.recorded(state);
        let chance =
            fingerprint(&(self.states.fingerprint(state), self.rechecked, self.made.len()));
        let at = (chance % recorded.len().max(1) as u128) as usize;
        // A round that somebody goes for ever need not be repeated for ever.
        let is_long = self.made.len() > self.states.len() + self.replay.len();
        recorded.get(at).filter(|_| !is_long).and_then(|choice| self.step(state, *choice))
    }
}
