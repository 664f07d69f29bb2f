//! A test for loom, written by hand as loom's documentation shows it: a caller, its server, and a
//! canceller that does not wait.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use calloff_model::{CallId, Code, Monitor, Reading, Runtime, Shared, ThreadId, Ticks, Window};
use loom::sync::atomic::AtomicU64;

/// The reading that is explored.
pub const READING: Reading = Reading::ALL[0];

const CALLER: ThreadId = ThreadId(0);
const CALL: CallId = CallId(0);

/// How the test is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    /// With loom's `Arc`, and threads that are joined.
    Documented,
    /// With the standard library's `Arc`, and without a join: neither is a step of loom's then.
    Tuned,
}

/// What each of the three has returned: caller, server (`None` if the call was skipped), canceller.
pub type Codes = (Code, Option<Code>, Code);

/// What the test has seen.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Seen {
    /// How often loom ran it.
    pub executions: u64,
    /// Whether the time was over before loom was.
    pub is_cut_off: bool,
    /// The distinct ends.
    pub outcomes: BTreeSet<Codes>,
}

/// Everything on loom's own locks. Nothing here waits for time, so there is no clock.
#[derive(Clone)]
struct Plain;

impl Runtime for Plain {
    type Mutex<T: Shared> = loom::sync::Mutex<T>;
    type Guard<'m, T: Shared> = loom::sync::MutexGuard<'m, T>;
    type Condvar = loom::sync::Condvar;
    type Atomic = AtomicU64;

    fn mutex<T: Shared>(&self, value: T) -> Self::Mutex<T> {
        loom::sync::Mutex::new(value)
    }

    fn lock<'m, T: Shared>(&self, mutex: &'m Self::Mutex<T>) -> Self::Guard<'m, T> {
        mutex.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn condvar(&self) -> Self::Condvar {
        loom::sync::Condvar::new()
    }

    fn wait<'m, T: Shared>(
        &self,
        condvar: &Self::Condvar,
        guard: Self::Guard<'m, T>,
        _: Option<Ticks>,
    ) -> Self::Guard<'m, T> {
        condvar.wait(guard).unwrap_or_else(PoisonError::into_inner)
    }

    fn notify_all(&self, condvar: &Self::Condvar) {
        condvar.notify_all();
    }

    fn notify_one(&self, condvar: &Self::Condvar) {
        condvar.notify_one();
    }

    fn alarm(&self, _: &Self::Condvar, _: Option<Ticks>) {}

    fn now(&self) -> Ticks {
        Ticks(0)
    }

    fn atomic(&self, value: u64) -> AtomicU64 {
        AtomicU64::new(value)
    }

    fn load(&self, atomic: &AtomicU64, order: Ordering) -> u64 {
        atomic.load(order)
    }

    fn store(&self, atomic: &AtomicU64, value: u64, order: Ordering) {
        atomic.store(value, order);
    }

    fn swap(&self, atomic: &AtomicU64, value: u64, order: Ordering) -> u64 {
        atomic.swap(value, order)
    }

    fn fetch_add(&self, atomic: &AtomicU64, value: u64, order: Ordering) -> u64 {
        atomic.fetch_add(value, order)
    }

    fn compare_exchange(
        &self,
        atomic: &AtomicU64,
        current: u64,
        new: u64,
        order: Ordering,
        failure: Ordering,
    ) -> Result<u64, u64> {
        atomic.compare_exchange(current, new, order, failure)
    }
}

type Process = Monitor<Plain>;

fn serve(process: &Process) -> Option<Code> {
    if process.dispatch(CALLER, CALL) != Code::S_OK {
        return None;
    }
    let tested = process.test_cancel(CALLER, CALL);
    process.reply(CALLER, CALL, Code::S_OK);
    Some(tested)
}

fn cancel(process: &Process) -> Code {
    process.cancel_thread(CALLER, Window::from_ul_seconds(0))
}

/// Runs the test until loom is done, or the time is over.
///
/// # Panics
///
/// If a thread is stuck: loom says so by a panic.
pub fn explore(style: Style, time_max: Duration) -> Seen {
    let seen = Arc::new(Mutex::new(Seen::default()));
    let (note, started) = (seen.clone(), Instant::now());
    let mut builder = loom::model::Builder::new();
    // It looks at the time after so many executions, and then ends as if it were done.
    builder.checkpoint_interval = 500;
    builder.max_duration = Some(time_max);
    builder.check(move || {
        with(&note, |seen| seen.executions += 1);
        match style {
            Style::Documented => documented(&note),
            Style::Tuned => tuned(&note),
        }
    });
    let is_cut_off = started.elapsed() >= time_max;
    Seen { is_cut_off, ..with(&seen, |seen| seen.clone()) }
}

fn with<R>(seen: &Mutex<Seen>, what: impl FnOnce(&mut Seen) -> R) -> R {
    what(&mut seen.lock().unwrap_or_else(PoisonError::into_inner))
}

fn documented(seen: &Arc<Mutex<Seen>>) {
    let process = loom::sync::Arc::new(Process::new(Plain, READING, &[1]));
    let [for_server, for_canceller] = [process.clone(), process.clone()];
    let server = loom::thread::spawn(move || serve(&for_server));
    let canceller = loom::thread::spawn(move || cancel(&for_canceller));
    let called = process.call(CALLER, CALL);
    let outcome = (called, server.join().expect("no panic"), canceller.join().expect("no panic"));
    with(seen, |seen| seen.outcomes.insert(outcome));
}

/// What has been returned so far, and who has not ended yet.
#[derive(Default)]
struct Ends {
    called: Option<Code>,
    tested: Option<Option<Code>>,
    canceled: Option<Code>,
}

fn tuned(seen: &Arc<Mutex<Seen>>) {
    let process = Arc::new(Process::new(Plain, READING, &[1]));
    let ends = Arc::new(Mutex::new(Ends::default()));
    let end = |note: fn(&Process, &Mutex<Ends>)| {
        let (process, ends, seen) = (process.clone(), ends.clone(), seen.clone());
        move || {
            note(&process, &ends);
            let ends = ends.lock().unwrap_or_else(PoisonError::into_inner);
            let Ends { called, tested, canceled } = &*ends;
            if let (Some(called), Some(tested), Some(canceled)) = (called, tested, canceled) {
                with(&seen, |seen| seen.outcomes.insert((*called, *tested, *canceled)));
            }
        }
    };
    fn put(ends: &Mutex<Ends>, what: impl FnOnce(&mut Ends)) {
        what(&mut ends.lock().unwrap_or_else(PoisonError::into_inner));
    }
    loom::thread::spawn(end(|process, ends| {
        let tested = serve(process);
        put(ends, |ends| ends.tested = Some(tested));
    }));
    loom::thread::spawn(end(|process, ends| {
        let canceled = cancel(process);
        put(ends, |ends| ends.canceled = Some(canceled));
    }));
    end(|process, ends| {
        let called = process.call(CALLER, CALL);
        put(ends, |ends| ends.called = Some(called));
    })();
}
