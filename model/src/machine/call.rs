//! The state of one call, in three parts: its cancel request, its server, and its outcome.

use crate::{Code, Ticks, Waiter};

/// The id of a call, chosen by the host; unique among the calls of one process.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CallId(pub u32);

/// The id of a custom cancel object, chosen by the host.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CustomId(pub u32);

/// What a cancel object is: a call's own, or a custom one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum HeldObject {
    /// The object of that call.
    Call(CallId),
    /// A custom one, whose `Cancel` is up to its implementer.
    Custom(CustomId),
}

/// One outbound method call: the state that its caller, its server and its cancellers share.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Call {
    /// Whether the enable depth of its thread was above 0 when it was issued.
    pub cancelable_at_issue: bool,
    /// The cancel request.
    pub request: Request,
    /// The server side.
    pub server: Server,
    /// The outcome, which is set when the caller picks it up.
    pub settled: Settled,
}

/// The cancel request of a call.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Request {
    /// Nobody asked for cancellation.
    None,
    /// Accepted; the server may still complete the call until the deadline (`None`: for ever).
    Open {
        /// When the window ends.
        deadline: Option<Ticks>,
    },
    /// The window is over: the caller is released, unless a reply landed first.
    Expired,
}

/// The server side of a call.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Server {
    /// Not dispatched yet.
    Idle,
    /// The method was entered.
    Running,
    /// The method returned this code, before the call was settled.
    Replied(Code),
    /// The method is never entered: the call was canceled before it was dispatched.
    Skipped,
}

/// The outcome of a call.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Settled {
    /// The caller has not picked up an outcome yet.
    No,
    /// The caller got the server's result.
    Completed,
    /// The caller got `RPC_E_CALL_CANCELED` without a result.
    Canceled,
}

impl Call {
    pub(super) fn new(cancelable_at_issue: bool) -> Call {
        Call {
            cancelable_at_issue,
            request: Request::None,
            server: Server::Idle,
            settled: Settled::No,
        }
    }

    /// Whether the call has completed: the server replied, and the caller got or will get that
    /// reply.
    pub fn is_complete(&self) -> bool {
        match self.settled {
            Settled::No => matches!(self.server, Server::Replied(_)),
            Settled::Completed => true,
            Settled::Canceled => false,
        }
    }
}

impl Request {
    /// When an open request's window ends; `None` when it never does, or is not open.
    pub fn deadline(self) -> Option<Ticks> {
        match self {
            Request::Open { deadline } => deadline,
            Request::None | Request::Expired => None,
        }
    }

    /// Whether the request releases the caller at `now`: it has expired or, under
    /// `waiter = caller`, its deadline has passed.
    pub fn has_expired(self, waiter: Waiter, now: Ticks) -> bool {
        match self {
            Request::None => false,
            Request::Open { deadline } => {
                waiter == Waiter::Caller && deadline.is_some_and(|deadline| deadline <= now)
            }
            Request::Expired => true,
        }
    }
}
