//! The command `calloff faults`: prints the matrix of faults and clauses, the table of shell faults
//! and engines, and measurements.

use std::io::{self, Write};

use calloff_protocol::exploration::{Engine, Limits, Reductions, Stop};
use calloff_protocol::faults::shell::SHELL_FAULTS;
use calloff_protocol::faults::{FAULTS, Seeded, ShellFault};
use calloff_protocol::judge::{Options, Source, caught_by};
use calloff_protocol::plan::{Axes, Plan};
use calloff_protocol::text::wrap_hanging;
use calloff_protocol::world::Fault;
use calloff_sim::catch::{Catch, catches};
use calloff_sim::engine::loom::worker::this_program;
use calloff_sim::exit::Exit;
use calloff_sim::pool;
use calloff_sim::zoo;
use calloff_sim::zoo::{EXECUTIONS_MAX, Measure, Row};

use super::args::{jobs, parse_fault};
use super::interrupt::{stop_at_signals, unless_stopped};
use super::{Early, check, complain, progress, stdout};
use crate::zoo::table;
use crate::{load, width};

/// Flags of `faults`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  calloff faults --list
  calloff faults
  calloff faults --measure
  calloff faults --measure --fault notify-one --seeds 200")]
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
}

pub(super) fn run(args: &Faults) -> Result<Exit, Early> {
    let mut out = stdout();
    if args.list {
        for fault in Seeded::all() {
            writeln!(out, "{}", listed(fault, width()))?;
        }
        return Ok(Exit::Met);
    }
    let sources = load(&[])?;
    if args.measure {
        return measure(args, &sources);
    }
    writeln!(out, "{:<30} {:<10} caught by", "fault", "must catch")?;
    let stop = Stop::default();
    let mut missed = 0;
    for fault in &FAULTS {
        let plan = Plan {
            sources: sources.clone(),
            axes: Axes::default(),
            options: Options {
                engines: vec![Engine::Protocol],
                fault: Some(Seeded::Machine(fault)),
                code: None,
                limits: Limits::default(),
                reductions: Reductions::default(),
                seed: 0,
                worker: None,
            },
            jobs: jobs(args.jobs),
        };
        let runs = check::execute(&plan, &stop);
        if stop.is_interrupted() {
            return Ok(unless_stopped(&stop, Exit::Interrupted));
        }
        let caught = caught_by(&runs);
        missed += usize::from(!caught.contains(&fault.caught_by));
        writeln!(out, "{}", row(fault, &caught))?;
    }
    writeln!(out, "\n{} of {} faults caught by their clause", FAULTS.len() - missed, FAULTS.len())?;
    let caught = shell_faults(&mut out, &sources, &stop, jobs(args.jobs))?;
    missed += SHELL_FAULTS.len() - caught;
    Ok(unless_stopped(&stop, if missed == 0 { Exit::Met } else { Exit::Violated }))
}

/// Measures the bugs, several at once, and prints them in their order.
fn measure(args: &Faults, sources: &[Source]) -> Result<Exit, Early> {
    let asked: Vec<Seeded> = args.fault.clone();
    let faults: Vec<Seeded> =
        Seeded::all().filter(|fault| asked.is_empty() || asked.contains(fault)).collect();
    let what = Measure::whole(args.seeds, this_program().ok());
    let (seeds, most) = (args.seeds, EXECUTIONS_MAX);
    complain(&format!("seeds {seeds} of each strategy of shuttle, executions-max {most} of each"));
    let stop = Stop::default();
    stop_at_signals(&stop);
    let bar = progress::bar(Some(faults.len() as u64), "seeded bugs, {elapsed}", &stop);
    let rows = zoo::measure_all(&faults, sources, &what, jobs(args.jobs), &stop, &|| bar.inc(1));
    bar.finish_and_clear();
    let Some(rows) = rows else { return Ok(unless_stopped(&stop, Exit::Interrupted)) };
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

/// The engines of the second table.
const ENGINES: [Engine; 3] = [Engine::Exhaustive, Engine::Loom, Engine::Shuttle];

/// Prints the table of shell faults and engines. Returns how many faults the engine that they name
/// has caught.
fn shell_faults(
    out: &mut impl Write,
    sources: &[Source],
    stop: &Stop,
    jobs: usize,
) -> io::Result<usize> {
    writeln!(
        out,
        "\n{:<30} {:<12} caught after so many executions",
        "fault of the shell", "shows"
    )?;
    writeln!(out, "{:<30} {:<12} {:<12} {:<8} {:<8}", "", "", "exhaustive", "loom", "shuttle")?;
    let worker = this_program().ok();
    let search = |fault: &&'static ShellFault| {
        let fault = Some(Seeded::Shell(fault));
        ENGINES.map(|engine| catches(fault, engine, sources, worker.as_ref(), stop))
    };
    let rows = pool::run(&SHELL_FAULTS.each_ref(), jobs, search, &|_| ());
    let mut caught = 0;
    for (fault, found) in SHELL_FAULTS.iter().zip(rows) {
        let is_caught = |at: usize| ENGINES[at] == fault.caught_by && found[at].is_some();
        caught += usize::from((0..ENGINES.len()).any(is_caught));
        writeln!(out, "{}", shell_row(fault, &found))?;
    }
    let all = SHELL_FAULTS.len();
    writeln!(out, "\nprotocol runs no code, and std would print something else each time")?;
    writeln!(out, "{caught} of {all} faults of the shell caught by their engine")?;
    Ok(caught)
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
