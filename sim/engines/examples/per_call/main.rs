//! A third implementation, with a zoo of bugs that the corpus of scenarios has to find.
//!
//! ```sh
//! cargo run --release --example per_call                        # without a bug: all is well
//! cargo run --release --example per_call -- --list              # the bugs that can be planted
//! cargo run --release --example per_call -- --break late-reply-is-taken   # a finding
//! cargo run --release --example per_call -- --measure   # where each is found
//! ```
//!
//! After the flags there may be scenario files or folders; they take the place of the corpus.

mod hunt;
mod locks;

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use calloff_model::StdRuntime;
use calloff_protocol::judge::Source;
use calloff_sim::engine::loom;
use calloff_sim::engine::loom::worker::{Explore, this_program, worker_main};
use calloff_sim::exit::Exit;
use calloff_sim::load::load;
use calloff_sim::pool;
use calloff_sim::verify;
use hunt::{Row, make, measure, named, places, table};
use locks::{BUGS, Bug, PerCall, RIGHT};

/// Scenarios of up to that many actors.
const ACTORS_MAX: usize = 4;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let arg = |at: usize| args.get(at).map(String::as_str);
    match (arg(0), arg(1).and_then(named)) {
        (Some("--list"), _) => {
            list();
            Exit::Met.into()
        }
        (Some("--break"), Some(bug)) => with_sources(&args[2..], |all| break_with(bug, &all)),
        (Some("--break"), None) => {
            eprintln!("there is no such bug; `--list` names them");
            Exit::Usage.into()
        }
        (Some("--measure"), _) => with_sources(&args[1..], |all| measure_all(&all)),
        // `loom` runs in processes of this program.
        (Some("worker"), _) => worker(),
        _ => verify::main_with::<PerCall<StdRuntime>>(args.into_iter()),
    }
}

fn list() {
    for bug in BUGS {
        println!("{:30} {}", bug.name(), bug.sentence());
    }
    println!("\nThese look like bugs, and are none:\n");
    for kin in RIGHT {
        println!("{:30} {}", kin.name(), kin.sentence());
    }
}

fn paths(args: &[String]) -> Vec<PathBuf> {
    args.iter().map(PathBuf::from).collect()
}

fn with_sources(args: &[String], then: impl FnOnce(Vec<Source>) -> Exit) -> ExitCode {
    match load(&paths(args)) {
        Ok(sources) => then(sources).into(),
        Err(bad) => {
            eprintln!("{bad}");
            Exit::BadFile.into()
        }
    }
}

/// The first finding.
fn break_with(bug: Bug, sources: &[Source]) -> Exit {
    for place in places(sources, ACTORS_MAX) {
        if let Some(finding) = place.find(bug) {
            println!("{} under {}:\n  {}", place.file, place.case.reading, finding.message);
            if !finding.schedule.is_empty() {
                println!("  schedule: {}", finding.schedule.join(" "));
            }
            return Exit::Violated;
        }
    }
    println!("{}: not found", bug.name());
    Exit::Met
}

/// The table: for each bug the smallest scenario that shows it, and which engines notice it there.
fn measure_all(sources: &[Source]) -> Exit {
    let (places, worker) = (places(sources, ACTORS_MAX), this_program().ok());
    let rows: Vec<Row> = pool::run(BUGS, 2, |bug| measure(*bug, &places, worker.as_ref()), &|_| ());
    print!("{}", table(&rows));
    let found = rows.iter().filter(|row| row.place != "–").count();
    eprintln!("{found} of {} bugs are found", rows.len());
    if found == rows.len() { Exit::Met } else { Exit::Violated }
}

/// Explores under `loom` what the standard input asks for.
fn worker() -> ExitCode {
    let explore = |bug: Bug| -> Explore {
        Box::new(move |case, budget| loom::explore(&make(Some(bug)), case, budget))
    };
    let all: Vec<(&str, Explore)> = BUGS.iter().map(|bug| (bug.name(), explore(*bug))).collect();
    ExitCode::from(worker_main(io::stdin().lock(), io::stdout().lock(), &all))
}
