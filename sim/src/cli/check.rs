//! The command `calloff check`: explores scenarios and judges them.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::args::{Check, Format, Selection, jobs};
use super::load::Kept;
use super::{Exit, complain, load, narrate, stdout};
use crate::check::{Options, Run, Source, Verdict, Violated, Violation};
use crate::engine::loom::worker::Worker;
use crate::engine::{Engine, Limits, Stop};
use crate::finding::{self, Counterexample, Shown, explore, keep};
use crate::plan::Plan;
use crate::report::human::Human;
use crate::report::seed_table::{Sometimes, sometimes, vacuous};
use crate::report::{self, github, json, junit};

pub(super) fn run(args: &Check) -> io::Result<Exit> {
    let (sources, kept) = match load::load_kept(&args.paths) {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(exit),
    };
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
            fault: args.fault.as_ref().map(|name| name.0),
            limits: limits(selection),
            seed: selection.seed,
            worker: Worker::this_program().ok(),
        },
        jobs: jobs(selection.jobs),
    };
    introduce(&plan);
    if plan.runs().is_empty() {
        complain("error: no scenario is to be checked under the selected readings");
        return Ok(Exit::Usage);
    }
    let stop = Stop::after(plan.options.limits.seconds_max);
    let mut runs = execute(&plan, &stop);
    if let Some(folder) = &args.save {
        save(&plan.sources, &mut runs, &plan.options, folder)?;
    }
    if plan.options.fault.is_none() {
        replay_kept(&kept, &plan.sources, &mut runs, &stop);
    }
    let sometimes = sometimes(&runs);
    let is_corpus = args.paths.is_empty();
    let written = match args.format {
        Format::Json => {
            let report = json::report(&plan, &runs, &sometimes);
            json::write(&report, io::stdout().lock())
        }
        Format::Junit => {
            junit::write(&plan, &runs, &missing(&runs, &sometimes, is_corpus), io::stdout().lock())
        }
        Format::Github => {
            github::write(&plan, &runs, &missing(&runs, &sometimes, is_corpus), io::stdout().lock())
        }
        Format::Human => {
            let width = report::width();
            let human = Human { plan: &plan, runs: &runs, sometimes: &sometimes, is_corpus, width };
            stdout().write_all(human.render().as_bytes())
        }
    };
    // A reader that closes standard output early does not change the exit code.
    written.or_else(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Ok(()),
        _ => Err(error),
    })?;
    Ok(if stop.is_interrupted() { Exit::Interrupted } else { exit(&runs, &sometimes, is_corpus) })
}

pub(super) fn limits(selection: &Selection) -> Limits {
    let default = if selection.thorough { Limits::thorough() } else { Limits::default() };
    Limits {
        states_max: selection.states_max,
        executions_max: selection.executions_max.unwrap_or(default.executions_max),
        loom_executions_max: selection.executions_max.unwrap_or(default.loom_executions_max),
        std_executions: default.std_executions,
        preemptions_max: selection.preemptions_max,
        memory_max: selection.memory_max,
        seconds_max: selection.seconds_max.unwrap_or(default.seconds_max),
    }
}

/// Writes every violation as a counterexample: with an execution, if any engine has one that shows
/// it.
pub(super) fn save(
    sources: &[Source],
    runs: &mut [Run],
    options: &Options,
    folder: &Path,
) -> io::Result<()> {
    for run in runs {
        let mut files = Vec::new();
        for violation in &run.violations {
            let mut found = Counterexample::of(&sources[run.source], run, violation, options);
            if found.shown != Shown::Execution {
                found = explore::execution(&found, &Stop::default()).unwrap_or(found);
            }
            let path = finding::save::save(&found, folder)?;
            files.push(path.display().to_string());
        }
        for (violation, file) in run.violations.iter_mut().zip(files) {
            violation.file = Some(file);
        }
    }
    Ok(())
}

/// Replays the executions of regressions, each under the seeded bug for which it was kept. If one
/// does not show the bug any more, that violates the expectation of its file.
fn replay_kept(kept: &[Kept], sources: &[Source], runs: &mut [Run], stop: &Stop) {
    for Kept { source, finding } in kept {
        let scenario = &sources[*source].scenario;
        let (stale, reading) = match finding {
            Ok(finding) => (keep::stale(finding, scenario, stop), Some(finding.reading)),
            Err(why) => (Some(why.clone()), None),
        };
        let is_meant = |run: &&mut Run| {
            run.source == *source && reading.is_none_or(|reading| reading == run.reading)
        };
        let run = runs.iter_mut().filter(is_meant).min_by_key(|run| run.skipped.is_some());
        if let Some((message, run)) = stale.zip(run) {
            (run.verdict, run.is_as_expected) = (Verdict::Violated, false);
            run.violations.push(Violation::new(Violated::Expectation, message));
        }
    }
}

/// Prints the seed and every limit at the start.
pub(super) fn introduce(plan: &Plan) {
    let Options { engines, fault, limits, seed, worker: _ } = &plan.options;
    let Limits {
        states_max,
        executions_max,
        std_executions,
        loom_executions_max,
        preemptions_max,
        memory_max,
        seconds_max,
    } = limits;
    let engines: Vec<&str> = engines.iter().map(|engine| engine.name()).collect();
    let (engines, version) = (engines.join(", "), env!("CARGO_PKG_VERSION"));
    complain(&format!("calloff {version}: engines {engines}; seed {seed}"));
    narrate(&format!(
        "limits: states-max {states_max}, executions-max {executions_max} (loom: \
         {loom_executions_max}, std: {std_executions}), preemptions-max {preemptions_max}, \
         memory-max {memory_max} MiB, seconds-max {seconds_max}"
    ));
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
    stop_at_ctrl_c(stop);
    let bar = progress_bar(plan.runs().len(), stop.clone());
    let runs = plan.execute(stop, &|done| bar.set_position(done as u64));
    bar.finish_and_clear();
    runs
}

/// Makes Ctrl-C stop the exploration; a second Ctrl-C ends the program at once.
pub(super) fn stop_at_ctrl_c(stop: &Stop) {
    let handler = stop.clone();
    let handled = ctrlc::set_handler(move || {
        if handler.is_interrupted() {
            std::process::exit(i32::from(Exit::Interrupted.code()));
        }
        handler.interrupt();
    });
    if handled.is_err() {
        // Other code in this process already handles Ctrl-C.
    }
}

fn progress_bar(runs: usize, stop: Stop) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    }
    let template = "{bar:30} {pos}/{len} runs, {states} states, {elapsed}";
    let style = ProgressStyle::with_template(template).expect("a fixed template");
    let style = style.with_key("states", move |_: &ProgressState, out: &mut dyn fmt::Write| {
        let _ = write!(out, "{}", stop.states());
    });
    let bar = ProgressBar::new(runs as u64).with_style(style);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// The facets that the whole corpus must witness and never did.
fn missing<'s>(runs: &[Run], sometimes: &'s [Sometimes], is_corpus: bool) -> Vec<&'s Sometimes> {
    if is_corpus { vacuous(runs, sometimes) } else { Vec::new() }
}

pub(super) fn exit(runs: &[Run], sometimes: &[Sometimes], is_corpus: bool) -> Exit {
    let is_vacuous = !missing(runs, sometimes, is_corpus).is_empty();
    if runs.iter().any(Run::is_broken) || is_vacuous {
        Exit::Violated
    } else if runs.iter().any(|run| !run.is_as_expected && run.skipped.is_none())
        || runs.iter().all(|run| run.skipped.is_some())
    {
        Exit::Inconclusive
    } else {
        Exit::Met
    }
}
