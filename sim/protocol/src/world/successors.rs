//! What can happen next in a state.

use calloff_model::Ticks;

use super::{Attempt, Choice, Refused, Watch, World, local};
use crate::history::{Action, ActorId, Event, Outcome, What};
use crate::program::Program;

/// Everything that can happen next in a state, and who has to wait there.
pub struct Successors {
    /// The steps that are possible: those of the actors in file order, then that of the clock.
    pub steps: Vec<Step>,
    /// Who cannot step, in which operation.
    pub blocked: Vec<(ActorId, Action)>,
}

/// A step that is possible in a state.
pub struct Step {
    /// Who steps.
    pub choice: Choice,
    effect: Effect,
}

impl Step {
    /// The instruction of the actor that goes on with the step if it has to in the end when it can
    /// again and again: somebody takes a lock, or gets through a wait.
    pub fn passes(&self, world: &World) -> Option<u32> {
        let Effect::Attempt(attempt) = &self.effect else { return None };
        attempt.passes().then(|| match &attempt.begun {
            Some(begun) => begun.at,
            None => world.actor(attempt.actor).at,
        })
    }
}

enum Effect {
    Attempt(Box<Attempt>),
    Advance(Ticks),
}

impl Successors {
    /// Whether nothing can happen any more.
    pub fn is_end(&self) -> bool {
        self.steps.is_empty()
    }

    /// What clauses may see of the state itself: who has to wait in it and, at an end, that it is
    /// one. These events are no part of the history.
    pub fn events(&self, at: Ticks) -> impl Iterator<Item = Event> + '_ {
        let blocked = self.blocked.iter().map(|(actor, action)| What::Blocked(*actor, *action));
        let end = self.is_end().then(|| What::End(self.blocked.clone()));
        blocked.chain(end).map(move |what| Event { at, what })
    }
}

impl World {
    /// Everything that can happen next.
    pub fn successors(&self, program: &Program) -> Successors {
        let mut found = Successors { steps: Vec::new(), blocked: Vec::new() };
        if program.is_client && self.shared.is_over(program) {
            return found;
        }
        let (mut deadline, mut keeps_time) = (None, false);
        for actor in program.actors() {
            let (before, mut blocked) = (found.steps.len(), false);
            for way in 0..local::ways(program, actor, self.actor(actor)) {
                match self.attempt(program, actor, way) {
                    Ok(attempt) => {
                        // An urgent clock does not wait for a message filter.
                        keeps_time |= !attempt.gives_up();
                        let choice = Choice::of(actor, way);
                        found
                            .steps
                            .push(Step { choice, effect: Effect::Attempt(Box::new(attempt)) });
                    }
                    Err(Refused::Blocked { deadline: until }) => {
                        deadline = deadline.into_iter().chain(until).min();
                        blocked = true;
                    }
                    Err(_) => {}
                }
            }
            if blocked && found.steps.len() == before {
                let action = self.action(program, actor).expect("a blocked actor has one");
                found.blocked.push((actor, action));
            }
        }
        let advance = self.next_advance(program, keeps_time, deadline);
        let advance = advance.map(|to| Step { choice: Choice::Clock, effect: Effect::Advance(to) });
        found.steps.extend(advance);
        found
    }

    /// The world after a step that is possible in this one.
    #[must_use]
    pub fn after(&self, program: &Program, step: Step, watch: &mut impl Watch) -> World {
        let mut next = self.clone();
        match step.effect {
            Effect::Attempt(attempt) => next.apply(program, *attempt, watch),
            Effect::Advance(to) => next.advance(to, watch),
        }
        next
    }

    /// How an execution ends that is over in this state, with these actors blocked: the codes that
    /// were returned, and who is stuck.
    pub fn outcome(&self, program: &Program, blocked: &[(ActorId, Action)]) -> Outcome {
        let blocked = blocked.iter().map(|(actor, _)| *actor);
        Outcome {
            codes: self.actors.iter().map(|actor| actor.codes.to_vec()).collect(),
            stuck: blocked.filter(|actor| !program.lanes[actor.0 as usize].is_daemon).collect(),
        }
    }
}
