//! The command `calloff check`: explores scenarios and judges them.

use std::fs;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use calloff_protocol::exploration::{Engine, Limits, Stop};
use calloff_protocol::finding::{Counterexample, Shown};
use calloff_protocol::judge::{
    Options, Run, Sometimes, Source, Verdict, Violated, Violation, sometimes, vacuous,
};
use calloff_protocol::plan::Plan;
use calloff_protocol::scenario::Mistake;
use calloff_protocol::text::printable;
use calloff_reports::findings::{Finding, Scope};
use calloff_reports::human::Human;
use calloff_reports::replay::why_not;
use calloff_reports::{findings, github, json};
use calloff_sim::check as checking;
use calloff_sim::engine::loom::worker::this_program;
use calloff_sim::exit::Exit;
use calloff_sim::load::{Kept, load_kept};
use calloff_sim::replay::keep::Stale;
use calloff_sim::replay::save::save as save_file;
use calloff_sim::replay::{explore, follow_violation, keep};
use calloff_sim::time::stop_within;

use super::args::{Check, Format, Selection, jobs};
use super::bless::bless;
use super::interrupt::{stop_at_signals, unless_stopped};
use super::{Early, complain, narrate, progress, stdout, unless_closed, unwritable};
use crate::{junit, width};

pub(super) fn run(args: &Check) -> Result<Exit, Early> {
    let loaded = load_kept(&args.paths);
    if let Err(bad) = &loaded {
        refuse(args, &bad.mistakes())?;
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
    let mut runs = execute(&plan, &stop);
    let saved = match &args.save {
        Some(folder) => save(&plan, &mut runs, folder),
        None => Ok(()),
    };
    if plan.options.fault.is_none() {
        replay_kept(&kept, &plan.sources, &mut runs, &stop);
    }
    let sometimes = sometimes(&runs);
    let is_corpus = args.paths.is_empty();
    let missing = missing(&runs, &sometimes, is_corpus);
    let filed = write_junit(args, |file| junit::write(&plan, &runs, &missing, file));
    let written = match args.format {
        Format::Json => {
            let report = json::report(&plan, &runs, &sometimes);
            json::write(&report, io::stdout().lock())
        }
        Format::Junit => junit::write(&plan, &runs, &missing, io::stdout().lock()),
        Format::Github => {
            let text = |source: &Source| fs::read_to_string(&source.file).ok();
            github::write(&plan, &runs, &missing, &text, io::stdout().lock())
        }
        Format::Human => {
            let width = width();
            let human = Human {
                plan: &plan,
                runs: &runs,
                sometimes: &sometimes,
                is_corpus,
                width,
                follow: &|case, violation| follow_violation(plan.options.fault, case, violation),
            };
            stdout().write_all(human.render().as_bytes())
        }
    };
    unless_closed(written)?;
    // A file that cannot be written does not keep the report back: only now does it end the check.
    saved.and(filed)?;
    let exit = unless_stopped(&stop, exit(&runs, &sometimes, is_corpus));
    if args.bless { bless(&plan, &runs, exit) } else { Ok(exit) }
}

/// Reports on files that cannot be checked, in the form that was asked for. People read the same on
/// standard error.
fn refuse(args: &Check, mistakes: &[Mistake]) -> Result<(), Early> {
    write_junit(args, |file| junit::write_mistakes(mistakes, file))?;
    let out = io::stdout().lock();
    let written = match args.format {
        Format::Json => json::write_mistakes(mistakes, out),
        Format::Junit => junit::write_mistakes(mistakes, out),
        Format::Github => github::write_mistakes(mistakes, out),
        Format::Human => Ok(()),
    };
    Ok(unless_closed(written)?)
}

/// Writes the JUnit report that is wanted beside the other one.
fn write_junit(args: &Check, write: impl FnOnce(File) -> io::Result<()>) -> Result<(), Early> {
    let Some(path) = &args.junit else { return Ok(()) };
    File::create(path).and_then(write).map_err(unwritable(path))
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

/// Writes every finding as a counterexample, once, whatever readings and engines have it: with an
/// execution, if any engine has one that shows it.
pub(super) fn save(plan: &Plan, runs: &mut [Run], folder: &Path) -> Result<(), Early> {
    let mut files: Vec<((usize, usize), String)> = Vec::new();
    for finding in findings::of(plan, runs, Scope::Expected).into_values() {
        let Finding { run, violation, places, .. } = finding;
        let source = &plan.sources[run.source];
        let mut found = Counterexample::of(source, run, violation, &plan.options);
        if found.shown != Shown::Execution {
            found = explore::execution(&found, &Stop::default()).unwrap_or(found);
        }
        let path = save_file(&found, folder).map_err(unwritable(folder))?;
        let file = path.display().to_string();
        files.extend(places.into_iter().map(|place| (place, file.clone())));
    }
    for ((run, at), file) in files {
        runs[run].violations[at].file = Some(file);
    }
    Ok(())
}

/// Replays the executions of regressions, each under the seeded bug for which it was kept. If one
/// does not show the bug any more, that violates the expectation of its file.
fn replay_kept(kept: &[Kept], sources: &[Source], runs: &mut [Run], stop: &Stop) {
    for Kept { source, finding } in kept {
        let scenario = &sources[*source].scenario;
        let (stale, reading) = match finding {
            Ok(finding) => {
                let stale = keep::stale(finding, scenario, stop);
                (stale.map(|stale| why_stale(finding, &stale)), Some(finding.reading))
            }
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
    let bar = progress::bar(
        Some(plan.runs().len() as u64),
        "runs, {states} states, {rate}, {elapsed}, {doing}",
        stop,
    );
    let runs = checking::execute(plan, stop, &|done| bar.set_position(done as u64));
    bar.finish_and_clear();
    runs
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

/// Why a kept counterexample does not show its bug any more, and what to do about it.
fn why_stale(finding: &Counterexample, stale: &Stale) -> String {
    let reason = match stale {
        Stale::NoActor(name) => format!("no actor is called `{}`", printable(name)),
        Stale::NoExecution => "it has none".to_owned(),
        Stale::NotShown(replay) => why_not(finding, replay).unwrap_or_default(),
    };
    let id = finding.claim.as_ref().map_or("it", |claim| claim.what.id());
    let fault = finding.fault.map_or("", |fault| fault.name());
    format!(
        "the execution that was kept does not show {id} any more under the seeded bug {fault}: \
         {reason}. Find the race again (`calloff fuzz --fault {fault}`) and keep it anew, or \
         delete the file"
    )
}
