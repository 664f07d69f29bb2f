//! Checks of the steps: each call is issued, awaited, dispatched and replied to at most once and in
//! order, and an actor gets an object before it uses it.

use std::collections::BTreeMap;

use calloff_model::Window;

use super::index::{At, Index};
use super::{Fault, Field, Problem, check_name};
use crate::scenario::{Scenario, Step, Target};

/// Checks every step of every actor.
pub(super) fn check(scenario: &Scenario, index: &Index<'_>, problems: &mut Vec<Problem>) {
    let mut pass =
        Pass { scenario, index, problems, awaited: BTreeMap::new(), dispatched: BTreeMap::new() };
    for (actor, lane) in scenario.actors.iter().enumerate() {
        let mut held = Held { got: BTreeMap::new(), serving: 0, own: None };
        for (step, what) in lane.steps.iter().enumerate() {
            pass.step(At { actor, step }, what, &mut held);
        }
    }
}

struct Pass<'s, 'p> {
    scenario: &'s Scenario,
    index: &'p Index<'s>,
    problems: &'p mut Vec<Problem>,
    awaited: BTreeMap<&'s str, At>,
    dispatched: BTreeMap<&'s str, At>,
}

/// What an actor holds before a certain step.
struct Held<'s> {
    /// The objects that it got so far, each with the step that got it first.
    got: BTreeMap<&'s str, At>,
    /// The number of calls being served: dispatches nest.
    serving: usize,
    /// All objects that the actor gets in any step; computed when first needed.
    own: Option<BTreeMap<&'s str, At>>,
}

impl<'s> Pass<'s, '_> {
    fn step(&mut self, at: At, step: &'s Step, held: &mut Held<'s>) {
        match step {
            Step::Enable | Step::Disable | Step::TestCancel => {}
            Step::Sleep(_) | Step::Work(_) => {}
            Step::Issue(call) => self.issue(at, call),
            Step::Await(call) => self.await_call(at, call),
            Step::Call(call) => {
                self.issue(at, call);
                if self.index.calls.get(call.as_str()) == Some(&at) {
                    self.awaited_once(at, call);
                }
            }
            Step::Dispatch(call) => {
                held.serving += 1;
                self.dispatch(at, call);
            }
            Step::TestCancelObject(object) => self.object(at, object, held),
            Step::Reply(_) => self.reply(at, held),
            Step::GetCancelObject { thread, object } => {
                self.thread(at, thread);
                if !held.got.contains_key(object.as_str()) {
                    check_name(object, at.field(Field::Object), self.problems);
                    held.got.insert(object, at);
                }
            }
            Step::Cancel { target, window } => {
                match target {
                    Target::Thread(thread) => self.thread(at, thread),
                    Target::Object(object) => self.object(at, object, held),
                }
                if *window == Window::Seconds(Window::INFINITE) {
                    let location = at.field(Field::Seconds);
                    self.problems.push(Problem::new(location, Fault::WindowTooLong));
                }
            }
        }
    }

    fn issue(&mut self, at: At, call: &'s str) {
        let first = self.index.calls[call];
        if first == at {
            check_name(call, at.field(Field::Call), self.problems);
        } else {
            let fault = Fault::IssuedTwice { call: call.to_owned() };
            self.twice(at, first, fault);
        }
    }

    fn await_call(&mut self, at: At, call: &'s str) {
        let Some(issued) = self.index.calls.get(call).copied() else {
            return self.unknown_call(at, call);
        };
        let call_name = || call.to_owned();
        if issued.actor != at.actor {
            let caller = self.scenario.actors[issued.actor].name.clone();
            self.twice(at, issued, Fault::AwaitedByAnother { call: call_name(), caller });
        } else if issued.step > at.step {
            self.twice(at, issued, Fault::AwaitedBeforeIssued { call: call_name() });
        } else {
            self.awaited_once(at, call);
        }
    }

    fn awaited_once(&mut self, at: At, call: &'s str) {
        match self.awaited.get(call).copied() {
            Some(first) => self.twice(at, first, Fault::AwaitedTwice { call: call.to_owned() }),
            None => {
                self.awaited.insert(call, at);
            }
        }
    }

    fn dispatch(&mut self, at: At, call: &'s str) {
        if !self.index.calls.contains_key(call) {
            return self.unknown_call(at, call);
        }
        match self.dispatched.get(call).copied() {
            Some(first) => self.twice(at, first, Fault::DispatchedTwice { call: call.to_owned() }),
            None => {
                self.dispatched.insert(call, at);
            }
        }
    }

    fn reply(&mut self, at: At, held: &mut Held<'_>) {
        match held.serving.checked_sub(1) {
            Some(serving) => held.serving = serving,
            None => {
                let location = at.field(Field::Whole);
                self.problems.push(Problem::new(location, Fault::ReplyWithoutDispatch));
            }
        }
    }

    fn thread(&mut self, at: At, name: &str) {
        if !self.index.actors.contains_key(name) {
            let nearest = self.index.suggest(name, self.index.actors.keys().copied());
            let fault = Fault::UnknownActor { name: name.to_owned(), nearest };
            self.problems.push(Problem::new(at.field(Field::Thread), fault));
        }
    }

    fn object(&mut self, at: At, name: &str, held: &mut Held<'s>) {
        if held.got.contains_key(name) {
            return;
        }
        let lane = &self.scenario.actors[at.actor];
        let own = held.own.get_or_insert_with(|| objects_of(&lane.steps, at.actor));
        let location = at.field(Field::Object);
        let problem = if let Some(later) = own.get(name) {
            let fault = Fault::ObjectGotLater { name: name.to_owned() };
            Problem::related(location, fault, later.field(Field::Object))
        } else if let Some(other) = self.index.objects.get(name) {
            let owner = self.scenario.actors[other.actor].name.clone();
            let fault = Fault::ObjectOfAnother { name: name.to_owned(), owner };
            Problem::related(location, fault, other.field(Field::Object))
        } else {
            let nearest = self.index.suggest(name, own.keys().copied());
            Problem::new(location, Fault::UnknownObject { name: name.to_owned(), nearest })
        };
        self.problems.push(problem);
    }

    fn unknown_call(&mut self, at: At, call: &str) {
        let nearest = self.index.suggest(call, self.index.calls.keys().copied());
        let fault = Fault::UnknownCall { name: call.to_owned(), nearest };
        self.problems.push(Problem::new(at.field(Field::Call), fault));
    }

    /// A problem with the call named here, and the other step that names the same call.
    fn twice(&mut self, at: At, other: At, fault: Fault) {
        let problem = Problem::related(at.field(Field::Call), fault, other.field(Field::Call));
        self.problems.push(problem);
    }
}

fn objects_of(steps: &[Step], actor: usize) -> BTreeMap<&str, At> {
    let mut own = BTreeMap::new();
    for (step, what) in steps.iter().enumerate() {
        if let Step::GetCancelObject { object, .. } = what {
            own.entry(object.as_str()).or_insert(At { actor, step });
        }
    }
    own
}
