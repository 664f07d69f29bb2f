//! The ledger: everything that a history says up to the current event.
//!
//! It is derived from events only. In a recorded history an operation takes effect at an unknown
//! moment between its invocation and its return. So an entry says either what *may* be (candidate
//! sets, which grow while an operation is in flight) or what is *certain* (bits, which are set only
//! when every explanation of the history agrees).
//!
//! A ledger is part of the state that an engine explores, hence three rules:
//!
//! 1. Equal facts are equal values: sets are sorted, and the context is left out of the comparison.
//! 2. A fact that no clause will ask for any more is dropped, above all points in time.
//! 3. Judging allocates nothing in the common case (no accusation, few calls).

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use calloff_model::CallId;

use super::context::Context;
use super::facts::{CallRecord, Entry, Flight, Held, Lane, Request};
use crate::history::ActorId;

/// Everything that a history says up to the current event, and nothing else.
///
/// Start with [`Ledger::new`]; for each event first judge it ([`judge_all`](super::judge_all)),
/// then [`record`](Ledger::record) it. Two ledgers are equal when they hold the same facts. The
/// context is not compared: compare ledgers of one context only.
///
/// # Panics
///
/// Recording and judging panic if the events are not a history: an actor, a call or an object that
/// the context does not know, or a return without its invocation.
#[derive(Clone, Debug)]
pub struct Ledger {
    context: Arc<Context>,
    pub(super) facts: Facts,
}

/// The part of a ledger that is compared.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Facts {
    /// By actor.
    pub(super) lanes: Vec<Lane>,
    /// By call.
    pub(super) calls: Vec<CallRecord>,
    /// Each `Cancel` that returned and may have been accepted, sorted.
    pub(super) requests: Vec<Request>,
}

/// What a ledger knows that belongs to no actor: the calls, and the `Cancel`s that returned. With
/// the lanes it is the whole ledger.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Common {
    calls: Vec<CallRecord>,
    requests: Vec<Request>,
}

impl Ledger {
    /// The ledger of a history in which nothing has happened yet.
    pub fn new(context: Arc<Context>) -> Ledger {
        let lane = |(thread, (&depth, names)): (u32, (&u32, &Vec<String>))| {
            let own = || context.calls.iter().filter(|call| call.caller.0 == thread);
            let unissued = own().count();
            let is_endless = own().any(|call| call.repeats);
            Lane {
                depth: u64::from(depth),
                objects: vec![Held::default(); names.len()],
                unissued: if is_endless { u32::MAX } else { unissued as u32 },
                missed: unissued == 0,
                ..Lane::default()
            }
        };
        let lanes = (0..).zip(context.depths.iter().zip(&context.objects));
        let facts = Facts {
            lanes: lanes.map(lane).collect(),
            calls: vec![CallRecord::default(); context.calls.len()],
            requests: Vec::new(),
        };
        Ledger { context, facts }
    }

    /// A ledger that is put together from its parts.
    pub(crate) fn from_parts(context: Arc<Context>, lanes: Vec<Lane>, common: &Common) -> Ledger {
        let Common { calls, requests } = common.clone();
        Ledger { context, facts: Facts { lanes, calls, requests } }
    }

    /// What it knows of each actor's thread, by actor.
    pub(crate) fn lanes(&self) -> &[Lane] {
        &self.facts.lanes
    }

    /// What it knows that belongs to no actor.
    pub(crate) fn common(&self) -> Common {
        let Facts { calls, requests, .. } = &self.facts;
        Common { calls: calls.clone(), requests: requests.clone() }
    }

    /// The context of the history.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// The actor's thread.
    pub(super) fn lane(&self, actor: ActorId) -> &Lane {
        &self.facts.lanes[actor.0 as usize]
    }

    /// What the ledger knows of the call.
    pub(super) fn call(&self, call: CallId) -> &CallRecord {
        self.facts.calls.get(call.0 as usize).unwrap_or(&CallRecord::UNKNOWN)
    }

    /// The same, to be changed.
    pub(super) fn call_mut(&mut self, call: CallId) -> &mut CallRecord {
        let (at, calls) = (call.0 as usize, &mut self.facts.calls);
        if calls.len() <= at {
            calls.resize(at + 1, CallRecord::default());
        }
        &mut calls[at]
    }

    /// The actor's operation in flight, which is returning.
    pub(super) fn flight(&self, actor: ActorId) -> &Flight {
        let flight = self.lane(actor).flight.as_ref();
        flight.expect("a return in a history follows its invocation")
    }

    /// Each actor that has an operation in flight, with that operation.
    pub(super) fn flights(&self) -> impl Iterator<Item = (ActorId, &Flight)> {
        let lanes = (0..).map(ActorId).zip(&self.facts.lanes);
        lanes.filter_map(|(actor, lane)| Some((actor, lane.flight.as_ref()?)))
    }

    /// Each call, with what the ledger knows of it.
    pub(super) fn calls(&self) -> impl Iterator<Item = (CallId, &CallRecord)> {
        (0..).map(CallId).zip(&self.facts.calls)
    }
}

impl PartialEq for Ledger {
    fn eq(&self, other: &Ledger) -> bool {
        self.facts == other.facts
    }
}

impl Eq for Ledger {}

impl Hash for Ledger {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.facts.hash(state);
    }
}

impl Ledger {
    /// About how many bytes of memory the ledger takes, for the limit on memory.
    pub fn size(&self) -> usize {
        let facts = &self.facts;
        let lane = |lane: &Lane| {
            size_of::<Lane>()
                + size_of::<Entry>() * lane.stack.len()
                + size_of::<Held>() * lane.objects.len()
        };
        facts.lanes.iter().map(lane).sum::<usize>()
            + size_of::<CallRecord>() * facts.calls.len()
            + size_of::<Request>() * facts.requests.len()
    }
}
