//! The engine `exhaustive` against shuttle's own depth-first search, on the shipped monitor.
//!
//! *At every operation* comes closest to plain `shuttle::check_dfs`, and is kinder: shuttle's own
//! locks let others step before a lock is released, too, and there a clock would be one more task
//! with lock operations of its own. *Same choices* gives depth-first search the board's reduction
//! as well: what is left is what remembering states is worth by itself.

use std::cell::Cell;
use std::rc::Rc;

use calloff_model::{Monitor, Reading};
use calloff_protocol::exploration::{Bound, Exploration, Limits, Scope};
use calloff_protocol::program::Case as Explored;
use calloff_protocol::scenario::Scenario;
use calloff_sim::drive;
use calloff_sim::engine::{exhaustive, sampled};
use calloff_sim::runtime::shuttle::ShuttleRuntime;

use crate::args::Args;
use crate::group::{Case, Group, Rows, Shown, Variant, What};
use crate::numbers::{Numbers, numbers, stop_after_cpu};

/// Scenarios of three and of five actors.
const SCENARIOS: [&str; 2] = ["races/cancel-meets-reply", "races/three-cancellers"];

/// The searches. A depth-first one chooses where `exhaustive` does, or at every operation.
const SEARCHES: [(&str, Option<bool>); 3] = [
    ("exhaustive", None),
    ("DFS, same choices", Some(false)),
    ("DFS, every operation", Some(true)),
];

/// The group.
pub fn group(args: &Args) -> Group {
    let seconds = if args.quick { 5.0 } else { 20.0 };
    let variant =
        |(name, is_careful)| Variant::new(name, move |case, _| explore(case, is_careful, seconds));
    Group {
        name: "exhaustive",
        title: "Every interleaving of the monitor's lock operations",
        cases: SCENARIOS.map(Case::named).into(),
        variants: SEARCHES.map(variant).into(),
        tables: vec![
            Shown { number: "cpu_seconds", title: "CPU seconds", what: What::Median },
            Shown { number: "cpu_seconds", title: "their spread", what: What::Spread },
            Shown { number: "executions", title: "executions", what: What::Count },
            Shown { number: "outcomes", title: "outcomes", what: What::Count },
            Shown {
                number: "executions_to_last",
                title: "executions to the last new outcome",
                what: What::Count,
            },
        ],
        rows: Rows::Variants,
        seconds_max: 120.0,
        seconds_enough: 120.0,
    }
}

/// A scenario of the corpus, under its first reading.
pub(super) fn of_corpus(name: &str) -> Result<Explored, String> {
    let file = format!("{name}.toml");
    let all = calloff_scenarios::corpus();
    let shipped = all.iter().find(|one| one.path == file).ok_or("no such scenario")?;
    let scenario = Scenario::parse(&file, shipped.bytes).map_err(|errors| errors.to_string())?;
    Ok(Explored::new(&scenario, Reading::ALL[0]))
}

fn explore(name: &str, is_careful: Option<bool>, seconds: f64) -> Result<Numbers, String> {
    let (case, stop) = (of_corpus(name)?, stop_after_cpu(seconds));
    let make = drive::make::<_, Monitor<ShuttleRuntime>>();
    let last = Rc::new(Cell::new(0));
    let found: Exploration = match is_careful {
        None => {
            let scope = Scope { spurious_max: Some(0), ..Scope::default() };
            exhaustive::explore(&make, &case, &scope, &Limits::default(), &stop)
        }
        Some(is_careful) => {
            let last = last.clone();
            let note = move |executions| last.set(executions);
            sampled::explore_depth_first(&make, &case, is_careful, &stop, note)
        }
    };
    // What `exhaustive` has seen is complete when it is over, and not before.
    let last = if is_careful.is_none() { found.executions } else { last.get() };
    Ok(numbers([
        ("executions", found.executions as f64),
        ("outcomes", found.outcomes.len() as f64),
        ("executions_to_last", last as f64),
        ("is_cut_off", f64::from(u8::from(found.bound != Bound::Exhausted))),
    ]))
}
