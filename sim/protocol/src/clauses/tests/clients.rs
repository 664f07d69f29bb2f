//! K24 to K34: custom cancel objects, message filters, handlers of waits that serve, instances.

use calloff_model::{CallId, Code, CustomId};

use super::story::*;
use crate::clauses::{ClauseId, CustomFacts};
use crate::history::{Action, ActorId, What};

const CANCELED: Code = Code::RPC_E_CALL_CANCELED;
const COMPLETE: Code = Code::RPC_E_CALL_COMPLETE;

/// Custom cancel objects; the last one has no `ICancelMethodCalls`.
const MINE: CustomId = CustomId(0);
const YOURS: CustomId = CustomId(1);
const BARE: CustomId = CustomId(2);

const UNSET: Action = Action::SetCancelObject(None);

fn set(object: CustomId) -> Action {
    Action::SetCancelObject(Some(object))
}

/// The later instance of `WORK`.
const WORK_AGAIN: CallId = CallId(4);

/// A history of a client program: the wait for `WORK` has a filter, a handler of it issues `NEXT`,
/// and both may be issued more than once.
fn client() -> Story {
    let mut story = story();
    let custom = |(name, has_interface): (&str, bool)| CustomFacts {
        name: name.to_owned(),
        has_interface,
        returns: vec![Code::E_NOTIMPL],
    };
    story.context.customs = [("mine", true), ("yours", true), ("bare", false)].map(custom).into();
    let [work, next, ..] = &mut story.context.calls[..] else { panic!("two calls") };
    (work.repeats, work.has_filter) = (true, true);
    (next.repeats, next.within) = (true, Some(WORK));
    story
}

impl Story {
    /// The actor's operation in flight has found the custom object.
    fn finds(self, actor: ActorId, action: Action, object: CustomId) -> Story {
        self.begins(actor, action).push(What::Passed(actor, action, object))
    }

    fn passes_back(self, actor: ActorId, action: Action, code: Code) -> Story {
        self.push(What::PassedBack(actor, action, MINE, code))
    }

    fn begins_handler(self, call: CallId) -> Story {
        self.push(What::Serves(CALLER, call))
    }

    fn ends_handler(self, call: CallId) -> Story {
        self.push(What::Served(CALLER, call))
    }

    fn sets(self, object: CustomId) -> Story {
        self.does(CALLER, set(object), Code::S_OK)
    }

    fn unsets(self) -> Story {
        self.does(CALLER, UNSET, Code::S_OK)
    }

    fn gives_up(self, call: CallId, code: Code) -> Story {
        self.does(CALLER, Action::GiveUp(call), code)
    }
}

/// Legal histories of client programs.
pub(super) fn legal() -> Vec<(&'static str, Story)> {
    let mut all = legal_objects();
    all.extend(legal_waits());
    all.extend(legal_instances());
    all
}

fn legal_objects() -> Vec<(&'static str, Story)> {
    let by_thread = cancel(CALLER, 0);
    let found = |story: Story, object| {
        let found = story.finds(CANCELLER, by_thread, object);
        found.push(What::PassedBack(CANCELLER, by_thread, object, Code::E_NOTIMPL))
    };
    vec![
        ("an object below a call", found(client().sets(MINE).sets(YOURS).unsets(), MINE)),
        (
            "an object above a call",
            found(client().issues(WORK).sets(MINE), MINE)
                .unsets()
                .does(SECOND, by_thread, Code::S_OK)
                .gets(WORK, CANCELED),
        ),
        (
            "an object is taken away from below a call",
            client()
                .sets(MINE)
                .issues(WORK)
                .unsets()
                .does(CANCELLER, by_thread, Code::S_OK)
                .gets(WORK, CANCELED)
                .does(SECOND, by_thread, Code::E_NOINTERFACE),
        ),
    ]
}

