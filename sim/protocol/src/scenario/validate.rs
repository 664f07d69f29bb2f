//! Checks of a scenario beyond its syntax: its names are defined, and its steps fit together.
//!
//! [`validate`] works on a [`Scenario`] built by code as well as on a parsed one: a [`Problem`]
//! gives its place within the structure of the scenario, and the parser maps that to a place in the
//! file.
//!
//! Every lookup is in an ordered map, so the whole check is near-linear in the number of steps.

mod cycles;
mod expect;
mod fault;
mod flow;
mod index;
mod questions;
mod serving;
mod steps;

use std::collections::BTreeMap;

pub use fault::Fault;
pub(crate) use fault::RestsOn;

use super::Scenario;
use super::language::CLOCK;
use crate::text::is_visible;
use index::Owner;

/// One thing that is wrong with a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The place of the problem.
    pub location: Location,
    /// The kind of problem.
    pub fault: Fault,
    /// A second place that belongs to the problem, such as the first of two equal names.
    pub related: Option<Location>,
}

/// A place within the structure of a scenario. All numbers are indices, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Location {
    /// The scenario as a whole.
    Scenario,
    /// The scenario's name.
    ScenarioName,
    /// The name of an event.
    Event(usize),
    /// The name of a lock.
    Lock(usize),
    /// The name of a custom cancel object.
    CancelObject(usize),
    /// The codes that a custom cancel object returns.
    Returns(usize),
    /// A step of a custom cancel object, or a part of it.
    ObjectStep {
        /// The object.
        object: usize,
        /// The step of that object. Steps are numbered as those of actors.
        step: usize,
        /// The part of the step.
        field: Field,
    },
    /// The name of an actor.
    Actor(usize),
    /// A step, or a part of it.
    Step {
        /// The actor.
        actor: usize,
        /// The step of that actor. Each step is numbered before those within it, in file order.
        step: usize,
        /// The part of the step.
        field: Field,
    },
    /// The expected clause.
    Clause,
    /// The list of readings.
    Readings,
    /// One of the readings.
    Reading(usize),
    /// The actor's name in one entry of the expected codes.
    CodesActor(usize),
    /// The codes of one entry of the expected codes.
    Codes(usize),
    /// The list of stuck actors.
    StuckList,
    /// One of the stuck actors.
    Stuck(usize),
    /// A question, or a part of it.
    Question {
        /// What is asked.
        asked: Asked,
        /// The question.
        question: usize,
        /// The part of the question.
        part: QuestionPart,
    },
}

/// What a question asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asked {
    /// Whether it never happens.
    Never,
    /// Whether it happens in some execution.
    Possible,
}

/// A part of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum QuestionPart {
    /// The whole question.
    Whole,
    /// One of its codes.
    Code(usize),
    /// One of its actors that never finish.
    Stuck(usize),
    /// Its list of readings.
    Readings,
    /// One of its readings.
    Reading(usize),
}

/// A part of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// The whole step.
    Whole,
    /// The call's name.
    Call,
    /// The thread's name.
    Thread,
    /// The object's name.
    Object,
    /// The window or the duration.
    Seconds,
    /// The event's name.
    Event,
    /// The lock's name.
    Lock,
    /// The number of passes.
    Times,
    /// One of the handlers of a wait.
    Handler(usize),
    /// One of the conditions, which are numbered in file order, each before those within it.
    Condition(usize),
}

impl Problem {
    fn new(location: Location, fault: Fault) -> Problem {
        Problem { location, fault, related: None }
    }

    fn related(location: Location, fault: Fault, related: Location) -> Problem {
        Problem { location, fault, related: Some(related) }
    }
}

/// All problems of the scenario; empty if it can be run.
///
/// The order is fixed: names, then the steps of each actor in turn and those of the cancel objects,
/// then the expectations.
pub fn validate(scenario: &Scenario) -> Vec<Problem> {
    let mut problems = Vec::new();
    check_actors(scenario, &mut problems);
    check_objects(scenario, &mut problems);
    let index = index::Index::of(scenario);
    steps::check(scenario, &index, &mut problems);
    for (actor, lane) in scenario.actors.iter().enumerate() {
        flow::check(&lane.steps, Owner::Actor(actor), &mut problems);
        serving::check(&lane.steps, actor, &mut problems);
    }
    for (object, custom) in scenario.cancel_objects.iter().enumerate() {
        flow::check(&custom.steps, Owner::Object(object), &mut problems);
    }
    cycles::check(scenario, &index, &mut problems);
    expect::check(scenario, &index, &mut problems);
    questions::check(scenario, &index, &mut problems);
    problems
}

/// The names of events, locks and cancel objects: each kind has names of its own.
fn check_objects(scenario: &Scenario, problems: &mut Vec<Problem>) {
    let events = scenario.events.iter().map(|event| event.name.as_str());
    check_distinct(events, "events", Location::Event, problems);
    let locks = scenario.locks.iter().map(String::as_str);
    check_distinct(locks, "locks", Location::Lock, problems);
    let objects = scenario.cancel_objects.iter().map(|object| object.name.as_str());
    check_distinct(objects, "cancel objects", Location::CancelObject, problems);
    for (object, custom) in scenario.cancel_objects.iter().enumerate() {
        if custom.returns.is_empty() {
            problems.push(Problem::new(Location::Returns(object), Fault::NoReturns));
        }
    }
}

fn check_distinct<'s>(
    names: impl Iterator<Item = &'s str>,
    what: &'static str,
    location: fn(usize) -> Location,
    problems: &mut Vec<Problem>,
) {
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, name) in names.enumerate() {
        check_name(name, location(index), problems);
        let earlier = *first.entry(name).or_insert(index);
        if earlier != index {
            let fault = Fault::DuplicateName { what, name: name.to_owned() };
            problems.push(Problem::related(location(index), fault, location(earlier)));
        }
    }
}

fn check_actors(scenario: &Scenario, problems: &mut Vec<Problem>) {
    check_name(&scenario.name, Location::ScenarioName, problems);
    if scenario.actors.is_empty() {
        problems.push(Problem::new(Location::Scenario, Fault::NoActors));
    }
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, actor) in scenario.actors.iter().enumerate() {
        let here = Location::Actor(index);
        check_name(&actor.name, here, problems);
        if actor.name == CLOCK {
            problems.push(Problem::new(here, Fault::ReservedActor));
        }
        match first.get(actor.name.as_str()) {
            Some(earlier) => {
                let fault = Fault::DuplicateActor { name: actor.name.clone() };
                problems.push(Problem::related(here, fault, Location::Actor(*earlier)));
            }
            None => {
                first.insert(&actor.name, index);
            }
        }
    }
    if !scenario.actors.is_empty() && scenario.actors.iter().all(|actor| actor.is_daemon) {
        problems.push(Problem::new(Location::Actor(0), Fault::OnlyDaemons));
    }
}

/// A name that something is given must have characters, all of them visible.
fn check_name(name: &str, location: Location, problems: &mut Vec<Problem>) {
    if name.is_empty() {
        problems.push(Problem::new(location, Fault::EmptyName));
    } else if let Some((at, character)) = name.chars().enumerate().find(|(_, c)| !is_visible(*c)) {
        let fault = Fault::HiddenInName { name: name.to_owned(), character, position: at + 1 };
        problems.push(Problem::new(location, fault));
    }
}
