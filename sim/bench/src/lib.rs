//! Measures calloff side by side with other tools.
//!
//! [`main`] is the whole suite: `cargo bench --manifest-path sim/bench/Cargo.toml`. What is
//! measured is data ([`group::Group`]), made in [`groups`]; each measurement is a process of its
//! own ([`worker`]), and those that are compared take turns ([`run`]). `docs/performance.md` says
//! what each number means.
//!
//! No test asserts a time. What tests hold is that all sides do the same work.

pub mod args;
pub mod group;
pub mod groups;
pub mod hand_loom;
pub mod numbers;
pub mod peers;
pub mod report;
pub mod run;
pub mod stats;
pub mod touch;
pub mod worker;

use std::fs;
use std::process::ExitCode;

use args::{Args, Command};
use clap::Parser;
use report::{Form, Machine};
use run::{Reason, Results};

/// The suite: measures, prints, and writes what is asked for. It fails if a measurement did.
pub fn main() -> ExitCode {
    let args = Args::parse();
    let done = match &args.command {
        Some(Command::Worker { group, variant, case, seed }) => {
            worker::work(&groups::all(&args), [group, variant, case], *seed)
        }
        None => measure(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn measure(args: &Args) -> Result<(), String> {
    let groups = groups::all(args);
    let names: Vec<&str> = groups.iter().map(|group| group.name).collect();
    if let Some(unknown) = args.only.iter().find(|name| !names.contains(&name.as_str())) {
        return Err(format!("there is no group `{unknown}`; there are {}", names.join(", ")));
    }
    let machine = Machine::here();
    let wanted = groups.into_iter().filter(|group| args.wants(group.name));
    println!("{}", machine.text());
    let mut results: Vec<Results> = Vec::new();
    for group in wanted {
        println!("== {}: {}\n", group.name, group.title);
        results.push(run::run(group, args));
        println!("{}", report::tables(&results[results.len() - 1], Form::Text));
        // What has been measured is kept, whatever happens to the rest.
        write(args, &machine, &results)?;
    }
    let cells = results.iter().flat_map(|one| one.cells.iter().flatten());
    let failed = cells.filter(|cell| matches!(cell.reason, Some(Reason::Failed(_)))).count();
    match failed {
        0 => Ok(()),
        failed => Err(format!("{failed} of the measurements failed")),
    }
}

/// Writes what is asked for.
fn write(args: &Args, machine: &Machine, results: &[Results]) -> Result<(), String> {
    if let Some(file) = &args.json {
        let text = report::json(machine, args.repetitions(), results);
        fs::write(file, text).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    if let Some(folder) = &args.svg {
        report::draw(results, folder)?;
    }
    if args.bless {
        report::bless(args, machine, results)?;
    }
    Ok(())
}
