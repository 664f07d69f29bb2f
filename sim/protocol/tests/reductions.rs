//! The survey finds what the full search finds, with each set of reductions.
//!
//! `CALLOFF_REDUCTIONS=1` takes scenarios with large graphs, too.

use calloff_model::Reading;
use calloff_protocol::exploration::{Bound, Exploration, Limits, Reduction, Reductions, Stop};
use calloff_protocol::faults::Seeded;
use calloff_protocol::program::{Case, Program};
use calloff_protocol::scenario::Scenario;
use calloff_protocol::search;
use calloff_protocol::survey::{ends, survey};
use calloff_protocol::world::Fault;

/// The corpus but for client programs, which are explored in full.
fn corpus() -> impl Iterator<Item = Scenario> {
    let files = calloff_scenarios::corpus().into_iter();
    let parse = |file: calloff_scenarios::File| {
        Scenario::parse(&file.path, file.bytes).expect("it is good")
    };
    files.map(parse).filter(|scenario| !Program::new(scenario).is_client)
}

/// Every set of reductions that is of interest: all, none, each alone, all but each.
fn sets() -> Vec<Reductions> {
    let all = Reductions::default();
    let but =
        |reduction| Reduction::OF_PROTOCOL.into_iter().filter(move |other| *other != reduction);
    let alone = |reduction| but(reduction).fold(all, Reductions::without);
    let mut sets = vec![all, Reductions::NONE];
    sets.extend(Reduction::OF_PROTOCOL.into_iter().map(alone));
    sets.extend(Reduction::OF_PROTOCOL.into_iter().map(|reduction| all.without(reduction)));
    sets
}

fn hold(
    case: &Case,
    fault: Option<&'static Fault>,
    name: &str,
    full: &Exploration,
    sets: &[Reductions],
) {
    for &reductions in sets {
        let what = format!("{name}, {}, {reductions}", case.reading);
        let limits = Limits::default();
        let found = survey(case, fault, &limits, reductions, &Stop::default());
        assert_eq!(found.bound, Bound::Exhausted, "{what}");
        assert!(found.states <= full.states, "{what}: {} > {}", found.states, full.states);
        assert!(found.outcomes.iter().eq(full.outcomes.keys()), "outcomes of {what}");
        assert!(found.violated.iter().eq(full.violations.keys()), "clauses of {what}");
        assert!(found.seen == full.seen, "facets of {what}");
        assert!(found.returned.iter().eq(full.returned.keys()), "codes of {what}");
        let alone = ends(case, fault, &limits, reductions, &Stop::default());
        assert_eq!(alone.outcomes, found.outcomes, "ends of {what}");
        assert!(alone.states <= found.states, "{what}: {} > {}", alone.states, found.states);
    }
}

fn full(case: &Case, fault: Option<&'static Fault>, states_max: u64) -> Option<Exploration> {
    let limits = Limits { states_max, ..Limits::default() };
    let full = search::explore(case, fault, &limits, &Stop::default());
    (full.bound == Bound::Exhausted).then_some(full)
}

#[test]
fn a_survey_finds_what_the_full_search_finds() {
    let states_max = match std::env::var_os("CALLOFF_REDUCTIONS") {
        Some(_) => 200_000,
        None => 1_500,
    };
    let mut held = 0;
    for scenario in corpus() {
        for reading in Reading::ALL {
            let case = Case::new(&scenario, reading);
            let Some(full) = full(&case, None, states_max) else { continue };
            hold(&case, None, &scenario.name, &full, &sets());
            held += 1;
        }
    }
    assert!(held > 200, "{held}");
}

#[test]
fn a_survey_of_a_machine_with_a_bug_finds_what_the_full_search_finds() {
    let (states_max, sets) = match std::env::var_os("CALLOFF_REDUCTIONS") {
        Some(_) => (20_000, sets()),
        None => (120, vec![Reductions::default()]),
    };
    let mut held = 0;
    for scenario in corpus() {
        for fault in Seeded::all().filter_map(Seeded::machine) {
            for reading in Reading::ALL {
                let case = Case::new(&scenario, reading);
                let Some(full) = full(&case, Some(fault), states_max) else { continue };
                let name = format!("{}, {}", scenario.name, fault.name);
                hold(&case, Some(fault), &name, &full, &sets);
                held += 1;
            }
        }
    }
    assert!(held > 500, "{held}");
}

/// Two parts that wait: with time passing for `sleeper`, `x` may cancel `b` between the moments
/// at which it would alone, so that `a` is released first and enters `b`'s call after that.
const TWO_CLOCKS: &str = r#"
schema = 1
name = "two-parts-share-a-clock"
time = "free"
[[actor]]
name = "a"
depth = 1
steps = [{ call = "one" }, { dispatch = "two" }, "test_cancel", { reply = "S_OK" }]
[[actor]]
name = "b"
depth = 1
steps = [{ call = "two" }]
[[actor]]
name = "x"
steps = [
    { cancel = { thread = "a", seconds = 5 } },
    { cancel = { thread = "b", seconds = 3 } },
    { dispatch = "one" },
    "test_cancel",
    { reply = "S_OK" },
]
[[actor]]
name = "sleeper"
steps = [{ sleep = 4 }]
"#;

#[test]
fn parts_that_both_wait_are_not_explored_apart() {
    let scenario = Scenario::parse("two.toml", TWO_CLOCKS.as_bytes()).expect("a good file");
    for reading in Reading::ALL {
        let case = Case::new(&scenario, reading);
        let full = full(&case, None, 200_000).expect("it is small");
        hold(&case, None, &scenario.name, &full, &sets());
    }
}
