//! Cancel objects: getting one, requests on it, tests on it.

use calloff_model::{CallId, Code, Runtime, ThreadId, Ticks, Waiter, Window};

use super::bug::Bug;
use super::call::{Call, Request, Settled, deadline};
use super::{Object, PerCall};

/// What a request comes to.
enum Requested {
    /// It is over, with this code.
    Answered(Code),
    /// It was accepted, and its canceller waits until then at the latest.
    Waits(Option<Ticks>),
}

impl<R: Runtime> PerCall<R> {
    /// A cancel by thread: a cancel object, then a cancel on it. The call may settle in between.
    pub(super) fn cancel_by_thread(&self, thread: ThreadId, window: Window) -> Code {
        let mut call = match self.innermost(thread) {
            Ok(call) => call,
            Err(code) => return code,
        };
        if self.has(Bug::CancelLooksTwice) {
            call = match self.innermost(thread) {
                Ok(call) => call,
                Err(code) => return code,
            };
        }
        if self.has(Bug::FallsToTheOuterCall) {
            let own = self.lock_thread(thread);
            let below = own.stack.iter().rev().skip_while(|pending| **pending != call).nth(1);
            call = *below.filter(|_| self.lock(call).is_complete()).unwrap_or(&call);
        }
        self.runtime.knows_only(&("cancel", call, window));
        self.cancel_object(Object { thread, call }, window)
    }

    /// A cancel on an object.
    pub(super) fn cancel_object(&self, object: Object, window: Window) -> Code {
        match self.request(object, window) {
            Requested::Answered(code) => code,
            Requested::Waits(until) => self.wait_for_end(object.call, until, window),
        }
    }

    /// The call that an object is about. Without a bug, always the one that it was got for.
    pub(super) fn resolve(&self, object: Object) -> Result<Object, Code> {
        let Object { thread, call } = object;
        match self.bug {
            Some(Bug::ObjectsShareASlot) => {
                let found = self.lock_thread(thread).planted.found;
                Ok(Object { thread, call: found.unwrap_or(call) })
            }
            Some(Bug::FailedGetEmptiesObjects) if self.lock_thread(thread).planted.is_empty => {
                Err(Code::E_NOINTERFACE)
            }
            Some(Bug::StaleReachesTheNext) => {
                let own = self.lock_thread(thread);
                let next = own.stack.last().copied().filter(|_| !own.stack.contains(&call));
                Ok(Object { thread, call: next.unwrap_or(call) })
            }
            _ => Ok(object),
        }
    }

    /// The request step.
    fn request(&self, object: Object, window: Window) -> Requested {
        let Object { thread, call } = object;
        let mut early = None;
        if self.is_at_request() && self.has(Bug::DepthReadTooEarly) {
            early = Some(self.lock_thread(thread).depth);
        }
        // The depth must not change before the request is made. The planted bugs take the lock of
        // the thread in vain, too late, or not at all.
        let needs_depth = match self.bug {
            Some(Bug::DepthOfNow) => true,
            Some(Bug::DepthOfTheIssue) => false,
            _ => self.is_at_request() && early.is_none(),
        };
        if self.has(Bug::LocksInOppositeOrders) && needs_depth {
            let state = self.lock(call);
            let own = self.lock_thread(thread);
            return self.decide(object, state, Some(own.depth), window);
        }
        let own = needs_depth.then(|| self.lock_thread(thread));
        let state = self.lock(call);
        let depth = early.or(own.as_ref().map(|own| own.depth));
        self.decide(object, state, depth, window)
    }

