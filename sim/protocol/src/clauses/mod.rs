//! Clauses: the promises of the documentation, as data, and the functions that judge histories by
//! them.
//!
//! A [`Clause`] is a sentence, its source, and a plain function. The function looks at one
//! [`Event`] and at the [`Ledger`] of all events before it, and at nothing else: not at the
//! machine, with which the clauses share no code. So the clauses can judge the machine, another
//! implementation, and a history recorded elsewhere, all in the same way.
//!
//! # Example
//!
//! ```text
//! 0 s  caller     issue work
//! 0 s  canceller  Cancel(1 s) of the caller's call is invoked
//! 1 s  canceller  … and returns RPC_E_CALL_COMPLETE
//! 1 s  caller     await work returns RPC_E_CALL_CANCELED
//! ```
//!
//! K6 says that `RPC_E_CALL_COMPLETE` needs a reply that was sent before. The ledger has none when
//! the third event comes, so K6 reports it then. K7 says that a caller gets `RPC_E_CALL_CANCELED`
//! only if a `Cancel` of its call was accepted. The only `Cancel` was not, so K7 reports the fourth
//! event. K3 has nothing to say: nobody was told "already canceled".
//!
//! # Invariants
//!
//! 1. A clause is silent on every history that some order of the operations explains, however long
//!    the intervals are between invocation and return: it accuses only when no order does.
//! 2. As long as an operation in flight may still explain what was seen, a clause stays silent. It
//!    accuses when that operation returns and does not explain it.
//! 3. Ids are never reused or renumbered.

mod call_set;
mod context;
mod facts;
mod instances;
mod judges;
mod ledger;
mod matching;
mod names;
mod offers;
mod recording;
mod table;
#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::Deref;

pub use context::{CallFacts, Context, CustomFacts};
pub(crate) use facts::Lane;
pub(crate) use ledger::Common;
pub use ledger::Ledger;
pub use table::CLAUSES;

use crate::history::Event;

/// The range of clause ids, for messages.
pub fn ids() -> String {
    let [first, .., last, _] = &CLAUSES;
    format!("{} to {}", first.id, last.id)
}

/// One promise of the documentation.
#[derive(Clone, Copy, Debug)]
pub struct Clause {
    /// `K1` and so on.
    pub id: &'static str,
    /// Whether it must hold in every history or be witnessed in at least one.
    pub kind: Kind,
    /// The evidence for it, which decides which implementations it binds.
    pub level: Level,
    /// The promise in one sentence.
    pub sentence: &'static str,
    /// The page and the row that it was taken from.
    pub source: &'static str,
    /// What has to be witnessed, for [`Kind::Sometimes`]; empty for [`Kind::Always`].
    pub facets: &'static [&'static str],
    /// Whether it is about something that only client programs have.
    pub of_clients: bool,
    /// Judges an event, given the ledger of all events before it. For [`Kind::Always`], `Some`
    /// tells how the clause is violated; for [`Kind::Sometimes`], `Some` is the facet that is
    /// witnessed.
    pub judge: fn(&Ledger, &Event) -> Option<String>,
}

/// A clause, by its id: `K1` and so on. It is known, and in the order of [`CLAUSES`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ClauseId(usize);

impl Deref for ClauseId {
    type Target = Clause;

    fn deref(&self) -> &Clause {
        &CLAUSES[self.0]
    }
}

impl fmt::Display for ClauseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id)
    }
}

crate::names::by_name!(ClauseId, "clause", |clause| clause.id, ClauseId::find);

impl ClauseId {
    /// All of them, in order.
    pub fn all() -> impl Iterator<Item = ClauseId> {
        (0..CLAUSES.len()).map(ClauseId)
    }

    /// Those whose facets must each be seen.
    pub fn sometimes() -> impl Iterator<Item = ClauseId> {
        ClauseId::all().filter(|clause| clause.kind == Kind::Sometimes)
    }

    /// The clause with that id.
    pub fn find(id: &str) -> Option<ClauseId> {
        ClauseId::all().find(|clause| clause.id == id)
    }
}

/// How a clause quantifies over histories.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// It holds in every history.
    Always,
    /// Each of its facets is witnessed in some history; if one is not, the check proved too little.
    Sometimes,
}

/// The evidence for a clause, which decides which implementations it binds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Level {
    /// The current documentation: binds every implementation.
    Doc,
    /// A decision of the reference where the sources are silent: binds only the reference.
    Ref,
    /// The preliminary pages of 1998.
    NinetyEight,
    /// Asserted by a test suite that runs on Windows.
    Test,
    /// One reported observation on Windows.
    Obs,
}

impl Clause {
    /// The ids of the clauses that can be violated: those that must hold always.
    pub fn violable() -> impl Iterator<Item = &'static str> {
        CLAUSES.iter().filter(|clause| clause.kind == Kind::Always).map(|clause| clause.id)
    }
}

impl Kind {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Always => "always",
            Kind::Sometimes => "sometimes",
        }
    }
}

impl Kind {
    /// What a clause of this kind requires.
    pub fn meaning(self) -> &'static str {
        match self {
            Kind::Always => "must hold in every execution",
            Kind::Sometimes => "must be seen in at least one execution under each reading",
        }
    }
}

impl Level {
    /// Every level.
    pub const ALL: [Level; 5] =
        [Level::Doc, Level::NinetyEight, Level::Test, Level::Obs, Level::Ref];

    /// A description of the evidence.
    pub fn meaning(self) -> &'static str {
        match self {
            Level::Doc => "the current pages of this API family",
            Level::Ref => "a decision of this project, where the sources are silent",
            Level::NinetyEight => "the preliminary pages of 1998",
            Level::Test => {
                "asserted by a test suite that runs on Windows (Wine's, or microsoft/wil's)"
            }
            Level::Obs => "one reported observation on Windows",
        }
    }

    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Level::Doc => "doc",
            Level::Ref => "ref",
            Level::NinetyEight => "98",
            Level::Test => "test",
            Level::Obs => "obs",
        }
    }
}

/// What every clause has to say of an event, given the ledger of all events before it: each clause
/// that says something, with what it said, in order. Allocates nothing when no clause has
/// anything to say, but for signs of cancellation on a thread with several canceled calls.
///
/// # Panics
///
/// On what is not a history; see [`Ledger`].
pub fn judge_all(ledger: &Ledger, event: &Event) -> impl Iterator<Item = (ClauseId, String)> {
    ClauseId::all().filter_map(move |clause| Some((clause, (clause.judge)(ledger, event)?)))
}
