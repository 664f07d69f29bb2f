//! A third implementation of call cancellation, of another shape than `calloff_model::Monitor` and
//! `packed.rs`: a lock and a condition variable per call, and a lock per thread for its depth
//! and its stack of pending calls. It was written from `docs/semantics.md` alone.
//!
//! The rules that make it correct:
//!
//! 1. **One order of locks:** first the thread, then the call.
//! 2. **What is on the stack is not settled.** A call is settled, and leaves the stack, while both
//!    locks are held.
//! 3. **The depth stands still while it is asked for.** Under at-request, a request holds both.
//! 4. **Whoever changes a call notifies its condition variable, before it unlocks.** So whoever
//!    looks and then waits, under the same lock, misses nothing.
//!
//! [`BUGS`] are planted between the lines: each `has` and each `match` on a bug is one.

mod bug;
mod call;
mod cancel;
mod sides;

pub(crate) use bug::{BUGS, Bug, RIGHT};
use call::{Call, PlantedInThread, Request, Thread};
use calloff_model::{CallId, Cancelable, Code, Reading, Runtime, ThreadId, Waiter, Window};
use calloff_sim::drive::{Implementation, Portable, Process};

/// The calls of a process, by their ids.
const CALLS_MAX: usize = 8;

/// The cancel state of a process.
pub(crate) struct PerCall<R: Runtime> {
    runtime: R,
    reading: Reading,
    threads: Vec<R::Mutex<Thread>>,
    calls: Vec<Slot<R>>,
    bug: Option<Bug>,
}

/// A call, with what its caller, its server and its canceller wait for.
struct Slot<R: Runtime> {
    state: R::Mutex<Call>,
    changed: R::Condvar,
}

/// A handle on a call.
#[derive(Clone, Copy, Hash)]
pub(crate) struct Object {
    thread: ThreadId,
    call: CallId,
}

impl<R: Runtime> PerCall<R> {
    /// With a bug planted in it, or none.
    pub(crate) fn with(bug: Option<Bug>, runtime: R, reading: Reading, depths: &[u32]) -> Self {
        let thread = |depth: &u32| {
            let depth = u64::from(*depth);
            Thread { depth, stack: Vec::new(), planted: PlantedInThread::default() }
        };
        let threads = depths.iter().map(|depth| runtime.mutex(thread(depth))).collect();
        let slot = |_| Slot { state: runtime.mutex(Call::new()), changed: runtime.condvar() };
        let calls = (0..CALLS_MAX).map(slot).collect();
        PerCall { runtime, reading, threads, calls, bug }
    }

    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    fn waiter(&self) -> Waiter {
        self.reading.waiter
    }

    fn is_at_request(&self) -> bool {
        self.reading.cancelable == Cancelable::AtRequest
    }

    fn slot(&self, call: CallId) -> &Slot<R> {
        &self.calls[call.0 as usize]
    }

    fn lock(&self, call: CallId) -> R::Guard<'_, Call> {
        self.runtime.lock(&self.slot(call).state)
    }

    fn lock_thread(&self, thread: ThreadId) -> R::Guard<'_, Thread> {
        let number = if self.has(Bug::DepthOfTheFirst) { 0 } else { thread.0 as usize };
        self.runtime.lock(&self.threads[number])
    }

    /// Wakes those who wait for a call. Its lock is held.
    fn tell(&self, call: CallId) {
        self.runtime.notify_all(&self.slot(call).changed);
    }

    /// Whether a depth enables cancellation.
    fn is_enabled(&self, depth: u64) -> bool {
        match self.bug {
            Some(Bug::OnlyOneEnables) => depth == 1,
            Some(Bug::DepthIsAByte) => depth as u8 > 0,
            Some(Bug::DepthIsAWord) => depth as u32 > 0,
            _ => depth > 0,
        }
    }

    /// The innermost pending call.
    fn innermost(&self, thread: ThreadId) -> Result<CallId, Code> {
        let mut own = self.lock_thread(thread);
        let is_disabled = !self.is_enabled(own.depth);
        if is_disabled && self.is_at_request() && self.has(Bug::DisabledBeforeNothing) {
            return Err(Code::CO_E_CANCEL_DISABLED);
        }
        let found = match self.bug {
            Some(Bug::FindsTheOutermost) => own.stack.first().copied(),
            Some(Bug::ThirdNestedIsLost) => own.stack.iter().take(2).next_back().copied(),
            Some(Bug::RequestedIsPassedOver) => {
                self.innermost_where(&own.stack, |call| call.request == Request::None)
            }
            Some(Bug::RepliedIsPassedOver) => {
                self.innermost_where(&own.stack, |call| !call.is_complete())
            }
            _ => own.stack.last().copied(),
        };
        let Some(call) = found else {
            own.planted.is_remembered = self.has(Bug::IdleIsRemembered);
            own.planted.is_empty = self.has(Bug::FailedGetEmptiesObjects);
            return Err(Code::E_NOINTERFACE);
        };
        let mut needs_depth = self.is_at_request();
        match self.bug {
            Some(Bug::ObjectWhileDisabled) => needs_depth = false,
            Some(Bug::NoObjectAtIssue) => needs_depth = true,
            _ => {}
        }
        if needs_depth && is_disabled {
            own.planted.is_empty = self.has(Bug::FailedGetEmptiesObjects);
            return Err(Code::CO_E_CANCEL_DISABLED);
        }
        own.planted.found = self.has(Bug::ObjectsShareASlot).then_some(call);
        Ok(call)
    }

    fn innermost_where(&self, stack: &[CallId], holds: fn(&Call) -> bool) -> Option<CallId> {
        stack.iter().rev().copied().find(|call| holds(&self.lock(*call)))
    }

    /// At-issue, the planted bug: a toggle reaches the calls that are pending.
    fn reach_back(&self, own: &Thread) {
        if self.has(Bug::ToggleReachesBack) && !self.is_at_request() {
            for call in &own.stack {
                self.lock(*call).is_cancelable = own.depth > 0;
            }
        }
    }
}

