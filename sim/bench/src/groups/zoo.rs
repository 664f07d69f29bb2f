//! The time until each seeded bug is found: calloff's engines against shuttle's random schedulers.
//!
//! Everybody looks at the place that `docs/zoo.md` names. Shuttle's schedulers choose among what is
//! possible on calloff's board, which is kinder than plain shuttle: there no timed wait ever ends
//! by time, and no wait for no reason, so that a part of the bugs could not be found at all.

use std::collections::BTreeSet;
use std::sync::Arc;

use calloff_model::Reading;
use calloff_protocol::exploration::{Bound, Exploration, Limits, Scope, Sought, Stop};
use calloff_protocol::faults::Seeded;
use calloff_protocol::history::{EndKind, Outcome};
use calloff_protocol::program::Case as Explored;
use calloff_protocol::scenario::Scenario;
use calloff_protocol::search;
use calloff_sim::engine::sampled::Sample;
use calloff_sim::subjects;
use nix::sys::resource::UsageWho;

use crate::args::Args;
use crate::group::{Case, Group, Rows, Shown, Variant, What};
use crate::numbers::{Numbers, cpu_seconds, numbers, stop_after_cpu};

const PAGE: &str = include_str!("../../../../docs/zoo.md");

/// The group. A case is a bug.
pub fn group(args: &Args) -> Group {
    let seconds = if args.quick { 2.0 } else { 10.0 };
    let step = if args.quick { 6 } else { 1 };
    let sampled =
        |name| Variant::new(name, move |bug, seed| Place::of(bug)?.sampled(name, seed, seconds));
    Group {
        name: "zoo",
        title: "Until each seeded bug is found",
        cases: rows().step_by(step).map(|(bug, _)| Case::named(bug)).collect(),
        variants: vec![
            Variant::new("protocol", |bug, _| Place::of(bug)?.protocol()),
            Variant::new("exhaustive", |bug, _| Place::of(bug)?.exhaustive()),
            sampled("random"),
            sampled("pct-2"),
            sampled("pct-3"),
        ],
        tables: vec![Shown {
            number: "milliseconds",
            title: "CPU milliseconds",
            what: What::Median,
        }],
        rows: Rows::Cases,
        seconds_max: 120.0,
        seconds_enough: f64::INFINITY,
    }
}

/// The bugs of the page that a scenario shows, each with its place.
fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    let cells = PAGE.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `")?.split('|').map(str::trim);
        Some((cells.next()?.trim_end_matches('`'), cells.next()?))
    });
    cells.filter(|(_, place)| place.ends_with(')'))
}

/// Where a bug is looked for.
struct Place {
    bug: Seeded,
    case: Explored,
    /// Every end without the bug.
    known: Arc<BTreeSet<Outcome>>,
}

impl Place {
    fn of(bug: &str) -> Result<Place, String> {
        let (_, place) = rows().find(|(name, _)| *name == bug).ok_or("no such bug")?;
        let (scenario, reading) = place.split_once(" (").ok_or("a place without a reading")?;
        let is_it = |r: &Reading| format!("{r})") == reading;
        let reading = Reading::ALL.into_iter().find(is_it).ok_or("no such reading")?;
        let bug = Seeded::all().find(|one| one.name() == bug).ok_or("no such bug")?;
        let end = format!("/{scenario}.toml");
        let all = calloff_scenarios::corpus();
        let shipped = all.iter().find(|one| one.path.ends_with(&end)).ok_or("no such scenario")?;
        let scenario = Scenario::parse(&shipped.path, shipped.bytes);
        let case = Explored::new(&scenario.map_err(|errors| errors.to_string())?, reading);
        let right = search::explore(&case, None, &Limits::default(), &Stop::default());
        let known = Arc::new(right.outcomes.into_keys().collect());
        Ok(Place { bug, case, known })
    }

    fn foreign(&self) -> Sought {
        Sought { kind: EndKind::Foreign, known: self.known.clone() }
    }

    fn is_missing_an_end(&self, found: &Exploration) -> bool {
        self.known.iter().any(|end| !found.outcomes.contains_key(end))
    }

    /// The whole search; a violated clause, or other ends than without the bug.
    fn protocol(&self) -> Result<Numbers, String> {
        let Some(fault) = self.bug.machine() else {
            return Ok(Numbers::new());
        };
        let clock = Clock::start();
        let found = search::explore(&self.case, Some(fault), &Limits::default(), &Stop::default());
        let has_other_ends = found.outcomes.keys().any(|end| !self.known.contains(end));
        let is_found =
            !found.violations.is_empty() || has_other_ends || self.is_missing_an_end(&found);
        Ok(if is_found { clock.found() } else { Numbers::new() })
    }

    fn explore(&self) -> Exploration {
        let scope = Scope { sought: Some(self.foreign()), ..Scope::default() };
        let (limits, stop) = (Limits::default(), Stop::default());
        subjects::exhaustive(Some(self.bug), &self.case, &scope, &limits, &stop)
    }

    /// Until an end that is none without the bug; or to the end, if an end is missing.
    fn exhaustive(&self) -> Result<Numbers, String> {
        let clock = Clock::start();
        let found = self.explore();
        let is_found = found.bound == Bound::Sought || self.is_missing_an_end(&found);
        Ok(if is_found { clock.found() } else { Numbers::new() })
    }

    /// Until such an end, with as many executions as there is time for. If no execution has one,
    /// nothing is tried.
    fn sampled(&self, strategy: &str, seed: u64, seconds: f64) -> Result<Numbers, String> {
        if self.explore().bound != Bound::Sought {
            return Ok(Numbers::new());
        }
        let (clock, stop) = (Clock::start(), stop_after_cpu(seconds));
        let sample = Sample { seed, executions: 100_000_000 };
        let after = subjects::hunt(self.bug, &self.case, strategy, sample, &self.foreign(), &stop);
        let mut measured = clock.found();
        measured.insert("is_cut_off".to_owned(), f64::from(u8::from(after.is_none())));
        measured.extend(after.map(|after| ("executions".to_owned(), after as f64)));
        Ok(measured)
    }
}

/// The CPU time since something began.
struct Clock(f64);

impl Clock {
    fn start() -> Clock {
        Clock(cpu_seconds(UsageWho::RUSAGE_SELF))
    }

    fn found(&self) -> Numbers {
        let seconds = cpu_seconds(UsageWho::RUSAGE_SELF) - self.0;
        numbers([("milliseconds", seconds * 1e3)])
    }
}
