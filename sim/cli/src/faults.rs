//! The command `calloff faults`: prints the matrix of faults and clauses, the table of shell faults
//! and engines, and measurements.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use calloff_protocol::exploration::Stop;
use calloff_protocol::faults::{Seeded, ShellFault};
use calloff_protocol::judge::Source;
use calloff_protocol::text::wrap_hanging;
use calloff_protocol::world::Fault;
use calloff_sim::catch::Catch;
use calloff_sim::caught::{Caught, ENGINES, caught, unit_id};
use calloff_sim::engine::loom::worker::this_program;
use calloff_sim::exit::Exit;
use calloff_sim::results::{FORMAT, Header, Kind, Line, TOOL, record_all};
use calloff_sim::shards::{Partition, Shard, UnitId};
use calloff_sim::zoo;
use calloff_sim::zoo::{EXECUTIONS_MAX, Measure, Row};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::args::{jobs, parse_fault};
use super::far::Far;
use super::interrupt::{stop_at_signals, unless_stopped};
use super::{Early, complain, progress, stdout, unwritable};
use crate::zoo::table;
use crate::{load, width};

/// Flags of `faults`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  calloff faults --list
  calloff faults
  calloff faults --measure
  calloff faults --measure --fault notify-one --seeds 200
  calloff faults --shard 2/7 --results 2.jsonl
                                         a part, on one of seven machines")]
pub struct Faults {
    /// Only list the seeded bugs, and what each does; run nothing.
    #[arg(long)]
    pub list: bool,
    /// Measure how many states or executions each engine needs to detect each bug, as a table in
    /// Markdown.
    #[arg(long, conflicts_with = "list")]
    pub measure: bool,
    /// Measure only this bug; may be given several times [default: all].
    #[arg(long, value_name = "NAME", value_parser = parse_fault, requires = "measure")]
    pub fault: Vec<Seeded>,
    /// The number of seeds for each strategy of `shuttle`.
    #[arg(long, value_name = "N", default_value_t = 50, requires = "measure",
          value_parser = clap::value_parser!(u64).range(0..=10_000))]
    pub seeds: u64,
    /// The number of threads that explore; the report does not depend on it [default: all cores].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1024))]
    pub jobs: Option<u64>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub far: Far,
}

pub(super) fn run(args: &Faults) -> Result<Exit, Early> {
    if args.list {
        let mut out = stdout();
        for fault in Seeded::all() {
            writeln!(out, "{}", listed(fault, width()))?;
        }
        return Ok(Exit::Met);
    }
    let sources = load(&[])?;
    let asked = |fault: &Seeded| args.fault.is_empty() || args.fault.contains(fault);
    let faults: Vec<Seeded> = Seeded::all().filter(asked).collect();
    let arguments = Arguments {
        measure: args.measure,
        fault: args.fault.clone(),
        seeds: args.measure.then_some(args.seeds),
    };
    let worker = this_program().ok();
    if !args.measure {
        let work = |fault: &Seeded, stop: &Stop| caught(*fault, &sources, worker.as_ref(), stop);
        let (found, stop) = units(args, &sources, &faults, &arguments, work)?;
        let exit = matrix(&mut stdout(), &found)?;
        return Ok(unless_stopped(&stop, exit));
    }
    let (seeds, most) = (args.seeds, EXECUTIONS_MAX);
    complain(&format!("seeds {seeds} of each strategy of shuttle, executions-max {most} of each"));
    let what = Measure::whole(args.seeds, worker);
    let work = |fault: &Seeded, stop: &Stop| zoo::measure(*fault, &sources, &what, stop);
    let (rows, stop) = units(args, &sources, &faults, &arguments, work)?;
    match stop.is_interrupted() {
        true => Ok(unless_stopped(&stop, Exit::Interrupted)),
        false => measurements(rows),
    }
}

/// What decides what is found: the flags, by their names.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Arguments {
    pub(super) measure: bool,
    pub(super) fault: Vec<Seeded>,
    /// `null`: nothing is measured.
    pub(super) seeds: Option<u64>,
}

/// The first line of the results of a shard, which has that many of the bugs.
pub(super) fn header(sources: &[Source], arguments: &Arguments, shard: Shard, mine: u64) -> Header {
    let text = |source: &Source| format!("{}\n{}", source.file, source.scenario.to_toml());
    let texts: Vec<String> = sources.iter().map(text).collect();
    let arguments = serde_json::to_value(arguments).expect("plain data");
    Header {
        format: FORMAT,
        tool: TOOL.to_owned(),
        command: Kind::Faults,
        arguments: serde_json::from_value(arguments).expect("an object"),
        work: UnitId::of(&texts.iter().map(String::as_str).collect::<Vec<_>>()),
        shard,
        costs: None,
        units: Some(mine),
        nanoseconds_max: None,
    }
}

