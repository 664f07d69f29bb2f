//! K1, K3, K4, K6, K17, K18, K23: an operation's answer must be justified.

use calloff_model::Code;

use super::story::*;
use crate::history::Action;

const CANCELED: Code = Code::RPC_E_CALL_CANCELED;
const COMPLETE: Code = Code::RPC_E_CALL_COMPLETE;
const DISABLED: Code = Code::CO_E_CANCEL_DISABLED;

#[test]
fn k1_accepts_s_ok_on_a_call_that_was_issued() {
    story().issues(WORK).does(CANCELLER, cancel(CALLER, 0), Code::S_OK).holds();
}

#[test]
fn k1_accuses_s_ok_when_nothing_was_issued() {
    let early = story().does(CANCELLER, cancel(CALLER, 0), Code::S_OK);
    early.breaks(&["K1"]);
    early.breaks_saying(
        "K1",
        "`canceller`'s Cancel(0) of thread `caller` returned S_OK although there was no call that \
         it could be on",
    );
}

#[test]
fn k1_accuses_s_ok_on_an_object_that_was_never_obtained() {
    let failed = story().does(CANCELLER, get(CALLER), Code::E_NOINTERFACE).issues(WORK);
    failed.does(CANCELLER, cancel_object(0), Code::S_OK).breaks(&["K1"]);
}

#[test]
fn k1_accepts_s_ok_when_the_call_was_issued_while_the_cancel_was_in_flight() {
    let begun = story().begins(CANCELLER, cancel(CALLER, 0)).issues(WORK);
    begun.ends(CANCELLER, Code::S_OK).holds();
}

#[test]
fn k3_accepts_already_canceled_while_another_cancel_is_in_flight() {
    let both = story().issues(WORK).begins(CANCELLER, cancel(CALLER, 5));
    both.does(SECOND, cancel(CALLER, 0), CANCELED).holds();
}

#[test]
fn k3_accuses_already_canceled_from_the_only_cancel() {
    let only = story().issues(WORK).does(CANCELLER, cancel(CALLER, 0), CANCELED);
    only.breaks(&["K3"]);
    only.breaks_saying(
        "K3",
        "`canceller`'s Cancel(0) of thread `caller` returned RPC_S_CALL_CANCELED although no other \
         Cancel on `work` was under way",
    );
}

#[test]
fn k3_accuses_already_canceled_when_the_other_cancel_was_on_another_call() {
    let story = story().issues(WORK).issues(ELSE);
    let canceled = story.does(CANCELLER, cancel(OTHER, 0), Code::S_OK);
    canceled.does(SECOND, cancel(CALLER, 0), CANCELED).breaks(&["K3"]);
}

#[test]
fn k3_accuses_two_cancels_that_each_call_the_other_the_first() {
    let both = story().issues(WORK).begins(CANCELLER, cancel(CALLER, 0));
    let both = both.begins(SECOND, cancel(CALLER, 0)).ends(CANCELLER, CANCELED);
    both.holds();
    both.ends(SECOND, CANCELED).breaks(&["K3"]);
}

#[test]
fn k3_speaks_when_the_cancel_behind_an_already_canceled_turns_out_refused() {
    let both = story().at_request().depth(CALLER, 1).issues(WORK);
    let both = both.begins(CANCELLER, cancel(CALLER, 0)).does(SECOND, cancel(CALLER, 0), CANCELED);
    both.holds();
    both.ends(CANCELLER, Code::E_NOINTERFACE).breaks(&["K3", "K17"]);
}

#[test]
fn k4_at_issue_looks_at_the_depth_when_the_call_was_issued() {
    let disabled = story().depth(CALLER, 0).issues(WORK).does(CALLER, Action::Enable, Code::S_OK);
    disabled.does(CANCELLER, cancel(CALLER, 0), DISABLED).holds();
    let enabled = story().issues(WORK).does(CALLER, Action::Disable, Code::S_OK);
    let refused = enabled.does(CANCELLER, cancel(CALLER, 0), DISABLED);
    refused.breaks(&["K4"]);
    refused.breaks_saying(
        "K4",
        "`canceller`'s Cancel(0) of thread `caller` returned CO_E_CANCEL_DISABLED although \
         cancellation of `work` was enabled",
    );
}

