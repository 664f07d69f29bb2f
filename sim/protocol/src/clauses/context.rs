//! The context of a history: what does not change while it runs, and the names for messages.

use calloff_model::{CallId, Reading};

use crate::history::{ActorId, TimePolicy};

/// The context of a history. It is not part of a [`Ledger`](super::Ledger)'s value: compare ledgers
/// of one context only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// The reading under which the history is judged.
    pub reading: Reading,
    /// When the clock may advance.
    pub time: TimePolicy,
    /// The actors' names.
    pub actors: Vec<String>,
    /// The enable depth that each actor's thread starts with.
    pub depths: Vec<u32>,
    /// The calls, by id.
    pub calls: Vec<CallFacts>,
    /// The names of each actor's cancel objects.
    pub objects: Vec<Vec<String>>,
}

/// What is known of a call before it is issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallFacts {
    /// Its name.
    pub name: String,
    /// The actor that issues it and waits for it.
    pub caller: ActorId,
}

impl Context {
    /// The thread that the call is issued on.
    pub(super) fn caller(&self, call: CallId) -> ActorId {
        self.calls[call.0 as usize].caller
    }
}
