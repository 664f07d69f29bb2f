//! What the locks protect: the state of a thread and the state of a call, as plain data.

use calloff_model::{CallId, Code, Ticks, Waiter, Window};

use super::bug::Bug;

/// A COM thread.
#[derive(Hash)]
pub(super) struct Thread {
    pub(super) depth: u64,
    /// The calls that are issued and not settled, the innermost last.
    pub(super) stack: Vec<CallId>,
    /// What only planted bugs need.
    pub(super) planted: PlantedInThread,
}

/// What only planted bugs need to know about a thread.
#[derive(Hash, Default)]
pub(super) struct PlantedInThread {
    pub(super) is_remembered: bool,
    pub(super) owes: u64,
    pub(super) found: Option<CallId>,
    pub(super) is_empty: bool,
}

/// A call.
#[derive(Hash)]
pub(super) struct Call {
    pub(super) is_issued: bool,
    pub(super) is_cancelable: bool,
    pub(super) request: Request,
    pub(super) server: Server,
    pub(super) settled: Settled,
    /// What only planted bugs need.
    pub(super) planted: PlantedInCall,
}

/// What only planted bugs need to know about a call.
#[derive(Hash, Default)]
pub(super) struct PlantedInCall {
    pub(super) requests: u32,
    pub(super) looks: u32,
    pub(super) is_refused: bool,
    pub(super) is_told: bool,
    pub(super) is_forgotten: bool,
}

/// The request to cancel a call.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Request {
    None,
    /// Accepted; with the time at which its window ends, if it does.
    Open(Option<Ticks>),
    Expired,
}

/// The server's side of a call.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Server {
    Idle,
    Running,
    Replied(Code),
    Skipped,
}

/// What the caller got.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Settled {
    No,
    Completed,
    Canceled,
}

impl Call {
    /// A call that is not issued yet.
    pub(super) fn new() -> Call {
        Call {
            is_issued: false,
            is_cancelable: false,
            request: Request::None,
            server: Server::Idle,
            settled: Settled::No,
            planted: PlantedInCall::default(),
        }
    }

    /// Whether the call has completed: the caller got its reply, or will.
    pub(super) fn is_complete(&self) -> bool {
        match self.settled {
            Settled::No => matches!(self.server, Server::Replied(_)),
            settled => settled == Settled::Completed,
        }
    }

    /// Whether the request releases the caller. Where the canceller waits, an open window ends when
    /// the canceller says so.
    pub(super) fn has_expired(&self, waiter: Waiter, now: Ticks) -> bool {
        match self.request {
            Request::None => false,
            Request::Open(until) => {
                waiter == Waiter::Caller && until.is_some_and(|until| until <= now)
            }
            Request::Expired => true,
        }
    }

    /// What the caller gets, once it gets anything. A reply that has landed wins.
    pub(super) fn outcome(
        &self,
        waiter: Waiter,
        now: Ticks,
        bug: Option<Bug>,
    ) -> Option<(Settled, Code)> {
        let canceled = (Settled::Canceled, Code::RPC_E_CALL_CANCELED);
        let has_expired = self.has_expired(waiter, now);
        match self.server {
            Server::Replied(_) if has_expired && bug == Some(Bug::ReplyLosesToExpiry) => {
                Some(canceled)
            }
            Server::Replied(Code::RPC_E_CALL_CANCELED)
                if bug == Some(Bug::CanceledReplyCancels) =>
            {
                Some(canceled)
            }
            Server::Replied(code) => Some((Settled::Completed, code)),
            _ => has_expired.then_some(canceled),
        }
    }

    /// The time at which the caller goes on by itself.
    pub(super) fn own_deadline(&self, waiter: Waiter) -> Option<Ticks> {
        match self.request {
            Request::Open(until) if waiter == Waiter::Caller => until,
            _ => None,
        }
    }

