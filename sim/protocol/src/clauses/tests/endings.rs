//! K19: no actor is stuck that has a reason to return.

use calloff_model::Code;

use super::story::*;
use crate::history::Action;

const AWAIT: Action = Action::Await(WORK);

#[test]
fn k19_accepts_a_caller_who_waits_for_a_server_that_never_replies() {
    story().issues(WORK).stuck(&[(CALLER, AWAIT)]).holds();
    story().issues(WORK).enters(WORK).begins(CALLER, AWAIT).stuck(&[(CALLER, AWAIT)]).holds();
}

#[test]
fn k19_accuses_a_caller_who_misses_the_reply() {
    let replied = story().issues(WORK).enters(WORK).replies(WORK, Code::S_OK);
    let stuck = replied.stuck(&[(CALLER, AWAIT)]);
    stuck.breaks(&["K19"]);
    stuck.breaks_saying(
        "K19",
        "`caller`'s wait for `work` never returns although the server replied",
    );
}

#[test]
fn k19_accuses_a_caller_who_outlives_an_expired_request() {
    let zero = story().issues(WORK).does(CANCELLER, cancel(CALLER, 0), Code::S_OK);
    zero.stuck(&[(CALLER, AWAIT)]).breaks(&["K19"]);
    let waited = story().issues(WORK).begins(CANCELLER, cancel(CALLER, 2)).clock(2);
    waited.ends(CANCELLER, Code::S_OK).stuck(&[(CALLER, AWAIT)]).breaks(&["K19"]);
    let waits = story().caller_waits().issues(WORK);
    let waits = waits.does(CANCELLER, cancel(CALLER, 2), Code::S_OK);
    waits.clone().stuck(&[(CALLER, AWAIT)]).breaks(&["K19"]);
    waits.enters(WORK).stuck(&[(CALLER, AWAIT)]).breaks(&["K19"]);
}

#[test]
fn k19_accuses_a_caller_whose_dispatch_was_skipped() {
    let skipped = story().issues(WORK).begins(CANCELLER, cancel(CALLER, 0));
    let skipped = skipped.does(SERVER, Action::Dispatch(WORK), Code::RPC_E_CALL_CANCELED);
    skipped.stuck(&[(CALLER, AWAIT)]).breaks(&["K19"]);
}

#[test]
fn k19_accepts_a_caller_who_outlives_an_infinite_or_a_doubtful_request() {
    let infinite = story().caller_waits().issues(WORK);
    let infinite = infinite.does(CANCELLER, cancel(CALLER, INFINITE), Code::S_OK);
    infinite.stuck(&[(CALLER, AWAIT)]).holds();
    let doubtful = story().issues(WORK).begins(CANCELLER, cancel(CALLER, 0)).issues(NEXT);
    let doubtful = doubtful.ends(CANCELLER, Code::S_OK);
    doubtful.stuck(&[(CALLER, AWAIT)]).holds();
}

#[test]
fn k19_accuses_a_cancel_whose_window_ends() {
    let waiting = story().issues(WORK).begins(CANCELLER, cancel(CALLER, 2));
    let stuck = waiting.stuck(&[(CALLER, AWAIT), (CANCELLER, cancel(CALLER, 2))]);
    stuck.breaks(&["K19"]);
    stuck.breaks_saying(
        "K19",
        "`canceller`'s Cancel(2) of thread `caller` never returns although its window ends",
    );
}

#[test]
fn k19_accepts_an_infinite_cancel_that_waits_for_a_reply_and_for_nothing_else() {
    let waiting = |story: Story| story.issues(WORK).begins(CANCELLER, cancel(CALLER, INFINITE));
    let stuck = [(CANCELLER, cancel(CALLER, INFINITE))];
    waiting(story()).stuck(&stuck).holds();
    let replied = waiting(story()).enters(WORK).replies(WORK, Code::S_OK).gets(WORK, Code::S_OK);
    replied.stuck(&stuck).breaks(&["K19"]);
    waiting(story().caller_waits()).stuck(&stuck).breaks(&["K19"]);
    story().issues(WORK).stuck(&stuck).breaks(&["K19"]);
}

#[test]
fn k19_accepts_a_caller_whose_reply_is_stuck_itself() {
    let sending = Action::Reply(WORK, Code::S_OK);
    let stuck = story().issues(WORK).enters(WORK).begins(SERVER, sending);
    stuck.stuck(&[(CALLER, AWAIT), (SERVER, sending)]).holds();
}
