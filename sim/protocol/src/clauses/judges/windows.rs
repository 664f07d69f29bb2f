//! How long a `Cancel` takes: K12, K13, K14.

use calloff_model::{Code, Waiter, Window};

use super::views::{Returned, first_sign};
use crate::clauses::ledger::Ledger;
use crate::clauses::names::window_of;
use crate::clauses::offers::{Cause, Effect};
use crate::history::{Action, ActorId, Event, TimePolicy, What};

/// K12: `Cancel(0)` never waits.
pub(crate) fn k12(ledger: &Ledger, event: &Event) -> Option<String> {
    let zero = |action| window_of(action) == Some(Window::Seconds(0));
    let says = |(by, action): (ActorId, Action), what| {
        format!("{} {what}", ledger.context().operation(by, action))
    };
    match &event.what {
        What::Blocked(by, action) if zero(*action) => Some(says((*by, *action), "has to wait")),
        What::Clock if ledger.context().time == TimePolicy::Urgent => {
            let mut flights = ledger.flights().map(|(by, flight)| (by, flight.action));
            let slow = flights.find(|(_, action)| zero(*action))?;
            Some(says(slow, "takes time"))
        }
        What::End(stuck) => {
            let stuck = stuck.iter().find(|(_, action)| zero(*action))?;
            Some(says(*stuck, "never returns"))
        }
        _ => None,
    }
}

/// K13: a `Cancel` that waits returns `S_OK` when its window ends, not earlier.
pub(crate) fn k13(ledger: &Ledger, event: &Event) -> Option<String> {
    let (cancel, window) = Returned::cancel(ledger, event)?;
    if cancel.code != Code::S_OK {
        return None;
    }
    let since = cancel.flight.since?;
    let deadline = window.deadline(since)?;
    let late = ledger.context().time == TimePolicy::Urgent && cancel.at > deadline;
    (cancel.at < deadline || late).then(|| {
        let took = ledger.context().seconds(cancel.at.0.saturating_sub(since.0));
        let window = ledger.context().window(window);
        format!("{} after {took} s, not after {window} s", cancel.says(ledger))
    })
}

/// K14: only a reply ends an infinite window.
pub(crate) fn k14(ledger: &Ledger, event: &Event) -> Option<String> {
    if let Some((cancel, Window::Infinite)) = Returned::cancel(ledger, event)
        && cancel.code == Code::S_OK
        && ledger.context().reading.waiter == Waiter::Canceller
    {
        let mut calls = cancel.flight.calls.iter();
        if !calls.any(|call| ledger.call(call).reply.is_some()) {
            let calls = ledger.context().any_of(&cancel.flight.calls);
            let says = cancel.says(ledger);
            return Some(format!("{says} although the server of {calls} had not replied"));
        }
    }
    first_sign(ledger, event, |sign| {
        let endless = sign.effect == Effect::Canceled
            && sign.cause(ledger) == Cause::Found
            && sign.with(Effect::Released).cause(ledger) != Cause::Found;
        endless.then(|| {
            let says = sign.says(ledger);
            format!("{says} although the window of its Cancel is infinite")
        })
    })
}
