//! The command `calloff explore`: writes the page of a scenario.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use calloff_model::Reading;
use calloff_protocol::exploration::Granularity;
use calloff_protocol::faults::Seeded;
use calloff_protocol::finding::{Claim, Counterexample};
use calloff_protocol::program::Program;
use calloff_protocol::scenario::Scenario;
use calloff_protocol::text::{count, printable_path};
use calloff_protocol::trace::Schedule;
use calloff_protocol::world::Fault;
use calloff_reports::page::levels::Wanted;
use calloff_reports::page::{levels, render};
use calloff_sim::exit::Exit;

use super::machine::MachineFlags;
use super::{Early, complain, replay, unwritable};
use crate::load_one;

/// Flags of `explore`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  calloff explore cancel-meets-reply --open
  calloff explore my-race.toml -o my-race.html
  calloff explore my-race.toml --waiter caller
  calloff explore cancel-meets-cancel --fault second-cancel-accepted
  calloff explore finding.json

The page is one file. It loads nothing, and works without a network.

Exit codes: 0 written, 2 usage, 4 bad file, 5 the schedule of a counterexample is
not possible, 74 output not written.")]
pub struct Explore {
    /// A scenario file, the name of a scenario of the corpus (see `calloff list`), or a
    /// counterexample (.json): then the page opens at its end.
    #[arg(value_name = "SCENARIO")]
    pub scenario: String,
    /// The file to write [default: the scenario's name, with `.html`].
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Open the page in the default browser.
    #[arg(long)]
    pub open: bool,
    #[command(flatten)]
    pub(super) machine: MachineFlags,
    /// The number of states in the page, per machine. If there are more, the page has those nearest
    /// to the start.
    #[arg(long, default_value_t = 20_000, value_name = "N",
          value_parser = clap::value_parser!(u64).range(2..=200_000))]
    pub states_max: u64,
}

/// What is to be shown: of a scenario file, of the corpus, or of a counterexample.
struct PageInput {
    scenario: Scenario,
    reading: Option<Reading>,
    fault: Option<&'static Fault>,
    start: Schedule,
    claim: Option<Claim>,
}

pub(super) fn run(args: &Explore) -> Result<Exit, Early> {
    let subject = subject(args)?;
    if Program::new(&subject.scenario).has_ways() {
        complain(
            "error: a page cannot show waits that serve, message filters, or custom objects that \
             return any of several codes: `calloff step` plays them",
        );
        return Ok(Exit::Usage);
    }
    let axes = args.machine.readings.axes();
    let wanted = Wanted {
        readings: match subject.reading {
            Some(reading) => axes.readings(&[reading]),
            None => axes.readings(&subject.scenario.expect.readings),
        },
        scenario: &subject.scenario,
        fault: subject.fault,
        start: subject.start,
        claim: subject.claim.as_ref(),
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
    let shown = printable_path(&path);
    fs::write(&path, &page).map_err(unwritable(&path))?;
    complain(&format!("{shown}: {} KiB", page.len().div_ceil(1024)));
    if args.open {
        open(&path);
    }
    Ok(Exit::Met)
}

fn subject(args: &Explore) -> Result<PageInput, Early> {
    let fault = args.machine.fault()?;
    let path = Path::new(&args.scenario);
    if path.extension().is_some_and(|extension| extension == "json") {
        let finding: Counterexample = replay::read(path)?;
        if finding.granularity != Granularity::Step {
            complain(
                "error: this is an execution of the implementation, and a page shows the machine: \
                 `calloff replay` shows it",
            );
            return Err(Exit::Usage.into());
        }
        let Counterexample { scenario, reading, schedule: start, claim, .. } = finding;
        let fault = fault.or(finding.fault.and_then(Seeded::machine));
        return Ok(PageInput { scenario, reading: Some(reading), fault, start, claim });
    }
    let scenario = load_one(path)?.scenario;
    Ok(PageInput { scenario, reading: None, fault, start: Schedule::default(), claim: None })
}

/// The default file name of the page.
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
