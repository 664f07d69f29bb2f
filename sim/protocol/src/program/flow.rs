//! What comes after an instruction: jumps, decisions on codes, counted loops, and ends. None of
//! these takes a step.

use calloff_model::Code;

use crate::history::{ActorId, EventId};

/// One place in the flow of a lane. Numbers are places in the same flow, unless told otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flow {
    /// The instruction with this number comes next.
    Step(u32),
    /// Go on there.
    Jump(u32),
    /// Decide on the last code.
    Branch {
        /// The test, which looks at codes only.
        test: Test,
        /// Where to go on if it is true.
        yes: u32,
        /// Where to go on if it is false.
        no: u32,
    },
    /// A pass of a counted loop is over.
    Again {
        /// The counter.
        counter: u32,
        /// The number of passes.
        times: u32,
        /// Where the body begins.
        back: u32,
    },
    /// A counted loop is left.
    Clear {
        /// The counter.
        counter: u32,
    },
    /// The steps of a handler or of a custom cancel object are over.
    Leave,
    /// The actor has finished.
    End,
}

/// A condition, with its names resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// The last code is a success.
    Succeeded,
    /// The last code is a failure.
    Failed,
    /// The last code is one of these.
    Codes(Vec<Code>),
    /// The event is set.
    Set(EventId),
    /// The actor has finished.
    Finished(ActorId),
    /// The test is not true.
    Not(Box<Test>),
    /// All are true.
    All(Vec<Test>),
    /// Some are true.
    Any(Vec<Test>),
}

impl Test {
    /// Whether it looks at codes.
    pub fn looks_at_codes(&self) -> bool {
        match self {
            Test::Succeeded | Test::Failed | Test::Codes(_) => true,
            Test::Set(_) | Test::Finished(_) => false,
            Test::Not(test) => test.looks_at_codes(),
            Test::All(tests) | Test::Any(tests) => tests.iter().any(Test::looks_at_codes),
        }
    }

    /// Whether it looks at who has finished.
    pub fn looks_at_actors(&self) -> bool {
        match self {
            Test::Finished(_) => true,
            Test::Succeeded | Test::Failed | Test::Codes(_) | Test::Set(_) => false,
            Test::Not(test) => test.looks_at_actors(),
            Test::All(tests) | Test::Any(tests) => tests.iter().any(Test::looks_at_actors),
        }
    }

    /// Whether it looks at events or actors, so that deciding takes a step.
    pub fn takes_a_step(&self) -> bool {
        match self {
            Test::Succeeded | Test::Failed | Test::Codes(_) => false,
            Test::Set(_) | Test::Finished(_) => true,
            Test::Not(test) => test.takes_a_step(),
            Test::All(tests) | Test::Any(tests) => tests.iter().any(Test::takes_a_step),
        }
    }

    /// Whether it is true, given the last code, and which events are set and actors have finished.
    pub fn is_met(
        &self,
        last: Option<Code>,
        is_set: &impl Fn(EventId) -> bool,
        has_finished: &impl Fn(ActorId) -> bool,
    ) -> bool {
        let is_met = |test: &Test| test.is_met(last, is_set, has_finished);
        match self {
            Test::Succeeded => last.is_some_and(|code| code.is_success()),
            Test::Failed => last.is_some_and(|code| !code.is_success()),
            Test::Codes(codes) => last.is_some_and(|code| codes.contains(&code)),
            Test::Set(event) => is_set(*event),
            Test::Finished(actor) => has_finished(*actor),
            Test::Not(test) => !is_met(test),
            Test::All(tests) => tests.iter().all(is_met),
            Test::Any(tests) => tests.iter().any(is_met),
        }
    }
}
