//! The scenarios that calloff and the other tools explore: a number of calls, and those who cancel
//! them.
//!
//! A member of the family has K callers, each with a server that dispatches, tests for cancellation
//! and replies, and M cancellers. Canceller j cancels the thread of caller j modulo K, with a
//! window of one second. The clock is free.
//!
//! [`Family::step`] is that scenario's transitions once more, for the tools that do not know
//! calloff's machine: specialised to the family, with a state in one word. A test holds it against
//! the machine.
//!
//! | bits, from the lowest | for each | values |
//! |---|---|---|
//! | 2 | caller | 0 not issued, 1 waiting, 2 completed, 3 canceled |
//! | 3 | its server | 0 not dispatched, 1 running, 2 tested: pending, 3 tested: canceled, 4 and 5: replied after 2 and 3, 6 skipped |
//! | 3 | its request | 0 none, 1 to 5: open until then, 7 expired |
//! | 3 | canceller | 0 idle, 1 has the object, 2 waits, 3 `S_OK`, 4 `E_NOINTERFACE`, 5 already canceled, 6 complete, 7 accepted and not returned |
//! | the rest | clock | the time |

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use calloff_model::{Code, Reading};
use calloff_protocol::history::Outcome;
use calloff_protocol::program::Case;
use calloff_protocol::scenario::Scenario;

/// The number of callers, and of cancellers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Size {
    /// Callers, each with a server of its own; at most five.
    pub callers: u32,
    /// Cancellers.
    pub cancellers: u32,
}

impl Size {
    /// The number of actors.
    pub fn actors(self) -> u32 {
        2 * self.callers + self.cancellers
    }

    /// The scenario file.
    pub fn scenario(self) -> String {
        let mut text = "schema = 1\nname = \"family\"\ntime = \"free\"\n".to_owned();
        let mut actor = |name: String, more: &str, steps: String| {
            text += &format!("[[actor]]\nname = \"{name}\"\n{more}steps = [{steps}]\n");
        };
        for i in 0..self.callers {
            actor(format!("c{i}"), "depth = 1\n", format!("{{ call = \"w{i}\" }}"));
            let serve = "\"test_cancel\", { reply = \"S_OK\" }";
            actor(format!("s{i}"), "", format!("{{ dispatch = \"w{i}\" }}, {serve}"));
        }
        for j in 0..self.cancellers {
            let thread = format!("c{}", j % self.callers);
            let steps = format!("{{ cancel = {{ thread = \"{thread}\", seconds = 1 }} }}");
            actor(format!("x{j}"), "", steps);
        }
        text
    }

    /// The scenario, under the first reading.
    ///
    /// # Panics
    ///
    /// If the scenario is not valid, which it is.
    pub fn case(self) -> Case {
        let scenario = Scenario::parse("family.toml", self.scenario().as_bytes());
        let scenario = scenario.unwrap_or_else(|errors| panic!("{errors}"));
        Case::new(&scenario, Reading::ALL[0])
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{}", self.callers, self.cancellers)
    }
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Size, String> {
        let numbers =
            text.split_once(',').and_then(|(k, m)| Some((k.parse().ok()?, m.parse().ok()?)));
        match numbers {
            Some((callers @ 1..=5, cancellers @ 1..=7)) => Ok(Size { callers, cancellers }),
            _ => Err(format!("{text} is no size: from 1,1 to 5,7")),
        }
    }
}

/// Two models with the same ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Detail {
    /// The smallest: an accepted `Cancel` returns with the step that ends its wait, and the time
    /// may come to any deadline.
    Least,
    /// Step for step what calloff has: an accepted `Cancel` returns in a step of its own, and the
    /// time comes to no deadline of a `Cancel` that can go on before it.
    Calloff,
}

/// One member of the family, as transitions of a word; the top of this module has its bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Family {
    /// How large.
    pub size: Size,
    /// How exactly.
    pub detail: Detail,
}

/// Who steps.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mover {
    /// The caller of that number.
    Caller(u8),
    /// The server of that caller.
    Server(u8),
    /// The canceller of that number.
    Canceller(u8),
    /// Time.
    Clock,
}

const CALL_BITS: u32 = 8;
const CANCELLER_BITS: u32 = 3;
const EXPIRED: u64 = 7;

const IDLE: u64 = 0;
const HAS_OBJECT: u64 = 1;
const WAITS: u64 = 2;
const ACCEPTED: u64 = 3;
const NO_INTERFACE: u64 = 4;
const ALREADY: u64 = 5;
const COMPLETE: u64 = 6;
const RETURNING: u64 = 7;

fn get(state: u64, at: u32, width: u32) -> u64 {
    (state >> at) & ((1 << width) - 1)
}

fn set(state: u64, at: u32, width: u32, value: u64) -> u64 {
    (state & !(((1 << width) - 1) << at)) | (value << at)
}

/// What is known of one call.
struct Call {
    at: u32,
    caller: u64,
    server: u64,
    request: u64,
}

impl Call {
    fn of(state: u64, caller: u32) -> Call {
        let at = CALL_BITS * caller;
        let (caller, server) = (get(state, at, 2), get(state, at + 2, 3));
        Call { at, caller, server, request: get(state, at + 5, 3) }
    }

    fn has_reply(&self) -> bool {
        (self.server == 4 || self.server == 5) && self.caller != 3
    }

    fn is_canceled(&self) -> bool {
        self.caller == 3 || self.request != 0
    }

    fn with_caller(&self, state: u64, value: u64) -> u64 {
        set(state, self.at, 2, value)
    }

