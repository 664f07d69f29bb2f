//! The candidates for one shrinking step: scenarios with something left out, merged or made
//! smaller.
//!
//! Large removals come first. Steps that are meaningless without the removed one are removed as
//! well: with the issue of a call go its dispatch and its reply; with the target of a cancel goes
//! the cancel.

use std::collections::{BTreeMap, BTreeSet};

use calloff_model::{Code, Window};
use calloff_protocol::history::TimePolicy;
use calloff_protocol::scenario::validate::validate;
use calloff_protocol::scenario::{Expect, Millis, Scenario, Step, Target};

use super::cost::Cost;
use super::nested;

/// All candidates, in order. Each is valid and costs less than the scenario.
pub(super) fn of(scenario: &Scenario) -> Vec<Scenario> {
    let scenario = &Scenario { expect: Expect::default(), ..scenario.clone() };
    let ways = [
        without_an_actor,
        with_two_actors_as_one,
        without_a_call,
        without_an_object,
        with_cancels_by_thread,
        with_simpler_calls,
        without_a_toggle,
        without_a_step,
        without_two_steps,
        with_smaller_numbers,
        with_plain_replies,
        with_a_free_clock,
        nested::of,
    ];
    let cost = Cost::of(scenario);
    let mut found = ways.iter().flat_map(|way| way(scenario)).collect::<Vec<Scenario>>();
    found.retain(|candidate| Cost::of(candidate) < cost && validate(candidate).is_empty());
    found
}

/// The place of a step: its actor and its position.
type At = (usize, usize);

/// All steps, in file order.
fn steps(scenario: &Scenario) -> impl Iterator<Item = (At, &Step)> {
    let lanes = scenario.actors.iter().enumerate();
    lanes.flat_map(|(actor, lane)| lane.steps.iter().enumerate().map(move |(i, s)| ((actor, i), s)))
}

/// The scenario without those steps, and without uses of objects that no step gets any more.
fn without(scenario: &Scenario, is_out: impl Fn(At, &Step) -> bool) -> Scenario {
    let mut smaller = scenario.clone();
    for (actor, lane) in smaller.actors.iter_mut().enumerate() {
        let mut got: BTreeSet<String> = BTreeSet::new();
        let mut at = 0;
        lane.steps.retain(|step| {
            at += 1;
            let is_in = !is_out((actor, at - 1), step);
            match step {
                Step::GetCancelObject { object, .. } if is_in => drop(got.insert(object.clone())),
                _ => {}
            }
            is_in && used(step).is_none_or(|object| got.contains(object))
        });
    }
    smaller
}

/// The object that a step uses.
fn used(step: &Step) -> Option<&str> {
    match step {
        Step::TestCancelObject(object) => Some(object),
        Step::Cancel { target: Target::Object(object), .. } => Some(object),
        _ => None,
    }
}

/// The thread that a step targets.
fn thread_mut(step: &mut Step) -> Option<&mut String> {
    match step {
        Step::GetCancelObject { thread, .. } => Some(thread),
        Step::Cancel { target: Target::Thread(thread), .. } => Some(thread),
        _ => None,
    }
}

/// The call that each step belongs to, on the caller's or on the server's side.
fn calls(scenario: &Scenario) -> BTreeMap<At, String> {
    let mut calls = BTreeMap::new();
    for actor in 0..scenario.actors.len() {
        let mut serving: Vec<&String> = Vec::new();
        for (at, step) in steps(scenario).filter(|((of, _), _)| *of == actor) {
            let call = match step {
                Step::Issue(call) => Some(call),
                Step::Await(waiting) | Step::Call(waiting) => Some(&waiting.call),
                Step::Dispatch(call) => {
                    serving.push(call);
                    Some(call)
                }
                Step::TestCancel => serving.last().copied(),
                Step::Reply(_) => serving.pop(),
                _ => None,
            };
            calls.extend(call.map(|call| (at, call.clone())));
        }
    }
    calls
}

/// The calls that an actor issues, or serves if `is_server`.
fn calls_of(scenario: &Scenario, actor: usize, is_server: bool) -> BTreeSet<String> {
    let own = steps(scenario).filter(|((of, _), _)| *of == actor);
    let call = |step: &Step| match step {
        Step::Issue(call) if !is_server => Some(call.clone()),
        Step::Call(waiting) if !is_server => Some(waiting.call.clone()),
        Step::Dispatch(call) if is_server => Some(call.clone()),
        _ => None,
    };
    own.filter_map(|(_, step)| call(step)).collect()
}

