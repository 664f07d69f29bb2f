//! The command `calloff merge`: puts the results of shards together, and reports as one machine
//! would.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use calloff_model::{Cancelable, Waiter};
use calloff_protocol::exploration::{Engine, Limits, Stop};
use calloff_protocol::faults::Seeded;
use calloff_protocol::text::{count, printable, printable_path};
use calloff_reports::shell::quoted;
use calloff_reports::style::BAD;
use calloff_sim::caught::unit_id;
use calloff_sim::engine::loom::worker::this_program;
use calloff_sim::exit::Exit;
use calloff_sim::generate::{self, CaseResult};
use calloff_sim::load::{load, load_kept};
use calloff_sim::recorded::{self, Arguments};
use calloff_sim::results::{BadResults, Header, Kind, Merged, Missing};
use calloff_sim::shards::{Shard, UnitId};
use calloff_sim::shrink;
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

use super::conclude::{Checked, Extent, Format, Output};
use super::fuzz::Show;
use super::interrupt::stop_at_signals;
use super::{Early, check, complain, far, faults, show, stdout};

/// Flags of `merge`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  calloff merge shard-*.jsonl
  calloff merge shard-*.jsonl --format json

Any order of the files, and any of them twice: the report is the same. If all
shards are there, it is that of one machine, byte for byte.

Exit codes: those of the command whose results are put together; 3 if something
is missing and nothing violated, 4 bad file.")]
pub struct Merge {
    /// Files of results (--results) of one piece of work.
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub output: Output,
}

pub(super) fn run(args: &Merge) -> Result<Exit, Early> {
    let mut files = args.files.clone();
    files.sort();
    files.dedup();
    let mut kinds = Vec::new();
    for file in &files {
        kinds.extend(far::read::<IgnoredAny>(file)?.header.map(|header| header.command));
    }
    let has_forms = args.output.format != Format::Human || args.output.junit.is_some();
    match kinds.first() {
        Some(Kind::Check) => checks(args, &files),
        Some(Kind::Fuzz | Kind::Faults) if has_forms => {
            complain("error: these results have a report for people alone, as their command has");
            Err(Exit::Usage.into())
        }
        Some(Kind::Fuzz) => campaigns(args, &files),
        Some(Kind::Faults) => bugs(&files),
        None => {
            complain("error: no file has a result");
            Err(Exit::BadFile.into())
        }
    }
}

/// The arguments in a first line.
fn arguments<T: DeserializeOwned>(file: &Path, header: &Header) -> Result<T, Early> {
    let arguments = serde_json::from_value(header.arguments.clone().into());
    arguments.map_err(|error| far::refuse(file, BadResults::Foreign(error.to_string())))
}

/// Puts the results of a campaign together.
fn campaigns(args: &Merge, files: &[PathBuf]) -> Result<Exit, Early> {
    let merged = together::<CaseResult>(files, plain)?;
    let header = &merged.headers[0];
    let arguments: generate::Arguments = arguments(&files[0], header)?;
    let campaign = arguments.campaign(this_program().ok());
    is_same(&files[0], header, &campaign.header(header.shard, arguments.candidates_max))?;
    let wrong = |why: String| far::refuse(&files[0], BadResults::Foreign(why));
    let (mut report, missing) = campaign.merged(&merged.results).map_err(wrong)?;
    if missing > 0 {
        let missing = count(missing, "case");
        complain(&format!("{missing} missing, of {} in all", arguments.cases));
        tell_missing(&merged, &command_of_campaign(&arguments));
    }
    let name = |unit: UnitId| campaign.index_of(unit).map(|index| format!("case {index}"));
    let is_sound = tell_doubles(&merged, name)?;
    let stop = Stop::default();
    stop_at_signals(&stop);
    let (candidates_max, save) = (arguments.candidates_max, args.output.save.as_deref());
    let shown = Show { campaign: &campaign, candidates_max, save, missing };
    let exit = shown.report(&mut report, &stop)?;
    Ok(worse(exit, missing, is_sound))
}

