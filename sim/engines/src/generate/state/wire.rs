//! The progress of a campaign as JSON. Whatever has a name is written as its name, and looked up
//! again when it is read.

use std::collections::BTreeMap;

use calloff_model::Reading;
use calloff_protocol::clauses::ClauseId;
use calloff_protocol::exploration::{Engine, Exploration, Granularity};
use calloff_protocol::judge::{self, Verdict, Violated};
use calloff_protocol::program::Program;
use calloff_protocol::scenario::Scenario;
use calloff_protocol::trace::Schedule;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::super::coverage::{KINDS, Racing};
use super::super::report::{Broken, Checked};
use super::super::{self as generate, Campaign, Shape, Totals, shape};

/// What is wrong with a file, as text.
pub(in crate::generate) type Wrong = String;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Progress {
    coverage: Coverage,
    inconclusive: u64,
    totals: BTreeMap<Engine, Totals>,
    findings: Vec<Finding>,
    shapes: Vec<Found>,
    vacuous: Vec<Vacuous>,
    waiting: BTreeMap<u64, Case>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Coverage {
    cases: u64,
    urgent: u64,
    stuck: u64,
    steps: BTreeMap<String, u64>,
    codes: BTreeMap<String, BTreeMap<String, u64>>,
    facets: Vec<(ClauseId, String, ReadingName, u64)>,
    orders: Vec<(Racing, Racing, u64)>,
}

/// A finding without its scenario, which follows from the index.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Finding {
    index: u64,
    runs: Vec<Run>,
    new: Vec<(usize, usize)>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Run {
    engine: Engine,
    reading: ReadingName,
    violations: Vec<Violation>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Violation {
    what: Violated,
    message: String,
    granularity: Granularity,
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
    clause: ClauseId,
    facet: String,
    reading: ReadingName,
}

/// What is violated, the engine, and the place.
type ShapeWire = (Violated, Engine, String);

/// A finished case that waits for an earlier case.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::generate) struct Case {
    coverage: Coverage,
    inconclusive: bool,
    totals: BTreeMap<Engine, Totals>,
    broken: Option<BrokenCase>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BrokenCase {
    runs: Vec<Run>,
    shapes: Vec<(ShapeWire, Vec<(usize, usize)>)>,
}

/// A reading, as `at-issue / canceller`.
#[derive(Clone)]
struct ReadingName(Reading);

impl Serialize for ReadingName {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ReadingName {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<ReadingName, D::Error> {
        let name = String::deserialize(from)?;
        let reading = known("reading", &name, Reading::ALL, |reading| reading.to_string() == name);
        reading.map(ReadingName).map_err(serde::de::Error::custom)
    }
}

/// The one with that name, of all that there are.
fn known<T>(
    what: &str,
    name: &str,
    all: impl IntoIterator<Item = T>,
    is: impl Fn(&T) -> bool,
) -> Result<T, Wrong> {
    let found = all.into_iter().find(is);
    found.ok_or_else(|| format!("there is no {what} {name:?}"))
}

/// Reads all of a list or of a map.
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
            clause: missing.clause,
            facet: missing.facet.to_owned(),
            reading: ReadingName(missing.reading),
        };
        let finding = |finding: &generate::FuzzFinding| Finding {
            index: finding.index,
            runs: Run::all(&finding.scenario, &finding.runs),
            new: finding.new.clone(),
        };
        Progress {
            coverage: Coverage::of(&report.coverage),
            inconclusive: report.inconclusive,
            totals: report.totals.clone(),
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
            Ok(generate::FuzzFinding { index: finding.index, scenario, runs, new: finding.new })
        };
        let found = |found: Found| {
            let Found { shape, first, cases } = found;
            (read_shape(shape), generate::Found { first, cases })
        };
        let vacuous = |missing: Vacuous| {
            let Vacuous { clause, facet, reading } = missing;
            let facet = known("facet", &facet, clause.facets, |known| **known == facet)?;
            Ok(generate::Vacuous { clause, facet, reading: reading.0 })
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
            totals: self.totals,
            findings: all(self.findings, finding)?,
            shapes: self.shapes.into_iter().map(found).collect(),
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
            (*clause, facet.clone(), ReadingName(*reading), *cases)
        });
        let orders = coverage.orders.iter().map(|((before, after), n)| (*before, *after, *n));
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
        let facets = self.facets.into_iter();
        let orders = self.orders.into_iter();
        Ok(generate::Coverage {
            cases: self.cases,
            urgent: self.urgent,
            stuck: self.stuck,
            steps: all(self.steps, step)?,
            codes,
            facets: facets.map(|(clause, facet, r, n)| ((clause, facet, r.0), n)).collect(),
            orders: orders.map(|(before, after, n)| ((before, after), n)).collect(),
        })
    }
}