/// Candidates without one actor: either without the calls that it serves, or with those calls kept.
fn without_an_actor(scenario: &Scenario) -> Vec<Scenario> {
    let calls = calls(scenario);
    let mut found = Vec::new();
    for actor in 0..scenario.actors.len() {
        let issued = calls_of(scenario, actor, false);
        let served = calls_of(scenario, actor, true);
        for gone in [&issued | &served, issued] {
            let name = &scenario.actors[actor].name;
            let mut smaller = without(scenario, |at, step| {
                let is_aimed = thread_mut(&mut step.clone()).is_some_and(|thread| thread == name);
                is_aimed || calls.get(&at).is_some_and(|call| gone.contains(call))
            });
            smaller.actors.remove(actor);
            found.push(smaller);
        }
    }
    found
}

/// Candidates in which two actors become one, which takes the steps of the first and then of the
/// second.
fn with_two_actors_as_one(scenario: &Scenario) -> Vec<Scenario> {
    let mut found = Vec::new();
    for first in 0..scenario.actors.len() {
        for second in (0..scenario.actors.len()).filter(|second| *second != first) {
            let (one, other) = (&scenario.actors[first], &scenario.actors[second]);
            for depth in BTreeSet::from([one.depth, other.depth]) {
                let mut smaller = scenario.clone();
                smaller.actors[first].steps.extend(other.steps.iter().cloned());
                smaller.actors[first].depth = depth;
                let threads = smaller.actors.iter_mut().flat_map(|lane| &mut lane.steps);
                for thread in threads.filter_map(thread_mut).filter(|t| **t == other.name) {
                    thread.clone_from(&one.name);
                }
                smaller.actors.remove(second);
                found.push(smaller);
            }
        }
    }
    found
}

fn without_a_call(scenario: &Scenario) -> Vec<Scenario> {
    let calls = calls(scenario);
    let names: BTreeSet<&String> = calls.values().collect();
    let gone = |name: &String| without(scenario, |at, _| calls.get(&at) == Some(name));
    names.into_iter().map(gone).collect()
}

/// The objects that an actor gets, in order.
fn objects(scenario: &Scenario) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for ((actor, _), step) in steps(scenario) {
        if let Step::GetCancelObject { object, .. } = step
            && !found.contains(&(actor, object.as_str()))
        {
            found.push((actor, object));
        }
    }
    found
}

fn without_an_object(scenario: &Scenario) -> Vec<Scenario> {
    let gets = |(actor, name): (usize, &str)| {
        without(scenario, |at, step| {
            let is_it = |object: &str| at.0 == actor && object == name;
            matches!(step, Step::GetCancelObject { object, .. } if is_it(object))
        })
    };
    objects(scenario).into_iter().map(gets).collect()
}

/// Candidates with a cancel by thread in place of a cancel on an object of that thread.
fn with_cancels_by_thread(scenario: &Scenario) -> Vec<Scenario> {
    let mut found = Vec::new();
    for (actor, name) in objects(scenario) {
        let mut smaller = scenario.clone();
        let mut from = String::new();
        for step in &mut smaller.actors[actor].steps {
            match step {
                Step::GetCancelObject { thread, object } if object == name => {
                    from.clone_from(thread);
                }
                Step::Cancel { target, .. } if *target == Target::Object(name.to_owned()) => {
                    *target = Target::Thread(from.clone());
                }
                _ => {}
            }
        }
        found.push(without(&smaller, |at, step| {
            let is_it = |object: &str| at.0 == actor && object == name;
            matches!(step, Step::GetCancelObject { object, .. } if is_it(object))
        }));
    }
    found
}

/// Candidates in which a call is only issued, or in which its issue and await become one step.
fn with_simpler_calls(scenario: &Scenario) -> Vec<Scenario> {
    let mut found = Vec::new();
    for ((actor, at), step) in steps(scenario) {
        match step {
            Step::Call(waiting) => {
                let mut smaller = scenario.clone();
                smaller.actors[actor].steps[at] = Step::Issue(waiting.call.clone());
                found.push(smaller);
            }
            Step::Await(waiting) => {
                let is_issue = |step: &Step| *step == Step::Issue(waiting.call.clone());
                let issued = scenario.actors[actor].steps.iter().position(is_issue);
                for (kept, gone) in issued.into_iter().flat_map(|i| [(i, at), (at, i)]) {
                    let mut smaller = scenario.clone();
                    smaller.actors[actor].steps[kept] = Step::Call(waiting.clone());
                    smaller.actors[actor].steps.remove(gone);
                    found.push(smaller);
                }
            }
            _ => {}
        }
    }
    found
}

