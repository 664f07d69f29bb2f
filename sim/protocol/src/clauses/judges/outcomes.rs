//! What a caller gets: K7, K8, K9, K10.

use calloff_model::{CallId, Code};

use super::views::{Returned, await_return, first_sign};
use crate::clauses::facts::Outcome;
use crate::clauses::ledger::Ledger;
use crate::clauses::names::{says_canceled, window_of};
use crate::clauses::offers::{Cause, Effect};
use crate::history::{Action, Event};

/// K7: a caller is told "canceled" only because of a `Cancel` on its own call.
pub(crate) fn k7(ledger: &Ledger, event: &Event) -> Option<String> {
    first_sign(ledger, event, |sign| {
        if sign.effect != Effect::Canceled {
            return None;
        }
        let why = match sign.cause(ledger) {
            Cause::Found => return None,
            Cause::Missing => "although no Cancel on it was accepted",
            Cause::Spent => {
                "although each Cancel that may have been on it has reached another call"
            }
        };
        Some(format!("{} {why}", sign.says(ledger)))
    })
}

/// K8: a caller gets the code that its own server sent.
pub(crate) fn k8(ledger: &Ledger, event: &Event) -> Option<String> {
    let (call, code) = await_return(event)?;
    let reply = ledger.call(call).reply;
    (reply != Some(code) && !says_canceled(code)).then(|| {
        let sent = reply.map_or("nothing".to_owned(), Code::name);
        format!("{} although its server sent {sent}", got(ledger, call, code))
    })
}

/// K9: a caller never gets the code that another call's server sent.
pub(crate) fn k9(ledger: &Ledger, event: &Event) -> Option<String> {
    let (call, code) = await_return(event)?;
    let own = ledger.call(call).reply == Some(code);
    if own || (says_canceled(code) && ledger.offered(call, Effect::Canceled, None)) {
        return None;
    }
    let (other, _) = ledger.calls().find(|(_, record)| record.reply == Some(code))?;
    let other = ledger.context().call(other);
    Some(format!("{}, the reply that was sent to {other}", got(ledger, call, code)))
}

fn got(ledger: &Ledger, call: CallId, code: Code) -> String {
    let context = ledger.context();
    let caller = context.actor(context.caller(call));
    format!("{caller} got {code} from {}", context.call(call))
}

/// K10: a call has one outcome, which never changes.
pub(crate) fn k10(ledger: &Ledger, event: &Event) -> Option<String> {
    if let Some((call, code)) = await_return(event) {
        let again = ledger.call(call).outcome.is_some();
        return again.then(|| format!("{} after it had come back before", got(ledger, call, code)));
    }
    let returned = Returned::of(ledger, event)?;
    let asked = matches!(returned.action, Action::TestCancelObject(_))
        || window_of(returned.action).is_some();
    let mut calls = returned.flight.calls.iter();
    let over = asked && !returned.flight.calls.is_empty() && returned.flight.open.is_empty();
    let contradicts = |call| match ledger.call(call).outcome {
        _ if returned.code == Code::RPC_S_CALLPENDING => true,
        Some(Outcome::Canceled) => returned.code == Code::RPC_E_CALL_COMPLETE,
        Some(Outcome::Result) => says_canceled(returned.code),
        Some(Outcome::Either) | None => false,
    };
    (over && calls.all(contradicts)).then(|| {
        let calls = ledger.context().any_of(&returned.flight.calls);
        format!("{} after the caller of {calls} had got another outcome", returned.says(ledger))
    })
}