#[test]
fn k4_at_request_looks_at_the_depth_when_cancel_is_in_flight() {
    let start = || story().at_request().issues(WORK);
    let disabled = start().does(CALLER, Action::Disable, Code::S_OK);
    disabled.does(CANCELLER, cancel(CALLER, 0), DISABLED).holds();
    start().does(CANCELLER, cancel(CALLER, 0), DISABLED).breaks(&["K4"]);
    let enabled = story().at_request().depth(CALLER, 0).issues(WORK);
    let enabled = enabled.does(CALLER, Action::Enable, Code::S_OK);
    enabled.does(CANCELLER, cancel(CALLER, 0), DISABLED).breaks(&["K4"]);
}

#[test]
fn k4_at_request_gives_a_disable_in_flight_the_benefit_of_the_doubt() {
    let doubt = story().at_request().issues(WORK).begins(CALLER, Action::Disable);
    doubt.does(CANCELLER, cancel(CALLER, 0), DISABLED).holds();
    let doubt = story().at_request().depth(CALLER, 0).issues(WORK).begins(CALLER, Action::Enable);
    doubt.does(CANCELLER, cancel(CALLER, 0), DISABLED).holds();
    let deep = story().at_request().depth(CALLER, 2).issues(WORK).begins(CALLER, Action::Disable);
    deep.does(CANCELLER, cancel(CALLER, 0), DISABLED).breaks(&["K4"]);
}

#[test]
fn k4_judges_an_object_by_the_thread_of_its_call() {
    let held = || story().at_request().issues(WORK).does(CANCELLER, get(CALLER), Code::S_OK);
    held().does(CANCELLER, cancel_object(0), DISABLED).breaks(&["K4"]);
    let disabled = held().does(CALLER, Action::Disable, Code::S_OK);
    disabled.does(CANCELLER, cancel_object(0), DISABLED).holds();
    let own = held().does(CANCELLER, Action::Disable, Code::S_OK);
    own.does(CANCELLER, cancel_object(0), DISABLED).breaks(&["K4"]);
}

#[test]
fn k4_wants_a_reason_from_get_cancel_object_too() {
    let at_request = || story().at_request().issues(WORK);
    at_request().does(CANCELLER, get(CALLER), DISABLED).breaks(&["K4"]);
    let disabled = at_request().does(CALLER, Action::Disable, Code::S_OK);
    disabled.does(CANCELLER, get(CALLER), DISABLED).holds();
}

#[test]
fn k6_accepts_complete_once_the_reply_is_on_its_way() {
    let replying =
        story().issues(WORK).enters(WORK).begins(SERVER, Action::Reply(WORK, Code::S_OK));
    replying.does(CANCELLER, cancel(CALLER, 0), COMPLETE).gets(WORK, Code::S_OK).holds();
}

#[test]
fn k6_accuses_complete_before_any_reply() {
    let early = story().issues(WORK).enters(WORK).does(CANCELLER, cancel(CALLER, 2), COMPLETE);
    early.breaks(&["K6"]);
    early.breaks_saying(
        "K6",
        "`canceller`'s Cancel(2) of thread `caller` returned RPC_E_CALL_COMPLETE although the \
         server of `work` had not replied",
    );
}

#[test]
fn k6_accuses_a_caller_who_is_canceled_after_complete() {
    let race = story().issues(WORK).enters(WORK).does(CANCELLER, get(CALLER), Code::S_OK);
    let race = race.begins(SECOND, cancel(CALLER, 0)).replies(WORK, Code::S_OK);
    let race = race.does(CANCELLER, cancel_object(0), COMPLETE);
    race.clone().gets(WORK, CANCELED).breaks(&["K6"]);
    race.gets(WORK, Code::S_OK).ends(SECOND, COMPLETE).holds();
}

#[test]
fn k6_accuses_complete_after_the_caller_was_canceled() {
    let race = story().issues(WORK).enters(WORK).does(CANCELLER, get(CALLER), Code::S_OK);
    let race = race.does(SECOND, cancel(CALLER, 0), Code::S_OK);
    let race = race.begins(CANCELLER, cancel_object(0)).gets(WORK, CANCELED);
    let race = race.replies(WORK, Code::S_OK);
    race.ends(CANCELLER, COMPLETE).breaks_saying(
        "K6",
        "`canceller`'s Cancel(0) on the object `handle` returned RPC_E_CALL_COMPLETE although the \
         caller was told that `work` is canceled",
    );
}

#[test]
fn k6_does_not_mistake_a_server_that_sends_canceled_for_a_cancellation() {
    let own = story().issues(WORK).enters(WORK).begins(CANCELLER, cancel(CALLER, 5));
    own.replies(WORK, CANCELED).ends(CANCELLER, COMPLETE).gets(WORK, CANCELED).holds();
}

