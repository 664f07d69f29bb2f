//! The JSON report: a stable format, documented in `docs/scenarios.md`.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::seed_table::Sometimes;
use crate::check::Run;
use crate::engine::{Bound, Engine, Exploration, Outcome};
use crate::plan::Plan;
use crate::program::Program;

/// The whole report.
#[derive(Serialize)]
pub struct Report {
    schema: u32,
    tool: String,
    seed: u64,
    limits: LimitsJson,
    fault: Option<&'static str>,
    runs: Vec<RunJson>,
    sometimes: Vec<SometimesJson>,
}

#[derive(Serialize)]
struct LimitsJson {
    states_max: u64,
    executions_max: u64,
    std_executions: u64,
    loom_executions_max: u64,
    preemptions_max: u64,
    memory_max: u64,
    seconds_max: u64,
}

#[derive(Serialize)]
struct RunJson {
    scenario: String,
    file: String,
    reading: ReadingJson,
    engine: &'static str,
    verdict: &'static str,
    expected: bool,
    bound: BoundJson,
    counts: Counts,
    outcomes: Vec<OutcomeJson>,
    violations: Vec<ViolationJson>,
    skipped: Option<String>,
}

#[derive(Serialize, PartialEq, Eq)]
struct ReadingJson {
    cancelable: &'static str,
    waiter: &'static str,
}

#[derive(Serialize)]
struct BoundJson {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    executions: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preemptions: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strategies: Option<Vec<StrategyJson>>,
}

impl BoundJson {
    fn plain(kind: &'static str) -> BoundJson {
        BoundJson {
            kind,
            limit: None,
            executions: None,
            preemptions: None,
            seed: None,
            strategies: None,
        }
    }

    fn sampled(exploration: &Exploration, seed: Option<u64>) -> BoundJson {
        let strategies = exploration.strategies.iter().map(|strategy| StrategyJson {
            name: strategy.name,
            executions: strategy.executions,
            outcomes: strategy.outcomes,
        });
        BoundJson {
            executions: Some(exploration.executions),
            seed,
            strategies: seed.map(|_| strategies.collect()),
            ..BoundJson::plain("sampled")
        }
    }
}

#[derive(Serialize)]
struct StrategyJson {
    name: &'static str,
    executions: u64,
    outcomes: u64,
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
    clause: &'static str,
    message: String,
    counterexample: Option<String>,
    schedule: Option<Vec<String>>,
}

#[derive(Serialize)]
struct SometimesJson {
    clause: &'static str,
    facet: &'static str,
    reading: ReadingJson,
    witness: Option<String>,
}

/// Builds the report of a check.
pub fn report(plan: &Plan, runs: &[Run], sometimes: &[Sometimes]) -> Report {
    Report {
        schema: 1,
        tool: format!("calloff {}", env!("CARGO_PKG_VERSION")),
        seed: plan.options.seed,
        limits: LimitsJson {
            states_max: plan.options.limits.states_max,
            executions_max: plan.options.limits.executions_max,
            std_executions: plan.options.limits.std_executions,
            loom_executions_max: plan.options.limits.loom_executions_max,
            preemptions_max: plan.options.limits.preemptions_max,
            memory_max: plan.options.limits.memory_max,
            seconds_max: plan.options.limits.seconds_max,
        },
        fault: plan.options.fault.map(|fault| fault.name()),
        runs: runs.iter().map(|run| run_json(plan, run)).collect(),
        sometimes: sometimes.iter().map(|s| sometimes_json(plan, runs, s)).collect(),
    }
}

/// Writes the report.
///
/// # Errors
///
/// If it cannot be written.
pub fn write(report: &Report, out: impl io::Write) -> io::Result<()> {
    let mut out = io::BufWriter::new(out);
    serde_json::to_writer_pretty(&mut out, report)?;
    writeln!(out)?;
    out.flush()
}

fn reading_json(reading: calloff_model::Reading) -> ReadingJson {
    ReadingJson { cancelable: reading.cancelable.name(), waiter: reading.waiter.name() }
}

fn sometimes_json(plan: &Plan, runs: &[Run], sometimes: &Sometimes) -> SometimesJson {
    let witness = sometimes.witness.map(|run| &plan.sources[runs[run].source].scenario.name);
    SometimesJson {
        clause: sometimes.clause,
        facet: sometimes.facet,
        reading: reading_json(sometimes.reading),
        witness: witness.cloned(),
    }
}

fn run_json(plan: &Plan, run: &Run) -> RunJson {
    let source = &plan.sources[run.source];
    let program = Program::new(&source.scenario);
    let ends = run.exploration.outcomes.keys();
    // The behaviour of real threads differs from run to run, so it is left out of the report.
    let ends = ends.filter(|_| run.engine != Engine::Std);
    let mut outcomes: Vec<OutcomeJson> = ends.map(|end| outcome_json(&program, end)).collect();
    outcomes.sort();
    outcomes.dedup();
    let violations = run.violations.iter().map(|violation| ViolationJson {
        clause: violation.what.id(),
        message: violation.message.clone(),
        counterexample: violation.file.clone(),
        schedule: violation.schedule.as_ref().map(|schedule| schedule.names(&program)),
    });
    RunJson {
        scenario: source.scenario.name.clone(),
        file: source.file.clone(),
        reading: reading_json(run.reading),
        engine: run.engine.name(),
        verdict: run.verdict.name(),
        expected: run.is_as_expected,
        bound: match run.exploration.bound {
            _ if run.skipped.is_some() => BoundJson::plain("skipped"),
            Bound::Exhausted => BoundJson::plain("exhausted"),
            Bound::Bounded { preemptions } => {
                BoundJson { preemptions: Some(preemptions), ..BoundJson::plain("bounded") }
            }
            Bound::Stopped { limit } => {
                BoundJson { limit: Some(limit.name()), ..BoundJson::plain("stopped") }
            }
            Bound::RealTime => BoundJson::sampled(&run.exploration, None),
            Bound::Sought => BoundJson::plain("sought"),
            Bound::Diverged => BoundJson::plain("diverged"),
            Bound::Sampled { seed } => BoundJson::sampled(&run.exploration, Some(seed)),
        },
        counts: Counts {
            states: run.exploration.states,
            transitions: run.exploration.transitions,
            executions: run.exploration.executions,
        },
        outcomes,
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
