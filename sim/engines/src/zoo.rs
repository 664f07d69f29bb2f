//! The zoo: measures how much work each engine needs to notice each seeded bug.
//!
//! All engines look at the same place: the first scenario of the corpus (ordered by size), under
//! its first reading, that shows the bug in the way it must show. The unit is states or executions,
//! so the numbers are the same each time.

use std::collections::BTreeSet;
use std::sync::Arc;

use calloff_model::Reading;
use calloff_protocol::exploration::{
    Bound, Engine, Exploration, Limits, Reductions, Scope, Sought, Stop,
};
use calloff_protocol::faults::Seeded;
use calloff_protocol::history::{EndKind, Outcome};
use calloff_protocol::judge::{Options, Source, Violated, Worker};
use calloff_protocol::program::{Case, Program};
use calloff_protocol::search;
use serde::{Deserialize, Serialize};

use crate::catch::{by_size, under_loom};
use crate::engine::sampled::{STRATEGIES, Sample};
use crate::shrink::{self, Cost, Turns};
use crate::{check, pool, subjects};

/// What is measured.
#[derive(Clone, Debug)]
pub struct Measure {
    /// The engines: `protocol`, `exhaustive`, `loom`, `shuttle`.
    pub engines: Vec<Engine>,
    /// The number of seeds for each strategy of `shuttle`, from 0 on.
    pub seeds: u64,
    /// Whether the finding is shrunk.
    pub shrinks: bool,
    /// The worker in which `loom` runs; without one, `loom` is left out.
    pub worker: Option<Worker>,
}

impl Measure {
    /// Everything, with this number of seeds for each strategy.
    pub fn whole(seeds: u64, worker: Option<Worker>) -> Measure {
        let engines = vec![Engine::Protocol, Engine::Exhaustive, Engine::Loom, Engine::Shuttle];
        Measure { engines, seeds, shrinks: true, worker }
    }
}

/// The most executions of a strategy with one seed.
pub const EXECUTIONS_MAX: usize = 1_000;

impl Noticed {
    /// Whether the engine noticed the bug.
    fn is_so(self) -> bool {
        !matches!(self, Noticed::NotAsked | Noticed::No)
    }
}

/// The measurements for one bug.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// The bug.
    pub fault: Seeded,
    /// The scenario's name and the reading; `None` if no scenario of the corpus shows the bug.
    pub place: Option<(String, Reading)>,
    /// The states until `protocol` noticed.
    pub protocol: Noticed,
    /// The executions until `exhaustive` noticed.
    pub exhaustive: Noticed,
    /// The executions until `loom` noticed.
    pub loom: Noticed,
    /// By strategy of `shuttle` and by seed: the executions until it noticed; `None` if it did not
    /// within [`EXECUTIONS_MAX`]. Empty if it was not measured or cannot notice the bug.
    pub strategies: Vec<Vec<Option<u64>>>,
    /// The smallest scenario and the simplest schedule that show it, as far as they exist.
    pub shrunk: Option<(Cost, Option<Turns>)>,
}

/// How soon an engine noticed a bug.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Noticed {
    /// It was not asked, or cannot run the scenario.
    NotAsked,
    /// It finished its exploration without noticing.
    No,
    /// After this number of states or executions.
    After(u64),
    /// After this number, which are all: an end of the machine was never reached.
    AfterAll(u64),
    /// Its process died of the bug, so nothing was counted.
    Died,
}

impl Row {
    /// Whether the engine that must catch the bug noticed it.
    pub fn is_caught(&self) -> bool {
        let noticed = match self.fault {
            Seeded::Machine(_) => self.protocol,
            Seeded::Shell(fault) if fault.caught_by == Engine::Loom => self.loom,
            Seeded::Shell(_) => self.exhaustive,
        };
        noticed.is_so()
    }
}

/// Measures bugs on `jobs` threads, in order; `done` is told of each one. `None`: it was stopped.
pub fn measure_all(
    faults: &[Seeded],
    sources: &[Source],
    what: &Measure,
    jobs: usize,
    stop: &Stop,
    done: &(impl Fn() + Sync),
) -> Option<Vec<Row>> {
    let measure = |fault: &Seeded| measure(*fault, sources, what, stop);
    pool::run(faults, jobs, measure, &|_| done()).into_iter().collect()
}