#[test]
fn k6_judges_a_test_of_an_object_like_a_cancel() {
    let held = story().issues(WORK).enters(WORK).does(CANCELLER, get(CALLER), Code::S_OK);
    held.clone().does(CANCELLER, TEST_OBJECT, COMPLETE).breaks(&["K6"]);
    held.replies(WORK, Code::S_OK).does(CANCELLER, TEST_OBJECT, COMPLETE).holds();
}

#[test]
fn k17_accepts_e_nointerface_on_an_empty_thread() {
    story().does(CANCELLER, cancel(CALLER, 0), Code::E_NOINTERFACE).issues(WORK).holds();
}

#[test]
fn k17_accuses_e_nointerface_while_a_call_is_pending() {
    let pending = story().issues(WORK);
    pending.clone().does(CANCELLER, get(CALLER), Code::E_NOINTERFACE).breaks(&["K17"]);
    let missed = pending.does(CANCELLER, cancel(CALLER, 0), Code::E_NOINTERFACE);
    missed.breaks(&["K17"]);
    missed.breaks_saying(
        "K17",
        "`canceller`'s Cancel(0) of thread `caller` returned E_NOINTERFACE although `work` was \
         there",
    );
}

#[test]
fn k17_accuses_e_nointerface_even_while_an_await_without_end_is_in_flight() {
    let waiting = || story().issues(WORK).begins(CALLER, Action::Await(WORK));
    waiting().does(CANCELLER, cancel(CALLER, 0), Code::E_NOINTERFACE).breaks(&["K17"]);
    let replied = waiting().enters(WORK).replies(WORK, Code::S_OK);
    replied.does(CANCELLER, cancel(CALLER, 0), Code::E_NOINTERFACE).holds();
    let canceled = waiting().begins(SECOND, cancel(CALLER, 0));
    canceled.does(CANCELLER, cancel(CALLER, 0), Code::E_NOINTERFACE).holds();
    let first = waiting().begins(CANCELLER, cancel(CALLER, 0)).begins(SECOND, cancel(CALLER, 0));
    first.ends(CANCELLER, Code::E_NOINTERFACE).holds();
}

#[test]
fn k17_accepts_e_nointerface_when_the_caller_left_for_whatever_reason() {
    let left = story().issues(WORK).begins(CANCELLER, cancel(CALLER, 0));
    let left = left.gets(WORK, CANCELED);
    left.ends(CANCELLER, Code::E_NOINTERFACE).breaks(&["K7"]);
}

#[test]
fn k17_accuses_a_request_that_is_remembered_for_the_next_call() {
    let missed = story().does(CANCELLER, cancel(CALLER, 0), Code::E_NOINTERFACE).issues(WORK);
    missed.gets(WORK, CANCELED).breaks(&["K7", "K17"]);
}

#[test]
fn k17_leaves_e_nointerface_to_an_object_that_was_never_obtained() {
    let never = story().issues(WORK);
    let held = never.clone().does(CANCELLER, get(CALLER), Code::S_OK);
    never.does(CANCELLER, cancel_object(0), Code::E_NOINTERFACE).holds();
    held.clone().does(CANCELLER, cancel_object(0), Code::E_NOINTERFACE).breaks(&["K17"]);
    held.does(CANCELLER, TEST_OBJECT, Code::E_NOINTERFACE).breaks(&["K17"]);
}

#[test]
fn k17_keeps_the_object_when_another_one_is_not_to_be_had() {
    let held = story().issues(WORK).enters(WORK).does(CANCELLER, get(CALLER), Code::S_OK);
    let kept = held.does(CANCELLER, get(OTHER), Code::E_NOINTERFACE);
    kept.does(CANCELLER, cancel_object(0), Code::S_OK).gets(WORK, CANCELED).holds();
}

#[test]
fn k18_counts_the_depth_of_each_thread_by_itself() {
    let depth = story().depth(CALLER, 0).does(CALLER, Action::Disable, DISABLED);
    let depth = depth.does(CALLER, Action::Enable, Code::S_OK);
    let depth = depth.does(CALLER, Action::Enable, Code::S_OK);
    let depth = depth.does(CALLER, Action::Disable, Code::S_OK);
    let depth = depth.does(OTHER, Action::Disable, Code::S_OK);
    let depth = depth.does(OTHER, Action::Disable, DISABLED);
    let depth = depth.does(CALLER, Action::Disable, Code::S_OK);
    depth.holds();
    depth.does(CALLER, Action::Disable, DISABLED).holds();
}

