//! Property test: valid scenarios of every shape are unchanged after printing and parsing.

mod builder;

use std::collections::BTreeSet;

use builder::Builder;
use calloff_model::{Code, Reading};
use proptest::prelude::*;

use super::super::language::CLOCK;
use super::super::validate::validate;
use super::super::{
    Actor, CustomObject, EventObject, Expect, ExpectedCodes, ExpectedVerdict, Question, Scenario,
    Step, TimePolicy,
};
use super::of_actors;
use crate::text::is_visible;

/// The raw material of one step: a kind, one of the names, and a number.
type Seed = (u8, usize, u32);

/// Names that need quoting: quotes, markup, spaces, other scripts, TOML's own characters.
const ODD: &[&str] = &[
    "a",
    "<b>&amp;</b>",
    "\"quoted\"",
    "it's",
    "back\\slash",
    "two words",
    "日本語",
    "🦀",
    "é",
    "a.b",
    "[x]",
    "# no comment",
    "=",
    "{",
    "e\u{301}",
    "אב مر",
    "infinite",
    "''",
    "%s",
];

fn odd_name() -> impl Strategy<Value = String> {
    let any = "\\PC{1,12}".prop_filter("visible", |name| name.chars().all(is_visible));
    prop_oneof![proptest::sample::select(ODD).prop_map(str::to_owned), any]
}

/// Makes the names different from each other and from the reserved one.
fn distinct(names: Vec<String>) -> Vec<String> {
    let mut seen = BTreeSet::from([CLOCK.to_owned()]);
    let mut numbered = 0_usize..;
    let mut make = |mut name: String| {
        while !seen.insert(name.clone()) {
            name = format!("{name}{}", numbered.next().expect("numbers never end"));
        }
        name
    };
    names.into_iter().map(&mut make).collect()
}

fn code(number: u32) -> Code {
    let named = Code::NAMED[number as usize % Code::NAMED.len()].1;
    if number.is_multiple_of(3) { Code(number) } else { named }
}

fn expectation(scenario: &Scenario, calls: &[String], seed: u32, codes: &[u32]) -> Expect {
    let verdict = match seed % 3 {
        0 => ExpectedVerdict::Holds,
        1 => ExpectedVerdict::Stuck,
        _ => ExpectedVerdict::Violated { clause: clause(seed as usize / 3) },
    };
    let mut readings = Reading::ALL.to_vec();
    readings.rotate_left(seed as usize % 4);
    readings.truncate(1 + (seed / 4) as usize % 4);
    let sets = |actor: &Actor| ExpectedCodes {
        actor: actor.name.clone(),
        steps: Step::all(&actor.steps)
            .filter(|step| step.returns_code())
            .map(|_| codes.iter().map(|number| code(*number)).collect())
            .collect(),
    };
    let actors = || scenario.actors.iter().filter(|actor| !actor.is_daemon);
    let names: Vec<String> = actors().map(|actor| actor.name.clone()).collect();
    let stuck = || names[..1 + seed as usize / 5 % names.len()].to_vec();
    let question = |number: &u32| Question {
        why: if number.is_multiple_of(2) { String::new() } else { "why \"not\"?".to_owned() },
        codes: vec![wanted(*number, &names, calls)],
        stuck: if number.is_multiple_of(3) { Vec::new() } else { stuck() },
        readings: number.is_multiple_of(5).then(|| readings[..1].to_vec()),
    };
    let half = codes.len() / 2;
    Expect {
        stuck: (verdict == ExpectedVerdict::Stuck && seed.is_multiple_of(2)).then(stuck),
        verdict,
        codes: actors().rev().take(seed as usize % 5).map(sets).collect(),
        never: codes[..half].iter().map(question).collect(),
        possible: codes[half..].iter().map(question).collect(),
        readings,
    }
}

/// A code of a question, perhaps with who returns it.
fn wanted(number: u32, actors: &[String], calls: &[String]) -> String {
    let code = code(number).name();
    let names = [actors, calls, &["cancel".to_owned(), "await".to_owned()]].concat();
    let name = &names[number as usize % names.len()];
    if name.trim() == name { format!("{name}={code}") } else { code }
}

