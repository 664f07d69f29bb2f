//! The meaning of the machine, fact by fact: each row of `Cancel`'s page, and each decision where
//! the sources are silent.

use calloff_model::{CallId, Cancelable, Code, Machine, Op, Poll, Reading, Ticks, Waiter, Window};

const CALL: CallId = CallId(1);
const NEXT: CallId = CallId(2);

/// One machine, stepped by hand.
struct Bench {
    machine: Machine,
    now: Ticks,
}

impl Bench {
    fn new(reading: Reading, depth: u32) -> Bench {
        Bench { machine: Machine::new(reading, depth), now: Ticks(0) }
    }

    /// A machine at depth 1, with a call that was issued and dispatched.
    fn in_call(reading: Reading) -> Bench {
        let mut bench = Bench::new(reading, 1);
        bench.issue(CALL);
        bench.ready(Op::Dispatch { call: CALL });
        bench
    }

    fn poll(&mut self, op: &mut Op) -> Poll {
        self.machine.poll(op, self.now)
    }

    fn ready(&mut self, mut op: Op) -> Code {
        match self.poll(&mut op) {
            Poll::Ready(code) => code,
            poll => panic!("{op:?} is not over: {poll:?}"),
        }
    }

    fn issue(&mut self, call: CallId) {
        assert_eq!(self.ready(Op::Issue { call }), Code::S_OK);
    }

    fn reply(&mut self, code: Code) {
        assert_eq!(self.ready(Op::Reply { call: CALL, code }), Code::S_OK);
    }

    fn result(&mut self) -> Code {
        self.ready(Op::Await { call: CALL })
    }

    /// Starts a `Cancel` of the call and polls it until it is over or has to wait.
    fn cancel(&mut self, window: Window) -> (Op, Poll) {
        let mut op = Op::cancel_object(Some(CALL), window);
        loop {
            match self.poll(&mut op) {
                Poll::Advanced => {}
                poll => return (op, poll),
            }
        }
    }

    fn cancel_now(&mut self) -> Poll {
        self.cancel(Window::Seconds(0)).1
    }

    fn cancel_thread(&mut self) -> Code {
        let mut op = Op::cancel_thread(Window::Seconds(0));
        loop {
            match self.poll(&mut op) {
                Poll::Advanced => {}
                Poll::Ready(code) => return code,
                poll => panic!("a cancel of 0 seconds never waits: {poll:?}"),
            }
        }
    }
}

fn with_waiter(waiter: Waiter) -> impl Iterator<Item = Reading> {
    Reading::ALL.into_iter().filter(move |reading| reading.waiter == waiter)
}

fn with_cancelable(cancelable: Cancelable) -> impl Iterator<Item = Reading> {
    Reading::ALL.into_iter().filter(move |reading| reading.cancelable == cancelable)
}

// The rows of `Cancel`'s page.

#[test]
fn s_ok_means_that_the_request_was_made_and_the_reply_may_still_win() {
    for reading in Reading::ALL {
        let mut bench = Bench::in_call(reading);
        assert_eq!(bench.cancel_now(), Poll::Ready(Code::S_OK));
        bench.reply(Code::S_FALSE);
        assert_eq!(bench.result(), Code::S_FALSE, "{reading}");
    }
}

#[test]
fn a_second_cancel_is_told_that_the_call_was_already_canceled() {
    for reading in Reading::ALL {
        let mut bench = Bench::in_call(reading);
        assert_eq!(bench.cancel_now(), Poll::Ready(Code::S_OK));
        assert_eq!(bench.cancel_now(), Poll::Ready(Code::RPC_E_CALL_CANCELED), "{reading}");
        assert_eq!(bench.result(), Code::RPC_E_CALL_CANCELED);
        assert_eq!(bench.cancel_now(), Poll::Ready(Code::RPC_E_CALL_CANCELED), "{reading}");
    }
}

