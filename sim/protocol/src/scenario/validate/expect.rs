//! Checks of the expectations: they refer to existing names, and to each name once.

use std::collections::{BTreeMap, BTreeSet};

use calloff_model::Reading;

use super::index::Index;
use super::{Fault, Location, Problem};
use crate::clauses::Clause;
use crate::scenario::{ExpectedVerdict, Scenario, Step};

/// Checks the expectations of the scenario.
pub(super) fn check(scenario: &Scenario, index: &Index<'_>, problems: &mut Vec<Problem>) {
    let expect = &scenario.expect;
    if let ExpectedVerdict::Violated { clause } = &expect.verdict
        && !is_clause_id(clause)
    {
        let fault = Fault::ClauseId { clause: clause.clone() };
        problems.push(Problem::new(Location::Clause, fault));
    }
    check_readings(&expect.readings, Location::Readings, Location::Reading, problems);
    check_codes(scenario, index, problems);
    check_stuck(scenario, index, problems);
}

/// Whether the text is the id of a clause that can be violated.
fn is_clause_id(text: &str) -> bool {
    Clause::violable().any(|id| id == text)
}

/// Checks that there are readings, and each of them once.
pub(super) fn check_readings(
    readings: &[Reading],
    whole: Location,
    each: impl Fn(usize) -> Location,
    problems: &mut Vec<Problem>,
) {
    if readings.is_empty() {
        problems.push(Problem::new(whole, Fault::NoReadings));
    }
    let mut first = BTreeMap::new();
    for (index, reading) in readings.iter().enumerate() {
        let earlier = *first.entry(reading).or_insert(index);
        if earlier != index {
            let fault = Fault::ReadingTwice { reading: *reading };
            problems.push(Problem::related(each(index), fault, each(earlier)));
        }
    }
}

fn check_stuck(scenario: &Scenario, index: &Index<'_>, problems: &mut Vec<Problem>) {
    let Some(stuck) = &scenario.expect.stuck else { return };
    if scenario.expect.verdict != ExpectedVerdict::Stuck {
        problems.push(Problem::new(Location::StuckList, Fault::StuckWithoutVerdict));
    }
    if stuck.is_empty() {
        problems.push(Problem::new(Location::StuckList, Fault::NobodyStuck));
    }
    check_stuck_names(scenario, index, stuck, Location::Stuck, problems);
}

/// Checks that each name is that of an actor that has to finish.
pub(super) fn check_stuck_names(
    scenario: &Scenario,
    index: &Index<'_>,
    names: &[String],
    each: impl Fn(usize) -> Location,
    problems: &mut Vec<Problem>,
) {
    let mut first = BTreeMap::new();
    for (entry, name) in names.iter().enumerate() {
        let owned = || name.to_owned();
        let earlier = *first.entry(name).or_insert(entry);
        if earlier != entry {
            let fault = Fault::StuckTwice { actor: owned() };
            problems.push(Problem::related(each(entry), fault, each(earlier)));
            continue;
        }
        let fault = match index.actors.get(name.as_str()) {
            None => {
                let nearest = index.suggest(name, index.actors.keys().copied());
                Fault::UnknownActor { name: owned(), nearest }
            }
            Some(actor) if scenario.actors[*actor].is_daemon => {
                Fault::StuckDaemon { actor: owned() }
            }
            Some(_) => continue,
        };
        problems.push(Problem::new(each(entry), fault));
    }
}

fn check_codes(scenario: &Scenario, index: &Index<'_>, problems: &mut Vec<Problem>) {
    let mut seen = BTreeSet::new();
    for (entry, codes) in scenario.expect.codes.iter().enumerate() {
        let name = codes.actor.as_str();
        if !seen.insert(name) {
            let fault = Fault::CodesTwice { actor: name.to_owned() };
            problems.push(Problem::new(Location::CodesActor(entry), fault));
            continue;
        }
        let Some(actor) = index.actors.get(name) else {
            let nearest = index.suggest(name, index.actors.keys().copied());
            let fault = Fault::UnknownActor { name: name.to_owned(), nearest };
            problems.push(Problem::new(Location::CodesActor(entry), fault));
            continue;
        };
        let actor = &scenario.actors[*actor];
        if actor.is_daemon {
            let fault = Fault::CodesOfDaemon { actor: name.to_owned() };
            problems.push(Problem::new(Location::CodesActor(entry), fault));
            continue;
        }
        let steps = Step::all(&actor.steps).filter(|step| step.returns_code()).count();
        let lists = codes.steps.len();
        if steps != lists {
            let fault = Fault::CodesCount { actor: name.to_owned(), steps, lists };
            problems.push(Problem::new(Location::Codes(entry), fault));
        }
    }
}
