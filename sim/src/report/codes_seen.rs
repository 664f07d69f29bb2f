//! The codes that each step was seen to return, as a scenario file would expect them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use calloff_model::{Code, Reading};

use super::describe::printable;
use super::human::BOLD;
use crate::check::Run;
use crate::engine::Engine;
use crate::history::Action;
use crate::plan::Plan;
use crate::program::Program;

/// Lists the codes of each scenario, once for all readings under which they are the same.
pub fn render(out: &mut String, plan: &Plan, runs: &[Run]) {
    for (index, source) in plan.sources.iter().enumerate() {
        let program = Program::new(&source.scenario);
        let mut readings: BTreeMap<String, Vec<Reading>> = BTreeMap::new();
        let is_meant = |run: &&Run| run.source == index && run.engine == Engine::Protocol;
        for run in runs.iter().filter(is_meant) {
            readings.entry(codes(&program, run)).or_default().push(run.reading);
        }
        for (codes, readings) in readings {
            if codes.is_empty() {
                continue;
            }
            let names: Vec<String> = readings.iter().map(ToString::to_string).collect();
            let names = match names.len() {
                4 => "every reading".to_owned(),
                _ => names.join(", "),
            };
            let file = printable(&source.file);
            let _ = writeln!(out, "{BOLD}codes seen in {file}{BOLD:#} ({names})\n{codes}");
        }
    }
}

fn codes(program: &Program, run: &Run) -> String {
    let mut out = String::new();
    for (index, lane) in program.lanes.iter().enumerate() {
        if lane.returning.is_empty() {
            continue;
        }
        let mut seen: Vec<BTreeSet<Code>> = vec![BTreeSet::new(); lane.returning.len()];
        for outcome in run.exploration.outcomes.keys() {
            for (step, code) in &outcome.codes[index] {
                seen[*step as usize].insert(*code);
            }
        }
        let steps = lane.returning.iter().zip(seen).map(|(action, codes)| step(*action, &codes));
        let is_bare = lane.name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
        let name = if is_bare { lane.name.clone() } else { format!("{:?}", lane.name) };
        let _ = writeln!(out, "  {name} = [{}]", steps.collect::<Vec<_>>().join(", "));
    }
    out
}

fn step(action: Action, codes: &BTreeSet<Code>) -> String {
    let names = codes.iter().map(|code| format!("\"{}\"", action.code_name(*code)));
    format!("[{}]", names.collect::<Vec<_>>().join(", "))
}
