//! Seeded bugs in the cancel request and in its window.

use calloff_model::{Cancelable, Code, Machine, Op, Poll, Request, Stage, Ticks, Window};

use super::{force_cancel, looks_for_object, requested_call, set_window};
use crate::world::Memory;

/// Whether the next step of `op` is the first request for a call that has not completed.
fn is_first_request(m: &Machine, op: &Op) -> bool {
    requested_call(op)
        .and_then(|call| m.call(call))
        .is_some_and(|call| call.request == Request::None && !call.is_complete())
}

pub(super) fn already_canceled_at_once(
    m: &mut Machine,
    _: &mut Memory,
    op: &mut Op,
    now: Ticks,
) -> Poll {
    if is_first_request(m, op) {
        return Poll::Ready(Code::RPC_E_CALL_CANCELED);
    }
    m.poll(op, now)
}

pub(super) fn disabled_looked_up_late(
    m: &mut Machine,
    _: &mut Memory,
    op: &mut Op,
    now: Ticks,
) -> Poll {
    if is_first_request(m, op) && m.depth() == 0 {
        return Poll::Ready(Code::CO_E_CANCEL_DISABLED);
    }
    m.poll(op, now)
}

pub(super) fn disabled_still_cancels(
    m: &mut Machine,
    memory: &mut Memory,
    op: &mut Op,
    now: Ticks,
) -> Poll {
    if let (Op::Issue { call }, 0) = (&op, m.depth()) {
        memory.calls.push(*call);
        return poll_as_enabled(m, op, now);
    }
    let refused = match m.reading().cancelable {
        Cancelable::AtIssue => requested_call(op).filter(|call| memory.calls.contains(call)),
        Cancelable::AtRequest if m.depth() > 0 => None,
        Cancelable::AtRequest if looks_for_object(op) => m.stack().last().copied(),
        Cancelable::AtRequest => requested_call(op),
    };
    match refused.filter(|id| m.call(*id).is_some_and(|call| call.request == Request::None)) {
        Some(call) => {
            force_cancel(m, call, now);
            Poll::Ready(Code::CO_E_CANCEL_DISABLED)
        }
        None => m.poll(op, now),
    }
}

pub(super) fn disabled_ignored(m: &mut Machine, _: &mut Memory, op: &mut Op, now: Ticks) -> Poll {
    match op {
        Op::Issue { .. } | Op::Cancel { .. } if m.depth() == 0 => poll_as_enabled(m, op, now),
        _ => m.poll(op, now),
    }
}

/// Polls as if cancellation were enabled on the thread.
fn poll_as_enabled(m: &mut Machine, op: &mut Op, now: Ticks) -> Poll {
    m.poll(&mut Op::Enable, now);
    let poll = m.poll(op, now);
    m.poll(&mut Op::Disable, now);
    poll
}

pub(super) fn complete_on_expiry(m: &mut Machine, _: &mut Memory, op: &mut Op, now: Ticks) -> Poll {
    let waits = matches!(op, Op::Cancel { stage: Stage::Wait { .. }, .. });
    match m.poll(op, now) {
        Poll::Ready(Code::S_OK) if waits => Poll::Ready(Code::RPC_E_CALL_COMPLETE),
        poll => poll,
    }
}

pub(super) fn complete_before_reply(
    m: &mut Machine,
    _: &mut Memory,
    op: &mut Op,
    now: Ticks,
) -> Poll {
    if is_first_request(m, op) {
        return Poll::Ready(Code::RPC_E_CALL_COMPLETE);
    }
    m.poll(op, now)
}

pub(super) fn whole_stack_canceled(
    m: &mut Machine,
    _: &mut Memory,
    op: &mut Op,
    now: Ticks,
) -> Poll {
    let is_cancel = matches!(op, Op::Cancel { .. });
    let poll = m.poll(op, now);
    if is_cancel && poll == Poll::Ready(Code::S_OK) {
        for call in m.stack().to_vec() {
            force_cancel(m, call, now);
        }
    }
    poll
}

pub(super) fn second_cancel_accepted(
    m: &mut Machine,
    _: &mut Memory,
    op: &mut Op,
    now: Ticks,
) -> Poll {
    match m.poll(op, now) {
        Poll::Ready(Code::RPC_E_CALL_CANCELED) if requested_call(op).is_some() => {
            Poll::Ready(Code::S_OK)
        }
        poll => poll,
    }
}

pub(super) fn zero_window_waits(m: &mut Machine, _: &mut Memory, op: &mut Op, now: Ticks) -> Poll {
    if let Op::Cancel { window: window @ Window::Seconds(0), .. } = op {
        *window = Window::Seconds(1);
    }
    m.poll(op, now)
}

pub(super) fn window_ignored(m: &mut Machine, _: &mut Memory, op: &mut Op, now: Ticks) -> Poll {
    set_window(op, Window::Seconds(0));
    m.poll(op, now)
}

pub(super) fn infinite_as_seconds(
    m: &mut Machine,
    _: &mut Memory,
    op: &mut Op,
    now: Ticks,
) -> Poll {
    if let Op::Cancel { window: window @ Window::Infinite, .. } = op {
        *window = Window::Seconds(u32::MAX);
    }
    m.poll(op, now)
}

pub(super) fn infinite_returns_at_once(
    m: &mut Machine,
    _: &mut Memory,
    op: &mut Op,
    now: Ticks,
) -> Poll {
    match m.poll(op, now) {
        Poll::Advanced
            if matches!(op, Op::Cancel { stage: Stage::Wait { deadline: None, .. }, .. }) =>
        {
            Poll::Ready(Code::S_OK)
        }
        poll => poll,
    }
}

pub(super) fn expiry_forgotten(m: &mut Machine, _: &mut Memory, op: &mut Op, now: Ticks) -> Poll {
    let mut other = m.clone();
    match (&op, other.poll(&mut op.clone(), now)) {
        // The answer of the right machine, without its effect.
        (Op::Cancel { stage: Stage::Wait { .. }, .. }, Poll::Ready(code)) => Poll::Ready(code),
        _ => m.poll(op, now),
    }
}
