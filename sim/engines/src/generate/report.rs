//! Reports: the results of many cases, added up in the order of their indices.

use std::collections::BTreeMap;

use calloff_model::Reading;
use calloff_protocol::clauses::ClauseId;
use calloff_protocol::exploration::{Engine, Exploration, Limit};
use calloff_protocol::faults::Seeded;
use calloff_protocol::judge::Run;
use calloff_protocol::program::Program;
use calloff_protocol::scenario::Scenario;
use serde::{Deserialize, Serialize};

use super::{Campaign, Coverage, Shape, Tested};
use crate::shrink;

/// After this number of cases everything that must be seen at least once has been seen, or it
/// cannot be seen. The rarest of them, K22, is in about one case of forty.
pub const VACUOUS_AFTER: u64 = 500;

/// The results of a campaign.
#[derive(Default, Debug)]
pub struct Report {
    /// The coverage of the cases.
    pub coverage: Coverage,
    /// The number of cases in which a limit was hit and nothing was found.
    pub inconclusive: u64,
    /// By engine: the totals of its runs.
    pub totals: BTreeMap<Engine, Totals>,
    /// Cases in which something new is wrong, in order.
    pub findings: Vec<FuzzFinding>,
    /// By shape: the first case that has it, and how many do.
    pub shapes: BTreeMap<Shape, Found>,
    /// Facets that must be witnessed, and were not in [`VACUOUS_AFTER`] cases.
    pub vacuous: Vec<Vacuous>,
    /// Why the campaign ended.
    pub ended: Ended,
}

/// The totals of the runs of an engine.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Totals {
    /// The number of runs.
    pub runs: u64,
    /// The number of states.
    pub states: u64,
    /// The number of executions, for engines that run an implementation.
    pub executions: u64,
    /// By reason: the number of runs that were skipped.
    pub skipped: BTreeMap<String, u64>,
}

/// A case in which something is wrong.
#[derive(Debug)]
pub struct FuzzFinding {
    /// Its index.
    pub index: u64,
    /// Its scenario.
    pub scenario: Scenario,
    /// The runs with violations, without their explorations.
    pub runs: Vec<Run>,
    /// The violations that no earlier case has shown: positions of a run, and of a violation in it.
    pub new: Vec<(usize, usize)>,
}

impl FuzzFinding {
    /// The one thing that is new in this case and worth to be shrunk.
    pub fn to_shrink(&self, fault: Option<Seeded>) -> Option<shrink::ShrinkInput> {
        let of = |(run, at): &(usize, usize)| (&self.runs[*run], &self.runs[*run].violations[*at]);
        shrink::ShrinkInput::first(&self.scenario, self.new.iter().map(of), fault)
    }
}

/// How often a shape was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Found {
    /// The index of the first case.
    pub first: u64,
    /// The number of cases.
    pub cases: u64,
}

/// A facet that must be witnessed, and was not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Vacuous {
    /// The clause that asks for it.
    pub clause: ClauseId,
    /// Which of its facets.
    pub facet: &'static str,
    /// The reading.
    pub reading: Reading,
}

/// Why a campaign ended.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum Ended {
    /// All cases were checked.
    #[default]
    Complete,
    /// Something was found.
    Found,
    /// The limit on time, or Ctrl-C. Cases that were unfinished are not counted.
    Stopped(Limit),
}

/// The part of a case's results that a report needs.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) coverage: Coverage,
    pub(super) is_inconclusive: bool,
    pub(super) totals: BTreeMap<Engine, Totals>,
    pub(super) broken: Option<Broken>,
}

/// A case with violations, whether new or not.
#[derive(Debug)]
pub(super) struct Broken {
    pub(super) index: u64,
    pub(super) scenario: Scenario,
    pub(super) runs: Vec<Run>,
    /// By shape: the violations that have it, as positions of a run, and of a violation in it.
    pub(super) shapes: BTreeMap<Shape, Vec<(usize, usize)>>,
}

