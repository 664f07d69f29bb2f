//! Many threads, many calls, many cancellers: each call has exactly one outcome, and caller, server
//! and cancellers agree on it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::Duration;

use calloff_model::{
    CallId, CancelObject, Cancelable, Code, Monitor, Reading, StdRuntime, ThreadId, Waiter, Window,
};

const CLIENTS: u32 = 3;
const CALLS: u32 = 60;
const CANCELLERS: u32 = 2;

const TICK: Duration = Duration::from_millis(2);

/// No test takes this long unless it hangs.
const WATCHDOG: Duration = Duration::from_secs(300);

/// What one thread observed of a call.
enum Report {
    /// What the caller got: its own cancel object of the call, and the result.
    Result(CallId, Result<CancelObject, Code>, Code),
    /// Whether the server entered the method.
    Entered(CallId, bool),
    /// What a `Cancel` with this window returned.
    Request(CancelObject, Window, Code),
}

/// What all threads observed, by call.
#[derive(Default)]
struct Seen {
    results: BTreeMap<CallId, (Result<CancelObject, Code>, Code)>,
    entered: BTreeMap<CallId, bool>,
    requests: Vec<(CancelObject, Window, Code)>,
}

/// What each thread gets a copy of.
#[derive(Clone)]
struct Shared {
    monitor: Arc<Monitor<StdRuntime>>,
    report: mpsc::Sender<Report>,
    /// For each client, how many of its calls have returned.
    ended: Arc<[AtomicU32; CLIENTS as usize]>,
}

fn calls(client: u32) -> impl Iterator<Item = CallId> {
    (client * CALLS..(client + 1) * CALLS).map(CallId)
}

/// What the server of this call replies; each call's reply is different.
fn own_reply(call: CallId) -> Code {
    Code(0x1000 + call.0)
}

/// Whether the client disables cancellation while it issues this call.
fn is_sealed(call: CallId) -> bool {
    call.0 % 5 == 4
}

/// Whether the server of this call waits for a cancel request before it replies.
fn is_patient(call: CallId) -> bool {
    call.0.is_multiple_of(4) && !is_sealed(call)
}

impl Shared {
    fn say(&self, report: Report) {
        self.report.send(report).expect("the test listens");
    }

    fn call_all(&self, client: u32) {
        let (me, monitor) = (ThreadId(client), &self.monitor);
        for call in calls(client) {
            if is_sealed(call) {
                assert_eq!(monitor.disable(me), Code::S_OK);
            }
            assert_eq!(monitor.issue(me, call), Code::S_OK);
            let object = monitor.get_cancel_object(me);
            self.say(Report::Result(call, object, monitor.await_call(me, call)));
            if is_sealed(call) {
                assert_eq!(monitor.enable(me), Code::S_OK);
            }
            self.ended[client as usize].fetch_add(1, Ordering::SeqCst);
        }
    }

    fn serve_all(&self, client: u32) {
        let (me, monitor) = (ThreadId(client), &self.monitor);
        for call in calls(client) {
            let entered = monitor.dispatch(me, call) == Code::S_OK;
            self.say(Report::Entered(call, entered));
            if !entered {
                continue;
            }
            thread::sleep(TICK * (call.0 % 3) / 2);
            while is_patient(call) && monitor.test_cancel(me, call) == Code::RPC_S_CALLPENDING {
                thread::yield_now();
            }
            assert_eq!(monitor.reply(me, call, own_reply(call)), Code::S_OK);
        }
    }

    /// Cancels the client's pending call again and again, until the client has made all its calls.
    fn cancel_all(&self, client: u32, salt: u32) {
        let windows =
            [Window::Seconds(1), Window::Seconds(0), Window::Infinite, Window::Seconds(2)];
        for window in windows.into_iter().cycle().skip(salt as usize) {
            if self.ended[client as usize].load(Ordering::SeqCst) == CALLS {
                return;
            }
            if let Ok(object) = self.monitor.get_cancel_object(ThreadId(client)) {
                let code = self.monitor.cancel(object, window);
                self.say(Report::Request(object, window, code));
            }
            thread::sleep(TICK / 2);
        }
    }
}

