//! A third implementation, with a zoo of bugs that the corpus of scenarios has to find.
//!
//! ```sh
//! cargo run --release --example per_call                        # the corpus, up to four actors
//! cargo run --release --example per_call -- --list              # the bugs that can be planted
//! cargo run --release --example per_call -- --break late-reply-is-taken    # what a finding looks like
//! cargo run --release --example per_call -- --measure           # where each of them is found
//! ```
//!
//! After the flags there may be scenario files or folders; they take the place of the corpus.

mod hunt;
mod locks;

use std::path::PathBuf;
use std::process::ExitCode;

use calloff_sim::exit::Exit;
use calloff_sim::load::load;
use calloff_sim::runtime::shuttle::ShuttleRuntime;
use calloff_sim::verify::{Subject, verify};
use hunt::{Place, places};
use locks::{BUGS, Bug, PerCall};

/// Scenarios of up to that many actors.
const ACTORS_MAX: usize = 4;

fn main() -> ExitCode {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let flag = if args.is_empty() { String::new() } else { args[0].clone() };
    match flag.as_str() {
        "--list" => {
            list();
            Exit::Met.into()
        }
        "--break" if args.len() > 1 => match BUGS.iter().find(|bug| bug.name() == args[1]) {
            Some(bug) => on_places(&args[2..], |places| break_with(*bug, places)),
            None => {
                eprintln!("there is no bug `{}`; `--list` names them", args[1]);
                Exit::Usage.into()
            }
        },
        "--measure" => on_places(&args.split_off(1), measure),
        _ => verify_right(&args),
    }
}

fn list() {
    for bug in BUGS {
        println!("{:32} {}", bug.name(), bug.sentence());
    }
}

/// Without a bug: the same ends as the machine.
fn verify_right(paths: &[String]) -> ExitCode {
    let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
    let subject = match Subject::files(&paths) {
        Ok(subject) => subject,
        Err(bad) => {
            eprintln!("{bad}");
            return Exit::BadFile.into();
        }
    };
    let subject = if paths.is_empty() { subject.actors_max(ACTORS_MAX) } else { subject };
    let report = verify::<PerCall<ShuttleRuntime>>(&subject);
    print!("{report}");
    report.exit().into()
}

fn on_places(paths: &[String], then: impl FnOnce(&[Place]) -> Exit) -> ExitCode {
    let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
    match load(&paths) {
        Ok(sources) => then(&places(&sources, ACTORS_MAX)).into(),
        Err(bad) => {
            eprintln!("{bad}");
            Exit::BadFile.into()
        }
    }
}

/// The first finding.
fn break_with(bug: Bug, places: &[Place]) -> Exit {
    for place in places {
        if let Some(finding) = place.find(bug) {
            println!("{} under {}:\n  {}", place.file, place.reading, finding.message);
            if !finding.schedule.is_empty() {
                println!("  schedule: {}", finding.schedule.join(" "));
            }
            return Exit::Violated;
        }
    }
    println!("{}: not found", bug.name());
    Exit::Met
}

/// For each bug, the smallest scenario that shows it.
fn measure(places: &[Place]) -> Exit {
    let mut missed = 0;
    for bug in BUGS {
        let found = places.iter().find_map(|place| Some((place, place.find(*bug)?)));
        match found {
            Some((place, finding)) => println!(
                "| `{}` | {} ({}) | {} |",
                bug.name(),
                place.file,
                place.reading,
                finding.executions
            ),
            None => {
                missed += 1;
                println!("| `{}` | – | – |", bug.name());
            }
        }
    }
    println!("{} of {} found", BUGS.len() - missed, BUGS.len());
    if missed == 0 { Exit::Met } else { Exit::Violated }
}