#[test]
fn a_cancel_is_disabled_on_a_thread_that_never_enabled_it() {
    for reading in Reading::ALL {
        let mut bench = Bench::new(reading, 0);
        bench.issue(CALL);
        assert_eq!(bench.cancel_now(), Poll::Ready(Code::CO_E_CANCEL_DISABLED), "{reading}");
        assert_eq!(bench.cancel_thread(), Code::CO_E_CANCEL_DISABLED, "{reading}");
        let test = Op::TestCancel { serving: Some(CALL) };
        assert_eq!(bench.ready(test), Code::RPC_S_CALLPENDING, "a refusal changes nothing");
    }
}

#[test]
fn a_reply_within_the_window_is_reported_as_complete() {
    for reading in with_waiter(Waiter::Canceller) {
        let mut bench = Bench::in_call(reading);
        let (mut cancel, poll) = bench.cancel(Window::Seconds(5));
        assert_eq!(poll, Poll::Pending { deadline: Some(Ticks(5)) });
        bench.now = Ticks(4);
        bench.reply(Code::S_OK);
        assert_eq!(bench.poll(&mut cancel), Poll::Ready(Code::RPC_E_CALL_COMPLETE), "{reading}");
        assert_eq!(bench.result(), Code::S_OK);
    }
}

#[test]
fn a_call_that_is_complete_before_the_request_is_reported_as_complete() {
    for reading in Reading::ALL {
        let mut bench = Bench::in_call(reading);
        bench.reply(Code::S_OK);
        assert_eq!(bench.cancel_now(), Poll::Ready(Code::RPC_E_CALL_COMPLETE), "{reading}");
        assert_eq!(bench.result(), Code::S_OK);
        assert_eq!(bench.cancel_now(), Poll::Ready(Code::RPC_E_CALL_COMPLETE), "{reading}");
    }
}

#[test]
fn a_canceled_method_returns_that_it_was_canceled() {
    for reading in Reading::ALL {
        let mut bench = Bench::in_call(reading);
        bench.cancel_now();
        assert_eq!(bench.result(), Code::RPC_E_CALL_CANCELED, "{reading}");
    }
}

// The window.

#[test]
fn the_end_of_the_window_releases_the_caller() {
    for reading in with_waiter(Waiter::Canceller) {
        let mut bench = Bench::in_call(reading);
        let (mut cancel, _) = bench.cancel(Window::Seconds(5));
        let mut result = Op::Await { call: CALL };
        bench.now = Ticks(5);
        assert_eq!(
            bench.poll(&mut result),
            Poll::Pending { deadline: None },
            "only the wait expires"
        );
        assert_eq!(bench.poll(&mut cancel), Poll::Ready(Code::S_OK));
        assert_eq!(bench.poll(&mut result), Poll::Ready(Code::RPC_E_CALL_CANCELED), "{reading}");
    }
}

#[test]
fn the_caller_itself_waits_for_the_window_under_the_other_reading() {
    for reading in with_waiter(Waiter::Caller) {
        let mut bench = Bench::in_call(reading);
        assert_eq!(bench.cancel(Window::Seconds(5)).1, Poll::Ready(Code::S_OK));
        let mut result = Op::Await { call: CALL };
        assert_eq!(bench.poll(&mut result), Poll::Pending { deadline: Some(Ticks(5)) });
        bench.now = Ticks(5);
        assert_eq!(bench.poll(&mut result), Poll::Ready(Code::RPC_E_CALL_CANCELED), "{reading}");
    }
}

#[test]
fn a_reply_at_the_very_end_of_the_window_wins() {
    for reading in Reading::ALL {
        let mut bench = Bench::in_call(reading);
        let (mut cancel, poll) = bench.cancel(Window::Seconds(5));
        bench.now = Ticks(5);
        bench.reply(Code::S_OK);
        if poll != Poll::Ready(Code::S_OK) {
            assert_eq!(bench.poll(&mut cancel), Poll::Ready(Code::RPC_E_CALL_COMPLETE));
        }
        assert_eq!(bench.result(), Code::S_OK, "{reading}");
    }
}

