//! Flags, arguments and their help.

use std::path::PathBuf;
use std::time::Duration;

use calloff_model::{Cancelable, Waiter};
use calloff_protocol::exploration::{Engine, Granularity, Limits, Reduction, Reductions};
use calloff_protocol::faults;
use calloff_protocol::faults::Seeded;
use calloff_protocol::plan::Axes;
use calloff_protocol::text::nearest;
use calloff_reports::lanes::Picture;
use calloff_sim::shrink;
use clap::ValueEnum;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use super::conclude::Output;
use super::far::Far;

/// Flags of `check`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  calloff check
  calloff check scenarios/races --jobs 2
  calloff check --thorough
  calloff check my-race.toml --cancelable at-issue --waiter canceller
  calloff check my-race.toml --states-max 10000000 --format json
  calloff check my-race.toml --bless     writes the codes seen into the file
  calloff check --seconds-max 90000 --results night.jsonl --resume
                                         for a day; run it again to continue
  calloff check --shard 2/7 --results 2.jsonl
                                         a part, on one of seven machines

Exit codes: 0 expectations met, 1 violated, 2 usage, 3 inconclusive, 4 bad file,
70 internal error, 74 output not written, 130 interrupted, 143 terminated.")]
pub struct Check {
    /// Scenario files, or folders of them [default: the shipped corpus].
    #[arg(value_name = "FILE|DIR")]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub fault: FaultFlag,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub selection: Selection,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub output: Output,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub far: Far,
    /// Divide the work by the costs in this file of results, from an earlier check; may be given
    /// several times [default: by content alone].
    #[arg(long, value_name = "FILE", requires = "shard")]
    pub costs: Vec<PathBuf>,
    /// Write the codes seen into `[expect.codes]` of each file that names none, if everything was
    /// explored and holds.
    #[arg(long, requires = "paths", conflicts_with_all = ["fault", "shard"])]
    pub bless: bool,
}

/// Flags of `schema`.
#[derive(clap::Args, Debug)]
pub struct Schema {
    /// Print the schema of counterexample files instead.
    #[arg(long, conflicts_with = "results")]
    pub counterexample: bool,
    /// Print the schema of a line of a file of results instead.
    #[arg(long)]
    pub results: bool,
}

/// Flags of `replay`.
#[derive(clap::Args, Debug)]
#[command(mut_arg("cancelable", |flag| flag.help(REPLAY_CANCELABLE).requires("scenario")),
          mut_arg("waiter", |flag| flag.help(REPLAY_WAITER).requires("scenario")),
          mut_arg("fault", |flag| flag.requires("scenario")), after_help = "\
Examples:
  calloff check my-race.toml --fault complete-on-expiry --save found
                                         saves the counterexamples: exit code 1
  calloff replay found/my-race.K6.at-issue.canceller.protocol.complete-on-expiry.json
  calloff replay --scenario my-race.toml --schedule \"caller caller canceller\"
  calloff replay --scenario my-race.toml --schedule '[\"caller\", \"caller\"]'

Exit codes: 0 replayed, and the violation was seen again, 2 usage, 4 bad file or
schedule, 5 diverged, or the violation was not seen.")]
pub struct Replay {
    /// A counterexample.
    #[arg(value_name = "FILE", required_unless_present = "scenario")]
    pub file: Option<PathBuf>,
    /// Replay an execution of this scenario (a file, or the name of a scenario of the corpus);
    /// requires `--schedule`.
    #[arg(long, value_name = "FILE", requires = "schedule", conflicts_with = "file")]
    pub scenario: Option<PathBuf>,
    /// The actors that step, in order, separated by spaces; or a JSON array, for names with spaces.
    #[arg(long, value_name = "NAMES", requires = "scenario")]
    pub schedule: Option<String>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub(super) readings: ReadingFlags,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub fault: FaultFlag,
    /// The unit of one choice in the schedule: a step of the machine, or a critical section or
    /// lock operation of the implementation.
    #[arg(long, value_parser = names(&Granularity::REPLAYABLE, Granularity::name),
          default_value = "atomic-step", value_name = "NAME")]
    pub granularity: Granularity,
    /// The format: text with a verdict, or only a picture of the lanes.
    #[arg(long, default_value = "text", value_parser = picture_names())]
    pub format: Picture,
}

const REPLAY_CANCELABLE: &str =
    "The moment that decides whether a call can be canceled [default: at-issue]";
const REPLAY_WAITER: &str = "Which side waits for the window [default: canceller]";

