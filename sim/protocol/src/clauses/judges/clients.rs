//! What client programs add: custom cancel objects, message filters, handlers of waits that serve,
//! and instances of calls: K24 to K30.

use calloff_model::{CallId, Code, CustomId};

use super::views::{Returned, first_sign};
use crate::clauses::facts::{Entry, Held};
use crate::clauses::ledger::Ledger;
use crate::clauses::names::says_canceled;
use crate::clauses::offers::Cause;
use crate::history::{Action, ActorId, Event, What};

/// K24: a cancel by thread and CoGetCancelObject find the topmost object, of either kind.
pub(crate) fn k24(ledger: &Ledger, event: &Event) -> Option<String> {
    let context = ledger.context();
    if let Some((by, action, object)) = found_custom(event) {
        let flight = ledger.flight(by);
        return (!flight.customs.contains(&object)).then(|| {
            let found = context.any_custom(&[object]);
            let topmost = match flight.customs.as_slice() {
                [] => context.any_of(&flight.calls),
                customs => context.any_custom(customs),
            };
            let operation = context.operation(by, action);
            format!("{operation} found {found} although topmost was {topmost}")
        });
    }
    let returned = Returned::of(ledger, event)?;
    let about_a_call = returned.code == Code::S_OK
        || returned.code == Code::RPC_E_CALL_COMPLETE
        || says_canceled(returned.code);
    let customs = &returned.flight.customs;
    let hidden = about_a_call && returned.flight.calls.is_empty() && !customs.is_empty();
    hidden.then(|| {
        let topmost = context.any_custom(customs);
        format!("{} for a call although topmost was {topmost}", returned.says(ledger))
    })
}

/// An operation on a thread that has found this custom object.
fn found_custom(event: &Event) -> Option<(ActorId, Action, CustomId)> {
    match event.what {
        What::Passed(by, action, object) => Some((by, action, object)),
        _ => None,
    }
}

/// K25: only what CoSetCancelObject has taken, and not taken away, is found; an object without the
/// interface is refused.
pub(crate) fn k25(ledger: &Ledger, event: &Event) -> Option<String> {
    let context = ledger.context();
    if let Some((by, action, object)) = found_custom(event) {
        let flight = ledger.flight(by);
        let is_set = |thread| ledger.lane(thread).stack.contains(&Entry::Custom(object));
        let known = flight.customs.contains(&object) || flight.thread().is_some_and(is_set);
        return (!known).then(|| {
            let found = context.any_custom(&[object]);
            format!("{} found {found}, which is not set there", context.operation(by, action))
        });
    }
    let returned = Returned::of(ledger, event)?;
    let Action::SetCancelObject(Some(object)) = returned.action else {
        return None;
    };
    let why = match (context.custom(object).has_interface, returned.code) {
        (true, Code::E_NOINTERFACE) => "has",
        (false, Code::S_OK) => "does not have",
        _ => return None,
    };
    Some(format!("{} although it {why} ICancelMethodCalls", returned.says(ledger)))
}

/// K26: what the pages leave open about custom objects is answered as decided.
pub(crate) fn k26(ledger: &Ledger, event: &Event) -> Option<String> {
    let returned = Returned::of(ledger, event)?;
    let lane = ledger.lane(returned.by);
    let due = match returned.action {
        Action::SetCancelObject(None) => match lane.topmost_custom() {
            Some(_) => Code::S_OK,
            None => Code::E_INVALIDARG,
        },
        Action::TestCancelObject(object) if lane.objects[object.0 as usize] == Held::Custom => {
            Code::E_NOTIMPL
        }
        _ => return None,
    };
    (returned.code != due).then(|| format!("{}, where {due} is due", returned.says(ledger)))
}

/// K27: a `Cancel` of a custom object returns what the object returns.
pub(crate) fn k27(ledger: &Ledger, event: &Event) -> Option<String> {
    let What::PassedBack(by, action, object, code) = event.what else {
        return None;
    };
    let context = ledger.context();
    let returns = &context.custom(object).returns;
    (action.is_cancel() && !returns.contains(&code)).then(|| {
        let due: Vec<String> = returns.iter().map(|code| code.cancel_name()).collect();
        let operation = context.operation(by, action);
        let (object, due) = (context.any_custom(&[object]), due.join(" or "));
        format!("{operation} returned {}, but {object} returns {due}", code.cancel_name())
    })
}

