//! A second implementation of call cancellation, of another shape than `calloff_model::Monitor`:
//! the state of a call is one atomic word, changed by compare-and-exchange.
//!
//! A server that replies, a client that tests, and (at-issue) a canceller that asks never wait for
//! a lock in order to decide anything. A lock per COM thread protects what is not about one call,
//! its enable depth and its stack of pending calls; and it is what threads block with.
//!
//! Written for calloff's readers, not for production: the calls of a process are known beforehand.
//!
//! Two rules make it correct; the engine finds a counterexample when either is broken:
//!
//! 1. **A decision is one exchange.** Whoever decides something has looked at the whole word, and
//!    the exchange fails if anybody was faster. (`BROKEN` breaks this in one place.)
//! 2. **Nobody misses a change.** Whoever waits looks at the word while it holds the lock; whoever
//!    has changed the word takes the lock before it notifies.

use std::sync::atomic::Ordering;

use calloff_model::{CallId, Cancelable, Code, Reading, Runtime, ThreadId, Ticks, Waiter, Window};
use calloff_sim::drive::{Implementation, Portable, Process};

/// What a call's word says.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Word {
    is_cancelable: bool,
    request: Request,
    server: Server,
    settled: Settled,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Request {
    None,
    /// Accepted; with the time at which it expires by itself, where it does.
    Open(Option<Ticks>),
    Expired,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Server {
    Idle,
    Running,
    Replied(Code),
    Skipped,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Settled {
    No,
    Completed,
    Canceled,
}

// The layout: bit 0 issued, bit 1 cancelable, bits 2 and 3 the request, 4 and 5 the server, 6 and 7
// the outcome; above them, the server's code once it has replied, else the request's deadline:
// nobody asks for the deadline of a call that was replied to.
const ISSUED: u64 = 1;
const CANCELABLE: u64 = 2;
const PAYLOAD: u32 = 8;
const NEVER: u64 = u64::MAX >> PAYLOAD;

impl Word {
    fn new(is_cancelable: bool) -> Word {
        let (request, server, settled) = (Request::None, Server::Idle, Settled::No);
        Word { is_cancelable, request, server, settled }
    }

    fn pack(self) -> u64 {
        let (request, deadline) = match self.request {
            Request::None => (0, 0),
            Request::Open(deadline) => (1, deadline.map_or(NEVER, |at| at.0.min(NEVER - 1))),
            Request::Expired => (2, 0),
        };
        let (server, payload) = match self.server {
            Server::Idle => (0, deadline),
            Server::Running => (1, deadline),
            Server::Replied(code) => (2, u64::from(code.0)),
            Server::Skipped => (3, deadline),
        };
        let cancelable = if self.is_cancelable { CANCELABLE } else { 0 };
        let settled = self.settled as u64;
        ISSUED | cancelable | request << 2 | server << 4 | settled << 6 | payload << PAYLOAD
    }

    /// `None`: the call was never issued.
    fn unpack(word: u64) -> Option<Word> {
        let payload = word >> PAYLOAD;
        let server = match word >> 4 & 3 {
            0 => Server::Idle,
            1 => Server::Running,
            2 => Server::Replied(Code(payload as u32)),
            _ => Server::Skipped,
        };
        let has_deadline = !matches!(server, Server::Replied(_)) && payload != NEVER;
        let request = match word >> 2 & 3 {
            0 => Request::None,
            1 => Request::Open(has_deadline.then_some(Ticks(payload))),
            _ => Request::Expired,
        };
        let settled = match word >> 6 & 3 {
            0 => Settled::No,
            1 => Settled::Completed,
            _ => Settled::Canceled,
        };
        let is_cancelable = word & CANCELABLE != 0;
        let word = word & ISSUED != 0;
        word.then_some(Word { is_cancelable, request, server, settled })
    }

    fn is_complete(self) -> bool {
        match self.settled {
            Settled::No => matches!(self.server, Server::Replied(_)),
            settled => settled == Settled::Completed,
        }
    }

    /// Whether the request releases the caller. Under `waiter = canceller` an open request has no
    /// deadline in the word: the canceller has it, and says when it has expired.
    fn has_expired(self, now: Ticks) -> bool {
        match self.request {
            Request::None => false,
            Request::Open(deadline) => deadline.is_some_and(|deadline| deadline <= now),
            Request::Expired => true,
        }
    }
}

/// What a thread's lock protects. It is plain data: the engine tells states apart by its hash.
#[derive(Hash)]
struct Thread {
    depth: u64,
    /// The calls that are issued and not settled, the innermost last.
    pending: Vec<CallId>,
}

struct Call<R: Runtime> {
    word: R::Atomic,
    /// Waited for with the lock of the thread that issues the call.
    changed: R::Condvar,
}

/// A handle on a call.
#[derive(Clone, Copy, Hash)]
pub(crate) struct Object(ThreadId, CallId);

/// The cancel state of a process. `BROKEN` plants a bug.
pub(crate) struct Packed<R: Runtime, const BROKEN: bool = false> {
    runtime: R,
    reading: Reading,
    threads: Vec<R::Mutex<Thread>>,
    calls: Vec<Call<R>>,
}

impl<R: Runtime, const BROKEN: bool> Packed<R, BROKEN> {
    fn call(&self, call: CallId) -> &Call<R> {
        &self.calls[call.0 as usize]
    }

    fn lock(&self, thread: ThreadId) -> R::Guard<'_, Thread> {
        self.runtime.lock(&self.threads[thread.0 as usize])
    }

    fn load(&self, call: CallId) -> Option<Word> {
        Word::unpack(self.runtime.load(&self.call(call).word, Ordering::SeqCst))
    }

    /// Changes the word, unless somebody else was faster; then look again.
    fn exchange(&self, call: CallId, old: Word, new: Word) -> bool {
        let word = &self.call(call).word;
        let (old, new, order) = (old.pack(), new.pack(), Ordering::SeqCst);
        self.runtime.compare_exchange(word, old, new, order, order).is_ok()
    }

    /// Wakes those who wait for the call. The lock is what makes this reach a thread that has
    /// looked at the word and is about to wait.
    fn notify(&self, thread: ThreadId, call: CallId) {
        let guard = self.lock(thread);
        self.runtime.notify_all(&self.call(call).changed);
        drop(guard);
    }

    /// The caller picks up its outcome, with the lock held, so that nobody can get a cancel object
    /// of a call that is settled. `false`: somebody changed the word in the meantime.
    fn settle(&self, thread: &mut Thread, call: CallId, old: Word, settled: Settled) -> bool {
        let new = Word { settled, ..old };
        if BROKEN && settled == Settled::Canceled {
            // The planted bug: a reply that lands between the look and this is overwritten, though
            // a canceller may have been told already that the call is complete.
            self.runtime.store(&self.call(call).word, new.pack(), Ordering::SeqCst);
        } else if !self.exchange(call, old, new) {
            return false;
        }
        thread.pending.retain(|pending| *pending != call);
        // A virtual clock need not stop any more where the request would have expired.
        self.runtime.alarm(&self.call(call).changed, None);
        true
    }

    /// The innermost pending call of a thread.
    fn innermost(&self, thread: ThreadId) -> Result<CallId, Code> {
        let guard = self.lock(thread);
        let call = *guard.pending.last().ok_or(Code::E_NOINTERFACE)?;
        if self.reading.cancelable == Cancelable::AtRequest && guard.depth == 0 {
            return Err(Code::CO_E_CANCEL_DISABLED);
        }
        Ok(call)
    }

    /// Asks for cancellation; `None`: accepted, and the canceller has to wait.
    fn request(&self, Object(thread, call): Object, window: Window) -> Option<Code> {
        // Under at-request the depth must not change before the exchange.
        let guard = (self.reading.cancelable == Cancelable::AtRequest).then(|| self.lock(thread));
        let is_own = self.reading.waiter == Waiter::Caller;
        loop {
            let Some(old) = self.load(call) else { return Some(Code::E_NOINTERFACE) };
            if old.is_complete() {
                return Some(Code::RPC_E_CALL_COMPLETE);
            }
            if old.settled == Settled::Canceled || old.request != Request::None {
                return Some(Code::RPC_E_CALL_CANCELED);
            }
            if !guard.as_ref().map_or(old.is_cancelable, |thread| thread.depth > 0) {
                return Some(Code::CO_E_CANCEL_DISABLED);
            }
            let deadline = match is_own {
                true => window.deadline(self.runtime.now()),
                false => None,
            };
            let request = match window {
                Window::Seconds(0) => Request::Expired,
                _ => Request::Open(deadline),
            };
            if !self.exchange(call, old, Word { request, ..old }) {
                continue;
            }
            drop(guard);
            if request == Request::Open(None) && !is_own {
                // Nobody but this canceller does anything else now than before.
                return None;
            }
            self.runtime.alarm(&self.call(call).changed, deadline);
            self.notify(thread, call);
            return Some(Code::S_OK);
        }
    }

    /// The canceller waits for the end of its window, or of the call.
    fn wait(&self, Object(thread, call): Object, deadline: Option<Ticks>) -> Code {
        let mut guard = self.lock(thread);
        loop {
            let Some(old) = self.load(call) else { return Code::E_NOINTERFACE };
            if old.is_complete() {
                return Code::RPC_E_CALL_COMPLETE;
            }
            if deadline.is_some_and(|deadline| deadline <= self.runtime.now()) {
                if self.exchange(call, old, Word { request: Request::Expired, ..old }) {
                    self.runtime.notify_all(&self.call(call).changed);
                    return Code::S_OK;
                }
                continue;
            }
            // All that this thread remembers; the engine need not tell apart how it came here.
            self.runtime.knows_only(&("wait", call, deadline));
            guard = self.runtime.wait(&self.call(call).changed, guard, deadline);
        }
    }
}

impl<R: Runtime, const BROKEN: bool> Portable for Packed<R, BROKEN> {
    type Under<S: Runtime> = Packed<S, BROKEN>;
}

impl<R: Runtime, const BROKEN: bool> Implementation<R> for Packed<R, BROKEN> {
    type Object = Object;

    fn new(runtime: R, reading: Reading, process: &Process) -> Self {
        let thread = |depth: &u32| Thread { depth: u64::from(*depth), pending: Vec::new() };
        let threads = process.depths.iter().map(|depth| runtime.mutex(thread(depth))).collect();
        let call = |_| Call { word: runtime.atomic(0), changed: runtime.condvar() };
        let calls = process.callers.iter().map(call).collect();
        Packed { runtime, reading, threads, calls }
    }

    fn enable(&self, thread: ThreadId) -> Code {
        self.lock(thread).depth += 1;
        Code::S_OK
    }

    fn disable(&self, thread: ThreadId) -> Code {
        let mut thread = self.lock(thread);
        if thread.depth == 0 {
            return Code::CO_E_CANCEL_DISABLED;
        }
        thread.depth -= 1;
        Code::S_OK
    }

    fn issue(&self, thread: ThreadId, call: CallId) {
        let mut guard = self.lock(thread);
        let word = Word::new(guard.depth > 0);
        self.runtime.store(&self.call(call).word, word.pack(), Ordering::SeqCst);
        guard.pending.push(call);
        self.runtime.notify_all(&self.call(call).changed);
    }

    fn await_call(&self, thread: ThreadId, call: CallId) -> Code {
        let mut guard = self.lock(thread);
        loop {
            let Some(old) = self.load(call) else {
                // Never issued: only this thread could do that.
                self.runtime.knows_only(&("await", call));
                guard = self.runtime.wait(&self.call(call).changed, guard, None);
                continue;
            };
            if old.settled != Settled::No {
                return Code::E_UNEXPECTED;
            }
            // The reply is looked at first: one that has landed wins over an expired request.
            if let Server::Replied(code) = old.server {
                if self.settle(&mut guard, call, old, Settled::Completed) {
                    return code;
                }
                continue;
            }
            if old.has_expired(self.runtime.now()) {
                if self.settle(&mut guard, call, old, Settled::Canceled) {
                    return Code::RPC_E_CALL_CANCELED;
                }
                continue;
            }
            let deadline = match old.request {
                Request::Open(deadline) => deadline,
                _ => None,
            };
            self.runtime.knows_only(&("await", call));
            guard = self.runtime.wait(&self.call(call).changed, guard, deadline);
        }
    }

    fn dispatch(&self, thread: ThreadId, call: CallId) -> bool {
        loop {
            let Some(old) = self.load(call) else {
                // Not issued yet. It is looked at once more with the lock held: rule 2.
                let mut guard = self.lock(thread);
                while self.load(call).is_none() {
                    self.runtime.knows_only(&("dispatch", call));
                    guard = self.runtime.wait(&self.call(call).changed, guard, None);
                }
                continue;
            };
            if old.server != Server::Idle {
                return false;
            }
            let is_over = old.settled != Settled::No || old.has_expired(self.runtime.now());
            let server = if is_over { Server::Skipped } else { Server::Running };
            if self.exchange(call, old, Word { server, ..old }) {
                return !is_over;
            }
        }
    }

    fn reply(&self, thread: ThreadId, call: CallId, code: Code) {
        while let Some(old) = self.load(call).filter(|word| word.server == Server::Running) {
            // The reply to a settled call is dropped.
            if old.settled != Settled::No {
                return;
            }
            if self.exchange(call, old, Word { server: Server::Replied(code), ..old }) {
                return self.notify(thread, call);
            }
        }
    }

    fn test_cancel(&self, _: ThreadId, call: CallId) -> Code {
        match self.load(call) {
            None => Code::RPC_E_CALL_COMPLETE,
            Some(word) if word.request != Request::None => Code::RPC_E_CALL_CANCELED,
            Some(_) => Code::RPC_S_CALLPENDING,
        }
    }

    fn get_cancel_object(&self, thread: ThreadId) -> Result<Object, Code> {
        Ok(Object(thread, self.innermost(thread)?))
    }

    fn test_cancel_object(&self, Object(_, call): &Object) -> Code {
        match self.load(*call) {
            None => Code::E_NOINTERFACE,
            Some(word) if word.settled == Settled::Canceled => Code::RPC_E_CALL_CANCELED,
            Some(word) if word.is_complete() => Code::RPC_E_CALL_COMPLETE,
            Some(word) if word.request != Request::None => Code::RPC_E_CALL_CANCELED,
            Some(_) => Code::RPC_S_CALLPENDING,
        }
    }

    fn cancel(&self, object: &Object, window: Window) -> Code {
        // The time is read before the request is made, and may pass in between: on a slow machine
        // a window can be short. No scenario of the corpus can tell that from a late thread.
        let deadline = window.deadline(self.runtime.now());
        self.request(*object, window).unwrap_or_else(|| self.wait(*object, deadline))
    }

    fn cancel_thread(&self, thread: ThreadId, window: Window) -> Code {
        match self.innermost(thread) {
            Ok(call) => self.cancel(&Object(thread, call), window),
            Err(code) => code,
        }
    }
}
