//! Checks of the steps: the names in them are defined, each call is issued by one step and awaited
//! by its caller, and an actor gets an object before it uses it.

use std::collections::{BTreeMap, BTreeSet};

use calloff_model::Window;

use super::index::{At, Index, Owner, Spot, visit};
use super::{Fault, Field, Problem, check_name};
use crate::scenario::language::DURATION_SECONDS_MAX;
use crate::scenario::{Condition, Millis, Scenario, Step, Target, Until};

/// Checks every step of every actor and of every custom cancel object.
pub(super) fn check(scenario: &Scenario, index: &Index<'_>, problems: &mut Vec<Problem>) {
    let mut pass = Pass { scenario, index, problems, awaited: BTreeMap::new() };
    for (actor, lane) in scenario.actors.iter().enumerate() {
        let mut held = Held { actor, got: BTreeSet::new(), own: None };
        visit(&lane.steps, |what, spot| {
            let at = At { owner: Owner::Actor(actor), step: spot.step };
            pass.own_step(at, what, spot, &mut held);
            pass.shared_step(at, what);
        });
    }
    for (object, custom) in scenario.cancel_objects.iter().enumerate() {
        visit(&custom.steps, |what, spot| {
            let at = At { owner: Owner::Object(object), step: spot.step };
            pass.of_object(at, what);
            pass.shared_step(at, what);
        });
    }
}

struct Pass<'s, 'p> {
    scenario: &'s Scenario,
    index: &'p Index<'s>,
    problems: &'p mut Vec<Problem>,
    awaited: BTreeMap<&'s str, At>,
}

/// What an actor holds before a certain step.
struct Held<'s> {
    actor: usize,
    /// The objects that it got so far.
    got: BTreeSet<&'s str>,
    /// All objects that the actor gets in any step; computed when first needed.
    own: Option<BTreeMap<&'s str, Got>>,
}

/// The steps in which an actor gets an object.
struct Got {
    /// The first of them.
    first: At,
    /// The steps round them that may run their steps again.
    rounds: BTreeSet<usize>,
}

