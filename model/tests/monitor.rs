//! The monitor on real threads: every blocking operation, every way in which it ends, and the
//! results when many threads run at once.
//!
//! No test needs a fast machine: times are compared with lower bounds only. A watchdog ends a test
//! that hangs.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use calloff_model::{
    CallId, CancelObject, Cancelable, Code, Monitor, Reading, Runtime, StdRuntime, ThreadId, Ticks,
    Waiter, Window,
};

const CLIENT: ThreadId = ThreadId(0);
const OTHER: ThreadId = ThreadId(1);
const CALL: CallId = CallId(1);
const NEXT: CallId = CallId(2);

const CANCELLER_WAITS: Reading =
    Reading { cancelable: Cancelable::AtIssue, waiter: Waiter::Canceller };
const CALLER_WAITS: Reading = Reading { cancelable: Cancelable::AtIssue, waiter: Waiter::Caller };

const NOW: Window = Window::Seconds(0);
const LONGEST: Window = Window::Seconds(u32::MAX - 1);

/// The length of one tick in these tests.
const TICK: Duration = Duration::from_millis(3);

/// No test takes this long unless it hangs.
const WATCHDOG: Duration = Duration::from_secs(300);

/// A process of two COM threads, both at depth 1, and its clock.
#[derive(Clone)]
struct Process {
    monitor: Arc<Monitor<StdRuntime>>,
    clock: StdRuntime,
}

impl Process {
    fn new(reading: Reading) -> Process {
        let clock = StdRuntime::with_tick(TICK);
        Process { monitor: Arc::new(Monitor::new(clock, reading, &[1, 1])), clock }
    }

    /// A process whose client has a call that was issued and dispatched.
    fn in_call(reading: Reading) -> Process {
        let process = Process::new(reading);
        assert_eq!(process.monitor.issue(CLIENT, CALL), Code::S_OK);
        assert_eq!(process.monitor.dispatch(CLIENT, CALL), Code::S_OK);
        process
    }

    fn now(&self) -> Ticks {
        self.clock.now()
    }

    fn sleep(&self, ticks: u32) {
        let until = self.now().after(ticks);
        while self.now() < until {
            thread::sleep(TICK);
        }
    }

    /// Runs `work` on a thread of its own.
    fn spawn<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Process) -> T + Send + 'static,
    ) -> JoinHandle<T> {
        let process = self.clone();
        thread::spawn(move || work(&process))
    }

    /// Starts a thread that waits for the client's call; it yields the result and the time of the
    /// return.
    fn waiting_client(&self) -> JoinHandle<(Code, Ticks)> {
        self.spawn(|p| (p.monitor.await_call(CLIENT, CALL), p.now()))
    }

    /// Waits until the server can see a cancel request for the call.
    fn wait_for_request(&self) {
        while self.monitor.test_cancel(CLIENT, CALL) == Code::RPC_S_CALLPENDING {
            thread::yield_now();
        }
    }

    fn object(&self) -> CancelObject {
        self.monitor.get_cancel_object(CLIENT).expect("a call is pending")
    }
}

/// Runs a test on a thread of its own, and fails when it hangs.
fn watched(test: impl FnOnce() + Send + 'static) {
    let (done, is_done) = mpsc::channel();
    let test = thread::spawn(move || {
        test();
        let _ = done.send(());
    });
    match is_done.recv_timeout(WATCHDOG) {
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("it hangs"),
        _ => test.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
    }
}

#[test]
fn a_call_blocks_its_caller_until_the_server_replies() {
    watched(|| {
        let process = Process::new(CANCELLER_WAITS);
        let has_replied = Arc::new(AtomicBool::new(false));
        let client = process.spawn({
            let has_replied = Arc::clone(&has_replied);
            move |p| (p.monitor.call(CLIENT, CALL), has_replied.load(Ordering::SeqCst))
        });
        assert_eq!(process.monitor.dispatch(CLIENT, CALL), Code::S_OK);
        process.sleep(2);
        has_replied.store(true, Ordering::SeqCst);
        assert_eq!(process.monitor.reply(CLIENT, CALL, Code::S_FALSE), Code::S_OK);
        assert_eq!(client.join().unwrap(), (Code::S_FALSE, true));
    });
}

