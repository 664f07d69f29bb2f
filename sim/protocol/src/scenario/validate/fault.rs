//! The kinds of problems that a scenario can have.

use calloff_model::Reading;

use crate::scenario::language::{CLOCK, WINDOW_SECONDS_MAX};
use crate::text::quoted;

/// A kind of problem of a scenario. Its text is a title, without the place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The scenario has no actors.
    #[error("a scenario without actors")]
    NoActors,
    /// Two actors have one name.
    #[error("two actors are named {}", quoted(name))]
    DuplicateActor {
        /// The name.
        name: String,
    },
    /// The name is reserved: schedules use it for the virtual clock.
    #[error("no actor can be named `{CLOCK}`")]
    ReservedActor,
    /// A name without characters.
    #[error("empty name")]
    EmptyName,
    /// A name with a character that nobody sees, or that changes what is around it.
    #[error("character {position} of the name {} is U+{:04X}", quoted(name), u32::from(*character))]
    HiddenInName {
        /// The name.
        name: String,
        /// The first such character.
        character: char,
        /// Which character of the name that is, from 1.
        position: usize,
    },
    /// No actor has this name.
    #[error("unknown actor {}", quoted(name))]
    UnknownActor {
        /// The name.
        name: String,
        /// The actor that was probably meant.
        nearest: Option<String>,
    },
    /// No actor issues this call.
    #[error("unknown call {}", quoted(name))]
    UnknownCall {
        /// The name.
        name: String,
        /// The call that was probably meant.
        nearest: Option<String>,
    },
    /// No actor gets an object of this name.
    #[error("unknown object {}", quoted(name))]
    UnknownObject {
        /// The name.
        name: String,
        /// The object of this actor that was probably meant.
        nearest: Option<String>,
    },
    /// The actor gets the object only in a later step.
    #[error("object {} is used before this actor gets it", quoted(name))]
    ObjectGotLater {
        /// The name.
        name: String,
    },
    /// Another actor gets an object of this name; this actor does not.
    #[error("object {} is another actor's", quoted(name))]
    ObjectOfAnother {
        /// The name.
        name: String,
        /// The other actor.
        owner: String,
    },
    /// Two steps issue the call.
    #[error("call {} is issued twice", quoted(call))]
    IssuedTwice {
        /// The call.
        call: String,
    },
    /// The actor that awaits the call is not the one that issues it.
    #[error("call {} is awaited by another actor than its caller", quoted(call))]
    AwaitedByAnother {
        /// The call.
        call: String,
        /// The actor that issues it.
        caller: String,
    },
    /// The actor issues the call only in a later step.
    #[error("call {} is awaited before it is issued", quoted(call))]
    AwaitedBeforeIssued {
        /// The call.
        call: String,
    },
    /// Two steps await the call.
    #[error("call {} is awaited twice", quoted(call))]
    AwaitedTwice {
        /// The call.
        call: String,
    },
    /// Two steps dispatch the call.
    #[error("call {} is dispatched twice", quoted(call))]
    DispatchedTwice {
        /// The call.
        call: String,
    },
    /// No call is being served by the actor.
    #[error("reply without dispatch")]
    ReplyWithoutDispatch,
    /// The number of seconds in a finite window is the value that means "infinite", or more.
    #[error("a finite window of more than {WINDOW_SECONDS_MAX} seconds")]
    WindowTooLong,
    /// The text is not the id of a clause that can be violated.
    #[error("{} is not the id of a clause", quoted(clause))]
    ClauseId {
        /// The text.
        clause: String,
    },
    /// The list of readings is empty, so nothing would be checked.
    #[error("an empty list of readings")]
    NoReadings,
    /// A reading appears twice.
    #[error("the reading {reading} is listed twice")]
    ReadingTwice {
        /// The reading.
        reading: Reading,
    },
    /// The number of code lists differs from the actor's number of code-returning steps.
    #[error("wrong number of code lists for {}", quoted(actor))]
    CodesCount {
        /// The actor.
        actor: String,
        /// Its number of code-returning steps.
        steps: usize,
        /// The number of lists.
        lists: usize,
    },
    /// The actor's codes are listed twice.
    #[error("the codes of {} are listed twice", quoted(actor))]
    CodesTwice {
        /// The actor.
        actor: String,
    },
}

/// The part of a scenario that has to be complete for a problem to be real. If the parser had to
/// leave out something of that part, the problem may be only a consequence and is not reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RestsOn {
    /// Nothing: the problem is real whatever else the scenario contains.
    Nothing,
    /// The list of actors.
    Actors,
    /// The steps of the actors.
    Steps,
}

impl Fault {
    /// The name that stands for nothing, where another one was probably meant.
    pub(crate) fn misspelt(&self) -> Option<&str> {
        match self {
            Fault::UnknownActor { name, nearest: Some(_) }
            | Fault::UnknownCall { name, nearest: Some(_) }
            | Fault::UnknownObject { name, nearest: Some(_) } => Some(name),
            _ => None,
        }
    }

    /// The part of the scenario that has to be complete for this problem to be real.
    pub(crate) fn rests_on(&self) -> RestsOn {
        match self {
            Fault::NoActors | Fault::UnknownActor { .. } => RestsOn::Actors,
            Fault::UnknownCall { .. }
            | Fault::UnknownObject { .. }
            | Fault::ObjectGotLater { .. }
            | Fault::ObjectOfAnother { .. }
            | Fault::AwaitedByAnother { .. }
            | Fault::AwaitedBeforeIssued { .. }
            | Fault::ReplyWithoutDispatch
            | Fault::CodesCount { .. } => RestsOn::Steps,
            _ => RestsOn::Nothing,
        }
    }
}
