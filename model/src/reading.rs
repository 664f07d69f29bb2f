//! Readings: the documentation is ambiguous in two places, and a reading picks one meaning for
//! each. Every meaning is checked.

use std::fmt;

/// Which enable depth decides whether a call can be canceled, and at which moment.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Cancelable {
    /// The depth of the issuing thread when the call is issued; enabling or disabling later does
    /// not matter. Source: CoEnableCallCancellation, CoDisableCallCancellation.
    #[default]
    AtIssue,
    /// The depth of the issuing thread at the moment of the cancel request. A thread at depth 0
    /// yields no cancel object either. Source: `Cancel`, row `CO_E_CANCEL_DISABLED`;
    /// CoDisableCallCancellation.
    AtRequest,
}

/// Who waits for the window (`ulSeconds`) of a cancel request.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Waiter {
    /// `Cancel(n)` itself waits up to n seconds. Source: `Cancel`; CoCancelCall.
    #[default]
    Canceller,
    /// `Cancel(n)` returns at once and the blocked caller gets the deadline.
    /// Source: RpcCancelThreadEx, RpcMgmtSetCancelTimeout.
    Caller,
}

/// One value on each axis: a complete meaning of the cancellation API.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Reading {
    /// Which depth decides whether a call can be canceled.
    pub cancelable: Cancelable,
    /// Who waits for the window of a cancel request.
    pub waiter: Waiter,
}

impl Cancelable {
    /// Both values, the default first.
    pub const ALL: [Cancelable; 2] = [Cancelable::AtIssue, Cancelable::AtRequest];

    /// The name in scenario files, flags and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Cancelable::AtIssue => "at-issue",
            Cancelable::AtRequest => "at-request",
        }
    }
}

impl Waiter {
    /// Both values, the default first.
    pub const ALL: [Waiter; 2] = [Waiter::Canceller, Waiter::Caller];

    /// The name in scenario files, flags and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Waiter::Canceller => "canceller",
            Waiter::Caller => "caller",
        }
    }
}

impl Reading {
    /// All four readings, the default first.
    pub const ALL: [Reading; 4] = [
        Reading { cancelable: Cancelable::AtIssue, waiter: Waiter::Canceller },
        Reading { cancelable: Cancelable::AtIssue, waiter: Waiter::Caller },
        Reading { cancelable: Cancelable::AtRequest, waiter: Waiter::Canceller },
        Reading { cancelable: Cancelable::AtRequest, waiter: Waiter::Caller },
    ];
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.cancelable.name(), self.waiter.name())
    }
}
