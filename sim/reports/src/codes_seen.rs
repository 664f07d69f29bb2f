//! The codes that each step was seen to return, in the form of a scenario file's expectations.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use calloff_model::{Code, Reading};
use calloff_protocol::exploration::{Bound, Engine, Exploration};
use calloff_protocol::history::Action;
use calloff_protocol::judge::{Run, Source};
use calloff_protocol::plan::Plan;
use calloff_protocol::program::Program;
use calloff_protocol::text::{printable, wrap_hanging};
use unicode_width::UnicodeWidthStr;

use super::style::BOLD;

/// The head of the table in which a file names the codes that it expects.
pub const TABLE: &str = "[expect.codes]";

/// Lists the codes of each scenario, once for all readings with the same codes. For a file that
/// names no codes, it says so first: then what is listed is for its author to paste.
pub fn render(out: &mut String, plan: &Plan, runs: &[Run], width: usize) {
    for (index, source) in plan.sources.iter().enumerate() {
        let groups = groups(source, index, runs, width.saturating_sub(2));
        let is_fine = runs.iter().all(|run| run.source != index || !run.is_broken());
        let is_to_be_pasted = !names_codes(source) && is_fine && plan.options.fault.is_none();
        if is_to_be_pasted && !groups.is_empty() {
            unexpecting(out, source, groups.len(), width);
        }
        for (codes, readings) in groups {
            let names: Vec<String> = readings.iter().map(ToString::to_string).collect();
            let names = match names.len() {
                4 => "every reading".to_owned(),
                _ => names.join(", "),
            };
            let file = printable(&source.file);
            let _ = writeln!(out, "{BOLD}codes seen in {file}{BOLD:#} ({names})");
            if is_to_be_pasted {
                let _ = writeln!(out, "  {TABLE}");
            }
            for line in codes.lines() {
                let _ = writeln!(out, "  {line}");
            }
            out.push('\n');
        }
    }
}

/// Whether the file says which codes it expects.
pub fn names_codes(source: &Source) -> bool {
    !source.scenario.expect.codes.is_empty()
}

/// Says that the file expects no codes, and what to do about it.
fn unexpecting(out: &mut String, source: &Source, groups: usize, width: usize) {
    let file = printable(&source.file);
    let what = match groups {
        1 => format!(
            "To hold it to the codes below, paste them, or run: calloff check --bless {file}"
        ),
        _ => {
            "Its codes depend on the reading, and a file expects the same ones under each reading \
              that it names: let [expect] readings name some of them, and paste their codes."
                .to_owned()
        }
    };
    let text = format!(
        "{file} expects no codes of its own: only what must hold in every scenario was checked. \
         {what}"
    );
    let _ = writeln!(out, "{}\n", wrap_hanging(&text, width, 2));
}

/// The codes that were seen in the source by `protocol`, each with the readings that have them, in
/// lines of about that width. What was cut short has not seen all codes, and is left out.
pub fn groups(
    source: &Source,
    index: usize,
    runs: &[Run],
    width: usize,
) -> BTreeMap<String, Vec<Reading>> {
    let program = Program::new(&source.scenario);
    let is_meant = |run: &&Run| {
        let is_whole = run.skipped.is_none() && run.exploration.bound == Bound::Exhausted;
        run.source == index && run.engine == Engine::Protocol && is_whole
    };
    let mut groups: BTreeMap<String, Vec<Reading>> = BTreeMap::new();
    for run in runs.iter().filter(is_meant) {
        let codes = codes(&program, &run.exploration, width);
        groups.entry(codes).or_default().push(run.reading);
    }
    groups.remove("");
    groups
}

fn codes(program: &Program, found: &Exploration, width: usize) -> String {
    let mut out = String::new();
    for (index, lane) in program.lanes.iter().enumerate() {
        // A file may not name the codes of a daemon, which need not finish.
        if lane.returning.is_empty() || lane.is_daemon {
            continue;
        }
        let seen = found.codes(index, lane.returning.len());
        let steps = lane.returning.iter().zip(seen).map(|(action, codes)| step(*action, &codes));
        let steps: Vec<String> = steps.collect();
        let name = key(&lane.name);
        let line = format!("{name} = [{}]", steps.join(", "));
        if line.width() <= width {
            let _ = writeln!(out, "{line}");
        } else {
            // One line per step: in TOML an array may span several lines.
            let _ = writeln!(out, "{name} = [\n  {},\n]", steps.join(",\n  "));
        }
    }
    out
}

/// The name as a key of TOML.
fn key(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    match !name.is_empty() && name.chars().all(is_bare) {
        true => name.to_owned(),
        false => format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\"")),
    }
}

fn step(action: Action, codes: &BTreeSet<Code>) -> String {
    let names = codes.iter().map(|code| format!("\"{}\"", action.code_name(*code)));
    format!("[{}]", names.collect::<Vec<_>>().join(", "))
}