/// Clients make calls, servers reply in the order of the calls, cancellers cancel what is pending.
fn run(monitor: &Arc<Monitor<StdRuntime>>) -> Seen {
    let (report, reports) = mpsc::channel();
    let shared = Shared { monitor: Arc::clone(monitor), report, ended: Arc::default() };
    let start = Arc::new(Barrier::new((CLIENTS * (2 + CANCELLERS)) as usize));
    let mut threads = Vec::new();
    for (client, role) in (0..CLIENTS).flat_map(|c| (0..2 + CANCELLERS).map(move |r| (c, r))) {
        let (shared, start) = (shared.clone(), Arc::clone(&start));
        threads.push(thread::spawn(move || {
            start.wait();
            match role {
                0 => shared.call_all(client),
                1 => shared.serve_all(client),
                salt => shared.cancel_all(client, salt),
            }
        }));
    }
    drop(shared);
    let mut seen = Seen::default();
    loop {
        match reports.recv_timeout(WATCHDOG) {
            Ok(Report::Result(call, object, code)) => {
                assert!(seen.results.insert(call, (object, code)).is_none());
            }
            Ok(Report::Entered(call, entered)) => {
                assert!(seen.entered.insert(call, entered).is_none());
            }
            Ok(Report::Request(object, window, code)) => seen.requests.push((object, window, code)),
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("it hangs"),
        }
    }
    for thread in threads {
        thread.join().expect("no thread panics");
    }
    seen
}

/// Checks that what the threads observed of each call is consistent.
fn judge(monitor: &Monitor<StdRuntime>, reading: Reading, seen: &Seen) {
    assert_eq!(seen.results.len(), (CLIENTS * CALLS) as usize);
    assert_eq!(seen.entered.len(), seen.results.len());
    for (&call, &(object, result)) in &seen.results {
        let is_canceled = result == Code::RPC_E_CALL_CANCELED;
        assert!(is_canceled || result == own_reply(call), "{call:?} got {result}");
        assert!(seen.entered[&call] || is_canceled, "{call:?} completed without its server");
        let Ok(object) = object else {
            let is_hidden = is_sealed(call) && reading.cancelable == Cancelable::AtRequest;
            assert!(is_hidden && !is_canceled, "{call:?} has no object, and got {result}");
            continue;
        };
        let codes = seen.requests.iter().filter(|(of, ..)| *of == object);
        let codes: Vec<(Window, Code)> = codes.map(|(_, window, code)| (*window, *code)).collect();
        let accepted = codes.iter().filter(|(_, code)| *code == Code::S_OK).count();
        assert!(accepted <= 1, "{call:?} was canceled twice");
        assert!(!is_canceled || accepted == 1, "nobody canceled {call:?}");
        assert!(!is_patient(call) || !codes.is_empty(), "{call:?} was waited for");
        let after = if is_canceled { Code::RPC_E_CALL_CANCELED } else { Code::RPC_E_CALL_COMPLETE };
        assert_eq!(monitor.test_cancel_object(object), after, "{call:?} changed its mind");
        for (window, code) in codes {
            let is_possible = match code {
                Code::S_OK => window != Window::Infinite || reading.waiter == Waiter::Caller,
                Code::RPC_E_CALL_CANCELED => !is_sealed(call),
                Code::RPC_E_CALL_COMPLETE => !is_canceled,
                Code::CO_E_CANCEL_DISABLED => is_sealed(call),
                _ => false,
            };
            assert!(is_possible, "{code} for {window} s on {call:?}, which got {result}");
        }
    }
}

#[test]
fn each_of_many_calls_ends_in_one_outcome_that_everybody_agrees_on() {
    for reading in Reading::ALL {
        let depths = [1; CLIENTS as usize];
        let monitor = Arc::new(Monitor::new(StdRuntime::with_tick(TICK), reading, &depths));
        judge(&monitor, reading, &run(&monitor));
    }
}
