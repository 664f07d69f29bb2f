//! Schedules, and traces: what each choice of a schedule did.

use std::fmt;

use calloff_model::Reading;

use crate::clauses::{self, CLAUSES, Kind, Ledger};
use crate::engine::Outcome;
use crate::faults::Fault;
use crate::history::{Action, ActorId, Event, What};
use crate::program::Program;
use crate::world::{Choice, Refused, World};

/// A list of choices, which determines an execution.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Schedule(pub Vec<Choice>);

/// A schedule that was run, choice by choice.
#[derive(Clone)]
pub struct Trace {
    /// The world before the first choice.
    pub start: World,
    /// The effect of each choice.
    pub steps: Vec<TraceStep>,
}

/// The effect of one choice.
#[derive(Clone)]
pub struct TraceStep {
    /// The choice.
    pub choice: Choice,
    /// What happened.
    pub events: Vec<Event>,
    /// The world after it.
    pub world: World,
    /// The actors that cannot step after it, each with its operation.
    pub blocked: Vec<(ActorId, Action)>,
    /// Whether nothing can happen any more: no actor can step, and no deadline is pending.
    pub is_at_rest: bool,
}

/// The error that a choice of a schedule is not possible in its state.
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
/// The first choice that is not possible in its state.
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

/// Takes one choice, and records its effect.
///
/// # Errors
///
/// The reason why the choice is not possible.
pub fn step(program: &Program, world: &World, choice: Choice) -> Result<TraceStep, Refused> {
    let (mut world, mut events) = (world.clone(), Vec::new());
    world.step(program, choice, &mut events)?;
    let blocked = blocked(program, &world);
    let is_at_rest = is_at_rest(program, &world);
    Ok(TraceStep { choice, events, world, blocked, is_at_rest })
}

/// A violation of a clause that must always hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Broken {
    /// The number of steps before it; 0: at the start.
    pub after: usize,
    /// The clause, by its position in [`CLAUSES`].
    pub clause: usize,
    /// A description of the violation, in terms of the scenario.
    pub message: String,
}

impl Trace {
    /// Whether nothing can happen after the trace.
    pub fn is_at_rest(&self) -> bool {
        self.steps.last().is_some_and(|step| step.is_at_rest)
    }

    /// The codes returned in it. If nothing can happen any more, actors that have not finished are
    /// stuck.
    pub fn outcome(&self, program: &Program) -> Outcome {
        let world = self.steps.last().map_or(&self.start, |step| &step.world);
        let stuck = self.steps.last().filter(|step| step.is_at_rest).map(|step| &step.blocked);
        Outcome {
            codes: program.actors().map(|actor| world.actor(actor).codes.to_vec()).collect(),
            stuck: stuck.into_iter().flatten().map(|(actor, _)| *actor).collect(),
        }
    }

    /// Every violation of a clause in the trace.
    pub fn broken(&self, program: &Program) -> Vec<Broken> {
        let mut found = Vec::new();
        let mut judge = |after: usize, ledger: &Ledger, event: &Event| {
            let judged = clauses::judge_all(ledger, event);
            let broken = judged.filter(|(clause, _)| CLAUSES[*clause].kind == Kind::Always);
            found.extend(broken.map(|(clause, message)| Broken { after, clause, message }));
        };
        let mut ledger = self.start.ledger().clone();
        waiting(program, &self.start).iter().for_each(|event| judge(0, &ledger, event));
        for (step, after) in self.steps.iter().zip(1..) {
            for event in &step.events {
                judge(after, &ledger, event);
                ledger.record(event);
            }
            waiting(program, &step.world).iter().for_each(|event| judge(after, &ledger, event));
            if step.is_at_rest {
                let what = What::End(step.blocked.clone());
                judge(after, &ledger, &Event { at: step.world.now(), what });
            }
        }
        found
    }
}

/// The actors that cannot step, as events.
pub(crate) fn waiting(program: &Program, world: &World) -> Vec<Event> {
    let blocked = blocked(program, world).into_iter();
    let event = |(actor, action)| Event { at: world.now(), what: What::Blocked(actor, action) };
    blocked.map(event).collect()
}

fn is_at_rest(program: &Program, world: &World) -> bool {
    let nobody_can_step = program.actors().all(|actor| world.attempt(program, actor).is_err());
    nobody_can_step && world.clone().step(program, Choice::Clock, &mut ()).is_err()
}

/// The actors that cannot step, each with its operation.
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
