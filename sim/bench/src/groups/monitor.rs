//! What an operation of the shipped monitor costs, held against a lock and a condition variable
//! that do nothing but be taken and notified.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use calloff_model::{CallId, Code, Monitor, Reading, StdRuntime, ThreadId, Window};
use nix::sys::resource::UsageWho;

use crate::args::Args;
use crate::group::{Case, Group, Rows, Shown, Variant, What};
use crate::numbers::{Numbers, cpu_seconds, numbers};

/// Calls per process, and processes: a monitor keeps the calls that it has seen.
const CALLS: u32 = 20_000;
const PROCESSES: u32 = 10;
const ACROSS: u32 = 20_000;

const CALLER: ThreadId = ThreadId(0);

/// The group. Each case is a number of operations, which the bare lock does as often.
pub fn group(_: &Args) -> Group {
    Group {
        name: "monitor",
        title: "An operation of the monitor on real threads",
        cases: ["test_cancel", "a call", "a canceled call", "two threads"].map(Case::named).into(),
        variants: vec![
            Variant::new("Monitor", |case, _| measure::<Shipped>(case)),
            Variant::new("bare, with clock", |case, _| measure::<Bare<true>>(case)),
            Variant::new("bare", |case, _| measure::<Bare<false>>(case)),
        ],
        tables: vec![
            Shown { number: "nanoseconds", title: "ns per operation", what: What::Median },
            Shown { number: "nanoseconds", title: "their spread", what: What::Spread },
        ],
        rows: Rows::Cases,
        seconds_max: 60.0,
        seconds_enough: 60.0,
    }
}

/// Either the monitor, or what it is measured against.
trait Measured: Send + Sync + 'static {
    fn new() -> Self;
    fn issue(&self, call: CallId);
    fn dispatch(&self, call: CallId);
    fn test_cancel(&self, call: CallId) -> Code;
    fn reply(&self, call: CallId);
    fn cancel(&self);
    fn await_call(&self, call: CallId) -> Code;
}

struct Shipped(Monitor<StdRuntime>);

impl Measured for Shipped {
    fn new() -> Shipped {
        Shipped(Monitor::new(StdRuntime::new(), Reading::ALL[0], &[1]))
    }

    fn issue(&self, call: CallId) {
        self.0.issue(CALLER, call);
    }

    fn dispatch(&self, call: CallId) {
        self.0.dispatch(CALLER, call);
    }

    fn test_cancel(&self, call: CallId) -> Code {
        self.0.test_cancel(CALLER, call)
    }

    fn reply(&self, call: CallId) {
        self.0.reply(CALLER, call, Code::S_OK);
    }

    fn cancel(&self) {
        self.0.cancel_thread(CALLER, Window::from_ul_seconds(0));
    }

    fn await_call(&self, call: CallId) -> Code {
        self.0.await_call(CALLER, call)
    }
}

/// A lock and a condition variable round two numbers: the last call issued, and the last one
/// answered. With the clock, each operation looks at the time once, as the monitor does.
struct Bare<const HAS_CLOCK: bool> {
    calls: Mutex<[u32; 2]>,
    changed: Condvar,
    epoch: Instant,
}

impl<const HAS_CLOCK: bool> Bare<HAS_CLOCK> {
    fn lock(&self) -> MutexGuard<'_, [u32; 2]> {
        let guard = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        if HAS_CLOCK {
            std::hint::black_box(self.epoch.elapsed().as_nanos() / 1_000_000_000);
        }
        guard
    }

    /// Waits until that one of the numbers has come that far.
    fn wait(&self, which: usize, call: CallId) {
        let mut calls = self.lock();
        while calls[which] < call.0 {
            calls = self.changed.wait(calls).unwrap_or_else(PoisonError::into_inner);
        }
        self.changed.notify_all();
    }

    fn set(&self, which: usize, call: CallId) {
        let mut calls = self.lock();
        calls[which] = call.0;
        self.changed.notify_all();
    }
}

impl<const HAS_CLOCK: bool> Measured for Bare<HAS_CLOCK> {
    fn new() -> Self {
        Bare { calls: Mutex::default(), changed: Condvar::new(), epoch: Instant::now() }
    }

    fn issue(&self, call: CallId) {
        self.set(0, call);
    }

    fn dispatch(&self, call: CallId) {
        self.wait(0, call);
    }

    fn test_cancel(&self, _: CallId) -> Code {
        let calls = self.lock();
        self.changed.notify_all();
        Code(calls[1])
    }

    fn reply(&self, call: CallId) {
        self.set(1, call);
    }

    fn cancel(&self) {
        let [issued, _] = *self.lock();
        self.set(1, CallId(issued));
    }

    fn await_call(&self, call: CallId) -> Code {
        self.wait(1, call);
        Code::S_OK
    }
}

fn measure<M: Measured>(case: &str) -> Result<Numbers, String> {
    let own = UsageWho::RUSAGE_SELF;
    let (cpu, started) = (cpu_seconds(own), Instant::now());
    let (seconds, operations) = match case {
        "two threads" => {
            across::<M>();
            (started.elapsed().as_secs_f64(), ACROSS)
        }
        alone => {
            let each = (0..PROCESSES).map(|_| on_one_thread::<M>(alone)).sum::<Result<u32, _>>()?;
            (cpu_seconds(own) - cpu, each)
        }
    };
    Ok(numbers([("nanoseconds", seconds * 1e9 / f64::from(operations))]))
}

/// Runs the case on this thread alone; returns the number of operations.
fn on_one_thread<M: Measured>(case: &str) -> Result<u32, String> {
    let process = M::new();
    let ids = (1..=CALLS).map(CallId);
    match case {
        "test_cancel" => {
            process.issue(CallId(1));
            for _ in ids {
                std::hint::black_box(process.test_cancel(CallId(1)));
            }
            Ok(CALLS)
        }
        "a call" => {
            for call in ids {
                process.issue(call);
                process.dispatch(call);
                process.reply(call);
                process.await_call(call);
            }
            Ok(4 * CALLS)
        }
        "a canceled call" => {
            for call in ids {
                process.issue(call);
                process.cancel();
                process.await_call(call);
            }
            Ok(3 * CALLS)
        }
        other => Err(format!("no case is called {other}")),
    }
}

/// A caller and a server, one call after the other.
fn across<M: Measured>() {
    let process = Arc::new(M::new());
    let served = process.clone();
    let server = thread::spawn(move || {
        for call in (1..=ACROSS).map(CallId) {
            served.dispatch(call);
            served.reply(call);
        }
    });
    for call in (1..=ACROSS).map(CallId) {
        process.issue(call);
        process.await_call(call);
    }
    server.join().expect("the server ends");
}
