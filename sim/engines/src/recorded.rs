//! Checks by units: one scenario under one reading, with the runs of all engines, since these are
//! held against each other. Results of units make up the runs of a check, wherever they come from.

use std::collections::{BTreeMap, BTreeSet};

use calloff_model::{Cancelable, Reading, Waiter};
use calloff_protocol::exploration::{
    Bound, Engine, Exploration, Limit, Limits, Reduction, Reductions, Stop,
};
use calloff_protocol::faults::Seeded;
use calloff_protocol::judge::{Options, Run, Source, Verdict, Violated, Violation, Worker};
use calloff_protocol::plan::{Axes, Plan};
use calloff_protocol::program::Program;
use calloff_protocol::scenario::Scenario;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::check::check;
use crate::load::Kept;
use crate::results::{Double, FORMAT, Header, Kind, Line, TOOL};
use crate::shards::{Shard, UnitId};

/// A unit of a check.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unit {
    /// Its id. Two files that say the same have the same units.
    pub id: UnitId,
    /// The scenario's position.
    pub source: usize,
    /// The reading.
    pub reading: Reading,
}

/// The id of a scenario under a reading.
pub fn unit_id(scenario: &Scenario, reading: Reading) -> UnitId {
    UnitId::of(&["check", &scenario.to_toml(), &reading.to_string()])
}

/// The units of a check, in the order of its report.
pub fn units(plan: &Plan) -> Vec<Unit> {
    let unit = |(source, reading): (usize, Reading)| Unit {
        id: unit_id(&plan.sources[source].scenario, reading),
        source,
        reading,
    };
    plan.runs().into_iter().map(unit).collect()
}

/// The units of which each has a content of its own.
pub fn distinct(units: &[Unit]) -> Vec<Unit> {
    let first: BTreeMap<UnitId, usize> =
        units.iter().enumerate().rev().map(|(at, unit)| (unit.id, at)).collect();
    units.iter().enumerate().filter(|(at, u)| first[&u.id] == *at).map(|(_, u)| *u).collect()
}

/// Does one unit.
pub fn explore(plan: &Plan, unit: &Unit, stop: &Stop) -> Line<Vec<Run>> {
    let scenario = &plan.sources[unit.source].scenario;
    let mut result = check(unit.source, scenario, unit.reading, &plan.options, stop);
    let is_unused = |run: &&mut Run| run.engine == Engine::Std && run.violations.is_empty();
    for run in result.iter_mut().filter(is_unused) {
        // Real threads come to other ends each time, and no report has them.
        run.exploration.outcomes.clear();
    }
    Line { unit: unit.id, result }
}

/// The runs of these units, in their order. A unit without a result has runs that were not begun.
pub fn runs(
    plan: &Plan,
    units: &[Unit],
    mut results: BTreeMap<UnitId, Vec<Run>>,
    doubles: &BTreeMap<UnitId, Double>,
) -> Vec<Run> {
    let mut uses: BTreeMap<UnitId, usize> = BTreeMap::new();
    units.iter().for_each(|unit| *uses.entry(unit.id).or_default() += 1);
    let of = |unit: &Unit| {
        let left = uses.get_mut(&unit.id).expect("it was counted");
        *left -= 1;
        let found =
            if *left > 0 { results.get(&unit.id).cloned() } else { results.remove(&unit.id) };
        let mut runs = match found {
            Some(runs) => runs,
            None => {
                plan.options.engines.iter().map(|engine| not_begun(plan, unit, *engine)).collect()
            }
        };
        runs.iter_mut().for_each(|run| run.source = unit.source);
        if let (Some(double), Some(run)) = (doubles.get(&unit.id), runs.first_mut()) {
            let what = double.what();
            let message = format!(
                "the same work gave another result elsewhere, so that something in it is not \
                 deterministic: {what}"
            );
            (run.verdict, run.is_as_expected) = (Verdict::Violated, false);
            run.violations.push(Violation::new(Violated::Divergence, message));
        }
        runs
    };
    units.iter().flat_map(of).collect()
}

/// The plan, and the counterexamples next to its scenarios, without the scenarios that have no run.
pub fn only(plan: Plan, kept: Vec<Kept>, runs: &mut [Run]) -> (Plan, Vec<Kept>) {
    let used: BTreeSet<usize> = runs.iter().map(|run| run.source).collect();
    let place = |source: usize| used.range(..source).count();
    runs.iter_mut().for_each(|run| run.source = place(run.source));
    let kept = kept.into_iter().filter(|kept| used.contains(&kept.source));
    let kept = kept.map(|kept| Kept { source: place(kept.source), ..kept }).collect();
    let sources = plan.sources.into_iter().enumerate();
    let sources = sources.filter(|(at, _)| used.contains(at)).map(|(_, source)| source).collect();
    (Plan { sources, ..plan }, kept)
}

