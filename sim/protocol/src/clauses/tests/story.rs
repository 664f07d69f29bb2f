//! A builder for histories: each method adds what an actor does and which code comes back.

use std::sync::Arc;

use calloff_model::{CallId, Cancelable, Code, Reading, Ticks, Waiter, Window};

use crate::clauses::{CLAUSES, CallFacts, Context, Kind, Ledger, judge_all};
use crate::history::{Action, ActorId, Event, ObjectId, TimePolicy, What};

pub(super) const CALLER: ActorId = ActorId(0);
pub(super) const SERVER: ActorId = ActorId(1);
pub(super) const CANCELLER: ActorId = ActorId(2);
pub(super) const SECOND: ActorId = ActorId(3);
pub(super) const OTHER: ActorId = ActorId(4);
pub(super) const HELPER: ActorId = ActorId(5);

/// Two calls of `CALLER`.
pub(super) const WORK: CallId = CallId(0);
pub(super) const NEXT: CallId = CallId(1);
/// A call of `OTHER`.
pub(super) const ELSE: CallId = CallId(2);
/// A third call of `CALLER`.
pub(super) const MORE: CallId = CallId(3);

pub(super) const INFINITE: u32 = Window::INFINITE;

/// The one name for a cancel object that each actor has.
const HANDLE: ObjectId = ObjectId(0);

pub(super) fn cancel(thread: ActorId, seconds: u32) -> Action {
    Action::CancelThread(thread, Window::from_ul_seconds(seconds))
}

pub(super) fn cancel_object(seconds: u32) -> Action {
    Action::CancelObject(HANDLE, Window::from_ul_seconds(seconds))
}

pub(super) fn get(thread: ActorId) -> Action {
    Action::GetCancelObject(thread, HANDLE)
}

pub(super) fn test(call: CallId) -> Action {
    Action::TestCancel(Some(call))
}

pub(super) const TEST_OBJECT: Action = Action::TestCancelObject(HANDLE);

/// A history with its context.
#[derive(Clone)]
pub(super) struct Story {
    pub(super) context: Context,
    pub(super) events: Vec<Event>,
    flights: Vec<Option<Action>>,
    now: Ticks,
}

/// An empty history: every thread at depth 1, the default reading, a free clock.
pub(super) fn story() -> Story {
    let actors = ["caller", "server", "canceller", "second", "other", "helper"];
    let calls = [("work", CALLER), ("next", CALLER), ("else", OTHER), ("more", CALLER)];
    let fact = |(name, caller): (&str, ActorId)| CallFacts {
        name: name.to_owned(),
        caller,
        repeats: false,
        has_filter: false,
        within: None,
    };
    Story {
        context: Context {
            is_endless: false,
            customs: Vec::new(),
            locks: Vec::new(),
            ticks_per_second: 1,
            reading: Reading::default(),
            time: TimePolicy::Free,
            actors: actors.map(str::to_owned).to_vec(),
            depths: vec![1; actors.len()],
            calls: calls.map(fact).to_vec(),
            objects: vec![vec!["handle".to_owned()]; actors.len()],
        },
        events: Vec::new(),
        flights: vec![None; actors.len()],
        now: Ticks(0),
    }
}

impl Story {
    pub(super) fn at_request(mut self) -> Story {
        self.context.reading.cancelable = Cancelable::AtRequest;
        self
    }

    pub(super) fn caller_waits(mut self) -> Story {
        self.context.reading.waiter = Waiter::Caller;
        self
    }

    pub(super) fn urgent(mut self) -> Story {
        self.context.time = TimePolicy::Urgent;
        self
    }

    pub(super) fn depth(mut self, actor: ActorId, depth: u32) -> Story {
        self.context.depths[actor.0 as usize] = depth;
        self
    }

    pub(super) fn push(mut self, what: What) -> Story {
        self.events.push(Event { at: self.now, what });
        self
    }

    pub(super) fn begins(mut self, actor: ActorId, action: Action) -> Story {
        self.flights[actor.0 as usize] = Some(action);
        self.push(What::Invoke(actor, action))
    }

