//! Seeded bugs in what client programs add: custom cancel objects, message filters, calls within
//! handlers, and instances of calls.

use calloff_model::{
    CallId, CancelTarget, Code, CustomId, HeldObject, Machine, Op, Poll, Server, Settled, Stage,
    Ticks,
};

use super::objects::find;
use super::{force_cancel, looks_for_object};
use crate::world::Memory;

/// The custom object that the operation has found.
fn found_custom(op: &mut Op) -> Option<&mut CustomId> {
    match op {
        Op::GetCancelObject { got: Some(HeldObject::Custom(object)) }
        | Op::Cancel { stage: Stage::Custom(object), .. } => Some(object),
        _ => None,
    }
}

pub(super) fn own_object_preferred(
    m: &mut Machine,
    _: &mut Memory,
    op: &mut Op,
    now: Ticks,
) -> Poll {
    let looks = looks_for_object(op);
    let poll = m.poll(op, now);
    match m.stack().last() {
        Some(innermost) if looks && found_custom(op).is_some() => find(op, *innermost),
        _ => poll,
    }
}

pub(super) fn bottom_object_found(
    m: &mut Machine,
    _: &mut Memory,
    op: &mut Op,
    now: Ticks,
) -> Poll {
    let looks = looks_for_object(op);
    let poll = m.poll(op, now);
    if let (true, Some(found), Some(bottom)) = (looks, found_custom(op), m.custom_objects().next())
    {
        *found = bottom;
    }
    poll
}

pub(super) fn bottom_object_unset(
    m: &mut Machine,
    _: &mut Memory,
    op: &mut Op,
    now: Ticks,
) -> Poll {
    let is_unset = matches!(op, Op::SetCancelObject { object: None, .. });
    let kept: Vec<CustomId> = m.custom_objects().skip(1).collect();
    let poll = m.poll(op, now);
    if is_unset {
        while m.custom_objects().next().is_some() {
            m.poll(op, now);
        }
        for object in kept {
            m.poll(&mut Op::SetCancelObject { object: Some(object), has_interface: true }, now);
        }
    }
    poll
}

pub(super) fn refused_object_set(m: &mut Machine, _: &mut Memory, op: &mut Op, now: Ticks) -> Poll {
    let poll = m.poll(op, now);
    if let Op::SetCancelObject { object: Some(_), has_interface: has_interface @ false } = op {
        *has_interface = true;
        m.poll(op, now);
    }
    poll
}

pub(super) fn unset_of_nothing_succeeds(
    m: &mut Machine,
    _: &mut Memory,
    op: &mut Op,
    now: Ticks,
) -> Poll {
    match m.poll(op, now) {
        Poll::Ready(Code::E_INVALIDARG) => Poll::Ready(Code::S_OK),
        poll => poll,
    }
}

/// The code of a custom object as the bug passes it on.
pub(super) fn flattened(code: Code) -> Code {
    if code.is_success() { code } else { Code::E_FAIL }
}

pub(super) fn no_mistake(m: &mut Machine, _: &mut Memory, op: &mut Op, now: Ticks) -> Poll {
    m.poll(op, now)
}

pub(super) fn custom_cancel_hits_the_call(
    m: &mut Machine,
    _: &mut Memory,
    op: &mut Op,
    now: Ticks,
) -> Poll {
    let cancels = matches!(op, Op::Cancel { .. });
    let poll = m.poll(op, now);
    if let (true, Some(_), Some(innermost)) = (cancels, found_custom(op), m.stack().last()) {
        force_cancel(m, *innermost, now);
    }
    poll
}

pub(super) fn filter_ignores_the_reply(
    m: &mut Machine,
    _: &mut Memory,
    op: &mut Op,
    now: Ticks,
) -> Poll {
    match *op {
        Op::GiveUp { call }
            if is_pending(m, call) && m.call(call).is_some_and(|c| c.is_complete()) =>
        {
            m.poll(&mut Op::Await { call }, now);
            Poll::Ready(Code::RPC_E_CALL_CANCELED)
        }
        _ => m.poll(op, now),
    }
}

pub(super) fn filter_settles_nothing(
    m: &mut Machine,
    _: &mut Memory,
    op: &mut Op,
    now: Ticks,
) -> Poll {
    match op {
        Op::GiveUp { .. } => m.clone().poll(op, now),
        _ => m.poll(op, now),
    }
}

fn is_pending(m: &Machine, call: CallId) -> bool {
    m.stack().contains(&call)
}

pub(super) fn outer_canceled_instead(
    m: &mut Machine,
    _: &mut Memory,
    op: &mut Op,
    now: Ticks,
) -> Poll {
    if let (Op::Cancel { stage: Stage::Request(call), .. }, [.., outer, innermost]) =
        (&mut *op, m.stack())
        && call == innermost
    {
        *call = *outer;
    }
    m.poll(op, now)
}

pub(super) fn inner_canceled_instead(
    m: &mut Machine,
    _: &mut Memory,
    op: &mut Op,
    now: Ticks,
) -> Poll {
    if let (
        Op::Cancel { stage: Stage::Start, target: CancelTarget::Object(Some(call)), .. },
        [outer @ .., innermost],
    ) = (&mut *op, m.stack())
        && outer.contains(call)
    {
        *call = *innermost;
    }
    m.poll(op, now)
}

pub(super) fn newest_instance_entered(
    m: &mut Machine,
    memory: &mut Memory,
    op: &mut Op,
    now: Ticks,
) -> Poll {
    if let Op::Dispatch { call } = op {
        let is_meant = |(id, state): &(CallId, &calloff_model::Call)| {
            memory.is_same(*id, *call) && state.server == Server::Idle
        };
        if let Some((newest, _)) = m.calls().rfind(is_meant) {
            *call = newest;
        }
    }
    m.poll(op, now)
}

pub(super) fn oldest_instance_awaited(
    m: &mut Machine,
    memory: &mut Memory,
    op: &mut Op,
    now: Ticks,
) -> Poll {
    if let Op::Await { call } = op
        && let Some(oldest) = m.stack().iter().find(|id| memory.is_same(**id, *call))
    {
        *call = *oldest;
    }
    m.poll(op, now)
}

pub(super) fn reply_to_the_next_instance(
    m: &mut Machine,
    memory: &mut Memory,
    op: &mut Op,
    now: Ticks,
) -> Poll {
    if let Op::Reply { call, .. } = op {
        let is_next = |id: &&CallId| **id > *call && memory.is_same(**id, *call);
        if let Some(next) = m.stack().iter().find(is_next).copied() {
            if m.call(next).is_some_and(|call| call.server == Server::Idle) {
                m.poll(&mut Op::Dispatch { call: next }, now);
            }
            *call = next;
        }
    }
    m.poll(op, now)
}

pub(super) fn object_moves_to_the_next_instance(
    m: &mut Machine,
    memory: &mut Memory,
    op: &mut Op,
    now: Ticks,
) -> Poll {
    let held = match op {
        Op::TestCancelObject { object } => object.as_mut(),
        Op::Cancel { stage: Stage::Start, target: CancelTarget::Object(call), .. } => call.as_mut(),
        _ => None,
    };
    if let Some(held) = held
        && m.call(*held).is_some_and(|call| call.settled != Settled::No)
        && let Some(next) = m.stack().iter().rfind(|id| memory.is_same(**id, *held))
    {
        *held = *next;
    }
    m.poll(op, now)
}
