//! All sides of `peers` do the same work: the same states, transitions and ends.

use std::collections::BTreeSet;
use std::time::Duration;

use calloff_bench::hand_loom::{self, Codes, Style};
use calloff_bench::peers::calloff::{Searched, VARIANTS, plain};
use calloff_bench::peers::family::{Detail, Family, Size};
use calloff_bench::peers::hand::{self, Explored};
use calloff_bench::peers::spin::{self, Verifier};
use calloff_bench::peers::stateright::{self, Order};
use calloff_protocol::history::Outcome;
use calloff_sim::engine::loom::Budget;

/// Sizes, with the states and transitions of the smallest model.
const COUNTS: [(&str, u64, u64); 5] = [
    ("1,1", 59, 77),
    ("1,2", 415, 727),
    ("1,3", 2_565, 5_617),
    ("1,4", 14_843, 38_903),
    ("2,2", 4_793, 12_014),
];

fn size(text: &str) -> Size {
    text.parse().expect("a size")
}

/// Every family that is compared, with the search by hand.
fn families() -> Vec<(Family, Explored)> {
    let of = |(text, ..): (&str, u64, u64)| {
        [Detail::Least, Detail::Calloff].map(|detail| Family { size: size(text), detail })
    };
    let families = COUNTS.into_iter().flat_map(of);
    families.map(|family| (family, hand::explore(family))).collect()
}

#[test]
fn the_smallest_model_has_as_many_states_and_transitions_as_ever() {
    for (text, states, transitions) in COUNTS {
        let found = hand::explore(Family::new(size(text)));
        assert_eq!((found.states, found.transitions), (states, transitions), "{text}");
    }
}

#[test]
fn stateright_sees_what_the_search_by_hand_sees() {
    for (family, expected) in families() {
        for order in [Order::Breadth, Order::Depth] {
            assert_eq!(stateright::explore(family, order), expected, "{family:?} {order:?}");
        }
    }
}

#[test]
fn spin_sees_what_the_search_by_hand_sees() {
    if let Some(reason) = spin::skip_reason() {
        println!("skipped: {reason}");
        return;
    }
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("spin");
    for (family, expected) in families() {
        let run = |tells_ends| {
            let model = spin::promela(family, tells_ends);
            let verifier = Verifier::make(&model, &folder).unwrap_or_else(|why| panic!("{why}"));
            verifier.explore(expected.states).unwrap_or_else(|why| panic!("{why}")).seen
        };
        let counted = run(false);
        let counts = (counted.states, counted.transitions);
        assert_eq!(counts, (expected.states, expected.transitions), "{family:?}");
        assert_eq!(run(true).ends, expected.ends, "{family:?}");
    }
}

#[test]
fn every_search_of_calloff_has_the_ends_of_the_others() {
    for (text, ..) in COUNTS {
        let case = size(text).case();
        for detail in [Detail::Least, Detail::Calloff] {
            let family = Family { size: size(text), detail };
            let expected: BTreeSet<Outcome> = family.outcomes(&hand::explore(family).ends);
            for (name, search) in VARIANTS {
                assert_eq!(search(&case).outcomes, expected, "{name} {family:?}");
            }
        }
    }
}

#[test]
fn without_clauses_calloff_has_the_states_and_transitions_of_the_others() {
    for (text, ..) in COUNTS {
        let family = Family { size: size(text), detail: Detail::Calloff };
        let expected = hand::explore(family);
        let Searched { states, transitions, .. } = plain(&size(text).case());
        assert_eq!((states, transitions), (expected.states, expected.transitions), "{text}");
    }
}

#[test]
fn the_test_for_loom_by_hand_has_the_ends_of_the_engine() {
    let found = calloff_sim::subjects::under_loom(
        None,
        &calloff_bench::groups::loom::case(),
        Budget { executions_max: u64::MAX, preemptions_max: 0 },
    );
    let expected: BTreeSet<Codes> = found.outcomes.keys().map(codes).collect();
    assert!(expected.len() > 3 && expected.len() == found.outcomes.len(), "{expected:?}");
    let tuned = hand_loom::explore(Style::Tuned, Duration::MAX);
    assert_eq!((tuned.is_cut_off, tuned.outcomes), (false, expected.clone()));
    // All of it takes minutes.
    let documented = hand_loom::explore(Style::Documented, Duration::from_secs(2));
    assert!(documented.outcomes.is_subset(&expected), "{:?}", documented.outcomes);
}

/// What caller, server and canceller have returned.
fn codes(outcome: &Outcome) -> Codes {
    let code = |actor: usize| outcome.codes[actor].first().map(|(_, code)| *code);
    (code(0).expect("it returns"), code(1), code(2).expect("it returns"))
}