/// K28: a message filter gives up its own wait, once, and only before a reply.
pub(crate) fn k28(ledger: &Ledger, event: &Event) -> Option<String> {
    let returned = Returned::of(ledger, event)?;
    let Action::GiveUp(call) = returned.action else {
        return None;
    };
    let why = if !ledger.context().facts(call).has_filter {
        "although the wait has none"
    } else if ledger.call(call).outcome.is_some() {
        "although the wait was over"
    } else if returned.flight.sure.replied {
        "although the server had replied"
    } else if !says_canceled(returned.code) {
        "where RPC_E_CALL_CANCELED is due"
    } else {
        return None;
    };
    Some(format!("{} {why}", returned.says(ledger)))
}

/// K29: a wait that serves returns after its handlers; and what cancels a call of theirs does not
/// cancel the call that is waited for, nor the other way round.
pub(crate) fn k29(ledger: &Ledger, event: &Event) -> Option<String> {
    let context = ledger.context();
    if let Some(returned) = Returned::of(ledger, event)
        && let Some(call) = waited_for(returned.action)
        && ledger.lane(returned.by).handlers.contains(&context.named(call))
    {
        return Some(format!("{} while a handler was running", returned.says(ledger)));
    }
    first_sign(ledger, event, |sign| {
        if sign.cause(ledger) == Cause::Found {
            return None;
        }
        let meant = meant_instead(ledger, sign.call)?;
        let says = sign.says(ledger);
        Some(format!("{says} although the Cancel was on {}", context.call(meant)))
    })
}

fn waited_for(action: Action) -> Option<CallId> {
    match action {
        Action::Await(call) | Action::GiveUp(call) => Some(call),
        _ => None,
    }
}

/// A call that a `Cancel` was or may have been on, where one of the two is issued by a handler of
/// the wait for the other.
fn meant_instead(ledger: &Ledger, canceled: CallId) -> Option<CallId> {
    let context = ledger.context();
    let name = context.named(canceled);
    let is_inner = |inner: CallId, outer| context.facts(inner).within == Some(outer);
    let related = |other: CallId| is_inner(other, name) || is_inner(name, context.named(other));
    let is_hit = |other: CallId| {
        let mut flights = ledger.flights();
        ledger.call(other).requested
            || flights.any(|(_, flight)| flight.grant().is_some() && flight.open.contains(other))
    };
    let mut others = ledger.calls().map(|(other, _)| other);
    if let Some(other) = others.find(|other| related(*other) && is_hit(*other)) {
        return Some(other);
    }
    // The handler's call is over, and may be forgotten.
    let by_thread = ledger.lane(context.caller(canceled)).hit;
    let mut names = (0..).map(CallId).take(context.calls.len());
    names.find(|inner| by_thread && is_inner(*inner, name))
}

/// K30: instances are entered oldest first, awaited newest first, and an object stays on its own.
pub(crate) fn k30(ledger: &Ledger, event: &Event) -> Option<String> {
    let context = ledger.context();
    let returned = Returned::of(ledger, event)?;
    let wrong = match returned.action {
        Action::Dispatch(call) => {
            let mut waiting = pending_alike(ledger, call).filter(|other| other.0 < call.0);
            let is_passed_over = waiting.any(|older| !ledger.call(older).dispatched);
            is_passed_over.then_some("although an older instance was waiting")
        }
        Action::Await(call) | Action::GiveUp(call) => {
            let is_newest = pending_alike(ledger, call).all(|other| other.0 <= call.0);
            (!is_newest).then_some("although a newer instance was pending")
        }
        Action::TestCancelObject(_) | Action::CancelObject(..) => {
            let calls = &returned.flight.calls;
            let repeats = |call| context.facts(call).repeats;
            let is_over = returned.flight.open.is_empty() && !calls.is_empty();
            let says_so =
                says_canceled(returned.code) || returned.code == Code::RPC_E_CALL_COMPLETE;
            (is_over && !says_so && calls.iter().all(repeats))
                .then_some("although its own instance of the call was over")
        }
        _ => None,
    };
    wrong.map(|why| format!("{} {why}", returned.says(ledger)))
}

/// The instances of that call which its caller has issued and not come back from.
fn pending_alike(ledger: &Ledger, call: CallId) -> impl Iterator<Item = CallId> {
    let context = ledger.context();
    let name = context.named(call);
    let pending = ledger.lane(context.caller(call)).calls();
    pending.filter(move |other| context.named(*other) == name)
}
