//! An implementation of call cancellation, to begin with: one lock for the whole process, and the
//! state machine of `calloff_model` behind it. Replace both by what you have. Whatever the threads
//! share has to come from the runtime: its locks, condition variables, atomics, and its clock.

use calloff_model::{
    CallId, Code, HeldObject, Machine, Op, Poll, Reading, Runtime, ThreadId, Window,
};
use calloff_sim::drive::{Implementation, Portable, Process};

/// The cancel state of a process. `BROKEN` plants a bug.
pub(crate) struct Mine<R: Runtime, const BROKEN: bool = false> {
    runtime: R,
    threads: R::Mutex<Vec<Machine>>,
    changed: R::Condvar,
}

/// A cancel object: a handle on a call of a thread.
#[derive(Clone, Copy, Hash)]
pub(crate) struct Object(ThreadId, CallId);

impl<R: Runtime, const BROKEN: bool> Mine<R, BROKEN> {
    /// Runs an operation on the machine of a thread until it is over. Returns its code, and the
    /// operation as it ended.
    fn run(&self, thread: ThreadId, mut op: Op) -> (Code, Op) {
        let mut threads = self.runtime.lock(&self.threads);
        loop {
            let now = self.runtime.now();
            match threads[thread.0 as usize].poll(&mut op, now) {
                Poll::Pending { deadline } => {
                    // All that this thread remembers of what it has seen.
                    self.runtime.knows_only(&(thread, &op));
                    threads = self.runtime.wait(&self.changed, threads, deadline);
                    continue;
                }
                poll => {
                    // The first moment at which something changes by itself.
                    let next = threads.iter().filter_map(|machine| machine.deadline(now)).min();
                    self.runtime.alarm(&self.changed, next);
                    // The planted bug: nobody is told of a reply.
                    if !(BROKEN && matches!(op, Op::Reply { .. })) {
                        self.runtime.notify_all(&self.changed);
                    }
                    if let Poll::Ready(code) = poll {
                        return (code, op);
                    }
                }
            }
            // The operation goes on in a later step: others may come in between.
            drop(threads);
            self.runtime.knows_only(&(thread, &op));
            threads = self.runtime.lock(&self.threads);
        }
    }
}

impl<R: Runtime, const BROKEN: bool> Portable for Mine<R, BROKEN> {
    type Under<S: Runtime> = Mine<S, BROKEN>;
}

impl<R: Runtime, const BROKEN: bool> Implementation<R> for Mine<R, BROKEN> {
    type Object = Object;

    fn new(runtime: R, reading: Reading, process: &Process) -> Self {
        let machines = process.depths.iter().map(|depth| Machine::new(reading, *depth)).collect();
        let threads = runtime.mutex_named("process", machines);
        let changed = runtime.condvar_named("changed");
        Mine { runtime, threads, changed }
    }

    fn enable(&self, thread: ThreadId) -> Code {
        self.run(thread, Op::Enable).0
    }

    fn disable(&self, thread: ThreadId) -> Code {
        self.run(thread, Op::Disable).0
    }

    fn issue(&self, thread: ThreadId, call: CallId) {
        self.run(thread, Op::Issue { call });
    }

    fn await_call(&self, thread: ThreadId, call: CallId) -> Code {
        self.run(thread, Op::Await { call }).0
    }

    fn dispatch(&self, thread: ThreadId, call: CallId) -> bool {
        self.run(thread, Op::Dispatch { call }).0 == Code::S_OK
    }

    fn reply(&self, thread: ThreadId, call: CallId, code: Code) {
        self.run(thread, Op::Reply { call, code });
    }

    fn test_cancel(&self, thread: ThreadId, call: CallId) -> Code {
        self.run(thread, Op::TestCancel { serving: Some(call) }).0
    }

    fn get_cancel_object(&self, thread: ThreadId) -> Result<Object, Code> {
        match self.run(thread, Op::GetCancelObject { got: None }) {
            (_, Op::GetCancelObject { got: Some(HeldObject::Call(call)) }) => {
                Ok(Object(thread, call))
            }
            (code, _) => Err(code),
        }
    }

    fn test_cancel_object(&self, Object(thread, call): &Object) -> Code {
        self.run(*thread, Op::TestCancelObject { object: Some(*call) }).0
    }

    fn cancel(&self, Object(thread, call): &Object, window: Window) -> Code {
        self.run(*thread, Op::cancel_object(Some(*call), window)).0
    }

    fn cancel_thread(&self, thread: ThreadId, window: Window) -> Code {
        self.run(thread, Op::cancel_thread(window)).0
    }
}
