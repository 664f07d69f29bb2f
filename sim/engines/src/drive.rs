//! Drives an implementation: actors on real or simulated threads take a program's steps.
//!
//! All engines that run code share this module; they differ in the [`Runtime`].

mod calls;
mod commons;
mod driver;
mod record;

use std::hash::Hash;
use std::sync::Arc;

use calloff_model::{
    CallId, CancelObject, Code, CustomId, Monitor, Reading, Runtime, ThreadId, Topmost, Waiting,
    Window,
};
use calloff_protocol::program::Program;
pub use commons::Commons;
pub use driver::{Between, Driver};
pub use record::{Finished, Record};

/// An implementation of call cancellation, as the engines drive it. [`Monitor`] is one.
///
/// Each operation blocks its caller until it is over; each COM thread is a thread of its own. An
/// implementation must be deterministic: the runtime is its only source of time, locks and atomics,
/// and all state that changes is in them, or in an [`Object`](Implementation::Object). It may be
/// dropped in the middle of any operation: engines abandon executions by unwinding.
pub trait Implementation<R: Runtime>: Send + Sync + Sized + 'static {
    /// A handle on a call.
    type Object: Clone + Hash + Send + 'static;

    /// The process, before anything has happened in it.
    fn new(runtime: R, reading: Reading, process: &Process) -> Self;
    /// CoEnableCallCancellation.
    fn enable(&self, thread: ThreadId) -> Code;
    /// CoDisableCallCancellation.
    fn disable(&self, thread: ThreadId) -> Code;
    /// The thread sends an outbound call.
    fn issue(&self, thread: ThreadId, call: CallId);
    /// The thread waits for its call. Returns the call's result.
    fn await_call(&self, thread: ThreadId, call: CallId) -> Code;
    /// The server side enters a call of that thread, after it was issued; `false` if the call is
    /// skipped.
    fn dispatch(&self, thread: ThreadId, call: CallId) -> bool;
    /// The server returns from a call of that thread.
    fn reply(&self, thread: ThreadId, call: CallId, code: Code);
    /// `TestCancel` on the server side of a call of that thread.
    fn test_cancel(&self, thread: ThreadId, call: CallId) -> Code;
    /// CoGetCancelObject.
    ///
    /// # Errors
    ///
    /// The code, if there is no object.
    fn get_cancel_object(&self, thread: ThreadId) -> Result<Self::Object, Code>;
    /// `TestCancel` on a cancel object.
    fn test_cancel_object(&self, object: &Self::Object) -> Code;
    /// `Cancel` on a cancel object.
    fn cancel(&self, object: &Self::Object, window: Window) -> Code;
    /// CoCancelCall.
    fn cancel_thread(&self, thread: ThreadId, window: Window) -> Code;

    /// Whether it does what only client programs ask for: the methods below. Engines that run code
    /// skip client programs otherwise.
    const TAKES_CLIENTS: bool = false;

    /// The thread sends an outbound call, which gets one of these ids. Returns which.
    ///
    /// Each is the id of a call that was never issued, or of one that is settled, that no server is
    /// in or will enter, and whose cancel objects nobody holds. Only an operation in flight may
    /// still be about one of them, which then must not be taken. There are more ids than operations
    /// in flight.
    fn issue_one_of(&self, thread: ThreadId, ids: &[CallId]) -> CallId {
        self.issue(thread, ids[0]);
        ids[0]
    }

    /// The call that the object is of, if the implementation knows calls by their ids: as long as
    /// somebody holds the object, no other call gets the id.
    fn call_of(object: &Self::Object) -> Option<CallId> {
        let _ = object;
        None
    }

    /// CoGetCancelObject on a thread that may have set objects of its own.
    ///
    /// # Errors
    ///
    /// The code, if there is no object.
    fn topmost(&self, thread: ThreadId) -> Result<Topmost<Self::Object>, Code> {
        self.get_cancel_object(thread).map(Topmost::Call)
    }

    /// CoCancelCall on a thread that may have set objects of its own.
    ///
    /// # Errors
    ///
    /// The topmost object, if it is the thread's own: its `Cancel` is called next.
    fn cancel_topmost(&self, thread: ThreadId, window: Window) -> Result<Code, CustomId> {
        Ok(self.cancel_thread(thread, window))
    }

    /// The thread waits for its call while it serves others; see [`Monitor::await_alertably`].
    /// `None`: it looks up.
    fn await_alertably(&self, thread: ThreadId, call: CallId, how: Waiting) -> Option<Code> {
        let _ = how;
        Some(self.await_call(thread, call))
    }

    /// The thread's message filter gives the wait up; `None` if it is too late.
    fn give_up(&self, thread: ThreadId, call: CallId) -> Option<Code> {
        let _ = (thread, call);
        None
    }

    /// Makes the thread look up from [`await_alertably`](Implementation::await_alertably), now or
    /// the next time.
    fn alert(&self, thread: ThreadId) {
        let _ = thread;
    }

    /// CoSetCancelObject.
    fn set_cancel_object(
        &self,
        thread: ThreadId,
        object: Option<CustomId>,
        has_interface: bool,
    ) -> Code {
        let _ = (thread, object, has_interface);
        Code::E_NOTIMPL
    }
}

