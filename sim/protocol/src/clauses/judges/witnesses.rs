//! What must be seen at least once: K2, K20, K22.

use calloff_model::{CallId, Code};

use super::views::{Returned, await_return};
use crate::clauses::facts::{Grant, Outcome};
use crate::clauses::ledger::Ledger;
use crate::clauses::names::says_canceled;
use crate::history::{Action, Event};

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

/// Whether a `Cancel` in flight may have reached the call, and no returned `Cancel` can have.
fn only_in_flight(ledger: &Ledger, call: CallId) -> bool {
    let mut flights = ledger.flights();
    let flying = flights.any(|(_, flight)| flight.grant().is_some() && flight.open.contains(call));
    let mut requests = ledger.facts.requests.iter();
    flying && !requests.any(|r| r.grant != Grant::Completed && r.calls.contains(call))
}
