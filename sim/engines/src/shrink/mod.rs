//! Shrinking: finds the smallest scenario, and the simplest schedule, that still show a finding.
//!
//! Three things get smaller, in this order: the scenario (its [`Cost`]: actors, then steps, then
//! seconds, then whatever else makes it harder to read), the number of context switches of the
//! schedule, and the number of times that the clock advances.
//!
//! A scenario gets smaller by trial. Each candidate (`candidates.rs`) leaves something out and is
//! explored; if it shows the same finding, it replaces the scenario. Quick looks come first: code
//! is run only up to the first sign of the finding, and with no more context switches than were
//! needed last. When no candidate shows the finding that way, each one is explored to the end.
//! Finally the schedule is searched for (`schedule.rs`): of all schedules that show the finding, it
//! has the fewest switches.
//!
//! # Invariants
//!
//! 1. Nothing is believed: what is returned was explored, and shows the finding.
//! 2. Each candidate that is taken costs less than the scenario before it, so that shrinking ends;
//!    it ends where no candidate shows the finding, so that no single actor and no single step can
//!    be left out.
//! 3. Equal findings shrink to equal results: budgets are counted in candidates and states.

mod candidates;
mod cost;
mod glance;
mod nested;
mod own;
mod schedule;
mod simplest;

use std::collections::BTreeSet;
use std::fmt;

use calloff_model::Reading;
use calloff_protocol::exploration::{Bound, Engine, Limit, Stop};
use calloff_protocol::faults::Seeded;
use calloff_protocol::history::EndKind;
use calloff_protocol::judge::{Options, Run, Violated, Violation};
use calloff_protocol::program::Case;
use calloff_protocol::scenario::{Expect, Scenario};
pub use cost::{Cost, Turns};
use glance::{Glance, Known};
use own::Own;
use simplest::Simplest;

use crate::check;
use crate::settle::settle;

/// The input of shrinking: something that is wrong, to be shown by a smaller scenario.
#[derive(Clone, Debug)]
pub struct ShrinkInput {
    /// The scenario that shows it.
    pub scenario: Scenario,
    /// The reading under which it shows.
    pub reading: Reading,
    /// The engine that found it.
    pub engine: Engine,
    /// What is wrong.
    pub violation: Violation,
}

/// When to stop.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// The most candidates that are explored (`--candidates-max`). [`Options::limits`] bounds each
    /// exploration; a candidate that exceeds those limits is rejected.
    pub candidates_max: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { candidates_max: 10_000 }
    }
}

/// A finding in its smallest form.
#[derive(Debug)]
pub struct Shrunk {
    /// The smallest scenario. It expects the results of the machine without a fault.
    pub scenario: Scenario,
    /// Its run by the cheapest engine that shows the finding, with only that violation. If one
    /// execution shows the finding, the schedule has the fewest context switches, and among those
    /// the fewest advances of the clock.
    pub run: Run,
    /// The number of explored candidates.
    pub candidates: u64,
    /// The number of states explored for them.
    pub states: u64,
    /// What stopped shrinking before the scenario was minimal; `None` if it is minimal.
    pub stopped: Option<Stopped>,
}

/// Why shrinking ended too early.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stopped {
    /// The maximum [`Limits::candidates_max`] was reached.
    Candidates,
    /// A limit of the engine was hit.
    Engine(Limit),
}

/// The error if no deterministic engine shows the finding again; or if it is that a file expects a
/// code which never comes: no execution shows that.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("no execution shows it, so that nothing smaller can")]
pub struct NotShown;

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stopped::Candidates => f.write_str("the limit on candidates"),
            Stopped::Engine(Limit::Interrupt) => f.write_str("Ctrl-C"),
            Stopped::Engine(limit) => write!(f, "the limit on {}", limit.name()),
        }
    }
}