/// Flags of `keep`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Exit codes: 0 kept, 2 usage, or another file is there already, 4 bad file, 5 the
finding is not seen again, 74 output not written.")]
pub struct Keep {
    /// A counterexample.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The folder to write to.
    #[arg(long, value_name = "DIR", default_value = "scenarios/regressions")]
    pub dir: PathBuf,
    /// The name of the scenario, and of its two files [default: derived from the finding].
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
}

/// The flag that selects a seeded bug.
#[derive(clap::Args, Debug)]
pub struct FaultFlag {
    /// Run under a seeded bug (see `calloff faults`).
    #[arg(long, value_name = "NAME", value_parser = parse_fault)]
    pub fault: Option<Seeded>,
}

/// Flags that select readings.
#[derive(clap::Args, Debug)]
pub(super) struct ReadingFlags {
    /// Use the readings in which this moment decides whether a call can be canceled, instead of
    /// those that the file names.
    #[arg(long, value_parser = cancelable_names(), value_name = "WHEN")]
    pub(super) cancelable: Option<Cancelable>,
    /// Use the readings in which this side waits for the window, instead of those that the file
    /// names.
    #[arg(long, value_parser = waiter_names(), value_name = "WHO")]
    pub(super) waiter: Option<Waiter>,
}

impl ReadingFlags {
    pub(super) fn axes(&self) -> Axes {
        Axes { cancelable: self.cancelable, waiter: self.waiter }
    }
}

/// Which runs, and within which limits.
#[derive(clap::Args, Debug)]
pub struct Selection {
    /// Only this engine; may be given several times [default: all].
    #[arg(long, value_parser = engine_names(), value_name = "NAME")]
    pub engine: Vec<Engine>,
    #[command(flatten)]
    pub(super) readings: ReadingFlags,
    /// The seed of everything that is random.
    #[arg(long, env = "CALLOFF_SEED", default_value_t = 0, value_name = "N")]
    pub seed: u64,
    /// Give up on a run after this number of states.
    #[arg(long, default_value_t = Limits::default().states_max, value_name = "N",
          value_parser = clap::value_parser!(u64).range(1..=u64::from(u32::MAX)))]
    pub states_max: u64,
    /// Give up on a run whose states need more memory than this (MiB, estimated).
    #[arg(long, default_value_t = Limits::default().memory_max, value_name = "MIB",
          value_parser = clap::value_parser!(u64).range(1..))]
    pub memory_max: u64,
    /// Do without this reduction in `protocol` and `exhaustive`, or without any (`all`); may be
    /// given several times. What is proven does not depend on it: docs/reductions.md.
    #[arg(long, value_parser = reduction_names(), value_name = "NAME|all")]
    pub no_reduction: Vec<String>,
    /// More executions for the engines that run code: takes minutes, before a release. Other flags
    /// still apply.
    #[arg(long)]
    pub thorough: bool,
    /// Executions per run of `shuttle`, and per pass of `loom` [default: 400, and 20000 for loom;
    /// with `--thorough` 4000, and 150000 for loom].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub executions_max: Option<u64>,
    /// The largest bound on preemptions for `loom`, which uses one when exploring without takes too
    /// many executions.
    #[arg(long, default_value_t = Limits::default().preemptions_max, value_name = "N",
          value_parser = clap::value_parser!(u64).range(0..=100))]
    pub preemptions_max: u64,
    /// Stop after this number of seconds, which may have a fraction; unfinished runs are
    /// inconclusive [default: 600, with `--thorough` 3600].
    #[arg(long, value_name = "SECONDS", value_parser = parse_seconds)]
    pub seconds_max: Option<Duration>,
    /// The number of threads that explore; the report does not depend on it [default: all cores].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1024))]
    pub jobs: Option<u64>,
}

