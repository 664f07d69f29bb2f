//! The keys of the tables that [`super`] describes, and the words that are values.

use super::{Key, Presence, Shape};

/// The keys of a scenario file's top level.
pub const FILE: &[Key] = &[
    required("schema", Shape::Version, "The version of the language."),
    required("name", Shape::Name, "The scenario's name."),
    optional("summary", Shape::Text, "One sentence on the race."),
    optional(
        "time",
        Shape::Word(TIMES),
        "When the virtual clock may advance: between any two steps (`free`, the default), or only \
         when no actor can step (`urgent`).",
    ),
    optional(
        "event",
        Shape::List(&Shape::Table(EVENT)),
        "One event, which is set or not; actors wait until it is set.",
    ),
    optional(
        "lock",
        Shape::List(&Shape::Table(LOCK)),
        "One critical section, which its owner may enter again.",
    ),
    optional(
        "cancel_object",
        Shape::List(&Shape::Table(CANCEL_OBJECT)),
        "One custom cancel object, which an actor may set for its thread.",
    ),
    required(
        "actor",
        Shape::List(&Shape::Table(ACTOR)),
        "One actor: a COM thread, with its steps in order.",
    ),
    optional("expect", Shape::Table(EXPECT), "The expected result; by default the scenario holds."),
];

/// The keys of an `[[event]]`.
pub const EVENT: &[Key] = &[
    required("name", Shape::Name, "The event's name."),
    optional(
        "reset",
        Shape::Word(RESETS),
        "Who resets it: only the step `reset` (`manual`, the default), or also the wait that it \
         ends (`auto`).",
    ),
    optional("set", Shape::Bool, "Whether it is set at the start; false if absent."),
];

/// The keys of a `[[lock]]`.
pub const LOCK: &[Key] = &[required("name", Shape::Name, "The lock's name.")];

/// The keys of a `[[cancel_object]]`.
pub const CANCEL_OBJECT: &[Key] = &[
    required("name", Shape::Name, "The object's name."),
    optional(
        "interface",
        Shape::Bool,
        "Whether it has `ICancelMethodCalls`; true if absent. One without is refused.",
    ),
    optional(
        "steps",
        Shape::List(&Shape::Step),
        "What its `Cancel` does, on the thread that cancels; nothing if absent.",
    ),
    optional(
        "returns",
        Shape::Either(&Shape::Code, &Shape::List(&Shape::Code)),
        "What its `Cancel` returns; of several codes, any; `S_OK` if absent.",
    ),
];

/// The keys of an `[[actor]]`.
pub const ACTOR: &[Key] = &[
    required("name", Shape::Name, "The actor's name, which is its thread id."),
    optional("depth", Shape::Number, "The enable depth that this thread starts with; 0 if absent."),
    optional(
        "daemon",
        Shape::Bool,
        "Whether the actor need not finish; false if absent. An execution is over when all others \
         have.",
    ),
    required("steps", Shape::List(&Shape::Step), "What the actor does, in order."),
];

/// The keys of `[expect]`.
pub const EXPECT: &[Key] = &[
    optional("verdict", Shape::Word(VERDICTS), "The expected verdict; `holds` if absent."),
    optional("clause", Shape::Clause, "The violated clause, with the verdict `violated` only."),
    optional(
        "readings",
        Shape::List(&Shape::Table(READING)),
        "The readings under which the file is checked; all four if absent.",
    ),
    optional(
        "codes",
        Shape::ByActor(&Shape::List(&Shape::List(&Shape::Code))),
        "Per actor, for each of its code-returning steps: exactly the codes that it can return, \
         each in some execution.",
    ),
    optional(
        "stuck",
        Shape::List(&Shape::Name),
        "Exactly the actors that do not finish in some execution; the verdict is then `stuck`.",
    ),
    optional("never", Shape::List(&Shape::Table(QUESTION)), "What no execution does."),
    optional("possible", Shape::List(&Shape::Table(QUESTION)), "What some execution does."),
];

/// The keys of an `[[expect.never]]` and of an `[[expect.possible]]`.
pub const QUESTION: &[Key] = &[
    optional("why", Shape::Text, "Why this is asked, in one sentence."),
    Key {
        name: "code",
        presence: Presence::AtLeastOne,
        shape: Shape::List(&Shape::Text),
        doc: "Codes that are all returned in one execution: `CODE` or `WHO=CODE`, where WHO is an \
              actor, a call, a kind of step, or `ACTOR:STEP`.",
    },
    Key {
        name: "stuck",
        presence: Presence::AtLeastOne,
        shape: Shape::List(&Shape::Name),
        doc: "Actors that never finish in that execution.",
    },
    optional(
        "readings",
        Shape::List(&Shape::Table(READING)),
        "The readings under which this is asked; all of the file if absent.",
    ),
];

