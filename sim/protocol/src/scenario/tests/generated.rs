//! Property test: valid scenarios of every shape are unchanged after printing and parsing.

use std::collections::BTreeSet;

use calloff_model::{Code, Reading, Window};
use proptest::prelude::*;

use super::super::language::CLOCK;
use super::super::validate::validate;
use super::super::{
    Actor, Expect, ExpectedCodes, ExpectedVerdict, Scenario, Step, Target, TimePolicy,
};
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

/// Turns seeds into steps that fit together.
struct Builder {
    actors: Vec<String>,
    calls: Vec<String>,
    objects: Vec<String>,
    issued: usize,
    dispatched: usize,
}

impl Builder {
    fn steps(&mut self, seeds: &[Seed]) -> Vec<Step> {
        let mut pending: Vec<String> = Vec::new();
        let mut got: Vec<String> = Vec::new();
        let mut serving = 0;
        let mut steps = Vec::new();
        for &(kind, pick, number) in seeds {
            let thread = self.actors[pick % self.actors.len()].clone();
            let step = match kind % 12 {
                0 => Step::Enable,
                1 => Step::Disable,
                2 => self.issue().map_or(Step::Enable, |call| {
                    pending.push(call.clone());
                    Step::Issue(call)
                }),
                3 => pending.pop().map_or(Step::TestCancel, Step::Await),
                4 => self.issue().map_or(Step::Disable, Step::Call),
                5 if self.dispatched < self.calls.len() => {
                    serving += 1;
                    self.dispatched += 1;
                    Step::Dispatch(self.calls[self.dispatched - 1].clone())
                }
                6 if serving > 0 => {
                    serving -= 1;
                    Step::Reply(code(number))
                }
                7 => {
                    let object = self.objects[pick % self.objects.len()].clone();
                    got.push(object.clone());
                    Step::GetCancelObject { thread, object }
                }
                8 if !got.is_empty() => Step::TestCancelObject(got[pick % got.len()].clone()),
                9 if !got.is_empty() => {
                    let target = Target::Object(got[pick % got.len()].clone());
                    Step::Cancel { target, window: Window::from_ul_seconds(number) }
                }
                10 => Step::Cancel {
                    target: Target::Thread(thread),
                    window: if number % 2 == 0 {
                        Window::Infinite
                    } else {
                        Window::Seconds(number / 2)
                    },
                },
                11 => Step::Work(number),
                _ => Step::Sleep(number),
            };
            steps.push(step);
        }
        steps
    }

    fn issue(&mut self) -> Option<String> {
        let call = self.calls.get(self.issued)?.clone();
        self.issued += 1;
        Some(call)
    }
}

fn expectation(actors: &[Actor], seed: u32, codes: &[u32]) -> Expect {
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
        steps: actor
            .steps
            .iter()
            .filter(|step| step.returns_code())
            .map(|_| codes.iter().map(|number| code(*number)).collect())
            .collect(),
    };
    let codes = actors.iter().rev().take(seed as usize % 5).map(sets).collect();
    Expect { verdict, readings, codes }
}

fn valid_scenario() -> impl Strategy<Value = Scenario> {
    let names = || proptest::collection::vec(odd_name(), 1..5);
    let lanes = proptest::collection::vec(proptest::collection::vec(any::<Seed>(), 0..14), 5);
    let summary = proptest::collection::vec(any::<char>(), 0..20);
    let codes = proptest::collection::vec(any::<u32>(), 0..4);
    let texts = (odd_name(), summary, names(), names(), names());
    (texts, lanes, any::<u32>(), any::<u32>(), codes).prop_map(
        |((name, summary, actors, calls, objects), lanes, seed, depth, codes)| {
            let (actors, calls) = (distinct(actors), distinct(calls));
            let mut builder =
                Builder { actors: actors.clone(), calls, objects, issued: 0, dispatched: 0 };
            let lane = |(name, seeds): (String, &Vec<Seed>)| {
                let steps = builder.steps(seeds);
                Actor { name, depth: if depth.is_multiple_of(2) { 0 } else { depth }, steps }
            };
            let mut actors: Vec<Actor> = actors.into_iter().zip(&lanes).map(lane).collect();
            // Every call that was dispatched must be issued by some actor.
            let missing = builder.calls.split_off(builder.issued);
            actors[0].steps.extend(missing.into_iter().map(Step::Issue));
            Scenario {
                name,
                summary: summary.into_iter().collect(),
                time: if seed.is_multiple_of(2) { TimePolicy::Free } else { TimePolicy::Urgent },
                expect: expectation(&actors, seed, &codes),
                actors,
            }
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
}

#[test]
fn what_is_as_by_default_is_left_out_of_the_file() {
    let actor = Actor { name: "a".to_owned(), depth: 0, steps: vec![Step::Enable] };
    let scenario = Scenario {
        name: "n".to_owned(),
        summary: String::new(),
        time: TimePolicy::Free,
        actors: vec![actor],
        expect: Expect::default(),
    };
    let expected = "schema = 1\nname = \"n\"\n\n[[actor]]\nname = \"a\"\nsteps = [\"enable\"]\n";
    assert_eq!(scenario.to_toml(), expected);
}

/// The id of some clause that can be violated.
fn clause(seed: usize) -> String {
    let ids: Vec<&str> = crate::clauses::Clause::violable().collect();
    ids[seed % ids.len()].to_owned()
}
