//! The scenario language as data: every key and every step, with its arguments and its meaning.
//!
//! This is the only list. The parser's checks and suggestions, the JSON schema and the tables in
//! the documentation are all derived from it, so they cannot disagree.

mod markdown;
mod steps;
mod table;

pub use markdown::{keys_table, steps_table};
pub use steps::STEPS;
pub use table::{
    ACTOR, AWAIT, CANCEL, CANCEL_OBJECT, CANCELABLES, CONDITION, EVENT, EXPECT, FILE, FILTERS,
    GET_CANCEL_OBJECT, IF, JOIN, LOCK, QUESTION, READING, REPEAT, RESETS, TEST_CANCEL, TIMES,
    VERDICTS, WAIT, WAITERS,
};

use super::Step;

/// The version of the language that this build reads; the value of the key `schema`.
pub const SCHEMA: u32 = 1;

/// The largest scenario file that is accepted, in bytes (1 MiB).
pub const BYTES_MAX: usize = 1 << 20;

/// The largest finite window, in seconds; the next value of `ulSeconds` means "infinite".
pub const WINDOW_SECONDS_MAX: u32 = u32::MAX - 1;

/// The window that only a reply ends, as files spell it.
pub const INFINITE: &str = "infinite";

/// The longest duration, in seconds.
pub const DURATION_SECONDS_MAX: u32 = u32::MAX;

/// The condition that the last code is a success, as files spell it.
pub const SUCCEEDED: &str = "succeeded";

/// The condition that the last code is a failure, as files spell it.
pub const FAILED: &str = "failed";

/// A name that no actor may have, because schedules use it for the virtual clock.
pub const CLOCK: &str = "clock";

/// One key of a table of the language.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// The key, as files spell it.
    pub name: &'static str,
    /// Whether the key is required.
    pub presence: Presence,
    /// The values that it accepts.
    pub shape: Shape,
    /// Its meaning, in one sentence.
    pub doc: &'static str,
}

/// Whether a key is required.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Always.
    Required,
    /// Never needed.
    Optional,
    /// Exactly one of the keys with this mark in the table is required.
    ExactlyOne,
    /// At least one of the keys with this mark in the table is required.
    AtLeastOne,
    /// Of the keys with this mark in the table, no two may be given.
    AtMostOne,
}

