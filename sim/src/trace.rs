//! Schedules, and what each of their choices did.

use std::fmt;

use calloff_model::Reading;

use crate::faults::Fault;
use crate::history::{Action, ActorId, Event};
use crate::program::Program;
use crate::world::{Choice, Refused, World};

/// A list of choices: an execution, by the names of those who step.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Schedule(pub Vec<Choice>);

/// A schedule that was run, choice by choice.
#[derive(Clone)]
pub struct Trace {
    /// The world before the first choice.
    pub start: World,
    /// What each choice did.
    pub steps: Vec<TraceStep>,
}

/// What one choice did.
#[derive(Clone)]
pub struct TraceStep {
    /// The choice.
    pub choice: Choice,
    /// What happened.
    pub events: Vec<Event>,
    /// The world afterwards.
    pub world: World,
    /// Who cannot step afterwards, in which operation.
    pub blocked: Vec<(ActorId, Action)>,
    /// Whether nothing can happen any more: nobody can step, and no deadline is pending.
    pub is_at_rest: bool,
}

/// A choice of a schedule is not possible where it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotEnabled {
    /// The position in the schedule, from 0.
    pub position: usize,
    /// Why it is not possible.
    pub why: Refused,
}

impl fmt::Display for NotEnabled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "choice {} of the schedule is not enabled there", self.position + 1)
    }
}

impl std::error::Error for NotEnabled {}

/// Runs a schedule from the start.
///
/// # Errors
///
/// The first choice that is not possible where it stands.
pub fn replay(
    program: &Program,
    reading: Reading,
    fault: Option<&'static Fault>,
    schedule: &Schedule,
) -> Result<Trace, NotEnabled> {
    let start = World::new(program, reading, fault);
    let mut steps: Vec<TraceStep> = Vec::new();
    for (position, &choice) in schedule.0.iter().enumerate() {
        let world = steps.last().map_or(&start, |step| &step.world);
        steps.push(step(program, world, choice).map_err(|why| NotEnabled { position, why })?);
    }
    Ok(Trace { start, steps })
}

/// Takes one choice, and keeps what it did.
///
/// # Errors
///
/// Why the choice is not possible.
pub fn step(program: &Program, world: &World, choice: Choice) -> Result<TraceStep, Refused> {
    let (mut world, mut events) = (world.clone(), Vec::new());
    world.step(program, choice, &mut events)?;
    let blocked = blocked(program, &world);
    let is_at_rest = is_at_rest(program, &world);
    Ok(TraceStep { choice, events, world, blocked, is_at_rest })
}

fn is_at_rest(program: &Program, world: &World) -> bool {
    let nobody_can_step = program.actors().all(|actor| world.attempt(program, actor).is_err());
    nobody_can_step && world.clone().step(program, Choice::Clock, &mut ()).is_err()
}

/// Who cannot step, in which operation.
pub(crate) fn blocked(program: &Program, world: &World) -> Vec<(ActorId, Action)> {
    let is_blocked =
        |actor: &ActorId| matches!(world.attempt(program, *actor), Err(Refused::Blocked { .. }));
    program
        .actors()
        .filter(is_blocked)
        .filter_map(|actor| Some((actor, world.action(program, actor)?)))
        .collect()
}

impl Schedule {
    /// The choices by name: an actor's, or `clock`.
    pub fn names(&self, program: &Program) -> Vec<String> {
        let name = |choice: &Choice| match choice {
            Choice::Actor(actor) => program.actor_name(*actor).to_owned(),
            Choice::Clock => "clock".to_owned(),
        };
        self.0.iter().map(name).collect()
    }

    /// The schedule with these names.
    ///
    /// # Errors
    ///
    /// The first name that is neither an actor's nor `clock`.
    pub fn from_names(program: &Program, names: &[String]) -> Result<Schedule, String> {
        let choice = |name: &String| match name.as_str() {
            "clock" => Ok(Choice::Clock),
            _ => program
                .actors()
                .find(|actor| program.actor_name(*actor) == name)
                .map(Choice::Actor)
                .ok_or_else(|| name.clone()),
        };
        Ok(Schedule(names.iter().map(choice).collect::<Result<_, _>>()?))
    }
}
