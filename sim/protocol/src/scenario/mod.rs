//! Scenarios: the content of a scenario file, which describes the actors of a race and their steps.
//!
//! A [`Scenario`] refers to actors, calls and objects by the names that the file uses. It is built
//! by parsing a file or by code (generators, shrinking), and printed as normalised TOML.

pub mod language;
pub mod validate;

mod error;
mod parse;
mod print;
mod schema;

use calloff_model::{Code, Reading, Window};
pub use error::{Mistake, Position, SHOWN_MAX, ScenarioErrors};
pub use parse::FileLines;
pub use schema::json_schema;

use crate::history::TimePolicy;

/// One scenario file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// The scenario's name.
    pub name: String,
    /// One sentence that describes the race; empty if the file has none.
    pub summary: String,
    /// When the virtual clock may advance.
    pub time: TimePolicy,
    /// The events, in file order.
    pub events: Vec<EventObject>,
    /// The names of the locks, in file order.
    pub locks: Vec<String>,
    /// The custom cancel objects, in file order.
    pub cancel_objects: Vec<CustomObject>,
    /// The actors, in file order.
    pub actors: Vec<Actor>,
    /// The outcomes that the file promises.
    pub expect: Expect,
}

/// One lane: a COM thread, with the steps that it takes in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The actor's name, which is its thread id.
    pub name: String,
    /// The enable depth that this thread starts with.
    pub depth: u32,
    /// It need not finish: an execution is over when all others have.
    pub is_daemon: bool,
    /// The steps.
    pub steps: Vec<Step>,
}

/// An event: it is set or not, and actors wait until it is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventObject {
    /// Its name.
    pub name: String,
    /// A wait that it ends resets it (`reset = "auto"`).
    pub is_auto: bool,
    /// It is set at the start.
    pub is_set: bool,
}

/// A custom cancel object, as CoSetCancelObject takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomObject {
    /// Its name.
    pub name: String,
    /// It has `ICancelMethodCalls`; one without is refused.
    pub has_interface: bool,
    /// What its `Cancel` does, on the canceller's thread.
    pub steps: Vec<Step>,
    /// What its `Cancel` returns: any of these. Never empty.
    pub returns: Vec<Code>,
}

/// One step of an actor. Calls, threads and objects are named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// CoEnableCallCancellation on this thread.
    Enable,
    /// CoDisableCallCancellation on this thread.
    Disable,
    /// Issue an outbound call, without waiting for it.
    Issue(String),
    /// Wait for a call that this actor issued.
    Await(Waiting),
    /// Issue a call, then wait for it.
    Call(Waiting),
    /// The server side enters the call.
    Dispatch(String),
    /// `TestCancel` of the call being served.
    TestCancel,
    /// `TestCancel` on a cancel object that this actor got earlier.
    TestCancelObject(String),
    /// The call being served returns this `HRESULT`.
    Reply(Code),
    /// CoGetCancelObject of a thread; the actor keeps the object under a name.
    GetCancelObject {
        /// The thread whose innermost pending call is wanted.
        thread: String,
        /// The name of the object.
        object: String,
    },
    /// `Cancel`.
    Cancel {
        /// The target.
        target: Target,
        /// `ulSeconds`.
        window: Window,
    },
    /// Wait for this virtual time.
    Sleep(Millis),
    /// Wait for this virtual time; another name for [`Step::Sleep`].
    Work(Millis),
    /// Set an event.
    Set(String),
    /// Reset an event.
    Reset(String),
    /// Wait until an event is set: `S_OK`, or `WAIT_TIMEOUT`.
    Wait {
        /// The event.
        event: String,
        /// How long at most; `None`: for ever.
        timeout: Option<Millis>,
    },
    /// Wait until an actor has finished: `S_OK`, or `WAIT_TIMEOUT`.
    Join {
        /// The actor.
        actor: String,
        /// How long at most; `None`: for ever.
        timeout: Option<Millis>,
    },
    /// Enter a critical section, which its owner may do again.
    Lock(String),
    /// Leave a critical section.
    Unlock(String),
    /// Do the steps, then decide whether to do them again.
    Repeat {
        /// The body.
        steps: Vec<Step>,
        /// When it ends.
        until: Until,
    },
    /// Do one of two lists of steps. Either may be empty, not both.
    If {
        /// What decides.
        condition: Condition,
        /// The steps if it is true.
        then: Vec<Step>,
        /// The steps if it is false.
        otherwise: Vec<Step>,
    },
    /// Leave the innermost [`Step::Repeat`].
    Break,
    /// The actor has finished.
    Return,
    /// CoSetCancelObject on this thread.
    SetCancelObject(String),
    /// CoSetCancelObject on this thread, with none.
    UnsetCancelObject,
}

/// A wait for a call, and what may happen meanwhile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The call.
    pub call: String,
    /// The handlers: lists of steps, each of which begins with a [`Step::Dispatch`]. Any of them
    /// may run while it waits.
    pub serving: Vec<Vec<Step>>,
    /// A message filter may give the call up (`filter = "cancel"`).
    pub has_filter: bool,
}

impl Waiting {
    /// A wait during which nothing else happens.
    pub fn plain(call: impl Into<String>) -> Waiting {
        Waiting { call: call.into(), serving: Vec::new(), has_filter: false }
    }
}