#[test]
fn k18_accuses_a_disable_that_does_not_fit_the_depth() {
    story().depth(CALLER, 2).does(CALLER, Action::Disable, DISABLED).breaks(&["K18"]);
    let zero = story().depth(CALLER, 0).does(CALLER, Action::Disable, Code::S_OK);
    zero.breaks_saying(
        "K18",
        "`caller`'s CoDisableCallCancellation returned S_OK at depth 0, where CO_E_CANCEL_DISABLED \
         is due",
    );
    story().does(CALLER, Action::Enable, Code::E_FAIL).breaks(&["K18"]);
}

#[test]
fn k6_holds_a_test_that_said_complete_to_it() {
    let held = story().issues(WORK).enters(WORK).does(CANCELLER, get(CALLER), Code::S_OK);
    let race = held.begins(SECOND, cancel(CALLER, 0)).replies(WORK, Code::S_OK);
    let race = race.does(CANCELLER, TEST_OBJECT, COMPLETE);
    race.gets(WORK, CANCELED).breaks(&["K6"]);
}

#[test]
fn k23_at_issue_looks_at_the_depth_when_the_call_was_issued() {
    let enabled = story().issues(WORK).does(CALLER, Action::Disable, Code::S_OK);
    enabled.does(CANCELLER, cancel(CALLER, 0), Code::S_OK).holds();
    let disabled = story().depth(CALLER, 0).issues(WORK).does(CALLER, Action::Enable, Code::S_OK);
    let accepted = disabled.does(CANCELLER, cancel(CALLER, 0), Code::S_OK);
    accepted.breaks(&["K23"]);
    accepted.breaks_saying(
        "K23",
        "`canceller`'s Cancel(0) of thread `caller` returned S_OK although cancellation of `work` \
         was disabled",
    );
}

#[test]
fn k23_at_issue_accepts_s_ok_while_a_call_that_can_be_canceled_may_be_meant() {
    let outer = story().depth(CALLER, 0).issues(WORK).does(CALLER, Action::Enable, Code::S_OK);
    let both = outer.begins(CANCELLER, cancel(CALLER, 0)).issues(NEXT);
    both.ends(CANCELLER, Code::S_OK).holds();
}

#[test]
fn k23_at_request_looks_at_the_depth_when_cancel_is_in_flight() {
    let start = || story().at_request().issues(WORK);
    let disabled = start().does(CALLER, Action::Disable, Code::S_OK);
    disabled.does(CANCELLER, cancel(CALLER, 0), Code::S_OK).breaks(&["K23"]);
    let enabled = story().at_request().depth(CALLER, 0).issues(WORK);
    let enabled = enabled.does(CALLER, Action::Enable, Code::S_OK);
    enabled.does(CANCELLER, cancel(CALLER, 0), Code::S_OK).holds();
    let began = start().begins(CANCELLER, cancel(CALLER, 3));
    let began = began.does(CALLER, Action::Disable, Code::S_OK).clock(3);
    began.ends(CANCELLER, Code::S_OK).holds();
}

#[test]
fn k23_at_request_gives_a_toggle_in_flight_the_benefit_of_the_doubt() {
    let start = |depth| story().at_request().depth(CALLER, depth).issues(WORK);
    let ok = |story: Story| story.does(CANCELLER, cancel(CALLER, 0), Code::S_OK);
    ok(start(0).begins(CALLER, Action::Enable)).holds();
    ok(start(1).begins(CALLER, Action::Disable)).holds();
    ok(start(0).begins(CALLER, Action::Disable)).breaks(&["K23"]);
}

#[test]
fn k23_judges_an_object_by_the_thread_of_its_call() {
    let held = story().at_request().issues(WORK).does(CANCELLER, get(CALLER), Code::S_OK);
    let own = held.clone().does(CANCELLER, Action::Disable, Code::S_OK);
    own.does(CANCELLER, cancel_object(0), Code::S_OK).holds();
    let disabled = held.does(CALLER, Action::Disable, Code::S_OK);
    disabled.does(CANCELLER, cancel_object(0), Code::S_OK).breaks(&["K23"]);
}

#[test]
fn k23_says_nothing_of_other_answers_and_leaves_s_ok_on_nothing_to_k1() {
    let disabled = || story().depth(CALLER, 0).issues(WORK).enters(WORK);
    disabled().does(CANCELLER, cancel(CALLER, 0), DISABLED).holds();
    disabled().does(CANCELLER, get(CALLER), Code::S_OK).holds();
    let replied = disabled().replies(WORK, Code::S_OK);
    replied.does(CANCELLER, cancel(CALLER, 0), COMPLETE).holds();
    let nothing = story().at_request().depth(CALLER, 0);
    nothing.does(CANCELLER, cancel(CALLER, 0), Code::S_OK).breaks(&["K1"]);
}