fn not_begun(plan: &Plan, unit: &Unit, engine: Engine) -> Run {
    Run {
        source: unit.source,
        is_client: Program::new(&plan.sources[unit.source].scenario).is_client,
        reading: unit.reading,
        engine,
        skipped: None,
        verdict: Verdict::Inconclusive,
        is_as_expected: false,
        violations: Vec::new(),
        exploration: Exploration::stopped(Limit::Interrupt),
    }
}

/// What must be the same whenever a unit is done: all but what real threads do, and whether a
/// process was killed from outside.
pub fn comparable(runs: &[Run]) -> Value {
    let is_fixed = |run: &&Run| {
        let is_killed = run.exploration.bound == Bound::Stopped { limit: Limit::Worker };
        run.engine != Engine::Std && !is_killed
    };
    let fixed = runs.iter().filter(is_fixed).map(serde_json::to_value);
    fixed.map(|run| run.expect("a run is plain data")).collect()
}

/// About how many microseconds a unit took, from what was counted. Wall-clock times would differ
/// from one run to the next, and results must not.
pub fn cost(runs: &[Run]) -> u64 {
    let of = |run: &Run| {
        let Exploration { states, executions, .. } = &run.exploration;
        match run.engine {
            _ if run.skipped.is_some() => 0,
            Engine::Protocol => 4 * states,
            Engine::Exhaustive => 35 * states,
            Engine::Loom => 30_000 + 100 * executions,
            Engine::Shuttle => 60 * executions,
            Engine::Std => 7_000 * executions,
        }
    };
    1 + runs.iter().map(of).sum::<u64>()
}

/// What decides what a check finds: its flags, by their names.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Arguments {
    /// The files and folders; none: the corpus.
    pub paths: Vec<String>,
    /// `--cancelable`
    pub cancelable: Option<Cancelable>,
    /// `--waiter`
    pub waiter: Option<Waiter>,
    /// The engines that run.
    pub engine: Vec<Engine>,
    /// `--fault`
    pub fault: Option<Seeded>,
    /// The reductions that are off.
    pub no_reduction: Vec<Reduction>,
    /// `--seed`
    pub seed: u64,
    /// `--states-max`
    pub states_max: u64,
    /// `--memory-max`
    pub memory_max: u64,
    /// `--executions-max`, for `shuttle`.
    pub executions_max: u64,
    /// `--executions-max`, for `loom`.
    pub loom_executions_max: u64,
    /// The executions of `std`.
    pub std_executions: u64,
    /// `--preemptions-max`
    pub preemptions_max: u64,
}

impl Arguments {
    /// The arguments of a check of these paths.
    pub fn of(plan: &Plan, paths: Vec<String>) -> Arguments {
        let Options { engines, fault, limits, reductions, seed, .. } = &plan.options;
        let off = Reduction::ALL.into_iter().filter(|reduction| !reductions.has(*reduction));
        Arguments {
            paths,
            cancelable: plan.axes.cancelable,
            waiter: plan.axes.waiter,
            engine: engines.clone(),
            fault: *fault,
            no_reduction: off.collect(),
            seed: *seed,
            states_max: limits.states_max,
            memory_max: limits.memory_max,
            executions_max: limits.executions_max,
            loom_executions_max: limits.loom_executions_max,
            std_executions: limits.std_executions,
            preemptions_max: limits.preemptions_max,
        }
    }

    /// The limits, with that one on wall-clock time, in nanoseconds.
    pub fn limits(&self, nanoseconds_max: u64) -> Limits {
        const SECOND: u64 = 1_000_000_000;
        Limits {
            states_max: self.states_max,
            executions_max: self.executions_max,
            std_executions: self.std_executions,
            loom_executions_max: self.loom_executions_max,
            preemptions_max: self.preemptions_max,
            memory_max: self.memory_max,
            seconds_max: nanoseconds_max / SECOND,
            nanoseconds_max: (nanoseconds_max % SECOND) as u32,
        }
    }

