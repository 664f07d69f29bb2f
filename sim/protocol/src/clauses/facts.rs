//! The parts of a ledger: what a history says of a thread, of an operation in flight, of a call,
//! and of a `Cancel` that may have been accepted.

use calloff_model::{CallId, Code, CustomId, Ticks, Window};

use super::call_set::CallSet;
use super::names::window_of;
use crate::history::{Action, ActorId};

/// One actor, who is one COM thread.
#[derive(Clone, Default, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Lane {
    /// The enable depth, counted from the returns of enable and disable.
    pub(super) depth: u64,
    /// The calls issued on this thread whose result was not picked up, and the custom cancel
    /// objects that were set and not taken away, the topmost last. A call whose issue or await is
    /// in flight is included, and so is an object that is being set or taken away.
    pub(super) stack: Vec<Entry>,
    /// Each cancel object that it may hold.
    pub(super) objects: Vec<Held>,
    /// The calls, by name, in whose waits its handlers run, the innermost last.
    pub(super) handlers: Vec<CallId>,
    /// The operation in flight.
    pub(super) flight: Option<Flight>,
    /// How many of the thread's calls were not issued yet; `u32::MAX`: there will be more for ever.
    pub(super) unissued: u32,
    /// Some `Cancel` of this thread returned `E_NOINTERFACE`, or no call will be issued any more.
    pub(super) missed: bool,
    /// Some `Cancel` of this thread returned `S_OK`.
    pub(super) hit: bool,
}

/// A cancel object on a thread's stack.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Entry {
    /// A call's own.
    Call(CallId),
    /// A custom one.
    Custom(CustomId),
}

/// What a name for a cancel object holds.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Held {
    /// The object of one of these calls; of none if it was never obtained.
    Calls(CallSet),
    /// A custom object.
    Custom,
}

/// An operation between its invocation and its return.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Flight {
    /// The operation as it was invoked.
    pub(super) action: Action,
    /// The calls that it may be about. For an object or a server the set is fixed; for a thread it
    /// has all calls that may have been innermost at some moment since the invocation.
    pub(super) calls: CallSet,
    /// The calls among `calls` whose caller had not returned when the operation was invoked: the
    /// ones that a `Cancel` can still reach.
    pub(super) open: CallSet,
    /// The custom objects that may have been topmost at some moment since the invocation, sorted.
    pub(super) customs: Vec<CustomId>,
    /// The thread may have had no cancel object at some moment since the invocation.
    pub(super) saw_empty: bool,
    /// The thread's depth may have been 0 at some moment since the invocation. Kept under the
    /// reading at-request only.
    pub(super) saw_disabled: bool,
    /// The thread's depth may have been above 0 at some moment since the invocation. Kept for a
    /// `Cancel` under the reading at-request only.
    pub(super) saw_enabled: bool,
    /// Facts that were certain at the invocation, for every call that the operation may be about.
    /// Kept where a clause asks for them.
    pub(super) sure: Sure,
    /// The time of the invocation; kept as long as its `Cancel` may return too early or, on an
    /// urgent clock, too late.
    pub(super) since: Option<Ticks>,
}

/// Facts about a call that never become false again.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Debug)]
pub(super) struct Sure {
    /// A request was accepted.
    pub(super) requested: bool,
    /// A test or a skipped dispatch said "canceled".
    pub(super) told: bool,
    /// The request has expired.
    pub(super) expired: bool,
    /// The reply was sent.
    pub(super) replied: bool,
}

/// One call.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct CallRecord {
    /// It was issued at depth 0. Kept under the reading at-issue only.
    pub(super) disabled: bool,
    /// It was issued after a `Cancel` of its thread had found nothing.
    pub(super) after_miss: bool,
    /// Its dispatch was invoked.
    pub(super) dispatched: bool,
    /// What its server sent.
    pub(super) reply: Option<Code>,
    /// How its caller came back.
    pub(super) outcome: Option<Outcome>,
    /// A request was accepted: a `Cancel` that was certainly on it returned `S_OK` or "already
    /// canceled", or its caller or a test was told "canceled".
    pub(super) requested: bool,
    /// A test or a skipped dispatch said "canceled".
    pub(super) told: bool,
    /// A `Cancel` that was certainly on it returned `S_OK`. Dropped when its caller has returned.
    pub(super) accepted: bool,
    /// A `Cancel` or a test that was certainly on it said "complete". Dropped like `accepted`.
    pub(super) complete: bool,
    /// A `Cancel` that was certainly on it was refused as disabled.
    pub(super) refused: bool,
    /// When its request has certainly expired. Dropped when its caller has returned.
    pub(super) expiry: Expiry,
    /// Its caller's message filter gave the wait up.
    pub(super) gave_up: bool,
}

