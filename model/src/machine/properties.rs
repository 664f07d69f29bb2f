//! Tests the numbered invariants of the module on random sequences of operations.

use proptest::prelude::*;

use super::*;

/// One event of a random run: an operation starts or continues, or time passes.
#[derive(Clone, Debug)]
enum Event {
    Poll(Op),
    GoOn(usize),
    Time(u64),
}

fn call() -> impl Strategy<Value = CallId> {
    (0..3_u32).prop_map(CallId)
}

fn window() -> impl Strategy<Value = Window> {
    let seconds = [0, 1, 2, u32::MAX - 1].map(Window::Seconds);
    prop::sample::select(vec![seconds[0], seconds[1], seconds[2], seconds[3], Window::Infinite])
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        Just(Op::Enable),
        Just(Op::Disable),
        call().prop_map(|call| Op::Issue { call }),
        call().prop_map(|call| Op::Await { call }),
        call().prop_map(|call| Op::Dispatch { call }),
        call().prop_map(|call| Op::Reply { call, code: Code(call.0) }),
        call().prop_map(|call| Op::TestCancel { serving: Some(call) }),
        call().prop_map(|call| Op::TestCancelObject { object: Some(call) }),
        Just(Op::GetCancelObject { got: None }),
        window().prop_map(Op::cancel_thread),
        (call(), window()).prop_map(|(call, window)| Op::cancel_object(Some(call), window)),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => op().prop_map(Event::Poll),
        3 => (0..4_usize).prop_map(Event::GoOn),
        1 => (1..3_u64).prop_map(Event::Time),
    ]
}

fn reading() -> impl Strategy<Value = Reading> {
    prop::sample::select(Reading::ALL.to_vec())
}

/// The position of the request in the order none, open, expired; it never decreases.
fn rank(request: Request) -> u8 {
    match request {
        Request::None => 0,
        Request::Open { .. } => 1,
        Request::Expired => 2,
    }
}

fn server_rank(server: Server) -> u8 {
    match server {
        Server::Idle => 0,
        Server::Running => 1,
        Server::Replied(_) | Server::Skipped => 2,
    }
}

fn stage_rank(op: &Op) -> u8 {
    match op {
        Op::Cancel { stage: Stage::Start, .. } => 0,
        Op::Cancel { stage: Stage::Request(_), .. } => 1,
        Op::Cancel { stage: Stage::Wait { .. }, .. } => 2,
        _ => 0,
    }
}

fn check_step(before: &Machine, was: &Op, after: &Machine, is: &Op, poll: Poll) {
    for (id, old) in before.calls() {
        let new = after.call(id).expect("a call is never forgotten");
        if old.settled != Settled::No {
            assert_eq!(old.settled, new.settled, "invariant 1");
        } else if new.settled != Settled::No {
            assert!(matches!(was, Op::Await { call } if *call == id), "invariant 1");
        }
        assert!(rank(old.request) <= rank(new.request), "invariant 2");
        assert!(server_rank(old.server) <= server_rank(new.server), "invariant 7");
        if let Server::Replied(_) = old.server {
            assert_eq!(old.server, new.server, "invariant 7");
            assert_ne!(new.settled, Settled::Canceled, "invariant 3");
        }
        assert_eq!(old.cancelable_at_issue, new.cancelable_at_issue, "invariant 8");
    }
    let mut pending: Vec<CallId> = after.stack().to_vec();
    pending.sort();
    let unsettled = after.calls().filter(|(_, call)| call.settled == Settled::No);
    assert_eq!(pending, unsettled.map(|(id, _)| id).collect::<Vec<_>>(), "invariant 4");
    let is_refused = matches!(poll, Poll::Ready(code) if code != Code::S_OK);
    if matches!(was, Op::Cancel { .. }) && is_refused {
        assert_eq!(before, after, "invariant 5");
    }
    match poll {
        Poll::Pending { .. } => assert_eq!((before, was), (after, is), "invariant 6"),
        Poll::Advanced => assert!(stage_rank(was) < stage_rank(is), "invariant 9"),
        Poll::Ready(_) => {}
    }
}

proptest! {
    #[test]
    fn the_invariants_hold_after_every_step(
        reading in reading(),
        depth in 0..3_u32,
        events in prop::collection::vec(event(), 0..60),
    ) {
        let mut machine = Machine::new(reading, depth);
        let mut now = Ticks::default();
        let mut in_flight: Vec<Op> = Vec::new();
        for event in events {
            let mut op = match event {
                Event::Time(seconds) => {
                    now = Ticks(now.0 + seconds);
                    continue;
                }
                Event::Poll(op) => op,
                Event::GoOn(index) if index < in_flight.len() => in_flight.remove(index),
                Event::GoOn(_) => continue,
            };
            let (before, was) = (machine.clone(), op);
            let poll = machine.poll(&mut op, now);
            check_step(&before, &was, &machine, &op, poll);
            if !matches!(poll, Poll::Ready(_)) {
                in_flight.push(op);
            }
        }
    }

    #[test]
    fn a_pending_operation_that_names_a_deadline_can_go_on_when_it_is_reached(
        reading in reading(),
        seconds in 1..5_u32,
    ) {
        let mut machine = Machine::new(reading, 1);
        let call = CallId(0);
        machine.poll(&mut Op::Issue { call }, Ticks(0));
        let mut cancel = Op::cancel_object(Some(call), Window::Seconds(seconds));
        machine.poll(&mut cancel, Ticks(0));
        let mut waiting = match reading.waiter {
            Waiter::Canceller => cancel,
            Waiter::Caller => Op::Await { call },
        };
        let deadline = Some(Ticks(u64::from(seconds)));
        prop_assert_eq!(machine.poll(&mut waiting, Ticks(0)), Poll::Pending { deadline });
        let own = deadline.filter(|_| reading.waiter == Waiter::Caller);
        prop_assert_eq!(machine.deadline(Ticks(0)), own);
        let poll = machine.poll(&mut waiting, Ticks(u64::from(seconds)));
        prop_assert!(matches!(poll, Poll::Ready(_)), "{:?}", poll);
        prop_assert_eq!(machine.deadline(Ticks(u64::from(seconds))), None);
    }
}
