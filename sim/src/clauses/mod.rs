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
//! 1  `caller`     issues `work` and waits for it
//! 2  `canceller`  invokes Cancel(0) of thread `caller`
//! 3  `caller`     gets RPC_E_CALL_CANCELED from `work`
//! 4  `canceller`  Cancel returns RPC_S_CALL_CANCELED ("already canceled")
//! ```
//!
//! At event 3 clause K7 ("canceled" requires an accepted `Cancel`) is silent: the `Cancel` in
//! flight may be the cause. At event 4 that `Cancel` turns out not to have been accepted, and there
//! is no other one. So K7 says "`caller` was told that `work` is canceled although no Cancel on it
//! was accepted", and K3 says that no other `Cancel` on `work` was under way. Had the `Cancel`
//! returned `S_OK`, no clause would accuse anybody; K20 witnesses its facets "the method returns
//! canceled" and `S_OK`.
//!
//! # Invariants
//!
//! 1. A clause is silent on every history that some order of the operations explains, however long
//!    the intervals between invocation and return are: it accuses only if no order explains the
//!    history.
//! 2. If a clause is silent because an operation in flight may be the explanation, it is judged
//!    again when that operation returns: then it accuses if nothing else explains what was
//!    observed.
//! 3. Ids are never reused or renumbered.

mod call_set;
mod context;
mod facts;
mod judges;
mod ledger;
mod matching;
mod names;
mod offers;
mod recording;
mod table;
#[cfg(test)]
mod tests;

pub use context::{CallFacts, Context};
pub use ledger::Ledger;
pub use table::CLAUSES;

use crate::history::Event;

/// The range of clause ids, for messages.
pub fn ids() -> String {
    let [first, .., last] = &CLAUSES;
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
    /// Judges an event, given the ledger of all events before it. For [`Kind::Always`], `Some`
    /// tells how the clause is violated; for [`Kind::Sometimes`], `Some` is the facet that is
    /// witnessed.
    pub judge: fn(&Ledger, &Event) -> Option<String>,
}

/// Over which histories a clause must hold.
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

    /// The clause with that id, `K1` and so on.
    pub fn by_id(id: &str) -> Option<&'static Clause> {
        CLAUSES.iter().find(|clause| clause.id == id)
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

/// The findings of all clauses about an event, given the ledger of all events before it: positions
/// in [`CLAUSES`], each with the judge's message, in order. If no clause has a finding this
/// allocates nothing, except for signs of cancellation on a thread with several canceled calls.
///
/// # Panics
///
/// If the event does not continue a history; see [`Ledger`].
pub fn judge_all(ledger: &Ledger, event: &Event) -> impl Iterator<Item = (usize, String)> {
    let judged = CLAUSES.iter().enumerate();
    judged.filter_map(move |(index, clause)| Some((index, (clause.judge)(ledger, event)?)))
}
