//! What is known of answers beyond the machine: what clients meet on Windows, and what lies below
//! COM. None of it is a decision of this project, and no clause forbids it.

use calloff_model::Code;
use calloff_protocol::scenario::language::Keyword;

/// A code that clients meet, and that the machine never returns.
#[derive(Clone, Copy, Debug)]
pub struct FieldCode {
    /// The SDK's name.
    pub name: &'static str,
    /// The code.
    pub code: Code,
    /// What is known of it.
    pub known: &'static str,
    /// Who says so.
    pub source: &'static str,
}

/// All such codes.
pub const FIELD_CODES: [FieldCode; 1] = [FieldCode {
    name: "RPC_E_NO_CONTEXT",
    code: Code(0x8001_011E),
    known: "Clients get it from CoCancelCall when the thread has no call pending. The machine \
            answers E_NOINTERFACE then, as the pages of CoCancelCall and CoGetCancelObject say. \
            Who runs on Windows has to expect both, and RPC_E_CALL_COMPLETE too. A history with \
            this code violates nothing by that.",
    source: "an observation on Windows, from one source (obs)",
}];

/// The code of that name, in any case.
pub fn named(name: &str) -> Option<Code> {
    let mut codes = FIELD_CODES.iter();
    codes.find(|field| field.name.eq_ignore_ascii_case(name)).map(|field| field.code)
}

/// What is known of that code.
pub fn of_code(code: Code) -> Option<&'static FieldCode> {
    FIELD_CODES.iter().find(|field| field.code == code)
}

/// What every code may be that no operation of the machine returns.
pub const ANY_CODE: &str = "The `Cancel` of a custom cancel object may return any code, \
     E_NOTIMPL too, and CoCancelCall passes it on unchanged.";

/// Remarks on answers, each with the operation, the code, the text and its source.
const REMARKS: [(Keyword, Code, &str, &str); 4] = [
    (
        Keyword::Cancel,
        Code::S_OK,
        "Below COM, in DCE RPC, only the connectionless protocol acknowledges a cancel, and a \
         timeout of 0 orphans the call at once.",
        "the pages of DCE RPC",
    ),
    (
        Keyword::Cancel,
        Code::RPC_E_CALL_COMPLETE,
        "On Windows, CoCancelCall was also seen to return it when the thread has no call pending.",
        "an observation on Windows, from one source (obs)",
    ),
    (
        Keyword::Cancel,
        Code::E_NOINTERFACE,
        "On Windows, RPC_E_NO_CONTEXT (0x8001011E) and RPC_E_CALL_COMPLETE were seen, too, when \
         nothing is pending. Some blocked calls have no cancel object at all (a wait outside COM, \
         a custom proxy without one): a cancel by thread then finds what lies below it on the \
         thread's stack, or nothing. Below COM, DCE RPC remembers a cancel for which nothing is \
         pending.",
        "an observation on Windows, from one source (obs); the pages of DCE RPC",
    ),
    (
        Keyword::GetCancelObject,
        Code::E_NOINTERFACE,
        "Some blocked calls have no cancel object at all (a wait outside COM, a custom proxy \
         without one): then what is found is what lies below it on the thread's stack, or nothing. \
         A call that was begun asynchronously is never found by its thread.",
        "the pages of CoGetCancelObject and of asynchronous calls",
    ),
];

/// What is known beyond the machine of the code as an answer of that step, with the source.
pub fn remark(step: Keyword, code: Code) -> Option<(&'static str, &'static str)> {
    let mut remarks = REMARKS.iter();
    remarks
        .find(|(of, about, ..)| (*of, *about) == (step, code))
        .map(|(.., text, from)| (*text, *from))
}