/// An implementation that is written against any runtime, so that every engine can run it:
///
/// ```ignore
/// impl<R: Runtime> Portable for MyImplementation<R> {
///     type Under<S: Runtime> = MyImplementation<S>;
/// }
/// ```
pub trait Portable: 'static {
    /// The same implementation under that runtime.
    type Under<S: Runtime>: Implementation<S>;
}

impl<R: Runtime> Portable for Monitor<R> {
    type Under<S: Runtime> = Monitor<S>;
}

/// The COM threads and the calls of a process.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Process {
    /// The enable depth of each thread, by [`ThreadId`].
    pub depths: Vec<u32>,
    /// The thread that issues each call, by [`CallId`]. There are no other calls, unless the
    /// implementation takes client programs: then *n* + *i*, 2*n* + *i* and so on, for *n* calls,
    /// are ids of other calls of the thread that issues call *i*.
    pub callers: Vec<ThreadId>,
}

impl Process {
    /// The process of a program.
    pub fn of(program: &Program) -> Process {
        let callers = program.calls.iter().map(|call| ThreadId(call.caller.0)).collect();
        Process { depths: program.depths(), callers }
    }
}

/// Creates the implementation for one execution.
pub type Make<R, I> = Arc<dyn Fn(R, Reading, &Process) -> I + Send + Sync>;

/// Makes implementations as [`Implementation::new`] does.
pub fn make<R: Runtime, I: Implementation<R>>() -> Make<R, I> {
    Arc::new(I::new)
}

impl<R: Runtime> Implementation<R> for Monitor<R> {
    type Object = CancelObject;

    fn new(runtime: R, reading: Reading, process: &Process) -> Self {
        Monitor::new(runtime, reading, &process.depths)
    }
    fn enable(&self, thread: ThreadId) -> Code {
        self.enable(thread)
    }
    fn disable(&self, thread: ThreadId) -> Code {
        self.disable(thread)
    }
    fn issue(&self, thread: ThreadId, call: CallId) {
        self.issue(thread, call);
    }
    fn await_call(&self, thread: ThreadId, call: CallId) -> Code {
        self.await_call(thread, call)
    }
    fn dispatch(&self, thread: ThreadId, call: CallId) -> bool {
        self.dispatch(thread, call) == Code::S_OK
    }
    fn reply(&self, thread: ThreadId, call: CallId, code: Code) {
        self.reply(thread, call, code);
    }
    fn test_cancel(&self, thread: ThreadId, call: CallId) -> Code {
        self.test_cancel(thread, call)
    }
    fn get_cancel_object(&self, thread: ThreadId) -> Result<CancelObject, Code> {
        self.get_cancel_object(thread)
    }
    fn test_cancel_object(&self, object: &CancelObject) -> Code {
        self.test_cancel_object(*object)
    }
    fn cancel(&self, object: &CancelObject, window: Window) -> Code {
        self.cancel(*object, window)
    }
    fn cancel_thread(&self, thread: ThreadId, window: Window) -> Code {
        self.cancel_thread(thread, window)
    }

    const TAKES_CLIENTS: bool = true;

    fn issue_one_of(&self, thread: ThreadId, ids: &[CallId]) -> CallId {
        self.issue_one_of(thread, ids)
    }
    fn call_of(object: &CancelObject) -> Option<CallId> {
        Some(object.call())
    }
    fn topmost(&self, thread: ThreadId) -> Result<Topmost<CancelObject>, Code> {
        self.topmost(thread)
    }
    fn cancel_topmost(&self, thread: ThreadId, window: Window) -> Result<Code, CustomId> {
        self.cancel_topmost(thread, window)
    }
    fn await_alertably(&self, thread: ThreadId, call: CallId, how: Waiting) -> Option<Code> {
        self.await_alertably(thread, call, how)
    }
    fn give_up(&self, thread: ThreadId, call: CallId) -> Option<Code> {
        self.give_up(thread, call)
    }
    fn alert(&self, thread: ThreadId) {
        self.alert(thread);
    }
    fn set_cancel_object(
        &self,
        thread: ThreadId,
        object: Option<CustomId>,
        has_interface: bool,
    ) -> Code {
        self.set_cancel_object(thread, object, has_interface)
    }
}
