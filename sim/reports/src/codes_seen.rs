//! The codes that each step was seen to return, in the form of a scenario file's expectations.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use calloff_model::{Code, Reading};
use calloff_protocol::exploration::{Bound, Engine};
use calloff_protocol::history::Action;
use calloff_protocol::judge::Run;
use calloff_protocol::plan::Plan;
use calloff_protocol::program::Program;
use calloff_protocol::text::printable;
use unicode_width::UnicodeWidthStr;

use super::style::BOLD;

/// Lists the codes of each scenario, once for all readings with the same codes.
pub fn render(out: &mut String, plan: &Plan, runs: &[Run], width: usize) {
    for (index, source) in plan.sources.iter().enumerate() {
        let program = Program::new(&source.scenario);
        let mut readings: BTreeMap<String, Vec<Reading>> = BTreeMap::new();
        // A run that was cut short has not seen all codes.
        let is_meant = |run: &&Run| {
            let is_whole = run.skipped.is_none() && run.exploration.bound == Bound::Exhausted;
            run.source == index && run.engine == Engine::Protocol && is_whole
        };
        for run in runs.iter().filter(is_meant) {
            readings.entry(codes(&program, run, width)).or_default().push(run.reading);
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

fn codes(program: &Program, run: &Run, width: usize) -> String {
    let mut out = String::new();
    for (index, lane) in program.lanes.iter().enumerate() {
        if lane.returning.is_empty() {
            continue;
        }
        let seen = run.exploration.codes(index, lane.returning.len());
        let steps = lane.returning.iter().zip(seen).map(|(action, codes)| step(*action, &codes));
        let is_bare = lane.name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
        let name = if is_bare { lane.name.clone() } else { format!("{:?}", lane.name) };
        let steps: Vec<String> = steps.collect();
        let line = format!("  {name} = [{}]", steps.join(", "));
        if line.width() <= width {
            let _ = writeln!(out, "{line}");
        } else {
            // One line per step: in TOML an array may span several lines.
            let _ = writeln!(out, "  {name} = [\n    {},\n  ]", steps.join(",\n    "));
        }
    }
    out
}

fn step(action: Action, codes: &BTreeSet<Code>) -> String {
    let names = codes.iter().map(|code| format!("\"{}\"", action.code_name(*code)));
    format!("[{}]", names.collect::<Vec<_>>().join(", "))
}