    /// Why a request is refused; the first reason counts. `None`: it is accepted.
    pub(super) fn refusal(&self, is_cancelable: bool, bug: Option<Bug>) -> Option<Code> {
        let has = |other| bug == Some(other);
        let is_complete = match self.server {
            Server::Replied(code) if has(Bug::FailedReplyIsNoReply) => code.0 >> 31 == 0,
            _ => self.is_complete(),
        };
        let mut is_requested = self.request != Request::None;
        if has(Bug::SecondAfterExpiry) {
            is_requested &= self.request != Request::Expired;
        }
        if has(Bug::FourthIsAccepted) {
            is_requested = !self.planted.requests.is_multiple_of(3);
        }
        let mut facts = [
            (is_complete, Code::RPC_E_CALL_COMPLETE),
            (self.settled == Settled::Canceled || is_requested, Code::RPC_E_CALL_CANCELED),
            (!is_cancelable, Code::CO_E_CANCEL_DISABLED),
        ];
        match bug {
            Some(Bug::DisabledBeforeComplete) => facts.rotate_right(1),
            Some(Bug::DisabledBeforeCanceled) => facts.swap(1, 2),
            Some(Bug::CanceledBeforeComplete) => facts.swap(0, 1),
            _ => {}
        }
        facts.into_iter().find(|(holds, _)| *holds).map(|(_, code)| code)
    }

    /// The answer to a test on the server's side.
    pub(super) fn test(&mut self, has_expired: bool, bug: Option<Bug>) -> Code {
        let is_requested = match bug {
            Some(Bug::TestForgetsAfterExpiry) => self.request != Request::None && !has_expired,
            Some(Bug::TestWaitsForExpiry) => has_expired,
            Some(Bug::TestTellsOnce) => {
                let is_new = self.request != Request::None && !self.planted.is_told;
                self.planted.is_told |= is_new;
                is_new
            }
            _ => self.request != Request::None || self.planted.is_refused,
        };
        if is_requested { Code::RPC_E_CALL_CANCELED } else { Code::RPC_S_CALLPENDING }
    }

    /// The answer to a test on an object.
    pub(super) fn test_object(&self, bug: Option<Bug>) -> Code {
        let is_requested = self.request != Request::None || self.planted.is_refused;
        let mut facts = [
            (self.settled == Settled::Canceled, Code::RPC_E_CALL_CANCELED),
            (self.is_complete(), Code::RPC_E_CALL_COMPLETE),
            (is_requested, Code::RPC_E_CALL_CANCELED),
        ];
        match bug {
            Some(Bug::TestAsksTheRequestFirst) => facts.swap(1, 2),
            Some(Bug::TestMissesTheReply) => facts[1].0 = self.settled == Settled::Completed,
            Some(Bug::TestMissesTheRequest) => facts[2].0 = false,
            _ => {}
        }
        let found = facts.into_iter().find(|(holds, _)| *holds);
        found.map_or(Code::RPC_S_CALLPENDING, |(_, code)| code)
    }
}

/// When a window that opens now ends; `None`: never.
pub(super) fn deadline(window: Window, now: Ticks, bug: Option<Bug>) -> Option<Ticks> {
    const LONG: u32 = 1 << 31;
    match (window, bug) {
        (Window::Infinite, Some(Bug::InfiniteIsANumber)) => Some(now.after(u32::MAX)),
        (Window::Seconds(LONG..), Some(Bug::LongIsNegative)) => Some(now),
        (Window::Seconds(LONG..), Some(Bug::LongIsCut)) => Some(now.after(LONG - 1)),
        (Window::Seconds(seconds), Some(Bug::DeadlineWraps)) => {
            Some(Ticks(u64::from((now.0 as u32).wrapping_add(seconds))))
        }
        (Window::Seconds(seconds), Some(Bug::WindowIsShort)) => Some(now.after(seconds - 1)),
        (window, _) => window.deadline(now),
    }
}
