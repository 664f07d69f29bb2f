//! Executions of an implementation, operation by operation: what each choice did, and where the
//! implementation departs from a schedule.
//!
//! Locks, condition variables and atomics are numbered, each kind from 1, in the order in which the
//! implementation made them.

use std::collections::BTreeMap;

use calloff_model::{Code, Ticks};

use crate::history::{Action, ActorId, Outcome};
use crate::text::printable;
use crate::trace::{Schedule, Trace};
use crate::world::Choice;

/// A task of an execution, by its number: the actors in file order, then the clock.
pub type Task = usize;

/// What is to be followed.
#[derive(Clone)]
pub enum Script {
    /// The machine's steps, as they were taken on the machine.
    Steps(Trace),
    /// Choices of the implementation's own.
    Operations {
        /// The choices.
        schedule: Schedule,
        /// Whether waits and notifications are choices, too.
        is_careful: bool,
    },
}

/// What came of following a script.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Followed {
    /// What each choice did, up to where the implementation departs from the script.
    pub moves: Vec<Move>,
    /// Where and how it departs, if it does.
    pub divergence: Option<Divergence>,
    /// The codes that were returned; whoever has not finished is stuck, if `is_end`.
    pub outcome: Outcome,
    /// Whether nothing can happen any more, unless somebody wakes up for no reason.
    pub is_end: bool,
    /// What keeps each actor that has not finished from going on, if anything does.
    pub obstacles: Vec<(ActorId, Action, Obstacle)>,
    /// What the implementation said when it panicked.
    pub panics: Vec<String>,
    /// The names of locks, condition variables and atomics.
    pub names: ObjectNames,
}

/// What one choice did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Move {
    /// The choice.
    pub choice: Choice,
    /// The time afterwards.
    pub now: Ticks,
    /// The operation that the actor was in or began.
    pub within: Option<Action>,
    /// What it did.
    pub deeds: Vec<Deed>,
    /// The operations that it finished, with the codes that they returned.
    pub finished: Vec<(Action, Option<Code>)>,
}

/// Where an implementation departs from a script.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Divergence {
    /// The position in the schedule, from 0; its length, when it is about the end.
    pub position: usize,
    /// How it departs.
    pub what: Departure,
    /// Whoever could have stepped there.
    pub enabled: Vec<Choice>,
}

/// How an implementation departs from a script.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Departure {
    /// The choice is not possible there; for an actor: what keeps it.
    NotEnabled(Choice, Option<Obstacle>),
    /// An operation returned another code than that of the machine.
    OtherCode {
        /// The actor.
        actor: ActorId,
        /// Its operation.
        action: Action,
        /// What the machine returned.
        expected: Code,
        /// What the implementation returned.
        got: Code,
    },
    /// An actor went on that has to wait, as the machine says.
    DidNotWait(ActorId),
    /// The clock would advance to another time.
    OtherTime {
        /// The time on the machine.
        expected: Ticks,
        /// The implementation's; `None`: its clock does not advance.
        got: Option<Ticks>,
    },
    /// Tasks go on and on without the step being over.
    Restless,
}

/// One thing that a task did.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Deed {
    /// It took that lock.
    Locked(usize),
    /// It gave that lock back.
    Unlocked(usize),
    /// It gave its lock back and began to wait at that condition variable.
    Waited(usize),
    /// It came back from a wait.
    Woke(Wake),
    /// It notified everyone who waits at that condition variable.
    NotifiedAll(usize),
    /// It notified one of those who wait at that condition variable.
    NotifiedOne(usize),
    /// It read or wrote that atomic.
    UsedAtomic(usize),
    /// It began to let time pass.
    Slept(Ticks),
}

/// A lock, condition variable or atomic, by its number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Object {
    /// A lock.
    Lock(usize),
    /// A condition variable.
    Condvar(usize),
    /// An atomic.
    Atomic(usize),
}

/// The names that the implementation has given to its objects.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ObjectNames(pub BTreeMap<Object, String>);

impl ObjectNames {
    /// The object in a sentence: by its name, or by its number if it has none.
    pub fn show(&self, object: Object) -> String {
        let (kind, number) = match object {
            Object::Lock(number) => ("lock", number),
            Object::Condvar(number) => ("condition", number),
            Object::Atomic(number) => ("atomic", number),
        };
        match self.0.get(&object) {
            Some(name) => format!("{kind} `{}`", printable(name)),
            None => format!("{kind} {number}"),
        }
    }
}

impl Deed {
    /// The deed in words.
    pub fn text(self, names: &ObjectNames) -> String {
        let lock = |number| names.show(Object::Lock(number));
        let condvar = |number| names.show(Object::Condvar(number));
        match self {
            Deed::Locked(number) => format!("takes {}", lock(number)),
            Deed::Unlocked(number) => format!("frees {}", lock(number)),
            Deed::Waited(number) => format!("waits at {}", condvar(number)),
            Deed::Woke(Wake::Notified) => "wakes, notified".to_owned(),
            Deed::Woke(Wake::Due) => "wakes, its time has come".to_owned(),
            Deed::Woke(Wake::GivesUp) => "gives the wait up".to_owned(),
            Deed::Woke(Wake::Spurious) => "wakes for no reason".to_owned(),
            Deed::NotifiedAll(number) => format!("notifies all at {}", condvar(number)),
            Deed::NotifiedOne(number) => format!("notifies one at {}", condvar(number)),
            Deed::UsedAtomic(number) => format!("uses {}", names.show(Object::Atomic(number))),
            Deed::Slept(until) => format!("sleeps until {until}"),
        }
    }
}

/// Why a task came back from a wait.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Wake {
    /// Somebody notified it.
    Notified,
    /// Its time had come.
    Due,
    /// It gives the wait up.
    GivesUp,
    /// No reason.
    Spurious,
}

/// What keeps a task from going on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Obstacle {
    /// Somebody holds the lock with this number.
    Lock {
        /// The number of the lock.
        lock: usize,
        /// Who holds it.
        holder: Option<Task>,
    },
    /// It waits at the condition variable with this number.
    Condvar {
        /// The number of the condition variable.
        condvar: usize,
        /// When it goes on by itself.
        deadline: Option<Ticks>,
    },
    /// It lets time pass.
    Sleep(Ticks),
    /// It has nothing more to do.
    Finished,
}
