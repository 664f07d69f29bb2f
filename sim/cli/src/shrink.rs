//! The command `calloff shrink`, and shrinking for other commands.

use std::fmt::Write as _;
use std::io::Write;

use calloff_model::Reading;
use calloff_protocol::exploration::{Engine, Stop};
use calloff_protocol::faults::Seeded;
use calloff_protocol::judge::{Options, Run, Source, Violated, Violation};
use calloff_protocol::plan::{Axes, Plan};
use calloff_protocol::scenario::Scenario;
use calloff_protocol::text::count;
use calloff_reports::human::Human;
use calloff_reports::style::{BOLD, GOOD, UNSURE};
use calloff_sim::engine::loom::worker::this_program;
use calloff_sim::exit::Exit;
use calloff_sim::replay::follow_violation;
use calloff_sim::shrink;
use calloff_sim::shrink::{Cost, Limits, NotShown, ShrinkInput, Shrunk, Turns};
use calloff_sim::time::stop_within;

use super::args::{Shrink, Shrinking, jobs};
use super::interrupt::unless_stopped;
use super::{Early, check, complain, conclude, progress, replay, stdout};
use crate::{load, width};

pub(super) fn run(args: &Shrink) -> Result<Exit, Early> {
    let selection = &args.selection;
    let ShrinkSource { source, reading, fault, found_by, claim } = subject(args)?;
    let asked = selection.readings.axes();
    let plan = Plan {
        sources: vec![source.clone()],
        axes: Axes {
            cancelable: asked.cancelable.or(reading.map(|reading| reading.cancelable)),
            waiter: asked.waiter.or(reading.map(|reading| reading.waiter)),
        },
        options: Options {
            engines: engines(&selection.engine, fault, found_by),
            code: None,
            fault,
            limits: check::limits(selection),
            reductions: selection.reductions(),
            seed: selection.seed,
            worker: this_program().ok(),
        },
        jobs: jobs(selection.jobs),
    };
    check::introduce(&plan);
    complain(&format!("shrinking: candidates-max {}", args.shrinking.candidates_max));
    if plan.runs().is_empty() {
        complain("error: the scenario is to be checked under none of the selected readings");
        return Ok(Exit::Usage);
    }
    let stop = stop_within(plan.options.limits.time());
    let runs = check::execute(&plan, &stop);
    let is_meant = |(_, violation): &(&Run, &Violation)| claim.is_none_or(|c| c == violation.what);
    let among = ShrinkInput::among(&runs).filter(is_meant);
    let Some(finding) = ShrinkInput::first(&source.scenario, among, fault) else {
        let exit = unless_stopped(&stop, found_nothing(&runs));
        let (style, what) = match exit {
            Exit::Met if fault.is_none() && claim.is_none() => (GOOD, "✓ nothing is wrong"),
            Exit::Met => (UNSURE, "– nothing was found"),
            _ => (UNSURE, "? nothing was found, but not everything was explored"),
        };
        writeln!(stdout(), "{style}{what}{style:#}\n{}", looked_with(&plan.options.engines))?;
        return Ok(exit);
    };
    let mut out = String::new();
    match shrink(&finding, &plan.options, &args.shrinking, &stop) {
        Ok(shrunk) => render(&mut out, &finding, &shrunk, &plan.options),
        Err(reason) => {
            let _ = writeln!(out, "{BOLD}not shrunk{BOLD:#}: {reason}\n");
            out.push_str(&findings(&source.scenario, &source.file, &runs, &plan.options));
        }
    }
    stdout().write_all(out.as_bytes())?;
    Ok(unless_stopped(&stop, Exit::Violated))
}

/// What is to be shrunk.
struct ShrinkSource {
    source: Source,
    /// The reading of a counterexample.
    reading: Option<Reading>,
    fault: Option<Seeded>,
    /// The engine that found a counterexample.
    found_by: Option<Engine>,
    /// The claim of a counterexample.
    claim: Option<Violated>,
}