    pub(super) fn ends(mut self, actor: ActorId, code: Code) -> Story {
        let action = self.flights[actor.0 as usize].take().expect("begun");
        self.push(What::Return(actor, action, code))
    }

    pub(super) fn does(self, actor: ActorId, action: Action, code: Code) -> Story {
        self.begins(actor, action).ends(actor, code)
    }

    pub(super) fn clock(mut self, now: u64) -> Story {
        self.now = Ticks(now);
        self.push(What::Clock)
    }

    pub(super) fn blocked(self, actor: ActorId, action: Action) -> Story {
        self.push(What::Blocked(actor, action))
    }

    pub(super) fn stuck(self, stuck: &[(ActorId, Action)]) -> Story {
        self.push(What::End(stuck.to_vec()))
    }

    pub(super) fn issues(self, call: CallId) -> Story {
        let caller = self.context.caller(call);
        self.does(caller, Action::Issue(call), Code::S_OK)
    }

    /// The call's server enters the method.
    pub(super) fn enters(self, call: CallId) -> Story {
        self.does(server_of(call), Action::Dispatch(call), Code::S_OK)
    }

    pub(super) fn replies(self, call: CallId, code: Code) -> Story {
        self.does(server_of(call), Action::Reply(call, code), Code::S_OK)
    }

    /// The caller returns from the call with the code.
    pub(super) fn gets(self, call: CallId, code: Code) -> Story {
        let caller = self.context.caller(call);
        self.does(caller, Action::Await(call), code)
    }

    /// The clauses' verdicts: position of the event, id of the clause, message.
    pub(super) fn said(&self) -> Vec<(usize, &'static str, String)> {
        let mut ledger = Ledger::new(Arc::new(self.context.clone()));
        let mut said = Vec::new();
        for (index, event) in self.events.iter().enumerate() {
            let judged = judge_all(&ledger, event);
            said.extend(judged.map(|(clause, words)| (index, clause.id, words)));
            ledger.record(event);
        }
        said
    }

    pub(super) fn ledger(&self) -> Ledger {
        let mut ledger = Ledger::new(Arc::new(self.context.clone()));
        self.events.iter().for_each(|event| ledger.record(event));
        ledger
    }

    fn of_kind(&self, kind: Kind) -> Vec<(usize, &'static str, String)> {
        let mut said = self.said();
        said.retain(|(_, id, _)| CLAUSES.iter().any(|c| c.id == *id && c.kind == kind));
        said
    }

    /// Asserts that no clause is violated.
    #[track_caller]
    pub(super) fn holds(&self) {
        let accused = self.of_kind(Kind::Always);
        assert!(accused.is_empty(), "{accused:#?}\n{:#?}", self.events);
    }

    /// Asserts that exactly these clauses are violated, by the last event and not before.
    #[track_caller]
    pub(super) fn breaks(&self, ids: &[&str]) {
        let accused = self.of_kind(Kind::Always);
        let last = self.events.len() - 1;
        assert!(accused.iter().all(|(at, ..)| *at == last), "too early: {accused:#?}");
        let broken: Vec<&str> = accused.iter().map(|(_, id, _)| *id).collect();
        assert_eq!(broken, ids, "{accused:#?}");
    }

    /// Asserts that the last event violates the clause, with this message.
    #[track_caller]
    pub(super) fn breaks_saying(&self, id: &str, words: &str) {
        let accused = self.of_kind(Kind::Always);
        let said: Vec<&str> =
            accused.iter().filter(|said| said.1 == id).map(|said| said.2.as_str()).collect();
        assert_eq!(said, [words], "{accused:#?}");
    }

    /// The violated clauses, in the order of the events.
    pub(super) fn accused(&self) -> Vec<&'static str> {
        self.of_kind(Kind::Always).into_iter().map(|said| said.1).collect()
    }

    /// The facets that the clause witnessed, in order.
    pub(super) fn witnessed(&self, id: &str) -> Vec<String> {
        let seen = self.of_kind(Kind::Sometimes).into_iter();
        seen.filter(|said| said.1 == id).map(|said| said.2).collect()
    }
}

fn server_of(call: CallId) -> ActorId {
    match call {
        WORK => SERVER,
        _ => HELPER,
    }
}
