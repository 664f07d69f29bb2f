//! The answers of operations: the only list of what each code means when a certain operation
//! returns it.
//!
//! `calloff explain` and the documentation use this list.

use calloff_model::{Cancelable, Code, Waiter};

use crate::scenario::language::Keyword;

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
        meaning: "The request was made, and that is all. It does not mean that the call was \
                  canceled: the call may still complete with its server's result, and only what \
                  the call itself returns says which of the two happened.",
        readings: "waiter = canceller: it comes at the end of the window, unless the server has \
                   replied by then. waiter = caller: it comes at once, and the window runs on \
                   without the canceller.",
        source: "ICancelMethodCalls::Cancel, row S_OK",
        pictures: &[
            Picture {
                caption: "S_OK, and the call completes all the same",
                shows: Shows::Clause("K2"),
                scenario: Some("cancel-meets-reply"),
            },
            shown_in(
                "cancel-meets-reply",
                "S_OK, and the call ends canceled",
                &[(Keyword::Cancel, Code::S_OK), (Keyword::Await, Code::RPC_E_CALL_CANCELED)],
            ),
        ],
    },
    Answer {
        step: Keyword::Cancel,
        code: Code::RPC_E_CALL_CANCELED,
        meaning: "Somebody else has asked before: a request on this call was accepted already, or \
                  the call has ended canceled. This request adds nothing, and does not change the \
                  first one's window. Here the page spells the code RPC_S_CALL_CANCELED.",
        readings: "",
        source: "ICancelMethodCalls::Cancel, row RPC_S_CALL_CANCELED",
        pictures: &[shown(
            "two cancels of one call: the second is told so",
            &[(Keyword::Cancel, Code::S_OK), (Keyword::Cancel, Code::RPC_E_CALL_CANCELED)],
        )],
    },
    Answer {
        step: Keyword::Cancel,
        code: Code::CO_E_CANCEL_DISABLED,
        meaning: "Refused: the thread that issued the call has not enabled cancellation. Nothing \
                  changes, and the call goes on as if nobody had asked.",
        readings: "at-issue: what counts is whether cancellation was enabled when the call was \
                   issued. at-request: what counts is whether it is enabled when the request is \
                   made.",
        source: "ICancelMethodCalls::Cancel, row CO_E_CANCEL_DISABLED",
        pictures: &[shown(
            "the caller has not enabled cancellation",
            &[(Keyword::Cancel, Code::CO_E_CANCEL_DISABLED)],
        )],
    },
    Answer {
        step: Keyword::Cancel,
        code: Code::RPC_E_CALL_COMPLETE,
        meaning: "Too late: the call's server has replied already, before the request came or \
                  within its window (the seconds that `Cancel` was told to allow). The call is not \
                  canceled, and its caller gets the server's result.",
        readings: "waiter = canceller: a reply inside the window gives this answer. waiter = \
                   caller: only a reply before the request does, since the canceller is back \
                   before the window ends.",
        source: "ICancelMethodCalls::Cancel, row RPC_E_CALL_COMPLETE",
        pictures: &[shown(
            "the reply comes first",
            &[(Keyword::Cancel, Code::RPC_E_CALL_COMPLETE)],
        )],
    },
    Answer {
        step: Keyword::Cancel,
        code: Code::E_NOINTERFACE,
        meaning: "There is nothing to cancel: the thread has no call pending at that moment, or \
                  the cancel object was never obtained. The request is not remembered: a call \
                  that is issued afterwards knows nothing of it.",
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
        meaning: "The server's own result: the call completed. Whatever a server replies with is \
                  returned unchanged, also when a cancel was accepted in the meantime.",
        readings: "",
        source: "ICancelMethodCalls::Cancel, row S_OK and remark on canceled methods",
        pictures: &[shown("the call completes", &[(Keyword::Await, Code::S_OK)])],
    },
    Answer {
        step: Keyword::Await,
        code: Code::RPC_E_CALL_CANCELED,
        meaning: "The call was canceled: a request was accepted, its window is over, and no reply \
                  has come. The caller goes on without its server, which may still be at work; its \
                  late reply is dropped. (A server may also reply with this very code, as with any \
                  other.)",
        readings: "waiter = canceller: the end of the canceller's wait releases the caller. waiter \
                   = caller: the deadline releases it by itself.",
        source: "ICancelMethodCalls::Cancel, remark on canceled methods",
        pictures: &[shown(
            "the caller is released",
            &[(Keyword::Cancel, Code::S_OK), (Keyword::Await, Code::RPC_E_CALL_CANCELED)],
        )],
    },
    Answer {
        step: Keyword::TestCancel,
        code: Code::RPC_S_CALLPENDING,
        meaning: "Nobody has asked for this call to be canceled so far: the server should work on. \
                  It is a failure code in spite of the `_S_` in its name.",
        readings: "",
        source: "ICancelMethodCalls::TestCancel and CoTestCancel, row RPC_S_CALLPENDING",
        pictures: &[shown(
            "a server looks before anybody has asked",
            &[(Keyword::TestCancel, Code::RPC_S_CALLPENDING)],
        )],
    },
    Answer {
        step: Keyword::TestCancel,
        code: Code::RPC_E_CALL_CANCELED,
        meaning: "Somebody has asked for this call to be canceled: the server may stop early. It \
                  is seen as soon as the request is made, while its window still runs.",
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
        meaning: "There is nothing to stop any more: the call that was asked about has its reply. \
                  A server that asks while it serves no call at all is told the same.",
        readings: "",
        source: "ICancelMethodCalls::TestCancel, row RPC_E_CALL_COMPLETE; CoGetCallContext",
        pictures: &[shown(
            "a test when there is nothing to stop",
            &[(Keyword::TestCancel, Code::RPC_E_CALL_COMPLETE)],
        )],
    },
    Answer {
        step: Keyword::TestCancel,
        code: Code::E_NOINTERFACE,
        meaning: "The cancel object that is asked was never obtained.",
        readings: "",
        source: "a decision of the reference",
        pictures: &[shown(
            "a test on an object that was never obtained",
            &[(Keyword::TestCancel, Code::E_NOINTERFACE)],
        )],
    },
    Answer {
        step: Keyword::GetCancelObject,
        code: Code::S_OK,
        meaning: "Here is a handle on the innermost call that the thread has pending. It stays \
                  with that call, and never reaches another one.",
        readings: "",
        source: "CoGetCancelObject, row S_OK",
        pictures: &[shown("a handle is got", &[(Keyword::GetCancelObject, Code::S_OK)])],
    },
    Answer {
        step: Keyword::GetCancelObject,
        code: Code::E_NOINTERFACE,
        meaning: "The thread has no call pending, so that there is nothing to get a handle on.",
        readings: "",
        source: "CoGetCancelObject, row E_NOINTERFACE",
        pictures: &[shown(
            "there is no call pending",
            &[(Keyword::GetCancelObject, Code::E_NOINTERFACE)],
        )],
    },
    Answer {
        step: Keyword::GetCancelObject,
        code: Code::CO_E_CANCEL_DISABLED,
        meaning: "The thread has cancellation disabled, and hands out no handle.",
        readings: "Under at-request alone. at-issue: the handle is handed out, and refuses.",
        source: "CoDisableCallCancellation, remarks",
        pictures: &[shown(
            "no handle while cancellation is disabled",
            &[(Keyword::GetCancelObject, Code::CO_E_CANCEL_DISABLED)],
        )],
    },
    Answer {
        step: Keyword::Enable,
        code: Code::S_OK,
        meaning: "The thread's enable depth is one higher. Its calls can be canceled while that is \
                  above 0.",
        readings: "",
        source: "CoEnableCallCancellation, row S_OK",
        pictures: &[shown(
            "the thread enables cancellation; so the cancel of its call is accepted",
            &[(Keyword::Enable, Code::S_OK), (Keyword::Cancel, Code::S_OK)],
        )],
    },
    Answer {
        step: Keyword::Disable,
        code: Code::S_OK,
        meaning: "The thread's enable depth is one lower. Cancellation is disabled only once that \
                  is 0: each enable needs a disable of its own.",
        readings: "at-issue: calls that are pending keep what they were issued with. at-request: \
                   they refuse from now on.",
        source: "CoDisableCallCancellation, as Wine's tests find it on Windows",
        pictures: &[shown(
            "after the disable, a cancel is refused",
            &[(Keyword::Disable, Code::S_OK), (Keyword::Cancel, Code::CO_E_CANCEL_DISABLED)],
        )],
    },
    Answer {
        step: Keyword::Disable,
        code: Code::CO_E_CANCEL_DISABLED,
        meaning: "Cancellation was disabled already: the depth is 0, and stays so.",
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
        meaning: "what counts is the depth of the issuing thread when the call was issued",
        source: "CoEnableCallCancellation, CoDisableCallCancellation",
        picture: shown_in(
            "disable-during-call-at-issue",
            "the call was issued enabled, so the later disable does not protect it",
            &[(Keyword::Disable, Code::S_OK), (Keyword::Cancel, Code::S_OK)],
        ),
    },
    ReadingValue {
        axis: "cancelable",
        name: Cancelable::AtRequest.name(),
        meaning: "what counts is the depth of the issuing thread when the request is made; and a \
                  thread at depth 0 with a call pending answers `CO_E_CANCEL_DISABLED` instead of \
                  yielding a cancel object",
        source: "`Cancel`, row `CO_E_CANCEL_DISABLED`; CoDisableCallCancellation",
        picture: shown_in(
            "disable-during-call-at-request",
            "once the thread has disabled cancellation, its pending call refuses",
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
            "the canceller waits, and learns of the reply",
            &[(Keyword::Cancel, Code::RPC_E_CALL_COMPLETE)],
        ),
    },
    ReadingValue {
        axis: "waiter",
        name: Waiter::Caller.name(),
        meaning: "`Cancel(n)` returns `S_OK` at once, and the deadline expires the request by \
                  itself",
        source: "RpcCancelThreadEx, RpcMgmtSetCancelTimeout",
        picture: shown_in(
            "caller-window-leaves-the-canceller",
            "the canceller is back at once, though the call completes inside the window",
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
