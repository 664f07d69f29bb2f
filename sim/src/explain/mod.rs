//! Explanations of codes, clauses, steps, readings, seeded bugs and scenarios: the meaning, the
//! source, and the shortest interleaving of the corpus that shows it.
//!
//! Each text is defined in one place: [`ANSWERS`], [`READINGS`] and the words of the reports
//! ([`GLOSSARY`]) here, the clauses in [`crate::clauses`], the steps in
//! [`crate::scenario::language`], the codes in [`calloff_model::Code`]. The documentation's tables
//! are generated from the same data.

mod answers;
mod glossary;
mod number;
mod page;
mod search;
mod topics;

pub use answers::{ANSWERS, Answer, Picture, READINGS, ReadingValue, Shows, of_step, with_code};
pub use glossary::{GLOSSARY, Word};
pub use number::parse_code;
pub(crate) use page::ended;
pub use page::render;
pub use search::{Shot, pictures};
pub(crate) use topics::code_hint;
pub use topics::{Entry, contents, find};

use calloff_model::Code;

use crate::clauses::Clause;
use crate::engine::Engine;
use crate::faults::Seeded;
use crate::scenario::Scenario;
use crate::scenario::language::StepKind;

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
