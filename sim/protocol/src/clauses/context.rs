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
    /// The locks' names.
    pub locks: Vec<String>,
    /// The history may go on for ever, so that the ledger must not grow with it.
    pub is_endless: bool,
    /// How many ticks of the clock are a second.
    pub ticks_per_second: u32,
}

/// What is known of a call before it is issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallFacts {
    /// Its name.
    pub name: String,
    /// The actor that issues it and waits for it.
    pub caller: ActorId,
    /// It may be issued more than once. Its instances have its id, and that plus the number of
    /// calls, and so on.
    pub repeats: bool,
    /// Its wait may be given up by a message filter.
    pub has_filter: bool,
}

impl Context {
    /// What is known of the call, or of that which it is an instance of.
    pub(super) fn facts(&self, call: CallId) -> &CallFacts {
        &self.calls[call.0 as usize % self.calls.len()]
    }

    /// The thread that the call is issued on.
    pub(super) fn caller(&self, call: CallId) -> ActorId {
        self.facts(call).caller
    }
}
