//! Matches observed effects to the operations that may have caused them: which calls an operation
//! may be about, and which `Cancel` may have reached a call.

use calloff_model::{CallId, Code, CustomId};

use super::call_set::CallSet;
use super::facts::{CallRecord, Entry, Flight, Grant, Outcome};
use super::ledger::Ledger;
use super::matching::distinct;
use super::names::says_canceled;
use crate::history::{Action, ActorId};

/// An observed effect on a call that a `Cancel` must have caused, from weak to strong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Effect {
    /// A request was open or expired.
    Requested,
    /// The caller was told "canceled": the `Cancel` was accepted, and no reply came first.
    Canceled,
    /// The caller was told "canceled", and no reply ended the window: so it was not infinite.
    Released,
}

/// The cancel objects that may be topmost on a thread.
#[derive(Default)]
pub(super) struct Topmost {
    /// The calls whose own objects may be it.
    pub(super) calls: CallSet,
    /// The custom objects that may be it.
    pub(super) customs: Vec<CustomId>,
    /// There may be none.
    pub(super) is_empty: bool,
}

/// Whether some `Cancel` explains an effect on a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Cause {
    /// A `Cancel` explains the effect.
    Found,
    /// Some `Cancel`s may have been on the call, but other calls need them all: a `Cancel` reaches
    /// one call, and there are more calls to explain than `Cancel`s.
    Spent,
    /// No `Cancel` can have been on the call.
    Missing,
}

impl Effect {
    /// Whether a `Cancel` with this result may have had the effect.
    pub(super) fn explained_by(self, grant: Grant) -> bool {
        match self {
            Effect::Requested => true,
            Effect::Canceled => grant != Grant::Completed,
            Effect::Released => grant == Grant::Finite,
        }
    }

    /// Whether the effect was seen on the call.
    fn seen_on(self, record: &CallRecord) -> bool {
        match self {
            Effect::Requested => record.requested,
            Effect::Canceled | Effect::Released => record.outcome == Some(Outcome::Canceled),
        }
    }
}

impl Ledger {
    /// For each `Cancel`, in flight or returned, that may have had the effect: the calls that it
    /// may have reached. The `Cancel` that `except` has in flight is left out.
    fn offers(&self, effect: Effect, except: Option<ActorId>) -> impl Iterator<Item = &CallSet> {
        let flying = self.flights().filter(move |(by, flight)| {
            Some(*by) != except && flight.grant().is_some_and(|grant| effect.explained_by(grant))
        });
        let landed = self.facts.requests.iter();
        flying
            .map(|(_, flight)| &flight.open)
            .chain(landed.filter(move |r| effect.explained_by(r.grant)).map(|r| &r.calls))
    }

    /// Whether a message filter may have given the wait for the call up.
    pub(super) fn may_be_given_up(&self, call: CallId) -> bool {
        let gives_up = |flight: &Flight| flight.action == Action::GiveUp(call);
        self.call(call).gave_up || self.flights().any(|(_, flight)| gives_up(flight))
    }

    /// Whether some `Cancel` may have had the effect on the call, or its caller's message filter.
    pub(super) fn offered(&self, call: CallId, effect: Effect, except: Option<ActorId>) -> bool {
        self.may_be_given_up(call) || self.offers(effect, except).any(|offer| offer.contains(call))
    }

    /// Whether the effect on the call is explained, given that a `Cancel` reaches one call only and
    /// that the thread's other calls with this effect need an explanation too.
    pub(super) fn cause(&self, call: CallId, effect: Effect, except: Option<ActorId>) -> Cause {
        if self.may_be_given_up(call) {
            return Cause::Found;
        }
        if !self.offered(call, effect, except) {
            return Cause::Missing;
        }
        let thread = self.context().caller(call);
        let alike = self.calls().filter(|(other, record)| {
            let needs_one = *other != call && effect.seen_on(record) && !record.gave_up;
            needs_one && self.context().caller(*other) == thread
        });
        let mut reached: Vec<CallId> = alike.map(|(other, _)| other).collect();
        if reached.is_empty() {
            return Cause::Found;
        }
        reached.push(call);
        let offers: Vec<&CallSet> = self.offers(effect, except).collect();
        let edge = |left: usize, right: usize| offers[right].contains(reached[left]);
        match distinct(reached.len(), offers.len(), edge) {
            true => Cause::Found,
            false => Cause::Spent,
        }
    }

    /// Whether the call may be the one for which a `Cancel` or a test by `by` returns the code.
    pub(super) fn fits(&self, by: ActorId, call: CallId, code: Code) -> bool {
        let record = self.call(call);
        match code {
            Code::RPC_E_CALL_COMPLETE => {
                record.reply.is_some() && record.outcome != Some(Outcome::Canceled)
            }
            Code::CO_E_CANCEL_DISABLED => record.disabled || self.flight(by).saw_disabled,
            code if says_canceled(code) => self.offered(call, Effect::Requested, Some(by)),
            _ => true,
        }
    }

    /// The only call, of those that `by`'s operation in flight may be about, that fits the code.
    pub(super) fn only_fit(&self, by: ActorId, code: Code) -> Option<CallId> {
        let calls = self.flight(by).calls.iter();
        let fit: CallSet = calls.filter(|call| self.fits(by, *call, code)).collect();
        fit.only()
    }

    /// The cancel objects that may be topmost on the thread at this moment, as seen by `by`'s
    /// operation.
    ///
    /// A call may be absent while its issue is in flight. It may also be absent while its await is
    /// in flight, if something may have ended it: a reply, or a `Cancel` other than `by`'s own (if
    /// `by`'s own was on that call, it cannot be on the next one). The topmost custom object may be
    /// absent while it is being set or taken away.
    pub(super) fn topmost(&self, thread: ActorId, by: ActorId) -> Topmost {
        let lane = self.lane(thread);
        let busy = lane.flight.as_ref().map(|flight| flight.action);
        let moving = match busy {
            Some(Action::SetCancelObject(_)) => lane.topmost_custom(),
            _ => None,
        };
        let mut found = Topmost::default();
        for (place, entry) in lane.stack.iter().enumerate().rev() {
            let may_be_absent = match *entry {
                Entry::Call(call) => {
                    found.calls.insert(call);
                    match busy {
                        Some(Action::Issue(issued)) => issued == call,
                        Some(Action::Await(awaited)) => {
                            awaited == call && self.may_have_left(call, by)
                        }
                        Some(Action::GiveUp(given_up)) => given_up == call,
                        _ => false,
                    }
                }
                Entry::Custom(object) => {
                    found.customs.push(object);
                    moving == Some(place)
                }
            };
            if !may_be_absent {
                return found;
            }
        }
        found.is_empty = true;
        found
    }

    fn may_have_left(&self, call: CallId, by: ActorId) -> bool {
        self.call(call).reply.is_some() || self.offered(call, Effect::Released, Some(by))
    }

    /// Whether the thread's enable depth may be 0 at this moment.
    pub(super) fn depth_may_be_zero(&self, thread: ActorId) -> bool {
        let lane = self.lane(thread);
        let disabling = matches!(lane.flight, Some(Flight { action: Action::Disable, .. }));
        lane.depth == 0 || (lane.depth == 1 && disabling)
    }

    /// Whether the thread's enable depth may be above 0 at this moment.
    pub(super) fn depth_may_be_above_zero(&self, thread: ActorId) -> bool {
        let lane = self.lane(thread);
        lane.depth > 0 || matches!(lane.flight, Some(Flight { action: Action::Enable, .. }))
    }
}
