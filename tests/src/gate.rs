//! A gate: threads arrive in a fixed order, and may leave in any order.
//!
//! It is no implementation of call cancellation; it shows which waiter a notification wakes. To
//! *enable* is to arrive at the gate, wait until it opens, and return one's place in the order of
//! leaving. To *disable* is to wait until all have arrived, and to open the gate.

use std::collections::BTreeSet;
use std::marker::PhantomData;

use calloff_model::{CallId, Code, Reading, Runtime, ThreadId, Window};
use calloff_protocol::history::Outcome;
use calloff_protocol::scenario::Scenario;
use calloff_sim::drive::{Implementation, Process};

/// For each of three threads, its place in the order of leaving: all possible orders.
pub const ALL_THREE: [[u32; 3]; 6] =
    [[1, 2, 3], [1, 3, 2], [2, 1, 3], [2, 3, 1], [3, 1, 2], [3, 2, 1]];
/// All possible orders if one of the three stays; its place is 0.
pub const TWO: [[u32; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
/// All possible orders if two of the three stay.
pub const ONE: [[u32; 3]; 3] = [[0, 0, 1], [0, 1, 0], [1, 0, 0]];

/// Three actors arrive at the gate, and one opens it.
///
/// # Panics
///
/// If this is no valid scenario any more.
pub fn scenario() -> Scenario {
    let text = br#"
        schema = 1
        name = "gate"
        summary = ""
        actor = [
            { name = "first", steps = ["enable"] },
            { name = "second", steps = ["enable"] },
            { name = "third", steps = ["enable"] },
            { name = "opener", steps = ["disable"] },
        ]
        [expect]
        verdict = "stuck"
    "#;
    Scenario::parse("gate", text).unwrap_or_else(|errors| panic!("{errors}"))
}

/// For every outcome, the place of each of the three in the order of leaving; 0 if it has not left.
pub fn orders<'o>(outcomes: impl IntoIterator<Item = &'o Outcome>) -> BTreeSet<[u32; 3]> {
    let left = |outcome: &Outcome| {
        [0, 1, 2].map(|actor| outcome.codes[actor].first().map_or(0, |(_, code)| code.0))
    };
    outcomes.into_iter().map(left).collect()
}

/// The way in which the gate is opened.
pub trait Opening: Send + Sync + 'static {
    /// The number of `notify_one`s; `None`: a single `notify_all`.
    const NOTIFICATIONS: Option<u32>;
}

/// One `notify_all`.
pub struct ForAll;
/// That number of `notify_one`s.
pub struct For<const NOTIFICATIONS: u32>;

impl Opening for ForAll {
    const NOTIFICATIONS: Option<u32> = None;
}
impl<const NOTIFICATIONS: u32> Opening for For<NOTIFICATIONS> {
    const NOTIFICATIONS: Option<u32> = Some(NOTIFICATIONS);
}

/// The gate. The last thread opens it; each other thread arrives after the one before it.
pub struct Gate<R: Runtime, O> {
    runtime: R,
    visitors: u32,
    state: R::Mutex<State>,
    came: R::Condvar,
    opened: R::Condvar,
    opening: PhantomData<O>,
}

#[derive(Hash)]
struct State {
    came: u32,
    is_open: bool,
    left: u32,
}

impl<R: Runtime, O: Opening> Implementation<R> for Gate<R, O> {
    type Object = ();

    fn new(runtime: R, _: Reading, process: &Process) -> Self {
        let state = runtime.mutex(State { came: 0, is_open: false, left: 0 });
        let visitors = process.depths.len() as u32 - 1;
        let (came, opened) = (runtime.condvar(), runtime.condvar());
        Gate { runtime, visitors, state, came, opened, opening: PhantomData }
    }

    fn enable(&self, ThreadId(thread): ThreadId) -> Code {
        let mut state = self.runtime.lock(&self.state);
        while state.came < thread {
            state = self.runtime.wait(&self.came, state, None);
        }
        state.came += 1;
        self.runtime.notify_all(&self.came);
        while !state.is_open {
            state = self.runtime.wait(&self.opened, state, None);
        }
        state.left += 1;
        Code(state.left)
    }

    fn disable(&self, _: ThreadId) -> Code {
        let mut state = self.runtime.lock(&self.state);
        while state.came < self.visitors {
            state = self.runtime.wait(&self.came, state, None);
        }
        state.is_open = true;
        match O::NOTIFICATIONS {
            None => self.runtime.notify_all(&self.opened),
            Some(count) => (0..count).for_each(|_| self.runtime.notify_one(&self.opened)),
        }
        Code::S_OK
    }

    fn issue(&self, _: ThreadId, _: CallId) {
        no_calls()
    }
    fn await_call(&self, _: ThreadId, _: CallId) -> Code {
        no_calls()
    }
    fn dispatch(&self, _: ThreadId, _: CallId) -> bool {
        no_calls()
    }
    fn reply(&self, _: ThreadId, _: CallId, _: Code) {
        no_calls()
    }
    fn test_cancel(&self, _: ThreadId, _: CallId) -> Code {
        no_calls()
    }
    fn get_cancel_object(&self, _: ThreadId) -> Result<(), Code> {
        no_calls()
    }
    fn test_cancel_object(&self, (): &()) -> Code {
        no_calls()
    }
    fn cancel(&self, (): &(), _: Window) -> Code {
        no_calls()
    }
    fn cancel_thread(&self, _: ThreadId, _: Window) -> Code {
        no_calls()
    }
}

fn no_calls() -> ! {
    panic!("nobody makes calls at a gate")
}