/// Candidates without an `enable` or a `disable`, but with the resulting depth from the start.
fn without_a_toggle(scenario: &Scenario) -> Vec<Scenario> {
    let mut found = Vec::new();
    for ((actor, at), step) in steps(scenario) {
        let depth = scenario.actors[actor].depth;
        let depth = match step {
            Step::Enable => depth.checked_add(1),
            Step::Disable => depth.checked_sub(1),
            _ => None,
        };
        if let Some(depth) = depth {
            let mut smaller = scenario.clone();
            smaller.actors[actor].depth = depth;
            smaller.actors[actor].steps.remove(at);
            found.push(smaller);
        }
    }
    found
}

fn without_a_step(scenario: &Scenario) -> Vec<Scenario> {
    let gone = |(at, _)| without(scenario, |other, _| other == at);
    steps(scenario).map(gone).collect()
}

fn without_two_steps(scenario: &Scenario) -> Vec<Scenario> {
    let all: Vec<At> = steps(scenario).map(|(at, _)| at).collect();
    let pairs = (0..all.len()).flat_map(|one| (one + 1..all.len()).map(move |two| (one, two)));
    let gone =
        |(one, two): (usize, usize)| without(scenario, |at, _| at == all[one] || at == all[two]);
    pairs.map(gone).collect()
}

/// A number of seconds for an infinite window: more than any finite one.
const ENDLESS: u64 = 1 << 32;

fn seconds(step: &Step) -> Option<u64> {
    match step {
        Step::Sleep(duration) | Step::Work(duration) => duration.as_seconds(),
        Step::Cancel { window: Window::Seconds(seconds), .. } => Some(u64::from(*seconds)),
        Step::Cancel { window: Window::Infinite, .. } => Some(ENDLESS),
        _ => None,
    }
}

/// The scenario with other numbers of seconds, as given by `new`.
fn with_seconds(scenario: &Scenario, new: impl Fn(At, u64) -> u64) -> Scenario {
    let mut smaller = scenario.clone();
    for (actor, lane) in smaller.actors.iter_mut().enumerate() {
        for (at, step) in lane.steps.iter_mut().enumerate() {
            let Some(old) = seconds(step) else { continue };
            let Ok(new) = u32::try_from(new((actor, at), old)) else { continue };
            match step {
                Step::Sleep(duration) | Step::Work(duration) => *duration = Millis::seconds(new),
                Step::Cancel { window, .. } => *window = Window::Seconds(new),
                _ => {}
            }
        }
    }
    smaller
}

/// The values that a number may be reduced to: a few that cover most cases.
fn below(number: u64) -> BTreeSet<u64> {
    let values = [0, 1, 2, 3, number / 2, number.saturating_sub(1)];
    values.into_iter().filter(|value| *value < number).collect()
}

/// Candidates with smaller seconds: all of them, as small as their order allows; all equal ones
/// together; each one alone. Then candidates with smaller depths.
fn with_smaller_numbers(scenario: &Scenario) -> Vec<Scenario> {
    let all: BTreeSet<u64> = steps(scenario).filter_map(|(_, step)| seconds(step)).collect();
    let rank = |number| match number {
        ENDLESS => number,
        number => all.range(..=number).filter(|seconds| **seconds > 0).count() as u64,
    };
    let mut found = vec![with_seconds(scenario, |_, old| rank(old))];
    for &number in &all {
        let equal = |new| with_seconds(scenario, |_, old| if old == number { new } else { old });
        found.extend(below(number).into_iter().map(equal));
    }
    for (at, step) in steps(scenario) {
        let alone = |new| with_seconds(scenario, |of, old| if of == at { new } else { old });
        found.extend(seconds(step).into_iter().flat_map(below).map(alone));
    }
    for (actor, lane) in scenario.actors.iter().enumerate() {
        for depth in below(u64::from(lane.depth)) {
            let mut smaller = scenario.clone();
            smaller.actors[actor].depth = u32::try_from(depth).expect("less than a depth");
            found.push(smaller);
        }
    }
    found
}

fn with_plain_replies(scenario: &Scenario) -> Vec<Scenario> {
    let mut found = Vec::new();
    for ((actor, at), step) in steps(scenario) {
        if matches!(step, Step::Reply(_)) {
            let mut smaller = scenario.clone();
            smaller.actors[actor].steps[at] = Step::Reply(Code::S_OK);
            found.push(smaller);
        }
    }
    found
}

fn with_a_free_clock(scenario: &Scenario) -> Vec<Scenario> {
    vec![Scenario { time: TimePolicy::Free, ..scenario.clone() }]
}
