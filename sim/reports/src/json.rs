//! The JSON report: a stable format, documented in `docs/scenarios.md`.

use std::collections::BTreeMap;
use std::io::{self, Write};

use calloff_model::Reading;
use calloff_protocol::clauses::ClauseId;
use calloff_protocol::exploration::{
    Bound, Engine, Exploration, Limit, Limits, Reductions, Strategy,
};
use calloff_protocol::faults::Seeded;
use calloff_protocol::history::{ActorId, Outcome};
use calloff_protocol::judge::{Run, Sometimes, Violated};
use calloff_protocol::plan::Plan;
use calloff_protocol::program::Program;
use calloff_protocol::scenario::Mistake;
use calloff_protocol::text::printable_json;
use serde::Serialize;
use serde_json::{Value, json};

/// The tool, with its version.
const TOOL: &str = concat!("calloff ", env!("CARGO_PKG_VERSION"));

/// The whole report.
#[derive(Serialize)]
pub struct Report {
    schema: u32,
    tool: &'static str,
    seed: u64,
    limits: Limits,
    fault: Option<Seeded>,
    runs: Vec<RunJson>,
    sometimes: Vec<SometimesJson>,
}

#[derive(Serialize)]
struct RunJson {
    scenario: String,
    file: String,
    reading: Reading,
    engine: Engine,
    verdict: &'static str,
    expected: bool,
    bound: BoundJson,
    counts: Counts,
    /// Those that were on; the counts are those under them.
    reductions: Reductions,
    outcomes: Vec<OutcomeJson>,
    /// The actors that starve in some fair execution; for client programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    starving: Option<Vec<String>>,
    violations: Vec<ViolationJson>,
    skipped: Option<String>,
}

/// How far a run went.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum BoundJson {
    Skipped,
    Exhausted,
    Bounded {
        preemptions: u64,
    },
    Sampled {
        executions: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        seed: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        strategies: Option<Vec<Strategy>>,
    },
    Stopped {
        limit: Limit,
        /// The number of steps up to which `protocol` has seen everything.
        #[serde(skip_serializing_if = "Option::is_none")]
        complete_depth: Option<u64>,
    },
    Sought,
    Diverged,
}

impl BoundJson {
    fn of(run: &Run) -> BoundJson {
        let Exploration { bound, executions, strategies, complete_depth, .. } = &run.exploration;
        let sampled = |seed: Option<u64>| BoundJson::Sampled {
            executions: *executions,
            seed,
            strategies: seed.map(|_| strategies.clone()),
        };
        match *bound {
            _ if run.skipped.is_some() => BoundJson::Skipped,
            Bound::Exhausted => BoundJson::Exhausted,
            Bound::Bounded { preemptions } => BoundJson::Bounded { preemptions },
            Bound::Stopped { limit } => {
                BoundJson::Stopped { limit, complete_depth: *complete_depth }
            }
            Bound::RealTime => sampled(None),
            Bound::Sampled { seed } => sampled(Some(seed)),
            Bound::Sought => BoundJson::Sought,
            Bound::Diverged => BoundJson::Diverged,
        }
    }
}

#[derive(Serialize)]
struct Counts {
    states: u64,
    transitions: u64,
    executions: u64,
}

#[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
struct OutcomeJson {
    codes: BTreeMap<String, Vec<String>>,
    stuck: Vec<String>,
}

#[derive(Serialize)]
struct ViolationJson {
    clause: Violated,
    message: String,
    counterexample: Option<String>,
    schedule: Option<Vec<String>>,
}

#[derive(Serialize)]
struct SometimesJson {
    clause: ClauseId,
    facet: &'static str,
    reading: Reading,
    witness: Option<String>,
}

