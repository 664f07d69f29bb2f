//! Histories that violate no clause: each race between the operations, once per legal ending.

use calloff_model::Code;

use super::story::*;
use crate::history::Action;

const CANCELED: Code = Code::RPC_E_CALL_CANCELED;
const COMPLETE: Code = Code::RPC_E_CALL_COMPLETE;
const DISABLED: Code = Code::CO_E_CANCEL_DISABLED;
const PENDING: Code = Code::RPC_S_CALLPENDING;

/// Every legal story with its name; the clock is free, so that intervals may be stretched.
pub(super) fn all() -> Vec<(&'static str, Story)> {
    let mut all = single();
    all.extend(objects());
    all.extend(waiting());
    all.extend(double());
    all.extend(nested());
    all.extend(depths());
    all
}

fn entered() -> Story {
    story().issues(WORK).enters(WORK)
}

fn single() -> Vec<(&'static str, Story)> {
    let window = || entered().begins(CANCELLER, cancel(CALLER, 5));
    vec![
        ("no cancel", entered().replies(WORK, Code::S_FALSE).gets(WORK, Code::S_FALSE)),
        (
            "the caller goes on before the canceller",
            entered()
                .begins(CANCELLER, cancel(CALLER, 0))
                .gets(WORK, CANCELED)
                .issues(NEXT)
                .enters(NEXT)
                .ends(CANCELLER, Code::S_OK)
                .replies(WORK, Code::S_OK)
                .replies(NEXT, Code::S_FALSE)
                .gets(NEXT, Code::S_FALSE),
        ),
        (
            "the reply beats the caller's pick-up",
            entered()
                .does(CANCELLER, cancel(CALLER, 0), Code::S_OK)
                .replies(WORK, Code::S_OK)
                .gets(WORK, Code::S_OK),
        ),
        (
            "the server sees the request and completes inside the window",
            window()
                .does(SERVER, test(WORK), CANCELED)
                .replies(WORK, CANCELED)
                .ends(CANCELLER, COMPLETE)
                .gets(WORK, CANCELED),
        ),
        (
            "the window ends",
            window()
                .does(SERVER, test(WORK), CANCELED)
                .clock(5)
                .gets(WORK, CANCELED)
                .does(SERVER, test(WORK), CANCELED)
                .ends(CANCELLER, Code::S_OK)
                .replies(WORK, Code::S_OK)
                .issues(NEXT)
                .stuck(&[(CALLER, Action::Await(NEXT))]),
        ),
    ]
}

fn objects() -> Vec<(&'static str, Story)> {
    let held = || entered().does(CANCELLER, get(CALLER), Code::S_OK);
    vec![
        (
            "a stale object answers about its own call",
            held()
                .replies(WORK, Code::S_OK)
                .gets(WORK, Code::S_OK)
                .issues(NEXT)
                .does(CANCELLER, cancel_object(0), COMPLETE)
                .does(CANCELLER, TEST_OBJECT, COMPLETE)
                .replies(NEXT, Code::S_OK)
                .gets(NEXT, Code::S_OK),
        ),
        (
            "an object follows its call",
            held()
                .does(CANCELLER, TEST_OBJECT, PENDING)
                .does(CANCELLER, cancel_object(0), Code::S_OK)
                .does(CANCELLER, TEST_OBJECT, CANCELED)
                .gets(WORK, CANCELED)
                .does(CANCELLER, TEST_OBJECT, CANCELED)
                .does(CANCELLER, cancel_object(3), CANCELED),
        ),
        (
            "nothing is remembered",
            story()
                .does(CANCELLER, cancel(CALLER, 0), Code::E_NOINTERFACE)
                .does(CANCELLER, cancel_object(0), Code::E_NOINTERFACE)
                .issues(WORK)
                .enters(WORK)
                .replies(WORK, Code::S_OK)
                .gets(WORK, Code::S_OK)
                .does(CANCELLER, get(CALLER), Code::E_NOINTERFACE),
        ),
        (
            "a canceled call is skipped",
            story()
                .issues(WORK)
                .does(CANCELLER, cancel(CALLER, 0), Code::S_OK)
                .does(SERVER, Action::Dispatch(WORK), CANCELED)
                .gets(WORK, CANCELED),
        ),
    ]
}

