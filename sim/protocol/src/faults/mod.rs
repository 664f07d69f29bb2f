//! Seeded bugs, which prove that the checks find bugs: in the machine, and in the shell around it.
//!
//! A [`Fault`] stands in front of [`Machine::poll`] and does one thing wrong. None of them is in
//! production code; the machine does not know that they exist. Each names the clause that must
//! catch it on the shipped corpus. Engines that run code run it inside a monitor.

mod catalogue;
mod clients;
mod objects;
mod replies;
mod requests;
pub mod shell;
mod threads;

use calloff_model::{CallId, CancelTarget, Machine, Op, Stage, Ticks, Window};
pub use catalogue::FAULTS;
pub use shell::ShellFault;

use crate::exploration::Engine;
use crate::world::Fault;

/// The call that the next step of `op` is a cancel request for.
pub fn requested_call(op: &Op) -> Option<CallId> {
    match op {
        Op::Cancel { stage: Stage::Request(call), .. } => Some(*call),
        Op::Cancel { stage: Stage::Start, target: CancelTarget::Object(call), .. } => *call,
        _ => None,
    }
}

/// Whether the next step of `op` looks for the thread's innermost pending call.
fn looks_for_object(op: &Op) -> bool {
    matches!(
        op,
        Op::GetCancelObject { .. }
            | Op::Cancel { stage: Stage::Start, target: CancelTarget::Thread, .. }
    )
}

/// Replaces the window of a `Cancel`.
fn set_window(op: &mut Op, new: Window) {
    if let Op::Cancel { window, .. } = op {
        *window = new;
    }
}

/// Makes a request of 0 seconds for a call, as if cancellation were enabled.
fn force_cancel(machine: &mut Machine, call: CallId, now: Ticks) {
    machine.poll(&mut Op::Enable, now);
    machine.poll(&mut Op::cancel_object(Some(call), Window::Seconds(0)), now);
    machine.poll(&mut Op::Disable, now);
}

/// A seeded bug of either kind.
#[derive(Clone, Copy)]
pub enum Seeded {
    /// In the machine.
    Machine(&'static Fault),
    /// In the blocking shell around it.
    Shell(&'static ShellFault),
}

impl Seeded {
    /// All seeded bugs, those of the machine first.
    pub fn all() -> impl Iterator<Item = Seeded> {
        let shell = shell::SHELL_FAULTS.iter().map(Seeded::Shell);
        FAULTS.iter().map(Seeded::Machine).chain(shell)
    }

    /// The name, as `--fault` takes it.
    pub fn name(self) -> &'static str {
        match self {
            Seeded::Machine(fault) => fault.name,
            Seeded::Shell(fault) => fault.name,
        }
    }

    /// What is wrong, in one sentence.
    pub fn summary(self) -> &'static str {
        match self {
            Seeded::Machine(fault) => fault.summary,
            Seeded::Shell(fault) => fault.summary,
        }
    }

    /// Why that engine cannot run under it; `None` if it can.
    pub fn skip_reason(self, engine: Engine) -> Option<&'static str> {
        match (self, engine) {
            // Some of them deadlock threads on locks, and then only a timeout ends the run.
            (Seeded::Shell(_), Engine::Std) => {
                Some("the fault is in a monitor that runs under controlled schedules alone")
            }
            _ => None,
        }
    }

    /// The fault of the shell, if it is one.
    pub fn shell(self) -> Option<&'static ShellFault> {
        match self {
            Seeded::Machine(_) => None,
            Seeded::Shell(fault) => Some(fault),
        }
    }

    /// The fault of the machine, if it is one.
    pub fn machine(self) -> Option<&'static Fault> {
        match self {
            Seeded::Machine(fault) => Some(fault),
            Seeded::Shell(_) => None,
        }
    }
}

crate::names::by_name!(Seeded, "seeded bug", Seeded::name, find);

impl std::fmt::Debug for Seeded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl PartialEq for Seeded {
    fn eq(&self, other: &Seeded) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Seeded {}

/// The fault with this name.
pub fn find(name: &str) -> Option<Seeded> {
    Seeded::all().find(|fault| fault.name() == name)
}