    /// Accepts a request or refuses it, with the locks held that this needs.
    fn decide<'m>(
        &'m self,
        object: Object,
        mut state: R::Guard<'m, Call>,
        depth: Option<u64>,
        window: Window,
    ) -> Requested {
        if self.is_unknown(&mut state) {
            return Requested::Answered(Code::E_NOINTERFACE);
        }
        let is_cancelable = match depth {
            Some(depth) => self.is_enabled(depth),
            None => state.is_cancelable,
        };
        if let Some(code) = state.refusal(is_cancelable, self.bug) {
            self.refuse(object.call, &mut state, window, code);
            if self.has(Bug::SecondWaitsToo) && code == Code::RPC_E_CALL_CANCELED {
                drop(state);
                return Requested::Answered(self.wait_until_settled(object.call, code));
            }
            return Requested::Answered(code);
        }
        if self.has(Bug::RequestDecidesThenActs) {
            drop(state);
            state = self.lock(object.call);
        }
        self.accept(object.call, state, window)
    }

    /// What a refused request leaves behind with a bug: nothing without one.
    fn refuse(&self, call: CallId, state: &mut Call, window: Window, code: Code) {
        if self.has(Bug::FourthIsAccepted) && code == Code::RPC_E_CALL_CANCELED {
            state.planted.requests += 1;
        }
        match (self.bug, state.request) {
            (Some(Bug::RefusedIsRemembered), _) if code == Code::CO_E_CANCEL_DISABLED => {
                state.planted.is_refused = true;
            }
            (Some(Bug::SecondExtends), Request::Open(Some(_))) => {
                let until = deadline(window, self.runtime.now(), self.bug);
                state.request = Request::Open(until);
                if self.waiter() == Waiter::Caller {
                    self.runtime.alarm(&self.slot(call).changed, until);
                    self.tell(call);
                }
            }
            (Some(Bug::ZeroOverrules), Request::Open(_)) if window == Window::Seconds(0) => {
                state.request = Request::Expired;
                self.tell(call);
            }
            _ => {}
        }
    }

    /// Makes the request: it expires at once, by itself at its deadline, or with the canceller.
    fn accept(&self, call: CallId, mut state: R::Guard<'_, Call>, window: Window) -> Requested {
        let changed = &self.slot(call).changed;
        state.planted.requests += u32::from(self.has(Bug::FourthIsAccepted));
        if window == Window::Seconds(0) && !self.has(Bug::ZeroOpensAWindow) {
            state.request = Request::Expired;
            if !self.has(Bug::ZeroTellsNobody) {
                self.tell(call);
            }
            return Requested::Answered(Code::S_OK);
        }
        let until = deadline(window, self.runtime.now(), self.bug);
        state.request = match self.bug {
            Some(Bug::WindowIsIgnored) => Request::Expired,
            _ => Request::Open(until),
        };
        if self.waiter() == Waiter::Canceller {
            if self.has(Bug::WindowIsIgnored) {
                self.tell(call);
            }
            return Requested::Waits(until);
        }
        if !self.has(Bug::AlarmNotSet) {
            self.runtime.alarm(changed, until);
        }
        // A caller that waits has to learn its deadline.
        if !self.has(Bug::OpeningTellsNobody) {
            self.tell(call);
        }
        Requested::Answered(Code::S_OK)
    }

    /// The wait step: the canceller waits for the reply or the end of its window.
    fn wait_for_end(&self, call: CallId, until: Option<Ticks>, window: Window) -> Code {
        let changed = &self.slot(call).changed;
        self.runtime.knows_only(&("wait", call, until));
        let (mut state, mut until, mut is_woken) = (self.lock(call), until, false);
        loop {
            let is_late = self.has(Bug::ExpiryIsSeenFirst)
                && until.is_some_and(|until| until <= self.runtime.now());
            let trusts = is_woken && self.has(Bug::CancellerTrustsWaking);
            if trusts || (state.is_complete() && !is_late) {
                return match self.bug {
                    Some(Bug::CompletionSaysAccepted) => Code::S_OK,
                    _ => Code::RPC_E_CALL_COMPLETE,
                };
            }
            let now = self.runtime.now();
            if until.is_some_and(|until| until <= now) {
                state.request = Request::Expired;
                if !self.has(Bug::ExpiryTellsNobody) {
                    self.tell(call);
                }
                return match self.bug {
                    Some(Bug::ExpirySaysCanceled) => Code::RPC_E_CALL_CANCELED,
                    _ => Code::S_OK,
                };
            }
            if is_woken && self.has(Bug::WindowRestarts) {
                until = deadline(window, now, self.bug);
            }
            let at = until.filter(|_| !self.has(Bug::CancellerWaitsForEver));
            self.runtime.knows_only(&("wait", call, until, is_woken && self.bug.is_some()));
            state = self.runtime.wait(changed, state, at);
            is_woken = true;
        }
    }

    /// The planted bug: a second canceller waits for the end of the call.
    fn wait_until_settled(&self, call: CallId, code: Code) -> Code {
        let mut state = self.lock(call);
        while state.settled == Settled::No && !state.is_complete() {
            self.runtime.knows_only(&("second", call));
            state = self.runtime.wait(&self.slot(call).changed, state, None);
        }
        code
    }

    /// Whether an object's call is unknown. Without a bug it never is.
    fn is_unknown(&self, state: &mut Call) -> bool {
        match self.bug {
            Some(Bug::SettledIsForgotten) => state.settled != Settled::No,
            Some(Bug::DoneIsForgotten) => state.planted.is_forgotten,
            Some(Bug::ThirdLookIsRefused) if state.is_complete() => {
                state.planted.looks += 1;
                state.planted.looks > 2
            }
            _ => !state.is_issued,
        }
    }

    /// A test on an object.
    pub(super) fn test_object(&self, object: Object) -> Code {
        let object = match (self.bug, self.resolve(object)) {
            (Some(Bug::StaleReachesTheNext), _) => object,
            (_, Ok(object)) => object,
            (_, Err(code)) => return code,
        };
        let Object { thread, mut call } = object;
        if self.has(Bug::StaleTestsTheNext) {
            let own = self.lock_thread(thread);
            if !own.stack.contains(&call) {
                call = own.stack.last().copied().unwrap_or(call);
            }
        }
        let mut state = self.lock(call);
        let is_unknown = match self.bug {
            Some(Bug::ThirdLookIsRefused) => false,
            _ => self.is_unknown(&mut state),
        };
        if is_unknown { Code::E_NOINTERFACE } else { state.test_object(self.bug) }
    }
}