fn legal_waits() -> Vec<(&'static str, Story)> {
    let by_thread = cancel(CALLER, 0);
    let serving = || client().issues(WORK).enters(WORK).begins_handler(WORK);
    vec![
        (
            "a wait is given up before its server begins",
            client()
                .issues(WORK)
                .gives_up(WORK, CANCELED)
                .does(SERVER, Action::Dispatch(WORK), CANCELED)
                .does(CANCELLER, by_thread, Code::E_NOINTERFACE),
        ),
        (
            "a wait is given up while its server is inside, and the next call is found",
            client()
                .issues(WORK)
                .enters(WORK)
                .gives_up(WORK, CANCELED)
                .issues(WORK_AGAIN)
                .replies(WORK, Code::S_OK)
                .does(CANCELLER, by_thread, Code::S_OK)
                .gets(WORK_AGAIN, CANCELED),
        ),
        (
            "a handler's call is canceled",
            serving()
                .issues(NEXT)
                .does(CANCELLER, by_thread, Code::S_OK)
                .gets(NEXT, CANCELED)
                .ends_handler(WORK)
                .replies(WORK, Code::S_FALSE)
                .gets(WORK, Code::S_FALSE),
        ),
        (
            "the outer call is canceled under a handler",
            serving()
                .does(CANCELLER, by_thread, Code::S_OK)
                .issues(NEXT)
                .replies(NEXT, Code::S_OK)
                .gets(NEXT, Code::S_OK)
                .ends_handler(WORK)
                .gets(WORK, CANCELED),
        ),
    ]
}

fn legal_instances() -> Vec<(&'static str, Story)> {
    let late = |story: Story| {
        let late = story.issues(WORK_AGAIN).does(CANCELLER, cancel_object(0), COMPLETE);
        let late = late.does(SERVER, Action::Dispatch(WORK_AGAIN), Code::S_OK);
        late.does(SERVER, Action::Reply(WORK_AGAIN, Code::S_FALSE), Code::S_OK)
            .gets(WORK_AGAIN, Code::S_FALSE)
    };
    vec![
        (
            "an object is late",
            late(
                client()
                    .issues(WORK)
                    .does(CANCELLER, get(CALLER), Code::S_OK)
                    .enters(WORK)
                    .replies(WORK, Code::S_OK)
                    .gets(WORK, Code::S_OK),
            ),
        ),
        (
            "two instances",
            client()
                .issues(WORK)
                .issues(WORK_AGAIN)
                .enters(WORK)
                .replies(WORK, Code::S_OK)
                .does(SERVER, Action::Dispatch(WORK_AGAIN), Code::S_OK)
                .does(SERVER, Action::Reply(WORK_AGAIN, Code::S_FALSE), Code::S_OK)
                .gets(WORK_AGAIN, Code::S_FALSE)
                .gets(WORK, Code::S_OK),
        ),
    ]
}

#[test]
fn legal_histories_of_client_programs_break_nothing() {
    legal().iter().for_each(|(_, story)| story.holds());
}

#[test]
fn k24_holds_when_the_topmost_object_is_found() {
    let cancel = cancel(CALLER, 0);
    client().sets(MINE).finds(CANCELLER, cancel, MINE).holds();
    client().issues(WORK).sets(MINE).finds(CANCELLER, cancel, MINE).holds();
    client().sets(MINE).sets(YOURS).unsets().finds(CANCELLER, get(CALLER), MINE).holds();
    client().sets(MINE).issues(WORK).does(CANCELLER, cancel, Code::S_OK).holds();
    // The custom object is taken away from below the call.
    let below = client().sets(MINE).sets(YOURS).issues(WORK).unsets();
    below.clone().does(CANCELLER, cancel, Code::S_OK).holds();
    below.gives_up(WORK, CANCELED).finds(CANCELLER, cancel, MINE).holds();
}

