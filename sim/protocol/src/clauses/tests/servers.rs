//! K15, K21: what a server sees.

use calloff_model::Code;

use super::story::*;
use crate::history::Action;

const CANCELED: Code = Code::RPC_E_CALL_CANCELED;
const PENDING: Code = Code::RPC_S_CALLPENDING;

fn entered() -> Story {
    story().issues(WORK).enters(WORK)
}

#[test]
fn k15_accepts_pending_before_and_canceled_from_the_request_on() {
    let seen = entered().does(SERVER, test(WORK), PENDING).begins(CANCELLER, cancel(CALLER, 2));
    let seen = seen.does(SERVER, test(WORK), CANCELED).clock(2).ends(CANCELLER, Code::S_OK);
    seen.does(SERVER, test(WORK), CANCELED).gets(WORK, CANCELED).holds();
}

#[test]
fn k15_accuses_canceled_without_a_cancel() {
    let alone = entered().does(SERVER, test(WORK), CANCELED);
    alone.breaks(&["K15"]);
    alone.breaks_saying(
        "K15",
        "`server`'s TestCancel in `work` returned RPC_E_CALL_CANCELED although no Cancel was under \
         way on `work`",
    );
    let held = entered().does(CANCELLER, get(CALLER), Code::S_OK);
    held.does(CANCELLER, TEST_OBJECT, CANCELED).breaks(&["K15"]);
}

#[test]
fn k15_accuses_a_dispatch_that_is_skipped_without_a_cancel() {
    let issued = story().issues(WORK);
    let skipped = issued.clone().does(SERVER, Action::Dispatch(WORK), CANCELED);
    skipped.breaks(&["K15"]);
    let canceled = issued.does(CANCELLER, cancel(CALLER, 0), Code::S_OK);
    canceled.does(SERVER, Action::Dispatch(WORK), CANCELED).holds();
}

#[test]
fn k15_accuses_pending_after_an_accepted_cancel() {
    let accepted = entered().does(CANCELLER, cancel(CALLER, 0), Code::S_OK);
    accepted.does(SERVER, test(WORK), PENDING).breaks_saying(
        "K15",
        "`server`'s TestCancel in `work` returned RPC_S_CALLPENDING although a Cancel had been \
         accepted on `work`",
    );
    let back = entered().begins(CANCELLER, cancel(CALLER, 0)).gets(WORK, CANCELED);
    back.does(SERVER, test(WORK), PENDING).breaks(&["K15"]);
    let twice = entered().begins(CANCELLER, cancel(CALLER, 5));
    let twice = twice.does(SECOND, cancel(CALLER, 0), CANCELED);
    twice.does(SERVER, test(WORK), PENDING).breaks(&["K15"]);
}

#[test]
fn k15_accuses_pending_after_canceled() {
    let seen = entered().begins(CANCELLER, cancel(CALLER, 2)).does(SERVER, test(WORK), CANCELED);
    let back = seen.does(SERVER, test(WORK), PENDING);
    back.breaks(&["K15"]);
    back.breaks_saying(
        "K15",
        "`server`'s TestCancel in `work` returned RPC_S_CALLPENDING although an earlier test had \
         reported a request on `work`",
    );
}

#[test]
fn k15_lets_a_test_that_began_before_say_pending() {
    let early = entered().begins(SERVER, test(WORK)).does(CANCELLER, cancel(CALLER, 0), Code::S_OK);
    early.ends(SERVER, PENDING).holds();
    entered().begins(CANCELLER, cancel(CALLER, 0)).does(SERVER, test(WORK), PENDING).holds();
}

#[test]
fn k15_lets_an_object_say_complete_once_the_reply_is_sent() {
    let held = entered().does(SECOND, get(CALLER), Code::S_OK);
    let race = held.does(CANCELLER, cancel(CALLER, 0), Code::S_OK).replies(WORK, Code::S_OK);
    race.does(SECOND, TEST_OBJECT, Code::RPC_E_CALL_COMPLETE).gets(WORK, Code::S_OK).holds();
}

#[test]
fn k15_speaks_when_the_cancel_that_was_seen_turns_out_not_accepted() {
    let seen = entered().begins(CANCELLER, cancel(CALLER, 2)).does(SERVER, test(WORK), CANCELED);
    seen.clone().replies(WORK, Code::S_OK).ends(CANCELLER, Code::RPC_E_CALL_COMPLETE).holds();
    seen.ends(CANCELLER, Code::E_FAIL).breaks(&["K15"]);
}

#[test]
fn k21_accepts_a_call_that_is_entered_before_its_request_expires() {
    let waiting = story().issues(WORK).begins(CANCELLER, cancel(CALLER, 2)).enters(WORK).clock(2);
    waiting.ends(CANCELLER, Code::S_OK).gets(WORK, CANCELED).holds();
    let waiting = story().caller_waits().issues(WORK);
    let waiting = waiting.does(CANCELLER, cancel(CALLER, 2), Code::S_OK).clock(1).enters(WORK);
    waiting.clock(2).gets(WORK, CANCELED).holds();
}

#[test]
fn k21_accuses_a_call_that_is_entered_after_its_request_expired() {
    let zero = story().issues(WORK).does(CANCELLER, cancel(CALLER, 0), Code::S_OK).enters(WORK);
    zero.breaks(&["K21"]);
    zero.breaks_saying(
        "K21",
        "`server` entered `work` although its cancel request had expired before",
    );
    let waited = story().issues(WORK).begins(CANCELLER, cancel(CALLER, 2)).clock(2);
    waited.ends(CANCELLER, Code::S_OK).enters(WORK).breaks(&["K21"]);
    let back = story().issues(WORK).begins(CANCELLER, cancel(CALLER, 0)).gets(WORK, CANCELED);
    back.enters(WORK).breaks(&["K21"]);
}

#[test]
fn k21_counts_the_window_of_a_caller_who_waits_from_the_return_of_cancel() {
    let open = || story().caller_waits().issues(WORK).begins(CANCELLER, cancel(CALLER, 2)).clock(1);
    let accepted = open().ends(CANCELLER, Code::S_OK);
    accepted.clone().clock(2).enters(WORK).holds();
    accepted.clone().clock(3).enters(WORK).breaks(&["K21"]);
    let infinite = story().caller_waits().issues(WORK);
    let infinite = infinite.does(CANCELLER, cancel(CALLER, INFINITE), Code::S_OK);
    infinite.clock(99).enters(WORK).holds();
}

#[test]
fn k21_lets_a_dispatch_that_began_before_enter() {
    let early = story().issues(WORK).begins(SERVER, Action::Dispatch(WORK));
    let early = early.does(CANCELLER, cancel(CALLER, 0), Code::S_OK);
    early.ends(SERVER, Code::S_OK).gets(WORK, CANCELED).holds();
}

#[test]
fn k15_knows_that_only_a_canceller_who_waits_is_seen_before_it_says_complete() {
    let seen = |story: Story, seconds| {
        let seen = story.issues(WORK).enters(WORK).begins(CANCELLER, cancel(CALLER, seconds));
        let seen = seen.does(SERVER, test(WORK), CANCELED).replies(WORK, Code::S_OK);
        seen.ends(CANCELLER, Code::RPC_E_CALL_COMPLETE)
    };
    seen(story(), 2).holds();
    seen(story(), 0).breaks(&["K15"]);
    seen(story().caller_waits(), 2).breaks(&["K15"]);
}
