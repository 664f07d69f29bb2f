//! The places in the file at which the parts of a scenario were read.

use super::Span;
use crate::scenario::validate::{Field, Location};

/// The places of a scenario's parts; the counterpart of [`Location`].
#[derive(Debug, Default)]
pub(super) struct Places {
    pub(super) name: Option<Span>,
    pub(super) actor_list: Option<Span>,
    pub(super) actors: Vec<ActorPlaces>,
    pub(super) clause: Option<Span>,
    pub(super) readings: Option<Span>,
    /// One place per reading, even if one entry of the file stands for several readings.
    pub(super) reading: Vec<Span>,
    pub(super) codes: Vec<CodesPlaces>,
}

/// The places of an actor's parts.
#[derive(Debug)]
pub(super) struct ActorPlaces {
    pub(super) name: Span,
    pub(super) steps: Vec<StepPlaces>,
}

/// The places of a step's parts, as far as it has them.
#[derive(Debug, Default)]
pub(super) struct StepPlaces {
    pub(super) whole: Span,
    pub(super) call: Option<Span>,
    pub(super) thread: Option<Span>,
    pub(super) object: Option<Span>,
    pub(super) seconds: Option<Span>,
}

/// The places of one actor's expected codes.
#[derive(Debug)]
pub(super) struct CodesPlaces {
    pub(super) actor: Span,
    pub(super) lists: Span,
}

impl Places {
    /// The place in the file; `None` for a part that the file does not contain.
    pub(super) fn of(&self, location: Location) -> Option<Span> {
        match location {
            Location::Scenario => self.actor_list.clone(),
            Location::ScenarioName => self.name.clone(),
            Location::Actor(actor) => Some(self.actors.get(actor)?.name.clone()),
            Location::Step { actor, step, field } => {
                let places = self.actors.get(actor)?.steps.get(step)?;
                let part = match field {
                    Field::Whole => None,
                    Field::Call => places.call.as_ref(),
                    Field::Thread => places.thread.as_ref(),
                    Field::Object => places.object.as_ref(),
                    Field::Seconds => places.seconds.as_ref(),
                };
                Some(part.unwrap_or(&places.whole).clone())
            }
            Location::Clause => self.clause.clone(),
            Location::Readings => self.readings.clone(),
            Location::Reading(reading) => self.reading.get(reading).cloned(),
            Location::CodesActor(entry) => Some(self.codes.get(entry)?.actor.clone()),
            Location::Codes(entry) => Some(self.codes.get(entry)?.lists.clone()),
        }
    }
}