impl ShrinkInput {
    /// The one of several violations that is worth to be looked at first: the clause that must
    /// catch the seeded bug, then any other clause, then that somebody is stuck.
    pub fn first<'r>(
        scenario: &Scenario,
        violations: impl IntoIterator<Item = (&'r Run, &'r Violation)>,
        fault: Option<Seeded>,
    ) -> Option<ShrinkInput> {
        let caught_by = fault.and_then(Seeded::machine).map(|fault| fault.caught_by);
        let rank = |(run, violation): &(&Run, &Violation)| {
            let is_absence = violation.schedule.is_none();
            (Some(violation.what.id()) != caught_by, violation.what, is_absence, run.engine)
        };
        let (run, violation) = violations.into_iter().min_by_key(rank)?;
        let (scenario, violation) = (scenario.clone(), violation.clone());
        Some(ShrinkInput { scenario, reading: run.reading, engine: run.engine, violation })
    }

    /// The violations of those runs that are not as expected.
    pub fn among(runs: &[Run]) -> impl Iterator<Item = (&Run, &Violation)> {
        let broken = runs.iter().filter(|run| run.is_broken());
        broken.flat_map(|run| run.violations.iter().map(move |v| (run, v)))
    }

    /// Whether a violation found by that engine is this one: the same clause, or the same kind of
    /// difference.
    fn is(&self, other: &Violation, engine: Engine) -> bool {
        let (kind, of) = (self.violation.end_kind(self.engine), other.end_kind(engine));
        // That an end is missing is about the engine that has not seen it.
        let is_same_way = kind == of && (of != Some(EndKind::Missing) || engine == self.engine);
        self.violation.what == other.what && (other.what != Violated::CrossCheck || is_same_way)
    }
}

/// Shrinks a finding. The fault, the limits and the seed come from the options; their list of
/// engines is ignored. After each candidate `tried` gets the number of candidates so far.
///
/// # Errors
///
/// If no deterministic engine shows the finding.
pub fn shrink(
    finding: &ShrinkInput,
    options: &Options,
    limits: &Limits,
    stop: &Stop,
    tried: &dyn Fn(u64),
) -> Result<Shrunk, NotShown> {
    let mut search = Shrinking {
        finding,
        own: Own::of(finding, options.fault, &options.limits, stop),
        options: options.clone(),
        limits,
        stop,
        tried,
        engine: finding.engine,
        pace: Pace::Thorough,
        failed: BTreeSet::new(),
        ends: Known::new(),
        candidates: 0,
        states: 0,
    };
    let (scenario, mut run) = search.start().ok_or(NotShown)?;
    let (mut scenario, stopped) = search.descend(scenario, &mut run);
    if search.own.is_none() {
        settle(&mut scenario);
    }
    // The summary described the scenario before it was shrunk.
    scenario.summary.clear();
    if run.exploration.bound == Bound::Sought
        && let Some(whole) = search.explore(&scenario)
    {
        run = whole;
    }
    let mut violation = run.violations.pop().expect("the run shows the finding");
    if let Some(simplest) = search.simplest(&scenario, &violation) {
        violation = simplest;
    }
    run.violations = vec![violation];
    let Shrinking { candidates, states, .. } = search;
    Ok(Shrunk { scenario, run, candidates, states, stopped })
}

/// The least executions of a `loom` pass in a quick look.
const LOOM_EXECUTIONS_MIN: u64 = 200;

struct Shrinking<'a> {
    finding: &'a ShrinkInput,
    /// The finding, if the right machine shows it.
    own: Option<Own>,
    options: Options,
    limits: &'a Limits,
    stop: &'a Stop,
    tried: &'a dyn Fn(u64),
    /// The cheapest engine that shows the finding.
    engine: Engine,
    pace: Pace,
    /// Candidates that do not show the finding at that pace.
    failed: BTreeSet<(Pace, String)>,
    /// The ends of the machine in each candidate.
    ends: Known,
    candidates: u64,
    states: u64,
}

/// How far candidates are explored.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Pace {
    /// About as far as was needed to see the finding last time.
    Quick,
    /// To the end.
    Thorough,
}

