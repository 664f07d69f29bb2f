//! The end of a check: its report, from the results of all runs, wherever these come from.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use calloff_protocol::exploration::Stop;
use calloff_protocol::finding::{Counterexample, Shown};
use calloff_protocol::judge::{
    Run, Sometimes, Source, Verdict, Violated, Violation, sometimes, vacuous,
};
use calloff_protocol::plan::Plan;
use calloff_protocol::scenario::Mistake;
use calloff_protocol::text::printable;
use calloff_reports::findings::{Finding, Scope};
use calloff_reports::human::Human;
use calloff_reports::replay::why_not;
use calloff_reports::{findings, github, json};
use calloff_sim::exit::Exit;
use calloff_sim::load::Kept;
use calloff_sim::replay::keep::Stale;
use calloff_sim::replay::save::save as save_file;
use calloff_sim::replay::{explore, follow_violation, keep};
use clap::ValueEnum;

use super::interrupt::unless_stopped;
use super::{Early, stdout, unless_closed, unwritable};
use crate::{junit, width};

/// The form of a report.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub enum Format {
    /// For people.
    Human,
    /// For programs; documented and stable.
    Json,
    /// For continuous integration servers.
    Junit,
    /// Annotations for GitHub.
    Github,
}

/// Where the report goes.
#[derive(clap::Args, Debug)]
pub struct Output {
    /// The format of the report.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// Write a JUnit report to this file, in addition to the other report.
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Write each counterexample into this folder, as a file for `calloff replay`.
    #[arg(long, value_name = "DIR")]
    pub save: Option<PathBuf>,
}

/// How much of a check has its runs here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Extent {
    /// All of the corpus: what must be seen somewhere in it must be seen here.
    Corpus,
    /// All of some files.
    Files,
    /// A shard, which may have nothing to do.
    Shard,
}

/// A check whose runs are over.
pub(super) struct Checked<'a> {
    pub(super) plan: &'a Plan,
    /// The counterexamples next to its scenarios.
    pub(super) kept: &'a [Kept],
    pub(super) extent: Extent,
}

impl Checked<'_> {
    /// Replays what was kept, and writes the report.
    pub(super) fn report(
        &self,
        runs: &mut [Run],
        output: &Output,
        stop: &Stop,
    ) -> Result<Exit, Early> {
        let Checked { plan, kept, extent } = *self;
        let saved = match &output.save {
            Some(folder) => save(plan, runs, folder),
            None => Ok(()),
        };
        if plan.options.fault.is_none() {
            replay_kept(kept, &plan.sources, runs, stop);
        }
        let runs = &*runs;
        let sometimes = sometimes(runs);
        let is_corpus = extent == Extent::Corpus;
        let missing = missing(runs, &sometimes, is_corpus);
        let filed = write_junit(output, |file| junit::write(plan, runs, &missing, file));
        let written = match output.format {
            Format::Json => {
                let report = json::report(plan, runs, &sometimes);
                json::write(&report, io::stdout().lock())
            }
            Format::Junit => junit::write(plan, runs, &missing, io::stdout().lock()),
            Format::Github => {
                let text = |source: &Source| fs::read_to_string(&source.file).ok();
                github::write(plan, runs, &missing, &text, io::stdout().lock())
            }
            Format::Human if runs.is_empty() => writeln!(stdout(), "nothing to do in this shard"),
            Format::Human => {
                let width = width();
                let human = Human {
                    plan,
                    runs,
                    sometimes: &sometimes,
                    is_corpus,
                    width,
                    follow: &|case, found| follow_violation(plan.options.fault, case, found),
                };
                stdout().write_all(human.render().as_bytes())
            }
        };
        unless_closed(written)?;
        // A file that cannot be written does not keep the report back: only now does it end the
        // check.
        saved.and(filed)?;
        let exit = match exit(runs, &sometimes, is_corpus) {
            // What a shard has not explored, others may have.
            Exit::Inconclusive if extent == Extent::Shard && all_skipped(runs) => Exit::Met,
            exit => exit,
        };
        Ok(unless_stopped(stop, exit))
    }
}

/// Reports on files that cannot be checked, in the form that was asked for. People read the same on
/// standard error.
pub(super) fn refuse(output: &Output, mistakes: &[Mistake]) -> Result<(), Early> {
    write_junit(output, |file| junit::write_mistakes(mistakes, file))?;
    let out = io::stdout().lock();
    let written = match output.format {
        Format::Json => json::write_mistakes(mistakes, out),
        Format::Junit => junit::write_mistakes(mistakes, out),
        Format::Github => github::write_mistakes(mistakes, out),
        Format::Human => Ok(()),
    };
    Ok(unless_closed(written)?)
}

/// Writes the JUnit report that is wanted beside the other one.
fn write_junit(output: &Output, write: impl FnOnce(File) -> io::Result<()>) -> Result<(), Early> {
    let Some(path) = &output.junit else { return Ok(()) };
    File::create(path).and_then(write).map_err(unwritable(path))
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

/// The facets that the whole corpus must witness and never did.
fn missing<'s>(runs: &[Run], sometimes: &'s [Sometimes], is_corpus: bool) -> Vec<&'s Sometimes> {
    if is_corpus { vacuous(runs, sometimes) } else { Vec::new() }
}

pub(super) fn exit(runs: &[Run], sometimes: &[Sometimes], is_corpus: bool) -> Exit {
    let is_vacuous = !missing(runs, sometimes, is_corpus).is_empty();
    if runs.iter().any(Run::is_broken) || is_vacuous {
        Exit::Violated
    } else if runs.iter().any(|run| !run.is_as_expected && run.skipped.is_none())
        || all_skipped(runs)
    {
        Exit::Inconclusive
    } else {
        Exit::Met
    }
}

fn all_skipped(runs: &[Run]) -> bool {
    runs.iter().all(|run| run.skipped.is_some())
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
