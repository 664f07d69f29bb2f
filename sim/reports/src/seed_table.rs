//! What must be seen at least once: the rows of `Cancel`'s page, by reading.

use std::fmt::Write;

use calloff_model::Reading;
use calloff_protocol::judge::{Run, Sometimes};
use calloff_protocol::plan::Plan;
use calloff_protocol::text::printable;

use super::style::BOLD;

/// The table for people: rows × readings, with the scenario that has witnessed each.
pub fn render(out: &mut String, plan: &Plan, runs: &[Run], sometimes: &[Sometimes]) {
    let is_shown = |reading: &Reading| sometimes.iter().any(|seen| seen.reading == *reading);
    let readings: Vec<Reading> = Reading::ALL.into_iter().filter(is_shown).collect();
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

/// a, b, … z, aa, ab, …
fn letter(index: usize) -> String {
    let last = char::from(b'a' + u8::try_from(index % 26).expect("less than 26"));
    match index / 26 {
        0 => last.to_string(),
        more => format!("{}{last}", letter(more - 1)),
    }
}
