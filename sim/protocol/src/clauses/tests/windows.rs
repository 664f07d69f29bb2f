//! K12, K13, K14: how long a `Cancel` takes.

use calloff_model::Code;

use super::story::*;

const CANCELED: Code = Code::RPC_E_CALL_CANCELED;
const COMPLETE: Code = Code::RPC_E_CALL_COMPLETE;

#[test]
fn k12_accepts_a_cancel_0_that_other_actors_interrupt() {
    let slow = story().issues(WORK).begins(CANCELLER, cancel(CALLER, 0)).clock(3);
    slow.ends(CANCELLER, Code::S_OK).holds();
    let urgent = story().urgent().issues(WORK).begins(CANCELLER, cancel(CALLER, 0));
    urgent.gets(WORK, CANCELED).ends(CANCELLER, Code::S_OK).clock(1).holds();
}

#[test]
fn k12_accuses_a_cancel_0_that_waits() {
    let waits = story().issues(WORK).blocked(CANCELLER, cancel(CALLER, 0));
    waits.breaks(&["K12"]);
    waits.breaks_saying("K12", "`canceller`'s Cancel(0) of thread `caller` has to wait");
    let held = story().issues(WORK).does(CANCELLER, get(CALLER), Code::S_OK);
    held.blocked(CANCELLER, cancel_object(0)).breaks(&["K12"]);
    story().issues(WORK).blocked(CANCELLER, cancel(CALLER, 1)).holds();
}

#[test]
fn k12_accuses_a_cancel_0_that_takes_time_on_an_urgent_clock() {
    let slow = story().urgent().issues(WORK).begins(CANCELLER, cancel(CALLER, 0));
    slow.clock(1).breaks(&["K12"]);
    let other = story().urgent().issues(WORK).begins(CANCELLER, cancel(CALLER, 1));
    other.clock(1).holds();
}

#[test]
fn k12_accuses_a_cancel_0_that_never_returns() {
    let stuck = story().issues(WORK).begins(CANCELLER, cancel(CALLER, 0));
    stuck.stuck(&[(CANCELLER, cancel(CALLER, 0))]).breaks(&["K12", "K19"]);
}

#[test]
fn k13_accepts_s_ok_at_the_end_of_the_window() {
    for story in [story(), story().urgent()] {
        let waiting = story.issues(WORK).clock(1).begins(CANCELLER, cancel(CALLER, 2));
        waiting.clock(3).ends(CANCELLER, Code::S_OK).gets(WORK, CANCELED).holds();
    }
}

#[test]
fn k13_accuses_s_ok_before_the_window_is_over() {
    let waiting = story().issues(WORK).clock(1).begins(CANCELLER, cancel(CALLER, 3));
    let early = waiting.clock(3).ends(CANCELLER, Code::S_OK);
    early.breaks(&["K13"]);
    early.breaks_saying(
        "K13",
        "`canceller`'s Cancel(3) of thread `caller` returned S_OK after 2 s, not after 3 s",
    );
}

#[test]
fn k13_accuses_s_ok_after_the_window_on_an_urgent_clock_only() {
    let late = |story: Story| {
        let waiting = story.issues(WORK).begins(CANCELLER, cancel(CALLER, 2)).clock(2).clock(3);
        waiting.ends(CANCELLER, Code::S_OK)
    };
    late(story()).holds();
    late(story().urgent()).breaks(&["K13"]);
}

#[test]
fn k13_does_not_bind_a_canceller_who_does_not_wait() {
    let caller = story().caller_waits().issues(WORK);
    caller.does(CANCELLER, cancel(CALLER, 3), Code::S_OK).holds();
    let complete = story().issues(WORK).enters(WORK).begins(CANCELLER, cancel(CALLER, 3));
    complete.replies(WORK, Code::S_OK).ends(CANCELLER, COMPLETE).holds();
}

#[test]
fn k14_accepts_an_infinite_cancel_that_returns_after_the_reply() {
    let waiting = story().issues(WORK).enters(WORK).begins(CANCELLER, cancel(CALLER, INFINITE));
    let waiting = waiting.does(SERVER, test(WORK), CANCELED).clock(9);
    let waiting = waiting.replies(WORK, Code::S_OK).ends(CANCELLER, COMPLETE);
    waiting.gets(WORK, Code::S_OK).holds();
}

#[test]
fn k14_accuses_an_infinite_cancel_that_returns_without_a_reply() {
    let impatient = story().issues(WORK).enters(WORK);
    let impatient = impatient.does(CANCELLER, cancel(CALLER, INFINITE), Code::S_OK);
    impatient.breaks(&["K14"]);
    impatient.breaks_saying(
        "K14",
        "`canceller`'s Cancel(infinite) of thread `caller` returned S_OK although the server of \
         `work` had not replied",
    );
}

#[test]
fn k14_accuses_a_caller_whom_an_infinite_window_releases() {
    let infinite = || story().caller_waits().issues(WORK);
    let accepted = infinite().does(CANCELLER, cancel(CALLER, INFINITE), Code::S_OK);
    accepted.holds();
    accepted.gets(WORK, CANCELED).breaks(&["K14"]);
    let flying = infinite().begins(CANCELLER, cancel(CALLER, INFINITE));
    flying.gets(WORK, CANCELED).breaks(&["K14"]);
}

#[test]
fn k14_waits_for_the_finite_cancel_that_may_have_been_the_one() {
    let both = story().caller_waits().issues(WORK);
    let both = both.begins(CANCELLER, cancel(CALLER, INFINITE)).begins(SECOND, cancel(CALLER, 0));
    let both = both.gets(WORK, CANCELED);
    both.holds();
    both.clone().ends(CANCELLER, CANCELED).ends(SECOND, Code::S_OK).holds();
    both.ends(SECOND, CANCELED).breaks(&["K14"]);
}