/// The values that a key or a step accepts.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// The version of the language: [`SCHEMA`].
    Version,
    /// A string that names something: not empty, of visible characters.
    Name,
    /// Any string.
    Text,
    /// One of these strings.
    Word(&'static [&'static str]),
    /// True or false.
    Bool,
    /// A whole number from 0 to 4294967295.
    Number,
    /// A whole number from 1 to 4294967295.
    Count,
    /// A duration: a whole number of seconds, or text with a unit.
    Duration,
    /// `ulSeconds`: a whole number of seconds, or "infinite".
    Window,
    /// The name of a return code, or `0x` and one to eight hexadecimal digits.
    Code,
    /// The id of a clause: K and a number.
    Clause,
    /// One step: a string, or a table with exactly one key.
    Step,
    /// What is decided by: text about the last code, or a table with exactly one key.
    Condition,
    /// A table with these keys and no others.
    Table(&'static [Key]),
    /// An array of these.
    List(&'static Shape),
    /// A table from actor names to these.
    ByActor(&'static Shape),
    /// One of these two.
    Either(&'static Shape, &'static Shape),
}

/// One kind of step.
#[derive(Clone, Copy, Debug)]
pub struct StepKind {
    /// The name, as files spell it.
    pub name: &'static str,
    /// The keyword that stands for it in code.
    pub keyword: Keyword,
    /// Whether the bare string is a complete step.
    pub plain: bool,
    /// The values accepted in the table form `{ name = value }`; `None` if there is no such form.
    pub argument: Option<Shape>,
    /// An example of the table form, or the bare string if there is no table form.
    pub example: &'static str,
    /// An example with more keys, if there is a longer form.
    pub long: Option<&'static str>,
    /// Whether it returns a code.
    pub returns_code: bool,
    /// Its effect, in one sentence.
    pub doc: &'static str,
}

/// The kinds of steps, as an enum to match on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "STEPS documents each of them")]
pub enum Keyword {
    Enable,
    Disable,
    Issue,
    Await,
    Call,
    Dispatch,
    TestCancel,
    Reply,
    GetCancelObject,
    Cancel,
    Sleep,
    Work,
    Set,
    Reset,
    Wait,
    Join,
    Lock,
    Unlock,
    Repeat,
    If,
    Break,
    Return,
    SetCancelObject,
    UnsetCancelObject,
}

impl StepKind {
    /// The kind with this name in files.
    pub fn named(name: &str) -> Option<&'static StepKind> {
        STEPS.iter().find(|kind| kind.name == name)
    }
}

impl Keyword {
    /// The step's name, as files spell it.
    pub fn name(self) -> &'static str {
        self.kind().name
    }

    /// Whether only client programs have such steps.
    pub fn is_of_clients(self) -> bool {
        !matches!(
            self,
            Keyword::Enable
                | Keyword::Disable
                | Keyword::Issue
                | Keyword::Await
                | Keyword::Call
                | Keyword::Dispatch
                | Keyword::TestCancel
                | Keyword::Reply
                | Keyword::GetCancelObject
                | Keyword::Cancel
                | Keyword::Sleep
                | Keyword::Work
        )
    }

    /// The row of [`STEPS`] for this keyword.
    pub fn kind(self) -> &'static StepKind {
        let row = STEPS.iter().find(|kind| kind.keyword == self);
        row.expect("every keyword has a row in STEPS")
    }
}

impl Step {
    /// The kind of the step.
    pub fn keyword(&self) -> Keyword {
        match self {
            Step::Enable => Keyword::Enable,
            Step::Disable => Keyword::Disable,
            Step::Issue(_) => Keyword::Issue,
            Step::Await(_) => Keyword::Await,
            Step::Call(_) => Keyword::Call,
            Step::Dispatch(_) => Keyword::Dispatch,
            Step::TestCancel | Step::TestCancelObject(_) => Keyword::TestCancel,
            Step::Reply(_) => Keyword::Reply,
            Step::GetCancelObject { .. } => Keyword::GetCancelObject,
            Step::Cancel { .. } => Keyword::Cancel,
            Step::Sleep(_) => Keyword::Sleep,
            Step::Work(_) => Keyword::Work,
            Step::Set(_) => Keyword::Set,
            Step::Reset(_) => Keyword::Reset,
            Step::Wait { .. } => Keyword::Wait,
            Step::Join { .. } => Keyword::Join,
            Step::Lock(_) => Keyword::Lock,
            Step::Unlock(_) => Keyword::Unlock,
            Step::Repeat { .. } => Keyword::Repeat,
            Step::If { .. } => Keyword::If,
            Step::Break => Keyword::Break,
            Step::Return => Keyword::Return,
            Step::SetCancelObject(_) => Keyword::SetCancelObject,
            Step::UnsetCancelObject => Keyword::UnsetCancelObject,
        }
    }
}

impl Shape {
    /// A phrase for the accepted values that fits after "expected".
    pub fn expected(self) -> String {
        match self {
            Shape::Version => format!("the number {SCHEMA}"),
            Shape::Name => "a name in quotes".to_owned(),
            Shape::Text => "a string".to_owned(),
            Shape::Word(words) => one_of(words),
            Shape::Bool => "true or false".to_owned(),
            Shape::Number => format!("a whole number from 0 to {}", u32::MAX),
            Shape::Count => format!("a whole number from 1 to {}", u32::MAX),
            Shape::Duration => "whole seconds, or text such as \"250ms\" or \"2s\"".to_owned(),
            Shape::Window => format!("0 to {WINDOW_SECONDS_MAX}, or \"{INFINITE}\""),
            Shape::Code => "the name of a code, or \"0x\" and hexadecimal digits".to_owned(),
            Shape::Clause => "the id of a clause, such as \"K6\"".to_owned(),
            Shape::Step => "a step".to_owned(),
            Shape::Condition => "a condition".to_owned(),
            Shape::Table(keys) => format!("a table with {}", key_list(keys)),
            Shape::List(item) => format!("an array of {}", item.plural()),
            Shape::ByActor(_) => "a table from actor names to arrays of codes".to_owned(),
            Shape::Either(one, other) => format!("{}, or {}", one.expected(), other.expected()),
        }
    }