    /// The check with these arguments, of what the paths were read as.
    pub fn plan(&self, sources: Vec<Source>, limits: Limits, worker: Option<Worker>) -> Plan {
        let off = self.no_reduction.iter();
        Plan {
            sources,
            axes: Axes { cancelable: self.cancelable, waiter: self.waiter },
            options: Options {
                engines: self.engine.clone(),
                fault: self.fault,
                code: None,
                limits,
                reductions: off.fold(Reductions::default(), |all, off| all.without(*off)),
                seed: self.seed,
                worker,
            },
            jobs: 1,
        }
    }
}

/// The first line of the results of a part of a check, which has that many units.
///
/// # Panics
///
/// Never: arguments are plain data.
pub fn header(
    plan: &Plan,
    all: &[Unit],
    paths: Vec<String>,
    (shard, costs, units): (Shard, Option<UnitId>, usize),
) -> Header {
    let arguments = serde_json::to_value(Arguments::of(plan, paths)).expect("plain data");
    let arguments: Map<String, Value> = serde_json::from_value(arguments).expect("an object");
    let time = plan.options.limits.time().as_nanos();
    Header {
        format: FORMAT,
        tool: TOOL.to_owned(),
        command: Kind::Check,
        arguments,
        work: work_id(plan, all),
        shard,
        costs,
        units: Some(units as u64),
        nanoseconds_max: Some(u64::try_from(time).unwrap_or(u64::MAX)),
    }
}

/// The id of all units together, with the names that a report gives to their files.
pub fn work_id(plan: &Plan, all: &[Unit]) -> UnitId {
    let texts = all.iter().flat_map(|unit| {
        let file = plan.sources[unit.source].file.clone();
        [file, unit.reading.to_string(), unit.id.to_string()]
    });
    let texts: Vec<String> = texts.collect();
    UnitId::of(&texts.iter().map(String::as_str).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use calloff_protocol::exploration::Strategy;
    use calloff_protocol::faults;

    use super::*;
    use crate::engine::sampled::STRATEGIES;

    fn plan(name: &str, fault: Option<&str>) -> Plan {
        let file = calloff_scenarios::named(name).expect("a shipped scenario");
        let scenario = Scenario::parse(name, file.bytes).expect("it is valid");
        let engines = vec![Engine::Protocol, Engine::Exhaustive, Engine::Shuttle];
        let options = Options {
            engines,
            fault: fault.and_then(faults::find),
            code: None,
            limits: Limits::default(),
            reductions: Reductions::default(),
            seed: 0,
            worker: None,
        };
        let source = Source { file: name.to_owned(), scenario };
        Plan { sources: vec![source], axes: Axes::default(), options, jobs: 1 }
    }

    #[test]
    fn strategies_are_known_by_name() {
        assert_eq!(Strategy::NAMES, STRATEGIES);
    }

    #[test]
    fn a_result_reads_back_as_what_was_written() {
        for fault in [None, Some("complete-on-expiry"), Some("reply-not-notified")] {
            let plan = plan("cancel-meets-reply", fault);
            for unit in units(&plan) {
                let line = explore(&plan, &unit, &Stop::default());
                let text = serde_json::to_string(&line).expect("plain data");
                let read: Line<Vec<Run>> = serde_json::from_str(&text).expect("as written");
                assert_eq!(serde_json::to_string(&read).expect("plain data"), text);
                assert!(cost(&line.result) > 1);
            }
        }
    }

    #[test]
    fn arguments_make_the_check_that_they_are_of() {
        let mut plan = plan("cancel-meets-reply", Some("complete-on-expiry"));
        plan.axes.waiter = Some(Waiter::Caller);
        plan.options.reductions = plan.options.reductions.without(Reduction::FreeWaits);
        plan.options.limits = Limits { nanoseconds_max: 5, ..Limits::thorough() };
        let arguments = Arguments::of(&plan, vec!["a".to_owned()]);
        let text = serde_json::to_string(&arguments).expect("plain data");
        let read: Arguments = serde_json::from_str(&text).expect("as written");
        assert_eq!(read, arguments);
        let time = plan.options.limits.time().as_nanos();
        let limits = read.limits(u64::try_from(time).expect("not for ages"));
        assert_eq!(limits, plan.options.limits);
        let again = read.plan(plan.sources.clone(), limits, None);
        assert_eq!(Arguments::of(&again, vec!["a".to_owned()]), arguments);
        assert_eq!(work_id(&again, &units(&again)), work_id(&plan, &units(&plan)));
    }
}