fn waiting() -> Vec<(&'static str, Story)> {
    let waits = || story().caller_waits().issues(WORK);
    vec![
        (
            "the caller waits out the window",
            waits()
                .does(CANCELLER, cancel(CALLER, 5), Code::S_OK)
                .enters(WORK)
                .does(SERVER, test(WORK), CANCELED)
                .clock(5)
                .gets(WORK, CANCELED),
        ),
        (
            "the caller waits for ever",
            waits()
                .does(CANCELLER, cancel(CALLER, INFINITE), Code::S_OK)
                .enters(WORK)
                .does(SERVER, test(WORK), CANCELED)
                .stuck(&[(CALLER, Action::Await(WORK))]),
        ),
        (
            "the canceller waits for ever",
            entered()
                .begins(CANCELLER, cancel(CALLER, INFINITE))
                .does(SERVER, test(WORK), CANCELED)
                .does(SECOND, cancel(CALLER, 0), CANCELED)
                .replies(WORK, Code::E_ABORT)
                .gets(WORK, Code::E_ABORT)
                .ends(CANCELLER, COMPLETE),
        ),
    ]
}

fn double() -> Vec<(&'static str, Story)> {
    let both = || {
        let story = story().issues(WORK).enters(WORK).begins(CANCELLER, cancel(CALLER, 3));
        story.begins(SECOND, cancel(CALLER, 0))
    };
    vec![
        (
            "the second of two is told so",
            both().ends(SECOND, CANCELED).clock(3).ends(CANCELLER, Code::S_OK).gets(WORK, CANCELED),
        ),
        (
            "the second of two comes first",
            both().gets(WORK, CANCELED).ends(CANCELLER, CANCELED).ends(SECOND, Code::S_OK),
        ),
        (
            "a reply answers both",
            both()
                .replies(WORK, Code::S_OK)
                .ends(SECOND, COMPLETE)
                .ends(CANCELLER, COMPLETE)
                .gets(WORK, Code::S_OK),
        ),
        (
            "two find the thread empty",
            both()
                .ends(SECOND, Code::S_OK)
                .gets(WORK, CANCELED)
                .does(SECOND, cancel(CALLER, 0), Code::E_NOINTERFACE)
                .ends(CANCELLER, CANCELED),
        ),
        (
            "each hits a call of its own",
            both()
                .ends(SECOND, Code::S_OK)
                .gets(WORK, CANCELED)
                .issues(NEXT)
                .does(SECOND, cancel(CALLER, 0), Code::S_OK)
                .gets(NEXT, CANCELED)
                .ends(CANCELLER, CANCELED),
        ),
        (
            "the object of one is the call of the other",
            story()
                .issues(WORK)
                .does(CANCELLER, get(CALLER), Code::S_OK)
                .does(SECOND, get(CALLER), Code::S_OK)
                .begins(CANCELLER, cancel_object(0))
                .does(SECOND, TEST_OBJECT, CANCELED)
                .does(SECOND, cancel_object(7), CANCELED)
                .ends(CANCELLER, Code::S_OK)
                .gets(WORK, CANCELED),
        ),
    ]
}

