//! How `exhaustive` compares with shuttle's own depth-first search, on the real monitor.
//!
//! ```sh
//! cargo bench -p calloff-sim --bench exhaustive_vs_dfs               # searches cut off at 60 s
//! cargo bench -p calloff-sim --bench exhaustive_vs_dfs -- --quick    # at 10 s
//! ```
//!
//! `at every operation` comes closest to plain `shuttle::check_dfs`, and is kinder: shuttle's own
//! locks let others step before a lock is released, too, and there a clock would be one more task
//! with lock operations of its own. (Of a program written for plain shuttle nothing is measured.)
//! `where exhaustive chooses` gives depth-first search the board's reduction as well: what is left
//! is what remembering states is worth by itself.
//!
//! | on two busy cores | executions | seconds | all outcomes after |
//! |---|---|---|---|
//! | 3 actors, `exhaustive` | 273, exhausted | 0.007 | 273 |
//! | 3 actors, at every operation | 38 168, exhausted: 140 times | 1.06: 151 times | 3 856 |
//! | 3 actors, where `exhaustive` chooses | 25 712, exhausted: 94 times | 0.42: 60 times | 2 686 |
//! | 5 actors, `exhaustive` | 384, exhausted | 0.030 | 384 |
//! | 5 actors, at every operation | 1 088 332, cut off | 60 | 3 361 |
//! | 5 actors, where `exhaustive` chooses | 1 111 095, cut off | 60 | 1 301 |
//!
//! Depth-first search has *seen* every outcome long before it is over, but does not know that.
//!
//! It measures and prints, and asserts no time. The searches take turns, so that whatever else the
//! computer does slows all of them.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use calloff_model::{Monitor, Reading};
use calloff_protocol::exploration::{Bound, Exploration, Limits, Scope};
use calloff_protocol::program::{Case, Program};
use calloff_protocol::scenario::Scenario;
use calloff_sim::drive;
use calloff_sim::engine::{exhaustive, sampled};
use calloff_sim::runtime::shuttle::ShuttleRuntime;
use calloff_sim::time::stop_after;

type Real = Monitor<ShuttleRuntime>;

const READING: Reading = Reading::ALL[0];

/// Each scenario, with how often each search is run.
const SCENARIOS: [(&str, usize); 2] =
    [("races/cancel-meets-reply.toml", 3), ("races/three-cancellers.toml", 1)];

/// The searches. A depth-first one chooses where `exhaustive` does, or at every operation.
const SEARCHES: [(&str, Option<bool>); 3] = [
    ("exhaustive", None),
    ("depth-first, where exhaustive chooses", Some(false)),
    ("depth-first, at every operation", Some(true)),
];

/// One run of one search.
struct Measured {
    executions: u64,
    time: Duration,
    is_exhausted: bool,
    outcomes: usize,
    /// The executions and the time until the last new outcome was seen.
    last_new: (u64, Duration),
}

fn main() {
    let seconds = if std::env::args().any(|argument| argument == "--quick") { 10 } else { 60 };
    println!(
        "searches are cut off after {seconds} s; `at every operation`: tasks are interruptible"
    );
    println!(
        "at waits and notifications, too, as with plain shuttle, but not at releases of locks\n"
    );
    for (file, repetitions) in SCENARIOS {
        compare(file, repetitions, seconds);
    }
}

fn program(file: &str) -> Arc<Program> {
    let corpus = calloff_scenarios::corpus();
    let bytes = corpus.iter().find(|one| one.path == file).expect("a shipped scenario").bytes;
    let scenario = Scenario::parse(file, bytes).unwrap_or_else(|errors| panic!("{errors}"));
    Arc::new(Program::new(&scenario))
}

fn compare(file: &str, repetitions: usize, seconds: u64) {
    let program = program(file);
    println!("{file}: {} actors, {READING}, the fastest of {repetitions}", program.lanes.len());
    let mut best: [Option<Measured>; SEARCHES.len()] = Default::default();
    for _ in 0..repetitions {
        for ((_, careful), best) in SEARCHES.iter().zip(&mut best) {
            let run = measure(&program, *careful, seconds);
            if best.as_ref().is_none_or(|best| run.time < best.time) {
                *best = Some(run);
            }
        }
    }
    let runs: Vec<Measured> = best.into_iter().flatten().collect();
    let (all, base) = (runs[0].outcomes, &runs[0]);
    for ((name, _), run) in SEARCHES.iter().zip(&runs) {
        let end = if run.is_exhausted { "exhausted" } else { "cut off" };
        println!(
            "  {name}: {end}, {} executions, {:.3} s; {} of {all} outcomes, the last after {} \
             executions, {:.3} s",
            run.executions,
            run.time.as_secs_f64(),
            run.outcomes,
            run.last_new.0,
            run.last_new.1.as_secs_f64(),
        );
    }
    for ((name, _), run) in SEARCHES.iter().zip(&runs).skip(1) {
        let least = if run.is_exhausted { "" } else { "at least " };
        println!(
            "  ratio to `{name}`: {least}{:.1} times the executions, {least}{:.1} times the time",
            run.executions as f64 / base.executions as f64,
            run.time.as_secs_f64() / base.time.as_secs_f64(),
        );
    }
    println!();
}

fn measure(program: &Arc<Program>, careful: Option<bool>, seconds: u64) -> Measured {
    let (stop, started) = (stop_after(seconds), Instant::now());
    let last_new = Rc::new(RefCell::new((0, Duration::ZERO)));
    let note = last_new.clone();
    let (make, case) =
        (drive::make::<_, Real>(), Case { program: program.clone(), reading: READING });
    let found: Exploration = match careful {
        None => {
            let scope = Scope { spurious_max: Some(0), ..Scope::default() };
            exhaustive::explore(&make, &case, &scope, &Limits::default(), &stop)
        }
        Some(is_careful) => {
            let found = move |executions| *note.borrow_mut() = (executions, started.elapsed());
            sampled::explore_depth_first(&make, &case, is_careful, &stop, found)
        }
    };
    let time = started.elapsed();
    // What `exhaustive` has seen is complete when it is over, and not before.
    let last_new = if careful.is_none() { (found.executions, time) } else { *last_new.borrow() };
    Measured {
        executions: found.executions,
        time,
        is_exhausted: found.bound == Bound::Exhausted,
        outcomes: found.outcomes.len(),
        last_new,
    }
}
