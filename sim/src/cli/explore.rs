//! `calloff explore`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use calloff_model::{Cancelable, Reading, Waiter};

use super::args::{FaultName, cancelable_names, parse_fault, waiter_names};
use super::{Exit, complain, load, replay};
use crate::engine::Granularity;
use crate::explore::levels::{self, Wanted};
use crate::explore::render;
use crate::faults::{Fault, Seeded};
use crate::finding::Counterexample;
use crate::report::describe::printable;
use crate::report::human::count;
use crate::scenario::Scenario;
use crate::trace::Schedule;

/// Flags of `explore`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  calloff explore cancel-meets-reply --open
  calloff explore my-race.toml -o my-race.html
  calloff explore my-race.toml --waiter caller
  calloff explore cancel-meets-cancel --fault second-cancel-accepted
  calloff explore found/my-race.K6.at-issue.canceller.protocol.json

The page is one file: it loads nothing, and works without a network.")]
pub struct Explore {
    /// A scenario file, the name of a scenario of the corpus (see `calloff list`), or a
    /// counterexample (.json): then the page opens where it ends.
    #[arg(value_name = "SCENARIO")]
    pub scenario: String,
    /// The file to write [default: the scenario's name, with `.html`].
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Open the page in the default browser.
    #[arg(long)]
    pub open: bool,
    /// What decides whether a call can be canceled [default: what the file names, all of it].
    #[arg(long, value_parser = cancelable_names(), value_name = "WHEN")]
    pub cancelable: Option<Cancelable>,
    /// Which side waits for the window [default: what the file names, all of it].
    #[arg(long, value_parser = waiter_names(), value_name = "WHO")]
    pub waiter: Option<Waiter>,
    /// Show the machine with this seeded bug, next to the right one (see `calloff faults`).
    #[arg(long, value_name = "NAME", value_parser = parse_fault)]
    pub fault: Option<FaultName>,
    /// Hold that many states of a machine: those nearest to the start, if there are more.
    #[arg(long, default_value_t = 20_000, value_name = "N",
          value_parser = clap::value_parser!(u64).range(2..=200_000))]
    pub states_max: u64,
}

/// What is to be shown: of a scenario file, of the corpus, or of a counterexample.
struct Subject {
    scenario: Scenario,
    reading: Option<Reading>,
    fault: Option<Seeded>,
    start: Schedule,
}

pub(super) fn run(args: &Explore) -> io::Result<Exit> {
    let subject = match subject(args) {
        Ok(subject) => subject,
        Err(exit) => return Ok(exit),
    };
    let fault = match machine_fault(subject.fault) {
        Ok(fault) => fault,
        Err(exit) => return Ok(exit),
    };
    let wanted = Wanted {
        readings: readings(args, &subject),
        scenario: &subject.scenario,
        fault,
        start: subject.start,
        states_max: usize::try_from(args.states_max).unwrap_or(usize::MAX),
    };
    let made = match levels::make(&wanted) {
        Ok(made) => made,
        Err(refused) => {
            complain(&format!("error: {refused}: `calloff replay` shows why"));
            return Ok(Exit::Diverged);
        }
    };
    for graph in &made.graphs {
        let machine = graph.fault.map_or(String::new(), |fault| format!(", with {fault}"));
        let states = count(graph.states as u64, "state");
        let held = match graph.is_whole {
            true => format!("all of {states}"),
            false => format!("{states}, not all (--states-max)"),
        };
        complain(&format!("{}{machine}: {held}", graph.reading));
    }
    let page = render(&subject.scenario.name, &made.data);
    let path = args.output.clone().unwrap_or_else(|| file_name(&subject.scenario.name));
    let shown = printable(&path.display().to_string());
    if let Err(error) = fs::write(&path, &page) {
        complain(&format!("error: cannot write `{shown}`: {error}"));
        return Ok(Exit::Usage);
    }
    complain(&format!("{shown}: {} KiB", page.len().div_ceil(1024)));
    if args.open {
        open(&path);
    }
    Ok(Exit::Met)
}

fn subject(args: &Explore) -> Result<Subject, Exit> {
    let fault = args.fault.as_ref().map(|name| name.0);
    let path = Path::new(&args.scenario);
    if path.extension().is_some_and(|extension| extension == "json") {
        let finding: Counterexample = replay::read(path)?;
        if finding.granularity != Granularity::Step {
            complain(
                "error: this is an execution of the implementation, and a page shows the machine: \
                 `calloff replay` shows it",
            );
            return Err(Exit::Usage);
        }
        let Counterexample { scenario, reading, schedule: start, .. } = finding;
        let fault = fault.or(finding.fault.filter(|fault| fault.machine().is_some()));
        return Ok(Subject { scenario, reading: Some(reading), fault, start });
    }
    let start = Schedule::default();
    let from_corpus = || in_corpus(&args.scenario);
    let scenario = match path.exists() {
        true => None,
        false => from_corpus(),
    };
    let scenario = match scenario {
        Some(scenario) => scenario,
        None => {
            let Ok([source]) = <[_; 1]>::try_from(load::load(&[path.to_owned()])?) else {
                complain("error: a page shows one scenario, and there are several");
                return Err(Exit::Usage);
            };
            source.scenario
        }
    };
    Ok(Subject { scenario, reading: None, fault, start })
}

/// The shipped scenario of that name, or with that path in the corpus.
fn in_corpus(name: &str) -> Option<Scenario> {
    let is_it = |path: &str| {
        let stem = path.strip_suffix(".toml").unwrap_or(path);
        path == name || stem == name || stem.rsplit('/').next() == Some(name)
    };
    let file = calloff_scenarios::corpus().into_iter().find(|file| is_it(&file.path))?;
    Scenario::parse(&file.path, file.bytes).ok()
}

fn machine_fault(fault: Option<Seeded>) -> Result<Option<&'static Fault>, Exit> {
    match fault {
        Some(Seeded::Shell(fault)) => {
            complain(&format!(
                "error: {} is in the shell round the machine, and a page shows the machine: \
                 `calloff check --fault {}` shows it",
                fault.name, fault.name
            ));
            Err(Exit::Usage)
        }
        Some(Seeded::Machine(fault)) => Ok(Some(fault)),
        None => Ok(None),
    }
}

/// Those that the file names, or that the flags select; a counterexample has one.
fn readings(args: &Explore, subject: &Subject) -> Vec<Reading> {
    if let Some(reading) = subject.reading {
        return vec![Reading {
            cancelable: args.cancelable.unwrap_or(reading.cancelable),
            waiter: args.waiter.unwrap_or(reading.waiter),
        }];
    }
    let mut readings: Vec<Reading> = Vec::new();
    for reading in &subject.scenario.expect.readings {
        let reading = Reading {
            cancelable: args.cancelable.unwrap_or(reading.cancelable),
            waiter: args.waiter.unwrap_or(reading.waiter),
        };
        if !readings.contains(&reading) {
            readings.push(reading);
        }
    }
    readings
}

/// The name of the page when none is given.
fn file_name(scenario: &str) -> PathBuf {
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let stem: String =
        scenario.chars().map(|c| if is_plain(&c) { c } else { '-' }).take(80).collect();
    PathBuf::from(format!("{stem}.html"))
}

fn open(path: &Path) {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let quiet = Command::new(program)
        .arg(path)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    if let Err(error) = quiet {
        complain(&format!("cannot run {program}: {error}; open the file in a browser"));
    }
}
