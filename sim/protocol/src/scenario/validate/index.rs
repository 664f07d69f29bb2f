//! An index of the names that a scenario defines: actors, calls, objects.

use std::cell::Cell;
use std::collections::BTreeMap;

use super::{Field, Location};
use crate::scenario::{Scenario, Step};
use crate::text::nearest;

/// The number of unknown names for which a suggestion is looked up.
const SUGGESTIONS_MAX: u32 = 64;

/// The place of a step: the actor's index and the step's index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct At {
    pub(super) actor: usize,
    pub(super) step: usize,
}

impl At {
    /// A part of the step as a location.
    pub(super) fn field(self, field: Field) -> Location {
        Location::Step { actor: self.actor, step: self.step, field }
    }
}

/// For each name of a scenario, the place that defines it first.
pub(super) struct Index<'s> {
    /// Actor names, each with the actor's index.
    pub(super) actors: BTreeMap<&'s str, usize>,
    /// Call names, each with the step that issues the call.
    pub(super) calls: BTreeMap<&'s str, At>,
    /// Object names of all actors, each with the step that gets the object.
    pub(super) objects: BTreeMap<&'s str, At>,
    suggestions: Cell<u32>,
}

impl<'s> Index<'s> {
    pub(super) fn of(scenario: &'s Scenario) -> Index<'s> {
        let mut index = Index {
            actors: BTreeMap::new(),
            calls: BTreeMap::new(),
            objects: BTreeMap::new(),
            suggestions: Cell::new(0),
        };
        for (actor, lane) in scenario.actors.iter().enumerate() {
            index.actors.entry(lane.name.as_str()).or_insert(actor);
            for (step, what) in lane.steps.iter().enumerate() {
                let at = At { actor, step };
                match what {
                    Step::Issue(call) | Step::Call(call) => {
                        index.calls.entry(call.as_str()).or_insert(at);
                    }
                    Step::GetCancelObject { object, .. } => {
                        index.objects.entry(object.as_str()).or_insert(at);
                    }
                    _ => {}
                }
            }
        }
        index
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
