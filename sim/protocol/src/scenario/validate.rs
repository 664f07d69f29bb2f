//! Checks of a scenario beyond its syntax: its names are defined, and its steps fit together.
//!
//! [`validate`] works on a [`Scenario`] built by code as well as on a parsed one: a [`Problem`]
//! gives its place within the structure of the scenario, and the parser maps that to a place in the
//! file.
//!
//! Every lookup is in an ordered map, so the whole check is near-linear in the number of steps.

mod expect;
mod fault;
mod index;
mod steps;

use std::collections::BTreeMap;

pub use fault::Fault;
pub(crate) use fault::RestsOn;

use super::Scenario;
use super::language::CLOCK;
use crate::text::is_visible;

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
    /// The name of an actor.
    Actor(usize),
    /// A step, or a part of it.
    Step {
        /// The actor.
        actor: usize,
        /// The step of that actor.
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
    /// The window, in seconds.
    Seconds,
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
/// The order is fixed: names, then the steps of each actor in turn, then the expectations.
pub fn validate(scenario: &Scenario) -> Vec<Problem> {
    let mut problems = Vec::new();
    check_actors(scenario, &mut problems);
    let index = index::Index::of(scenario);
    steps::check(scenario, &index, &mut problems);
    expect::check(scenario, &index, &mut problems);
    problems
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