impl<R: Runtime> Portable for PerCall<R> {
    type Under<S: Runtime> = PerCall<S>;
}

impl<R: Runtime> Implementation<R> for PerCall<R> {
    type Object = Object;

    fn new(runtime: R, reading: Reading, process: &Process) -> Self {
        PerCall::with(None, runtime, reading, &process.depths)
    }

    fn enable(&self, thread: ThreadId) -> Code {
        let mut own = self.lock_thread(thread);
        match self.bug {
            Some(Bug::EnableSetsOne) => own.depth = 1,
            Some(Bug::DisableOwes) if own.planted.owes > 0 => own.planted.owes -= 1,
            Some(Bug::DisableUnderflows) => own.depth = own.depth.wrapping_add(1),
            _ => own.depth += 1,
        }
        self.reach_back(&own);
        Code::S_OK
    }

    fn disable(&self, thread: ThreadId) -> Code {
        let mut own = self.lock_thread(thread);
        if !self.is_enabled(own.depth) && !self.has(Bug::OnlyOneEnables) {
            match self.bug {
                Some(Bug::DisableOwes) => own.planted.owes += 1,
                Some(Bug::DisableUnderflows) => own.depth = u64::MAX,
                _ => {}
            }
            return Code::CO_E_CANCEL_DISABLED;
        }
        match self.bug {
            Some(Bug::DisableClears) => own.depth = 0,
            Some(Bug::OnlyOneEnables) if own.depth == 0 => return Code::CO_E_CANCEL_DISABLED,
            _ => own.depth -= 1,
        }
        self.reach_back(&own);
        Code::S_OK
    }

    fn issue(&self, thread: ThreadId, call: CallId) {
        self.issue(thread, call);
    }

    fn await_call(&self, thread: ThreadId, call: CallId) -> Code {
        self.await_call(thread, call)
    }

    fn dispatch(&self, _: ThreadId, call: CallId) -> bool {
        self.dispatch(call)
    }

    fn reply(&self, thread: ThreadId, call: CallId, code: Code) {
        self.reply(thread, call, code);
    }

    fn test_cancel(&self, _: ThreadId, call: CallId) -> Code {
        let mut state = self.lock(call);
        if !state.is_issued {
            return Code::RPC_E_CALL_COMPLETE;
        }
        let has_expired = match self.bug {
            Some(Bug::TestForgetsAfterExpiry | Bug::TestWaitsForExpiry) => {
                state.has_expired(self.waiter(), self.runtime.now())
            }
            _ => false,
        };
        state.test(has_expired, self.bug)
    }

    fn get_cancel_object(&self, thread: ThreadId) -> Result<Object, Code> {
        Ok(Object { thread, call: self.innermost(thread)? })
    }

    fn test_cancel_object(&self, object: &Object) -> Code {
        self.test_object(*object)
    }

    fn cancel(&self, object: &Object, window: Window) -> Code {
        match self.resolve(*object) {
            Ok(object) => self.cancel_object(object, window),
            Err(code) => code,
        }
    }

    fn cancel_thread(&self, thread: ThreadId, window: Window) -> Code {
        self.cancel_by_thread(thread, window)
    }
}