#[test]
fn k24_is_broken_when_another_object_is_found() {
    let cancel = cancel(CALLER, 0);
    let two = client().sets(MINE).sets(YOURS);
    two.finds(CANCELLER, cancel, MINE).breaks_saying(
        "K24",
        "`canceller`'s Cancel(0) of thread `caller` found `mine` although topmost was `yours`",
    );
    let below = client().sets(MINE).issues(WORK).finds(CANCELLER, get(CALLER), MINE);
    below.breaks_saying(
        "K24",
        "`canceller`'s CoGetCancelObject of thread `caller` found `mine` although topmost was \
         `work`",
    );
    let above = client().issues(WORK).sets(MINE);
    above.clone().does(CANCELLER, cancel, Code::S_OK).breaks(&["K1", "K24"]);
    above.does(CANCELLER, get(CALLER), Code::S_OK).breaks(&["K24"]);
}

#[test]
fn k24_is_silent_while_the_stack_changes() {
    let cancel = cancel(CALLER, 0);
    // The object may have been there for a moment, or not be there yet.
    client().begins(CALLER, set(MINE)).finds(CANCELLER, cancel, MINE).holds();
    client().issues(WORK).begins(CALLER, set(MINE)).does(CANCELLER, cancel, Code::S_OK).holds();
    let leaving = client().sets(MINE).begins(CALLER, UNSET);
    leaving.clone().finds(CANCELLER, cancel, MINE).holds();
    leaving.does(CANCELLER, cancel, Code::E_NOINTERFACE).holds();
    let during = client().issues(WORK).sets(MINE).begins(CANCELLER, cancel).unsets();
    during.clone().ends(CANCELLER, Code::S_OK).holds();
    during.push(What::Passed(CANCELLER, cancel, MINE)).holds();
    let given_up = client().sets(MINE).issues(WORK).begins(CALLER, Action::GiveUp(WORK));
    given_up.finds(CANCELLER, cancel, MINE).holds();
}

#[test]
fn k17_counts_custom_objects() {
    let cancel = cancel(CALLER, 0);
    client().sets(MINE).unsets().does(CANCELLER, cancel, Code::E_NOINTERFACE).holds();
    client().sets(MINE).does(CANCELLER, cancel, Code::E_NOINTERFACE).breaks_saying(
        "K17",
        "`canceller`'s Cancel(0) of thread `caller` returned E_NOINTERFACE although `mine` was \
         there",
    );
}

#[test]
fn k25_is_broken_by_an_object_that_is_refused_wrongly_or_not_set() {
    let cancel = cancel(CALLER, 0);
    let refused = client().does(CALLER, set(BARE), Code::E_NOINTERFACE);
    refused.holds();
    refused.finds(CANCELLER, cancel, BARE).breaks(&["K24", "K25"]);
    client().does(CALLER, set(BARE), Code::S_OK).breaks(&["K25"]);
    client().does(CALLER, set(MINE), Code::E_NOINTERFACE).breaks(&["K25"]);
    // Other failures are the implementation's own; nothing is set then.
    let denied = client().does(CALLER, set(MINE), Code::E_ACCESSDENIED);
    denied.holds();
    denied.finds(CANCELLER, cancel, MINE).breaks(&["K24", "K25"]);
    let unset = client().sets(MINE).sets(YOURS).unsets();
    unset.finds(CANCELLER, cancel, YOURS).breaks(&["K24", "K25"]);
}

#[test]
fn k26_is_broken_by_an_answer_other_than_the_decided_one() {
    let none = client().does(CALLER, UNSET, Code::E_INVALIDARG);
    none.holds();
    client().unsets().breaks(&["K26"]);
    client().sets(MINE).does(CALLER, UNSET, Code::E_INVALIDARG).breaks(&["K26"]);
    client().sets(MINE).unsets().unsets().breaks(&["K26"]);
    let held = client().sets(MINE).finds(CANCELLER, get(CALLER), MINE);
    let held = held.passes_back(CANCELLER, get(CALLER), Code::S_OK);
    held.clone().does(CANCELLER, TEST_OBJECT, Code::E_NOTIMPL).holds();
    held.does(CANCELLER, TEST_OBJECT, Code::RPC_S_CALLPENDING).breaks(&["K26"]);
}