impl CallRecord {
    /// A call of which nothing has happened yet.
    pub(super) const UNKNOWN: CallRecord = CallRecord {
        disabled: false,
        after_miss: false,
        dispatched: false,
        reply: None,
        outcome: None,
        requested: false,
        told: false,
        accepted: false,
        complete: false,
        refused: false,
        expiry: Expiry::Unknown,
        gave_up: false,
    };
}

/// How a caller came back from its await.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Outcome {
    /// The caller got a result.
    Result,
    /// The caller was told "canceled", and its server had not sent that code.
    Canceled,
    /// The caller was told "canceled", and its server had sent that code too: a result or a
    /// cancellation.
    Either,
}

/// When the request on a call has certainly expired.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Debug)]
pub(super) enum Expiry {
    /// Nothing is certain.
    #[default]
    Unknown,
    /// At this time at the latest.
    At(Ticks),
    /// The request has expired, or it will expire at a time that no clause asks for.
    Certain,
}

/// A `Cancel` that returned and may have been accepted.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Request {
    /// The calls that it may have reached; never empty.
    pub(super) calls: CallSet,
    /// The result.
    pub(super) grant: Grant,
    /// It may as well have reached a call that nobody can reach any more.
    pub(super) or_gone: bool,
}

/// The result of a `Cancel` that may have been accepted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Grant {
    /// `S_OK`, with a finite window.
    Finite,
    /// `S_OK`, with an infinite window.
    Infinite,
    /// The call was complete before the window ended; until then the request was open.
    Completed,
}

impl Default for CallRecord {
    fn default() -> CallRecord {
        CallRecord::UNKNOWN
    }
}

impl Default for Held {
    fn default() -> Held {
        Held::Calls(CallSet::default())
    }
}

impl Lane {
    /// The calls on the stack, the innermost last.
    pub(super) fn calls(&self) -> impl DoubleEndedIterator<Item = CallId> {
        self.stack.iter().filter_map(|entry| match entry {
            Entry::Call(call) => Some(*call),
            Entry::Custom(_) => None,
        })
    }

    /// The place on the stack of the topmost custom object.
    pub(super) fn topmost_custom(&self) -> Option<usize> {
        self.stack.iter().rposition(|entry| matches!(entry, Entry::Custom(_)))
    }
}

impl Flight {
    /// The operation at its invocation, before anything is known of the calls that it may be about.
    pub(super) fn new(action: Action) -> Flight {
        Flight {
            action,
            calls: CallSet::default(),
            open: CallSet::default(),
            customs: Vec::new(),
            saw_empty: false,
            saw_disabled: false,
            saw_enabled: false,
            sure: Sure::default(),
            since: None,
        }
    }

    /// The thread whose innermost call the operation looks for.
    pub(super) fn thread(&self) -> Option<ActorId> {
        match self.action {
            Action::CancelThread(thread, _) | Action::GetCancelObject(thread, _) => Some(thread),
            _ => None,
        }
    }

    /// The call that a `Cancel` is certainly on; `None` if several are possible, or if the caller
    /// had returned before the invocation.
    pub(super) fn certain(&self) -> Option<CallId> {
        self.calls.only().filter(|call| self.open.contains(*call))
    }

    /// The result of a `Cancel` in flight if it is accepted.
    pub(super) fn grant(&self) -> Option<Grant> {
        window_of(self.action).map(Grant::of)
    }
}

impl Grant {
    /// The result `S_OK` of a `Cancel` with that window.
    pub(super) fn of(window: Window) -> Grant {
        match window {
            Window::Seconds(_) => Grant::Finite,
            Window::Infinite => Grant::Infinite,
        }
    }
}