#[test]
fn a_dispatch_waits_until_its_call_is_issued() {
    watched(|| {
        let process = Process::new(CANCELLER_WAITS);
        let is_issued = Arc::new(AtomicBool::new(false));
        let server = process.spawn({
            let is_issued = Arc::clone(&is_issued);
            move |p| (p.monitor.dispatch(CLIENT, CALL), is_issued.load(Ordering::SeqCst))
        });
        process.sleep(3);
        is_issued.store(true, Ordering::SeqCst);
        assert_eq!(process.monitor.issue(CLIENT, CALL), Code::S_OK);
        assert_eq!(server.join().unwrap(), (Code::S_OK, true));
    });
}

#[test]
fn a_dispatch_of_a_call_that_was_canceled_before_it_does_not_enter_the_method() {
    watched(|| {
        let process = Process::new(CANCELLER_WAITS);
        process.monitor.issue(CLIENT, CALL);
        assert_eq!(process.monitor.cancel_thread(CLIENT, NOW), Code::S_OK);
        assert_eq!(process.monitor.dispatch(CLIENT, CALL), Code::RPC_E_CALL_CANCELED);
    });
}

#[test]
fn a_cancel_without_a_reply_lasts_for_its_window_and_then_releases_the_caller() {
    watched(|| {
        for ticks in 1..5 {
            let process = Process::in_call(CANCELLER_WAITS);
            let client = process.waiting_client();
            process.sleep(ticks);
            let (asked, object) = (process.now(), process.object());
            assert_eq!(process.monitor.cancel(object, Window::Seconds(ticks)), Code::S_OK);
            assert!(process.now() >= asked.after(ticks));
            let (code, at) = client.join().unwrap();
            assert_eq!(code, Code::RPC_E_CALL_CANCELED);
            assert!(at >= asked.after(ticks), "the caller was released early");
            assert_eq!(process.monitor.test_cancel_object(object), Code::RPC_E_CALL_CANCELED);
        }
    });
}

#[test]
fn a_reply_inside_the_window_completes_the_call() {
    watched(|| {
        let process = Process::in_call(CANCELLER_WAITS);
        let (client, object) = (process.waiting_client(), process.object());
        let canceller = process.spawn(move |p| p.monitor.cancel(object, LONGEST));
        process.wait_for_request();
        assert_eq!(process.monitor.reply(CLIENT, CALL, Code::S_FALSE), Code::S_OK);
        assert_eq!(canceller.join().unwrap(), Code::RPC_E_CALL_COMPLETE);
        assert_eq!(client.join().unwrap().0, Code::S_FALSE);
        assert_eq!(process.monitor.test_cancel_object(object), Code::RPC_E_CALL_COMPLETE);
    });
}

#[test]
fn an_infinite_window_is_ended_by_the_reply() {
    watched(|| {
        let process = Process::in_call(CANCELLER_WAITS);
        let has_replied = Arc::new(AtomicBool::new(false));
        let canceller = process.spawn({
            let has_replied = Arc::clone(&has_replied);
            move |p| {
                let code = p.monitor.cancel_thread(CLIENT, Window::Infinite);
                (code, has_replied.load(Ordering::SeqCst))
            }
        });
        process.wait_for_request();
        process.sleep(3);
        has_replied.store(true, Ordering::SeqCst);
        process.monitor.reply(CLIENT, CALL, Code::S_OK);
        assert_eq!(canceller.join().unwrap(), (Code::RPC_E_CALL_COMPLETE, true));
        assert_eq!(process.monitor.await_call(CLIENT, CALL), Code::S_OK);
    });
}

