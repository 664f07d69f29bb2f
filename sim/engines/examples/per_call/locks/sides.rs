//! The caller's side of a call, and the server's.

use calloff_model::{CallId, Code, Runtime, ThreadId, Waiter};

use super::PerCall;
use super::bug::Bug;
use super::call::{Call, Request, Server, Settled, Thread};

impl<R: Runtime> PerCall<R> {
    /// The thread sends a call.
    pub(super) fn issue(&self, thread: ThreadId, call: CallId) {
        let mut own = self.lock_thread(thread);
        let mut state = self.lock(call);
        state.is_issued = true;
        state.is_cancelable = self.is_enabled(own.depth);
        own.stack.push(call);
        if self.has(Bug::IdleIsRemembered) && own.planted.is_remembered && state.is_cancelable {
            state.request = Request::Expired;
        }
        if !self.has(Bug::IssueTellsNobody) {
            self.tell(call);
        }
        if self.has(Bug::CancelableNotedLate) {
            let is_cancelable = std::mem::take(&mut state.is_cancelable);
            drop(state);
            drop(own);
            self.lock(call).is_cancelable = is_cancelable;
        }
    }

    /// The caller waits for the reply or the end of its request, and takes what there is.
    pub(super) fn await_call(&self, thread: ThreadId, call: CallId) -> Code {
        let seen = self.wait_for_outcome(call);
        // Nothing seen so far counts: the locks were let go in between.
        self.runtime.knows_only(&("settle", call, seen.map(|(_, code)| code)));
        if self.has(Bug::LeavesBeforeItSettles) {
            self.lock_thread(thread).stack.retain(|pending| *pending != call);
        }
        let mut own = self.lock_thread(thread);
        let mut state = self.lock(call);
        let found = match seen {
            Some(seen) if self.has(Bug::AwaitDecidesThenSettles) => Some(seen),
            Some(seen) if self.has(Bug::AwaitTrustsWaking) => Some(seen),
            _ => state.outcome(self.ended_by(), self.runtime.now(), self.bug),
        };
        let Some((settled, code)) = found else { return Code::E_UNEXPECTED };
        state.settled = settled;
        if !self.has(Bug::AlarmNotWithdrawn) {
            // A virtual clock need not stop any more where the request would have expired.
            self.runtime.alarm(&self.slot(call).changed, None);
        }
        if settled == Settled::Canceled && self.has(Bug::CanceledUsesUp) {
            own.depth = own.depth.saturating_sub(1);
        }
        if self.has(Bug::SettlesBeforeItLeaves) {
            drop(state);
            drop(own);
            own = self.lock_thread(thread);
        }
        self.leave(&mut own, call, settled);
        code
    }

    /// Who ends an open window, as the caller sees it.
    fn ended_by(&self) -> Waiter {
        if self.has(Bug::CallerEndsItself) { Waiter::Caller } else { self.waiter() }
    }

    /// Takes a call off the stack.
    fn leave(&self, own: &mut Thread, call: CallId, settled: Settled) {
        match self.bug {
            Some(Bug::CanceledStays) if settled == Settled::Canceled => {}
            Some(Bug::CompletedStays) if settled == Settled::Completed => {}
            Some(Bug::InnermostLeaves) => drop(own.stack.pop()),
            _ => own.stack.retain(|pending| *pending != call),
        }
    }

    /// Waits until the caller gets something.
    fn wait_for_outcome(&self, call: CallId) -> Option<(Settled, Code)> {
        let mut state = self.lock(call);
        loop {
            let outcome = state.outcome(self.ended_by(), self.runtime.now(), self.bug);
            if outcome.is_some() {
                return outcome;
            }
            let deadline = match self.bug {
                Some(Bug::AwaitForgetsDeadline) => None,
                _ => state.own_deadline(self.waiter()),
            };
            if self.has(Bug::AwaitLooksAway) {
                drop(state);
                state = self.lock(call);
            }
            self.runtime.knows_only(&("await", call));
            state = self.runtime.wait(&self.slot(call).changed, state, deadline);
            if self.has(Bug::AwaitTrustsWaking) {
                let outcome = state.outcome(self.waiter(), self.runtime.now(), self.bug);
                return outcome.or(Some((Settled::Canceled, Code::RPC_E_CALL_CANCELED)));
            }
        }
    }

    /// The server waits until the call is issued, and enters it or not.
    pub(super) fn dispatch(&self, call: CallId) -> bool {
        let mut state = self.lock(call);
        while !state.is_issued {
            if self.has(Bug::DispatchLooksAway) {
                drop(state);
                state = self.lock(call);
            }
            self.runtime.knows_only(&("dispatch", call));
            state = self.runtime.wait(&self.slot(call).changed, state, None);
        }
        let has_expired = match self.bug {
            Some(Bug::DueIsEntered) => state.request == Request::Expired,
            Some(Bug::ExpiredIsEntered) => false,
            Some(Bug::RequestedIsSkipped) => state.request != Request::None,
            _ => state.has_expired(self.waiter(), self.runtime.now()),
        };
        let is_over = state.settled != Settled::No || has_expired;
        if self.has(Bug::DispatchDecidesThenActs) {
            drop(state);
            state = self.lock(call);
        }
        state.server = if is_over { Server::Skipped } else { Server::Running };
        !is_over
    }

    /// The server replies. A late reply is dropped.
    pub(super) fn reply(&self, thread: ThreadId, call: CallId, code: Code) {
        if self.has(Bug::ReplyTellsBefore) {
            let state = self.lock(call);
            self.tell(call);
            drop(state);
        }
        let mut state = self.lock(call);
        if state.settled != Settled::No {
            return self.reply_late(thread, state, code);
        }
        if self.has(Bug::ReplyDecidesThenActs) {
            drop(state);
            state = self.lock(call);
        }
        state.server = Server::Replied(code);
        if self.has(Bug::AlarmGoesWithReply) {
            self.runtime.alarm(&self.slot(call).changed, None);
        }
        match self.bug {
            Some(Bug::ReplyTellsNobody | Bug::ReplyTellsBefore) => {}
            Some(Bug::ReplyTellsOne) => self.runtime.notify_one(&self.slot(call).changed),
            Some(Bug::ReplyTellsTheInnermost) => {
                drop(state);
                let innermost = self.lock_thread(thread).stack.last().copied();
                if let Some(call) = innermost {
                    let _state = self.lock(call);
                    self.tell(call);
                }
            }
            _ => self.tell(call),
        }
    }

    /// What a late reply does with a bug: nothing without one.
    fn reply_late(&self, thread: ThreadId, mut state: R::Guard<'_, Call>, code: Code) {
        match self.bug {
            Some(Bug::LateReplyPanics) => panic!("a reply to a call that is over"),
            Some(Bug::LateReplyIsTaken) => {
                state.server = Server::Replied(code);
                state.settled = Settled::Completed;
            }
            Some(Bug::DoneIsForgotten) => state.planted.is_forgotten = true,
            Some(Bug::LateReplyToTheNext) => {
                drop(state);
                let innermost = self.lock_thread(thread).stack.last().copied();
                if let Some(next) = innermost {
                    let mut state = self.lock(next);
                    state.server = Server::Replied(code);
                    self.tell(next);
                }
            }
            _ => {}
        }
    }
}
