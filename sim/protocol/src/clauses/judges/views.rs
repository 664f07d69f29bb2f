//! The two views that judges take of an event: the return of a certain operation, or a sign that a
//! call was canceled.

use calloff_model::{CallId, Code, Ticks, Window};

use crate::clauses::facts::{Flight, Outcome};
use crate::clauses::ledger::Ledger;
use crate::clauses::names::{code_of, says_canceled, window_of};
use crate::clauses::offers::{Cause, Effect};
use crate::history::{Action, ActorId, Event, What};

/// An operation that returns at this event.
#[derive(Clone, Copy)]
pub(super) struct Returned<'a> {
    /// The actor that invoked it.
    pub(super) by: ActorId,
    /// The operation as it was invoked.
    pub(super) action: Action,
    /// What the ledger knows of it.
    pub(super) flight: &'a Flight,
    /// What it returns.
    pub(super) code: Code,
    /// When it returns.
    pub(super) at: Ticks,
}

impl<'a> Returned<'a> {
    /// The event as a return.
    pub(super) fn of(ledger: &'a Ledger, event: &Event) -> Option<Returned<'a>> {
        let What::Return(by, action, code) = event.what else {
            return None;
        };
        let flight = ledger.flight(by);
        Some(Returned { by, action, flight, code, at: event.at })
    }

    /// The event as the return of a `Cancel`, with its `ulSeconds`.
    pub(super) fn cancel(ledger: &'a Ledger, event: &Event) -> Option<(Returned<'a>, Window)> {
        let returned = Returned::of(ledger, event)?;
        Some((returned, window_of(returned.action)?))
    }

    /// "`canceller`'s Cancel(2) of thread `caller` returned S_OK".
    pub(super) fn says(&self, ledger: &Ledger) -> String {
        let operation = ledger.context().operation(self.by, self.action);
        format!("{operation} returned {}", code_of(self.action, self.code))
    }

    /// Whether the code fits none of the calls that the operation may be about.
    pub(super) fn fits_none(&self, ledger: &Ledger) -> bool {
        let mut calls = self.flight.calls.iter();
        !calls.any(|call| ledger.fits(self.by, call, self.code))
    }
}

/// The event as the return of a caller: which call, and what it got.
pub(super) fn await_return(event: &Event) -> Option<(CallId, Code)> {
    match event.what {
        What::Return(_, Action::Await(call), code) => Some((call, code)),
        _ => None,
    }
}

/// An observation that requires a `Cancel` which has reached a call.
#[derive(Clone, Copy)]
pub(super) struct Sign {
    /// The call.
    pub(super) call: CallId,
    /// What was observed: the caller was canceled, or a request was open.
    pub(super) effect: Effect,
    /// The actor whose `Cancel` has just returned without success, so that it no longer explains
    /// what was seen.
    pub(super) cleared: Option<ActorId>,
}

impl Sign {
    /// Which `Cancel` explains the sign.
    pub(super) fn cause(&self, ledger: &Ledger) -> Cause {
        ledger.cause(self.call, self.effect, self.cleared)
    }

    /// The sign with another effect to be explained.
    pub(super) fn with(self, effect: Effect) -> Sign {
        Sign { effect, ..self }
    }

    /// "`caller` was told that `work` is canceled", or what else was seen.
    pub(super) fn says(&self, ledger: &Ledger) -> String {
        let context = ledger.context();
        let call = context.call(self.call);
        match self.effect {
            Effect::Requested => format!("{call} was reported as canceled"),
            Effect::Canceled | Effect::Released => {
                let caller = context.actor(context.caller(self.call));
                format!("{caller} was told that {call} is canceled")
            }
        }
    }
}

/// The judge's first accusation among the signs that this event gives.
///
/// A `Cancel` that returns without being accepted gives a sign for each call that it might have
/// reached: what was observed on that call needs another explanation from now on.
pub(super) fn first_sign(
    ledger: &Ledger,
    event: &Event,
    judge: impl Fn(Sign) -> Option<String>,
) -> Option<String> {
    let returned = Returned::of(ledger, event)?;
    if window_of(returned.action).is_some() {
        return cleared_signs(ledger, returned).find_map(judge);
    }
    if !says_canceled(returned.code) {
        return None;
    }
    let (call, effect) = match returned.action {
        Action::Await(call) if ledger.call(call).reply != Some(returned.code) => {
            (call, Effect::Canceled)
        }
        Action::TestCancel(_) | Action::TestCancelObject(_) | Action::Dispatch(_) => {
            (returned.flight.calls.only()?, Effect::Requested)
        }
        _ => return None,
    };
    judge(Sign { call, effect, cleared: None })
}

fn cleared_signs<'a>(
    ledger: &'a Ledger,
    returned: Returned<'a>,
) -> impl Iterator<Item = Sign> + 'a {
    let grant = ledger.grant(returned.flight, returned.code);
    let lost = |effect: Effect| grant.is_none_or(|grant| !effect.explained_by(grant));
    let (canceled, requested) = (lost(Effect::Canceled), lost(Effect::Requested));
    returned.flight.open.iter().filter_map(move |call| {
        let record = ledger.call(call);
        let effect = match record.outcome {
            Some(Outcome::Canceled) if canceled => Effect::Canceled,
            _ if requested && record.requested => Effect::Requested,
            _ => return None,
        };
        Some(Sign { call, effect, cleared: Some(returned.by) })
    })
}
