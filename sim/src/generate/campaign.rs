//! Campaigns: many cases on several threads, in one order.
//!
//! Whoever is free takes the next index. What came of a case is added to the report in the order of
//! the indices, so that the report is that of one thread, up to where it ends: at the first
//! finding, at the last case, or where a limit on time has cut it off.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use calloff_model::Reading;

use super::{Coverage, Shape, Size, Tested, property};
use crate::check::{Options, Run};
use crate::clauses::{CLAUSES, Kind};
use crate::engine::{Engine, Limit, Stop};
use crate::faults::Seeded;
use crate::program::Program;
use crate::scenario::Scenario;
use crate::shrink;

/// After so many cases everything that must be seen at least once has been seen, or it cannot be
/// seen. The rarest of them, K22, is in about one case of forty.
pub const VACUOUS_AFTER: u64 = 500;

/// What is to be generated, and how it is checked.
#[derive(Clone)]
pub struct Campaign {
    /// The seed that the scenarios are drawn from.
    pub seed: u64,
    /// The index of the first case.
    pub first: u64,
    /// How many cases; `None`: until something stops it.
    pub cases: Option<u64>,
    /// How large they get.
    pub size: Size,
    /// The engines, the seeded bug, the limits.
    pub options: Options,
    /// How many threads explore at once. The report does not depend on it.
    pub jobs: usize,
    /// Whether it goes on behind a finding.
    pub goes_on: bool,
}

/// What came of a campaign.
#[derive(Default, Debug)]
pub struct Report {
    /// What the cases cover.
    pub coverage: Coverage,
    /// Cases in which a limit was hit and nothing was found.
    pub inconclusive: u64,
    /// By engine: what its runs came to.
    pub totals: BTreeMap<Engine, Totals>,
    /// Cases in which something new is wrong, in order.
    pub findings: Vec<Finding>,
    /// By shape: the first case that has it, and how many do.
    pub shapes: BTreeMap<Shape, Found>,
    /// What must be seen at least once, and was not in [`VACUOUS_AFTER`] cases.
    pub vacuous: Vec<Vacuous>,
    /// Why it ended.
    pub ended: Ended,
}

/// What the runs of an engine came to.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Totals {
    /// Runs.
    pub runs: u64,
    /// States.
    pub states: u64,
    /// Executions, of engines that run an implementation.
    pub executions: u64,
    /// By reason: the runs that were skipped.
    pub skipped: BTreeMap<String, u64>,
}

/// A case in which something is wrong.
#[derive(Debug)]
pub struct Finding {
    /// Its index.
    pub index: u64,
    /// Its scenario.
    pub scenario: Scenario,
    /// All its runs.
    pub runs: Vec<Run>,
    /// What no case before has shown: positions of a run, and of a violation in it.
    pub new: Vec<(usize, usize)>,
}

impl Finding {
    /// The one thing that is new in this case and worth to be shrunk.
    pub fn to_shrink(&self, fault: Option<Seeded>) -> Option<shrink::Finding> {
        let of = |(run, at): &(usize, usize)| (&self.runs[*run], &self.runs[*run].violations[*at]);
        shrink::Finding::first(&self.scenario, self.new.iter().map(of), fault)
    }
}

/// How often a shape was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Found {
    /// The index of the first case.
    pub first: u64,
    /// How many cases.
    pub cases: u64,
}

/// Something that must be seen, and was not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Vacuous {
    /// The clause that asks for it.
    pub clause: &'static str,
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
    /// The wall clock, or Ctrl-C. What was being checked then is not counted.
    Stopped(Limit),
}