    fn with_server(&self, state: u64, value: u64) -> u64 {
        set(state, self.at + 2, 3, value)
    }

    fn with_request(&self, state: u64, value: u64) -> u64 {
        set(state, self.at + 5, 3, value)
    }
}

impl Family {
    /// The smallest model of that size.
    pub fn new(size: Size) -> Family {
        Family { size, detail: Detail::Least }
    }

    /// Everybody who may ever step.
    pub fn movers(self) -> impl Iterator<Item = Mover> {
        let [callers, cancellers] = [self.size.callers, self.size.cancellers].map(|n| n as u8);
        let calls = (0..callers).flat_map(|i| [Mover::Caller(i), Mover::Server(i)]);
        calls.chain((0..cancellers).map(Mover::Canceller)).chain([Mover::Clock])
    }

    /// The state after that step; `None` if whoever it is has to wait, or has finished.
    #[inline]
    pub fn step(self, state: u64, mover: Mover) -> Option<u64> {
        match mover {
            Mover::Caller(i) => caller(state, &Call::of(state, i.into())),
            Mover::Server(i) => server(state, &Call::of(state, i.into())),
            Mover::Canceller(j) => self.canceller(state, j.into()),
            Mover::Clock => self.clock(state),
        }
    }

    fn place(self, canceller: u32) -> u32 {
        CALL_BITS * self.size.callers + CANCELLER_BITS * canceller
    }

    fn clock_place(self) -> u32 {
        self.place(self.size.cancellers)
    }

    fn canceller(self, state: u64, j: u32) -> Option<u64> {
        let at = self.place(j);
        let (call, now) = (Call::of(state, j % self.size.callers), state >> self.clock_place());
        let go = |state, value| Some(set(state, at, CANCELLER_BITS, value));
        match get(state, at, CANCELLER_BITS) {
            IDLE => go(state, if call.caller == 1 { HAS_OBJECT } else { NO_INTERFACE }),
            HAS_OBJECT | WAITS if call.has_reply() => go(state, COMPLETE),
            HAS_OBJECT if call.is_canceled() => go(state, ALREADY),
            HAS_OBJECT => go(call.with_request(state, now + 1), WAITS),
            WAITS if now >= call.request => {
                let next = if self.detail == Detail::Calloff { RETURNING } else { ACCEPTED };
                go(call.with_request(state, EXPIRED), next)
            }
            RETURNING => go(state, ACCEPTED),
            _ => None,
        }
    }

    /// The clock goes to the next pending deadline.
    fn clock(self, state: u64) -> Option<u64> {
        let (at, mut next) = (self.clock_place(), u64::MAX);
        let now = state >> at;
        for j in 0..self.size.cancellers {
            let call = Call::of(state, j % self.size.callers);
            let is_waiting = get(state, self.place(j), CANCELLER_BITS) == WAITS;
            let is_held = self.detail == Detail::Calloff && call.has_reply();
            if is_waiting && !is_held && call.request > now {
                next = next.min(call.request);
            }
        }
        (next != u64::MAX).then_some((state & ((1 << at) - 1)) | (next << at))
    }

    /// What of an end can be seen from outside: everything but the requests and the time.
    pub fn end(self, state: u64) -> u64 {
        let state = state & ((1 << self.clock_place()) - 1);
        (0..self.size.callers).fold(state, |state, i| Call::of(state, i).with_request(state, 0))
    }

    /// An [`end`](Family::end), as calloff says it.
    pub fn outcome(self, end: u64) -> Outcome {
        let mut outcome = Outcome::default();
        for i in 0..self.size.callers {
            let call = Call::of(end, i);
            outcome.codes.push(match call.caller {
                2 => vec![(0, Code::S_OK)],
                _ => vec![(0, Code::RPC_E_CALL_CANCELED)],
            });
            outcome.codes.push(match call.server {
                4 => vec![(0, Code::RPC_S_CALLPENDING)],
                5 => vec![(0, Code::RPC_E_CALL_CANCELED)],
                _ => Vec::new(),
            });
        }
        for j in 0..self.size.cancellers {
            let code = match get(end, self.place(j), CANCELLER_BITS) {
                ACCEPTED => Code::S_OK,
                NO_INTERFACE => Code::E_NOINTERFACE,
                ALREADY => Code::RPC_E_CALL_CANCELED,
                _ => Code::RPC_E_CALL_COMPLETE,
            };
            outcome.codes.push(vec![(0, code)]);
        }
        outcome
    }

    /// Ends, as calloff says them.
    pub fn outcomes(self, ends: &BTreeSet<u64>) -> BTreeSet<Outcome> {
        ends.iter().map(|end| self.outcome(*end)).collect()
    }
}

fn caller(state: u64, call: &Call) -> Option<u64> {
    match call.caller {
        0 => Some(call.with_caller(state, 1)),
        1 if call.has_reply() => Some(call.with_caller(state, 2)),
        1 if call.request == EXPIRED => Some(call.with_caller(state, 3)),
        _ => None,
    }
}

fn server(state: u64, call: &Call) -> Option<u64> {
    let is_over = call.caller >= 2 || call.request == EXPIRED;
    match call.server {
        0 if call.caller == 0 => None,
        0 => Some(call.with_server(state, if is_over { 6 } else { 1 })),
        1 => Some(call.with_server(state, if call.is_canceled() { 3 } else { 2 })),
        2 | 3 => Some(call.with_server(state, call.server + 2)),
        _ => None,
    }
}