/// Builds the report of a check.
pub fn report(plan: &Plan, runs: &[Run], sometimes: &[Sometimes]) -> Report {
    Report {
        schema: 1,
        tool: TOOL,
        seed: plan.options.seed,
        limits: plan.options.limits,
        fault: plan.options.fault,
        runs: runs.iter().map(|run| run_json(plan, run)).collect(),
        sometimes: sometimes.iter().map(|s| sometimes_json(plan, runs, s)).collect(),
    }
}

/// Writes the report, as it is built.
///
/// # Errors
///
/// When it cannot be written.
pub fn write(report: &Report, out: impl Write) -> io::Result<()> {
    put(report, out)
}

/// Writes the document on files that cannot be checked.
///
/// # Errors
///
/// When it cannot be written.
pub fn write_mistakes(mistakes: &[Mistake], out: impl Write) -> io::Result<()> {
    let mistake = |Mistake { file, position, message }: &Mistake| {
        let (line, column) = position.map(|at| (at.line, at.column)).unzip();
        json!({ "file": file, "line": line, "column": column, "message": message })
    };
    let errors: Vec<Value> = mistakes.iter().map(mistake).collect();
    put(&json!({ "schema": 1, "tool": TOOL, "errors": errors }), out)
}

fn put(document: &impl Serialize, mut out: impl Write) -> io::Result<()> {
    let json = serde_json::to_string_pretty(document)?;
    writeln!(out, "{}", printable_json(&json))
}

fn sometimes_json(plan: &Plan, runs: &[Run], sometimes: &Sometimes) -> SometimesJson {
    let witness = sometimes.witness.map(|run| &plan.sources[runs[run].source].scenario.name);
    SometimesJson {
        clause: sometimes.clause,
        facet: sometimes.facet,
        reading: sometimes.reading,
        witness: witness.cloned(),
    }
}

fn starving(program: &Program, exploration: &Exploration) -> Vec<String> {
    let name = |actor: &ActorId| program.actor_name(*actor).to_owned();
    let mut names: Vec<String> = exploration.starving.iter().map(name).collect();
    names.sort();
    names
}

fn run_json(plan: &Plan, run: &Run) -> RunJson {
    let source = &plan.sources[run.source];
    let program = Program::new(&source.scenario);
    let ends = run.exploration.outcomes.keys();
    // What real threads happen to do differs from run to run: a report does not.
    let ends = ends.filter(|_| run.engine != Engine::Std);
    let mut outcomes: Vec<OutcomeJson> = ends.map(|end| outcome_json(&program, end)).collect();
    outcomes.sort();
    outcomes.dedup();
    let violations = run.violations.iter().map(|violation| ViolationJson {
        clause: violation.what,
        message: violation.message.clone(),
        counterexample: violation.file.clone(),
        schedule: violation.schedule.as_ref().map(|schedule| schedule.names(&program)),
    });
    let looks = matches!(run.engine, Engine::Protocol | Engine::Exhaustive);
    let knows_starving = program.is_client && looks;
    RunJson {
        scenario: source.scenario.name.clone(),
        file: source.file.clone(),
        reading: run.reading,
        engine: run.engine,
        verdict: run.verdict.name(),
        expected: run.is_as_expected,
        bound: BoundJson::of(run),
        counts: Counts {
            states: run.exploration.states,
            transitions: run.exploration.transitions,
            executions: run.exploration.executions,
        },
        reductions: run.exploration.reductions,
        outcomes,
        starving: knows_starving.then(|| starving(&program, &run.exploration)),
        violations: violations.collect(),
        skipped: run.skipped.clone(),
    }
}

fn outcome_json(program: &Program, outcome: &Outcome) -> OutcomeJson {
    let codes = program.lanes.iter().zip(&outcome.codes).map(|(lane, codes)| {
        let names = codes.iter().map(|(at, code)| lane.returning[*at as usize].code_name(*code));
        (lane.name.clone(), names.collect())
    });
    let mut stuck: Vec<String> =
        outcome.stuck.iter().map(|actor| program.actor_name(*actor).to_owned()).collect();
    stuck.sort();
    OutcomeJson { codes: codes.collect(), stuck }
}
