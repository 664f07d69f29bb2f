//! An operation's answer must be justified: K1, K3, K4, K6, K17, K18, K23.

use calloff_model::{Cancelable, Code};

use super::views::{Returned, await_return, first_sign};
use crate::clauses::facts::Outcome;
use crate::clauses::ledger::Ledger;
use crate::clauses::names::says_canceled;
use crate::clauses::offers::{Cause, Effect};
use crate::history::{Action, Event, What};

/// K1: when `Cancel` returns `S_OK`, there is a call that it may have been on.
pub(crate) fn k1(ledger: &Ledger, event: &Event) -> Option<String> {
    let (cancel, _) = Returned::cancel(ledger, event)?;
    let groundless = cancel.code == Code::S_OK && cancel.flight.calls.is_empty();
    groundless
        .then(|| format!("{} although there was no call that it could be on", cancel.says(ledger)))
}

/// "Already canceled" needs another `Cancel` of the call; one that was refused does not count.
pub(crate) fn k3(ledger: &Ledger, event: &Event) -> Option<String> {
    let (cancel, _) = Returned::cancel(ledger, event)?;
    let calls = || ledger.context().any_of(&cancel.flight.calls);
    if says_canceled(cancel.code) && cancel.fits_none(ledger) {
        let says = cancel.says(ledger);
        return Some(format!("{says} although no other Cancel on {} was under way", calls()));
    }
    first_sign(ledger, event, |sign| {
        let told = ledger.call(sign.call).told || sign.effect != Effect::Requested;
        (!told && sign.cause(ledger) == Cause::Missing).then(|| {
            let says = cancel.says(ledger);
            format!("{says}, which leaves an earlier `already canceled` on {} groundless", calls())
        })
    })
}

/// `CO_E_CANCEL_DISABLED` needs a depth of 0: when the call was issued, or now.
pub(crate) fn k4(ledger: &Ledger, event: &Event) -> Option<String> {
    let returned = Returned::of(ledger, event)?;
    let asked = matches!(
        returned.action,
        Action::CancelThread(..) | Action::CancelObject(..) | Action::GetCancelObject(..)
    );
    if !asked || returned.code != Code::CO_E_CANCEL_DISABLED {
        return None;
    }
    let groundless = !returned.flight.saw_disabled && returned.fits_none(ledger);
    groundless.then(|| {
        let calls = ledger.context().any_of(&returned.flight.calls);
        format!("{} although cancellation of {calls} was enabled", returned.says(ledger))
    })
}

/// `RPC_E_CALL_COMPLETE` needs a reply that was sent, and that reply reaches the caller.
pub(crate) fn k6(ledger: &Ledger, event: &Event) -> Option<String> {
    if let Some((call, code)) = await_return(event) {
        let record = ledger.call(call);
        let canceled = says_canceled(code) && record.reply != Some(code);
        return (canceled && record.complete).then(|| {
            let call = ledger.context().call(call);
            format!("{call} was reported as complete, but its caller was told that it is canceled")
        });
    }
    let returned = Returned::of(ledger, event)?;
    let asked = matches!(
        returned.action,
        Action::CancelThread(..) | Action::CancelObject(..) | Action::TestCancelObject(_)
    );
    let complete = asked && returned.code == Code::RPC_E_CALL_COMPLETE;
    (complete && returned.fits_none(ledger)).then(|| {
        let says = returned.says(ledger);
        let calls = ledger.context().any_of(&returned.flight.calls);
        let canceled = |call| ledger.call(call).outcome == Some(Outcome::Canceled);
        match returned.flight.calls.iter().any(canceled) {
            true => format!("{says} although the caller was told that {calls} is canceled"),
            false => format!("{says} although the server of {calls} had not replied"),
        }
    })
}

/// `E_NOINTERFACE` means that nothing is pending, and has no later effect.
pub(crate) fn k17(ledger: &Ledger, event: &Event) -> Option<String> {
    let returned = Returned::of(ledger, event)?;
    if returned.code == Code::E_NOINTERFACE && found_something(&returned) {
        let context = ledger.context();
        let there = match returned.flight.customs.as_slice() {
            [] => context.any_of(&returned.flight.calls),
            customs => context.any_custom(customs),
        };
        return Some(format!("{} although {there} was there", returned.says(ledger)));
    }
    first_sign(ledger, event, |sign| {
        let missed = ledger.call(sign.call).after_miss;
        (missed && sign.cause(ledger) == Cause::Missing).then(|| {
            let says = sign.says(ledger);
            format!("{says}, by a Cancel that had found nothing before the call was issued")
        })
    })
}

fn found_something(returned: &Returned) -> bool {
    match returned.action {
        Action::CancelThread(..) | Action::GetCancelObject(..) => !returned.flight.saw_empty,
        Action::CancelObject(..) | Action::TestCancelObject(_) => !returned.flight.calls.is_empty(),
        _ => false,
    }
}

/// K18: each thread's enable depth is counted exactly.
pub(crate) fn k18(ledger: &Ledger, event: &Event) -> Option<String> {
    let returned = Returned::of(ledger, event)?;
    let depth = ledger.lane(returned.by).depth;
    let due = match returned.action {
        Action::Disable if depth == 0 => Code::CO_E_CANCEL_DISABLED,
        Action::Enable | Action::Disable => Code::S_OK,
        _ => return None,
    };
    (returned.code != due)
        .then(|| format!("{} at depth {depth}, where {due} is due", returned.says(ledger)))
}

/// K23: when `Cancel` returns `S_OK`, one of the calls that it may be on was cancelable. If there
/// is no call at all, it is K1's to speak.
pub(crate) fn k23(ledger: &Ledger, event: &Event) -> Option<String> {
    let (cancel, _) = Returned::cancel(ledger, event)?;
    let cancelable = |call| match ledger.context().reading.cancelable {
        Cancelable::AtIssue => !ledger.call(call).disabled,
        Cancelable::AtRequest => cancel.flight.saw_enabled,
    };
    let groundless = cancel.code == Code::S_OK
        && !cancel.flight.calls.is_empty()
        && !cancel.flight.calls.iter().any(cancelable);
    groundless.then(|| {
        let calls = ledger.context().any_of(&cancel.flight.calls);
        format!("{} although cancellation of {calls} was disabled", cancel.says(ledger))
    })
}

/// A program leaves only critical sections that it owns.
pub(crate) fn misuse(ledger: &Ledger, event: &Event) -> Option<String> {
    let What::Return(by, action @ Action::Unlock(_), code) = event.what else {
        return None;
    };
    let context = ledger.context();
    (code != Code::S_OK)
        .then(|| format!("{} although it does not own it", context.operation(by, action)))
}