impl Campaign {
    /// Runs it. `done` is told after each case how many are over.
    pub fn run(&self, stop: &Stop, done: &(impl Fn(u64) + Sync)) -> Report {
        let next = AtomicU64::new(0);
        let is_over = AtomicBool::new(false);
        let progress = Mutex::new(Progress { waiting: BTreeMap::new(), report: Report::default() });
        let work = || {
            while !is_over.load(Ordering::Relaxed) {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if self.cases.is_some_and(|cases| number >= cases) {
                    return;
                }
                let index = self.first.wrapping_add(number);
                let tested = property(self.seed, index, &self.size, &self.options, stop);
                let mut progress = progress.lock().expect("no case panics");
                if is_over.load(Ordering::Relaxed) {
                    return;
                }
                let limit = stop.limit();
                match limit {
                    Some(limit) => progress.report.ended = Ended::Stopped(limit),
                    None => progress.add(self, number, tested),
                }
                done(progress.report.coverage.cases);
                is_over.store(progress.report.ended != Ended::Complete, Ordering::Relaxed);
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..self.jobs.max(1) {
                scope.spawn(work);
            }
        });
        progress.into_inner().expect("no case panics").report
    }
}

struct Progress {
    /// Cases that are over before an earlier one is, by their number.
    waiting: BTreeMap<u64, Tested>,
    report: Report,
}

impl Progress {
    fn add(&mut self, campaign: &Campaign, number: u64, tested: Tested) {
        self.waiting.insert(number, tested);
        while self.report.ended == Ended::Complete
            && let Some(tested) = self.waiting.remove(&self.report.coverage.cases)
        {
            self.report.add(campaign, tested);
        }
    }
}

impl Report {
    fn add(&mut self, campaign: &Campaign, tested: Tested) {
        self.coverage.add(&tested.coverage);
        self.totals(&tested.runs);
        if tested.broken().next().is_some() {
            self.broken(campaign, tested);
        } else {
            self.inconclusive += u64::from(tested.is_inconclusive());
        }
        if self.coverage.cases == VACUOUS_AFTER
            && campaign.options.engines.contains(&Engine::Protocol)
        {
            self.vacuous = vacuous(&self.coverage);
        }
        let is_found = !self.findings.is_empty() || !self.vacuous.is_empty();
        if is_found && !campaign.goes_on {
            self.ended = Ended::Found;
        }
    }

    fn totals(&mut self, runs: &[Run]) {
        for run in runs {
            let totals = self.totals.entry(run.engine).or_default();
            totals.runs += 1;
            totals.states += run.exploration.states;
            totals.executions += run.exploration.executions;
            if let Some(reason) = &run.skipped {
                *totals.skipped.entry(reason.clone()).or_default() += 1;
            }
        }
    }

    fn broken(&mut self, campaign: &Campaign, tested: Tested) {
        let program = Program::new(&tested.scenario);
        let fault = campaign.options.fault.and_then(Seeded::machine);
        let mut shapes: BTreeMap<Shape, Vec<(usize, usize)>> = BTreeMap::new();
        for (number, run) in tested.runs.iter().enumerate().filter(|(_, run)| run.is_broken()) {
            for (at, violation) in run.violations.iter().enumerate() {
                let shape = Shape::of(&program, run, violation, fault);
                shapes.entry(shape).or_default().push((number, at));
            }
        }
        let mut new = Vec::new();
        for (shape, places) in shapes {
            let known = self.shapes.entry(shape).or_insert_with(|| {
                new.extend(places);
                Found { first: tested.index, cases: 0 }
            });
            known.cases += 1;
        }
        if !new.is_empty() {
            new.sort_unstable();
            let Tested { index, scenario, runs, .. } = tested;
            self.findings.push(Finding { index, scenario, runs, new });
        }
    }
}

/// What must be seen under every reading, and was not.
fn vacuous(coverage: &Coverage) -> Vec<Vacuous> {
    let mut missing = Vec::new();
    for (at, clause) in CLAUSES.iter().enumerate().filter(|(_, c)| c.kind == Kind::Sometimes) {
        for facet in clause.facets {
            for reading in Reading::ALL {
                if !coverage.facets.contains_key(&(at, (*facet).to_owned(), reading)) {
                    missing.push(Vacuous { clause: clause.id, facet, reading });
                }
            }
        }
    }
    missing
}
