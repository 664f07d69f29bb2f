//! K5, K11, K16: what a `Cancel` does and does not do.

use calloff_model::Code;

use super::story::*;
use crate::history::Action;

const CANCELED: Code = Code::RPC_E_CALL_CANCELED;
const COMPLETE: Code = Code::RPC_E_CALL_COMPLETE;
const DISABLED: Code = Code::CO_E_CANCEL_DISABLED;
const PENDING: Code = Code::RPC_S_CALLPENDING;

fn refused() -> Story {
    let disabled = story().depth(CALLER, 0).issues(WORK).enters(WORK);
    disabled.does(CANCELLER, cancel(CALLER, 0), DISABLED)
}

#[test]
fn k5_accepts_a_refused_cancel_that_changes_nothing() {
    let pending = refused().does(SERVER, test(WORK), PENDING);
    pending.replies(WORK, Code::S_OK).gets(WORK, Code::S_OK).holds();
}

#[test]
fn k5_accuses_a_refused_cancel_that_the_caller_feels() {
    let felt = refused().gets(WORK, CANCELED);
    felt.breaks(&["K5", "K7"]);
    felt.breaks_saying(
        "K5",
        "`caller` was told that `work` is canceled although its Cancel was refused with \
         CO_E_CANCEL_DISABLED",
    );
}

#[test]
fn k5_accuses_a_refused_cancel_that_a_test_sees() {
    refused().does(SERVER, test(WORK), CANCELED).breaks(&["K5", "K15"]);
}

#[test]
fn k5_accuses_a_refused_cancel_that_makes_the_next_one_say_already_canceled() {
    refused().does(SECOND, cancel(CALLER, 0), CANCELED).breaks(&["K3", "K5"]);
}

#[test]
fn k5_speaks_when_the_cancel_that_was_felt_turns_out_refused() {
    let disabled = story().depth(CALLER, 0).issues(WORK).enters(WORK);
    let disabled = disabled.begins(CANCELLER, cancel(CALLER, 0));
    let felt = disabled.clone().gets(WORK, CANCELED);
    felt.holds();
    felt.ends(CANCELLER, DISABLED).breaks(&["K5", "K7"]);
    let seen = disabled.does(SERVER, test(WORK), CANCELED);
    seen.holds();
    seen.ends(CANCELLER, DISABLED).breaks(&["K5", "K15"]);
}

#[test]
fn k5_accepts_canceled_when_another_cancel_was_accepted() {
    let toggled = story().at_request().depth(CALLER, 0).issues(WORK).enters(WORK);
    let toggled = toggled.does(CANCELLER, cancel(CALLER, 0), DISABLED);
    let toggled = toggled.does(CALLER, Action::Enable, Code::S_OK);
    let toggled = toggled.does(SECOND, cancel(CALLER, 0), Code::S_OK);
    toggled.does(SERVER, test(WORK), CANCELED).gets(WORK, CANCELED).holds();
}

#[test]
fn k5_accepts_canceled_while_another_cancel_is_in_flight() {
    let toggled = story().at_request().depth(CALLER, 0).issues(WORK).enters(WORK);
    let toggled = toggled.does(CANCELLER, cancel(CALLER, 0), DISABLED);
    let toggled = toggled.does(CALLER, Action::Enable, Code::S_OK);
    let toggled = toggled.begins(SECOND, cancel(CALLER, 0)).gets(WORK, CANCELED);
    toggled.ends(SECOND, Code::S_OK).holds();
}

#[test]
fn k5_accepts_canceled_that_the_server_sent() {
    refused().replies(WORK, CANCELED).gets(WORK, CANCELED).holds();
}

#[test]
fn k11_accepts_one_accepted_cancel_per_call() {
    let nested = story().issues(WORK).does(CANCELLER, get(CALLER), Code::S_OK).issues(NEXT);
    let nested = nested.does(CANCELLER, cancel_object(0), Code::S_OK);
    nested.does(SECOND, cancel(CALLER, 0), Code::S_OK).holds();
}

#[test]
fn k11_accuses_a_second_accepted_cancel() {
    let twice = story().issues(WORK).does(CANCELLER, cancel(CALLER, 0), Code::S_OK);
    let twice = twice.does(SECOND, cancel(CALLER, 0), Code::S_OK);
    twice.breaks(&["K11"]);
    twice.breaks_saying(
        "K11",
        "`second`'s Cancel(0) of thread `caller` returned S_OK although a Cancel on `work` had \
         been accepted",
    );
}

#[test]
fn k11_gives_each_of_three_cancels_its_own_of_two_calls() {
    let wide = story().issues(WORK).begins(CANCELLER, cancel(CALLER, 0)).issues(NEXT);
    let two = wide.ends(CANCELLER, Code::S_OK).does(SECOND, cancel(CALLER, 0), Code::S_OK);
    two.holds();
    let three = two.does(OTHER, cancel(CALLER, 0), Code::S_OK);
    three.breaks(&["K11"]);
}