#[test]
fn an_infinite_window_is_ended_by_a_reply_alone() {
    for reading in Reading::ALL {
        let mut bench = Bench::in_call(reading);
        let (mut cancel, poll) = bench.cancel(Window::Infinite);
        bench.now = Ticks(u64::MAX);
        let mut result = Op::Await { call: CALL };
        assert_eq!(bench.poll(&mut result), Poll::Pending { deadline: None }, "{reading}");
        if reading.waiter == Waiter::Canceller {
            assert_eq!(poll, Poll::Pending { deadline: None });
            bench.reply(Code::S_OK);
            assert_eq!(bench.poll(&mut cancel), Poll::Ready(Code::RPC_E_CALL_COMPLETE));
        }
    }
}

// When a call can be canceled.

#[test]
fn under_at_issue_toggling_after_the_issue_does_not_matter() {
    for reading in with_cancelable(Cancelable::AtIssue) {
        let mut bench = Bench::in_call(reading);
        bench.ready(Op::Disable);
        assert_eq!(bench.cancel_thread(), Code::S_OK, "{reading}");
        let mut bench = Bench::new(reading, 0);
        bench.issue(CALL);
        bench.ready(Op::Enable);
        assert_eq!(bench.cancel_thread(), Code::CO_E_CANCEL_DISABLED, "{reading}");
    }
}

#[test]
fn under_at_request_only_the_depth_at_the_request_matters() {
    for reading in with_cancelable(Cancelable::AtRequest) {
        let mut bench = Bench::in_call(reading);
        bench.ready(Op::Disable);
        assert_eq!(bench.cancel_now(), Poll::Ready(Code::CO_E_CANCEL_DISABLED), "{reading}");
        let get = Op::GetCancelObject { got: None };
        assert_eq!(bench.ready(get), Code::CO_E_CANCEL_DISABLED, "no object while disabled");
        bench.ready(Op::Enable);
        assert_eq!(bench.cancel_now(), Poll::Ready(Code::S_OK), "{reading}");
    }
}

#[test]
fn a_disable_that_leaves_the_depth_above_zero_succeeds() {
    let mut bench = Bench::new(Reading::default(), 2);
    assert_eq!(bench.ready(Op::Disable), Code::S_OK);
    assert_eq!(bench.ready(Op::Disable), Code::S_OK);
    assert_eq!(bench.ready(Op::Disable), Code::CO_E_CANCEL_DISABLED);
    assert_eq!(bench.machine.depth(), 0);
}

// Decisions where the sources are silent.

#[test]
fn the_thread_that_processes_the_call_is_the_one_that_issued_it() {
    // A machine is one thread: only the depth of the machine that issued the call counts.
    for reading in Reading::ALL {
        let mut server = Machine::new(reading, 0);
        let mut bench = Bench::in_call(reading);
        assert_eq!(
            server.poll(&mut Op::Disable, Ticks(0)),
            Poll::Ready(Code::CO_E_CANCEL_DISABLED)
        );
        assert_eq!(bench.cancel_now(), Poll::Ready(Code::S_OK), "{reading}");
    }
}

#[test]
fn a_second_request_inside_the_window_is_already_canceled() {
    for reading in Reading::ALL {
        let mut bench = Bench::in_call(reading);
        bench.cancel(Window::Seconds(5));
        assert_eq!(bench.cancel_now(), Poll::Ready(Code::RPC_E_CALL_CANCELED), "{reading}");
    }
}

#[test]
fn facts_about_the_call_come_before_the_disabled_row() {
    for reading in Reading::ALL {
        let mut bench = Bench::new(reading, 0);
        bench.issue(CALL);
        bench.ready(Op::Dispatch { call: CALL });
        bench.reply(Code::S_OK);
        assert_eq!(bench.cancel_now(), Poll::Ready(Code::RPC_E_CALL_COMPLETE), "{reading}");
        let mut bench = Bench::in_call(reading);
        bench.cancel_now();
        bench.ready(Op::Disable);
        assert_eq!(bench.cancel_now(), Poll::Ready(Code::RPC_E_CALL_CANCELED), "{reading}");
    }
}

