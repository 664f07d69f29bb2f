//! Matches observed effects to the operations that may have caused them: which calls an operation
//! may be about, and which `Cancel` may have reached a call.

use calloff_model::{CallId, Code};

use super::call_set::CallSet;
use super::facts::{CallRecord, Flight, Grant, Outcome};
use super::ledger::Ledger;
use super::matching::distinct;
use super::names::says_canceled;
use crate::history::{Action, ActorId};

/// What has to be explained, from weak to strong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Effect {
    /// A request was open or expired.
    Requested,
    /// The caller was told "canceled": the `Cancel` was accepted, and no reply came first.
    Canceled,
    /// The caller was told "canceled", and no reply ended the window: so it was not infinite.
    Released,
}

/// Whether an effect on a call has a `Cancel` to explain it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Cause {
    /// It has.
    Found,
    /// Each that may have been on the call must have reached another one: a `Cancel` reaches one
    /// call, and there are more calls than `Cancel`s.
    Spent,
    /// None can have been on the call.
    Missing,
}

impl Effect {
    /// Whether a `Cancel` of which that came may have had the effect.
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
    /// The candidates of each `Cancel`, in flight or returned, that may have had the effect;
    /// without the one that `except` has in flight.
    fn offers(&self, effect: Effect, except: Option<ActorId>) -> impl Iterator<Item = &CallSet> {
        let flying = self.flights().filter(move |(by, flight)| {
            Some(*by) != except && flight.grant().is_some_and(|grant| effect.explained_by(grant))
        });
        let landed = self.facts.requests.iter();
        flying
            .map(|(_, flight)| &flight.open)
            .chain(landed.filter(move |r| effect.explained_by(r.grant)).map(|r| &r.calls))
    }

    /// Whether some `Cancel` may have had the effect on the call.
    pub(super) fn offered(&self, call: CallId, effect: Effect, except: Option<ActorId>) -> bool {
        self.offers(effect, except).any(|offer| offer.contains(call))
    }

    /// What explains the effect on the call, given that a `Cancel` reaches one call only and that
    /// others of the thread have to be explained as well.
    pub(super) fn cause(&self, call: CallId, effect: Effect, except: Option<ActorId>) -> Cause {
        if !self.offered(call, effect, except) {
            return Cause::Missing;
        }
        let thread = self.context().caller(call);
        let alike = self.calls().filter(|(other, record)| {
            *other != call && effect.seen_on(record) && self.context().caller(*other) == thread
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

    /// Whether the call may be the one that a `Cancel` or a test by `by` answers with the code.
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

    /// Of the calls that `by`'s operation in flight may be about, the only one that fits the code.
    pub(super) fn only_fit(&self, by: ActorId, code: Code) -> Option<CallId> {
        let calls = self.flight(by).calls.iter();
        let fit: CallSet = calls.filter(|call| self.fits(by, *call, code)).collect();
        fit.only()
    }

    /// The calls that may be innermost on the thread at this moment, from `by`'s view, and whether
    /// there may be none.
    ///
    /// A call may be absent while its issue is in flight; and while its await is, if something may
    /// have ended it: a reply, or a `Cancel` other than `by`'s own (which, had it been on that
    /// call, would not be on the next).
    pub(super) fn innermost(&self, thread: ActorId, by: ActorId) -> (CallSet, bool) {
        let lane = self.lane(thread);
        let busy = lane.flight.as_ref().map(|flight| flight.action);
        let mut calls = CallSet::default();
        for &call in lane.stack.iter().rev() {
            calls.insert(call);
            let may_be_absent = match busy {
                Some(Action::Issue(issued)) => issued == call,
                Some(Action::Await(awaited)) => awaited == call && self.may_have_left(call, by),
                _ => false,
            };
            if !may_be_absent {
                return (calls, false);
            }
        }
        (calls, true)
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
}