/// The keys of one entry of `readings`. An absent axis means both of its values.
pub const READING: &[Key] = &[
    Key {
        name: "cancelable",
        presence: Presence::AtLeastOne,
        shape: Shape::Word(CANCELABLES),
        doc: "When it is decided whether a call can be canceled.",
    },
    Key {
        name: "waiter",
        presence: Presence::AtLeastOne,
        shape: Shape::Word(WAITERS),
        doc: "Who waits for the window of a cancel request.",
    },
];

/// The keys of the argument of `get_cancel_object`.
pub const GET_CANCEL_OBJECT: &[Key] = &[
    required("thread", Shape::Name, "The actor whose innermost pending call is wanted."),
    required("as", Shape::Name, "The name of the cancel object, within this actor."),
];

/// The keys of the argument of `test_cancel`.
pub const TEST_CANCEL: &[Key] =
    &[required("object", Shape::Name, "An object that this actor got earlier.")];

/// The keys of the argument of `cancel`.
pub const CANCEL: &[Key] = &[
    Key {
        name: "thread",
        presence: Presence::ExactlyOne,
        shape: Shape::Name,
        doc: "The actor whose innermost pending call is canceled.",
    },
    Key {
        name: "object",
        presence: Presence::ExactlyOne,
        shape: Shape::Name,
        doc: "A cancel object that this actor got earlier, whose call is canceled.",
    },
    required("seconds", Shape::Window, "How long the server may still take to complete the call."),
];

/// The keys of the longer form of `await` and `call`.
pub const AWAIT: &[Key] = &[
    required("call", Shape::Name, "The call."),
    optional(
        "serving",
        Shape::List(&Shape::List(&Shape::Step)),
        "Handlers, which may run while the actor waits; each begins with a `dispatch`.",
    ),
    optional(
        "filter",
        Shape::Word(FILTERS),
        "What the thread's message filter may do while the actor waits: give up the call.",
    ),
];

/// The keys of the longer form of `wait`.
pub const WAIT: &[Key] = &[
    required("event", Shape::Name, "The event."),
    optional("timeout", Shape::Duration, "How long the actor waits at most; for ever if absent."),
];

/// The keys of the longer form of `join`.
pub const JOIN: &[Key] = &[
    required("actor", Shape::Name, "The actor that is to finish."),
    optional("timeout", Shape::Duration, "How long this actor waits at most; for ever if absent."),
];

/// The keys of the argument of `repeat`.
pub const REPEAT: &[Key] = &[
    required("steps", Shape::List(&Shape::Step), "What is done in each pass."),
    Key {
        name: "until",
        presence: Presence::AtMostOne,
        shape: Shape::Condition,
        doc: "Decides after each pass whether it was the last; without it, none is.",
    },
    Key {
        name: "times",
        presence: Presence::AtMostOne,
        shape: Shape::Count,
        doc: "The number of passes.",
    },
];

/// The keys of the argument of `if`.
pub const IF: &[Key] = &[
    required("is", Shape::Condition, "What decides."),
    Key {
        name: "then",
        presence: Presence::AtLeastOne,
        shape: Shape::List(&Shape::Step),
        doc: "What is done if it is true.",
    },
    Key {
        name: "else",
        presence: Presence::AtLeastOne,
        shape: Shape::List(&Shape::Step),
        doc: "What is done if it is false.",
    },
];

/// The keys of a condition that is a table.
pub const CONDITION: &[Key] = &[
    choice("set", Shape::Name, "The event is set."),
    choice("finished", Shape::Name, "The actor has finished."),
    choice("not", Shape::Condition, "The condition is not true."),
    choice("all", Shape::List(&Shape::Condition), "All of these are true."),
    choice("any", Shape::List(&Shape::Condition), "At least one of these is true."),
];

/// The values of `reset`, the default first.
pub const RESETS: &[&str] = &["manual", "auto"];

/// The values of `filter`.
pub const FILTERS: &[&str] = &["cancel"];

/// The values of `time`, the default first.
pub const TIMES: &[&str] = &["free", "urgent"];

/// The values of `verdict`, the default first.
pub const VERDICTS: &[&str] = &["holds", "violated", "stuck"];

/// The values of `cancelable`, the default first.
pub const CANCELABLES: &[&str] = &["at-issue", "at-request"];

/// The values of `waiter`, the default first.
pub const WAITERS: &[&str] = &["canceller", "caller"];

const fn required(name: &'static str, shape: Shape, doc: &'static str) -> Key {
    Key { name, presence: Presence::Required, shape, doc }
}

const fn optional(name: &'static str, shape: Shape, doc: &'static str) -> Key {
    Key { name, presence: Presence::Optional, shape, doc }
}

const fn choice(name: &'static str, shape: Shape, doc: &'static str) -> Key {
    Key { name, presence: Presence::ExactlyOne, shape, doc }
}
