//! Executions that go on for ever: who starves in them.

use super::Search;
use crate::exploration::{Lasso, NodeId};
use crate::goal::{self, Met};
use crate::history::{ActorId, Event};
use crate::trace::Schedule;
use crate::world::World;

impl Search<'_> {
    /// Who starves in some fair execution, each set of actors once, with a way into it and a cycle.
    /// If codes are wanted, those executions count in which all were returned.
    pub(super) fn lassos(&self, start: &World) -> Vec<Lasso> {
        let mut lassos: Vec<Lasso> = Vec::new();
        for component in self.steps.fair_components() {
            let way = self.paths.schedule(NodeId::at(component[0]), None);
            let (world, met) = self.follow(start, &way);
            if self.sought.is_some_and(|goal| !goal.has_all(&met)) {
                continue;
            }
            let starves = |actor: &ActorId| {
                let is_daemon = self.program.lanes[actor.0 as usize].is_daemon;
                !is_daemon && !world.shared().has_finished(*actor)
            };
            let starving: Vec<ActorId> = self.program.actors().filter(starves).collect();
            if lassos.iter().any(|known| known.starving == starving) {
                continue;
            }
            let cycle = Schedule(self.steps.cycle(&component));
            lassos.push(Lasso { starving, way, cycle });
        }
        lassos
    }

    /// The world after a schedule, and what is met then of what is wanted.
    fn follow(&self, start: &World, way: &Schedule) -> (World, Met) {
        let mut world = start.clone();
        let mut met = self.sought.map_or(Met::default(), |goal| goal.met_in(self.program, start));
        for choice in &way.0 {
            let (before, mut events) = (world.clone(), Vec::<Event>::new());
            world.step(self.program, *choice, &mut events).expect("it was taken before");
            let code = goal::returned_by(self.program, &before, *choice, &events);
            if let (Some(goal), Some(code)) = (self.sought, code) {
                met = goal.met_after(met, self.program, code);
            }
        }
        (world, met)
    }
}
