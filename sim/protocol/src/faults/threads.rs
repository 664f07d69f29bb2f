//! Seeded bugs in the enable depth.

use calloff_model::{Code, Machine, Op, Poll, Ticks};

use crate::world::Memory;

pub(super) fn depth_not_counted(m: &mut Machine, _: &mut Memory, op: &mut Op, now: Ticks) -> Poll {
    if *op == Op::Enable && m.depth() > 0 {
        return Poll::Ready(Code::S_OK);
    }
    m.poll(op, now)
}

pub(super) fn disable_below_zero(m: &mut Machine, _: &mut Memory, op: &mut Op, now: Ticks) -> Poll {
    let poll = m.poll(op, now);
    if *op == Op::Disable { Poll::Ready(Code::S_OK) } else { poll }
}
