//! The command `calloff check`: explores scenarios and judges them.

use std::collections::BTreeMap;

use calloff_protocol::exploration::{Engine, Limits, Stop};
use calloff_protocol::judge::{Options, Run};
use calloff_protocol::plan::Plan;
use calloff_sim::check as checking;
use calloff_sim::engine::loom::worker::this_program;
use calloff_sim::exit::Exit;
use calloff_sim::load::{Kept, load_kept};
use calloff_sim::recorded::{self, Unit};
use calloff_sim::results::record_all;
use calloff_sim::shards::Shard;
use calloff_sim::time::stop_within;

use super::args::{Check, Selection, jobs};
use super::bless::bless;
use super::conclude::{Checked, Extent, refuse};
use super::interrupt::stop_at_signals;
use super::{Early, complain, far, narrate, progress, unwritable};

pub(super) fn run(args: &Check) -> Result<Exit, Early> {
    let loaded = load_kept(&args.paths);
    if let Err(bad) = &loaded {
        refuse(&args.output, &bad.mistakes())?;
    }
    let (sources, kept) = loaded?;
    let selection = &args.selection;
    let engines = match selection.engine.as_slice() {
        [] => Engine::ALL.to_vec(),
        some => Engine::ALL.into_iter().filter(|engine| some.contains(engine)).collect(),
    };
    let plan = Plan {
        sources,
        axes: selection.readings.axes(),
        options: Options {
            engines,
            fault: args.fault.fault,
            code: None,
            limits: limits(selection),
            reductions: selection.reductions(),
            seed: selection.seed,
            worker: this_program().ok(),
        },
        jobs: jobs(selection.jobs),
    };
    introduce(&plan);
    if plan.runs().is_empty() {
        complain("error: no scenario is to be checked under the selected readings");
        return Ok(Exit::Usage);
    }
    let stop = stop_within(plan.options.limits.time());
    explore(args, plan, kept, &stop)
}

/// Explores what is asked for and not recorded yet, and reports on all of it.
fn explore(args: &Check, plan: Plan, kept: Vec<Kept>, stop: &Stop) -> Result<Exit, Early> {
    let all = recorded::units(&plan);
    let shard = args.far.shard()?;
    let (partition, costs) = far::partition(shard.of(), &args.costs)?;
    let mut mine = all.clone();
    mine.retain(|unit| partition.shard_of(unit.id) == shard.index());
    let distinct = recorded::distinct(&mine);
    let paths = args.paths.iter().map(|path| path.display().to_string()).collect();
    let header = recorded::header(&plan, &all, paths, (shard, costs, distinct.len()));
    if shard != Shard::WHOLE {
        complain(&format!("shard {shard}: {} of {} runs of scenarios", mine.len(), all.len()));
    }
    let (mut recorder, mut results) = match args.far.open::<Vec<Run>>(&header)? {
        Some(opened) => (Some(opened.recorder), opened.done),
        None => (None, BTreeMap::new()),
    };
    let mut left = distinct;
    left.retain(|unit| !results.contains_key(&unit.id));
    stop_at_signals(stop);
    let bar = bar(left.len(), stop);
    let work = |unit: &Unit| recorded::explore(&plan, unit, stop);
    let done = |done| bar.set_position(done as u64);
    let (lines, recorded) = record_all(&left, recorder.as_mut(), (plan.jobs, stop), work, &done);
    bar.finish_and_clear();
    results.extend(lines.into_iter().map(|line| (line.unit, line.result)));
    let mut runs = recorded::runs(&plan, &mine, results, &BTreeMap::new());
    let (plan, kept) = recorded::only(plan, kept, &mut runs);
    let extent = match (shard == Shard::WHOLE, args.paths.is_empty()) {
        (false, _) => Extent::Shard,
        (true, true) => Extent::Corpus,
        (true, false) => Extent::Files,
    };
    let checked = Checked { plan: &plan, kept: &kept, extent };
    let exit = checked.report(&mut runs, &args.output, stop)?;
    if let (Some(path), Err(error)) = (&args.far.results, recorded) {
        return Err(unwritable(path)(error));
    }
    if args.bless { bless(&plan, &runs, exit) } else { Ok(exit) }
}

/// A progress bar for that many pieces of work.
fn bar(pieces: usize, stop: &Stop) -> indicatif::ProgressBar {
    progress::bar(Some(pieces as u64), "runs, {states} states, {rate}, {elapsed}, {doing}", stop)
}

pub(super) fn limits(selection: &Selection) -> Limits {
    let default = if selection.thorough { Limits::thorough() } else { Limits::default() };
    let time = selection.seconds_max.unwrap_or(default.time());
    Limits {
        states_max: selection.states_max,
        executions_max: selection.executions_max.unwrap_or(default.executions_max),
        loom_executions_max: selection.executions_max.unwrap_or(default.loom_executions_max),
        std_executions: default.std_executions,
        preemptions_max: selection.preemptions_max,
        memory_max: selection.memory_max,
        seconds_max: time.as_secs(),
        nanoseconds_max: time.subsec_nanos(),
    }
}

/// Prints the seed and every limit at the start.
pub(super) fn introduce(plan: &Plan) {
    let Options { engines, fault, code: _, limits, reductions, seed, worker: _ } = &plan.options;
    let Limits {
        states_max,
        executions_max,
        std_executions,
        loom_executions_max,
        preemptions_max,
        memory_max,
        seconds_max: _,
        nanoseconds_max: _,
    } = limits;
    let seconds_max = limits.time().as_secs_f64();
    let engines: Vec<&str> = engines.iter().map(|engine| engine.name()).collect();
    let (engines, version) = (engines.join(", "), env!("CARGO_PKG_VERSION"));
    complain(&format!("calloff {version}: engines {engines}; seed {seed}"));
    narrate(&format!(
        "limits: states-max {states_max}, executions-max {executions_max} (loom: \
         {loom_executions_max}, std: {std_executions}), preemptions-max {preemptions_max}, \
         memory-max {memory_max} MiB, seconds-max {seconds_max}"
    ));
    let reduced = [Engine::Protocol, Engine::Exhaustive];
    if plan.options.engines.iter().any(|engine| reduced.contains(engine)) {
        narrate(&format!("reductions: {reductions}"));
    }
    let is_foreign = |(source, reading): (usize, _)| {
        !plan.sources[source].scenario.expect.readings.contains(&reading)
    };
    if plan.runs().into_iter().any(is_foreign) {
        complain("readings that a file does not name: its [expect] is not applied to them");
    }
    if let Some(fault) = fault {
        complain(&format!("under the seeded bug {}:\n  {}", fault.name(), fault.summary()));
    }
}

/// Runs the plan with a progress bar (on a terminal), and stops at Ctrl-C.
pub(super) fn execute(plan: &Plan, stop: &Stop) -> Vec<Run> {
    stop_at_signals(stop);
    let bar = bar(plan.runs().len(), stop);
    let runs = checking::execute(plan, stop, &|done| bar.set_position(done as u64));
    bar.finish_and_clear();
    runs
}
