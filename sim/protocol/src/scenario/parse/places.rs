//! The places in the file at which the parts of a scenario were read.

use std::collections::BTreeMap;

use super::Span;
use crate::scenario::validate::{Asked, Field, Location, QuestionPart};

/// The places of a scenario's parts; the counterpart of [`Location`].
#[derive(Debug, Default)]
pub(super) struct Places {
    pub(super) name: Option<Span>,
    /// The names of the events.
    pub(super) events: Vec<Span>,
    /// The names of the locks.
    pub(super) locks: Vec<Span>,
    pub(super) cancel_objects: Vec<OwnerPlaces>,
    pub(super) actor_list: Option<Span>,
    pub(super) actors: Vec<OwnerPlaces>,
    pub(super) clause: Option<Span>,
    pub(super) readings: ReadingsPlaces,
    pub(super) codes: Vec<CodesPlaces>,
    pub(super) stuck: Option<ListPlaces>,
    pub(super) never: Vec<QuestionPlaces>,
    pub(super) possible: Vec<QuestionPlaces>,
}

/// The places of the parts of an actor, or of a custom cancel object.
#[derive(Debug)]
pub(super) struct OwnerPlaces {
    pub(super) name: Span,
    /// The steps, each before those within it.
    pub(super) steps: Vec<StepPlaces>,
    /// The codes that a cancel object returns.
    pub(super) returns: Option<Span>,
}

/// The places of a step's parts, as far as it has them.
#[derive(Debug, Default)]
pub(super) struct StepPlaces {
    pub(super) whole: Span,
    pub(super) parts: BTreeMap<Field, Span>,
}

/// The places of a list of names and of its entries.
#[derive(Debug, Default)]
pub(super) struct ListPlaces {
    pub(super) whole: Span,
    pub(super) entries: Vec<Span>,
}

/// The places of a list of readings.
#[derive(Debug, Default)]
pub(super) struct ReadingsPlaces {
    pub(super) whole: Option<Span>,
    /// One place per reading, even if one entry of the file stands for several readings.
    pub(super) each: Vec<Span>,
}

/// The places of one actor's expected codes.
#[derive(Debug)]
pub(super) struct CodesPlaces {
    pub(super) actor: Span,
    pub(super) lists: Span,
}

/// The places of a question's parts.
#[derive(Debug, Default)]
pub(super) struct QuestionPlaces {
    pub(super) whole: Span,
    pub(super) codes: Vec<Span>,
    pub(super) stuck: Vec<Span>,
    pub(super) readings: ReadingsPlaces,
}

impl StepPlaces {
    fn of(&self, field: Field) -> Span {
        self.parts.get(&field).unwrap_or(&self.whole).clone()
    }
}

impl QuestionPlaces {
    fn of(&self, part: QuestionPart) -> Option<Span> {
        match part {
            QuestionPart::Whole => Some(self.whole.clone()),
            QuestionPart::Code(code) => self.codes.get(code).cloned(),
            QuestionPart::Stuck(entry) => self.stuck.get(entry).cloned(),
            QuestionPart::Readings => self.readings.whole.clone(),
            QuestionPart::Reading(reading) => self.readings.each.get(reading).cloned(),
        }
    }
}

impl Places {
    /// The place in the file; `None` for a part that the file does not contain.
    pub(super) fn of(&self, location: Location) -> Option<Span> {
        match location {
            Location::Scenario => self.actor_list.clone(),
            Location::ScenarioName => self.name.clone(),
            Location::Event(event) => self.events.get(event).cloned(),
            Location::Lock(lock) => self.locks.get(lock).cloned(),
            Location::CancelObject(object) => Some(self.cancel_objects.get(object)?.name.clone()),
            Location::Returns(object) => self.cancel_objects.get(object)?.returns.clone(),
            Location::ObjectStep { object, step, field } => {
                Some(self.cancel_objects.get(object)?.steps.get(step)?.of(field))
            }
            Location::Actor(actor) => Some(self.actors.get(actor)?.name.clone()),
            Location::Step { actor, step, field } => {
                Some(self.actors.get(actor)?.steps.get(step)?.of(field))
            }
            Location::Clause => self.clause.clone(),
            Location::Readings => self.readings.whole.clone(),
            Location::Reading(reading) => self.readings.each.get(reading).cloned(),
            Location::CodesActor(entry) => Some(self.codes.get(entry)?.actor.clone()),
            Location::Codes(entry) => Some(self.codes.get(entry)?.lists.clone()),
            Location::StuckList => Some(self.stuck.as_ref()?.whole.clone()),
            Location::Stuck(entry) => self.stuck.as_ref()?.entries.get(entry).cloned(),
            Location::Question { asked, question, part } => {
                let questions = match asked {
                    Asked::Never => &self.never,
                    Asked::Possible => &self.possible,
                };
                questions.get(question)?.of(part)
            }
        }
    }
}
