//! The context of a history: what does not change while it runs, and the names for messages.

use calloff_model::{CallId, Code, CustomId, Reading};

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
    /// The custom cancel objects, by id.
    pub customs: Vec<CustomFacts>,
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
    /// The call in whose wait it is issued by a handler, if it is.
    pub within: Option<CallId>,
}

/// What is known of a custom cancel object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomFacts {
    /// Its name.
    pub name: String,
    /// It has `ICancelMethodCalls`.
    pub has_interface: bool,
    /// What its `Cancel` may return.
    pub returns: Vec<Code>,
}

impl Context {
    /// What is known of the call, or of that which it is an instance of.
    pub(super) fn facts(&self, call: CallId) -> &CallFacts {
        &self.calls[call.0 as usize % self.calls.len()]
    }

    /// What is known of the custom cancel object.
    pub(super) fn custom(&self, object: CustomId) -> &CustomFacts {
        &self.customs[object.0 as usize]
    }

    /// The call by name that this is an instance of.
    pub(super) fn named(&self, call: CallId) -> CallId {
        CallId(call.0 % self.calls.len() as u32)
    }

    /// The thread that the call is issued on.
    pub(super) fn caller(&self, call: CallId) -> ActorId {
        self.facts(call).caller
    }
}
