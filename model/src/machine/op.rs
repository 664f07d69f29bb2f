//! Operations in flight, and the result of one step of them.

use super::{CallId, CustomId, HeldObject};
use crate::{Code, Ticks, Window};

/// An operation in flight, together with the stage that it has reached.
///
/// A blocking method call is two operations: [`Op::Issue`], then [`Op::Await`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Op {
    /// CoEnableCallCancellation.
    Enable,
    /// CoDisableCallCancellation.
    Disable,
    /// The thread sends an outbound call. Returns `S_OK`.
    Issue {
        /// The new call.
        call: CallId,
    },
    /// The caller waits for its call's result.
    Await {
        /// A call that the thread has issued.
        call: CallId,
    },
    /// The caller's message filter gives its wait up. Returns `RPC_E_CALL_CANCELED`; pending when
    /// there is nothing to give up.
    GiveUp {
        /// A call that the thread has issued.
        call: CallId,
    },
    /// The server side enters the call: `S_OK`, or `RPC_E_CALL_CANCELED` when it is skipped.
    Dispatch {
        /// The call to enter.
        call: CallId,
    },
    /// The server returns from the call. Returns `S_OK`.
    Reply {
        /// The call being served.
        call: CallId,
        /// What the method returns.
        code: Code,
    },
    /// `TestCancel` on the server side.
    TestCancel {
        /// The call being served, if any.
        serving: Option<CallId>,
    },
    /// `TestCancel` on a cancel object.
    TestCancelObject {
        /// The object's call; `None` for an object that was never obtained.
        object: Option<CallId>,
    },
    /// CoGetCancelObject.
    GetCancelObject {
        /// The topmost object, once the operation returned `S_OK`.
        got: Option<HeldObject>,
    },
    /// CoSetCancelObject: `S_OK`; `E_NOINTERFACE` for an object that cannot cancel; `E_INVALIDARG`
    /// when there is none to take away.
    SetCancelObject {
        /// The object; `None` takes the topmost custom one away.
        object: Option<CustomId>,
        /// Whether it has `ICancelMethodCalls`.
        has_interface: bool,
    },
    /// `Cancel`, or CoCancelCall.
    Cancel {
        /// What is canceled.
        target: CancelTarget,
        /// `ulSeconds`.
        window: Window,
        /// The stage that it has reached.
        stage: Stage,
    },
}

/// The target of a `Cancel`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CancelTarget {
    /// The innermost pending call of the machine's thread.
    Thread,
    /// The call of a cancel object; `None` for an object that was never obtained.
    Object(Option<CallId>),
}

/// The stage that a `Cancel` has reached.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Stage {
    /// Not started.
    Start,
    /// The cancel object was found; the request comes next.
    Request(CallId),
    /// The topmost cancel object is a custom one. The host calls its `Cancel`, and polls no more.
    Custom(CustomId),
    /// The request was accepted; its window is open.
    Wait {
        /// The call whose cancellation was requested.
        call: CallId,
        /// When the window ends; `None`: never.
        deadline: Option<Ticks>,
    },
}

/// The result of one step of an operation.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Poll {
    /// The operation is over.
    Ready(Code),
    /// The operation entered its next stage; other operations may step before it continues.
    Advanced,
    /// The operation waits, and nothing changed. Poll it again when the state changes, or when the
    /// deadline is reached.
    Pending {
        /// The time at which it can continue without a change of state, if there is one.
        deadline: Option<Ticks>,
    },
}

impl Op {
    /// Sets the clock forward or back by these ticks, to `now`; see
    /// [`Machine::shift`](super::Machine::shift).
    pub fn shift(&mut self, forward: u64, back: u64, now: Ticks) {
        if let Op::Cancel { stage: Stage::Wait { deadline: Some(deadline), .. }, .. } = self {
            *deadline = deadline.shifted(forward, back, now);
        }
    }

    /// The call that it is about, as far as it knows.
    pub fn call(&self) -> Option<CallId> {
        let mut op = *self;
        op.call_mut().copied()
    }

    /// Gives the call that it is about another id.
    pub fn rename(&mut self, renamed: impl Fn(CallId) -> CallId) {
        if let Some(call) = self.call_mut() {
            *call = renamed(*call);
        }
    }

    fn call_mut(&mut self) -> Option<&mut CallId> {
        match self {
            Op::Issue { call }
            | Op::Await { call }
            | Op::GiveUp { call }
            | Op::Dispatch { call }
            | Op::Reply { call, .. } => Some(call),
            Op::TestCancel { serving: call } | Op::TestCancelObject { object: call } => {
                call.as_mut()
            }
            Op::GetCancelObject { got: Some(HeldObject::Call(call)) } => Some(call),
            Op::Cancel { stage: Stage::Request(call) | Stage::Wait { call, .. }, .. } => Some(call),
            Op::Cancel { target: CancelTarget::Object(call), .. } => call.as_mut(),
            _ => None,
        }
    }

    /// A `Cancel` of the innermost pending call of a thread, not yet begun.
    pub fn cancel_thread(window: Window) -> Op {
        Op::Cancel { target: CancelTarget::Thread, window, stage: Stage::Start }
    }

    /// A `Cancel` on a held object, not yet begun.
    pub fn cancel_object(object: Option<CallId>, window: Window) -> Op {
        Op::Cancel { target: CancelTarget::Object(object), window, stage: Stage::Start }
    }
}
