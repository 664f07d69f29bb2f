//! Tests of the ledger as a part of an explored state: equality, hashes, size.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use calloff_model::Code;

use super::story::*;
use crate::history::Action;

fn hash(story: &Story) -> u64 {
    let mut hasher = DefaultHasher::new();
    story.ledger().hash(&mut hasher);
    hasher.finish()
}

#[track_caller]
fn same(one: &Story, other: &Story) {
    assert_eq!(one.ledger(), other.ledger());
    assert_eq!(hash(one), hash(other));
}

#[test]
fn equal_facts_are_equal_values_in_whatever_order_they_came() {
    let issued = || story().issues(WORK).issues(ELSE);
    let first = issued().does(CANCELLER, cancel(CALLER, 0), Code::S_OK);
    let first = first.does(SECOND, cancel(OTHER, 0), Code::S_OK);
    let second = issued().does(SECOND, cancel(OTHER, 0), Code::S_OK);
    same(&first, &second.does(CANCELLER, cancel(CALLER, 0), Code::S_OK));
}

#[test]
fn different_facts_are_different_values() {
    let issued = story().issues(WORK);
    assert_ne!(issued.ledger(), story().ledger());
    let canceled = issued.clone().does(CANCELLER, cancel(CALLER, 0), Code::S_OK);
    assert_ne!(issued.ledger(), canceled.ledger());
}

#[test]
fn a_pure_query_a_sleep_and_a_blocked_actor_leave_nothing_behind() {
    let entered = || story().issues(WORK).enters(WORK);
    let tested = entered().does(SERVER, test(WORK), Code::RPC_S_CALLPENDING);
    same(&entered(), &tested);
    same(&entered(), &entered().does(SECOND, Action::Sleep(4), Code::S_OK));
    same(&entered(), &entered().blocked(CALLER, Action::Await(WORK)).clock(7));
}

#[test]
fn the_time_of_an_invocation_is_forgotten_when_the_window_has_passed() {
    let cancel_at = |start| {
        let waiting = story().issues(WORK).clock(start).begins(CANCELLER, cancel(CALLER, 2));
        (waiting.clone().clock(start + 1), waiting.clock(start + 2))
    };
    let ((open, over), (later, later_over)) = (cancel_at(1), cancel_at(5));
    assert_ne!(open.ledger(), later.ledger());
    same(&over, &later_over);
    let infinite =
        |start| story().issues(WORK).clock(start).begins(CANCELLER, cancel(CALLER, INFINITE));
    same(&infinite(1), &infinite(5));
}

#[test]
fn a_deadline_is_forgotten_when_it_has_passed_or_the_call_is_entered_or_over() {
    let accepted = |start| {
        let issued = story().caller_waits().issues(WORK).clock(start);
        issued.does(CANCELLER, cancel(CALLER, 2), Code::S_OK)
    };
    assert_ne!(accepted(1).ledger(), accepted(5).ledger());
    same(&accepted(1).clock(3), &accepted(5).clock(7));
    same(&accepted(1).enters(WORK), &accepted(5).enters(WORK));
    let entered = |start| {
        let entered = story().caller_waits().issues(WORK).enters(WORK).clock(start);
        entered.does(CANCELLER, cancel(CALLER, 2), Code::S_OK)
    };
    same(&entered(1), &entered(5));
    let canceled = Code::RPC_E_CALL_CANCELED;
    same(&accepted(1).gets(WORK, canceled), &accepted(5).gets(WORK, canceled));
}

#[test]
fn the_context_is_known_and_not_compared() {
    let (one, other) = (story().issues(WORK), story().caller_waits().issues(WORK));
    assert_ne!(one.context, other.context);
    same(&one, &other);
    assert_eq!(*one.ledger().context(), one.context);
}

#[test]
fn it_is_forgotten_which_came_first_when_nobody_can_ask() {
    let begun = || story().issues(WORK).enters(WORK).begins(CANCELLER, cancel(CALLER, 0));
    let canceled = Code::RPC_E_CALL_CANCELED;
    same(
        &begun().ends(CANCELLER, Code::S_OK).gets(WORK, canceled),
        &begun().gets(WORK, canceled).ends(CANCELLER, Code::S_OK),
    );
    let complete = Code::RPC_E_CALL_COMPLETE;
    let replied = || begun().replies(WORK, Code::S_OK);
    same(
        &replied().ends(CANCELLER, complete).gets(WORK, Code::S_OK),
        &replied().gets(WORK, Code::S_OK).ends(CANCELLER, complete),
    );
}
