//! Seeded bugs between the server's reply and the caller.

use calloff_model::{CancelTarget, Code, Machine, Op, Poll, Request, Server, Settled, Ticks};

use super::requested_call;
use crate::world::Memory;

pub(super) fn accepted_means_canceled(
    m: &mut Machine,
    _: &mut Memory,
    op: &mut Op,
    now: Ticks,
) -> Poll {
    if let Op::Reply { call, .. } = op
        && m.call(*call).is_some_and(|call| call.request != Request::None)
    {
        return Poll::Ready(Code::S_OK);
    }
    m.poll(op, now)
}

pub(super) fn reply_loses_to_expiry(
    m: &mut Machine,
    _: &mut Memory,
    op: &mut Op,
    now: Ticks,
) -> Poll {
    let waiter = m.reading().waiter;
    let loses = matches!(op, Op::Await { call } if m.call(*call)
        .is_some_and(|call| call.is_complete() && call.request.has_expired(waiter, now)));
    let poll = m.poll(op, now);
    if loses { Poll::Ready(Code::RPC_E_CALL_CANCELED) } else { poll }
}

pub(super) fn result_flattened(m: &mut Machine, _: &mut Memory, op: &mut Op, now: Ticks) -> Poll {
    let completes = matches!(op, Op::Await { call } if m.call(*call)
        .is_some_and(|call| call.is_complete()));
    let poll = m.poll(op, now);
    if completes { Poll::Ready(Code::S_OK) } else { poll }
}

pub(super) fn late_reply_to_next_call(
    m: &mut Machine,
    _: &mut Memory,
    op: &mut Op,
    now: Ticks,
) -> Poll {
    if let Op::Reply { call, code } = *op
        && m.call(call).is_some_and(|call| call.settled != Settled::No)
        && let Some(&next) = m.stack().last()
    {
        if m.call(next).is_some_and(|call| call.server == Server::Idle) {
            m.poll(&mut Op::Dispatch { call: next }, now);
        }
        m.poll(&mut Op::Reply { call: next, code }, now);
    }
    m.poll(op, now)
}

pub(super) fn late_reply_delivered(
    m: &mut Machine,
    memory: &mut Memory,
    op: &mut Op,
    now: Ticks,
) -> Poll {
    let asked = match op {
        Op::TestCancelObject { object } => *object,
        Op::Cancel { target: CancelTarget::Object(_), .. } => requested_call(op),
        _ => None,
    };
    if asked.is_some_and(|call| memory.calls.contains(&call)) {
        return Poll::Ready(Code::RPC_E_CALL_COMPLETE);
    }
    if let Op::Reply { call, .. } = op
        && m.call(*call).is_some_and(|call| call.settled == Settled::Canceled)
    {
        memory.calls.push(*call);
    }
    m.poll(op, now)
}

pub(super) fn test_cancel_forgets(
    m: &mut Machine,
    _: &mut Memory,
    op: &mut Op,
    now: Ticks,
) -> Poll {
    if let Op::TestCancel { serving: Some(call) } = op
        && m.call(*call).is_some_and(|call| call.request == Request::Expired)
    {
        return Poll::Ready(Code::RPC_S_CALLPENDING);
    }
    m.poll(op, now)
}

pub(super) fn expired_call_entered(
    m: &mut Machine,
    _: &mut Memory,
    op: &mut Op,
    now: Ticks,
) -> Poll {
    let is_dispatch = matches!(op, Op::Dispatch { .. });
    match m.poll(op, now) {
        Poll::Ready(_) if is_dispatch => Poll::Ready(Code::S_OK),
        poll => poll,
    }
}