    fn plural(self) -> &'static str {
        match self {
            Shape::Step => "steps",
            Shape::Condition => "conditions",
            Shape::Code => "codes",
            Shape::Bool | Shape::Duration | Shape::Either(..) => "values",
            Shape::Table(_) | Shape::ByActor(_) => "tables",
            Shape::List(_) => "arrays",
            Shape::Number | Shape::Count | Shape::Window | Shape::Version => "numbers",
            Shape::Name | Shape::Text | Shape::Word(_) | Shape::Clause => "strings",
        }
    }
}

fn one_of(words: &[&str]) -> String {
    match words {
        [] => "nothing".to_owned(),
        [only] => format!("\"{only}\""),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(|word| format!("\"{word}\"")).collect();
            format!("{} or \"{last}\"", first.join(", "))
        }
    }
}

fn key_list(keys: &[Key]) -> String {
    let names: Vec<String> = keys.iter().map(|key| format!("`{}`", key.name)).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use calloff_model::{Cancelable, Waiter};

    use super::*;

    #[test]
    fn the_words_of_the_table_are_the_names_that_the_types_give_themselves() {
        assert_eq!(CANCELABLES, Cancelable::ALL.map(Cancelable::name));
        assert_eq!(WAITERS, Waiter::ALL.map(Waiter::name));
        use crate::history::TimePolicy;
        assert_eq!(TIMES, [TimePolicy::Free.name(), TimePolicy::Urgent.name()]);
        assert_eq!(TIMES[0], TimePolicy::default().name());
    }

    #[test]
    fn every_step_is_a_string_or_takes_an_argument() {
        for kind in STEPS {
            assert!(kind.plain || kind.argument.is_some(), "{}", kind.name);
            assert_eq!(kind.keyword.kind().name, kind.name);
        }
    }

    #[test]
    fn the_table_and_the_steps_agree_on_which_of_them_return_a_code() {
        for kind in STEPS {
            for example in [Some(kind.example), kind.long].into_iter().flatten() {
                let file = around(kind.keyword, example);
                let scenario = crate::scenario::Scenario::parse("example.toml", file.as_bytes());
                let scenario = scenario.unwrap_or_else(|errors| panic!("{errors}"));
                let mut steps = Step::all(&scenario.actors[0].steps);
                let step = steps.find(|step| step.keyword() == kind.keyword);
                let step = step.expect("the example is a step of that kind");
                assert_eq!(step.returns_code(), kind.returns_code, "{}", kind.name);
            }
        }
    }

    /// A file with the step, and with all that the examples name.
    fn around(keyword: Keyword, step: &str) -> String {
        let issue = match keyword {
            Keyword::Issue | Keyword::Call => "",
            _ => "{ issue = \"c\" }, ",
        };
        format!(
            "schema = 1\nname = \"n\"\n[[event]]\nname = \"e\"\n[[lock]]\nname = \"l\"\n\
             [[cancel_object]]\nname = \"mine\"\n[[actor]]\nname = \"t\"\nsteps = [{issue}\
             {{ issue = \"callback\" }}, {{ dispatch = \"c\" }}, \
             {{ get_cancel_object = {{ thread = \"t\", as = \"o\" }} }}, \
             {{ repeat = {{ steps = [\"enable\", {step}], times = 2 }} }}]\n\
             [[actor]]\nname = \"caller\"\nsteps = []\n"
        )
    }
}
