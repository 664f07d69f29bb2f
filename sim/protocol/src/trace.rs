//! Schedules, and traces: what each choice of a schedule did.

use std::fmt;

use calloff_model::Reading;
use serde::{Deserialize, Serialize};

use crate::clauses::{self, ClauseId, Kind, Ledger};
use crate::digest::fingerprint;
use crate::history::{Action, ActorId, Event, Outcome};
use crate::program::Program;
use crate::world::{Choice, Fault, Refused, World};

/// A list of choices, which determines an execution.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
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
    let next = world.successors(program);
    let is_at_rest = next.is_end();
    Ok(TraceStep { choice, events, world, blocked: next.blocked, is_at_rest })
}

/// A violation of a clause that must always hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Broken {
    /// The number of steps before it; 0: at the start.
    pub after: usize,
    /// The clause.
    pub clause: ClauseId,
    /// How, in the words of the domain.
    pub message: String,
}

impl Trace {
    /// Whether nothing can happen after the trace.
    pub fn is_at_rest(&self) -> bool {
        self.steps.last().is_some_and(|step| step.is_at_rest)
    }

    /// The codes that were returned in it, and who is stuck if nothing can happen any more.
    pub fn outcome(&self, program: &Program) -> Outcome {
        let world = self.steps.last().map_or(&self.start, |step| &step.world);
        let last = self.steps.last().filter(|step| step.is_at_rest);
        world.outcome(program, last.map_or(&[], |step| &step.blocked))
    }

    /// The number of steps after which the trace was in the same state as at its end, if it was:
    /// what comes after them can repeat for ever.
    pub fn comes_back(&self) -> Option<usize> {
        let last = fingerprint(&self.steps.last()?.world);
        let worlds = std::iter::once(&self.start).chain(self.steps.iter().map(|step| &step.world));
        worlds.take(self.steps.len()).position(|world| fingerprint(world) == last)
    }

    /// Every violation of a clause in the trace.
    pub fn broken(&self, program: &Program) -> Vec<Broken> {
        let mut found = Vec::new();
        let judge = |found: &mut Vec<Broken>, after: usize, ledger: &Ledger, event: &Event| {
            let judged = clauses::judge_all(ledger, event);
            let broken = judged.filter(|(clause, _)| clause.kind == Kind::Always);
            found.extend(broken.map(|(clause, message)| Broken { after, clause, message }));
        };
        let look = |found: &mut Vec<Broken>, after: usize, world: &World| {
            for event in world.successors(program).events(world.now()) {
                judge(found, after, world.ledger(), &event);
            }
        };
        look(&mut found, 0, &self.start);
        let mut before = &self.start;
        for (step, after) in self.steps.iter().zip(1..) {
            let mut ledger = before.ledger().clone();
            for event in &step.events {
                judge(&mut found, after, &ledger, event);
                ledger.record(event);
            }
            look(&mut found, after, &step.world);
            before = &step.world;
        }
        found
    }
}

impl Schedule {
    /// The choices by name: an actor's, or `clock`. Another way in which an actor steps has its
    /// number behind a slash.
    pub fn names(&self, program: &Program) -> Vec<String> {
        let name = |choice: &Choice| match choice {
            Choice::Actor(actor) => program.actor_name(*actor).to_owned(),
            Choice::Way(actor, way) => format!("{}/{way}", program.actor_name(*actor)),
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
        let actor = |name: &str| program.actors().find(|actor| program.actor_name(*actor) == name);
        let choice = |name: &String| {
            if name == "clock" {
                return Ok(Choice::Clock);
            }
            if let Some(actor) = actor(name) {
                return Ok(Choice::Actor(actor));
            }
            let way = name.rsplit_once('/').and_then(|(name, way)| {
                let way = way.parse().ok().filter(|way| *way > 0)?;
                Some(Choice::Way(actor(name)?, way))
            });
            way.ok_or_else(|| name.clone())
        };
        Ok(Schedule(names.iter().map(choice).collect::<Result<_, _>>()?))
    }
}