/// Does the work for each bug of the shard, several at once, and records it. What was done before
/// is not done again.
fn units<T: Serialize + DeserializeOwned + Send>(
    args: &Faults,
    sources: &[Source],
    faults: &[Seeded],
    arguments: &Arguments,
    work: impl Fn(&Seeded, &Stop) -> T + Sync,
) -> Result<(Found<T>, Stop), Early> {
    let shard = args.far.shard()?;
    let partition = Partition::by_content(shard.of());
    let mut mine = faults.to_vec();
    mine.retain(|fault| partition.shard_of(unit_id(*fault)) == shard.index());
    if shard != Shard::WHOLE {
        complain(&format!("shard {shard}: {} of {} seeded bugs", mine.len(), faults.len()));
    }
    let opened = args.far.open::<T>(&header(sources, arguments, shard, mine.len() as u64))?;
    let (mut recorder, mut done) = match opened {
        Some(opened) => (Some(opened.recorder), opened.done),
        None => (None, BTreeMap::new()),
    };
    let mut left = mine.clone();
    left.retain(|fault| !done.contains_key(&unit_id(*fault)));
    let stop = Stop::default();
    stop_at_signals(&stop);
    let bar = progress::bar(Some(left.len() as u64), "seeded bugs, {elapsed}", &stop);
    let cut = Mutex::new(BTreeSet::new());
    let work = |fault: &Seeded| {
        let line = Line { unit: unit_id(*fault), result: work(fault, &stop) };
        if stop.limit().is_some() {
            cut.lock().unwrap_or_else(PoisonError::into_inner).insert(line.unit);
        }
        line
    };
    let over = |over| bar.set_position(over as u64);
    let (lines, recorded) =
        record_all(&left, recorder.as_mut(), (jobs(args.jobs), &stop), work, &over);
    bar.finish_and_clear();
    recorded.map_err(unwritable(args.far.results.as_deref().unwrap_or(Path::new(""))))?;
    // What an interruption has cut short says nothing.
    let cut = cut.into_inner().unwrap_or_else(PoisonError::into_inner);
    let whole = lines.into_iter().filter(|line| !cut.contains(&line.unit));
    done.extend(whole.map(|line| (line.unit, line.result)));
    Ok((found(&mine, done), stop))
}

/// Bugs, in their order, each with what came of it.
type Found<T> = Vec<(Seeded, T)>;

/// The bugs that have a result.
pub(super) fn found<T>(faults: &[Seeded], mut results: BTreeMap<UnitId, T>) -> Found<T> {
    let of = |fault: &Seeded| Some((*fault, results.remove(&unit_id(*fault))?));
    faults.iter().filter_map(of).collect()
}

/// Prints what catches each bug of the machine, and of the shell.
pub(super) fn matrix(out: &mut impl Write, found: &[(Seeded, Caught)]) -> io::Result<Exit> {
    writeln!(out, "{:<30} {:<10} caught by", "fault", "must catch")?;
    let (mut all, mut caught) = (0, 0);
    for (fault, how) in found {
        if let (Seeded::Machine(fault), Caught::Machine(clauses)) = (fault, how) {
            let ids: Vec<&str> = clauses.iter().map(|clause| clause.id).collect();
            (all, caught) = (all + 1, caught + usize::from(ids.contains(&fault.caught_by)));
            writeln!(out, "{}", row(fault, &ids))?;
        }
    }
    writeln!(out, "\n{caught} of {all} faults caught by their clause")?;
    let of_shell = shell_faults(out, found)?;
    Ok(if caught == all && of_shell { Exit::Met } else { Exit::Violated })
}

/// Prints measurements.
pub(super) fn measurements(rows: Found<Option<Row>>) -> Result<Exit, Early> {
    let rows: Vec<Row> = rows.into_iter().filter_map(|(_, row)| row).collect();
    write!(stdout(), "{}", table(&rows))?;
    Ok(if rows.iter().all(Row::is_caught) { Exit::Met } else { Exit::Violated })
}

/// One entry of the list: the bug, what catches it, and what it does.
fn listed(fault: Seeded, width: usize) -> String {
    let caught_by = match fault {
        Seeded::Machine(fault) => fault.caught_by,
        Seeded::Shell(fault) => fault.caught_by.name(),
    };
    let summary = wrap_hanging(fault.summary(), width, 42);
    format!("{:<30} {caught_by:<10} {summary}", fault.name())
}

fn row(fault: &Fault, caught: &[&'static str]) -> String {
    let sign = if caught.contains(&fault.caught_by) { ' ' } else { '✗' };
    format!("{:<30} {:<8} {sign} {}", fault.name, fault.caught_by, caught.join(" "))
}

/// Prints the table of shell faults and engines. Whether each was caught by the engine that it
/// names.
fn shell_faults(out: &mut impl Write, found: &[(Seeded, Caught)]) -> io::Result<bool> {
    writeln!(
        out,
        "\n{:<30} {:<12} caught after so many executions",
        "fault of the shell", "shows"
    )?;
    writeln!(out, "{:<30} {:<12} {:<12} {:<8} {:<8}", "", "", "exhaustive", "loom", "shuttle")?;
    let (mut all, mut caught) = (0, 0);
    for (fault, how) in found {
        if let (Seeded::Shell(fault), Caught::Shell(found)) = (fault, how) {
            let is_caught = |at: usize| ENGINES[at] == fault.caught_by && found[at].is_some();
            let is_caught = (0..ENGINES.len()).any(is_caught);
            (all, caught) = (all + 1, caught + usize::from(is_caught));
            writeln!(out, "{}", shell_row(fault, found))?;
        }
    }
    writeln!(out, "\nprotocol runs no code, and std would print something else each time")?;
    writeln!(out, "{caught} of {all} faults of the shell caught by their engine")?;
    Ok(caught == all)
}

fn shell_row(fault: &ShellFault, found: &[Option<Catch>; 3]) -> String {
    let after = |catch: &Option<Catch>| match catch {
        Some(catch) => catch.executions.to_string(),
        None => "-".to_owned(),
    };
    let [exhaustive, loom, shuttle] = [0, 1, 2].map(|engine| after(&found[engine]));
    let file = found.iter().flatten().next().map_or("", |catch| &catch.file);
    let shows = fault.shows.name();
    format!("{:<30} {shows:<12} {exhaustive:<12} {loom:<8} {shuttle:<8} {file}", fault.name)
}
