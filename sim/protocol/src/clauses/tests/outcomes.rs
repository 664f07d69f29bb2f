//! K7, K8, K9, K10: what a caller gets.

use calloff_model::Code;

use super::story::*;
use crate::history::Action;

const CANCELED: Code = Code::RPC_E_CALL_CANCELED;
const COMPLETE: Code = Code::RPC_E_CALL_COMPLETE;

#[test]
fn k7_accepts_a_caller_who_is_back_before_the_cancel() {
    let canceled = story().issues(WORK).begins(CANCELLER, cancel(CALLER, 0));
    canceled.gets(WORK, CANCELED).ends(CANCELLER, Code::S_OK).holds();
}

#[test]
fn k7_accuses_canceled_without_a_cancel() {
    let alone = story().issues(WORK).gets(WORK, CANCELED);
    alone.breaks(&["K7"]);
    alone.breaks_saying(
        "K7",
        "`caller` was told that `work` is canceled although no Cancel on it was accepted",
    );
}

#[test]
fn k7_accepts_canceled_when_the_server_sent_it() {
    let own = story().issues(WORK).enters(WORK).replies(WORK, CANCELED);
    own.gets(WORK, CANCELED).holds();
}

#[test]
fn k7_accuses_canceled_when_the_only_cancel_said_already_canceled_or_complete() {
    let refused = story().at_request().issues(WORK).enters(WORK);
    let refused = refused.begins(CANCELLER, cancel(CALLER, 0)).gets(WORK, CANCELED);
    refused.holds();
    refused.clone().ends(CANCELLER, CANCELED).breaks(&["K3", "K7"]);
    refused.clone().ends(CANCELLER, Code::E_FAIL).breaks(&["K7"]);
    refused.replies(WORK, Code::S_OK).ends(CANCELLER, COMPLETE).breaks(&["K6", "K7"]);
}

#[test]
fn k7_waits_for_the_last_of_two_cancels_in_flight() {
    let both = story().at_request().issues(WORK).begins(CANCELLER, cancel(CALLER, 0));
    let both = both.begins(SECOND, cancel(CALLER, 0)).gets(WORK, CANCELED);
    let one = both.ends(CANCELLER, CANCELED);
    one.holds();
    one.clone().ends(SECOND, Code::S_OK).holds();
    one.ends(SECOND, Code::E_FAIL).breaks(&["K7"]);
}

#[test]
fn k7_lets_one_cancel_explain_one_canceled_call_only() {
    let next = story().issues(WORK).begins(CANCELLER, cancel(CALLER, 0)).gets(WORK, CANCELED);
    let next = next.issues(NEXT);
    next.clone().ends(CANCELLER, Code::S_OK).holds();
    let both = next.gets(NEXT, CANCELED);
    both.breaks(&["K7", "K16"]);
    both.breaks_saying(
        "K7",
        "`caller` was told that `next` is canceled although each Cancel that may have been on it \
         has reached another call",
    );
}

#[test]
fn k7_does_not_count_a_cancel_that_came_after_the_caller_was_back() {
    let held = story().issues(WORK).does(SECOND, get(CALLER), Code::S_OK);
    let late = held.begins(CANCELLER, cancel(CALLER, 0)).gets(WORK, CANCELED);
    let late = late.begins(SECOND, cancel_object(0));
    late.ends(CANCELLER, Code::E_FAIL).breaks(&["K7"]);
}

#[test]
fn k8_accepts_exactly_what_the_server_sent() {
    for code in [Code::S_OK, Code::S_FALSE, Code::E_FAIL, CANCELED, COMPLETE, Code(0xABC)] {
        story().issues(WORK).enters(WORK).replies(WORK, code).gets(WORK, code).holds();
    }
}

#[test]
fn k8_accuses_another_code_and_a_result_without_a_reply() {
    let replied = story().issues(WORK).enters(WORK).replies(WORK, Code::E_FAIL);
    let wrong = replied.gets(WORK, Code::S_OK);
    wrong.breaks(&["K8"]);
    wrong.breaks_saying("K8", "`caller` got S_OK from `work` although its server sent E_FAIL");
    story().issues(WORK).gets(WORK, Code::S_OK).breaks(&["K8"]);
}

#[test]
fn k8_accepts_a_reply_that_is_still_in_flight() {
    let sending = story().issues(WORK).enters(WORK).begins(CALLER, Action::Await(WORK));
    let sending = sending.begins(SERVER, Action::Reply(WORK, Code::S_FALSE));
    sending.ends(CALLER, Code::S_FALSE).ends(SERVER, Code::S_OK).holds();
}

