//! The cancel state machine of COM call cancellation, written once, as a pure function.
//!
//! [`Machine`] is the cancel state of one COM thread. [`Machine::poll`] is its only entry point:
//! one atomic step of an operation in flight ([`Op`]) at a point in time ([`Ticks`]), under a
//! [`Reading`] of the documentation. It knows no lock, no clock, no thread and no I/O; every host
//! is a loop round it.

mod code;
pub mod machine;
mod monitor;
mod reading;
mod runtime;
mod time;

pub use code::{Code, UnknownCode};
pub use machine::{Call, CallId, CancelTarget, Machine, Op, Poll, Request, Server, Settled, Stage};
pub use monitor::{CancelObject, Monitor, ThreadId};
pub use reading::{Cancelable, Reading, Waiter};
pub use runtime::{Runtime, Shared};
pub use time::{Ticks, Window};
