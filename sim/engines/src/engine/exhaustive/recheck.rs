//! Running some executions on from states that were seen before, to find out whether those have the
//! future that is known of them.
//!
//! Two executions that come to states with the same fingerprint are taken to be in the same state,
//! and a step that begins with the same knowledge is taken to be the same step. That is wrong if
//! the implementation keeps something where the board cannot see it. So some of the executions that
//! come to a state that was seen before are run, and go on from there to their end: each step must
//! be what it was.

use calloff_protocol::digest::fingerprint;
use calloff_protocol::exploration::Discovery;
use calloff_protocol::world::Choice;

use super::Exhaustive;
use super::course::Chosen;
use super::states::StateId;

/// How many of the first executions that come to a state that was seen before are run on from
/// there. Of the later ones, about so many are whenever their number has grown by a factor of *e*.
const RECHECKS: u64 = 64;

impl Exhaustive {
    /// Whether the execution, which has come to a state that was seen before, is run on from there.
    pub(super) fn is_rechecked(&mut self, state: u128) -> bool {
        self.revisits += 1;
        let chance = fingerprint(&(state, self.revisits)) % u128::from(self.revisits);
        let is_chosen = chance < u128::from(RECHECKS);
        self.rechecked += u64::from(is_chosen);
        is_chosen
    }

    /// The next choice of an execution that is run on from a state that was seen before; `None` if
    /// it is over.
    pub(super) fn walk(&mut self) -> Option<Choice> {
        // A round that somebody goes for ever need not be repeated for ever.
        if self.run.made.len() > self.states.len() + self.run.prefix {
            return None;
        }
        let state = self.fingerprint(&self.stage.board.lock());
        let choices = match self.knows_steps() {
            true => self.stage.choices(&self.program).0,
            false => {
                let known = self.known(state)?;
                self.states.recorded(known)
            }
        };
        let chance = fingerprint(&(state, self.rechecked, self.run.made.len()));
        let at = (chance % choices.len().max(1) as u128) as usize;
        let choice = *choices.get(at)?;
        // Without known steps, no actors are taken for each other.
        let chosen = self.states.find(state).map(|state| Chosen { state, choice, name: choice });
        self.run.came_by = chosen.map(|chosen| chosen.step(&self.stage.board.lock()));
        Some(choice)
    }

    /// The state that the last choice has led to, without known steps: it must be the one that it
    /// led to before.
    fn known(&mut self, state: u128) -> Option<StateId> {
        let known = self.states.find(state);
        let step = self.run.came_by.take();
        if known.is_none_or(|to| step.is_some_and(|step| !self.states.connect(step, to))) {
            self.diverge(Discovery::hidden(&self.run.made));
            return None;
        }
        known
    }
}
