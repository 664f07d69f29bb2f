//! The machine for blocking threads: one lock and one condition variable per COM thread, around
//! [`Machine::poll`].
//!
//! There is no transition logic here. Every operation does the same: lock, poll, and notify if
//! something changed; then unlock if the operation advanced, or wait if it is pending.

use std::hash::{Hash, Hasher};

use crate::{
    CallId, CancelTarget, Code, CustomId, HeldObject, Machine, Op, Poll, Reading, Runtime, Stage,
    Ticks, Window,
};

/// A COM thread, by its position in the `depths` that the monitor was created with.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ThreadId(pub u32);

/// A cancel object: a handle on one call, which stays valid after the call is over.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CancelObject {
    thread: ThreadId,
    call: CallId,
}

/// How a thread waits for a call while it does other work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Waiting {
    /// It waits until there is a result, or somebody alerts it.
    pub blocks: bool,
    /// A message filter may give the wait up.
    pub has_filter: bool,
}

/// The topmost cancel object of a thread.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Topmost<O> {
    /// A call's own.
    Call(O),
    /// One that the thread has set.
    Custom(CustomId),
}

/// The cancel state of a process, for blocking threads: each operation blocks the calling thread
/// until the operation is over. Share a monitor through an `Arc`.
///
/// Operations on different COM threads share nothing and never wait for each other.
pub struct Monitor<R: Runtime> {
    runtime: R,
    threads: Vec<Thread<R>>,
}

struct Thread<R: Runtime> {
    state: R::Mutex<State>,
    changed: R::Condvar,
}

struct State {
    machine: Machine,
    /// The calls that a `Cancel` in flight is about, sorted. Kept once ids are used again.
    visited: Vec<CallId>,
    /// The thread is to look up from the wait that it is in, or from the next one.
    is_alerted: bool,
    /// Ids are used again, or the thread was alerted.
    serves_clients: bool,
}

impl Hash for State {
    fn hash<H: Hasher>(&self, to: &mut H) {
        self.machine.hash(to);
        if self.serves_clients {
            (&self.visited, self.is_alerted).hash(to);
        }
    }
}

impl State {
    /// One step of an operation.
    fn poll(&mut self, op: &mut Op, now: Ticks) -> Poll {
        let before = visited(op);
        let poll = self.machine.poll(op, now);
        let after = visited(op).filter(|_| !matches!(poll, Poll::Ready(_)));
        if self.serves_clients && before != after {
            let left = before.and_then(|call| self.visited.binary_search(&call).ok());
            left.map(|at| self.visited.remove(at));
            self.visited.extend(after);
            self.visited.sort_unstable();
        }
        poll
    }
}

/// The call that a `Cancel` in flight has found.
fn visited(op: &Op) -> Option<CallId> {
    match op {
        Op::Cancel { stage: Stage::Request(call) | Stage::Wait { call, .. }, .. } => Some(*call),
        _ => None,
    }
}

impl<R: Runtime> Monitor<R> {
    /// A process with these COM threads, each with its enable depth.
    pub fn new(runtime: R, reading: Reading, depths: &[u32]) -> Monitor<R> {
        let thread = |depth: &u32| Thread {
            state: runtime.mutex(State {
                machine: Machine::new(reading, *depth),
                visited: Vec::new(),
                is_alerted: false,
                serves_clients: false,
            }),
            changed: runtime.condvar(),
        };
        let threads = depths.iter().map(thread).collect();
        Monitor { runtime, threads }
    }

    /// CoEnableCallCancellation on that thread. Returns `S_OK`.
    pub fn enable(&self, thread: ThreadId) -> Code {
        self.run(thread, &mut Op::Enable)
    }

    /// CoDisableCallCancellation on that thread: `S_OK`, or `CO_E_CANCEL_DISABLED` at depth 0.
    pub fn disable(&self, thread: ThreadId) -> Code {
        self.run(thread, &mut Op::Disable)
    }

    /// The thread sends an outbound call. The id must be new among the calls of the process.
    pub fn issue(&self, thread: ThreadId, call: CallId) -> Code {
        self.run(thread, &mut Op::Issue { call })
    }

