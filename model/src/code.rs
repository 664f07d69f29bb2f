//! Return codes: the `HRESULT`s of the cancellation API, by value and by name.
//!
//! One value has two names. `Cancel`'s "already canceled" row is spelled `RPC_S_CALL_CANCELED` on
//! its page; the SDK calls the same value `RPC_E_CALL_CANCELED`. [`Code::name`] gives the SDK's
//! name, [`Code::cancel_name`] the page's, and parsing accepts either.

use std::fmt;
use std::str::FromStr;

/// An `HRESULT`: what an operation returns, or what a server replies with.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Code(pub u32);

impl Code {
    /// Success. From `Cancel`: the request was made; the call may still complete.
    pub const S_OK: Code = Code(0x0000_0000);
    /// A second success code; useful as a reply.
    pub const S_FALSE: Code = Code(0x0000_0001);
    /// A wait's time has passed. A success code, as its top bit is clear.
    pub const WAIT_TIMEOUT: Code = Code(0x0000_0102);
    /// The call was canceled. `Cancel`'s own page spells it `RPC_S_CALL_CANCELED`.
    pub const RPC_E_CALL_CANCELED: Code = Code(0x8001_0002);
    /// `TestCancel`: no cancel was requested yet. A failure code in spite of the `_S_` in its name.
    pub const RPC_S_CALLPENDING: Code = Code(0x8001_0115);
    /// The call was completed (`Cancel`: before the request, or during the timeout interval).
    pub const RPC_E_CALL_COMPLETE: Code = Code(0x8001_0117);
    /// Cancellation is not enabled on the thread.
    pub const CO_E_CANCEL_DISABLED: Code = Code(0x8001_0140);
    /// There is no cancel object for that thread: it has no call pending.
    pub const E_NOINTERFACE: Code = Code(0x8000_4002);
    /// General access denied.
    pub const E_ACCESSDENIED: Code = Code(0x8007_0005);
    /// Out of memory.
    pub const E_OUTOFMEMORY: Code = Code(0x8007_000E);
    /// An argument is not valid.
    pub const E_INVALIDARG: Code = Code(0x8007_0057);
    /// Not implemented.
    pub const E_NOTIMPL: Code = Code(0x8000_4001);
    /// Unspecified failure.
    pub const E_FAIL: Code = Code(0x8000_4005);
    /// Catastrophic failure.
    pub const E_UNEXPECTED: Code = Code(0x8000_FFFF);
    /// Operation aborted.
    pub const E_ABORT: Code = Code(0x8000_4004);
    /// Win32 error 1818 as an `HRESULT`. Accepted in foreign histories; the machine never produces
    /// it.
    pub const RPC_S_CALL_CANCELLED: Code = Code(0x8007_071A);
    /// Win32 error 1223 as an `HRESULT`. Accepted in foreign histories; the machine never produces
    /// it.
    pub const ERROR_CANCELLED: Code = Code(0x8007_04C7);

    /// Every named code with its name, in the order of the documentation.
    pub const NAMED: [(&'static str, Code); 17] = [
        ("S_OK", Code::S_OK),
        ("S_FALSE", Code::S_FALSE),
        ("WAIT_TIMEOUT", Code::WAIT_TIMEOUT),
        ("RPC_E_CALL_CANCELED", Code::RPC_E_CALL_CANCELED),
        ("RPC_S_CALLPENDING", Code::RPC_S_CALLPENDING),
        ("RPC_E_CALL_COMPLETE", Code::RPC_E_CALL_COMPLETE),
        ("CO_E_CANCEL_DISABLED", Code::CO_E_CANCEL_DISABLED),
        ("E_NOINTERFACE", Code::E_NOINTERFACE),
        ("E_ACCESSDENIED", Code::E_ACCESSDENIED),
        ("E_OUTOFMEMORY", Code::E_OUTOFMEMORY),
        ("E_INVALIDARG", Code::E_INVALIDARG),
        ("E_NOTIMPL", Code::E_NOTIMPL),
        ("E_FAIL", Code::E_FAIL),
        ("E_UNEXPECTED", Code::E_UNEXPECTED),
        ("E_ABORT", Code::E_ABORT),
        ("RPC_S_CALL_CANCELLED", Code::RPC_S_CALL_CANCELLED),
        ("ERROR_CANCELLED", Code::ERROR_CANCELLED),
    ];

    /// How `Cancel`'s page spells [`Code::RPC_E_CALL_CANCELED`], in its row "already canceled".
    pub const CANCEL_ALREADY_CANCELED: &'static str = "RPC_S_CALL_CANCELED";

    /// What a named code means, in a few words; empty for any other.
    pub fn meaning(self) -> &'static str {
        match self {
            Code::S_OK => "success; from `Cancel`: the request was made",
            Code::S_FALSE => "success as well; useful to recognise a server's reply",
            Code::WAIT_TIMEOUT => "the time of a wait has passed; a success code",
            Code::RPC_E_CALL_CANCELED => {
                "the call was canceled; `Cancel` spells it `RPC_S_CALL_CANCELED`"
            }
            Code::RPC_S_CALLPENDING => {
                "`TestCancel`: no cancel was requested; a failure code, despite its `_S_`"
            }
            Code::RPC_E_CALL_COMPLETE => "the call was completed",
            Code::CO_E_CANCEL_DISABLED => "cancellation is not enabled on the thread",
            Code::E_NOINTERFACE => "no cancel object: the thread has no call pending",
            Code::E_ACCESSDENIED => "general access denied",
            Code::E_OUTOFMEMORY => "out of memory",
            Code::E_INVALIDARG => "an argument is not valid",
            Code::E_NOTIMPL => "not implemented",
            Code::E_FAIL => "unspecified failure",
            Code::E_UNEXPECTED => "catastrophic failure",
            Code::E_ABORT => "operation aborted",
            Code::RPC_S_CALL_CANCELLED => {
                "Win32 error 1818, canceled in another subsystem; accepted as input, never returned"
            }
            Code::ERROR_CANCELLED => {
                "Win32 error 1223, canceled in another subsystem; accepted as input, never returned"
            }
            _ => "",
        }
    }

