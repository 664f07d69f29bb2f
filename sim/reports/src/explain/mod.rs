//! Explanations of codes, clauses, steps, readings, seeded bugs and scenarios: the meaning, the
//! source, and the shortest interleaving of the corpus that shows it.
//!
//! What is said stands in one place each: [`crate::answers`] and the words of the reports
//! ([`GLOSSARY`]) here, the clauses in [`calloff_protocol::clauses`], the steps in
//! [`calloff_protocol::scenario::language`], the codes in [`calloff_model::Code`]. The tables in
//! the documentation are made from the same data.

mod glossary;
mod page;
mod scenario;
mod search;
mod topics;

use calloff_model::Code;
use calloff_protocol::clauses::Clause;
use calloff_protocol::exploration::Engine;
use calloff_protocol::faults::Seeded;
use calloff_protocol::scenario::Scenario;
use calloff_protocol::scenario::language::StepKind;
pub use glossary::{GLOSSARY, Word};
pub use page::{Explanation, render};
pub(crate) use scenario::ended;
pub use search::{Shot, pictures};
pub use topics::{Entry, contents, find};

use crate::answers::ReadingValue;

/// Something that can be explained.
#[derive(Clone, Debug)]
pub enum Topic {
    /// A return code.
    Code(Code),
    /// A clause.
    Clause(&'static Clause),
    /// A kind of step.
    Step(&'static StepKind),
    /// One meaning where the sources allow two.
    Reading(&'static ReadingValue),
    /// An engine.
    Engine(Engine),
    /// A seeded bug.
    Fault(Seeded),
    /// A scenario, with the name by which the user asked for it.
    Scenario(String, Box<Scenario>),
    /// A word of the reports.
    Word(&'static Word),
}

/// The first sentence of a text.
fn first_sentence(text: &str) -> &str {
    text.find(". ").map_or(text, |end| &text[..=end])
}
