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
    /// The steps.
    pub steps: Vec<Step>,
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
    Await(String),
    /// Issue a call, then wait for it.
    Call(String),
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
    /// Wait for this number of virtual seconds.
    Sleep(u32),
    /// Wait for this number of virtual seconds; another name for [`Step::Sleep`].
    Work(u32),
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
    /// Whether the step returns a code (as opposed to: only taking effect).
    pub fn returns_code(&self) -> bool {
        !matches!(
            self,
            Step::Issue(_) | Step::Dispatch(_) | Step::Reply(_) | Step::Sleep(_) | Step::Work(_)
        )
    }
}

#[cfg(test)]
mod tests;