/// Measures one bug. `None` if it was stopped.
pub fn measure(fault: Seeded, sources: &[Source], what: &Measure, stop: &Stop) -> Option<Row> {
    let mut row = Row {
        fault,
        place: None,
        protocol: Noticed::NotAsked,
        exhaustive: Noticed::NotAsked,
        loom: Noticed::NotAsked,
        strategies: Vec::new(),
        shrunk: None,
    };
    let place = find(fault, sources, what.worker.as_ref(), stop);
    if let Some(place) = &place {
        row.place = Some((place.source.scenario.name.clone(), place.case.reading));
        place.measure(&mut row, what, stop);
    }
    stop.limit().is_none().then_some(row)
}

/// The place at which a bug is looked for.
struct Place<'s> {
    fault: Seeded,
    source: &'s Source,
    case: Case,
    /// Every end of the machine without the bug.
    known: Arc<BTreeSet<Outcome>>,
}

/// The first of the places that show the bug best.
fn find<'s>(
    fault: Seeded,
    sources: &'s [Source],
    worker: Option<&Worker>,
    stop: &Stop,
) -> Option<Place<'s>> {
    // Only a client program has what a bug in that needs.
    let of_clients = fault.machine().is_some_and(|fault| fault.of_clients);
    let is_meant = |source: &&Source| Program::new(&source.scenario).is_client == of_clients;
    let places = by_size(sources).into_iter().filter(is_meant).flat_map(|source| {
        let readings = source.scenario.expect.readings.iter();
        readings.map(move |reading| (source, *reading))
    });
    let mut best: Option<(u32, Place)> = None;
    for (source, reading) in places {
        let place = Place::new(fault, source, reading, stop);
        let rank = place.rank(worker, stop);
        if rank > best.as_ref().map_or(0, |(rank, _)| *rank) {
            best = Some((rank, place));
        }
        if rank == BEST || stop.is_interrupted() {
            break;
        }
    }
    best.map(|(_, place)| place)
}

const BEST: u32 = 3;