/// A duration, in virtual milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Millis(pub u64);

impl Millis {
    /// A duration of whole seconds.
    pub fn seconds(seconds: u32) -> Millis {
        Millis(u64::from(seconds) * 1000)
    }

    /// The whole seconds, if it is a number of those.
    pub fn as_seconds(self) -> Option<u64> {
        self.0.is_multiple_of(1000).then_some(self.0 / 1000)
    }
}

/// When a [`Step::Repeat`] ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Until {
    /// Never, unless a step leaves it.
    Never,
    /// After a pass at whose end this is true.
    Met(Condition),
    /// After this number of passes, at least 1.
    Times(u32),
}

/// What a [`Step::If`] or a [`Step::Repeat`] decides by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The last code that the actor's steps have returned is a success.
    Succeeded,
    /// The last code that the actor's steps have returned is a failure.
    Failed,
    /// The last code that the actor's steps have returned is one of these.
    Codes(Vec<Code>),
    /// The event is set.
    Set(String),
    /// The actor has finished.
    Finished(String),
    /// It is not true.
    Not(Box<Condition>),
    /// All are true.
    All(Vec<Condition>),
    /// Some are true.
    Any(Vec<Condition>),
}

/// The target of a `Cancel`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The innermost pending call of a thread (CoCancelCall).
    Thread(String),
    /// The call of a cancel object held by this actor (`ICancelMethodCalls::Cancel`).
    Object(String),
}

/// The promises of a scenario file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expect {
    /// How the check ends.
    pub verdict: ExpectedVerdict,
    /// The readings under which it is checked, without repetition, in file order.
    pub readings: Vec<Reading>,
    /// The exact codes of some actors: for each code-returning step, the set of codes that it
    /// returns.
    pub codes: Vec<ExpectedCodes>,
    /// Exactly the actors that may not finish, if the file names them. Then the verdict is
    /// [`ExpectedVerdict::Stuck`].
    pub stuck: Option<Vec<String>>,
    /// What never happens.
    pub never: Vec<Question>,
    /// What happens in some execution.
    pub possible: Vec<Question>,
}

/// Something that may happen in one execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Why it is asked, in the words of the file; empty if the file has none.
    pub why: String,
    /// `WHO=CODE`, or `CODE`: all of these codes are returned.
    pub codes: Vec<String>,
    /// These actors never finish: they are stuck, or starve.
    pub stuck: Vec<String>,
    /// The readings under which it is asked; `None`: all that the file names.
    pub readings: Option<Vec<Reading>>,
}

/// How the check of a scenario is expected to end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ExpectedVerdict {
    /// Every clause holds, and no actor is stuck.
    #[default]
    Holds,
    /// The clause with this id is violated.
    Violated {
        /// The clause's id, `K1` and so on.
        clause: String,
    },
    /// Some interleaving ends with an actor that can never finish.
    Stuck,
}

/// The exact codes of one actor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedCodes {
    /// The actor's name.
    pub actor: String,
    /// One set per code-returning step of the actor, in step order.
    pub steps: Vec<Vec<Code>>,
}

impl Default for Expect {
    fn default() -> Expect {
        Expect {
            verdict: ExpectedVerdict::Holds,
            readings: Reading::ALL.to_vec(),
            codes: Vec::new(),
            stuck: None,
            never: Vec::new(),
            possible: Vec::new(),
        }
    }
}

impl TimePolicy {
    /// The name in scenario files and reports.
    pub fn name(self) -> &'static str {
        match self {
            TimePolicy::Free => "free",
            TimePolicy::Urgent => "urgent",
        }
    }
}

impl Step {
    /// The lists of steps within the step, in the order of the file: the handlers of a wait, the
    /// body of a loop, the two branches of a decision.
    pub fn lists(&self) -> Vec<&[Step]> {
        match self {
            Step::Await(waiting) | Step::Call(waiting) => {
                waiting.serving.iter().map(Vec::as_slice).collect()
            }
            Step::Repeat { steps, .. } => vec![steps],
            Step::If { then, otherwise, .. } => vec![then, otherwise],
            _ => Vec::new(),
        }
    }

    /// All steps of a list, those within steps included, in the order of the file: each step comes
    /// before those within it.
    pub fn all(steps: &[Step]) -> impl Iterator<Item = &Step> {
        let mut left: Vec<&Step> = steps.iter().rev().collect();
        std::iter::from_fn(move || {
            let step = left.pop()?;
            for list in step.lists().into_iter().rev() {
                left.extend(list.iter().rev());
            }
            Some(step)
        })
    }

    /// Whether the step returns a code (as opposed to: only taking effect).
    pub fn returns_code(&self) -> bool {
        matches!(
            self,
            Step::Enable
                | Step::Disable
                | Step::Await(_)
                | Step::Call(_)
                | Step::TestCancel
                | Step::TestCancelObject(_)
                | Step::GetCancelObject { .. }
                | Step::Cancel { .. }
                | Step::Wait { .. }
                | Step::Join { .. }
                | Step::SetCancelObject(_)
                | Step::UnsetCancelObject
        )
    }
}

#[cfg(test)]
mod tests;
