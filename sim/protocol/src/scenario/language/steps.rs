//! The kinds of steps.

use super::{
    AWAIT, CANCEL, GET_CANCEL_OBJECT, IF, JOIN, Keyword, REPEAT, Shape, StepKind, TEST_CANCEL, WAIT,
};

/// Every kind of step.
pub const STEPS: &[StepKind] = &[
    plain("enable", Keyword::Enable, "\"enable\"", "CoEnableCallCancellation on this thread."),
    plain("disable", Keyword::Disable, "\"disable\"", "CoDisableCallCancellation on this thread."),
    StepKind {
        doc: "Issue an outbound call, without waiting for it. The call's name is unique in the \
              file.",
        ..effect("issue", Keyword::Issue, Shape::Name, "{ issue = \"c\" }")
    },
    StepKind {
        doc: "Wait for a call that this actor issued; returns the call's result. Meanwhile \
              handlers may run, and a message filter may give up the call.",
        long: Some(
            "{ await = { call = \"c\", serving = [[{ dispatch = \"callback\" }, { reply = \
             \"S_OK\" }]], filter = \"cancel\" } }",
        ),
        ..coded("await", Keyword::Await, WAITING, "{ await = \"c\" }")
    },
    StepKind {
        doc: "Issue a call, then wait for it like `await`; returns the call's result.",
        long: Some("{ call = { call = \"c\", filter = \"cancel\" } }"),
        ..coded("call", Keyword::Call, WAITING, "{ call = \"c\" }")
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
        doc: "Let this virtual time pass.",
        long: Some("{ sleep = \"250ms\" }"),
        ..effect("sleep", Keyword::Sleep, Shape::Duration, "{ sleep = 1 }")
    },
    StepKind {
        doc: "Let this virtual time pass; another name for `sleep`.",
        ..effect("work", Keyword::Work, Shape::Duration, "{ work = 1 }")
    },
    StepKind {
        doc: "Set an event.",
        ..effect("set", Keyword::Set, Shape::Name, "{ set = \"e\" }")
    },
    StepKind {
        doc: "Reset an event.",
        ..effect("reset", Keyword::Reset, Shape::Name, "{ reset = \"e\" }")
    },
    StepKind {
        doc: "Wait until an event is set: `S_OK`, or `WAIT_TIMEOUT`.",
        long: Some("{ wait = { event = \"e\", timeout = \"500ms\" } }"),
        ..coded("wait", Keyword::Wait, WAIT_ARGUMENT, "{ wait = \"e\" }")
    },
    StepKind {
        doc: "Wait until another actor has finished: `S_OK`, or `WAIT_TIMEOUT`.",
        long: Some("{ join = { actor = \"caller\", timeout = 2 } }"),
        ..coded("join", Keyword::Join, JOIN_ARGUMENT, "{ join = \"caller\" }")
    },
    StepKind {
        doc: "Enter a critical section; wait while another actor owns it.",
        ..effect("lock", Keyword::Lock, Shape::Name, "{ lock = \"l\" }")
    },
    StepKind {
        doc: "Leave a critical section.",
        ..effect("unlock", Keyword::Unlock, Shape::Name, "{ unlock = \"l\" }")
    },
    StepKind {
        doc: "Do the steps again and again: until a condition is true, a number of times, or for \
              ever.",
        long: Some("{ repeat = { steps = [{ sleep = 1 }], until = { set = \"e\" } } }"),
        ..effect(
            "repeat",
            Keyword::Repeat,
            Shape::Table(REPEAT),
            "{ repeat = { steps = [{ sleep = 1 }], times = 3 } }",
        )
    },
    StepKind {
        doc: "Do one list of steps or another.",
        ..effect(
            "if",
            Keyword::If,
            Shape::Table(IF),
            "{ if = { is = \"failed\", then = [\"return\"], else = [\"enable\"] } }",
        )
    },
    StepKind {
        returns_code: false,
        ..plain("break", Keyword::Break, "\"break\"", "Leave the innermost `repeat`.")
    },
    StepKind {
        returns_code: false,
        ..plain("return", Keyword::Return, "\"return\"", "The actor has finished.")
    },
    StepKind {
        doc: "CoSetCancelObject on this thread, with a custom object.",
        ..coded(
            "set_cancel_object",
            Keyword::SetCancelObject,
            Shape::Name,
            "{ set_cancel_object = \"mine\" }",
        )
    },
    plain(
        "unset_cancel_object",
        Keyword::UnsetCancelObject,
        "\"unset_cancel_object\"",
        "CoSetCancelObject on this thread, with none.",
    ),
];

/// The argument of `await` and `call`.
const WAITING: Shape = Shape::Either(&Shape::Name, &Shape::Table(AWAIT));

/// The argument of `wait`.
const WAIT_ARGUMENT: Shape = Shape::Either(&Shape::Name, &Shape::Table(WAIT));

/// The argument of `join`.
const JOIN_ARGUMENT: Shape = Shape::Either(&Shape::Name, &Shape::Table(JOIN));

const fn plain(
    name: &'static str,
    keyword: Keyword,
    example: &'static str,
    doc: &'static str,
) -> StepKind {
    let (argument, long) = (None, None);
    StepKind { name, keyword, plain: true, argument, example, long, returns_code: true, doc }
}

const fn coded(
    name: &'static str,
    keyword: Keyword,
    argument: Shape,
    example: &'static str,
) -> StepKind {
    let (argument, long) = (Some(argument), None);
    StepKind { name, keyword, plain: false, argument, example, long, returns_code: true, doc: "" }
}

const fn effect(
    name: &'static str,
    keyword: Keyword,
    argument: Shape,
    example: &'static str,
) -> StepKind {
    StepKind { returns_code: false, ..coded(name, keyword, argument, example) }
}