impl<'s> Place<'s> {
    fn new(fault: Seeded, source: &'s Source, reading: Reading, stop: &Stop) -> Place<'s> {
        let case = Case::new(&source.scenario, reading);
        let right = search::ends(&case, &Limits::default(), Reductions::default(), stop);
        let known = Arc::new(right.outcomes.into_keys().collect());
        Place { fault, source, case, known }
    }

    /// How well the place shows the bug; 0: not at all. It shows a bug of the machine well if the
    /// bug's clause is violated and there are other ends than without the bug.
    fn rank(&self, worker: Option<&Worker>, stop: &Stop) -> u32 {
        match self.fault {
            Seeded::Machine(fault) => {
                let found = self.on_machine(stop);
                let mut broken = found.violations.keys().map(|clause| clause.id);
                let is_meant = broken.any(|id| id == fault.caught_by);
                let ends: BTreeSet<Outcome> = found.outcomes.into_keys().collect();
                2 * u32::from(is_meant) + u32::from(ends != *self.known)
            }
            Seeded::Shell(fault) => {
                let noticed = match fault.caught_by {
                    Engine::Loom => self.loom(worker, stop),
                    _ => self.exhaustive(stop),
                };
                BEST * u32::from(noticed.is_so())
            }
        }
    }

    fn measure(&self, row: &mut Row, what: &Measure, stop: &Stop) {
        let is_asked = |engine| what.engines.contains(&engine);
        if is_asked(Engine::Protocol) && self.fault.machine().is_some() {
            row.protocol = self.protocol(stop);
        }
        if is_asked(Engine::Exhaustive) {
            row.exhaustive = self.exhaustive(stop);
        }
        if is_asked(Engine::Loom) {
            row.loom = self.loom(what.worker.as_ref(), stop);
        }
        // If no execution shows the bug, sampling cannot notice it.
        let is_vain = matches!(row.exhaustive, Noticed::AfterAll(_) | Noticed::No);
        if is_asked(Engine::Shuttle) && !is_vain {
            row.strategies = self.strategies(what.seeds, stop);
        }
        if what.shrinks {
            row.shrunk = self.shrunk(what.worker.as_ref(), stop);
        }
    }

    fn on_machine(&self, stop: &Stop) -> Exploration {
        let fault = self.fault.machine();
        search::explore(&self.case, fault, &Limits::default(), stop)
    }

    fn protocol(&self, stop: &Stop) -> Noticed {
        let found = self.on_machine(stop);
        let broken = found.violations.values().map(|finding| finding.after);
        let foreign = found.outcomes.iter().filter(|(end, _)| !self.known.contains(*end));
        match broken.chain(foreign.map(|(_, node)| node.number())).min() {
            Some(after) => Noticed::After(after),
            None => self.missing(&found, found.states),
        }
    }

    /// An end that is absent is noticed when everything was explored.
    fn missing(&self, found: &Exploration, all: u64) -> Noticed {
        let is_missing = self.known.iter().any(|end| !found.outcomes.contains_key(end));
        match is_missing && found.bound == Bound::Exhausted {
            true => Noticed::AfterAll(all),
            false => Noticed::No,
        }
    }

    fn foreign(&self) -> Sought {
        Sought { kind: EndKind::Foreign, known: self.known.clone() }
    }

    fn exhaustive(&self, stop: &Stop) -> Noticed {
        if self.case.program.is_client {
            return Noticed::NotAsked;
        }
        let scope = Scope { sought: Some(self.foreign()), ..Scope::default() };
        let limits = Limits::default();
        let found = subjects::exhaustive(Some(self.fault), &self.case, &scope, &limits, stop);
        match found.bound {
            Bound::Sought => Noticed::After(found.executions),
            _ => self.missing(&found, found.executions),
        }
    }

    fn loom(&self, worker: Option<&Worker>, stop: &Stop) -> Noticed {
        let takes = !self.case.program.is_client;
        let found =
            takes.then(|| under_loom(Some(self.fault), self.source, &self.case, worker, stop));
        let Some(found) = found.flatten() else {
            return Noticed::NotAsked;
        };
        if !found.panics.is_empty() {
            return Noticed::Died;
        }
        let foreign = found.found_after.iter().filter(|(end, _)| !self.known.contains(*end));
        match foreign.map(|(_, after)| *after).min() {
            Some(after) => Noticed::After(after),
            None => self.missing(&found, found.executions),
        }
    }

    fn strategies(&self, seeds: u64, stop: &Stop) -> Vec<Vec<Option<u64>>> {
        if self.case.program.is_client {
            return Vec::new();
        }
        let hunt = |strategy, seed| {
            let sample = Sample { seed, executions: EXECUTIONS_MAX as u64 };
            subjects::hunt(self.fault, &self.case, strategy, sample, &self.foreign(), stop)
        };
        let of = |strategy| (0..seeds).map(|seed| hunt(strategy, seed)).collect();
        STRATEGIES.into_iter().map(of).collect()
    }

    fn shrunk(&self, worker: Option<&Worker>, stop: &Stop) -> Option<(Cost, Option<Turns>)> {
        let engines = match self.fault {
            Seeded::Shell(fault) => vec![Engine::Protocol, fault.caught_by],
            Seeded::Machine(_) => vec![Engine::Protocol, Engine::Exhaustive],
        };
        let options = Options {
            engines,
            fault: Some(self.fault),
            code: None,
            limits: Limits::default(),
            reductions: Reductions::default(),
            seed: 0,
            worker: worker.cloned(),
        };
        let scenario = &self.source.scenario;
        let runs = check::check(0, scenario, self.case.reading, &options, stop);
        let all = runs.iter().flat_map(|run| run.violations.iter().map(move |v| (run, v)));
        let all = all.filter(|(_, violation)| violation.what != Violated::Expectation);
        let finding = shrink::ShrinkInput::first(scenario, all, Some(self.fault))?;
        let limits = shrink::Limits::default();
        let shrunk = shrink::shrink(&finding, &options, &limits, stop, &|_| ()).ok()?;
        let schedule = shrunk.run.violations[0].schedule.as_ref();
        Some((Cost::of(&shrunk.scenario), schedule.map(Turns::of)))
    }
}
