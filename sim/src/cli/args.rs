//! Flags, arguments and their help.

use std::path::PathBuf;

use calloff_model::{Cancelable, Waiter};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Parser, Subcommand, ValueEnum};

use super::machine::ReadingFlags;
use crate::engine::{Engine, Granularity, Limits};
use crate::faults::{self, Seeded};
use crate::report::lanes::Picture;
use crate::shrink;

/// Proves what COM call cancellation returns, in every interleaving.
#[derive(Parser, Debug)]
#[command(name = "calloff", version, after_help = AFTER_HELP)]
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
  calloff check my-race.toml --fault complete-on-expiry
                                         see a seeded bug being caught (exit code 1)
  calloff explore cancel-meets-reply --open
                                         play the scheduler, in your browser
  calloff list                           what is in the corpus
  calloff explain S_OK                   what a code, a step, a clause means
  calloff witness my-race.toml --code canceller=S_OK
                                         the shortest way there
  calloff step my-race.toml              play the scheduler
  calloff faults                         seeded bugs, and what catches them
  calloff replay finding.json            see a finding again
  calloff fuzz --cases 10000             check generated races
  calloff shrink my-race.toml --fault complete-on-expiry
                                         the least that shows what is wrong (exit code 1)

Exit codes: 0 expectations met, 1 violated, 2 usage, 3 inconclusive, 4 bad file,
5 replay diverged, 70 internal error, 130 interrupted.";

/// The subcommands.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Explore every interleaving of scenarios, and judge it.
    Check(Check),
    /// Write a page in which you play the scheduler of a scenario, and see where it leads.
    Explore(super::explore::Explore),
    /// List the scenarios of the corpus, or of files and folders.
    List(List),
    /// Print the JSON schema of scenario files.
    Schema(Schema),
    /// Run the schedule of a counterexample again, on the machine and on the implementation.
    Replay(Replay),
    /// Keep a counterexample as a regression: its scenario, with the schedule next to it.
    Keep(Keep),
    /// Explain a code, a clause, a step, a scenario, a reading or a seeded bug, with a picture.
    Explain(super::explain::Explain),
    /// Find the shortest schedule that ends in what is asked for, or prove that there is none.
    Witness(super::witness::Witness),
    /// Play the scheduler: choose who steps, and see what comes of it.
    Step(super::step::Step),
    /// List the seeded bugs, run the corpus under each, and show which clauses catch it.
    Faults(super::faults::Faults),
    /// Check scenarios drawn by chance, until something is found.
    Fuzz(Fuzz),
    /// Find the smallest scenario, and the simplest schedule, that show what is wrong with one.
    Shrink(Shrink),
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
  calloff check --thorough
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
    /// Write each counterexample into this folder, as a file for `calloff replay`.
    #[arg(long, value_name = "DIR")]
    pub save: Option<PathBuf>,
}

/// Flags of `schema`.
#[derive(clap::Args, Debug)]
pub struct Schema {
    /// Print that of counterexample files instead.
    #[arg(long)]
    pub counterexample: bool,
}

/// Flags of `replay`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  calloff check my-race.toml --fault complete-on-expiry --save found
                                         saves what is found: exit code 1
  calloff replay found/my-race.K6.at-issue.canceller.protocol.complete-on-expiry.json
  calloff replay --scenario my-race.toml --schedule \"caller caller canceller\"
  calloff replay --scenario my-race.toml --schedule '[\"caller\", \"caller\"]'

Exit codes: 0 replayed, and what the file claims was seen again, 2 usage, 4 bad
file or schedule, 5 diverged, or what the file claims was not seen.")]
pub struct Replay {
    /// A counterexample.
    #[arg(value_name = "FILE", required_unless_present = "scenario")]
    pub file: Option<PathBuf>,
    /// Replay an execution of this scenario (a file, or the name of one of the corpus), which
    /// `--schedule` describes.
    #[arg(long, value_name = "FILE", requires = "schedule", conflicts_with = "file")]
    pub scenario: Option<PathBuf>,
    /// Who steps, by name, with spaces between them; or a JSON array, for names with spaces.
    #[arg(long, value_name = "NAMES", requires = "scenario")]
    pub schedule: Option<String>,
    /// What decides whether a call can be canceled [default: at-issue].
    #[arg(long, value_parser = cancelable_names(), value_name = "WHEN", requires = "scenario")]
    pub cancelable: Option<Cancelable>,
    /// Which side waits for the window [default: canceller].
    #[arg(long, value_parser = waiter_names(), value_name = "WHO", requires = "scenario")]
    pub waiter: Option<Waiter>,
    /// Run under a seeded bug (see `calloff faults`).
    #[arg(long, value_name = "NAME", value_parser = parse_fault, requires = "scenario")]
    pub fault: Option<FaultName>,
    /// What one choice of the schedule stands for: a step of the machine, or what the
    /// implementation does from lock to lock, or from operation to operation.
    #[arg(long, value_parser = names(&Granularity::REPLAYABLE, Granularity::name),
          default_value = "atomic-step", value_name = "NAME")]
    pub granularity: Granularity,
    /// The form: text with a verdict, or the picture of the lanes alone.
    #[arg(long, value_enum, default_value_t = Picture::Text)]
    pub format: Picture,
}