/// Flags of `list`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Exit codes: 0 listed, 4 bad file (the good ones are listed), 74 output not
written.")]
pub struct List {
    /// Scenario files, or folders of them [default: the shipped corpus].
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
                                         how soon a seeded bug is found (exit code 1)
  calloff fuzz --fault window-ignored --keep-going
                                         each kind of violation, once (exit code 1)
  calloff fuzz --seed 7 --first 4711 --cases 1
                                         one case, again
  calloff fuzz --keep-going --cases 10000000 --state night
                                         for days; run it again to continue
  calloff fuzz --cases 10000000 --shard 2/7 --results 2.jsonl
                                         a part, on one of seven machines

Exit codes: 0 no violation, 1 a violation, 2 usage, 3 no violation, but a limit
was hit, 4 bad state, 70 internal error, 74 output not written, 130 interrupted,
143 terminated.")]
pub struct Fuzz {
    /// How many cases to check [default: 1000; 5000 under a seeded bug; no limit with --seconds].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub cases: Option<u64>,
    /// Stop after this number of seconds. Unfinished cases are not counted.
    #[arg(long, value_name = "SECONDS")]
    pub seconds: Option<u64>,
    /// The index of the first case.
    #[arg(long, value_name = "INDEX", default_value_t = 0)]
    pub first: u64,
    /// The seed of the random scenarios.
    #[arg(long, env = "CALLOFF_SEED", default_value_t = 0, value_name = "N")]
    pub seed: u64,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub fault: FaultFlag,
    /// Check with this engine; may be given several times [default: protocol, and the engine that
    /// catches the seeded bug].
    #[arg(long, value_parser = engine_names(), value_name = "NAME")]
    pub engine: Vec<Engine>,
    /// Write each counterexample into this folder, as a file for `calloff replay`.
    #[arg(long, value_name = "DIR")]
    pub save: Option<PathBuf>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub far: Far,
    /// Keep the state of the campaign in this folder, and continue from it, however it ended.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["shard", "results"])]
    pub state: Option<PathBuf>,
    /// Continue after a violation, and report each kind of violation once.
    #[arg(long)]
    pub keep_going: bool,
    /// Show a violation in the generated case, unshrunk, with all other violations of that case.
    #[arg(long)]
    pub no_shrink: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub shrinking: Shrinking,
    /// Give up on a run after this number of states [default: 2000000, or 20000 with an engine that
    /// runs an implementation].
    #[arg(long, value_name = "N",
          value_parser = clap::value_parser!(u64).range(1..=u64::from(u32::MAX)))]
    pub states_max: Option<u64>,
    /// The number of threads that explore; the report does not depend on it [default: all cores].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1024))]
    pub jobs: Option<u64>,
}

/// How long to try to shrink a finding.
#[derive(clap::Args, Debug)]
pub struct Shrinking {
    /// Stop shrinking after this number of smaller scenarios, and take the smallest found.
    #[arg(long, default_value_t = shrink::Limits::default().candidates_max, value_name = "N")]
    pub candidates_max: u64,
}

/// Flags of `shrink`.
#[derive(clap::Args, Debug)]
#[command(mut_arg("engine", |flag| flag.help(SHRINK_ENGINES)), after_help = "\
Examples:
  calloff shrink my-race.toml --fault complete-on-expiry
                                         the smallest that breaks a clause (exit code 1)
  calloff shrink my-race.toml --fault reply-not-notified --engine exhaustive
                                         the smallest in which a wake-up is lost (exit code 1)

Exit codes: 0 no violation, 1 a violation, 2 usage, 3 no violation, but a limit
was hit, 4 bad file, 70 internal error, 74 output not written, 130 interrupted,
143 terminated.")]
pub struct Shrink {
    /// A scenario file; or a counterexample (.json), which names its reading and its seeded bug.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub fault: FaultFlag,
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

/// A number of seconds, which may have a fraction.
pub(super) fn parse_seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok().and_then(|s| Duration::try_from_secs_f64(s).ok());
    seconds.ok_or_else(|| "a number of seconds is expected, such as 60 or 0.5".to_owned())
}

pub(super) fn parse_fault(name: &str) -> Result<Seeded, String> {
    faults::find(name).ok_or_else(|| {
        let nearest = nearest(name, Seeded::all().map(Seeded::name));
        let hint = nearest.map_or(String::new(), |name| format!("did you mean `{name}`? "));
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

fn picture_names() -> impl TypedValueParser<Value = Picture> {
    let value = |picture: Picture| PossibleValue::new(picture.name().0).help(picture.name().1);
    let of = |text: String| Picture::ALL.into_iter().find(|picture| picture.name().0 == text);
    PossibleValuesParser::new(Picture::ALL.map(value)).map(move |text| of(text).expect("a name"))
}

/// A reduction's name, or `all`.
fn reduction_names() -> impl TypedValueParser<Value = String> {
    let names = Reduction::ALL.into_iter().map(Reduction::name).chain([ALL]);
    clap::builder::PossibleValuesParser::new(names)
}

const ALL: &str = "all";

impl Selection {
    /// The reductions that are not switched off.
    pub(super) fn reductions(&self) -> Reductions {
        if self.no_reduction.iter().any(|name| name == ALL) {
            return Reductions::NONE;
        }
        let is_off =
            |reduction: &Reduction| self.no_reduction.iter().any(|n| n == reduction.name());
        Reduction::ALL.into_iter().filter(is_off).fold(Reductions::default(), Reductions::without)
    }
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
