//! What a server sees of a cancel request: K15, K21.

use calloff_model::Code;

use super::views::{Returned, first_sign};
use crate::clauses::ledger::Ledger;
use crate::clauses::names::says_canceled;
use crate::clauses::offers::{Cause, Effect};
use crate::history::{Action, Event};

/// K15: `TestCancel` reports every accepted request, reports none without a `Cancel`, and never
/// goes back to "pending".
pub(crate) fn k15(ledger: &Ledger, event: &Event) -> Option<String> {
    let returned = Returned::of(ledger, event)?;
    let why = match returned.action {
        Action::TestCancel(Some(_)) | Action::TestCancelObject(_) => untrue(ledger, &returned),
        Action::Dispatch(_) => groundless(ledger, &returned),
        _ => return taken_back(ledger, event),
    };
    why.map(|why| {
        let calls = ledger.context().any_of(&returned.flight.calls);
        let says = match returned.action {
            Action::Dispatch(call) => {
                let (server, call) =
                    (ledger.context().actor(returned.by), ledger.context().call(call));
                format!("{server} skipped {call} as canceled")
            }
            _ => returned.says(ledger),
        };
        format!("{says} although {why} {calls}")
    })
}

fn untrue(ledger: &Ledger, test: &Returned) -> Option<&'static str> {
    let sure = test.flight.sure;
    let replied = test.flight.calls.iter().any(|call| ledger.call(call).reply.is_some());
    if says_canceled(test.code) {
        groundless(ledger, test)
    } else if sure.told && test.code == Code::RPC_S_CALLPENDING {
        Some("an earlier test had reported a request on")
    } else if sure.requested && !replied {
        Some("a Cancel had been accepted on")
    } else {
        None
    }
}

fn groundless(ledger: &Ledger, returned: &Returned) -> Option<&'static str> {
    let canceled = says_canceled(returned.code) && returned.fits_none(ledger);
    canceled.then_some("no Cancel was under way on")
}

/// A `Cancel` returns without being accepted, although a test had said "canceled" and no other
/// `Cancel` explains that.
fn taken_back(ledger: &Ledger, event: &Event) -> Option<String> {
    first_sign(ledger, event, |sign| {
        let told = sign.effect == Effect::Requested && ledger.call(sign.call).told;
        (told && sign.cause(ledger) == Cause::Missing)
            .then(|| format!("{} although no Cancel on it was accepted", sign.says(ledger)))
    })
}

/// K21: a call whose request has expired is not entered any more.
pub(crate) fn k21(ledger: &Ledger, event: &Event) -> Option<String> {
    let returned = Returned::of(ledger, event)?;
    let Action::Dispatch(call) = returned.action else {
        return None;
    };
    (returned.code == Code::S_OK && returned.flight.sure.expired).then(|| {
        let server = ledger.context().actor(returned.by);
        let call = ledger.context().call(call);
        format!("{server} entered {call} although its cancel request had expired before")
    })
}
