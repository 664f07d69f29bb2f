//! The kinds of problems that a scenario can have.

use calloff_model::Reading;

use crate::scenario::language::{CLOCK, DURATION_SECONDS_MAX, WINDOW_SECONDS_MAX};
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
    /// All actors are daemons, so an execution would be over before it begins.
    #[error("all actors are daemons")]
    OnlyDaemons,
    /// Two events, locks or cancel objects have one name.
    #[error("two {what} are named {}", quoted(name))]
    DuplicateName {
        /// What they are, in the plural.
        what: &'static str,
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
    /// No event has this name.
    #[error("unknown event {}", quoted(name))]
    UnknownEvent {
        /// The name.
        name: String,
        /// The event that was probably meant.
        nearest: Option<String>,
    },
    /// No lock has this name.
    #[error("unknown lock {}", quoted(name))]
    UnknownLock {
        /// The name.
        name: String,
        /// The lock that was probably meant.
        nearest: Option<String>,
    },
    /// No custom cancel object has this name.
    #[error("unknown cancel object {}", quoted(name))]
    UnknownCancelObject {
        /// The name.
        name: String,
        /// The cancel object that was probably meant.
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
    /// No call is being served by the actor.
    #[error("reply without dispatch")]
    ReplyWithoutDispatch,
    /// `break` without a `repeat` round it.
    #[error("`break` outside of a `repeat`")]
    BreakOutside {
        /// It is in a handler.
        is_in_handler: bool,
    },
    /// `return` in a handler.
    #[error("`return` in a handler")]
    ReturnInHandler,
    /// Both branches are empty.
    #[error("an `if` without steps")]
    EmptyIf,
    /// A loop is done no times.
    #[error("a `repeat` of no pass")]
    NoPasses,
    /// A loop may go round without a step.
    #[error("a pass of this `repeat` may take no step")]
    SilentPass,
    /// A condition about none of no codes or conditions.
    #[error("an empty condition")]
    EmptyCondition,
    /// A handler has no steps.
    #[error("an empty handler")]
    EmptyHandler,
    /// A handler enters no call.
    #[error("a handler that does not begin with a `dispatch`")]
    HandlerWithoutDispatch,
    /// An actor waits for itself.
    #[error("an actor that waits for itself to finish")]
    JoinsItself,
    /// A custom cancel object does not take such steps.
    #[error("`{step}` in the steps of a cancel object")]
    StepOfObject {
        /// The kind of step.
        step: &'static str,
    },
    /// A custom cancel object holds no object.
    #[error("the steps of a cancel object hold no objects")]
    HeldByObject,
    /// A custom cancel object may cancel by itself.
    #[error("cancel object {} can come to cancel itself", quoted(name))]
    CancelsItself {
        /// The object.
        name: String,
    },
    /// A custom cancel object returns nothing.
    #[error("an empty list of returned codes")]
    NoReturns,
    /// A duration is longer than the longest.
    #[error("a duration of more than {DURATION_SECONDS_MAX} seconds")]
    DurationTooLong,
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
    /// The codes of a daemon are in no outcome.
    #[error("{} is a daemon, whose codes are not looked at", quoted(actor))]
    CodesOfDaemon {
        /// The actor.
        actor: String,
    },
    /// Stuck actors are expected, and another verdict.
    #[error("stuck actors with another verdict than \"stuck\"")]
    StuckWithoutVerdict,
    /// The list of stuck actors is empty.
    #[error("an empty list of stuck actors")]
    NobodyStuck,
    /// An actor is listed twice as stuck.
    #[error("{} is listed twice", quoted(actor))]
    StuckTwice {
        /// The actor.
        actor: String,
    },
    /// A daemon need not finish anyway.
    #[error("{} is a daemon, which need not finish", quoted(actor))]
    StuckDaemon {
        /// The actor.
        actor: String,
    },
    /// A question about nothing.
    #[error("a question about nothing")]
    EmptyQuestion,
    /// A question under readings of which the file names none.
    #[error("a question under no reading of the file")]
    QuestionNeverAsked,
    /// The code of a question is unknown.
    #[error("unknown code {}", quoted(name))]
    UnknownCode {
        /// The text.
        name: String,
        /// The code that was probably meant.
        nearest: Option<String>,
    },
    /// Neither an actor nor a call nor a step has this name.
    #[error("no actor, call or step is named {}", quoted(name))]
    UnknownWho {
        /// The name.
        name: String,
        /// What was probably meant.
        nearest: Option<String>,
    },
    /// The actor has no such step, or it returns no code.
    #[error("{} has no step {} that returns a code", quoted(actor), quoted(step))]
    UnknownStepOf {
        /// The actor.
        actor: String,
        /// The step's number or kind.
        step: String,
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
    /// The steps of the actors and of the cancel objects.
    Steps,
    /// The events, the locks and the cancel objects.
    Objects,
}

impl Fault {
    /// The name that stands for nothing, where another one was probably meant.
    pub(crate) fn misspelt(&self) -> Option<&str> {
        match self {
            Fault::UnknownActor { name, nearest: Some(_) }
            | Fault::UnknownCall { name, nearest: Some(_) }
            | Fault::UnknownObject { name, nearest: Some(_) }
            | Fault::UnknownEvent { name, nearest: Some(_) }
            | Fault::UnknownLock { name, nearest: Some(_) }
            | Fault::UnknownCancelObject { name, nearest: Some(_) }
            | Fault::UnknownWho { name, nearest: Some(_) } => Some(name),
            _ => None,
        }
    }

    /// The part of the scenario that has to be complete for this problem to be real.
    pub(crate) fn rests_on(&self) -> RestsOn {
        match self {
            Fault::NoActors
            | Fault::UnknownActor { .. }
            | Fault::StuckDaemon { .. }
            | Fault::OnlyDaemons => RestsOn::Actors,
            Fault::UnknownEvent { .. }
            | Fault::UnknownLock { .. }
            | Fault::UnknownCancelObject { .. } => RestsOn::Objects,
            Fault::UnknownCall { .. }
            | Fault::UnknownObject { .. }
            | Fault::ObjectGotLater { .. }
            | Fault::ObjectOfAnother { .. }
            | Fault::AwaitedByAnother { .. }
            | Fault::AwaitedBeforeIssued { .. }
            | Fault::ReplyWithoutDispatch
            | Fault::EmptyIf
            | Fault::SilentPass
            | Fault::EmptyHandler
            | Fault::HandlerWithoutDispatch
            | Fault::UnknownWho { .. }
            | Fault::UnknownStepOf { .. }
            | Fault::CodesCount { .. } => RestsOn::Steps,
            _ => RestsOn::Nothing,
        }
    }
}
