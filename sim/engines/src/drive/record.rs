//! The results of one execution.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use calloff_model::Code;
use calloff_protocol::history::{ActorId, Outcome};
use calloff_protocol::program::Program;
use calloff_protocol::world::Codes;

/// The results of one execution so far: written by its actors, read when it is over.
#[derive(Clone, Debug)]
pub struct Record(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    actors: Vec<ActorRecord>,
    /// The finished steps, in the order in which they finished.
    log: Vec<Finished>,
}

/// A step that an actor has finished.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Finished {
    /// The actor.
    pub actor: ActorId,
    /// The position of its instruction.
    pub at: u32,
    /// The code that it returned, if it returns one.
    pub code: Option<Code>,
}

#[derive(Clone, Debug, Default)]
struct ActorRecord {
    /// Each step that has returned a code, with that of its last run. A daemon's are not kept.
    codes: Codes,
    /// The instruction that the actor is in, or starts next.
    at: u32,
    is_finished: bool,
    is_daemon: bool,
}

impl Record {
    /// The record of an execution in which nothing has happened yet.
    pub fn new(program: &Program) -> Record {
        let actors = program
            .lanes
            .iter()
            .map(|lane| ActorRecord { is_daemon: lane.is_daemon, ..ActorRecord::default() });
        Record(Arc::new(Mutex::new(State { actors: actors.collect(), log: Vec::new() })))
    }

    /// The codes returned so far. Actors that have not finished count as stuck, apart from daemons.
    pub fn outcome(&self) -> Outcome {
        let actors = &self.lock().actors;
        let unfinished = (0..).map(ActorId).zip(actors.iter());
        let is_stuck = |(_, a): &(ActorId, &ActorRecord)| !a.is_finished && !a.is_daemon;
        Outcome {
            codes: actors.iter().map(|actor| actor.codes.to_vec()).collect(),
            stuck: unfinished.filter(is_stuck).map(|(actor, _)| actor).collect(),
        }
    }

    /// The codes that an actor has returned so far, and whether it has finished.
    pub fn of(&self, actor: usize) -> (Vec<(u32, Code)>, bool) {
        let actor = &self.lock().actors[actor];
        (actor.codes.to_vec(), actor.is_finished)
    }

    /// The actor of each finished step, in the order in which the steps finished.
    pub fn order(&self) -> Vec<ActorId> {
        self.lock().log.iter().map(|step| step.actor).collect()
    }

    /// The steps that were finished, in that order, without the first `skip` of them.
    pub fn finished(&self, skip: usize) -> Vec<Finished> {
        self.lock().log[skip..].to_vec()
    }

    /// The instruction that the actor is in or starts next; `None` if it has finished.
    pub fn position(&self, actor: ActorId) -> Option<u32> {
        let actor = &self.lock().actors[actor.0 as usize];
        (!actor.is_finished).then_some(actor.at)
    }

    /// The actor has finished that step, which is the one at `position` among those that return a
    /// code, if it does; and continues with `next`.
    pub(super) fn stepped(&self, step: Finished, position: Option<u32>, next: u32) {
        let mut state = self.lock();
        let entry = &mut state.actors[step.actor.0 as usize];
        entry.at = next;
        if let (Some((position, code)), false) = (position.zip(step.code), entry.is_daemon) {
            entry.codes.note(position, code);
        }
        state.log.push(step);
    }

    /// The actor has finished.
    pub(super) fn finish(&self, actor: ActorId) {
        self.lock().actors[actor.0 as usize].is_finished = true;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Never held across a step of the execution; only a bug in this crate could poison it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