#[test]
fn a_window_of_nothing_never_blocks_and_releases_a_caller_that_waits() {
    watched(|| {
        for reading in Reading::ALL {
            let process = Process::in_call(reading);
            let client = process.waiting_client();
            // If this `Cancel` waited, no other thread would be there to end it.
            assert_eq!(process.monitor.cancel_thread(CLIENT, NOW), Code::S_OK);
            assert_eq!(client.join().unwrap().0, Code::RPC_E_CALL_CANCELED);
            assert_eq!(process.monitor.cancel_thread(CLIENT, NOW), Code::E_NOINTERFACE);
        }
    });
}

#[test]
fn the_longest_windows_neither_overflow_nor_end_at_once() {
    watched(|| {
        for tick in [Duration::ZERO, TICK, Duration::from_secs(1), Duration::MAX] {
            let clock = StdRuntime::with_tick(tick);
            for waiter in [CANCELLER_WAITS, CALLER_WAITS] {
                let process =
                    Process { monitor: Arc::new(Monitor::new(clock, waiter, &[1])), clock };
                process.monitor.issue(CLIENT, CALL);
                process.monitor.dispatch(CLIENT, CALL);
                // When a tick takes no time, even the longest finite window may end before the
                // reply.
                let window = if tick.is_zero() { Window::Infinite } else { LONGEST };
                let (client, object) = (process.waiting_client(), process.object());
                let canceller = process.spawn(move |p| p.monitor.cancel(object, window));
                process.wait_for_request();
                process.monitor.reply(CLIENT, CALL, Code::S_FALSE);
                let is_canceller = waiter == CANCELLER_WAITS;
                let expected = if is_canceller { Code::RPC_E_CALL_COMPLETE } else { Code::S_OK };
                assert_eq!(canceller.join().unwrap(), expected);
                assert_eq!(client.join().unwrap().0, Code::S_FALSE);
            }
        }
    });
}

#[test]
fn a_caller_that_has_the_deadline_times_out_by_itself() {
    watched(|| {
        let process = Process::in_call(CALLER_WAITS);
        let asked = process.now();
        // Both operations run on this thread, so no other thread can end either of them.
        assert_eq!(process.monitor.cancel_thread(CLIENT, Window::Seconds(3)), Code::S_OK);
        assert_eq!(process.monitor.await_call(CLIENT, CALL), Code::RPC_E_CALL_CANCELED);
        assert!(process.now() >= asked.after(3));
        assert_eq!(process.monitor.test_cancel(CLIENT, CALL), Code::RPC_E_CALL_CANCELED);
    });
}

#[test]
fn a_caller_that_already_waits_gets_the_deadline_of_a_request_that_comes_later() {
    watched(|| {
        let process = Process::in_call(CALLER_WAITS);
        let client = process.waiting_client();
        process.sleep(2);
        let asked = process.now();
        assert_eq!(process.monitor.cancel_thread(CLIENT, Window::Seconds(2)), Code::S_OK);
        let (code, at) = client.join().unwrap();
        assert_eq!(code, Code::RPC_E_CALL_CANCELED);
        assert!(at >= asked.after(2));
    });
}

#[test]
fn a_canceller_that_leaves_the_caller_the_deadline_returns_at_once_from_an_infinite_window() {
    watched(|| {
        let process = Process::in_call(CALLER_WAITS);
        assert_eq!(process.monitor.cancel_thread(CLIENT, Window::Infinite), Code::S_OK);
        process.monitor.reply(CLIENT, CALL, Code::S_FALSE);
        assert_eq!(process.monitor.await_call(CLIENT, CALL), Code::S_FALSE);
    });
}

#[test]
fn a_second_request_is_refused_at_once_while_the_window_of_the_first_is_open() {
    watched(|| {
        let process = Process::in_call(CANCELLER_WAITS);
        let first = process.spawn(|p| p.monitor.cancel_thread(CLIENT, LONGEST));
        process.wait_for_request();
        for window in [NOW, Window::Seconds(1), LONGEST, Window::Infinite] {
            let code = process.monitor.cancel_thread(CLIENT, window);
            assert_eq!(code, Code::RPC_E_CALL_CANCELED);
        }
        process.monitor.reply(CLIENT, CALL, Code::S_OK);
        assert_eq!(first.join().unwrap(), Code::RPC_E_CALL_COMPLETE);
    });
}

