//! The answers of operations: the only list of what each code means when a certain operation
//! returns it.
//!
//! `calloff explain` and the documentation use this list.

use calloff_model::{Cancelable, Code, Waiter};
use calloff_protocol::scenario::language::Keyword;

/// A code as the answer of one operation.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    /// The operation.
    pub step: Keyword,
    /// The code.
    pub code: Code,
    /// Its meaning.
    pub meaning: &'static str,
    /// How the readings differ in this answer; empty if they do not.
    pub readings: &'static str,
    /// The page and the row.
    pub source: &'static str,
    /// The interleavings that show it.
    pub pictures: &'static [Picture],
}

/// An interleaving that explains something.
#[derive(Clone, Copy, Debug)]
pub struct Picture {
    /// What the interleaving shows, in a few words.
    pub caption: &'static str,
    /// The criterion for such an interleaving.
    pub shows: Shows,
    /// The scenario of the corpus to use; `None`: the one with the shortest interleaving.
    pub scenario: Option<&'static str>,
}

/// A criterion that an interleaving may meet.
#[derive(Clone, Copy, Debug)]
pub enum Shows {
    /// Steps of these kinds return these codes.
    Codes(&'static [(Keyword, Code)]),
    /// The clause with this id has a finding.
    Clause(&'static str),
    /// Some step of this kind finishes.
    Taken(Keyword),
}

const fn shown(caption: &'static str, codes: &'static [(Keyword, Code)]) -> Picture {
    Picture { caption, shows: Shows::Codes(codes), scenario: None }
}

const fn shown_in(
    scenario: &'static str,
    caption: &'static str,
    codes: &'static [(Keyword, Code)],
) -> Picture {
    Picture { caption, shows: Shows::Codes(codes), scenario: Some(scenario) }
}

/// All answers, those of `cancel` first.
pub const ANSWERS: [Answer; 17] = [
    Answer {
        step: Keyword::Cancel,
        code: Code::S_OK,
        meaning: "The request was made. The call need not end canceled: it may still complete \
                  with its server's result, and only the code that the call itself returns tells \
                  which of the two happened.",
        readings: "waiter = canceller: it is returned at the end of the window, unless the server \
                   has replied by then. waiter = caller: it is returned at once, and the window \
                   runs on without the canceller.",
        source: "ICancelMethodCalls::Cancel, row S_OK",
        pictures: &[
            Picture {
                caption: "S_OK, but the call completes",
                shows: Shows::Clause("K2"),
                scenario: Some("cancel-meets-reply"),
            },
            shown_in(
                "cancel-meets-reply",
                "S_OK, and the call is canceled",
                &[(Keyword::Cancel, Code::S_OK), (Keyword::Await, Code::RPC_E_CALL_CANCELED)],
            ),
        ],
    },
    Answer {
        step: Keyword::Cancel,
        code: Code::RPC_E_CALL_CANCELED,
        meaning: "A request on this call was accepted before, or the call has ended canceled. \
                  This request has no effect, also not on the first one's window. The page of \
                  `Cancel` spells the code RPC_S_CALL_CANCELED.",
        readings: "",
        source: "ICancelMethodCalls::Cancel, row RPC_S_CALL_CANCELED",
        pictures: &[shown(
            "two cancels of one call: the second returns it",
            &[(Keyword::Cancel, Code::S_OK), (Keyword::Cancel, Code::RPC_E_CALL_CANCELED)],
        )],
    },
    Answer {
        step: Keyword::Cancel,
        code: Code::CO_E_CANCEL_DISABLED,
        meaning: "The request was refused: the thread that issued the call has not enabled \
                  cancellation. The request has no effect, and the call goes on.",
        readings: "at-issue: cancellation was not enabled when the call was issued. at-request: \
                   it is not enabled when the request is made.",
        source: "ICancelMethodCalls::Cancel, row CO_E_CANCEL_DISABLED",
        pictures: &[shown(
            "the caller has not enabled cancellation",
            &[(Keyword::Cancel, Code::CO_E_CANCEL_DISABLED)],
        )],
    },
    Answer {
        step: Keyword::Cancel,
        code: Code::RPC_E_CALL_COMPLETE,
        meaning: "Too late: the server has already replied, before the request or within its \
                  window (the seconds passed to `Cancel`). The call is not canceled, and returns \
                  the server's result.",
        readings: "waiter = canceller: also returned when the reply comes inside the window. \
                   waiter = caller: only when the reply comes before the request, since `Cancel` \
                   returns before the window ends.",
        source: "ICancelMethodCalls::Cancel, row RPC_E_CALL_COMPLETE",
        pictures: &[shown(
            "the reply comes first",
            &[(Keyword::Cancel, Code::RPC_E_CALL_COMPLETE)],
        )],
    },
    Answer {
        step: Keyword::Cancel,
        code: Code::E_NOINTERFACE,
        meaning: "There is nothing to cancel: the thread has no call pending, or the cancel \
                  object was never obtained. The request is not remembered, and does not affect a \
                  call that is issued later.",
        readings: "",
        source: "CoCancelCall and CoGetCancelObject, row E_NOINTERFACE",
        pictures: &[shown(
            "the cancel comes before the call",
            &[(Keyword::Cancel, Code::E_NOINTERFACE)],
        )],
    },
    Answer {
        step: Keyword::Await,
        code: Code::S_OK,
        meaning: "The call completed, with the server's result. The server's reply is returned \
                  unchanged, even if a cancel was accepted in the meantime.",
        readings: "",
        source: "ICancelMethodCalls::Cancel, row S_OK and remark on canceled methods",
        pictures: &[shown("the call completes", &[(Keyword::Await, Code::S_OK)])],
    },
    Answer {
        step: Keyword::Await,
        code: Code::RPC_E_CALL_CANCELED,
        meaning: "The call was canceled: a request was accepted, and its window ended without a \
                  reply. The server may still be running; its late reply is dropped. (A server \
                  may also reply with this code, as with any other.)",
        readings: "waiter = canceller: the canceller releases the caller when its wait ends. \
                   waiter = caller: the caller's own deadline releases it.",
        source: "ICancelMethodCalls::Cancel, remark on canceled methods",
        pictures: &[shown(
            "the caller is released",
            &[(Keyword::Cancel, Code::S_OK), (Keyword::Await, Code::RPC_E_CALL_CANCELED)],
        )],
    },
    Answer {
        step: Keyword::TestCancel,
        code: Code::RPC_S_CALLPENDING,
        meaning: "Nobody has requested the cancellation of this call so far: the server should \
                  continue. It is a failure code, despite the `_S_` in its name.",
        readings: "",
        source: "ICancelMethodCalls::TestCancel and CoTestCancel, row RPC_S_CALLPENDING",
        pictures: &[shown(
            "a server tests before any request",
            &[(Keyword::TestCancel, Code::RPC_S_CALLPENDING)],
        )],
    },
    Answer {
        step: Keyword::TestCancel,
        code: Code::RPC_E_CALL_CANCELED,
        meaning: "The cancellation of this call was requested: the server may stop early. The \
                  code is returned from the request on, already while its window runs.",
        readings: "",
        source: "ICancelMethodCalls::TestCancel and CoTestCancel, row RPC_E_CALL_CANCELED",
        pictures: &[shown(
            "the server sees the request",
            &[(Keyword::TestCancel, Code::RPC_E_CALL_CANCELED)],
        )],
    },
    Answer {
        step: Keyword::TestCancel,
        code: Code::RPC_E_CALL_COMPLETE,
        meaning: "There is nothing to stop: the call has already been replied to. A thread that \
                  serves no call gets this code, too.",
        readings: "",
        source: "ICancelMethodCalls::TestCancel, row RPC_E_CALL_COMPLETE; CoGetCallContext",
        pictures: &[shown(
            "a test with nothing to stop",
            &[(Keyword::TestCancel, Code::RPC_E_CALL_COMPLETE)],
        )],
    },
    Answer {
        step: Keyword::TestCancel,
        code: Code::E_NOINTERFACE,
        meaning: "The cancel object was never obtained.",
        readings: "",
        source: "a decision of this project",
        pictures: &[shown(
            "a test on an object that was never obtained",
            &[(Keyword::TestCancel, Code::E_NOINTERFACE)],
        )],
    },
    Answer {
        step: Keyword::GetCancelObject,
        code: Code::S_OK,
        meaning: "The canceller gets a handle on the innermost pending call of the thread. The \
                  handle belongs to that call, and never reaches another one.",
        readings: "",
        source: "CoGetCancelObject, row S_OK",
        pictures: &[shown("a handle is obtained", &[(Keyword::GetCancelObject, Code::S_OK)])],
    },
    Answer {
        step: Keyword::GetCancelObject,
        code: Code::E_NOINTERFACE,
        meaning: "The thread has no call pending.",
        readings: "",
        source: "CoGetCancelObject, row E_NOINTERFACE",
        pictures: &[shown(
            "no call is pending",
            &[(Keyword::GetCancelObject, Code::E_NOINTERFACE)],
        )],
    },
    Answer {
        step: Keyword::GetCancelObject,
        code: Code::CO_E_CANCEL_DISABLED,
        meaning: "Cancellation is disabled on the thread, so no handle is returned.",
        readings: "at-request: this code is returned. at-issue: a handle is returned, and \
                   requests on it are refused.",
        source: "CoDisableCallCancellation, remarks",
        pictures: &[shown(
            "no handle while cancellation is disabled",
            &[(Keyword::GetCancelObject, Code::CO_E_CANCEL_DISABLED)],
        )],
    },
    Answer {
        step: Keyword::Enable,
        code: Code::S_OK,
        meaning: "The thread's enable depth was increased by one. Its calls can be canceled while \
                  the depth is above 0.",
        readings: "",
        source: "CoEnableCallCancellation, row S_OK",
        pictures: &[shown(
            "the thread enables cancellation, so the cancel of its call is accepted",
            &[(Keyword::Enable, Code::S_OK), (Keyword::Cancel, Code::S_OK)],
        )],
    },
    Answer {
        step: Keyword::Disable,
        code: Code::S_OK,
        meaning: "The thread's enable depth was decreased by one. Cancellation is disabled once \
                  the depth is 0: each enable needs its own disable.",
        readings: "at-issue: a pending call stays as it was issued. at-request: requests on it \
                   are refused once the depth is 0.",
        source: "CoDisableCallCancellation, as Wine's tests find it on Windows",
        pictures: &[shown(
            "after the disable, a cancel is refused",
            &[(Keyword::Disable, Code::S_OK), (Keyword::Cancel, Code::CO_E_CANCEL_DISABLED)],
        )],
    },
    Answer {
        step: Keyword::Disable,
        code: Code::CO_E_CANCEL_DISABLED,
        meaning: "Cancellation was already disabled: the depth is 0, and stays 0.",
        readings: "",
        source: "CoDisableCallCancellation, row CO_E_CANCEL_DISABLED",
        pictures: &[shown(
            "a disable at depth 0",
            &[(Keyword::Disable, Code::CO_E_CANCEL_DISABLED)],
        )],
    },
];

/// One of two meanings that the sources allow.
#[derive(Clone, Copy, Debug)]
pub struct ReadingValue {
    /// The subject on which the two meanings differ.
    pub axis: &'static str,
    /// The name of this meaning.
    pub name: &'static str,
    /// What the sources mean according to it.
    pub meaning: &'static str,
    /// Its source.
    pub source: &'static str,
    /// The interleaving that shows it.
    pub picture: Picture,
}

/// All meanings, on both axes.
pub const READINGS: [ReadingValue; 4] = [
    ReadingValue {
        axis: "cancelable",
        name: Cancelable::AtIssue.name(),
        meaning: "the depth of the issuing thread counts at the moment when the call is issued",
        source: "CoEnableCallCancellation, CoDisableCallCancellation",
        picture: shown_in(
            "disable-during-call-at-issue",
            "the call was issued with cancellation enabled, so the later disable does not protect \
             it",
            &[(Keyword::Disable, Code::S_OK), (Keyword::Cancel, Code::S_OK)],
        ),
    },
    ReadingValue {
        axis: "cancelable",
        name: Cancelable::AtRequest.name(),
        meaning: "the depth of the issuing thread counts at the moment of the request; and for a \
                  thread at depth 0 with a call pending, `CoGetCancelObject` returns \
                  `CO_E_CANCEL_DISABLED`",
        source: "`Cancel`, row `CO_E_CANCEL_DISABLED`; CoDisableCallCancellation",
        picture: shown_in(
            "disable-during-call-at-request",
            "once the thread has disabled cancellation, requests on its pending call are refused",
            &[(Keyword::Disable, Code::S_OK), (Keyword::Cancel, Code::CO_E_CANCEL_DISABLED)],
        ),
    },
    ReadingValue {
        axis: "waiter",
        name: Waiter::Canceller.name(),
        meaning: "`Cancel(n)` itself waits for the window",
        source: "`Cancel`; CoCancelCall",
        picture: shown_in(
            "call-completes-in-the-window",
            "the canceller waits, and is told of the reply",
            &[(Keyword::Cancel, Code::RPC_E_CALL_COMPLETE)],
        ),
    },
    ReadingValue {
        axis: "waiter",
        name: Waiter::Caller.name(),
        meaning: "`Cancel(n)` returns `S_OK` at once, and the request expires at its deadline",
        source: "RpcCancelThreadEx, RpcMgmtSetCancelTimeout",
        picture: shown_in(
            "caller-window-leaves-the-canceller",
            "`Cancel` returns at once, though the call completes inside the window",
            &[(Keyword::Cancel, Code::S_OK), (Keyword::Await, Code::S_FALSE)],
        ),
    },
];

/// The answers with this code, those of `cancel` first.
pub fn with_code(code: Code) -> impl Iterator<Item = &'static Answer> {
    ANSWERS.iter().filter(move |answer| answer.code == code)
}

/// The answers of this kind of step; a `call` has those of an `await`.
pub fn of_step(step: Keyword) -> impl Iterator<Item = &'static Answer> {
    let step = if step == Keyword::Call { Keyword::Await } else { step };
    ANSWERS.iter().filter(move |answer| answer.step == step)
}

impl Answer {
    /// The code as this operation's page spells it.
    pub fn code_name(&self) -> String {
        if self.step == Keyword::Cancel { self.code.cancel_name() } else { self.code.name() }
    }
}
