//! Seeded bugs in finding the call that a cancel is for.

use calloff_model::{
    CallId, CancelTarget, Code, HeldObject, Machine, Op, Poll, Settled, Stage, Ticks, Window,
};

use super::{looks_for_object, requested_call};
use crate::world::Memory;

/// Makes an operation that looks for a cancel object find this call.
pub(super) fn find(op: &mut Op, found: CallId) -> Poll {
    match op {
        Op::GetCancelObject { got } => {
            *got = Some(HeldObject::Call(found));
            Poll::Ready(Code::S_OK)
        }
        Op::Cancel { stage, .. } => {
            *stage = Stage::Request(found);
            Poll::Advanced
        }
        other => unreachable!("{other:?} looks for no object"),
    }
}

pub(super) fn accepted_with_nothing_pending(
    m: &mut Machine,
    _: &mut Memory,
    op: &mut Op,
    now: Ticks,
) -> Poll {
    let is_cancel = matches!(op, Op::Cancel { .. }) && looks_for_object(op);
    match m.poll(op, now) {
        Poll::Ready(Code::E_NOINTERFACE) if is_cancel => Poll::Ready(Code::S_OK),
        poll => poll,
    }
}

pub(super) fn stale_handle_hits_next_call(
    m: &mut Machine,
    _: &mut Memory,
    op: &mut Op,
    now: Ticks,
) -> Poll {
    let stale = requested_call(op)
        .and_then(|id| m.call(id))
        .is_some_and(|call| call.settled != Settled::No);
    if let (true, Some(next), Op::Cancel { target, stage, .. }) =
        (stale, m.stack().last(), &mut *op)
    {
        *target = CancelTarget::Object(Some(*next));
        *stage = Stage::Start;
    }
    m.poll(op, now)
}

pub(super) fn outer_call_hit(m: &mut Machine, _: &mut Memory, op: &mut Op, now: Ticks) -> Poll {
    let looks = looks_for_object(op);
    match (m.poll(op, now), m.stack().first()) {
        (Poll::Advanced | Poll::Ready(Code::S_OK), Some(outermost)) if looks => {
            find(op, *outermost)
        }
        (poll, _) => poll,
    }
}

pub(super) fn settled_call_found(
    m: &mut Machine,
    memory: &mut Memory,
    op: &mut Op,
    now: Ticks,
) -> Poll {
    let looks = looks_for_object(op);
    let poll = m.poll(op, now);
    if let (Op::Await { call }, Poll::Ready(_)) = (&op, poll) {
        memory.calls = vec![*call];
    }
    match (poll, memory.calls.first()) {
        (Poll::Ready(Code::E_NOINTERFACE), Some(settled)) if looks => find(op, *settled),
        _ => poll,
    }
}

pub(super) fn cancel_remembered(
    m: &mut Machine,
    memory: &mut Memory,
    op: &mut Op,
    now: Ticks,
) -> Poll {
    let looks = matches!(op, Op::Cancel { .. }) && looks_for_object(op);
    let poll = m.poll(op, now);
    if looks && poll == Poll::Ready(Code::E_NOINTERFACE) {
        memory.flag = true;
    }
    if let (Op::Issue { call }, true) = (&op, memory.flag) {
        memory.flag = false;
        m.poll(&mut Op::cancel_object(Some(*call), Window::Seconds(0)), now);
    }
    poll
}

pub(super) fn no_object_while_disabled(
    m: &mut Machine,
    _: &mut Memory,
    op: &mut Op,
    now: Ticks,
) -> Poll {
    if looks_for_object(op) && m.depth() == 0 {
        return Poll::Ready(Code::E_NOINTERFACE);
    }
    m.poll(op, now)
}
