//! Histories: what an observer outside can see of an execution.
//!
//! A history is a sequence of [`Event`]s: the invocation and the return of each operation, with its
//! code and its virtual time, the advances of the clock, and the end of the execution. It contains
//! no state of a machine. So the clauses can judge the machine, another implementation, and a
//! history recorded elsewhere, all in the same way.
//!
//! In an explored history an operation is invoked at its first atomic step and returns at its last
//! one. An accepted `Cancel` returns in a step of its own, because its request releases the caller
//! before the canceller is back. In a recorded history the interval may be longer, so every clause
//! is written for intervals.

use calloff_model::{CallId, Code, CustomId, Ticks, Window};
use serde::{Deserialize, Serialize};

/// An actor, by its position in the scenario; at the same time its COM thread.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct ActorId(pub u32);

/// A name for a cancel object within one actor.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ObjectId(pub u32);

/// An event, by its position in the scenario.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct EventId(pub u32);

/// A lock, by its position in the scenario.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LockId(pub u32);

/// An operation as its actor asked for it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Action {
    /// CoEnableCallCancellation on the actor's own thread.
    Enable,
    /// CoDisableCallCancellation on the actor's own thread.
    Disable,
    /// The actor issues the call. Returns `S_OK`.
    Issue(CallId),
    /// The actor waits for the call that it issued. Returns the call's result.
    Await(CallId),
    /// The server side enters the call. Returns `S_OK` when the method is entered and
    /// `RPC_E_CALL_CANCELED` when the call was skipped.
    Dispatch(CallId),
    /// `TestCancel` of the call being served; `None`: no call is being served.
    TestCancel(Option<CallId>),
    /// `TestCancel` on a held cancel object.
    TestCancelObject(ObjectId),
    /// The server side of the call sends its reply. Returns `S_OK`.
    Reply(CallId, Code),
    /// CoGetCancelObject of a thread; on `S_OK` the name holds the new object, on failure it keeps
    /// what it held.
    GetCancelObject(ActorId, ObjectId),
    /// `Cancel` of a thread's innermost pending call.
    CancelThread(ActorId, Window),
    /// `Cancel` on a held cancel object.
    CancelObject(ObjectId, Window),
    /// The actor lets that many ticks pass. Returns `S_OK`.
    Sleep(u64),
    /// The message filter of the actor's wait gives the call up. Returns `RPC_E_CALL_CANCELED`.
    GiveUp(CallId),
    /// The actor sets the event. Returns `S_OK`.
    Set(EventId),
    /// The actor resets the event. Returns `S_OK`.
    Reset(EventId),
    /// The actor waits for the event, for that many ticks at most. Returns `S_OK`, or
    /// `WAIT_TIMEOUT`.
    Wait(EventId, Option<u64>),
    /// The actor waits until the other has finished, for that many ticks at most. Returns `S_OK`,
    /// or `WAIT_TIMEOUT`.
    Join(ActorId, Option<u64>),
    /// The actor enters the critical section. Returns `S_OK`.
    Lock(LockId),
    /// The actor leaves the critical section. Returns `S_OK`, or `E_FAIL` if it does not own it.
    Unlock(LockId),
    /// The actor decides by the test with this number. Returns `S_OK` if it is true, else
    /// `S_FALSE`.
    Look(u32),
    /// CoSetCancelObject on the actor's own thread; `None` takes the topmost custom object away.
    SetCancelObject(Option<CustomId>),
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Event {
    /// The virtual time at which it happened; for [`What::Clock`], the new time.
    pub at: Ticks,
    /// What happened.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// An actor invoked an operation. An actor has at most one operation in flight.
    Invoke(ActorId, Action),
    /// The actor's operation in flight returned.
    Return(ActorId, Action, Code),
    /// The actor's operation in flight, if there is one, has found a custom cancel object: a
    /// `Cancel` of it begins, or CoGetCancelObject has got it.
    Passed(ActorId, Action, CustomId),
    /// The operation that had found the custom cancel object returned: a `Cancel` with the code of
    /// the object, CoGetCancelObject with its own.
    PassedBack(ActorId, Action, CustomId, Code),
    /// The actor, which is at its wait for the call of that name, begins a handler.
    Serves(ActorId, CallId),
    /// The handler that the actor began last, at its wait for the call of that name, is over.
    Served(ActorId, CallId),
    /// The actor cannot start or continue this operation at this moment. An explored history says
    /// so in each state; a recorded one need not.
    Blocked(ActorId, Action),
    /// The clock advanced to [`Event::at`].
    Clock,
    /// The execution is over: nothing can ever happen any more. The actors listed are stuck, each
    /// in the operation that it can never finish (invoked or not).
    End(Vec<(ActorId, Action)>),
}

impl Action {
    /// Whether this is `Cancel` itself, on an object or on a thread.
    pub fn is_cancel(self) -> bool {
        matches!(self, Action::CancelThread(..) | Action::CancelObject(..))
    }

    /// The name of a code that this operation returned: `Cancel` has its own name for one of them.
    pub fn code_name(self, code: Code) -> String {
        if self.is_cancel() { code.cancel_name() } else { code.name() }
    }
}

/// A distinct end of an execution.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// Per actor: which of its code-returning steps ran, and what each returned.
    pub codes: Vec<Vec<(u32, Code)>>,
    /// The actors that can never finish.
    pub stuck: Vec<ActorId>,
}

impl Outcome {
    /// About how many bytes of memory the outcome takes in a report, for the limit on memory.
    pub fn size(&self) -> usize {
        Outcome::size_of(self.codes.iter().map(Vec::len))
    }

    /// The same of an outcome with that many codes per actor.
    pub(crate) fn size_of(codes: impl Iterator<Item = usize>) -> usize {
        const PER_CODE: usize = 64;
        PER_CODE * (1 + codes.map(|codes| 1 + codes).sum::<usize>())
    }
}

/// When the virtual clock may advance to the next pending deadline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimePolicy {
    /// At any moment, between any two steps: a slow machine.
    #[default]
    Free,
    /// Only when no actor can step: a fast machine, on which durations mean what they say.
    Urgent,
}

/// How an end of an implementation differs from those of the machine.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndKind {
    /// Somebody is stuck who cannot be.
    Stuck,
    /// The implementation has an end that the machine does not have.
    Foreign,
    /// The machine has an end that the implementation never reaches.
    Missing,
}

impl EndKind {
    /// The name in the table of faults.
    pub fn name(self) -> &'static str {
        match self {
            EndKind::Stuck => "stuck",
            EndKind::Foreign => "foreign end",
            EndKind::Missing => "missing end",
        }
    }
}