impl Shrinking<'_> {
    /// The scenario as it is to be judged, and its run by the cheapest engine that shows the
    /// finding.
    fn start(&mut self) -> Option<(Scenario, Run)> {
        let scenario = self.to_judge(self.finding.scenario.clone());
        for engine in [Engine::Protocol, Engine::Exhaustive, self.finding.engine] {
            self.engine = engine;
            // Real threads do not show the same thing twice.
            if engine != Engine::Std
                && let Some(run) =
                    self.look(&scenario, None).unwrap_or_else(|| self.explore(&scenario))
            {
                return Some((scenario, run));
            }
        }
        None
    }

    /// Leaves out what can be left out until nothing can: first with quick looks, then with
    /// thorough ones, and with quick ones again after each success.
    fn descend(&mut self, mut scenario: Scenario, run: &mut Run) -> (Scenario, Option<Stopped>) {
        // The machine is always explored to the end.
        let is_quick = self.engine != Engine::Protocol;
        self.pace = if is_quick { Pace::Quick } else { Pace::Thorough };
        let mut candidates = candidates::of(&scenario);
        // Goes on after the place of the last success, and round until all have failed.
        let (mut at, mut failures) = (0, 0);
        loop {
            if failures == candidates.len() {
                if self.pace == Pace::Thorough {
                    return (scenario, None);
                }
                (self.pace, failures) = (Pace::Thorough, 0);
                continue;
            }
            let candidate = candidates[at % candidates.len()].clone();
            (at, failures) = (at + 1, failures + 1);
            if !self.failed.insert((self.pace, candidate.to_toml())) {
                continue;
            }
            if self.candidates == self.limits.candidates_max {
                return (scenario, Some(Stopped::Candidates));
            }
            self.candidates += 1;
            let candidate = self.to_judge(candidate);
            let found = self.run(&candidate, run);
            (self.tried)(self.candidates);
            if let Some(found) = found {
                (scenario, *run) = (candidate, found);
                candidates = candidates::of(&scenario);
                failures = 0;
                self.pace = if is_quick { Pace::Quick } else { Pace::Thorough };
            } else if let Some(limit) = self.stop.limit() {
                return (scenario, Some(Stopped::Engine(limit)));
            }
        }
    }

    /// The scenario, with the right expectation if expectations matter for the finding.
    fn to_judge(&self, mut scenario: Scenario) -> Scenario {
        if let Some(own) = &self.own {
            return own.judged(scenario, &self.options.limits, self.stop);
        }
        match self.finding.violation.what {
            Violated::Stuck | Violated::Expectation => settle(&mut scenario),
            _ => scenario.expect = Expect::default(),
        }
        scenario
    }

    /// The run of the candidate, with only the finding; `None` if the candidate does not show it at
    /// this pace. `last` is the run of the scenario that is being shrunk.
    fn run(&mut self, candidate: &Scenario, last: &Run) -> Option<Run> {
        let is_quick = self.pace == Pace::Quick;
        let switches_max = is_quick.then_some(last.exploration.switches);
        if let Some(found) = self.look(candidate, switches_max) {
            return found;
        }
        let limits = self.options.limits;
        if is_quick {
            let after = last.exploration.found_after.values().max().copied().unwrap_or_default();
            let quick = LOOM_EXECUTIONS_MIN.max(2 * after);
            self.options.limits.loom_executions_max = limits.loom_executions_max.min(quick);
        }
        let found = self.explore(candidate);
        self.options.limits = limits;
        found
    }

    /// The result of a quick look at the scenario, if `exhaustive` is the engine; `None` if a quick
    /// look does not suffice.
    fn look(&mut self, scenario: &Scenario, switches_max: Option<u64>) -> Option<Option<Run>> {
        let kind = self.finding.violation.end_kind(self.finding.engine);
        let kind = kind.filter(|_| self.engine == Engine::Exhaustive)?;
        let (options, stop) = (&self.options, self.stop);
        let glance = Glance { kind, reading: self.finding.reading, options, stop };
        let (found, states) = glance.look(scenario, switches_max, &mut self.ends);
        self.states += states;
        Some(found)
    }

    /// The run of the fully explored scenario, with only the finding; `None` if it does not show
    /// it.
    fn explore(&mut self, scenario: &Scenario) -> Option<Run> {
        let engines = match self.engine {
            Engine::Protocol => vec![Engine::Protocol],
            engine => vec![Engine::Protocol, engine],
        };
        let options = Options { engines, ..self.options.clone() };
        let runs = check::check(0, scenario, self.finding.reading, &options, self.stop);
        self.states += runs.iter().map(|run| run.exploration.states).sum::<u64>();
        let mut run = runs.into_iter().find(|run| run.engine == self.engine)?;
        run.violations.retain(|violation| self.finding.is(violation, self.engine));
        run.violations.truncate(1);
        let is_own = self.own.as_ref().is_none_or(|own| own.is_shown_by(scenario, &run));
        (!run.violations.is_empty() && is_own).then_some(run)
    }

    /// The violation with the simplest schedule; `None` if no single execution shows it, or if a
    /// limit was hit.
    fn simplest(&self, scenario: &Scenario, violation: &Violation) -> Option<Violation> {
        let simplest = Simplest {
            scenario,
            case: Case::new(scenario, self.finding.reading),
            options: &self.options,
            stop: self.stop,
        };
        match self.engine {
            Engine::Protocol => simplest.on_machine(violation.what),
            Engine::Exhaustive => {
                let mut all = simplest.on_implementation(violation.what).into_iter();
                all.find(|found| self.finding.is(found, self.engine))
            }
            Engine::Loom | Engine::Shuttle | Engine::Std => None,
        }
    }
}
