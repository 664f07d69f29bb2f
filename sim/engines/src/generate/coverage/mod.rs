//! Coverage of the language: what the generated scenarios contain, and what was observed when they
//! were explored.
//!
//! Steps are counted in the scenarios; codes and facets in the explorations. The order of racing
//! events on the same call is observed in one random walk per case and reading (`walk.rs`): a
//! random path of the explored graph, which does not depend on the engine.

mod table;
mod walk;

use std::collections::{BTreeMap, BTreeSet};

use calloff_model::{Reading, Window};
use calloff_protocol::clauses::ClauseId;
use calloff_protocol::exploration::Engine;
use calloff_protocol::faults::Seeded;
use calloff_protocol::history::TimePolicy;
use calloff_protocol::judge::Run;
use calloff_protocol::program::Program;
use calloff_protocol::scenario::{ExpectedVerdict, Scenario, Step, Target};
pub use walk::Racing;

use super::{Purpose, rng, shape};

/// How often what was seen. Every count is of cases, but for [`Coverage::orders`].
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Coverage {
    /// All cases.
    pub cases: u64,
    /// Cases on an urgent clock.
    pub urgent: u64,
    /// Cases in which an actor can get stuck.
    pub stuck: u64,
    /// By kind of step: the cases that have such a step.
    pub steps: BTreeMap<&'static str, u64>,
    /// By operation and name of a code: the cases in which the operation can return the code,
    /// according to the `protocol` engine.
    pub codes: BTreeMap<(&'static str, String), u64>,
    /// By clause (its position), facet and reading: the cases that witness a *sometimes* clause.
    pub facets: BTreeMap<(ClauseId, String, Reading), u64>,
    /// By pair: the walks in which the one came before the other on the same call.
    pub orders: BTreeMap<(Racing, Racing), u64>,
}

impl Coverage {
    /// The coverage of one case.
    pub(super) fn of(
        seed: u64,
        index: u64,
        scenario: &Scenario,
        runs: &[Run],
        fault: Option<Seeded>,
    ) -> Coverage {
        let program = Program::new(scenario);
        let mut coverage = Coverage {
            cases: 1,
            urgent: u64::from(scenario.time == TimePolicy::Urgent),
            stuck: u64::from(scenario.expect.verdict == ExpectedVerdict::Stuck),
            ..Coverage::default()
        };
        coverage.steps = kinds(scenario).into_iter().map(|kind| (kind, 1)).collect();
        for run in runs.iter().filter(|run| run.engine == Engine::Protocol) {
            coverage.codes.extend(codes(&program, run).into_iter().map(|seen| (seen, 1)));
            let facets = run.exploration.seen.iter();
            coverage.facets.extend(facets.map(|(c, f)| ((*c, f.clone(), run.reading), 1)));
        }
        let fault = fault.and_then(Seeded::machine);
        for (at, reading) in Reading::ALL.into_iter().enumerate() {
            let mut chance = rng(seed, index, Purpose::Walk(at));
            for pair in walk::orders(&program, reading, fault, &mut chance) {
                *coverage.orders.entry(pair).or_default() += 1;
            }
        }
        coverage
    }

    /// Adds the coverage of other cases.
    pub fn add(&mut self, other: &Coverage) {
        self.cases += other.cases;
        self.urgent += other.urgent;
        self.stuck += other.stuck;
        add(&mut self.steps, &other.steps);
        add(&mut self.codes, &other.codes);
        add(&mut self.facets, &other.facets);
        add(&mut self.orders, &other.orders);
    }

    /// The counts as tables for people, at most 80 columns wide.
    pub fn render(&self) -> String {
        table::render(self)
    }
}

fn add<K: Ord + Clone>(to: &mut BTreeMap<K, u64>, from: &BTreeMap<K, u64>) {
    for (key, count) in from {
        match to.get_mut(key) {
            Some(sum) => *sum += count,
            None => drop(to.insert(key.clone(), *count)),
        }
    }
}

/// The properties of steps that are counted: kinds of steps, starting depths, lengths of windows.
pub(super) const KINDS: [&str; 19] = [
    "enable",
    "disable",
    "depth above 0",
    "issue",
    "await",
    "call",
    "dispatch",
    "reply",
    "sleep",
    "work",
    "test_cancel",
    "test_cancel object",
    "get_cancel_object",
    "cancel thread",
    "cancel object",
    "window of 0",
    "window of seconds",
    "window of ages",
    "infinite window",
];

/// The shortest window that counts as extremely long: no other deadline comes close to it.
const AGES: u32 = 1 << 31;

/// The [`KINDS`] that the scenario has.
fn kinds(scenario: &Scenario) -> BTreeSet<&'static str> {
    let steps = || scenario.actors.iter().flat_map(|actor| &actor.steps);
    let mut kinds: BTreeSet<&str> = steps().map(kind).collect();
    kinds.extend(steps().filter_map(window));
    kinds.extend(scenario.actors.iter().any(|actor| actor.depth > 0).then_some("depth above 0"));
    kinds
}

fn kind(step: &Step) -> &'static str {
    match step {
        Step::TestCancelObject(_) => "test_cancel object",
        Step::Cancel { target: Target::Thread(_), .. } => "cancel thread",
        Step::Cancel { target: Target::Object(_), .. } => "cancel object",
        step => step.keyword().name(),
    }
}

fn window(step: &Step) -> Option<&'static str> {
    let Step::Cancel { window, .. } = step else { return None };
    Some(match window {
        Window::Seconds(0) => "window of 0",
        Window::Seconds(seconds) if *seconds < AGES => "window of seconds",
        Window::Seconds(_) => "window of ages",
        Window::Infinite => "infinite window",
    })
}

/// The codes that each operation returns in the outcomes of a run.
fn codes(program: &Program, run: &Run) -> BTreeSet<(&'static str, String)> {
    let mut seen = BTreeSet::new();
    for outcome in run.exploration.outcomes.keys() {
        for (lane, codes) in program.lanes.iter().zip(&outcome.codes) {
            for (position, code) in codes {
                let action = lane.returning[*position as usize];
                let is_named = code.to_string().starts_with(|c: char| c.is_ascii_alphabetic());
                let name = if is_named { action.code_name(*code) } else { "other".to_owned() };
                seen.insert((shape::name(action), name));
            }
        }
    }
    seen
}
