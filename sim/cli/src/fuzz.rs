//! The command `calloff fuzz`: checks generated scenarios.

use std::fmt::Write as _;
use std::path::Path;

use calloff_protocol::exploration::{Engine, Limit, Limits, Reductions, Stop};
use calloff_protocol::judge::{Options, Source};
use calloff_protocol::plan::{Axes, Plan};
use calloff_protocol::text::{count, printable_path};
use calloff_reports::style::{BAD, BOLD, GOOD, UNSURE};
use calloff_sim::engine::loom::worker::this_program;
use calloff_sim::exit::Exit;
use calloff_sim::generate::{
    BadState, Campaign, CaseResult, Ended, FuzzFinding, Report, Size, State, VACUOUS_AFTER,
};
use calloff_sim::results::BadResults;
use calloff_sim::shards::Shard;
use calloff_sim::shrink::Shrunk;
use calloff_sim::time::stop_after;

use super::args::{Fuzz, Shrinking, jobs};
use super::far::refuse;
use super::interrupt::{stop_at_signals, unless_stopped};
use super::{Early, complain, conclude, narrate, progress, show, shrink, unwritable};

/// The default number of cases if there is no other bound.
const CASES: u64 = 1000;
/// The default number of cases under a seeded bug; each bug is found in fewer.
const CASES_UNDER_FAULT: u64 = 5000;

/// The most states of a run if engines run an implementation: one large case must not take the time
/// of a thousand others. A run that is cut short is inconclusive.
const STATES_MAX_OF_CODE: u64 = 20_000;

pub(super) fn run(args: &Fuzz) -> Result<Exit, Early> {
    let campaign = campaign(args);
    introduce(args, &campaign);
    if args.far.shard.is_some() || args.far.results.is_some() {
        return far(args, campaign);
    }
    let opened = args.state.as_ref().map(|folder| open(folder, &campaign)).transpose();
    let mut state = opened?;
    let stop = args.seconds.map_or_else(Stop::default, stop_after);
    stop_at_signals(&stop);
    let bar = progress::bar(campaign.cases, "cases, {per_sec}, {states} states, {elapsed}", &stop);
    let done = |done| bar.set_position(done);
    let mut report = match (&mut state, &args.state) {
        (Some(state), Some(folder)) => {
            campaign.resume(state, &stop, &done).map_err(unwritable(folder))?
        }
        _ => campaign.run(&stop, &done),
    };
    bar.finish_and_clear();
    let candidates_max = (!args.no_shrink).then_some(args.shrinking.candidates_max);
    let save = args.save.as_deref();
    let shown = Show { campaign: &campaign, candidates_max, save, missing: 0 };
    shown.report(&mut report, &stop)
}

/// Checks a shard of the cases, or all of them, and records each result.
fn far(args: &Fuzz, campaign: Campaign) -> Result<Exit, Early> {
    if campaign.cases.is_none() {
        complain("error: --shard and --results are for a number of cases: give --cases as well");
        return Ok(Exit::Usage);
    }
    let shard = args.far.shard()?;
    let all = campaign.cases.unwrap_or_default();
    let campaign = campaign.of_shard(shard);
    let candidates_max = (!args.no_shrink).then_some(args.shrinking.candidates_max);
    let header = campaign.header(shard, candidates_max);
    let mine = header.units.unwrap_or_default();
    if shard != Shard::WHOLE {
        complain(&format!("shard {shard}: {mine} of {all} cases"));
    }
    let opened = args.far.open::<CaseResult>(&header)?;
    let stop = args.seconds.map_or_else(Stop::default, stop_after);
    stop_at_signals(&stop);
    let bar = progress::bar(Some(mine), "cases, {per_sec}, {states} states, {elapsed}", &stop);
    let done = |done| bar.set_position(done);
    let path = args.far.results.as_deref().unwrap_or(Path::new(""));
    let (mut report, recorded) = match opened {
        None => (campaign.run(&stop, &done), Ok(())),
        Some(mut opened) => {
            let went_on = campaign.record(&mut opened.recorder, opened.done, &stop, &done);
            went_on.map_err(|why| refuse(path, BadResults::Foreign(why)))?
        }
    };
    bar.finish_and_clear();
    let save = args.save.as_deref();
    let shown = Show { campaign: &campaign, candidates_max, save, missing: 0 };
    let exit = shown.report(&mut report, &stop)?;
    recorded.map_err(unwritable(path))?;
    // A shard may have no cases at all.
    Ok(if mine == 0 && exit == Exit::Inconclusive { Exit::Met } else { exit })
}

