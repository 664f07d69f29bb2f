//! What must be seen at least once: K2, K20, K22, K31 to K34.

use calloff_model::{CallId, Code};

use super::views::{Returned, await_return};
use crate::clauses::facts::{Grant, Outcome};
use crate::clauses::ledger::Ledger;
use crate::clauses::names::says_canceled;
use crate::history::{Action, Event, What};

/// K2's only facet.
pub(crate) const COMPLETED: &str = "completed after S_OK";
/// K22's only facet.
pub(crate) const RESUMED: &str = "the caller goes first";

/// K2: a call completes although its `Cancel` returned `S_OK`, in either order.
pub(crate) fn k2(ledger: &Ledger, event: &Event) -> Option<String> {
    let seen = if let Some((call, code)) = await_return(event) {
        let record = ledger.call(call);
        record.accepted && record.reply == Some(code) && !says_canceled(code)
    } else {
        let (cancel, _) = Returned::cancel(ledger, event)?;
        let completed = |call| ledger.call(call).outcome == Some(Outcome::Result);
        cancel.code == Code::S_OK && cancel.flight.certain().is_some_and(completed)
    };
    seen.then(|| COMPLETED.to_owned())
}

/// K20's facet for the page's remark on canceled methods; its other facets are the rows of the
/// table.
pub(crate) const METHOD: &str = "the method returns canceled";

/// K20: `Cancel` returns each code of its table, and a canceled method returns that it was
/// canceled.
pub(crate) fn k20(ledger: &Ledger, event: &Event) -> Option<String> {
    if let Some((call, code)) = await_return(event) {
        let is_own_reply = ledger.call(call).reply == Some(code);
        return (says_canceled(code) && !is_own_reply).then(|| METHOD.to_owned());
    }
    let (cancel, _) = Returned::cancel(ledger, event)?;
    let row = match cancel.code {
        Code::S_OK | Code::CO_E_CANCEL_DISABLED | Code::RPC_E_CALL_COMPLETE => cancel.code.name(),
        code if says_canceled(code) => Code::CANCEL_ALREADY_CANCELED.to_owned(),
        _ => return None,
    };
    Some(row)
}

/// K22: the canceled caller issues another call before the `Cancel` that released it has returned.
pub(crate) fn k22(ledger: &Ledger, event: &Event) -> Option<String> {
    let issued = Returned::of(ledger, event)?;
    let Action::Issue(next) = issued.action else {
        return None;
    };
    let mut calls = ledger.calls();
    let seen = calls.any(|(call, record)| {
        call != next
            && ledger.context().caller(call) == issued.by
            && record.outcome == Some(Outcome::Canceled)
            && only_in_flight(ledger, call)
    });
    seen.then(|| RESUMED.to_owned())
}

/// K31's only facet.
pub(crate) const PASSED_ON: &str = "an object's own code";
/// K32's only facet.
pub(crate) const GIVEN_UP: &str = "given up inside the method";
/// K33's only facet.
pub(crate) const UNDER_HANDLER: &str = "canceled under a handler";
/// K34's only facet.
pub(crate) const EARLIER: &str = "earlier instance complete";

/// K31: a cancel by thread returns what a custom object returns.
pub(crate) fn k31(_: &Ledger, event: &Event) -> Option<String> {
    match event.what {
        What::PassedBack(_, Action::CancelThread(..), ..) => Some(PASSED_ON.to_owned()),
        _ => None,
    }
}

/// K32: a message filter gives up a wait whose call the server has entered.
pub(crate) fn k32(ledger: &Ledger, event: &Event) -> Option<String> {
    let returned = Returned::of(ledger, event)?;
    let Action::GiveUp(call) = returned.action else {
        return None;
    };
    let record = ledger.call(call);
    let is_entering = ledger.flights().any(|(_, flight)| flight.action == Action::Dispatch(call));
    let is_inside = record.dispatched && !record.told && record.reply.is_none() && !is_entering;
    is_inside.then(|| GIVEN_UP.to_owned())
}

/// K33: a `Cancel` is accepted on the call that a thread waits for while a handler of that wait
/// runs.
pub(crate) fn k33(ledger: &Ledger, event: &Event) -> Option<String> {
    let (cancel, _) = Returned::cancel(ledger, event)?;
    let call = cancel.flight.certain().filter(|_| cancel.code == Code::S_OK)?;
    let context = ledger.context();
    let handlers = &ledger.lane(context.caller(call)).handlers;
    handlers.contains(&context.named(call)).then(|| UNDER_HANDLER.to_owned())
}

/// K34: the object of an instance answers "complete" while a later instance is pending.
pub(crate) fn k34(ledger: &Ledger, event: &Event) -> Option<String> {
    let returned = Returned::of(ledger, event)?;
    let on_object =
        matches!(returned.action, Action::TestCancelObject(_) | Action::CancelObject(..));
    if !on_object || returned.code != Code::RPC_E_CALL_COMPLETE {
        return None;
    }
    let call = returned.flight.calls.only()?;
    let context = ledger.context();
    let mut pending = ledger.lane(context.caller(call)).calls();
    let later =
        pending.any(|other| other.0 > call.0 && context.named(other) == context.named(call));
    (later && ledger.call(call).outcome == Some(Outcome::Result)).then(|| EARLIER.to_owned())
}

/// Whether a `Cancel` in flight may have reached the call, and no returned `Cancel` can have.
fn only_in_flight(ledger: &Ledger, call: CallId) -> bool {
    let mut flights = ledger.flights();
    let flying = flights.any(|(_, flight)| flight.grant().is_some() && flight.open.contains(call));
    let mut requests = ledger.facts.requests.iter();
    flying && !requests.any(|r| r.grant != Grant::Completed && r.calls.contains(call))
}
