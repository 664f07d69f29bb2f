//! The cancel state machine of COM call cancellation, written once, as a pure function.
//!
//! [`Machine`] is the cancel state of one COM thread. [`Machine::poll`] is its only entry point:
//! one atomic step of an operation in flight ([`Op`]) at a point in time ([`Ticks`]), under a
//! [`Reading`] of the documentation. It knows no lock, no clock, no thread and no I/O; every host
//! is a loop that calls it.
//!
//! [`Monitor`] is the host for production use: it holds the machines of a process, for threads that
//! block. With [`StdRuntime`] it runs on real threads, and one tick is one second:
//!
//! ```
//! use std::sync::Arc;
//! use std::thread;
//!
//! use calloff_model::{CallId, Code, Monitor, Reading, StdRuntime, ThreadId, Window};
//!
//! // One COM thread, which has enabled call cancellation once.
//! let (client, work) = (ThreadId(0), CallId(1));
//! let monitor = Arc::new(Monitor::new(StdRuntime::new(), Reading::default(), &[1]));
//!
//! // It makes a call, which blocks it.
//! monitor.issue(client, work);
//! let caller = thread::spawn({
//!     let monitor = Arc::clone(&monitor);
//!     move || monitor.await_call(client, work)
//! });
//!
//! // The server enters the method, and hangs.
//! assert_eq!(monitor.dispatch(client, work), Code::S_OK);
//!
//! // A canceller cancels the client's pending call, and gives the server no time to complete it.
//! assert_eq!(monitor.cancel_thread(client, Window::Seconds(0)), Code::S_OK);
//! assert_eq!(caller.join().unwrap(), Code::RPC_E_CALL_CANCELED);
//!
//! // The server can see that the call was canceled; its late reply is dropped.
//! assert_eq!(monitor.test_cancel(client, work), Code::RPC_E_CALL_CANCELED);
//! monitor.reply(client, work, Code::S_OK);
//! ```
//!
//! The example `slow_call` shows a window that runs out, worker threads, and an independent second
//! call: `cargo run -p calloff-model --example slow_call`.

mod code;
pub mod machine;
mod monitor;
mod reading;
mod runtime;
mod std_runtime;
mod time;

pub use code::{Code, UnknownCode};
pub use machine::{
    Call, CallId, CancelTarget, CustomId, HeldObject, Machine, Op, Poll, Request, Server, Settled,
    Stage,
};
pub use monitor::{CancelObject, Monitor, ThreadId, Topmost, Waiting};
pub use reading::{Cancelable, Reading, Waiter};
pub use runtime::{Runtime, Shared};
pub use std_runtime::StdRuntime;
pub use time::{Ticks, Window};
