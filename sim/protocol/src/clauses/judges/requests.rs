//! What a `Cancel` does, and what it does not do: K5, K11, K16.

use calloff_model::{CallId, Cancelable, Code};

use super::views::{Returned, Sign, first_sign};
use crate::clauses::call_set::CallSet;
use crate::clauses::facts::Grant;
use crate::clauses::ledger::Ledger;
use crate::clauses::matching::distinct;
use crate::clauses::names::says_canceled;
use crate::clauses::offers::Cause;
use crate::history::{Action, ActorId, Event};

/// K5: a refused `Cancel` changes nothing.
pub(crate) fn k5(ledger: &Ledger, event: &Event) -> Option<String> {
    if let Some((cancel, _)) = Returned::cancel(ledger, event)
        && says_canceled(cancel.code)
        && let Some(call) = cancel.flight.calls.only()
        && ledger.call(call).refused
        && cancel.fits_none(ledger)
    {
        let call = ledger.context().call(call);
        return Some(format!("{} although {call} had only refused Cancels", cancel.says(ledger)));
    }
    first_sign(ledger, event, |sign| {
        let groundless = refused(ledger, event, sign) && sign.cause(ledger) == Cause::Missing;
        groundless.then(|| {
            let says = sign.says(ledger);
            format!("{says} although its Cancel was refused with CO_E_CANCEL_DISABLED")
        })
    })
}

fn refused(ledger: &Ledger, event: &Event, sign: Sign) -> bool {
    let now = Returned::of(ledger, event).is_some_and(|returned| {
        sign.cleared == Some(returned.by)
            && returned.code == Code::CO_E_CANCEL_DISABLED
            && ledger.only_fit(returned.by, returned.code) == Some(sign.call)
    });
    now || ledger.call(sign.call).refused
}

/// K11: at most one `Cancel` per call is accepted, and none is refused as disabled after that.
pub(crate) fn k11(ledger: &Ledger, event: &Event) -> Option<String> {
    let (cancel, _) = Returned::cancel(ledger, event)?;
    let calls = &cancel.flight.calls;
    let thread = ledger.context().caller(calls.iter().next()?);
    let wrong = match cancel.code {
        Code::S_OK => !one_each(ledger, thread, &cancel.flight.open),
        Code::CO_E_CANCEL_DISABLED => {
            let asks_thread = matches!(cancel.action, Action::CancelThread(..));
            let refused_by_thread =
                asks_thread && ledger.context().reading.cancelable == Cancelable::AtRequest;
            !refused_by_thread && cancel.flight.sure.requested && calls.only().is_some()
        }
        _ => false,
    };
    wrong.then(|| {
        let calls = ledger.context().any_of(calls);
        format!("{} although a Cancel on {calls} had been accepted", cancel.says(ledger))
    })
}

/// Whether each accepted `Cancel` of the thread, the new one included, can have a call of its own.
fn one_each(ledger: &Ledger, thread: ActorId, accepted: &CallSet) -> bool {
    let requests = ledger.facts.requests.iter();
    let others = requests.filter(|r| r.grant != Grant::Completed && !r.or_gone);
    let others = others.map(|request| &request.calls);
    if let Some(call) = accepted.only()
        && !others.clone().any(|calls| calls.contains(call))
    {
        return true;
    }
    let of_thread = |calls: &&CallSet| {
        let mut callers = calls.iter().map(|call| ledger.context().caller(call));
        callers.next() == Some(thread)
    };
    let mut all: Vec<&CallSet> = others.filter(of_thread).collect();
    all.push(accepted);
    let edge = |left: usize, right: usize| all[left].contains(CallId(right as u32));
    let last = all.iter().flat_map(|calls| calls.iter()).max();
    distinct(all.len(), last.map_or(0, |last| last.0 as usize + 1), edge)
}

/// K16: a cancel by thread reaches a call that was innermost, and no other.
pub(crate) fn k16(ledger: &Ledger, event: &Event) -> Option<String> {
    if let Some((cancel, _)) = Returned::cancel(ledger, event)
        && let Action::CancelThread(thread, _) = cancel.action
        && let Some(other) = misdirected(ledger, &cancel, thread)
    {
        let says = cancel.says(ledger);
        let other = ledger.context().call(other);
        let calls = ledger.context().any_of(&cancel.flight.calls);
        return Some(format!("{says}, which is true of {other}, but innermost was {calls}"));
    }
    first_sign(ledger, event, |sign| {
        let thread = ledger.context().caller(sign.call);
        let aimed = |by: ActorId, action| {
            Some(by) != sign.cleared && matches!(action, Action::CancelThread(t, _) if t == thread)
        };
        let by_thread = ledger.lane(thread).hit
            || ledger.flights().any(|(by, flight)| aimed(by, flight.action));
        (by_thread && sign.cause(ledger) != Cause::Found).then(|| {
            let says = sign.says(ledger);
            let thread = ledger.context().actor(thread);
            format!("{says} although every Cancel of thread {thread} was on another call")
        })
    })
}

/// A call of the thread that would justify the code of this `Cancel`, if none of the calls that may
/// have been innermost does.
fn misdirected(ledger: &Ledger, cancel: &Returned, thread: ActorId) -> Option<CallId> {
    let about_a_call = says_canceled(cancel.code) || cancel.code == Code::RPC_E_CALL_COMPLETE;
    if !about_a_call || !cancel.fits_none(ledger) {
        return None;
    }
    let mut others = ledger.calls().map(|(call, _)| call);
    others.find(|call| {
        ledger.context().caller(*call) == thread
            && !cancel.flight.calls.contains(*call)
            && ledger.fits(cancel.by, *call, cancel.code)
    })
}