#[test]
fn k27_is_broken_by_a_code_that_is_not_the_objects() {
    let found = client().sets(MINE).finds(CANCELLER, cancel(CALLER, 0), MINE);
    let back = |code| found.clone().passes_back(CANCELLER, cancel(CALLER, 0), code);
    back(Code::E_NOTIMPL).holds();
    assert_eq!(back(Code::E_NOTIMPL).witnessed("K31"), facets("K31"));
    back(Code::E_FAIL).breaks_saying(
        "K27",
        "`canceller`'s Cancel(0) of thread `caller` returned E_FAIL, but `mine` returns E_NOTIMPL",
    );
    let held = client().passes_back(CANCELLER, cancel_object(0), Code::S_OK);
    held.breaks(&["K27"]);
    assert!(held.witnessed("K31").is_empty(), "not by thread");
}

#[test]
fn a_cancel_that_has_found_a_custom_object_explains_no_cancellation() {
    let found = client().issues(WORK).sets(MINE).finds(CANCELLER, cancel(CALLER, 0), MINE);
    found.unsets().gets(WORK, CANCELED).breaks(&["K7"]);
}

#[test]
fn k28_holds_for_a_filter_that_gives_up_before_the_reply() {
    client().issues(WORK).gives_up(WORK, CANCELED).holds();
    let inside = client().issues(WORK).enters(WORK).gives_up(WORK, CANCELED);
    inside.clone().replies(WORK, Code::S_OK).holds();
    assert_eq!(inside.witnessed("K32"), facets("K32"));
    // The reply may have come too late.
    let racing = client().issues(WORK).enters(WORK);
    let racing = racing.begins(SERVER, Action::Reply(WORK, Code::S_OK)).gives_up(WORK, CANCELED);
    racing.holds();
    assert!(racing.witnessed("K32").is_empty());
    let outside = client().issues(WORK).begins(SERVER, Action::Dispatch(WORK));
    assert!(outside.gives_up(WORK, CANCELED).witnessed("K32").is_empty());
}

#[test]
fn k28_is_broken_by_a_filter_that_does_what_it_cannot() {
    let replied = client().issues(WORK).enters(WORK).replies(WORK, Code::S_OK);
    replied.gives_up(WORK, CANCELED).breaks_saying(
        "K28",
        "`caller`'s message filter in the wait for `work` returned RPC_E_CALL_CANCELED although \
         the server had replied",
    );
    client().issues(NEXT).gives_up(NEXT, CANCELED).breaks(&["K28"]);
    client().issues(WORK).gives_up(WORK, Code::S_OK).breaks(&["K28"]);
    let twice = client().issues(WORK).gives_up(WORK, CANCELED).gives_up(WORK, CANCELED);
    twice.breaks(&["K28"]);
}

#[test]
fn k29_lets_no_wait_return_while_a_handler_runs() {
    let serving = client().issues(WORK).enters(WORK).begins_handler(WORK).replies(WORK, Code::S_OK);
    serving.clone().ends_handler(WORK).gets(WORK, Code::S_OK).holds();
    serving.clone().gets(WORK, Code::S_OK).breaks_saying(
        "K29",
        "`caller`'s wait for `work` returned S_OK while a handler was running",
    );
    // The handler's own wait is another one.
    serving.issues(NEXT).replies(NEXT, Code::S_OK).gets(NEXT, Code::S_OK).holds();
}

