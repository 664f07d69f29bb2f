//! Checks of the expectations: they refer to existing names, and to each name once.

use std::collections::{BTreeMap, BTreeSet};

use super::index::Index;
use super::{Fault, Location, Problem};
use crate::clauses::Clause;
use crate::scenario::{Expect, ExpectedVerdict, Scenario, Step};

/// Checks the expectations of the scenario.
pub(super) fn check(scenario: &Scenario, index: &Index<'_>, problems: &mut Vec<Problem>) {
    let expect = &scenario.expect;
    if let ExpectedVerdict::Violated { clause } = &expect.verdict
        && !is_clause_id(clause)
    {
        let fault = Fault::ClauseId { clause: clause.clone() };
        problems.push(Problem::new(Location::Clause, fault));
    }
    check_readings(expect, problems);
    check_codes(scenario, index, problems);
}

/// Whether the text is the id of a clause that can be violated.
fn is_clause_id(text: &str) -> bool {
    Clause::violable().any(|id| id == text)
}

fn check_readings(expect: &Expect, problems: &mut Vec<Problem>) {
    if expect.readings.is_empty() {
        problems.push(Problem::new(Location::Readings, Fault::NoReadings));
    }
    let mut first = BTreeMap::new();
    for (index, reading) in expect.readings.iter().enumerate() {
        let earlier = *first.entry(reading).or_insert(index);
        if earlier != index {
            let fault = Fault::ReadingTwice { reading: *reading };
            let here = Location::Reading(index);
            problems.push(Problem::related(here, fault, Location::Reading(earlier)));
        }
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
        let steps = scenario.actors[*actor].steps.iter();
        let steps = steps.filter(|step| Step::returns_code(step)).count();
        let lists = codes.steps.len();
        if steps != lists {
            let fault = Fault::CodesCount { actor: name.to_owned(), steps, lists };
            problems.push(Problem::new(Location::Codes(entry), fault));
        }
    }
}