/// Flags of `keep`.
#[derive(clap::Args, Debug)]
pub struct Keep {
    /// A counterexample.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The folder.
    #[arg(long, value_name = "DIR", default_value = "scenarios/regressions")]
    pub dir: PathBuf,
    /// The name of the scenario, and of its two files [default: what the finding is].
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
}

/// Which runs, and within which limits.
#[derive(clap::Args, Debug)]
pub struct Selection {
    /// Only this engine; may be given several times [default: all].
    #[arg(long, value_parser = engine_names(), value_name = "NAME")]
    pub engine: Vec<Engine>,
    #[command(flatten)]
    pub(super) readings: ReadingFlags,
    /// The seed of everything that is drawn by chance.
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
    /// More executions for the engines that run code: minutes, before a release. Other flags still
    /// count.
    #[arg(long)]
    pub thorough: bool,
    /// Executions per run of `shuttle`, and per pass of `loom` [default: 400, and 20000 for loom;
    /// with `--thorough` 4000, and 150000 for loom].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub executions_max: Option<u64>,
    /// The largest bound on preemptions that `loom` falls back to when exploring without one takes
    /// too many executions.
    #[arg(long, default_value_t = Limits::default().preemptions_max, value_name = "N",
          value_parser = clap::value_parser!(u64).range(0..=100))]
    pub preemptions_max: u64,
    /// Stop after that many seconds; what is cut off is inconclusive [default: 600, with
    /// `--thorough` 3600].
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

/// Flags of `fuzz`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  calloff fuzz
  calloff fuzz --cases 100000 --seed 7
  calloff fuzz --seconds 60 --engine protocol --engine exhaustive
  calloff fuzz --fault stale-handle-hits-next-call
                                         how soon is a seeded bug found? (exit code 1)
  calloff fuzz --fault window-ignored --keep-going
                                         all that it breaks, each once (exit code 1)
  calloff fuzz --seed 7 --first 4711 --cases 1
                                         one case again
  calloff fuzz --keep-going --cases 10000000 --state night
                                         for days; once more, and it goes on

Exit codes: 0 nothing found, 1 found something, 2 usage, 3 nothing found, but
a limit was hit, 4 bad state, 70 internal error, 130 interrupted.")]
pub struct Fuzz {
    /// How many cases to check [default: 1000; 5000 under a seeded bug; no limit with --seconds].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub cases: Option<u64>,
    /// Stop after that many seconds. What was being checked then is not counted.
    #[arg(long, value_name = "SECONDS")]
    pub seconds: Option<u64>,
    /// The index of the first case.
    #[arg(long, value_name = "INDEX", default_value_t = 0)]
    pub first: u64,
    /// The seed that the scenarios are drawn from.
    #[arg(long, env = "CALLOFF_SEED", default_value_t = 0, value_name = "N")]
    pub seed: u64,
    /// Run under a seeded bug (see `calloff faults`).
    #[arg(long, value_name = "NAME", value_parser = parse_fault)]
    pub fault: Option<FaultName>,
    /// Check with this engine; may be given several times [default: protocol, and the engine that
    /// catches the seeded bug].
    #[arg(long, value_parser = engine_names(), value_name = "NAME")]
    pub engine: Vec<Engine>,
    /// Write each counterexample into this folder, as a file for `calloff replay`.
    #[arg(long, value_name = "DIR")]
    pub save: Option<PathBuf>,
    /// Keep the state of the campaign in this folder, and go on from there, whatever has ended it.
    #[arg(long, value_name = "DIR")]
    pub state: Option<PathBuf>,
    /// Go on behind a finding, and report each kind of finding once.
    #[arg(long)]
    pub keep_going: bool,
    /// Show a finding in the case that was drawn, with everything else that it violates.
    #[arg(long)]
    pub no_shrink: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub shrinking: Shrinking,
    /// Give up on a run after that many states [default: 2000000, or 20000 with an engine that runs
    /// an implementation].
    #[arg(long, value_name = "N",
          value_parser = clap::value_parser!(u64).range(1..=u64::from(u32::MAX)))]
    pub states_max: Option<u64>,
    /// Threads that explore at once; the report does not depend on it [default: all cores].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1024))]
    pub jobs: Option<u64>,
}