#[test]
fn k11_accuses_a_cancel_accepted_after_the_caller_was_back() {
    let held = story().issues(WORK).enters(WORK).does(CANCELLER, get(CALLER), Code::S_OK);
    let over = held.replies(WORK, Code::S_OK).gets(WORK, Code::S_OK);
    over.does(CANCELLER, cancel_object(0), Code::S_OK).breaks(&["K11"]);
}

#[test]
fn k11_accuses_a_refusal_after_an_acceptance() {
    let held = || story().at_request().issues(WORK).does(SECOND, get(CALLER), Code::S_OK);
    let accepted = held().does(CANCELLER, cancel(CALLER, 0), Code::S_OK);
    let accepted = accepted.does(CALLER, Action::Disable, Code::S_OK);
    accepted.clone().does(SECOND, cancel_object(0), DISABLED).breaks(&["K11"]);
    accepted.does(SECOND, cancel(CALLER, 0), DISABLED).holds();
}

#[test]
fn k16_accepts_an_outer_call_that_a_cancel_by_thread_leaves_alone() {
    let nested = story().issues(WORK).enters(WORK).issues(NEXT);
    let nested = nested.does(CANCELLER, cancel(CALLER, 0), Code::S_OK).gets(NEXT, CANCELED);
    let nested = nested.does(SERVER, test(WORK), PENDING);
    nested.replies(WORK, Code::S_OK).gets(WORK, Code::S_OK).holds();
}

#[test]
fn k16_accuses_a_cancel_by_thread_that_reaches_the_outer_call() {
    let nested = story().issues(WORK).enters(WORK).issues(NEXT);
    let nested = nested.does(CANCELLER, cancel(CALLER, 0), Code::S_OK);
    nested.clone().does(SERVER, test(WORK), CANCELED).breaks(&["K15", "K16"]);
    let outer = nested.gets(WORK, CANCELED);
    outer.breaks(&["K7", "K16"]);
    outer.breaks_saying(
        "K16",
        "`caller` was told that `work` is canceled although every Cancel of thread `caller` was on \
         another call",
    );
}

#[test]
fn k16_accuses_a_cancel_by_thread_that_reaches_a_later_call() {
    let after = story().issues(WORK).does(CANCELLER, cancel(CALLER, 0), Code::S_OK);
    let after = after.gets(WORK, CANCELED).issues(NEXT);
    after.gets(NEXT, CANCELED).breaks(&["K7", "K16"]);
}

#[test]
fn k16_accuses_a_cancel_by_thread_that_answers_about_the_outer_call() {
    let nested = story().issues(WORK).enters(WORK).replies(WORK, Code::S_OK).issues(NEXT);
    let outer = nested.does(CANCELLER, cancel(CALLER, 0), COMPLETE);
    outer.breaks(&["K6", "K16"]);
    outer.breaks_saying(
        "K16",
        "`canceller`'s Cancel(0) of thread `caller` returned RPC_E_CALL_COMPLETE, which is true of \
         `work`, but innermost was `next`",
    );
    let nested = story().issues(WORK).does(SECOND, cancel(CALLER, 0), Code::S_OK).issues(NEXT);
    nested.does(CANCELLER, cancel(CALLER, 0), CANCELED).breaks(&["K3", "K16"]);
}

#[test]
fn k16_follows_calls_that_are_awaited_outer_first() {
    let crossed = story().issues(WORK).enters(WORK).replies(WORK, Code::S_OK).issues(NEXT);
    let crossed = crossed.gets(WORK, Code::S_OK).does(CANCELLER, cancel(CALLER, 0), Code::S_OK);
    crossed.gets(NEXT, CANCELED).does(SECOND, cancel(CALLER, 0), Code::E_NOINTERFACE).holds();
}

#[test]
fn k16_accepts_either_call_when_the_inner_one_ends_while_cancel_is_in_flight() {
    let nested = story().issues(WORK).enters(WORK).issues(NEXT).enters(NEXT);
    let nested = nested.begins(CANCELLER, cancel(CALLER, 0)).replies(NEXT, Code::S_OK);
    let nested = nested.gets(NEXT, Code::S_OK);
    nested.clone().gets(WORK, CANCELED).ends(CANCELLER, Code::S_OK).holds();
    nested.ends(CANCELLER, COMPLETE).replies(WORK, Code::S_OK).gets(WORK, Code::S_OK).holds();
}

#[test]
fn k11_looks_at_one_thread_only() {
    let twice = story().issues(WORK).issues(ELSE).does(CANCELLER, cancel(CALLER, 0), Code::S_OK);
    let twice = twice.does(SECOND, cancel(CALLER, 0), Code::S_OK);
    let other = twice.does(SECOND, cancel(OTHER, 0), Code::S_OK);
    assert_eq!(other.accused(), ["K11"]);
}
