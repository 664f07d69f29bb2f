//! Long intervals: an operation may take effect at any moment between its invocation and its
//! return. So a legal history stays legal when an invocation moves earlier or a return moves later.

use calloff_model::{Code, Ticks};

use super::story::*;
use super::{clients, legal};
use crate::clauses::CLAUSES;
use crate::history::{Action, Event, What};

/// The number of ways in which each story is stretched.
const WAYS: u64 = 400;

#[test]
fn stretched_intervals_raise_no_false_alarm() {
    for (name, story) in legal::all().into_iter().chain(clients::legal()) {
        for seed in 0..WAYS {
            let mut random = Random(seed * 2 + 1);
            let mut stretched = story.clone();
            for _ in 0..(seed % 97) {
                let at = random.below(stretched.events.len() as u64) as usize;
                stretch(&mut stretched.events, at);
            }
            renew_times(&mut stretched.events);
            let always = |id: &str| CLAUSES.iter().any(|c| c.id == id && c.facets.is_empty());
            let accused: Vec<_> =
                stretched.said().into_iter().filter(|(_, id, _)| always(id)).collect();
            assert!(accused.is_empty(), "{name}: {accused:#?}\n{:#?}", stretched.events);
        }
    }
}

/// Moves an invocation one event earlier or a return one event later, if the result is still a
/// history.
fn stretch(events: &mut [Event], at: usize) {
    let other = match events[at].what {
        What::Invoke(..) => at.checked_sub(1),
        What::Return(..) | What::Passed(..) | What::PassedBack(..) => {
            Some(at + 1).filter(|next| *next < events.len())
        }
        _ => None,
    };
    let Some(other) = other else {
        return;
    };
    let end = matches!(events[other].what, What::End(_));
    if !end && actor(&events[at]) != actor(&events[other]) {
        events.swap(at, other);
    }
}

fn actor(event: &Event) -> Option<u32> {
    match event.what {
        What::Invoke(actor, _)
        | What::Return(actor, ..)
        | What::Passed(actor, ..)
        | What::PassedBack(actor, ..)
        | What::Serves(actor, _)
        | What::Served(actor, _) => Some(actor.0),
        _ => None,
    }
}

fn renew_times(events: &mut [Event]) {
    let mut now = Ticks(0);
    for event in events {
        if event.what == What::Clock {
            now = event.at;
        }
        event.at = now;
    }
}

/// The splitmix64 generator.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % limit
    }
}

#[test]
fn reply_and_await_may_overlap_in_any_way() {
    let overlap = story().issues(WORK).enters(WORK).begins(CALLER, Action::Await(WORK));
    let overlap = overlap.begins(CANCELLER, cancel(CALLER, 4));
    let overlap = overlap.begins(SERVER, Action::Reply(WORK, Code::S_OK));
    let completed = overlap.clone().ends(CALLER, Code::S_OK).ends(SERVER, Code::S_OK);
    completed.clone().ends(CANCELLER, Code::RPC_E_CALL_COMPLETE).holds();
    completed.ends(CANCELLER, Code::E_NOINTERFACE).holds();
    let canceled = overlap.ends(CALLER, Code::RPC_E_CALL_CANCELED).clock(4);
    canceled.ends(CANCELLER, Code::S_OK).ends(SERVER, Code::S_OK).holds();
}

#[test]
fn a_cancel_may_find_any_call_that_was_innermost_while_it_was_in_flight() {
    let wide = story().begins(CANCELLER, cancel(CALLER, 0)).issues(WORK).issues(NEXT);
    for code in [Code::S_OK, Code::E_NOINTERFACE] {
        wide.clone().ends(CANCELLER, code).holds();
    }
    wide.clone().ends(CANCELLER, Code::S_OK).gets(NEXT, Code::RPC_E_CALL_CANCELED).holds();
    wide.ends(CANCELLER, Code::S_OK).gets(WORK, Code::RPC_E_CALL_CANCELED).holds();
}

#[test]
fn an_issue_in_flight_may_or_may_not_be_there() {
    let issuing = story().begins(CALLER, Action::Issue(WORK));
    issuing.clone().does(CANCELLER, cancel(CALLER, 0), Code::E_NOINTERFACE).holds();
    issuing.clone().does(CANCELLER, cancel(CALLER, 0), Code::S_OK).holds();
    let nested = story().issues(WORK).begins(CALLER, Action::Issue(NEXT));
    nested.does(CANCELLER, cancel(CALLER, 0), Code::E_NOINTERFACE).breaks(&["K17"]);
}