    /// The thread sends an outbound call, which gets one of these ids. Returns which.
    ///
    /// The ids are those of calls that are settled, that no server is in or will enter, and whose
    /// cancel objects nobody holds; so the monitor forgets these calls. Only a `Cancel` in flight
    /// may still be about one of them, which then keeps its id. There must be more ids than there
    /// are operations in flight.
    ///
    /// # Panics
    ///
    /// If a `Cancel` is about each of them.
    pub fn issue_one_of(&self, thread: ThreadId, ids: &[CallId]) -> CallId {
        let Thread { state, changed } = &self.threads[thread.0 as usize];
        let mut guard = self.runtime.lock(state);
        guard.serves_clients = true;
        let State { machine, visited, .. } = &mut *guard;
        let is_free = |id: &CallId| ids.contains(id) && !visited.contains(id);
        machine.rename(|id| (!is_free(&id)).then_some(id));
        let call = *ids.iter().find(|id| is_free(id)).expect("there are enough ids");
        let now = self.runtime.now();
        guard.poll(&mut Op::Issue { call }, now);
        self.tell(changed, &guard, now);
        call
    }

    /// Blocks until the server replies or the cancel request expires, and returns the call's
    /// result. For a call that was never issued it blocks for ever.
    pub fn await_call(&self, thread: ThreadId, call: CallId) -> Code {
        self.run(thread, &mut Op::Await { call })
    }

    /// Waits for the call as [`await_call`](Monitor::await_call) does, on a thread that does other
    /// work meanwhile. `None`: it looks up from the wait, because somebody has
    /// [alerted](Monitor::alert) it or, if it does not block, because there is no result yet. If it
    /// has a message filter, that may give the wait up.
    pub fn await_alertably(&self, thread: ThreadId, call: CallId, how: Waiting) -> Option<Code> {
        let Thread { state, changed } = &self.threads[thread.0 as usize];
        let mut gives_up = false;
        let mut guard = self.runtime.lock(state);
        loop {
            let now = self.runtime.now();
            let mut poll = Poll::Pending { deadline: None };
            if gives_up {
                poll = guard.poll(&mut Op::GiveUp { call }, now);
            }
            if let Poll::Pending { .. } = poll {
                poll = guard.poll(&mut Op::Await { call }, now);
            }
            match poll {
                Poll::Pending { .. } if guard.is_alerted || !how.blocks => {
                    guard.is_alerted = false;
                    return None;
                }
                Poll::Pending { deadline } if how.has_filter => {
                    self.runtime.knows_only(&call);
                    (guard, gives_up) = self.runtime.wait_or_give_up(changed, guard, deadline);
                }
                Poll::Pending { deadline } => {
                    self.runtime.knows_only(&call);
                    guard = self.runtime.wait(changed, guard, deadline);
                }
                Poll::Ready(code) => {
                    self.tell(changed, &guard, now);
                    return Some(code);
                }
                Poll::Advanced => unreachable!("a wait is over at once, or pending"),
            }
        }
    }

    /// The thread's message filter gives the wait for the call up; `None` if it is too late.
    pub fn give_up(&self, thread: ThreadId, call: CallId) -> Option<Code> {
        let Thread { state, changed } = &self.threads[thread.0 as usize];
        let mut guard = self.runtime.lock(state);
        let now = self.runtime.now();
        let Poll::Ready(code) = guard.poll(&mut Op::GiveUp { call }, now) else { return None };
        self.tell(changed, &guard, now);
        Some(code)
    }

    /// Makes a thread that [waits alertably](Monitor::await_alertably) look up, now or the next
    /// time.
    pub fn alert(&self, thread: ThreadId) {
        let Thread { state, changed } = &self.threads[thread.0 as usize];
        let mut guard = self.runtime.lock(state);
        (guard.serves_clients, guard.is_alerted) = (true, true);
        self.runtime.notify_all(changed);
    }

    /// A blocking method call: [`issue`](Monitor::issue), then [`await_call`](Monitor::await_call).
    pub fn call(&self, thread: ThreadId, call: CallId) -> Code {
        match self.issue(thread, call) {
            Code::S_OK => self.await_call(thread, call),
            refused => refused,
        }
    }

    /// The server side enters a call of that thread; blocks until the call is issued. Returns
    /// `S_OK`, or `RPC_E_CALL_CANCELED` when the method must not be entered.
    pub fn dispatch(&self, thread: ThreadId, call: CallId) -> Code {
        self.run(thread, &mut Op::Dispatch { call })
    }

    /// The server returns from a call of that thread. A late reply is dropped.
    pub fn reply(&self, thread: ThreadId, call: CallId, code: Code) -> Code {
        self.run(thread, &mut Op::Reply { call, code })
    }

    /// `TestCancel` on the server side of a call of that thread.
    pub fn test_cancel(&self, thread: ThreadId, call: CallId) -> Code {
        self.run(thread, &mut Op::TestCancel { serving: Some(call) })
    }

    /// `TestCancel` on a cancel object.
    pub fn test_cancel_object(&self, object: CancelObject) -> Code {
        let CancelObject { thread, call } = object;
        self.run(thread, &mut Op::TestCancelObject { object: Some(call) })
    }

