//! An index of the names that a scenario defines, and the order of the steps within steps.

use std::cell::Cell;
use std::collections::BTreeMap;

use super::{Field, Location};
use crate::scenario::{Scenario, Step};
use crate::text::nearest;

/// The number of unknown names for which a suggestion is looked up.
const SUGGESTIONS_MAX: u32 = 64;

/// Who takes a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// An actor.
    Actor(usize),
    /// Whoever cancels by this custom cancel object.
    Object(usize),
}

/// The place of a step: its owner and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct At {
    pub(super) owner: Owner,
    /// Each step is numbered before those within it, in file order.
    pub(super) step: usize,
}

impl At {
    /// A part of the step as a location.
    pub(super) fn field(self, field: Field) -> Location {
        let step = self.step;
        match self.owner {
            Owner::Actor(actor) => Location::Step { actor, step, field },
            Owner::Object(object) => Location::ObjectStep { object, step, field },
        }
    }
}

/// The step that issues a call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Issued {
    /// The actor.
    pub(super) actor: usize,
    /// The place of the step.
    pub(super) at: At,
    /// It is not within another step.
    pub(super) is_top: bool,
}

/// For each name of a scenario, the place that defines it first.
pub(super) struct Index<'s> {
    /// Actor names, each with the actor's index.
    pub(super) actors: BTreeMap<&'s str, usize>,
    /// Call names, each with the step that issues the call.
    pub(super) calls: BTreeMap<&'s str, Issued>,
    /// Object names of all actors, each with the actor that gets the object and the step.
    pub(super) objects: BTreeMap<&'s str, (usize, At)>,
    /// Event names.
    pub(super) events: BTreeMap<&'s str, usize>,
    /// Lock names.
    pub(super) locks: BTreeMap<&'s str, usize>,
    /// The names of the custom cancel objects.
    pub(super) cancel_objects: BTreeMap<&'s str, usize>,
    suggestions: Cell<u32>,
}

impl<'s> Index<'s> {
    pub(super) fn of(scenario: &'s Scenario) -> Index<'s> {
        let mut index = Index {
            actors: first(scenario.actors.iter().map(|actor| actor.name.as_str())),
            calls: BTreeMap::new(),
            objects: BTreeMap::new(),
            events: first(scenario.events.iter().map(|event| event.name.as_str())),
            locks: first(scenario.locks.iter().map(String::as_str)),
            cancel_objects: first(scenario.cancel_objects.iter().map(|o| o.name.as_str())),
            suggestions: Cell::new(0),
        };
        for (actor, lane) in scenario.actors.iter().enumerate() {
            visit(&lane.steps, |what, spot| {
                let at = At { owner: Owner::Actor(actor), step: spot.step };
                match what {
                    Step::Issue(call) => index.issue(call, actor, at, spot),
                    Step::Call(waiting) => index.issue(&waiting.call, actor, at, spot),
                    Step::GetCancelObject { object, .. } => {
                        index.objects.entry(object.as_str()).or_insert((actor, at));
                    }
                    _ => {}
                }
            });
        }
        index
    }

    fn issue(&mut self, call: &'s str, actor: usize, at: At, spot: &Spot) {
        let is_top = spot.depth == 0;
        self.calls.entry(call).or_insert(Issued { actor, at, is_top });
    }

    /// The known name that was probably meant, while the budget for suggestions lasts.
    pub(super) fn suggest<'n>(
        &self,
        word: &str,
        names: impl IntoIterator<Item = &'n str>,
    ) -> Option<String> {
        let spent = self.suggestions.get();
        if spent >= SUGGESTIONS_MAX {
            return None;
        }
        self.suggestions.set(spent + 1);
        nearest(word, names).map(str::to_owned)
    }
}

/// Each name with the index of the first thing that has it.
fn first<'s>(names: impl Iterator<Item = &'s str>) -> BTreeMap<&'s str, usize> {
    let mut first = BTreeMap::new();
    for (index, name) in names.enumerate() {
        first.entry(name).or_insert(index);
    }
    first
}

/// Where a step is among the steps of its owner.
#[derive(Clone, Debug, Default)]
pub(super) struct Spot {
    /// Its number.
    pub(super) step: usize,
    /// The number of steps that it is within.
    pub(super) depth: usize,
    /// The numbers of those steps round it whose steps may run again, the outermost first: loops,
    /// and waits with handlers.
    pub(super) rounds: Vec<usize>,
}

/// Calls the function for each step, before those within it.
pub(super) fn visit<'s>(steps: &'s [Step], mut each: impl FnMut(&'s Step, &Spot)) {
    visit_list(steps, &mut Spot::default(), &mut each);
}

/// Goes through a list within the steps that `spot` names. Its `step` is the next number.
fn visit_list<'s>(steps: &'s [Step], spot: &mut Spot, each: &mut dyn FnMut(&'s Step, &Spot)) {
    for step in steps {
        each(step, spot);
        let number = spot.step;
        spot.step += 1;
        let lists = step.lists();
        if lists.is_empty() {
            continue;
        }
        let is_round = !matches!(step, Step::If { .. });
        if is_round {
            spot.rounds.push(number);
        }
        spot.depth += 1;
        for list in lists {
            visit_list(list, spot, each);
        }
        spot.depth -= 1;
        if is_round {
            spot.rounds.pop();
        }
    }
}