/// Puts the results on seeded bugs together.
fn bugs(files: &[PathBuf]) -> Result<Exit, Early> {
    let sources = load(&[])?;
    let read = together::<Value>(files, Value::clone)?;
    let header = &read.headers[0];
    let arguments: faults::Arguments = arguments(&files[0], header)?;
    is_same(&files[0], header, &faults::header(&sources, &arguments, header.shard, 0))?;
    let is_asked = |f: &Seeded| arguments.fault.is_empty() || arguments.fault.contains(f);
    let all: Vec<Seeded> = Seeded::all().filter(is_asked).collect();
    let there = |fault: &&Seeded| read.results.contains_key(&unit_id(**fault));
    let missing = (all.len() - all.iter().filter(there).count()) as u64;
    if missing > 0 {
        let missing = count(missing, "seeded bug");
        complain(&format!("{missing} missing, of {} in all", all.len()));
        tell_missing(&read, &command_of_faults(&arguments));
    }
    let name =
        |unit: UnitId| all.iter().find(|f| unit_id(**f) == unit).map(|f| f.name().to_owned());
    let is_sound = tell_doubles(&read, name)?;
    let exit = match arguments.measure {
        true => faults::measurements(typed(&files[0], &all, read.results)?)?,
        false => faults::matrix(&mut stdout(), &typed(&files[0], &all, read.results)?)?,
    };
    Ok(worse(exit, missing, is_sound))
}

/// The results on bugs, in the order of the bugs.
fn typed<T: DeserializeOwned>(
    file: &Path,
    all: &[Seeded],
    results: BTreeMap<UnitId, Value>,
) -> Result<Vec<(Seeded, T)>, Early> {
    let read = |(fault, value): (Seeded, Value)| match serde_json::from_value(value) {
        Ok(result) => Ok((fault, result)),
        Err(error) => Err(far::refuse(file, BadResults::Foreign(error.to_string()))),
    };
    faults::found(all, results).into_iter().map(read).collect()
}

/// A result as it is.
fn plain(result: &impl Serialize) -> Value {
    serde_json::to_value(result).expect("results are plain data")
}

/// How a merge ends whose report ends so.
fn worse(exit: Exit, missing: u64, is_sound: bool) -> Exit {
    match exit {
        _ if !is_sound => Exit::Violated,
        Exit::Met if missing > 0 => Exit::Inconclusive,
        exit => exit,
    }
}

/// Tells the units whose results differ. Whether there is none.
fn tell_doubles<T>(
    merged: &Merged<T>,
    name: impl Fn(UnitId) -> Option<String>,
) -> io::Result<bool> {
    for (unit, double) in &merged.doubles {
        let name = name(*unit).unwrap_or_else(|| unit.to_string());
        let what = double.what();
        let what = format!("{name}: the same work gave another result elsewhere: {what}");
        show(&format!("{BAD}✗ not deterministic{BAD:#} {}\n", printable(&what)))?;
    }
    Ok(merged.doubles.is_empty())
}

/// The command of a campaign with these arguments.
fn command_of_campaign(arguments: &generate::Arguments) -> String {
    let generate::Arguments { seed, first, cases, states_max, .. } = arguments;
    let mut command = format!("calloff fuzz --cases {cases} --seed {seed} --first {first}");
    for engine in &arguments.engine {
        let _ = write!(command, " --engine {}", engine.name());
    }
    if let Some(fault) = arguments.fault {
        let _ = write!(command, " --fault {}", fault.name());
    }
    let _ = write!(command, " --states-max {states_max}");
    if arguments.keep_going {
        command.push_str(" --keep-going");
    }
    match arguments.candidates_max {
        None => command.push_str(" --no-shrink"),
        Some(most) if most != shrink::Limits::default().candidates_max => {
            let _ = write!(command, " --candidates-max {most}");
        }
        Some(_) => {}
    }
    command
}

/// The command with these arguments, on seeded bugs.
fn command_of_faults(arguments: &faults::Arguments) -> String {
    let mut command = "calloff faults".to_owned();
    if let Some(seeds) = arguments.seeds {
        let _ = write!(command, " --measure --seeds {seeds}");
    }
    for fault in &arguments.fault {
        let _ = write!(command, " --fault {}", fault.name());
    }
    command
}