    /// CoGetCancelObject: a handle on the innermost pending call of that thread.
    ///
    /// # Errors
    ///
    /// `E_NOINTERFACE` when no call is pending; `CO_E_CANCEL_DISABLED` under the reading at-request
    /// when the depth is 0.
    pub fn get_cancel_object(&self, thread: ThreadId) -> Result<CancelObject, Code> {
        match self.topmost(thread)? {
            Topmost::Call(object) => Ok(object),
            Topmost::Custom(_) => Err(Code::E_NOTIMPL),
        }
    }

    /// CoGetCancelObject on a thread that may have set objects of its own.
    ///
    /// # Errors
    ///
    /// As for [`get_cancel_object`](Monitor::get_cancel_object).
    pub fn topmost(&self, thread: ThreadId) -> Result<Topmost<CancelObject>, Code> {
        let mut op = Op::GetCancelObject { got: None };
        let code = self.run(thread, &mut op);
        match op {
            Op::GetCancelObject { got: Some(HeldObject::Call(call)) } => {
                Ok(Topmost::Call(CancelObject { thread, call }))
            }
            Op::GetCancelObject { got: Some(HeldObject::Custom(object)) } => {
                Ok(Topmost::Custom(object))
            }
            _ => Err(code),
        }
    }

    /// CoSetCancelObject: the thread sets an object of its own, or takes the topmost of these away.
    /// `S_OK`; `E_NOINTERFACE` for an object without `ICancelMethodCalls`; `E_INVALIDARG` if there
    /// is none to take away.
    pub fn set_cancel_object(
        &self,
        thread: ThreadId,
        object: Option<CustomId>,
        has_interface: bool,
    ) -> Code {
        self.run(thread, &mut Op::SetCancelObject { object, has_interface })
    }

    /// `ICancelMethodCalls::Cancel` on a cancel object. Blocks for the window at most, and only
    /// under a reading in which the canceller waits.
    pub fn cancel(&self, object: CancelObject, window: Window) -> Code {
        let CancelObject { thread, call } = object;
        let target = CancelTarget::Object(Some(call));
        self.run(thread, &mut Op::Cancel { target, window, stage: Stage::Start })
    }

    /// CoCancelCall: `Cancel` of that thread's innermost pending call. `E_NOTIMPL` if the thread
    /// has set an object of its own above it; see [`cancel_topmost`](Monitor::cancel_topmost).
    pub fn cancel_thread(&self, thread: ThreadId, window: Window) -> Code {
        self.cancel_topmost(thread, window).unwrap_or(Code::E_NOTIMPL)
    }

    /// CoCancelCall on a thread that may have set objects of its own.
    ///
    /// # Errors
    ///
    /// The topmost object, if it is the thread's own: its `Cancel` is yours to call, and what it
    /// returns is the result.
    pub fn cancel_topmost(&self, thread: ThreadId, window: Window) -> Result<Code, CustomId> {
        let mut op = Op::cancel_thread(window);
        let code = self.run(thread, &mut op);
        match op {
            Op::Cancel { stage: Stage::Custom(object), .. } => Err(object),
            _ => Ok(code),
        }
    }

    /// Something has changed: tells the clock when the next thing changes by itself, and whoever
    /// waits.
    fn tell(&self, changed: &R::Condvar, state: &State, now: Ticks) {
        self.runtime.alarm(changed, state.machine.deadline(now));
        self.runtime.notify_all(changed);
    }

    /// Runs an operation on the machine of a thread until it is over, or has come to an object that
    /// the thread has set itself.
    fn run(&self, thread: ThreadId, op: &mut Op) -> Code {
        let Thread { state, changed } = &self.threads[thread.0 as usize];
        let mut guard = self.runtime.lock(state);
        loop {
            let now = self.runtime.now();
            match guard.poll(op, now) {
                Poll::Pending { deadline } => {
                    self.runtime.knows_only(op);
                    guard = self.runtime.wait(changed, guard, deadline);
                    continue;
                }
                poll => {
                    self.tell(changed, &guard, now);
                    if let Poll::Ready(code) = poll {
                        return code;
                    }
                    if let Op::Cancel { stage: Stage::Custom(_), .. } = op {
                        return Code::E_NOTIMPL;
                    }
                }
            }
            // Advanced: unlock, so that other operations may step before this one continues.
            drop(guard);
            self.runtime.knows_only(op);
            guard = self.runtime.lock(state);
        }
    }
}

impl CancelObject {
    /// The call.
    pub fn call(self) -> CallId {
        self.call
    }
}
