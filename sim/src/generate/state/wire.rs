//! The progress of a campaign as JSON. Whatever has a name is written as its name, and looked up
//! again when it is read.

use std::collections::BTreeMap;

use calloff_model::Reading;
use serde::{Deserialize, Serialize};

use super::super::coverage::{KINDS, Racing};
use super::super::report::{Broken, Checked};
use super::super::{self as generate, Campaign, Shape, shape};
use crate::check::{self, Verdict, Violated};
use crate::clauses::CLAUSES;
use crate::engine::{Engine, Exploration, Granularity};
use crate::program::Program;
use crate::trace::Schedule;

/// What is wrong with a file, as text.
type Wrong = String;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Progress {
    coverage: Coverage,
    inconclusive: u64,
    totals: BTreeMap<String, Totals>,
    findings: Vec<Finding>,
    shapes: Vec<Found>,
    vacuous: Vec<Vacuous>,
    waiting: BTreeMap<u64, Case>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Coverage {
    cases: u64,
    urgent: u64,
    stuck: u64,
    steps: BTreeMap<String, u64>,
    codes: BTreeMap<String, BTreeMap<String, u64>>,
    facets: Vec<(String, String, String, u64)>,
    orders: Vec<(String, String, u64)>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Totals {
    runs: u64,
    states: u64,
    executions: u64,
    skipped: BTreeMap<String, u64>,
}

/// A finding without its scenario, which follows from the index.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Finding {
    index: u64,
    runs: Vec<Run>,
    new: Vec<(usize, usize)>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Run {
    engine: String,
    reading: String,
    violations: Vec<Violation>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Violation {
    what: String,
    message: String,
    granularity: String,
    schedule: Option<Vec<String>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Found {
    shape: ShapeWire,
    first: u64,
    cases: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Vacuous {
    clause: String,
    facet: String,
    reading: String,
}

/// What is violated, the engine, and the place.
type ShapeWire = (String, String, String);

/// A finished case that waits for an earlier case.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    coverage: Coverage,
    inconclusive: bool,
    totals: BTreeMap<String, Totals>,
    broken: Option<BrokenCase>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BrokenCase {
    runs: Vec<Run>,
    shapes: Vec<(ShapeWire, Vec<(usize, usize)>)>,
}

/// Looks up the thing with that name among all that exist.
fn known<T>(
    what: &str,
    name: &str,
    all: impl IntoIterator<Item = T>,
    is: impl Fn(&T) -> bool,
) -> Result<T, Wrong> {
    let found = all.into_iter().find(is);
    found.ok_or_else(|| format!("there is no {what} {name:?}"))
}

fn engine(name: &str) -> Result<Engine, Wrong> {
    known("engine", name, Engine::ALL, |engine| engine.name() == name)
}

fn reading(name: &str) -> Result<Reading, Wrong> {
    known("reading", name, Reading::ALL, |reading| reading.to_string() == name)
}

fn violated(id: &str) -> Result<Violated, Wrong> {
    Violated::find(id).ok_or_else(|| format!("there is no clause {id:?}"))
}

/// Converts all elements of a list or a map; the first error ends it.
fn all<A, B, C: FromIterator<B>>(
    from: impl IntoIterator<Item = A>,
    read: impl FnMut(A) -> Result<B, Wrong>,
) -> Result<C, Wrong> {
    from.into_iter().map(read).collect()
}

impl Progress {
    pub(super) fn of(progress: &generate::campaign::Progress) -> Progress {
        let generate::campaign::Progress { report, waiting } = progress;
        let found = |(shape, found): (&Shape, &generate::Found)| Found {
            shape: shape_wire(shape),
            first: found.first,
            cases: found.cases,
        };
        let vacuous = |missing: &generate::Vacuous| Vacuous {
            clause: missing.clause.to_owned(),
            facet: missing.facet.to_owned(),
            reading: missing.reading.to_string(),
        };
        let finding = |finding: &generate::Finding| Finding {
            index: finding.index,
            runs: Run::all(&finding.scenario, &finding.runs),
            new: finding.new.clone(),
        };
        Progress {
            coverage: Coverage::of(&report.coverage),
            inconclusive: report.inconclusive,
            totals: Totals::all(&report.totals),
            findings: report.findings.iter().map(finding).collect(),
            shapes: report.shapes.iter().map(found).collect(),
            vacuous: report.vacuous.iter().map(vacuous).collect(),
            waiting: waiting.iter().map(|(number, checked)| (*number, Case::of(checked))).collect(),
        }
    }

    pub(super) fn read(self, campaign: &Campaign) -> Result<generate::campaign::Progress, Wrong> {
        let coverage = self.coverage.read()?;
        let finding = |finding: Finding| {
            let scenario = campaign.scenario(finding.index);
            let runs = read_runs(&scenario, finding.runs)?;
            places(&runs, &finding.new)?;
            Ok(generate::Finding { index: finding.index, scenario, runs, new: finding.new })
        };
        let found = |found: Found| {
            let Found { shape, first, cases } = found;
            Ok((read_shape(shape)?, generate::Found { first, cases }))
        };
        let vacuous = |missing: Vacuous| {
            let clause = known("clause", &missing.clause, CLAUSES.iter(), |clause| {
                clause.id == missing.clause
            })?;
            let facet = known("facet", &missing.facet, clause.facets, |f| **f == missing.facet)?;
            Ok(generate::Vacuous { clause: clause.id, facet, reading: reading(&missing.reading)? })
        };
        let cases = coverage.cases;
        let waiting = |(number, case): (u64, Case)| {
            if number < cases {
                return Err(format!("case {number} is there twice"));
            }
            Ok((number, case.read(campaign, campaign.first.wrapping_add(number))?))
        };
        let report = generate::Report {
            coverage,
            inconclusive: self.inconclusive,
            totals: read_totals(self.totals)?,
            findings: all(self.findings, finding)?,
            shapes: all(self.shapes, found)?,
            vacuous: all(self.vacuous, vacuous)?,
            ended: generate::Ended::Complete,
        };
        Ok(generate::campaign::Progress { report, waiting: all(self.waiting, waiting)? })
    }
}

impl Coverage {
    fn of(coverage: &generate::Coverage) -> Coverage {
        let mut codes: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
        for ((operation, code), cases) in &coverage.codes {
            codes.entry((*operation).to_owned()).or_default().insert(code.clone(), *cases);
        }
        let facets = coverage.facets.iter().map(|((clause, facet, reading), cases)| {
            (CLAUSES[*clause].id.to_owned(), facet.clone(), reading.to_string(), *cases)
        });
        let orders = coverage.orders.iter().map(|((before, after), walks)| {
            (before.name().to_owned(), after.name().to_owned(), *walks)
        });
        Coverage {
            cases: coverage.cases,
            urgent: coverage.urgent,
            stuck: coverage.stuck,
            steps: coverage.steps.iter().map(|(k, n)| ((*k).to_owned(), *n)).collect(),
            codes,
            facets: facets.collect(),
            orders: orders.collect(),
        }
    }

    fn read(self) -> Result<generate::Coverage, Wrong> {
        let step = |(name, cases): (String, u64)| {
            Ok((known("step", &name, KINDS, |kind| *kind == name)?, cases))
        };
        let mut codes = BTreeMap::new();
        for (name, by_code) in self.codes {
            let operation = known("operation", &name, shape::names(), |known| *known == name)?;
            codes.extend(by_code.into_iter().map(|(code, cases)| ((operation, code), cases)));
        }
        let facet = |(id, facet, under, cases): (String, String, String, u64)| {
            let clause = known("clause", &id, 0..CLAUSES.len(), |at| CLAUSES[*at].id == id)?;
            Ok(((clause, facet, reading(&under)?), cases))
        };
        let racing = |name: &str| known("event", name, Racing::ALL, |event| event.name() == name);
        let order = |(before, after, walks): (String, String, u64)| {
            Ok(((racing(&before)?, racing(&after)?), walks))
        };
        Ok(generate::Coverage {
            cases: self.cases,
            urgent: self.urgent,
            stuck: self.stuck,
            steps: all(self.steps, step)?,
            codes,
            facets: all(self.facets, facet)?,
            orders: all(self.orders, order)?,
        })
    }
}

impl Totals {
    fn all(totals: &BTreeMap<Engine, generate::Totals>) -> BTreeMap<String, Totals> {
        let wire = |(engine, totals): (&Engine, &generate::Totals)| {
            let generate::Totals { runs, states, executions, skipped } = totals.clone();
            (engine.name().to_owned(), Totals { runs, states, executions, skipped })
        };
        totals.iter().map(wire).collect()
    }
}

fn read_totals(
    wire: BTreeMap<String, Totals>,
) -> Result<BTreeMap<Engine, generate::Totals>, Wrong> {
    all(wire, |(name, totals)| {
        let Totals { runs, states, executions, skipped } = totals;
        Ok((engine(&name)?, generate::Totals { runs, states, executions, skipped }))
    })
}

impl Run {
    fn all(scenario: &crate::scenario::Scenario, runs: &[check::Run]) -> Vec<Run> {
        let program = Program::new(scenario);
        let violation = |violation: &check::Violation| Violation {
            what: violation.what.id().to_owned(),
            message: violation.message.clone(),
            granularity: violation.granularity.name().to_owned(),
            schedule: violation.schedule.as_ref().map(|schedule| schedule.names(&program)),
        };
        let run = |run: &check::Run| Run {
            engine: run.engine.name().to_owned(),
            reading: run.reading.to_string(),
            violations: run.violations.iter().map(violation).collect(),
        };
        runs.iter().map(run).collect()
    }
}

fn read_runs(
    scenario: &crate::scenario::Scenario,
    runs: Vec<Run>,
) -> Result<Vec<check::Run>, Wrong> {
    let program = Program::new(scenario);
    let schedule = |names: Vec<String>| {
        Schedule::from_names(&program, &names).map_err(|name| format!("there is no actor {name:?}"))
    };
    let violation = |violation: Violation| {
        let name = &violation.granularity;
        Ok(check::Violation {
            what: violated(&violation.what)?,
            message: violation.message,
            granularity: known("granularity", name, Granularity::ALL, |g| g.name() == name)?,
            schedule: violation.schedule.map(schedule).transpose()?,
            file: None,
        })
    };
    all(runs, |run: Run| {
        Ok(check::Run {
            source: 0,
            reading: reading(&run.reading)?,
            engine: engine(&run.engine)?,
            skipped: None,
            verdict: Verdict::Violated,
            is_as_expected: false,
            violations: all(run.violations, violation)?,
            exploration: Exploration::nothing(),
        })
    })
}

/// Checks that there is a violation at each place.
fn places(runs: &[check::Run], places: &[(usize, usize)]) -> Result<(), Wrong> {
    let is_there = |(run, at): &(usize, usize)| {
        runs.get(*run).is_some_and(|run| run.violations.get(*at).is_some())
    };
    match places.iter().find(|place| !is_there(place)) {
        Some(place) => Err(format!("there is no violation at {place:?}")),
        None => Ok(()),
    }
}

fn shape_wire(shape: &Shape) -> ShapeWire {
    (shape.what.id().to_owned(), shape.engine.name().to_owned(), shape.place.clone())
}

fn read_shape((what, by, place): ShapeWire) -> Result<Shape, Wrong> {
    Ok(Shape { what: violated(&what)?, engine: engine(&by)?, place })
}

impl Case {
    fn of(checked: &Checked) -> Case {
        let broken = |broken: &Broken| BrokenCase {
            runs: Run::all(&broken.scenario, &broken.runs),
            shapes: broken.shapes.iter().map(|(s, at)| (shape_wire(s), at.clone())).collect(),
        };
        Case {
            coverage: Coverage::of(&checked.coverage),
            inconclusive: checked.is_inconclusive,
            totals: Totals::all(&checked.totals),
            broken: checked.broken.as_ref().map(broken),
        }
    }

    fn read(self, campaign: &Campaign, index: u64) -> Result<Checked, Wrong> {
        let broken = |broken: BrokenCase| {
            let scenario = campaign.scenario(index);
            let runs = read_runs(&scenario, broken.runs)?;
            let shapes = all(broken.shapes, |(shape, at)| {
                places(&runs, &at)?;
                Ok((read_shape(shape)?, at))
            })?;
            Ok::<_, Wrong>(Broken { index, scenario, runs, shapes })
        };
        Ok(Checked {
            coverage: self.coverage.read()?,
            is_inconclusive: self.inconclusive,
            totals: read_totals(self.totals)?,
            broken: self.broken.map(broken).transpose()?,
        })
    }
}