/// Reads a scenario, or a counterexample, which says by itself under which reading and which
/// seeded bug it was found.
fn subject(args: &Shrink) -> Result<ShrinkSource, Early> {
    let fault = args.fault.fault;
    if args.file.extension().is_some_and(|extension| extension == "json") {
        let found = replay::read(&args.file)?;
        let source = Source { file: found.scenario.name.clone(), scenario: found.scenario };
        let (reading, claim) = (Some(found.reading), found.claim.map(|claim| claim.what));
        let (fault, found_by) = (fault.or(found.fault), Some(found.engine));
        return Ok(ShrinkSource { source, reading, fault, found_by, claim });
    }
    let sources = load(std::slice::from_ref(&args.file))?;
    let Ok([source]) = <[Source; 1]>::try_from(sources) else {
        complain("error: one file is to be shrunk, not a folder of them");
        return Err(Exit::Usage.into());
    };
    Ok(ShrinkSource { source, reading: None, fault, found_by: None, claim: None })
}

fn found_nothing(runs: &[Run]) -> Exit {
    match conclude::exit(runs, &[], false) {
        Exit::Met => Exit::Met,
        _ => Exit::Inconclusive,
    }
}

/// Tells which engines have looked for a finding, and how to use the others.
fn looked_with(engines: &[Engine]) -> String {
    let names = |has_looked: bool| {
        let all = Engine::ALL.into_iter().filter(|e| engines.contains(e) == has_looked);
        all.map(Engine::name).collect::<Vec<_>>().join(", ")
    };
    match names(false) {
        none if none.is_empty() => format!("  looked with {}", names(true)),
        others => format!("  looked with {}; not with {others} (--engine NAME)", names(true)),
    }
}

/// The engines given on the command line; otherwise `protocol`, the engine that catches the seeded
/// bug, and the engine that found the counterexample.
pub(super) fn engines(
    asked: &[Engine],
    fault: Option<Seeded>,
    found_by: Option<Engine>,
) -> Vec<Engine> {
    let catching = fault.and_then(Seeded::shell).map(|fault| fault.caught_by);
    let is_wanted = |engine: &Engine| match asked {
        [] => *engine == Engine::Protocol || [catching, found_by].contains(&Some(*engine)),
        some => some.contains(engine),
    };
    Engine::ALL.into_iter().filter(is_wanted).collect()
}

/// Shrinks a finding, with progress on a terminal.
pub(super) fn shrink(
    finding: &ShrinkInput,
    options: &Options,
    limits: &Shrinking,
    stop: &Stop,
) -> Result<Shrunk, NotShown> {
    let limits = Limits { candidates_max: limits.candidates_max };
    let bar = progress::bar(None, "smaller scenarios tried, {elapsed}", stop);
    let shrunk = shrink::shrink(finding, options, &limits, stop, &|tried| bar.set_position(tried));
    bar.finish_and_clear();
    shrunk
}

/// The scenario as a file, what is wrong with it, and how much smaller it is.
pub(super) fn render(out: &mut String, finding: &ShrinkInput, shrunk: &Shrunk, options: &Options) {
    let Shrunk { scenario, run, candidates, stopped, .. } = shrunk;
    let _ = writeln!(out, "{}", scenario.to_toml());
    let runs = std::slice::from_ref(run);
    out.push_str(&findings(scenario, &scenario.name, runs, options));
    let (before, after) = (Cost::of(&finding.scenario), Cost::of(scenario));
    let _ = write!(
        out,
        "Shrunk from {} and {} to {} and {}",
        count(before.actors as u64, "actor"),
        count(before.steps as u64, "step"),
        count(after.actors as u64, "actor"),
        count(after.steps as u64, "step"),
    );
    let turns = |of: &calloff_protocol::judge::Violation| of.schedule.as_ref().map(Turns::of);
    if let (Some(before), Some(after)) = (turns(&finding.violation), turns(&run.violations[0])) {
        let (from, to) = (before.switches, after.switches);
        let _ = write!(out, ";\ncontext switches: from {from} to {to}");
    }
    let _ = writeln!(out, ";\n{} tried.", count(*candidates, "smaller scenario"));
    if let Some(limit) = stopped {
        let _ = writeln!(out, "{UNSURE}? not minimal{UNSURE:#}: stopped by {limit}");
    }
}

/// Renders what is wrong, with lanes.
pub(super) fn findings(scenario: &Scenario, file: &str, runs: &[Run], options: &Options) -> String {
    let plan = Plan {
        sources: vec![Source { file: file.to_owned(), scenario: scenario.clone() }],
        axes: Axes::default(),
        options: options.clone(),
        jobs: 1,
    };
    let width = width();
    let follow = |case: &_, violation: &_| follow_violation(plan.options.fault, case, violation);
    Human { plan: &plan, runs, sometimes: &[], is_corpus: false, width, follow: &follow }
        .render_findings()
}