/// What becomes of a report.
pub(super) struct Show<'a> {
    pub(super) campaign: &'a Campaign,
    /// How long to try to shrink what was found; `None`: not at all.
    pub(super) candidates_max: Option<u64>,
    /// The folder that counterexamples go to.
    pub(super) save: Option<&'a Path>,
    /// The number of cases that have no result.
    pub(super) missing: u64,
}

impl Show<'_> {
    /// Shrinks and saves what was found, and prints the report.
    pub(super) fn report(&self, report: &mut Report, stop: &Stop) -> Result<Exit, Early> {
        let Show { campaign, candidates_max, save, missing } = *self;
        let shrinking = candidates_max.map(|candidates_max| Shrinking { candidates_max });
        let shrink = |finding: &FuzzFinding| {
            let finding = finding.to_shrink(campaign.options.fault)?;
            let (options, stop) = (&campaign.options, stop.without_time());
            shrink::shrink(&finding, options, shrinking.as_ref()?, &stop).ok()
        };
        let mut shrunk: Vec<Option<Shrunk>> = report.findings.iter().map(shrink).collect();
        let mut saved = Ok(());
        if let Some(folder) = save {
            for (finding, shrunk) in report.findings.iter_mut().zip(&mut shrunk) {
                let (scenario, runs) = match shrunk {
                    Some(shrunk) => (&shrunk.scenario, std::slice::from_mut(&mut shrunk.run)),
                    None => (&finding.scenario, finding.runs.as_mut_slice()),
                };
                let source = Source { file: scenario.name.clone(), scenario: scenario.clone() };
                let plan = Plan {
                    sources: vec![source],
                    axes: Axes::default(),
                    options: campaign.options.clone(),
                    jobs: 1,
                };
                saved = saved.and(conclude::save(&plan, runs, folder));
            }
        }
        show(&render(campaign, report, &shrunk, missing))?;
        saved?;
        Ok(unless_stopped(stop, exit(report)))
    }
}

/// Opens the folder of a campaign, and reports its progress.
fn open(folder: &Path, campaign: &Campaign) -> Result<State, Exit> {
    let state = State::open(folder, campaign).map_err(|error| {
        complain(&format!("error: state in {}: {error}", printable_path(folder)));
        match error {
            BadState::Io(_) => Exit::Unwritable,
            _ => Exit::BadFile,
        }
    })?;
    let over = count(state.cases(), "case");
    complain(&format!("state in {}: {over} checked already", printable_path(folder)));
    Ok(state)
}

fn campaign(args: &Fuzz) -> Campaign {
    let fault = args.fault.fault;
    let engines = shrink::engines(&args.engine, fault, None);
    let runs_code = engines.iter().any(|engine| *engine != Engine::Protocol);
    let default = if runs_code { STATES_MAX_OF_CODE } else { Limits::default().states_max };
    let states_max = args.states_max.unwrap_or(default);
    let cases = if fault.is_some() { CASES_UNDER_FAULT } else { CASES };
    Campaign {
        seed: args.seed,
        first: args.first,
        cases: args.cases.or(args.seconds.is_none().then_some(cases)),
        size: Size::default(),
        grows: runs_code,
        options: Options {
            engines,
            fault,
            code: None,
            limits: Limits { states_max, ..Limits::default() },
            reductions: Reductions::default(),
            seed: args.seed,
            worker: this_program().ok(),
        },
        part: None,
        jobs: jobs(args.jobs),
        goes_on: args.keep_going,
    }
}

/// Prints the seed and every limit at the start.
fn introduce(args: &Fuzz, campaign: &Campaign) {
    let Campaign { seed, first, cases, size, grows, options, .. } = campaign;
    let engines: Vec<&str> = options.engines.iter().map(|engine| engine.name()).collect();
    let (engines, version) = (engines.join(", "), env!("CARGO_PKG_VERSION"));
    complain(&format!("calloff {version}: engines {engines}; seed {seed}, from case {first}"));
    let cases = cases.map_or("no limit".to_owned(), |cases| cases.to_string());
    let seconds = args.seconds.map_or("no limit".to_owned(), |seconds| seconds.to_string());
    let Size { actors_max, calls_max, steps_max, seconds_max, timed: _ } = size;
    let states_max = options.limits.states_max;
    narrate(&format!("limits: cases {cases}, seconds {seconds}, states-max {states_max}"));
    let growing = if *grows { ", small ones first" } else { "" };
    narrate(&format!(
        "sizes: actors {actors_max}, calls {calls_max}, steps {steps_max}, \
         seconds {seconds_max}{growing}"
    ));
    if !args.no_shrink {
        complain(&format!("shrinking: candidates-max {}", args.shrinking.candidates_max));
    }
    if let Some(fault) = options.fault {
        complain(&format!("under the seeded bug {}:\n  {}", fault.name(), fault.summary()));
    }
}

