//! No actor is stuck that has a reason to return: K19.

use calloff_model::{CallId, Waiter, Window};

use crate::clauses::facts::Expiry;
use crate::clauses::ledger::Ledger;
use crate::clauses::names::window_of;
use crate::history::{Action, ActorId, Event, What};

/// K19: an operation that has a reason to return does return.
pub(crate) fn k19(ledger: &Ledger, event: &Event) -> Option<String> {
    let What::End(stuck) = &event.what else {
        return None;
    };
    stuck.iter().find_map(|(by, action)| {
        let why = match *action {
            Action::Await(call) => awaits_in_vain(ledger, call),
            action => cancels_in_vain(ledger, *by, action),
        }?;
        let operation = ledger.context().operation(*by, *action);
        Some(format!("{operation} never returns although {why}"))
    })
}

fn awaits_in_vain(ledger: &Ledger, call: CallId) -> Option<&'static str> {
    let record = ledger.call(call);
    if record.outcome.is_some() {
        // Its caller has come back from it, and waits for another one that it has not issued.
        return None;
    }
    let replying = ledger
        .flights()
        .any(|(_, flight)| matches!(flight.action, Action::Reply(other, _) if other == call));
    if record.reply.is_some() && !replying {
        Some("the server replied")
    } else if record.expiry != Expiry::Unknown {
        Some("the cancel request has expired")
    } else {
        None
    }
}

fn cancels_in_vain(ledger: &Ledger, by: ActorId, action: Action) -> Option<&'static str> {
    if window_of(action)? != Window::Infinite {
        return Some("its window ends");
    }
    if ledger.context().reading.waiter == Waiter::Caller {
        return Some("it is the caller who waits");
    }
    let Some(flight) = &ledger.lane(by).flight else {
        return Some("nothing keeps it from starting");
    };
    let mut calls = flight.calls.iter().map(|call| ledger.call(call));
    // A message filter settles the call, and does not end the window of a `Cancel`.
    let replied = calls.all(|record| record.reply.is_some() && !record.gave_up);
    replied.then_some("there is no reply to wait for any more")
}