/// What actors share: events, locks and cancel objects.
fn shared(names: Vec<String>, builder: &mut Builder, seeds: &[Seed], scenario: &mut Scenario) {
    for (index, name) in distinct(names).into_iter().enumerate() {
        let (is_auto, is_set) = (index % 2 == 1, index % 3 == 1);
        builder.shared.push(name.clone());
        scenario.events.push(EventObject { name: name.clone(), is_auto, is_set });
        scenario.locks.push(name.clone());
        scenario.cancel_objects.push(CustomObject {
            name,
            has_interface: index % 2 == 0,
            steps: Vec::new(),
            returns: seeds[..seeds.len().min(index)].iter().map(|seed| code(seed.2)).collect(),
        });
    }
    for object in &mut scenario.cancel_objects {
        object.steps = builder.steps_of_object(seeds, object.has_interface);
        if object.returns.is_empty() {
            object.returns.push(Code::S_OK);
        }
    }
}

fn valid_scenario() -> impl Strategy<Value = Scenario> {
    let names = || proptest::collection::vec(odd_name(), 1..5);
    let lanes = proptest::collection::vec(proptest::collection::vec(any::<Seed>(), 0..24), 5);
    let summary = proptest::collection::vec(any::<char>(), 0..20);
    let codes = proptest::collection::vec(any::<u32>(), 0..6);
    let texts = (odd_name(), summary, names(), names(), names(), names());
    (texts, lanes, any::<u32>(), any::<u32>(), codes).prop_map(
        |((name, summary, actors, calls, objects, common), lanes, seed, depth, codes)| {
            let (actors, calls) = (distinct(actors), distinct(calls));
            let mut scenario = of_actors([]);
            scenario.name = name;
            scenario.summary = summary.into_iter().collect();
            if !seed.is_multiple_of(2) {
                scenario.time = TimePolicy::Urgent;
            }
            let mut builder = Builder::new(actors.clone(), calls.clone(), objects);
            shared(common, &mut builder, &lanes[4][..lanes[4].len() / 2], &mut scenario);
            for (index, (name, seeds)) in actors.into_iter().zip(&lanes).enumerate() {
                let is_daemon = index > 0 && (seed >> index).is_multiple_of(3);
                let depth = if depth.is_multiple_of(2) { 0 } else { depth };
                let steps = builder.lane(index, seeds);
                scenario.actors.push(Actor { name, depth, is_daemon, steps });
            }
            // Every call that was dispatched must be issued by some actor.
            scenario.actors[0].steps.extend(builder.left().map(Step::Issue));
            scenario.expect = expectation(&scenario, &calls, seed, &codes);
            scenario
        },
    )
}

proptest! {
    #[test]
    fn a_valid_scenario_prints_as_a_file_that_means_the_same(scenario in valid_scenario()) {
        prop_assert_eq!(validate(&scenario), []);
        let file = scenario.to_toml();
        match Scenario::parse("printed.toml", file.as_bytes()) {
            Ok(parsed) => prop_assert_eq!(parsed, scenario),
            Err(errors) => prop_assert!(false, "{}\n{}", errors, file),
        }
    }

    #[test]
    fn a_printed_line_is_long_only_where_it_cannot_be_broken(scenario in valid_scenario()) {
        for line in scenario.to_toml().lines().filter(|line| line.starts_with("    ")) {
            let is_of_steps = ["repeat", "if", "serving"].iter().any(|word| line.contains(word));
            let is_broken = line.ends_with('[') || line.trim_start().starts_with(']');
            let is_long = line.chars().count() > 100;
            prop_assert!(!is_long || !is_of_steps || is_broken || line.contains("[]"), "{}", line);
        }
    }
}

#[test]
fn what_is_as_by_default_is_left_out_of_the_file() {
    let scenario = of_actors([("a", vec![Step::Enable])]);
    let expected = "schema = 1\nname = \"n\"\n\n[[actor]]\nname = \"a\"\nsteps = [\"enable\"]\n";
    assert_eq!(scenario.to_toml(), expected);
}

/// The id of some clause that can be violated.
fn clause(seed: usize) -> String {
    let ids: Vec<&str> = crate::clauses::Clause::violable().collect();
    ids[seed % ids.len()].to_owned()
}