impl Run {
    fn all(scenario: &Scenario, runs: &[judge::Run]) -> Vec<Run> {
        let program = Program::new(scenario);
        let violation = |violation: &judge::Violation| Violation {
            what: violation.what,
            message: violation.message.clone(),
            granularity: violation.granularity,
            schedule: violation.schedule.as_ref().map(|schedule| schedule.names(&program)),
        };
        let run = |run: &judge::Run| Run {
            engine: run.engine,
            reading: ReadingName(run.reading),
            violations: run.violations.iter().map(violation).collect(),
        };
        runs.iter().map(run).collect()
    }
}

fn read_runs(scenario: &Scenario, runs: Vec<Run>) -> Result<Vec<judge::Run>, Wrong> {
    let program = Program::new(scenario);
    let schedule = |names: Vec<String>| {
        Schedule::from_names(&program, &names).map_err(|name| format!("there is no actor {name:?}"))
    };
    let violation = |violation: Violation| {
        Ok(judge::Violation {
            returned: None,
            what: violation.what,
            message: violation.message,
            granularity: violation.granularity,
            schedule: violation.schedule.map(schedule).transpose()?,
            file: None,
        })
    };
    all(runs, |run: Run| {
        Ok(judge::Run {
            source: 0,
            is_client: program.is_client,
            reading: run.reading.0,
            engine: run.engine,
            skipped: None,
            verdict: Verdict::Violated,
            is_as_expected: false,
            violations: all(run.violations, violation)?,
            exploration: Exploration::nothing(),
        })
    })
}

/// Whether there is a violation at each place.
fn places(runs: &[judge::Run], places: &[(usize, usize)]) -> Result<(), Wrong> {
    let is_there = |(run, at): &(usize, usize)| {
        runs.get(*run).is_some_and(|run| run.violations.get(*at).is_some())
    };
    match places.iter().find(|place| !is_there(place)) {
        Some(place) => Err(format!("there is no violation at {place:?}")),
        None => Ok(()),
    }
}

fn shape_wire(shape: &Shape) -> ShapeWire {
    (shape.what, shape.engine, shape.place.clone())
}

fn read_shape((what, engine, place): ShapeWire) -> Shape {
    Shape { what, engine, place }
}

impl Case {
    pub(in crate::generate) fn of(checked: &Checked) -> Case {
        let broken = |broken: &Broken| BrokenCase {
            runs: Run::all(&broken.scenario, &broken.runs),
            shapes: broken.shapes.iter().map(|(s, at)| (shape_wire(s), at.clone())).collect(),
        };
        Case {
            coverage: Coverage::of(&checked.coverage),
            inconclusive: checked.is_inconclusive,
            totals: checked.totals.clone(),
            broken: checked.broken.as_ref().map(broken),
        }
    }

    pub(in crate::generate) fn read(
        self,
        campaign: &Campaign,
        index: u64,
    ) -> Result<Checked, Wrong> {
        let broken = |broken: BrokenCase| {
            let scenario = campaign.scenario(index);
            let runs = read_runs(&scenario, broken.runs)?;
            let shapes = all(broken.shapes, |(shape, at)| {
                places(&runs, &at)?;
                Ok((read_shape(shape), at))
            })?;
            Ok::<_, Wrong>(Broken { index, scenario, runs, shapes })
        };
        Ok(Checked {
            coverage: self.coverage.read()?,
            is_inconclusive: self.inconclusive,
            totals: self.totals,
            broken: self.broken.map(broken).transpose()?,
        })
    }
}