#[test]
fn k29_keeps_the_calls_of_a_wait_and_of_its_handlers_apart() {
    let nested = client().issues(WORK).enters(WORK).begins_handler(WORK).issues(NEXT);
    let inner = nested.clone().does(CANCELLER, cancel(CALLER, 0), Code::S_OK);
    inner.clone().gets(NEXT, CANCELED).ends_handler(WORK).holds();
    let ended = inner.replies(NEXT, Code::S_OK).gets(NEXT, Code::S_OK).ends_handler(WORK);
    ended.gets(WORK, CANCELED).breaks(&["K7", "K16", "K29"]);
    let held = client().issues(WORK).does(CANCELLER, get(CALLER), Code::S_OK);
    let held = held.enters(WORK).begins_handler(WORK);
    let outer = held.clone().issues(NEXT).does(CANCELLER, cancel_object(0), Code::S_OK);
    assert_eq!(outer.witnessed("K33"), facets("K33"));
    outer.gets(NEXT, CANCELED).breaks(&["K7", "K29"]);
    let without = held.ends_handler(WORK).does(CANCELLER, cancel_object(0), Code::S_OK);
    assert!(without.witnessed("K33").is_empty());
}

#[test]
fn k30_asks_for_the_oldest_instance_at_a_dispatch() {
    let both = client().issues(WORK).issues(WORK_AGAIN);
    both.clone().enters(WORK).enters(WORK_AGAIN).holds();
    both.clone().does(SERVER, Action::Dispatch(WORK_AGAIN), Code::S_OK).breaks_saying(
        "K30",
        "`server`'s dispatch of `work` returned S_OK although an older instance was waiting",
    );
    // Somebody else may have entered the older one.
    let other = both.begins(HELPER, Action::Dispatch(WORK));
    other.does(SERVER, Action::Dispatch(WORK_AGAIN), Code::S_OK).holds();
    // What was given up is dropped when the next one is issued.
    let dropped = client().issues(WORK).gives_up(WORK, CANCELED).issues(WORK_AGAIN);
    dropped.does(SERVER, Action::Dispatch(WORK_AGAIN), Code::S_OK).holds();
}

#[test]
fn k30_asks_for_the_newest_instance_at_a_wait() {
    let both = client().issues(WORK).issues(WORK_AGAIN);
    let both = both.enters(WORK).replies(WORK, Code::S_OK);
    both.clone().gets(WORK, Code::S_OK).breaks(&["K30"]);
    let newest = both.does(SERVER, Action::Dispatch(WORK_AGAIN), Code::S_OK);
    let newest = newest.replies(WORK_AGAIN, Code::S_OK).gets(WORK_AGAIN, Code::S_OK);
    newest.gets(WORK, Code::S_OK).holds();
}

#[test]
fn k30_keeps_an_object_on_its_instance() {
    let held = client().issues(WORK).does(CANCELLER, get(CALLER), Code::S_OK);
    let over = held.enters(WORK).replies(WORK, Code::S_OK).gets(WORK, Code::S_OK);
    let later = over.issues(WORK_AGAIN);
    let late = later.clone().does(CANCELLER, cancel_object(0), COMPLETE);
    late.holds();
    assert_eq!(late.witnessed("K34"), facets("K34"));
    assert!(later.clone().gives_up(WORK_AGAIN, CANCELED).accused().is_empty());
    later.clone().does(CANCELLER, cancel_object(0), Code::S_OK).breaks(&["K11", "K30"]);
    later.does(CANCELLER, TEST_OBJECT, Code::RPC_S_CALLPENDING).breaks(&["K10", "K30"]);
}

#[test]
fn k34_needs_a_later_instance_that_is_pending() {
    let held = client().issues(WORK).does(CANCELLER, get(CALLER), Code::S_OK);
    let over = held.enters(WORK).replies(WORK, Code::S_OK).gets(WORK, Code::S_OK);
    let none = over.does(CANCELLER, cancel_object(0), COMPLETE);
    none.holds();
    assert!(none.witnessed("K34").is_empty());
}

fn facets(id: &str) -> Vec<String> {
    let clause = ClauseId::find(id).expect("a clause");
    clause.facets.iter().map(|facet| (*facet).to_owned()).collect()
}