fn nested() -> Vec<(&'static str, Story)> {
    let nested = || story().issues(WORK).enters(WORK).issues(NEXT).enters(NEXT);
    let finish = |story: Story| story.replies(WORK, Code::S_OK).gets(WORK, Code::S_OK);
    vec![
        (
            "the inner call is canceled, then the outer one",
            nested()
                .does(CANCELLER, cancel(CALLER, 0), Code::S_OK)
                .gets(NEXT, CANCELED)
                .does(SERVER, test(WORK), PENDING)
                .does(CANCELLER, cancel(CALLER, 0), Code::S_OK)
                .gets(WORK, CANCELED),
        ),
        (
            "the outer call is awaited first",
            finish(nested())
                .does(CANCELLER, cancel(CALLER, 0), Code::S_OK)
                .gets(NEXT, CANCELED)
                .does(CANCELLER, cancel(CALLER, 0), Code::E_NOINTERFACE),
        ),
        (
            "the inner call completes between the two steps of a cancel",
            finish(
                nested()
                    .begins(CANCELLER, cancel(CALLER, 0))
                    .replies(NEXT, Code::S_FALSE)
                    .gets(NEXT, Code::S_FALSE)
                    .ends(CANCELLER, COMPLETE),
            ),
        ),
        (
            "an object of the outer call is used while the inner one is pending",
            story()
                .issues(WORK)
                .does(CANCELLER, get(CALLER), Code::S_OK)
                .issues(NEXT)
                .enters(NEXT)
                .does(CANCELLER, cancel_object(0), Code::S_OK)
                .does(HELPER, test(NEXT), PENDING)
                .does(SERVER, Action::Dispatch(WORK), CANCELED)
                .replies(NEXT, Code::S_OK)
                .gets(NEXT, Code::S_OK)
                .gets(WORK, CANCELED),
        ),
        (
            "two threads are canceled by each other",
            story()
                .issues(WORK)
                .issues(ELSE)
                .does(OTHER, cancel(CALLER, 0), Code::S_OK)
                .does(CALLER, cancel(OTHER, 0), Code::S_OK)
                .gets(WORK, CANCELED)
                .gets(ELSE, CANCELED),
        ),
        (
            "a thread cancels itself",
            story().issues(WORK).does(CALLER, cancel(CALLER, 0), Code::S_OK).gets(WORK, CANCELED),
        ),
    ]
}

fn depths() -> Vec<(&'static str, Story)> {
    let disabled = || story().depth(CALLER, 0).issues(WORK).enters(WORK);
    let at_request = || story().at_request().issues(WORK).enters(WORK);
    vec![
        (
            "the depth at the issue decides",
            disabled()
                .does(CALLER, Action::Enable, Code::S_OK)
                .does(CANCELLER, cancel(CALLER, 2), DISABLED)
                .does(SERVER, test(WORK), PENDING)
                .replies(WORK, Code::S_OK)
                .does(SECOND, cancel(CALLER, 2), COMPLETE)
                .gets(WORK, Code::S_OK),
        ),
        (
            "the depth at the request decides",
            at_request()
                .does(CANCELLER, get(CALLER), Code::S_OK)
                .does(CALLER, Action::Disable, Code::S_OK)
                .does(CANCELLER, cancel_object(0), DISABLED)
                .does(CANCELLER, get(CALLER), DISABLED)
                .does(CALLER, Action::Disable, DISABLED)
                .does(CALLER, Action::Enable, Code::S_OK)
                .does(CANCELLER, cancel_object(0), Code::S_OK)
                .does(CALLER, Action::Disable, Code::S_OK)
                .does(CANCELLER, cancel_object(0), CANCELED)
                .does(SECOND, cancel(CALLER, 0), DISABLED)
                .gets(WORK, CANCELED),
        ),
        (
            "a call inside a disabled section is passed over",
            disabled()
                .does(CALLER, Action::Enable, Code::S_OK)
                .issues(NEXT)
                .does(CANCELLER, cancel(CALLER, 0), Code::S_OK)
                .gets(NEXT, CANCELED)
                .does(CANCELLER, cancel(CALLER, 0), DISABLED)
                .replies(WORK, Code::S_OK)
                .gets(WORK, Code::S_OK),
        ),
    ]
}

#[test]
fn legal_stories_break_nothing() {
    for (name, story) in all() {
        assert!(
            story.said().iter().all(|(_, id, _)| matches!(*id, "K2" | "K20" | "K22")),
            "{name}"
        );
        story.holds();
    }
}
