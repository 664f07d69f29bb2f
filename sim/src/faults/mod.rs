//! Seeded bugs, which prove that the checks find bugs: in the machine, and in the shell around it.
//!
//! A [`Fault`] replaces [`Machine::poll`] with a version that does one thing wrong. None of them is
//! in production code, and the machine does not know that they exist. Each names the clause that
//! must catch it on the shipped corpus. Engines that run code run it inside a monitor ([`run`]).

mod catalogue;
pub mod matrix;
mod objects;
mod replies;
mod requests;
pub mod run;
pub mod shell;
mod threads;
pub mod zoo;

pub use catalogue::FAULTS;
pub use shell::ShellFault;

use crate::engine::Engine;
use calloff_model::{CallId, CancelTarget, Machine, Op, Poll, Reading, Stage, Ticks, Window};

/// A seeded bug.
pub struct Fault {
    /// Its name, as `--fault` takes it.
    pub name: &'static str,
    /// What it does wrong, in one sentence.
    pub summary: &'static str,
    /// The id of a clause that must catch it.
    pub caught_by: &'static str,
    /// The faulty step, in place of [`Machine::poll`].
    pub poll: FaultyPoll,
}

/// A version of [`Machine::poll`] with a bug.
pub type FaultyPoll = fn(&mut Machine, &mut Memory, &mut Op, Ticks) -> Poll;

/// The memory of a fault between its steps.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Memory {
    /// Calls that it has marked.
    pub calls: Vec<CallId>,
    /// Whether it has seen a certain event.
    pub flag: bool,
}

/// The explored machine of one thread: the real one, or one with a fault.
#[derive(Clone)]
pub struct Subject {
    machine: Machine,
    memory: Memory,
    fault: Option<&'static Fault>,
}

impl Subject {
    /// The machine of a thread.
    pub fn new(reading: Reading, depth: u32, fault: Option<&'static Fault>) -> Subject {
        Subject { machine: Machine::new(reading, depth), memory: Memory::default(), fault }
    }

    /// One atomic step: [`Machine::poll`], or the fault's version of it.
    pub fn poll(&mut self, op: &mut Op, now: Ticks) -> Poll {
        match self.fault {
            None => self.machine.poll(op, now),
            Some(fault) => (fault.poll)(&mut self.machine, &mut self.memory, op, now),
        }
    }

    /// The machine itself, to read its state.
    pub fn machine(&self) -> &Machine {
        &self.machine
    }
}

impl std::hash::Hash for Subject {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        // The fault is the same for all states of a run, so it is not hashed.
        self.machine.hash(state);
        self.memory.hash(state);
    }
}

/// The call for which the next step of `op` is a cancel request.
fn requested_call(op: &Op) -> Option<CallId> {
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