#[test]
fn a_refused_request_never_waits_and_changes_nothing() {
    watched(|| {
        let process = Process::new(CANCELLER_WAITS);
        assert_eq!(process.monitor.disable(CLIENT), Code::S_OK);
        assert_eq!(process.monitor.disable(CLIENT), Code::CO_E_CANCEL_DISABLED);
        process.monitor.issue(CLIENT, CALL);
        assert_eq!(process.monitor.enable(CLIENT), Code::S_OK);
        process.monitor.dispatch(CLIENT, CALL);
        for window in [NOW, LONGEST, Window::Infinite] {
            let code = process.monitor.cancel_thread(CLIENT, window);
            assert_eq!(code, Code::CO_E_CANCEL_DISABLED);
        }
        assert_eq!(process.monitor.test_cancel(CLIENT, CALL), Code::RPC_S_CALLPENDING);
        process.monitor.reply(CLIENT, CALL, Code::S_FALSE);
        assert_eq!(process.monitor.await_call(CLIENT, CALL), Code::S_FALSE);
    });
}

#[test]
fn a_thread_whose_canceller_waits_does_not_keep_another_thread_waiting() {
    watched(|| {
        let process = Process::in_call(CANCELLER_WAITS);
        let (client, object) = (process.waiting_client(), process.object());
        let canceller = process.spawn(move |p| p.monitor.cancel(object, LONGEST));
        process.wait_for_request();
        // Every operation of the other COM thread, while two OS threads wait on the first one.
        let monitor = &process.monitor;
        assert_eq!(monitor.enable(OTHER), Code::S_OK);
        assert_eq!(monitor.issue(OTHER, NEXT), Code::S_OK);
        assert_eq!(monitor.dispatch(OTHER, NEXT), Code::S_OK);
        assert_eq!(monitor.test_cancel(OTHER, NEXT), Code::RPC_S_CALLPENDING);
        assert_eq!(monitor.cancel_thread(OTHER, Window::Seconds(1)), Code::S_OK);
        assert_eq!(monitor.await_call(OTHER, NEXT), Code::RPC_E_CALL_CANCELED);
        assert_eq!(monitor.reply(OTHER, NEXT, Code::S_OK), Code::S_OK);
        assert_eq!(monitor.disable(OTHER), Code::S_OK);
        assert_eq!(monitor.test_cancel(CLIENT, CALL), Code::RPC_E_CALL_CANCELED);
        monitor.reply(CLIENT, CALL, Code::S_FALSE);
        assert_eq!(canceller.join().unwrap(), Code::RPC_E_CALL_COMPLETE);
        assert_eq!(client.join().unwrap().0, Code::S_FALSE);
    });
}

#[test]
fn a_late_reply_reaches_neither_its_caller_nor_the_next_call() {
    watched(|| {
        let process = Process::in_call(CANCELLER_WAITS);
        let object = process.object();
        assert_eq!(process.monitor.cancel(object, NOW), Code::S_OK);
        assert_eq!(process.monitor.await_call(CLIENT, CALL), Code::RPC_E_CALL_CANCELED);
        let client = process.spawn(|p| p.monitor.call(CLIENT, NEXT));
        assert_eq!(process.monitor.dispatch(CLIENT, NEXT), Code::S_OK);
        assert_eq!(process.monitor.reply(CLIENT, CALL, Code::E_FAIL), Code::S_OK);
        assert_eq!(process.monitor.cancel(object, Window::Infinite), Code::RPC_E_CALL_CANCELED);
        process.monitor.reply(CLIENT, NEXT, Code::S_FALSE);
        assert_eq!(client.join().unwrap(), Code::S_FALSE);
    });
}
