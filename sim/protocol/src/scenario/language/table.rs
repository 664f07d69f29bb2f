//! The rows of the tables that [`super`] describes.

use super::{Key, Keyword, Presence, Shape, StepKind};

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
    required(
        "actor",
        Shape::List(&Shape::Table(ACTOR)),
        "One actor: a COM thread, with its steps in order.",
    ),
    optional("expect", Shape::Table(EXPECT), "The expected result; by default the scenario holds."),
];

/// The keys of an `[[actor]]`.
pub const ACTOR: &[Key] = &[
    required("name", Shape::Name, "The actor's name, which is its thread id."),
    optional("depth", Shape::Number, "The enable depth that this thread starts with; 0 if absent."),
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

/// The values of `time`, the default first.
pub const TIMES: &[&str] = &["free", "urgent"];

/// The values of `verdict`, the default first.
pub const VERDICTS: &[&str] = &["holds", "violated", "stuck"];

/// The values of `cancelable`, the default first.
pub const CANCELABLES: &[&str] = &["at-issue", "at-request"];

/// The values of `waiter`, the default first.
pub const WAITERS: &[&str] = &["canceller", "caller"];

/// Every kind of step.
pub const STEPS: &[StepKind] = &[
    plain("enable", Keyword::Enable, "CoEnableCallCancellation on this thread."),
    plain("disable", Keyword::Disable, "CoDisableCallCancellation on this thread."),
    StepKind {
        doc: "Issue an outbound call, without waiting for it. The call's name is unique in the \
              file.",
        ..effect("issue", Keyword::Issue, Shape::Name, "{ issue = \"c\" }")
    },
    StepKind {
        doc: "Wait for a call that this actor issued; returns the call's result.",
        ..coded("await", Keyword::Await, Shape::Name, "{ await = \"c\" }")
    },
    StepKind {
        doc: "Issue a call, then wait for it; returns the call's result.",
        ..coded("call", Keyword::Call, Shape::Name, "{ call = \"c\" }")
    },
    StepKind {
        doc: "Enter the method of the call, as its server; if the call was canceled before, jump \
              past its reply.",
        ..effect("dispatch", Keyword::Dispatch, Shape::Name, "{ dispatch = \"c\" }")
    },
    StepKind {
        plain: true,
        doc: "`TestCancel` on the call being served, or on a cancel object that this actor got \
              earlier.",
        ..coded(
            "test_cancel",
            Keyword::TestCancel,
            Shape::Table(TEST_CANCEL),
            "{ test_cancel = { object = \"o\" } }",
        )
    },
    StepKind {
        doc: "Reply to the call being served with this `HRESULT`.",
        ..effect("reply", Keyword::Reply, Shape::Code, "{ reply = \"S_OK\" }")
    },
    StepKind {
        doc: "CoGetCancelObject; on failure the name keeps its previous object.",
        ..coded(
            "get_cancel_object",
            Keyword::GetCancelObject,
            Shape::Table(GET_CANCEL_OBJECT),
            "{ get_cancel_object = { thread = \"caller\", as = \"o\" } }",
        )
    },
    StepKind {
        doc: "`Cancel` on a thread's innermost pending call, or on a cancel object got earlier.",
        ..coded(
            "cancel",
            Keyword::Cancel,
            Shape::Table(CANCEL),
            "{ cancel = { thread = \"caller\", seconds = 1 } }",
        )
    },
    StepKind {
        doc: "Wait for this number of virtual seconds.",
        ..effect("sleep", Keyword::Sleep, Shape::Number, "{ sleep = 1 }")
    },
    StepKind {
        doc: "Wait for this number of virtual seconds; another name for `sleep`.",
        ..effect("work", Keyword::Work, Shape::Number, "{ work = 1 }")
    },
];

const fn plain(name: &'static str, keyword: Keyword, doc: &'static str) -> StepKind {
    let example = match keyword {
        Keyword::Enable => "\"enable\"",
        _ => "\"disable\"",
    };
    StepKind { name, keyword, plain: true, argument: None, example, returns_code: true, doc }
}

const fn coded(
    name: &'static str,
    keyword: Keyword,
    argument: Shape,
    example: &'static str,
) -> StepKind {
    let argument = Some(argument);
    StepKind { name, keyword, plain: false, argument, example, returns_code: true, doc: "" }
}

const fn effect(
    name: &'static str,
    keyword: Keyword,
    argument: Shape,
    example: &'static str,
) -> StepKind {
    StepKind { returns_code: false, ..coded(name, keyword, argument, example) }
}

const fn required(name: &'static str, shape: Shape, doc: &'static str) -> Key {
    Key { name, presence: Presence::Required, shape, doc }
}

const fn optional(name: &'static str, shape: Shape, doc: &'static str) -> Key {
    Key { name, presence: Presence::Optional, shape, doc }
}
