//! The machine for blocking threads: one lock and one condition variable per COM thread, around
//! [`Machine::poll`].
//!
//! There is no transition logic here. Every operation runs the same loop: lock, poll, and notify if
//! something changed; then unlock if the operation advanced, or wait if it is pending.

use crate::{
    CallId, CancelTarget, Code, HeldObject, Machine, Op, Poll, Reading, Runtime, Stage, Window,
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

/// The cancel state of a process, for blocking threads: each operation blocks the calling thread
/// until the operation is over. Share a monitor through an `Arc`.
///
/// Operations on different COM threads share nothing and never wait for each other.
pub struct Monitor<R: Runtime> {
    runtime: R,
    threads: Vec<Thread<R>>,
}

struct Thread<R: Runtime> {
    machine: R::Mutex<Machine>,
    changed: R::Condvar,
}

impl<R: Runtime> Monitor<R> {
    /// A process with these COM threads, each with its enable depth.
    pub fn new(runtime: R, reading: Reading, depths: &[u32]) -> Monitor<R> {
        let thread = |depth: &u32| Thread {
            machine: runtime.mutex(Machine::new(reading, *depth)),
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

    /// Blocks until the server replies or the cancel request expires, and returns the call's
    /// result. For a call that was never issued it blocks for ever.
    pub fn await_call(&self, thread: ThreadId, call: CallId) -> Code {
        self.run(thread, &mut Op::Await { call })
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
        let mut op = Op::GetCancelObject { got: None };
        let code = self.run(thread, &mut op);
        match op {
            Op::GetCancelObject { got: Some(HeldObject::Call(call)) } => {
                Ok(CancelObject { thread, call })
            }
            _ => Err(code),
        }
    }

    /// `ICancelMethodCalls::Cancel` on a cancel object. Blocks for the window at most, and only
    /// under a reading in which the canceller waits.
    pub fn cancel(&self, object: CancelObject, window: Window) -> Code {
        let CancelObject { thread, call } = object;
        let target = CancelTarget::Object(Some(call));
        self.run(thread, &mut Op::Cancel { target, window, stage: Stage::Start })
    }

    /// CoCancelCall: `Cancel` of that thread's innermost pending call.
    pub fn cancel_thread(&self, thread: ThreadId, window: Window) -> Code {
        self.run(thread, &mut Op::cancel_thread(window))
    }

    /// Runs an operation on the machine of a thread until it is over.
    fn run(&self, thread: ThreadId, op: &mut Op) -> Code {
        let Thread { machine, changed } = &self.threads[thread.0 as usize];
        let mut guard = self.runtime.lock(machine);
        loop {
            let now = self.runtime.now();
            match guard.poll(op, now) {
                Poll::Pending { deadline } => {
                    self.runtime.knows_only(op);
                    guard = self.runtime.wait(changed, guard, deadline);
                    continue;
                }
                poll => {
                    self.runtime.alarm(changed, guard.deadline(now));
                    self.runtime.notify_all(changed);
                    if let Poll::Ready(code) = poll {
                        return code;
                    }
                }
            }
            // Advanced: unlock, so that other operations may step before this one continues.
            drop(guard);
            self.runtime.knows_only(op);
            guard = self.runtime.lock(machine);
        }
    }
}