#[test]
fn no_object_comes_before_disabled() {
    for reading in Reading::ALL {
        assert_eq!(Bench::new(reading, 0).cancel_thread(), Code::E_NOINTERFACE, "{reading}");
    }
}

#[test]
fn a_stale_handle_answers_about_its_own_call_and_touches_no_other() {
    for reading in Reading::ALL {
        let mut bench = Bench::in_call(reading);
        bench.reply(Code::S_OK);
        bench.result();
        bench.issue(NEXT);
        assert_eq!(bench.cancel_now(), Poll::Ready(Code::RPC_E_CALL_COMPLETE), "{reading}");
        let test = Op::TestCancelObject { object: Some(NEXT) };
        assert_eq!(bench.ready(test), Code::RPC_S_CALLPENDING);
    }
}

#[test]
fn a_cancel_with_nothing_pending_is_not_remembered() {
    for reading in Reading::ALL {
        let mut bench = Bench::new(reading, 1);
        assert_eq!(bench.cancel_thread(), Code::E_NOINTERFACE);
        bench.issue(CALL);
        let test = Op::TestCancel { serving: Some(CALL) };
        assert_eq!(bench.ready(test), Code::RPC_S_CALLPENDING, "{reading}");
    }
}

#[test]
fn a_reply_completes_the_call_whatever_it_says() {
    for reading in Reading::ALL {
        let mut bench = Bench::in_call(reading);
        bench.reply(Code::RPC_E_CALL_CANCELED);
        assert_eq!(bench.cancel_now(), Poll::Ready(Code::RPC_E_CALL_COMPLETE), "{reading}");
        assert_eq!(bench.result(), Code::RPC_E_CALL_CANCELED);
        let test = Op::TestCancelObject { object: Some(CALL) };
        assert_eq!(bench.ready(test), Code::RPC_E_CALL_COMPLETE, "completed, not canceled");
    }
}

// Lifetimes.

#[test]
fn a_late_reply_is_dropped_and_reaches_no_other_call() {
    for reading in Reading::ALL {
        let mut bench = Bench::in_call(reading);
        bench.cancel_now();
        assert_eq!(bench.result(), Code::RPC_E_CALL_CANCELED);
        bench.issue(NEXT);
        bench.ready(Op::Dispatch { call: NEXT });
        bench.reply(Code::S_FALSE);
        let mut next = Op::Await { call: NEXT };
        assert_eq!(bench.poll(&mut next), Poll::Pending { deadline: None }, "{reading}");
        let test = Op::TestCancelObject { object: Some(CALL) };
        assert_eq!(bench.ready(test), Code::RPC_E_CALL_CANCELED, "the outcome never changes");
    }
}

#[test]
fn a_call_whose_request_expired_before_dispatch_is_never_entered() {
    for reading in Reading::ALL {
        let mut bench = Bench::new(reading, 1);
        bench.issue(CALL);
        bench.cancel_now();
        let dispatch = Op::Dispatch { call: CALL };
        assert_eq!(bench.ready(dispatch), Code::RPC_E_CALL_CANCELED, "{reading}");
    }
}

#[test]
fn a_cancel_of_a_thread_reaches_its_innermost_pending_call() {
    for reading in Reading::ALL {
        let mut bench = Bench::in_call(reading);
        bench.issue(NEXT);
        assert_eq!(bench.cancel_thread(), Code::S_OK);
        let mut inner = Op::Await { call: NEXT };
        assert_eq!(bench.poll(&mut inner), Poll::Ready(Code::RPC_E_CALL_CANCELED), "{reading}");
        let mut outer = Op::Await { call: CALL };
        assert_eq!(bench.poll(&mut outer), Poll::Pending { deadline: None }, "{reading}");
        assert_eq!(bench.cancel_thread(), Code::S_OK, "now the outer call is the innermost");
        assert_eq!(bench.poll(&mut outer), Poll::Ready(Code::RPC_E_CALL_CANCELED), "{reading}");
    }
}
