//! The numbers for the names of a scenario.

use std::collections::BTreeMap;

use calloff_model::{CallId, CustomId};

use super::flow::Test;
use super::{CallInfo, id};
use crate::history::{ActorId, EventId, LockId};
use crate::scenario::{Condition, Millis, Scenario, Step};

/// Every step of the file.
pub(super) fn every_step(scenario: &Scenario) -> impl Iterator<Item = &Step> {
    let objects = scenario.cancel_objects.iter().map(|object| &object.steps);
    let lists = scenario.actors.iter().map(|actor| &actor.steps).chain(objects);
    lists.flat_map(|steps| Step::all(steps))
}

/// The numbers for the names of a scenario.
pub(super) struct Names<'s> {
    pub(super) scenario: &'s Scenario,
    pub(super) actors: BTreeMap<&'s str, ActorId>,
    pub(super) calls: BTreeMap<&'s str, CallId>,
    pub(super) events: BTreeMap<&'s str, EventId>,
    pub(super) locks: BTreeMap<&'s str, LockId>,
    pub(super) customs: BTreeMap<&'s str, CustomId>,
    pub(super) infos: Vec<CallInfo>,
    pub(super) ticks_per_second: u32,
}

fn numbered<'s, T>(
    names: impl Iterator<Item = &'s String>,
    number: impl Fn(u32) -> T,
) -> BTreeMap<&'s str, T> {
    (0..).zip(names).map(|(at, name)| (name.as_str(), number(at))).collect()
}

impl<'s> Names<'s> {
    pub(super) fn of(scenario: &'s Scenario) -> Names<'s> {
        let durations = every_step(scenario).filter_map(|step| match step {
            Step::Sleep(duration) | Step::Work(duration) => Some(*duration),
            Step::Wait { timeout, .. } | Step::Join { timeout, .. } => *timeout,
            _ => None,
        });
        let is_fine = durations.map(Millis::as_seconds).any(|seconds| seconds.is_none());
        let mut names = Names {
            scenario,
            actors: numbered(scenario.actors.iter().map(|actor| &actor.name), ActorId),
            calls: BTreeMap::new(),
            events: numbered(scenario.events.iter().map(|event| &event.name), EventId),
            locks: numbered(scenario.locks.iter(), LockId),
            customs: numbered(scenario.cancel_objects.iter().map(|object| &object.name), CustomId),
            infos: Vec::new(),
            ticks_per_second: if is_fine { 1000 } else { 1 },
        };
        for (caller, actor) in (0..).map(ActorId).zip(&scenario.actors) {
            names.add_calls(caller, &actor.steps, (false, None));
        }
        for step in scenario.actors.iter().flat_map(|actor| Step::all(&actor.steps)) {
            if let Step::Await(waiting) = step {
                let call = names.calls[waiting.call.as_str()];
                names.infos[call.0 as usize].has_filter |= waiting.has_filter;
            }
        }
        names
    }

    /// Adds the calls that these steps issue: whether the steps may run more than once, and in the
    /// wait for which call they are a handler's.
    fn add_calls(
        &mut self,
        caller: ActorId,
        steps: &'s [Step],
        (repeats, within): (bool, Option<CallId>),
    ) {
        for step in steps {
            let issued = match step {
                Step::Issue(name) => Some((name, false)),
                Step::Call(waiting) => Some((&waiting.call, waiting.has_filter)),
                _ => None,
            };
            if let Some((name, has_filter)) = issued {
                self.calls.insert(name, CallId(id(self.infos.len())));
                let name = name.clone();
                self.infos.push(CallInfo { name, caller, repeats, has_filter, within });
            }
            let is_loop = !matches!(step, Step::If { .. });
            let within = match step {
                Step::Await(waiting) | Step::Call(waiting) => {
                    self.calls.get(waiting.call.as_str()).copied()
                }
                _ => within,
            };
            for list in step.lists() {
                self.add_calls(caller, list, (repeats || is_loop, within));
            }
        }
    }

    pub(super) fn call(&self, name: &str) -> CallId {
        self.calls[name]
    }

    pub(super) fn ticks(&self, duration: Millis) -> u64 {
        match self.ticks_per_second {
            1 => duration.0 / 1000,
            _ => duration.0,
        }
    }

    pub(super) fn test(&self, condition: &Condition) -> Test {
        let all = |list: &[Condition]| list.iter().map(|c| self.test(c)).collect();
        match condition {
            Condition::Succeeded => Test::Succeeded,
            Condition::Failed => Test::Failed,
            Condition::Codes(codes) => Test::Codes(codes.clone()),
            Condition::Set(event) => Test::Set(self.events[event.as_str()]),
            Condition::Finished(actor) => Test::Finished(self.actors[actor.as_str()]),
            Condition::Not(condition) => Test::Not(Box::new(self.test(condition))),
            Condition::All(list) => Test::All(all(list)),
            Condition::Any(list) => Test::Any(all(list)),
        }
    }
}