/// Puts the results of a check together.
fn checks(args: &Merge, files: &[PathBuf]) -> Result<Exit, Early> {
    let merged = together(files, |runs: &Vec<_>| recorded::comparable(runs))?;
    let header = &merged.headers[0];
    let arguments: Arguments = arguments(&files[0], header)?;
    let paths: Vec<PathBuf> = arguments.paths.iter().map(PathBuf::from).collect();
    let (sources, kept) = load_kept(&paths)?;
    let time = merged.headers.iter().filter_map(|header| header.nanoseconds_max).max();
    let limits = arguments.limits(time.unwrap_or_default());
    let plan = arguments.plan(sources, limits, this_program().ok());
    let all = recorded::units(&plan);
    let part = (header.shard, header.costs, 0);
    is_same(&files[0], header, &recorded::header(&plan, &all, arguments.paths.clone(), part))?;
    check::introduce(&plan);
    let missing = all.iter().filter(|unit| !merged.results.contains_key(&unit.id)).count();
    if missing > 0 {
        let (missing, of) = (count(missing as u64, "run"), all.len());
        complain(&format!("{missing} of scenarios missing, of {of} in all"));
        tell_missing(&merged, &command(&arguments));
    }
    let Merged { results, doubles, .. } = merged;
    let mut runs = recorded::runs(&plan, &all, results, &doubles);
    let extent = if paths.is_empty() { Extent::Corpus } else { Extent::Files };
    let stop = Stop::default();
    stop_at_signals(&stop);
    Checked { plan: &plan, kept: &kept, extent }.report(&mut runs, &args.output, &stop)
}

/// Reads files, and puts them together.
fn together<T: DeserializeOwned>(
    files: &[PathBuf],
    comparable: impl Fn(&T) -> Value,
) -> Result<Merged<T>, Early> {
    let read = |path: &PathBuf| Ok((path.clone(), far::read::<T>(path)?));
    let whole = files.iter().map(read).collect::<Result<Vec<_>, Early>>()?;
    Merged::of(whole, comparable).map_err(|(path, bad)| far::refuse(&path, bad))
}

/// Whether results are of the work that this calloff would do here.
fn is_same(path: &Path, there: &Header, here: &Header) -> Result<(), Early> {
    let differ: Vec<String> =
        there.differences(here).into_iter().map(|line| format!("  {line}")).collect();
    match differ.is_empty() {
        true => Ok(()),
        false => Err(far::refuse(path, BadResults::Another(differ.join("\n")))),
    }
}

/// Names the shards that are missing, each with the command that does it.
fn tell_missing<T>(merged: &Merged<T>, command: &str) {
    let Some(missing) = merged.missing() else {
        complain("the files divide the work in different ways, so that no shard is missing; do:");
        complain(&format!("  {command} --results rest.jsonl --resume"));
        return;
    };
    for Missing { shard, file, done, units } in missing {
        let costs = if merged.headers[0].costs.is_some() { " --costs FILE" } else { "" };
        let file = file.map_or(format!("shard-{}.jsonl", shard.index()), |file| {
            quoted(&printable_path(&file))
        });
        let part = match (done, units) {
            (0, _) => String::new(),
            (done, Some(units)) => format!(" ({done} of {} there)", count(units, "unit")),
            (done, None) => format!(" ({} there)", count(done, "unit")),
        };
        let part_of = match shard == Shard::WHOLE {
            true => String::new(),
            false => format!(" --shard {shard}{costs}"),
        };
        complain(&format!("missing: shard {shard}{part}; to do it:"));
        complain(&format!("  {command}{part_of} --results {file} --resume"));
    }
}

/// The command of a check with these arguments.
fn command(arguments: &Arguments) -> String {
    let mut command = "calloff check".to_owned();
    let mut add = |text: &str| {
        command.push(' ');
        command.push_str(text);
    };
    arguments.paths.iter().for_each(|path| add(&quoted(path)));
    if arguments.engine != Engine::ALL {
        arguments.engine.iter().for_each(|engine| add(&format!("--engine {}", engine.name())));
    }
    let flag = |name: &str, value: Option<&str>| value.map(|value| format!("--{name} {value}"));
    let names = [
        flag("cancelable", arguments.cancelable.map(Cancelable::name)),
        flag("waiter", arguments.waiter.map(Waiter::name)),
        flag("fault", arguments.fault.map(Seeded::name)),
    ];
    names.iter().flatten().for_each(|flag| add(flag));
    for reduction in &arguments.no_reduction {
        add(&format!("--no-reduction {}", reduction.name()));
    }
    let is_thorough = arguments.std_executions == Limits::thorough().std_executions;
    let default = if is_thorough { Limits::thorough() } else { Limits::default() };
    if is_thorough {
        add("--thorough");
    }
    let numbers = [
        ("seed", arguments.seed, 0),
        ("states-max", arguments.states_max, default.states_max),
        ("memory-max", arguments.memory_max, default.memory_max),
        ("executions-max", arguments.executions_max, default.executions_max),
        ("preemptions-max", arguments.preemptions_max, default.preemptions_max),
    ];
    for (name, value, default) in numbers {
        if value != default {
            add(&format!("--{name} {value}"));
        }
    }
    command
}