fn render(campaign: &Campaign, report: &Report, shrunk: &[Option<Shrunk>], missing: u64) -> String {
    let mut out = String::new();
    for (finding, shrunk) in report.findings.iter().zip(shrunk) {
        render_finding(&mut out, campaign, finding, shrunk.as_ref());
    }
    for missing in &report.vacuous {
        let (clause, reading, facet) = (missing.clause, missing.reading, missing.facet);
        let _ = writeln!(
            out,
            "{BAD}✗ {clause}{BAD:#} never seen under {reading} in {VACUOUS_AFTER} cases: {facet}"
        );
    }
    if report.coverage.cases > 0 {
        let _ = writeln!(out, "{}", report.coverage.render());
    }
    if campaign.goes_on && !report.shapes.is_empty() {
        let _ = writeln!(out, "what was found, with the first case that shows it");
        for (shape, found) in &report.shapes {
            let (first, cases) = (found.first, count(found.cases, "case"));
            let _ = writeln!(out, "  {shape}: case {first}, {cases} in all");
        }
        out.push('\n');
    }
    summary(&mut out, campaign, report, missing);
    out
}

/// Renders a finding: the scenario as a file, what is wrong, and a command that shows it again.
fn render_finding(
    out: &mut String,
    campaign: &Campaign,
    finding: &FuzzFinding,
    shrunk: Option<&Shrunk>,
) {
    let Campaign { seed, options, .. } = campaign;
    let FuzzFinding { index, scenario, runs, .. } = finding;
    let _ = write!(out, "{BOLD}case {index} of seed {seed}{BOLD:#}");
    match finding.to_shrink(options.fault).zip(shrunk) {
        Some((finding, shrunk)) => {
            let _ = writeln!(out, ", shrunk\n");
            shrink::render(out, &finding, shrunk, options);
        }
        None => {
            let _ = writeln!(out, "\n\n{}", scenario.to_toml());
            out.push_str(&shrink::findings(scenario, &scenario.name, runs, options));
        }
    }
    let mut again = format!("calloff fuzz --seed {seed} --first {index} --cases 1");
    if let Some(fault) = options.fault {
        let _ = write!(again, " --fault {}", fault.name());
    }
    for engine in options.engines.iter().filter(|_| options.engines != [Engine::Protocol]) {
        let _ = write!(again, " --engine {}", engine.name());
    }
    match shrunk {
        Some(_) => {
            let _ = writeln!(out, "\nAs it was drawn: {again} --no-shrink\n");
        }
        None => {
            let _ = writeln!(out, "Once more: {again}\n");
        }
    }
}

fn summary(out: &mut String, campaign: &Campaign, report: &Report, missing: u64) {
    let (style, sign, verdict) = match (exit(report), report.findings.first()) {
        (Exit::Violated, Some(first)) if !campaign.goes_on => {
            (BAD, "✗", format!("found in case {}", first.index))
        }
        (Exit::Violated, Some(_)) => {
            (BAD, "✗", format!("found {}", count(report.shapes.len() as u64, "violation")))
        }
        (Exit::Violated, None) => (BAD, "✗", "vacuous".to_owned()),
        _ if missing > 0 => (UNSURE, "?", "inconclusive".to_owned()),
        (Exit::Inconclusive, _) => (UNSURE, "?", "inconclusive".to_owned()),
        _ => (GOOD, "✓", "nothing found".to_owned()),
    };
    let ended = match report.ended {
        _ if missing > 0 => format!(", {} missing", count(missing, "case")),
        Ended::Complete | Ended::Found => String::new(),
        Ended::Stopped(Limit::Interrupt) => ", interrupted".to_owned(),
        Ended::Stopped(limit) => format!(", stopped by the limit on {}", limit.name()),
    };
    let _ = writeln!(out, "{style}{sign} {verdict}{style:#}{ended}");
    let (cases, unsure) = (count(report.coverage.cases, "case"), report.inconclusive);
    let _ = writeln!(out, "  {cases} checked, {unsure} of them inconclusive");
    for (engine, totals) in &report.totals {
        let (runs, states) = (count(totals.runs, "run"), count(totals.states, "state"));
        let _ = write!(out, "  {:<10} {runs}, {states}", engine.name());
        let _ = match totals.executions {
            0 => writeln!(out),
            executions => writeln!(out, ", {}", count(executions, "execution")),
        };
        for (reason, runs) in &totals.skipped {
            let _ = writeln!(out, "  {:<10} {} skipped: {reason}", "", count(*runs, "run"));
        }
    }
}

fn exit(report: &Report) -> Exit {
    if !report.findings.is_empty() || !report.vacuous.is_empty() {
        Exit::Violated
    } else if report.inconclusive > 0 || report.coverage.cases == 0 {
        Exit::Inconclusive
    } else {
        Exit::Met
    }
}