#[test]
fn k9_accuses_a_late_reply_that_reaches_the_next_call() {
    let late = story().issues(WORK).enters(WORK).does(CANCELLER, cancel(CALLER, 0), Code::S_OK);
    let late = late.gets(WORK, CANCELED).replies(WORK, Code::S_FALSE).issues(NEXT);
    late.holds();
    let mixed = late.gets(NEXT, Code::S_FALSE);
    mixed.breaks(&["K8", "K9"]);
    mixed
        .breaks_saying("K9", "`caller` got S_FALSE from `next`, the reply that was sent to `work`");
}

#[test]
fn k9_accuses_canceled_that_another_server_sent() {
    let mixed = story().issues(WORK).issues(ELSE).replies(ELSE, CANCELED);
    mixed.gets(WORK, CANCELED).breaks(&["K7", "K9"]);
}

#[test]
fn k9_accepts_the_same_code_from_two_servers() {
    let same = story().issues(WORK).issues(ELSE).replies(ELSE, Code::S_OK);
    same.replies(WORK, Code::S_OK).gets(WORK, Code::S_OK).gets(ELSE, Code::S_OK).holds();
}

#[test]
fn k10_accuses_a_caller_who_comes_back_twice() {
    let twice = story().issues(WORK).enters(WORK).replies(WORK, Code::S_OK).gets(WORK, Code::S_OK);
    twice.holds();
    twice.gets(WORK, Code::S_OK).breaks(&["K10"]);
}

#[test]
fn k10_accepts_only_canceled_after_canceled() {
    let held = story().issues(WORK).enters(WORK).does(SECOND, get(CALLER), Code::S_OK);
    let over = held.does(CANCELLER, cancel(CALLER, 0), Code::S_OK).gets(WORK, CANCELED);
    over.clone()
        .does(SECOND, TEST_OBJECT, CANCELED)
        .does(SECOND, cancel_object(0), CANCELED)
        .holds();
    let late = over.clone().replies(WORK, Code::S_OK);
    late.clone().does(SECOND, cancel_object(0), COMPLETE).breaks(&["K6", "K10"]);
    late.does(SECOND, TEST_OBJECT, Code::RPC_S_CALLPENDING).breaks(&["K10"]);
    over.does(SECOND, TEST_OBJECT, COMPLETE).breaks_saying(
        "K10",
        "`second`'s TestCancel on the object `handle` returned RPC_E_CALL_COMPLETE after the \
         caller of `work` had got another outcome",
    );
}

#[test]
fn k10_accepts_only_complete_after_a_result() {
    let held = story().issues(WORK).enters(WORK).does(SECOND, get(CALLER), Code::S_OK);
    let over = held.begins(CANCELLER, cancel(CALLER, 5)).replies(WORK, Code::S_OK);
    let over = over.ends(CANCELLER, COMPLETE).gets(WORK, Code::S_OK);
    over.clone()
        .does(SECOND, TEST_OBJECT, COMPLETE)
        .does(SECOND, cancel_object(0), COMPLETE)
        .holds();
    over.clone().does(SECOND, cancel_object(0), CANCELED).breaks(&["K10"]);
    over.clone().does(SECOND, TEST_OBJECT, CANCELED).breaks(&["K10"]);
    over.does(SECOND, TEST_OBJECT, Code::RPC_S_CALLPENDING).breaks(&["K10"]);
}

#[test]
fn k10_lets_what_was_invoked_before_say_either() {
    let held = story().issues(WORK).enters(WORK).does(SECOND, get(CALLER), Code::S_OK);
    let late = held.begins(SECOND, TEST_OBJECT).replies(WORK, Code::S_OK).gets(WORK, Code::S_OK);
    late.clone().ends(SECOND, Code::RPC_S_CALLPENDING).holds();
    late.ends(SECOND, COMPLETE).holds();
}

#[test]
fn k7_does_not_count_a_cancel_that_came_to_nothing_because_of_the_reply() {
    let complete = story().issues(WORK).enters(WORK).begins(CANCELLER, cancel(CALLER, 5));
    let complete = complete.replies(WORK, Code::S_OK).ends(CANCELLER, COMPLETE);
    complete.gets(WORK, CANCELED).breaks(&["K6", "K7"]);
}

#[test]
fn k7_looks_for_a_cancel_among_the_calls_of_one_thread_only() {
    let broken = story().issues(WORK).issues(ELSE).gets(WORK, CANCELED);
    let other = broken.does(CANCELLER, cancel(OTHER, 0), Code::S_OK).gets(ELSE, CANCELED);
    assert_eq!(other.accused(), ["K7"]);
}

#[test]
fn k9_accuses_a_mixed_up_result_even_of_a_canceled_call() {
    let mixed = story().issues(WORK).issues(ELSE).does(CANCELLER, cancel(CALLER, 0), Code::S_OK);
    let mixed = mixed.replies(ELSE, Code::E_FAIL);
    mixed.gets(WORK, Code::E_FAIL).breaks(&["K8", "K9"]);
}
