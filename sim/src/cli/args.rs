//! Flags, arguments and their help.

use std::path::PathBuf;

use calloff_model::{Cancelable, Waiter};
use clap::{Parser, Subcommand, ValueEnum};

use crate::engine::Limits;
use crate::faults::{self, Fault};

/// Proves what COM call cancellation returns, in every interleaving.
#[derive(Parser, Debug)]
#[command(version, after_help = AFTER_HELP, disable_help_subcommand = true)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// When to use colours. NO_COLOR turns them off, too.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN",
          display_order = 4)]
    pub color: Color,
}

const AFTER_HELP: &str = "\
Examples:
  calloff check                          verify the shipped corpus of scenarios
  calloff check my-race.toml             verify a scenario of your own
  calloff check --format json dir/       the same for a folder, as JSON
  calloff check --fault second-cancel-accepted
                                         see a seeded bug being caught
  calloff list                           what is in the corpus
  calloff faults                         every seeded bug, and which clause catches it

Exit codes: 0 expectations met, 1 violated, 2 usage, 3 inconclusive, 4 bad file,
70 internal error, 130 interrupted.";

/// The subcommands.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Explore every interleaving of scenarios, and judge it.
    Check(Check),
    /// List the scenarios of the corpus, or of files and folders.
    List(List),
    /// Print the JSON schema of scenario files.
    Schema,
    /// List the seeded bugs, run the corpus under each, and show which clauses catch it.
    Faults(Faults),
    /// Explore the job on standard input, for an engine that runs each case in a process of its
    /// own.
    #[command(hide = true)]
    Worker {
        /// The engine.
        engine: WorkerEngine,
    },
}

/// An engine that has workers.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub enum WorkerEngine {
    /// The implementation under loom.
    Loom,
}

/// Flags of `check`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  calloff check
  calloff check scenarios/races --jobs 2
  calloff check my-race.toml --cancelable at-issue --waiter canceller
  calloff check my-race.toml --states-max 10000000 --format json")]
pub struct Check {
    /// Scenario files, or folders of them; the shipped corpus when there is none.
    #[arg(value_name = "FILE|DIR")]
    pub paths: Vec<PathBuf>,
    /// Run under a seeded bug (see `calloff faults`).
    #[arg(long, value_name = "NAME", value_parser = parse_fault)]
    pub fault: Option<FaultName>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub selection: Selection,
    /// The form of the report.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
}

/// Which runs, and within which limits.
#[derive(clap::Args, Debug)]
pub struct Selection {
    /// Only this engine; may be given several times [default: all].
    #[arg(long, value_enum, value_name = "NAME")]
    pub engine: Vec<Engine>,
    /// Only readings in which a call's cancelability is fixed then.
    #[arg(long, value_parser = parse_cancelable, value_name = "at-issue|at-request")]
    pub cancelable: Option<Cancelable>,
    /// Only readings in which that side waits for the window.
    #[arg(long, value_parser = parse_waiter, value_name = "canceller|caller")]
    pub waiter: Option<Waiter>,
    /// The seed of everything that is drawn by chance. The protocol engine draws nothing.
    #[arg(long, env = "CALLOFF_SEED", default_value_t = 0, value_name = "N")]
    pub seed: u64,
    /// Give up on a run after that many states.
    #[arg(long, default_value_t = Limits::default().states_max, value_name = "N",
          value_parser = clap::value_parser!(u64).range(1..=u64::from(u32::MAX)))]
    pub states_max: u64,
    /// Give up on a run that needs more memory for its states (MiB, estimated).
    #[arg(long, default_value_t = Limits::default().memory_max, value_name = "MIB",
          value_parser = clap::value_parser!(u64).range(1..))]
    pub memory_max: u64,
    /// Limit on executions, for engines that run the implementation. The protocol engine explores
    /// states and has none.
    #[arg(long, value_name = "N")]
    pub executions_max: Option<u64>,
    /// Limit on preemptions, for engines that bound them. The protocol engine does not.
    #[arg(long, value_name = "N")]
    pub preemptions_max: Option<u64>,
    /// Stop after that many seconds; what is cut off is inconclusive [default: no limit].
    #[arg(long, value_name = "SECONDS")]
    pub seconds_max: Option<u64>,
    /// Threads that explore at once; the report does not depend on it [default: all cores].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1024))]
    pub jobs: Option<u64>,
}

/// Flags of `list`.
#[derive(clap::Args, Debug)]
pub struct List {
    /// Scenario files, or folders of them; the shipped corpus when there is none.
    #[arg(value_name = "FILE|DIR")]
    pub paths: Vec<PathBuf>,
}

/// Flags of `faults`.
#[derive(clap::Args, Debug)]
pub struct Faults {
    /// Only list the names and what they do; run nothing.
    #[arg(long)]
    pub list: bool,
    /// Threads that explore at once; the report does not depend on it [default: all cores].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1024))]
    pub jobs: Option<u64>,
}

/// The form of a report.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub enum Format {
    /// For people.
    Human,
    /// For programs; documented and stable.
    Json,
}

/// An engine.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub enum Engine {
    /// Every interleaving of the machine's atomic steps.
    Protocol,
}

/// When to use colours.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    pub(super) fn write_global(self) {
        match self {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}

/// A seeded bug that was named on the command line.
#[derive(Clone)]
pub struct FaultName(pub &'static Fault);

impl std::fmt::Debug for FaultName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.name)
    }
}

fn parse_fault(name: &str) -> Result<FaultName, String> {
    faults::find(name).map(FaultName).ok_or_else(|| {
        let nearest = faults::FAULTS
            .iter()
            .max_by(|one, other| {
                let of = |fault: &Fault| strsim::jaro_winkler(fault.name, name);
                of(one).total_cmp(&of(other))
            })
            .map_or("", |fault| fault.name);
        format!("no such fault; did you mean `{nearest}`? `calloff faults --list` lists them")
    })
}

fn parse_cancelable(name: &str) -> Result<Cancelable, String> {
    let found = Cancelable::ALL.into_iter().find(|value| value.name() == name);
    found.ok_or_else(|| "expected at-issue or at-request".to_owned())
}

fn parse_waiter(name: &str) -> Result<Waiter, String> {
    let found = Waiter::ALL.into_iter().find(|value| value.name() == name);
    found.ok_or_else(|| "expected canceller or caller".to_owned())
}

/// As many threads as asked for, or as the machine has cores.
pub(super) fn jobs(asked: Option<u64>) -> usize {
    match asked {
        Some(jobs) => usize::try_from(jobs).unwrap_or(1),
        None => std::thread::available_parallelism().map_or(1, usize::from),
    }
}
