//! The machine of one thread as it is explored: the right one, or one with a seeded bug.

use calloff_model::{CallId, Code, Machine, Op, Poll, Reading, Ticks};

/// A seeded bug.
pub struct Fault {
    /// Its name, as `--fault` takes it.
    pub name: &'static str,
    /// What it does wrong, in one sentence.
    pub summary: &'static str,
    /// The id of a clause that must catch it.
    pub caught_by: &'static str,
    /// Whether it is in something that only client programs have.
    pub of_clients: bool,
    /// The faulty step, in place of [`Machine::poll`].
    pub poll: FaultyPoll,
    /// What a `Cancel` of a custom cancel object returns in place of the object's code.
    pub passes_on: fn(Code) -> Code,
}

/// A version of [`Machine::poll`] with a bug.
pub type FaultyPoll = fn(&mut Machine, &mut Memory, &mut Op, Ticks) -> Poll;

/// What a fault remembers.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Memory {
    /// Calls that it has marked.
    pub calls: Vec<CallId>,
    /// Something that it has seen.
    pub flag: bool,
    /// The number of the program's calls by name; see [`Memory::is_same`]. 0: each call has a name
    /// of its own.
    pub names: u32,
}

impl Memory {
    /// Whether the two are instances of one call.
    pub fn is_same(&self, one: CallId, other: CallId) -> bool {
        let name = |call: CallId| call.0.checked_rem(self.names).unwrap_or(call.0);
        name(one) == name(other)
    }
}

/// The machine of one thread as it is explored: the real one, or one with a fault in front.
#[derive(Clone)]
pub struct ThreadMachine {
    machine: Machine,
    memory: Memory,
    fault: Option<&'static Fault>,
}

impl ThreadMachine {
    /// The machine of a thread.
    pub fn new(reading: Reading, depth: u32, fault: Option<&'static Fault>) -> ThreadMachine {
        ThreadMachine { machine: Machine::new(reading, depth), memory: Memory::default(), fault }
    }

    /// The same, in a program with that many calls by name.
    #[must_use]
    pub(crate) fn with_names(mut self, names: usize) -> ThreadMachine {
        self.memory.names = u32::try_from(names).expect("files are small");
        self
    }

    /// What a `Cancel` of a custom cancel object returns when the object returns this code.
    pub(crate) fn passes_on(&self, code: Code) -> Code {
        self.fault.map_or(code, |fault| (fault.passes_on)(code))
    }

    /// One atomic step: [`Machine::poll`], or the fault's version of it.
    pub fn poll(&mut self, op: &mut Op, now: Ticks) -> Poll {
        match self.fault {
            None => self.machine.poll(op, now),
            Some(fault) => (fault.poll)(&mut self.machine, &mut self.memory, op, now),
        }
    }

    /// See [`Machine::set_back`].
    pub(crate) fn set_back(&mut self, seconds: u64, now: Ticks) {
        self.machine.set_back(seconds, now);
    }

    /// See [`Machine::shift`].
    pub(crate) fn shift(&mut self, forward: u64, back: u64, now: Ticks) {
        self.machine.shift(forward, back, now);
    }

    /// See [`Machine::abandon`].
    pub(crate) fn abandon(&mut self, is_meant: impl Fn(CallId) -> bool) {
        self.machine.abandon(is_meant);
    }

    /// See [`Machine::rename`].
    pub(crate) fn rename(&mut self, renamed: impl Fn(CallId) -> Option<CallId>) {
        self.machine.rename(&renamed);
        self.memory.calls.retain_mut(|id| renamed(*id).inspect(|new| *id = *new).is_some());
    }

    /// The machine itself, to look at.
    pub fn machine(&self) -> &Machine {
        &self.machine
    }
}

impl PartialEq for ThreadMachine {
    fn eq(&self, other: &ThreadMachine) -> bool {
        // The fault is the same for all states of a run.
        self.machine == other.machine && self.memory == other.memory
    }
}

impl Eq for ThreadMachine {}

impl std::hash::Hash for ThreadMachine {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        // The fault is the same for all states of a run.
        self.machine.hash(state);
        self.memory.hash(state);
    }
}
