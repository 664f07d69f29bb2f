//! Runs groups: every variant of a case once, then all of them again, so that whatever else the
//! computer does slows all of them.

use std::time::Instant;

use serde::Serialize;

use crate::args::Args;
use crate::group::{Case, Group};
use crate::numbers::Numbers;
use crate::stats::median;
use crate::worker::{self, NoNumbers};

/// What came of one variant at one case.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Cell {
    /// The numbers of each repetition.
    pub runs: Vec<Numbers>,
    /// Why there are no more, or none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// Why a variant has not been run to the end.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(tag = "kind", content = "text", rename_all = "kebab-case")]
pub enum Reason {
    /// It took more CPU time than that many seconds, and was stopped.
    Stopped(f64),
    /// It took too long at an earlier case.
    TooSlowBefore,
    /// It cannot run here.
    Skipped(String),
    /// It went wrong, which it should not.
    Failed(String),
}

impl Cell {
    fn without_runs(reason: Reason) -> Cell {
        Cell { runs: Vec::new(), reason: Some(reason) }
    }

    /// A number, of each repetition that has it.
    pub fn values(&self, number: &str) -> Vec<f64> {
        self.runs.iter().filter_map(|run| run.get(number).copied()).collect()
    }

    /// The median of a number.
    pub fn median(&self, number: &str) -> Option<f64> {
        let values = self.values(number);
        (!values.is_empty()).then(|| median(&values))
    }
}

/// A group, with what came of it: by case, then by variant.
pub struct Results {
    /// The group.
    pub group: Group,
    /// What came of each variant at each case.
    pub cells: Vec<Vec<Cell>>,
}

/// Runs a group.
pub fn run(group: Group, args: &Args) -> Results {
    eprintln!("{}: {}", group.name, group.title);
    let mut cells: Vec<Vec<Cell>> = Vec::new();
    for case in &group.cases {
        let started = Instant::now();
        let starts = (0..group.variants.len()).map(|at| start(&group, case, at, &cells));
        let mut now: Vec<Cell> = starts.collect();
        for repetition in 0..args.repetitions() {
            for (variant, cell) in group.variants.iter().zip(&mut now) {
                if cell.reason.is_none() {
                    let names = [group.name, variant.name, &case.name];
                    match worker::measure(args, names, repetition.into()) {
                        Ok(numbers) => cell.runs.push(numbers),
                        Err(NoNumbers::Stopped) => {
                            cell.reason = Some(Reason::Stopped(group.seconds_max));
                        }
                        Err(NoNumbers::Failed(text)) => cell.reason = Some(Reason::Failed(text)),
                    }
                }
            }
        }
        eprintln!("  {}: {:.1} s", case.name, started.elapsed().as_secs_f64());
        cells.push(now);
    }
    Results { group, cells }
}

/// The empty cell of a variant, with the reason if it is not to be run.
fn start(group: &Group, case: &Case, at: usize, before: &[Vec<Cell>]) -> Cell {
    let is_too_slow = |cells: &Vec<Cell>| match &cells[at] {
        Cell { reason: Some(Reason::Stopped(_) | Reason::TooSlowBefore), .. } => true,
        cell => cell.median("cpu_seconds").is_some_and(|took| took > group.seconds_enough),
    };
    if before.iter().any(is_too_slow) {
        return Cell::without_runs(Reason::TooSlowBefore);
    }
    let prepared = (group.variants[at].prepare)(&case.name);
    prepared.map_or_else(|why| Cell::without_runs(Reason::Skipped(why)), |()| Cell::default())
}
