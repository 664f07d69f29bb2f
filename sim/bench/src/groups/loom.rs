//! The engine `loom` against a test for loom as its documentation shows it, on the same monitor.
//!
//! Both run `Monitor` under loom, and see the same outcomes. The test by hand has a runtime that
//! passes everything on to loom's locks, and joins its threads. *By hand, tuned* counts references
//! outside of loom and joins nothing: the last thread to end notes the outcome.

use std::time::Duration;

use calloff_protocol::exploration::Bound;
use calloff_protocol::program::Case as Explored;
use calloff_protocol::scenario::Scenario;
use calloff_sim::engine::loom::Budget;
use calloff_sim::subjects;

use crate::args::Args;
use crate::group::{Case, Group, Rows, Shown, Variant, What};
use crate::hand_loom::{self, Style};
use crate::numbers::{Numbers, numbers};

/// A window of no seconds, so that the test by hand needs no clock.
const SCENARIO: &str = "schema = 1
name = \"cancel-at-once\"
[[actor]]
name = \"caller\"
depth = 1
steps = [{ call = \"work\" }]
[[actor]]
name = \"server\"
steps = [{ dispatch = \"work\" }, \"test_cancel\", { reply = \"S_OK\" }]
[[actor]]
name = \"canceller\"
steps = [{ cancel = { thread = \"caller\", seconds = 0 } }]
";

/// The group. There is one case: caller, server, canceller.
pub fn group(args: &Args) -> Group {
    let time_max = Duration::from_secs(if args.quick { 5 } else { 20 });
    let by_hand = |name, style| Variant::new(name, move |_, _| Ok(hand(style, time_max)));
    Group {
        name: "loom",
        title: "Every order of the monitor's lock operations, under loom",
        cases: vec![Case::named("cancel-at-once")],
        variants: vec![
            Variant::new("calloff's engine", |_, _| engine()),
            by_hand("by hand, tuned", Style::Tuned),
            by_hand("by hand", Style::Documented),
        ],
        tables: vec![
            Shown { number: "cpu_seconds", title: "CPU seconds", what: What::Median },
            Shown { number: "cpu_seconds", title: "their spread", what: What::Spread },
            Shown { number: "executions", title: "executions", what: What::Count },
            Shown { number: "outcomes", title: "outcomes", what: What::Count },
        ],
        rows: Rows::Variants,
        seconds_max: 60.0,
        seconds_enough: 60.0,
    }
}

/// The scenario.
///
/// # Panics
///
/// If it is not valid, which it is.
pub fn case() -> Explored {
    let scenario = Scenario::parse("cancel-at-once.toml", SCENARIO.as_bytes());
    let scenario = scenario.unwrap_or_else(|errors| panic!("{errors}"));
    Explored::new(&scenario, hand_loom::READING)
}

fn engine() -> Result<Numbers, String> {
    let budget = Budget { executions_max: u64::MAX, preemptions_max: 0 };
    let found = subjects::under_loom(None, &case(), budget).into_exploration();
    match found.bound {
        Bound::Exhausted => Ok(counted(found.executions, found.outcomes.len())),
        other => Err(other.to_string()),
    }
}

fn hand(style: Style, time_max: Duration) -> Numbers {
    let found = hand_loom::explore(style, time_max);
    let mut measured = counted(found.executions, found.outcomes.len());
    measured.insert("is_cut_off".to_owned(), f64::from(u8::from(found.is_cut_off)));
    measured
}

fn counted(executions: u64, outcomes: usize) -> Numbers {
    numbers([("executions", executions as f64), ("outcomes", outcomes as f64)])
}