impl<'s> Pass<'s, '_> {
    /// Checks what only actors do: calls, and cancel objects that they hold.
    fn own_step(&mut self, at: At, step: &'s Step, spot: &Spot, held: &mut Held<'s>) {
        let is_top = spot.depth == 0;
        match step {
            Step::Issue(call) => self.issue(at, call),
            Step::Await(waiting) => self.await_call(at, &waiting.call, is_top, held.actor),
            Step::Call(waiting) => {
                let call = waiting.call.as_str();
                self.issue(at, call);
                if is_top && self.index.calls.get(call).is_some_and(|issued| issued.at == at) {
                    self.awaited_once(at, call);
                }
            }
            Step::Dispatch(call) if !self.index.calls.contains_key(call.as_str()) => {
                self.unknown_call(at, call);
            }
            Step::GetCancelObject { thread, object } => {
                self.actor(at, Field::Thread, thread);
                if held.got.insert(object) {
                    check_name(object, at.field(Field::Object), self.problems);
                }
            }
            Step::TestCancelObject(object)
            | Step::Cancel { target: Target::Object(object), .. } => {
                self.object(at, object, spot, held);
            }
            Step::Join { actor, .. }
                if self.index.actors.get(actor.as_str()) == Some(&held.actor) =>
            {
                self.report(at, Field::Thread, Fault::JoinsItself);
            }
            _ => {}
        }
    }

    /// Checks that the step is one that a custom cancel object may take.
    fn of_object(&mut self, at: At, step: &Step) {
        let is_refused = matches!(
            step,
            Step::Issue(_)
                | Step::Await(_)
                | Step::Call(_)
                | Step::Dispatch(_)
                | Step::Reply(_)
                | Step::TestCancel
                | Step::TestCancelObject(_)
                | Step::GetCancelObject { .. }
                | Step::Break
                | Step::Return
        );
        if is_refused {
            let step = step.keyword().name();
            self.report(at, Field::Whole, Fault::StepOfObject { step });
        } else if matches!(step, Step::Cancel { target: Target::Object(_), .. }) {
            self.report(at, Field::Object, Fault::HeldByObject);
        }
    }

    /// Checks what actors and cancel objects do alike.
    fn shared_step(&mut self, at: At, step: &'s Step) {
        match step {
            Step::Cancel { target, window } => {
                if let Target::Thread(thread) = target {
                    self.actor(at, Field::Thread, thread);
                }
                if *window == Window::Seconds(Window::INFINITE) {
                    self.report(at, Field::Seconds, Fault::WindowTooLong);
                }
            }
            Step::Sleep(duration) | Step::Work(duration) => self.duration(at, Some(*duration)),
            Step::Set(event) | Step::Reset(event) => self.event(at, Field::Event, event),
            Step::Wait { event, timeout } => {
                self.event(at, Field::Event, event);
                self.duration(at, *timeout);
            }
            Step::Join { actor, timeout } => {
                self.actor(at, Field::Thread, actor);
                self.duration(at, *timeout);
            }
            Step::Lock(lock) | Step::Unlock(lock) => self.lock(at, lock),
            Step::If { condition, .. } => self.condition(at, condition, &mut 0),
            Step::Repeat { until: Until::Met(condition), .. } => {
                self.condition(at, condition, &mut 0);
            }
            Step::SetCancelObject(object) => self.cancel_object(at, object),
            _ => {}
        }
    }

    /// Checks a condition; `next` numbers the conditions of the step.
    fn condition(&mut self, at: At, condition: &Condition, next: &mut usize) {
        let field = Field::Condition(*next);
        *next += 1;
        match condition {
            Condition::Succeeded | Condition::Failed => {}
            Condition::Codes(codes) => {
                if codes.is_empty() {
                    self.report(at, field, Fault::EmptyCondition);
                }
            }
            Condition::Set(event) => self.event(at, field, event),
            Condition::Finished(actor) => self.actor(at, field, actor),
            Condition::Not(inner) => self.condition(at, inner, next),
            Condition::All(inner) | Condition::Any(inner) => {
                if inner.is_empty() {
                    self.report(at, field, Fault::EmptyCondition);
                }
                for condition in inner {
                    self.condition(at, condition, next);
                }
            }
        }
    }

    fn duration(&mut self, at: At, duration: Option<Millis>) {
        let longest = Millis::seconds(DURATION_SECONDS_MAX);
        if duration.is_some_and(|duration| duration > longest) {
            self.report(at, Field::Seconds, Fault::DurationTooLong);
        }
    }

    fn issue(&mut self, at: At, call: &'s str) {
        let first = self.index.calls[call].at;
        if first == at {
            check_name(call, at.field(Field::Call), self.problems);
        } else {
            let fault = Fault::IssuedTwice { call: call.to_owned() };
            self.twice(at, first, fault);
        }
    }

    /// In a list that runs once, in its order, a call is awaited after it was issued, and once.
    fn await_call(&mut self, at: At, call: &'s str, is_top: bool, actor: usize) {
        let Some(issued) = self.index.calls.get(call).copied() else {
            return self.unknown_call(at, call);
        };
        let call_name = || call.to_owned();
        if issued.actor != actor {
            let caller = self.scenario.actors[issued.actor].name.clone();
            self.twice(at, issued.at, Fault::AwaitedByAnother { call: call_name(), caller });
        } else if !is_top {
            // It may run at any time, and again.
        } else if issued.is_top && issued.at.step > at.step {
            self.twice(at, issued.at, Fault::AwaitedBeforeIssued { call: call_name() });
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

    fn actor(&mut self, at: At, field: Field, name: &str) {
        if !self.index.actors.contains_key(name) {
            let nearest = self.index.suggest(name, self.index.actors.keys().copied());
            self.report(at, field, Fault::UnknownActor { name: name.to_owned(), nearest });
        }
    }

    fn event(&mut self, at: At, field: Field, name: &str) {
        if !self.index.events.contains_key(name) {
            let nearest = self.index.suggest(name, self.index.events.keys().copied());
            self.report(at, field, Fault::UnknownEvent { name: name.to_owned(), nearest });
        }
    }

    fn lock(&mut self, at: At, name: &str) {
        if !self.index.locks.contains_key(name) {
            let nearest = self.index.suggest(name, self.index.locks.keys().copied());
            self.report(at, Field::Lock, Fault::UnknownLock { name: name.to_owned(), nearest });
        }
    }

    fn cancel_object(&mut self, at: At, name: &str) {
        if !self.index.cancel_objects.contains_key(name) {
            let nearest = self.index.suggest(name, self.index.cancel_objects.keys().copied());
            let fault = Fault::UnknownCancelObject { name: name.to_owned(), nearest };
            self.report(at, Field::Object, fault);
        }
    }

    /// An object is used after a step that gets it, or in a round with one.
    fn object(&mut self, at: At, name: &str, spot: &Spot, held: &mut Held<'s>) {
        if held.got.contains(name) {
            return;
        }
        let actor = held.actor;
        let lane = &self.scenario.actors[actor];
        let own = held.own.get_or_insert_with(|| objects_of(&lane.steps, actor));
        let location = at.field(Field::Object);
        let problem = if let Some(later) = own.get(name) {
            if spot.rounds.iter().any(|round| later.rounds.contains(round)) {
                return;
            }
            let fault = Fault::ObjectGotLater { name: name.to_owned() };
            Problem::related(location, fault, later.first.field(Field::Object))
        } else if let Some((actor, other)) = self.index.objects.get(name) {
            let owner = self.scenario.actors[*actor].name.clone();
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
        self.report(at, Field::Call, Fault::UnknownCall { name: call.to_owned(), nearest });
    }

    fn report(&mut self, at: At, field: Field, fault: Fault) {
        self.problems.push(Problem::new(at.field(field), fault));
    }

    /// A problem with the call named here, and the other step that names the same call.
    fn twice(&mut self, at: At, other: At, fault: Fault) {
        let problem = Problem::related(at.field(Field::Call), fault, other.field(Field::Call));
        self.problems.push(problem);
    }
}

fn objects_of(steps: &[Step], actor: usize) -> BTreeMap<&str, Got> {
    let mut own: BTreeMap<&str, Got> = BTreeMap::new();
    visit(steps, |what, spot| {
        if let Step::GetCancelObject { object, .. } = what {
            let first = At { owner: Owner::Actor(actor), step: spot.step };
            let got = own.entry(object).or_insert(Got { first, rounds: BTreeSet::new() });
            got.rounds.extend(&spot.rounds);
        }
    });
    own
}