    /// Whether the code reports a success: its top bit is clear.
    pub fn is_success(self) -> bool {
        self.0 & 0x8000_0000 == 0
    }

    /// The code's name, or `0x` and eight upper-case digits when it has none.
    pub fn name(self) -> String {
        match Code::NAMED.iter().find(|(_, code)| *code == self) {
            Some((name, _)) => (*name).to_owned(),
            None => format!("0x{:08X}", self.0),
        }
    }

    /// The code's name as the return value of `Cancel` itself.
    pub fn cancel_name(self) -> String {
        if self == Code::RPC_E_CALL_CANCELED {
            Code::CANCEL_ALREADY_CANCELED.to_owned()
        } else {
            self.name()
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The error for a text that is neither the name of a code nor `0x` and one to eight hex digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownCode(pub String);

impl fmt::Display for UnknownCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown code `{}`", self.0)
    }
}

impl std::error::Error for UnknownCode {}

impl FromStr for Code {
    type Err = UnknownCode;

    fn from_str(text: &str) -> Result<Code, UnknownCode> {
        if text == Code::CANCEL_ALREADY_CANCELED {
            return Ok(Code::RPC_E_CALL_CANCELED);
        }
        if let Some((_, code)) = Code::NAMED.iter().find(|(name, _)| *name == text) {
            return Ok(*code);
        }
        let unknown = || UnknownCode(text.to_owned());
        let digits =
            text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).ok_or_else(unknown)?;
        let is_hex =
            (1..=8).contains(&digits.len()) && digits.chars().all(|c| c.is_ascii_hexdigit());
        if !is_hex {
            return Err(unknown());
        }
        u32::from_str_radix(digits, 16).map(Code).map_err(|_| unknown())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_named_code_parses_back_to_itself() {
        for (name, code) in Code::NAMED {
            assert_eq!(name.parse(), Ok(code));
            assert_eq!(code.name(), name);
            assert_ne!(code.meaning(), "");
        }
    }

    #[test]
    fn already_canceled_has_two_names_and_one_value() {
        assert_eq!("RPC_S_CALL_CANCELED".parse(), Ok(Code::RPC_E_CALL_CANCELED));
        assert_eq!(Code::RPC_E_CALL_CANCELED.name(), "RPC_E_CALL_CANCELED");
        assert_eq!(Code::RPC_E_CALL_CANCELED.cancel_name(), "RPC_S_CALL_CANCELED");
        assert_eq!(Code::S_OK.cancel_name(), "S_OK");
    }

    #[test]
    fn a_code_without_a_name_is_shown_as_eight_upper_case_digits() {
        assert_eq!(Code(0xabc).to_string(), "0x00000ABC");
        assert_eq!("0xabc".parse(), Ok(Code(0xabc)));
        assert_eq!("0x80010117".parse(), Ok(Code::RPC_E_CALL_COMPLETE));
    }

    #[test]
    fn text_that_is_no_code_is_refused() {
        for text in ["", "0x", "0x123456789", "0x+1", "s_ok", "S_OK ", "12", "0xG"] {
            assert_eq!(text.parse::<Code>(), Err(UnknownCode(text.to_owned())));
        }
    }
}