/// How long to try to shrink a finding.
#[derive(clap::Args, Debug)]
pub struct Shrinking {
    /// Take what is the smallest after that many smaller scenarios were tried.
    #[arg(long, default_value_t = shrink::Limits::default().candidates_max, value_name = "N")]
    pub candidates_max: u64,
}

/// Flags of `shrink`.
#[derive(clap::Args, Debug)]
#[command(mut_arg("engine", |flag| flag.help(SHRINK_ENGINES)), after_help = "\
Examples:
  calloff shrink my-race.toml --fault complete-on-expiry
                                         the least that breaks a clause (exit code 1)
  calloff shrink my-race.toml --fault reply-not-notified --engine exhaustive
                                         the least in which a wake-up is lost (exit code 1)

Exit codes: 0 nothing is wrong, 1 something is, 2 usage, 3 nothing found, but
a limit was hit, 4 bad file, 70 internal error, 130 interrupted.")]
pub struct Shrink {
    /// The scenario file; or a counterexample (.json), with its reading and its seeded bug.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Run under a seeded bug (see `calloff faults`).
    #[arg(long, value_name = "NAME", value_parser = parse_fault)]
    pub fault: Option<FaultName>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub selection: Selection,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub shrinking: Shrinking,
}

const SHRINK_ENGINES: &str = "\
Only this engine; may be given several times [default: protocol, the engine that catches the \
seeded bug, and the one that found the counterexample]";

/// The form of a report.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub enum Format {
    /// For people.
    Human,
    /// For programs; documented and stable.
    Json,
    /// For servers of continuous integration.
    Junit,
    /// Annotations, as GitHub shows them.
    Github,
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

/// A seeded bug, as named on the command line.
#[derive(Clone)]
pub struct FaultName(pub Seeded);

impl std::fmt::Debug for FaultName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.name())
    }
}

pub(super) fn parse_fault(name: &str) -> Result<FaultName, String> {
    faults::find(name).map(FaultName).ok_or_else(|| {
        let of = |fault: &str| strsim::jaro_winkler(fault, name);
        let names = Seeded::all().map(Seeded::name);
        let nearest = names.max_by(|one, other| of(one).total_cmp(&of(other))).unwrap_or("");
        let hint = match strsim::jaro_winkler(nearest, name) > 0.8 {
            true => format!("did you mean `{nearest}`? "),
            false => String::new(),
        };
        format!("no such fault; {hint}`calloff faults --list` lists them")
    })
}

/// A parser for a fixed list of names; it shows them in the help and suggests the nearest one.
fn names<T: Copy + Send + Sync + 'static>(
    all: &[T],
    name: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T> {
    let all = all.to_vec();
    PossibleValuesParser::new(all.iter().map(|value| name(*value)).collect::<Vec<_>>())
        .map(move |text| *all.iter().find(|value| name(**value) == text).expect("one of the names"))
}

fn engine_names() -> impl TypedValueParser<Value = Engine> {
    names(&Engine::ALL, Engine::name)
}

pub(super) fn cancelable_names() -> impl TypedValueParser<Value = Cancelable> {
    names(&Cancelable::ALL, Cancelable::name)
}

pub(super) fn waiter_names() -> impl TypedValueParser<Value = Waiter> {
    names(&Waiter::ALL, Waiter::name)
}

/// The number of threads: as asked for, or the number of cores.
pub(super) fn jobs(asked: Option<u64>) -> usize {
    match asked {
        Some(jobs) => usize::try_from(jobs).unwrap_or(1),
        None => std::thread::available_parallelism().map_or(1, usize::from),
    }
}
