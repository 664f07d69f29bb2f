//! The livelock that a search has found.

use calloff_protocol::exploration::{Bound, Lasso, Limit, Livelock};
use calloff_protocol::history::ActorId;
use calloff_protocol::operations::ObjectNames;
use calloff_protocol::trace::Schedule;
use calloff_protocol::world::Choice;

use super::Exhaustive;
use super::states::Trap;
use crate::engine::stage;
use crate::runtime::board::Board;

/// Rounds of a cycle after which each of the identical actors is where it was.
const ROUNDS_MAX: usize = 1_000;

impl Exhaustive {
    /// The states from which no end can be reached, unless the question was another one. Where it
    /// is known that there are some, and not how anybody gets there, a limit was hit.
    pub(super) fn livelock(&self) -> Result<Option<Livelock>, Limit> {
        if !matches!(self.bound, Bound::Exhausted | Bound::Stopped { .. }) {
            return Ok(None);
        }
        let Some(trap) = self.states.trap(self.program.has_cycles) else { return Ok(None) };
        let mut way = self.paths.schedule(trap.node, None);
        let (on, cycle) = match self.kinds.are_all_different() {
            true => (trap.way, trap.cycle),
            false => self.with_actors(&way, &trap).ok_or(Limit::Memory)?,
        };
        way.0.extend(on);
        let cycle = Schedule(cycle);
        let (turns, names) = (Vec::new(), ObjectNames::default());
        let is_shortened = self.is_shortened;
        Ok(Some(Livelock { way, cycle, turns, names, is_proven: true, is_shortened }))
    }

    /// Who starves in some fair execution, each set of actors once, with a way into it and a cycle.
    pub(super) fn lassos(&self) -> Vec<Lasso> {
        let mut lassos: Vec<Lasso> = Vec::new();
        if !self.program.has_cycles || self.bound != Bound::Exhausted {
            return lassos;
        }
        for (node, unfinished, cycle) in self.states.endless() {
            let starves = |actor: &ActorId| {
                unfinished & 1 << actor.0 != 0 && !self.program.lanes[actor.0 as usize].is_daemon
            };
            let starving: Vec<ActorId> = self.program.actors().filter(starves).collect();
            if lassos.iter().all(|known| known.starving != starving) {
                let way = self.paths.schedule(node, None);
                lassos.push(Lasso { starving, way, cycle: Schedule(cycle) });
            }
        }
        lassos
    }

    /// The choices from the end of the way to the cycle, and those of a round, by the actors that
    /// make them. `None` if a step is not known, because too many are.
    fn with_actors(&self, way: &Schedule, trap: &Trap) -> Option<(Vec<Choice>, Vec<Choice>)> {
        let mut board = self.parts.first()?;
        for choice in &way.0 {
            self.perform(*choice, &mut board)?;
        }
        let on = self.follow_names(&trap.way, &mut board)?;
        let (start, mut cycle) = (board.clone().fingerprint(), Vec::new());
        for _ in 0..ROUNDS_MAX {
            cycle.extend(self.follow_names(&trap.cycle, &mut board)?);
            if board.fingerprint() == start {
                break;
            }
        }
        Some((on, cycle))
    }

    fn follow_names(&self, names: &[Choice], board: &mut Board) -> Option<Vec<Choice>> {
        let follow = |name: &Choice| {
            let choice = match *name {
                Choice::Actor(ActorId(name)) => {
                    stage::choice(board.names(&self.kinds).task(name as usize))
                }
                other => other,
            };
            self.perform(choice, board)?;
            Some(choice)
        };
        names.iter().map(follow).collect()
    }
}