impl Checked {
    pub(super) fn of(tested: Tested, fault: Option<Seeded>) -> Checked {
        let is_inconclusive = tested.is_inconclusive() && tested.broken().next().is_none();
        let totals = totals(&tested.runs);
        let Tested { index, scenario, mut runs, coverage } = tested;
        runs.retain(Run::is_broken);
        let broken = (!runs.is_empty()).then(|| Broken::of(index, scenario, runs, fault));
        Checked { coverage, is_inconclusive, totals, broken }
    }
}

impl Broken {
    fn of(index: u64, scenario: Scenario, mut runs: Vec<Run>, fault: Option<Seeded>) -> Broken {
        let program = Program::new(&scenario);
        let fault = fault.and_then(Seeded::machine);
        let mut shapes: BTreeMap<Shape, Vec<(usize, usize)>> = BTreeMap::new();
        for (number, run) in runs.iter_mut().enumerate() {
            run.exploration = Exploration::nothing();
            for (at, violation) in run.violations.iter().enumerate() {
                let shape = Shape::of(&program, run, violation, fault);
                shapes.entry(shape).or_default().push((number, at));
            }
        }
        Broken { index, scenario, runs, shapes }
    }
}

fn totals(runs: &[Run]) -> BTreeMap<Engine, Totals> {
    let mut by_engine: BTreeMap<Engine, Totals> = BTreeMap::new();
    for run in runs {
        let totals = by_engine.entry(run.engine).or_default();
        totals.runs += 1;
        totals.states += run.exploration.states;
        totals.executions += run.exploration.executions;
        if let Some(reason) = &run.skipped {
            *totals.skipped.entry(reason.clone()).or_default() += 1;
        }
    }
    by_engine
}

impl Totals {
    fn add(&mut self, other: Totals) {
        self.runs += other.runs;
        self.states += other.states;
        self.executions += other.executions;
        for (reason, runs) in other.skipped {
            *self.skipped.entry(reason).or_default() += runs;
        }
    }
}

impl Report {
    /// Adds the results of the next case.
    pub(super) fn add(&mut self, campaign: &Campaign, checked: Checked) {
        self.coverage.add(&checked.coverage);
        for (engine, totals) in checked.totals {
            self.totals.entry(engine).or_default().add(totals);
        }
        self.inconclusive += u64::from(checked.is_inconclusive);
        if let Some(broken) = checked.broken {
            self.broken(broken);
        }
        // Small cases cannot witness every facet.
        if self.coverage.cases == VACUOUS_AFTER
            && !campaign.grows
            && campaign.part.is_none()
            && campaign.options.engines.contains(&Engine::Protocol)
        {
            self.vacuous = vacuous(&self.coverage);
        }
        self.end_if_found(campaign);
    }

    /// Ends a campaign that does not go on after a finding.
    pub(super) fn end_if_found(&mut self, campaign: &Campaign) {
        let is_found = !self.findings.is_empty() || !self.vacuous.is_empty();
        if is_found && !campaign.goes_on {
            self.ended = Ended::Found;
        }
    }

    fn broken(&mut self, broken: Broken) {
        let Broken { index, scenario, runs, shapes } = broken;
        let mut new = Vec::new();
        for (shape, places) in shapes {
            let known = self.shapes.entry(shape).or_insert_with(|| {
                new.extend(places);
                Found { first: index, cases: 0 }
            });
            known.cases += 1;
        }
        if !new.is_empty() {
            new.sort_unstable();
            self.findings.push(FuzzFinding { index, scenario, runs, new });
        }
    }
}

/// The facets that must be witnessed under every reading, and were not.
fn vacuous(coverage: &Coverage) -> Vec<Vacuous> {
    let mut missing = Vec::new();
    // No generated race is a client program.
    for clause in ClauseId::sometimes().filter(|clause| !clause.of_clients) {
        for facet in clause.facets {
            for reading in Reading::ALL {
                if !coverage.facets.contains_key(&(clause, (*facet).to_owned(), reading)) {
                    missing.push(Vacuous { clause, facet, reading });
                }
            }
        }
    }
    missing
}
