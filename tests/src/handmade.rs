//! Implementations of call cancellation that each differ from the reference in one way.

use std::marker::PhantomData;
use std::sync::atomic::Ordering;

use calloff_model::{
    CallId, CancelTarget, Code, HeldObject, Machine, Op, Poll, Reading, Runtime, Stage, ThreadId,
    Window,
};
use calloff_sim::drive::{Implementation, Portable, Process};

/// The difference from the reference.
pub trait Style: Send + Sync + 'static {
    /// It releases the lock before it notifies. Correct.
    const NOTIFIES_OUTSIDE: bool = false;
    /// It releases the lock between testing and waiting: a notification in between is lost.
    const LOOKS_AWAY: bool = false;
    /// Enabling takes a second lock after the thread's own; disabling takes it before.
    const TAKES_TWO_LOCKS: bool = false;
    /// It notifies a single waiter, no matter which one.
    const NOTIFIES_ONE: bool = false;
    /// Enabling switches a light on and off again and again. Correct.
    const BLINKS: bool = false;
    /// It panics when a call is issued.
    const PANICS: bool = false;
}

/// [`Style::NOTIFIES_OUTSIDE`]
pub struct NotifiesOutside;
/// [`Style::LOOKS_AWAY`]
pub struct LooksAway;
/// [`Style::TAKES_TWO_LOCKS`]
pub struct TakesTwoLocks;
/// [`Style::NOTIFIES_ONE`]
pub struct NotifiesOne;
/// [`Style::NOTIFIES_ONE`] and [`Style::NOTIFIES_OUTSIDE`]
pub struct NotifiesOneOutside;
/// [`Style::BLINKS`]
pub struct Blinks;
/// [`Style::PANICS`]
pub struct Panics;

impl Style for NotifiesOutside {
    const NOTIFIES_OUTSIDE: bool = true;
}
impl Style for LooksAway {
    const LOOKS_AWAY: bool = true;
}
impl Style for TakesTwoLocks {
    const TAKES_TWO_LOCKS: bool = true;
}
impl Style for NotifiesOne {
    const NOTIFIES_ONE: bool = true;
}
impl Style for NotifiesOneOutside {
    const NOTIFIES_ONE: bool = true;
    const NOTIFIES_OUTSIDE: bool = true;
}
impl Style for Blinks {
    const BLINKS: bool = true;
}
impl Style for Panics {
    const PANICS: bool = true;
}

/// An implementation with that difference.
pub struct Handmade<R: Runtime, S> {
    runtime: R,
    threads: Vec<(R::Mutex<Machine>, R::Condvar)>,
    second: R::Mutex<u32>,
    light: R::Atomic,
    style: PhantomData<S>,
}

impl<R: Runtime, S: Style> Handmade<R, S> {
    fn run(&self, thread: ThreadId, mut op: Op) -> (Code, Op) {
        let (machine, changed) = &self.threads[thread.0 as usize];
        let mut guard = self.runtime.lock(machine);
        loop {
            let now = self.runtime.now();
            let poll = guard.poll(&mut op, now);
            if let Poll::Pending { deadline } = poll {
                if S::LOOKS_AWAY {
                    drop(guard);
                    guard = self.runtime.lock(machine);
                }
                guard = self.runtime.wait(changed, guard, deadline);
                continue;
            }
            self.runtime.alarm(changed, guard.deadline(now));
            let guard_while_notifying = (!S::NOTIFIES_OUTSIDE).then_some(guard);
            if S::NOTIFIES_ONE {
                self.runtime.notify_one(changed);
            } else {
                self.runtime.notify_all(changed);
            }
            drop(guard_while_notifying);
            if let Poll::Ready(code) = poll {
                return (code, op);
            }
            guard = self.runtime.lock(machine);
        }
    }
}

impl<R: Runtime, S: Style> Portable for Handmade<R, S> {
    type Under<T: Runtime> = Handmade<T, S>;
}

impl<R: Runtime, S: Style> Implementation<R> for Handmade<R, S> {
    type Object = (ThreadId, Option<CallId>);

    fn new(runtime: R, reading: Reading, process: &Process) -> Self {
        let thread =
            |depth: &u32| (runtime.mutex(Machine::new(reading, *depth)), runtime.condvar());
        let threads = process.depths.iter().map(thread).collect();
        let (second, light) = (runtime.mutex(0), runtime.atomic(0));
        Handmade { runtime, threads, second, light, style: PhantomData }
    }
    fn enable(&self, thread: ThreadId) -> Code {
        if S::TAKES_TWO_LOCKS {
            let _own = self.runtime.lock(&self.threads[0].0);
            let _second = self.runtime.lock(&self.second);
            return Code::S_OK;
        }
        if S::BLINKS {
            for value in [1, 0, 1, 0] {
                self.runtime.store(&self.light, value, Ordering::SeqCst);
            }
        }
        self.run(thread, Op::Enable).0
    }
    fn disable(&self, thread: ThreadId) -> Code {
        if S::TAKES_TWO_LOCKS {
            let _second = self.runtime.lock(&self.second);
            let _own = self.runtime.lock(&self.threads[0].0);
            return Code::S_OK;
        }
        self.run(thread, Op::Disable).0
    }
    fn issue(&self, thread: ThreadId, call: CallId) {
        assert!(!S::PANICS, "no calls today");
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
    fn get_cancel_object(&self, thread: ThreadId) -> Result<Self::Object, Code> {
        match self.run(thread, Op::GetCancelObject { got: None }) {
            (_, Op::GetCancelObject { got: Some(HeldObject::Call(call)) }) => {
                Ok((thread, Some(call)))
            }
            (code, _) => Err(code),
        }
    }
    fn test_cancel_object(&self, (thread, object): &Self::Object) -> Code {
        self.run(*thread, Op::TestCancelObject { object: *object }).0
    }
    fn cancel(&self, (thread, object): &Self::Object, window: Window) -> Code {
        let target = CancelTarget::Object(*object);
        self.run(*thread, Op::Cancel { target, window, stage: Stage::Start }).0
    }
    fn cancel_thread(&self, thread: ThreadId, window: Window) -> Code {
        self.run(thread, Op::cancel_thread(window)).0
    }
}
