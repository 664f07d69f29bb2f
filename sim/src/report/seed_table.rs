//! The table of facets that must be witnessed: the rows of `Cancel`'s page, by reading.

use std::fmt::Write;

use calloff_model::Reading;

use super::describe::printable;
use super::human::BOLD;
use crate::check::Run;
use crate::clauses::{CLAUSES, Kind};
use crate::engine::{Bound, Engine};
use crate::plan::Plan;

/// A facet that must be witnessed under a reading, and the run that has witnessed it.
#[derive(Clone, Debug)]
pub struct Sometimes {
    /// Its clause.
    pub clause: &'static str,
    /// The facet.
    pub facet: &'static str,
    /// The reading.
    pub reading: Reading,
    /// The position of the run with the shortest witness; `None`: it was never witnessed.
    pub witness: Option<usize>,
}

/// The runs of the engine that judges clauses, with their positions.
fn judged(runs: &[Run], reading: Reading) -> impl Iterator<Item = (usize, &Run)> {
    let is_judged = move |run: &Run| run.engine == Engine::Protocol && run.reading == reading;
    runs.iter().enumerate().filter(move |(_, run)| is_judged(run))
}

/// All facets that must be witnessed, under each reading that was run.
pub fn sometimes(runs: &[Run]) -> Vec<Sometimes> {
    let readings = Reading::ALL.into_iter().filter(|r| judged(runs, *r).next().is_some());
    let readings: Vec<Reading> = readings.collect();
    let mut all = Vec::new();
    for (index, clause) in CLAUSES.iter().enumerate().filter(|(_, c)| c.kind == Kind::Sometimes) {
        for facet in clause.facets {
            for &reading in &readings {
                let witness = witness(runs, (index, facet), reading);
                all.push(Sometimes { clause: clause.id, facet, reading, witness });
            }
        }
    }
    all
}

fn witness(runs: &[Run], (clause, facet): (usize, &str), reading: Reading) -> Option<usize> {
    let lengths = judged(runs, reading).filter_map(|(index, run)| {
        let schedule = run.exploration.witnesses.get(&(clause, facet.to_owned()))?;
        Some((schedule.0.len(), index))
    });
    lengths.min().map(|(_, index)| index)
}

/// The facets that were not witnessed although every run of their reading was exhaustive: the check
/// was vacuous.
pub fn vacuous<'s>(runs: &[Run], sometimes: &'s [Sometimes]) -> Vec<&'s Sometimes> {
    let is_exhausted =
        |reading| judged(runs, reading).all(|(_, run)| run.exploration.bound == Bound::Exhausted);
    sometimes.iter().filter(|s| s.witness.is_none() && is_exhausted(s.reading)).collect()
}

/// The table for people: facets by readings, with the scenario that has witnessed each.
pub fn render(out: &mut String, plan: &Plan, runs: &[Run], sometimes: &[Sometimes]) {
    let readings: Vec<Reading> =
        Reading::ALL.into_iter().filter(|r| judged(runs, *r).next().is_some()).collect();
    let _ = write!(out, "{BOLD}{:<32}{BOLD:#}", "seen at least once");
    for reading in &readings {
        let _ = write!(out, "{:>12}", reading.cancelable.name());
    }
    let _ = write!(out, "\n{:<32}", "");
    for reading in &readings {
        let _ = write!(out, "{:>12}", reading.waiter.name());
    }
    let mut legend: Vec<usize> = Vec::new();
    let mut row = None;
    for seen in sometimes {
        if row != Some((seen.clause, seen.facet)) {
            row = Some((seen.clause, seen.facet));
            let _ = write!(out, "\n{:<32}", format!("{:>3} {}", seen.clause, seen.facet));
        }
        let mark = match seen.witness.map(|run| runs[run].source) {
            None => "—".to_owned(),
            Some(source) => {
                letter(legend.iter().position(|known| *known == source).unwrap_or_else(|| {
                    legend.push(source);
                    legend.len() - 1
                }))
            }
        };
        let _ = write!(out, "{mark:>12}");
    }
    out.push_str("\n\n");
    for (at, source) in legend.iter().enumerate() {
        let _ = writeln!(out, "  {} {}", letter(at), printable(&plan.sources[*source].file));
    }
    out.push('\n');
}

/// The letters of footnotes: a, b, … z, aa, ab, …
fn letter(index: usize) -> String {
    let last = char::from(b'a' + u8::try_from(index % 26).expect("less than 26"));
    match index / 26 {
        0 => last.to_string(),
        more => format!("{}{last}", letter(more - 1)),
    }
}
