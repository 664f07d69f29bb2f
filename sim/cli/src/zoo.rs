//! The zoo as a table: how much work each engine needed to notice each seeded bug.

use std::fmt::Write;

use calloff_sim::engine::sampled::STRATEGIES;
use calloff_sim::shrink::Turns;
use calloff_sim::zoo::{EXECUTIONS_MAX, Noticed, Row};

/// The rows as a Markdown table with aligned columns, so that it can also be read as plain text.
pub fn table(rows: &[Row]) -> String {
    let mut lines = vec![heads()];
    lines.extend(rows.iter().map(cells));
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max();
    let widths: Vec<usize> = (0..lines[0].len()).map(|at| width(at).unwrap_or(0)).collect();
    let mut out = String::new();
    for (number, line) in lines.iter().enumerate() {
        line.iter().zip(&widths).for_each(|(cell, width)| {
            let _ = write!(out, "| {cell:<width$} ");
        });
        out.push_str("|\n");
        if number == 0 {
            widths.iter().for_each(|width| {
                let _ = write!(out, "|{}", "-".repeat(width + 2));
            });
            out.push_str("|\n");
        }
    }
    out
}

fn heads() -> Vec<String> {
    let engines = ["protocol", "exhaustive", "loom"].into_iter().chain(STRATEGIES);
    let engines = engines.map(|name| format!("`{name}`"));
    let ends = ["seeded bug", "where", "shrunk"].map(str::to_owned);
    let [name, place, shrunk] = ends;
    [name, place].into_iter().chain(engines).chain([shrunk]).collect()
}

/// The cells of a row.
pub fn cells(row: &Row) -> Vec<String> {
    let place = match &row.place {
        Some((scenario, reading)) => format!("{scenario} ({reading})"),
        None => "nowhere".to_owned(),
    };
    let engines = [row.protocol, row.exhaustive, row.loom].map(noticed);
    let strategies = (0..STRATEGIES.len())
        .map(|at| row.strategies.get(at).map_or_else(dash, |seeds| spread(seeds)));
    let mut cells = vec![format!("`{}`", row.fault.name()), place];
    cells.extend(engines.into_iter().chain(strategies));
    cells.push(row.shrunk.as_ref().map_or_else(dash, |(cost, turns)| {
        let switches = turns.map_or_else(dash, |Turns { switches, .. }| switches.to_string());
        format!("{} / {} / {switches}", cost.actors, cost.steps)
    }));
    cells
}

fn dash() -> String {
    "–".to_owned()
}

fn noticed(noticed: Noticed) -> String {
    match noticed {
        Noticed::NotAsked => dash(),
        Noticed::No => "no".to_owned(),
        Noticed::After(number) => number.to_string(),
        Noticed::AfterAll(number) => format!("all {number}"),
        Noticed::Died => "dies".to_owned(),
    }
}

/// The median and the quartiles over the seeds. A seed that has not noticed the bug counts as
/// slower than all others.
fn spread(seeds: &[Option<u64>]) -> String {
    let mut sorted: Vec<u64> = seeds.iter().map(|found| found.unwrap_or(u64::MAX)).collect();
    sorted.sort_unstable();
    let number = |quarter: usize| match sorted[quarter * (sorted.len() - 1) / 4] {
        u64::MAX => format!(">{EXECUTIONS_MAX}"),
        number => number.to_string(),
    };
    let all = sorted.len();
    match seeds.iter().flatten().count() {
        _ if all == 0 => dash(),
        0 => "no".to_owned(),
        noticed if noticed == all => format!("{} ({}–{})", number(2), number(1), number(3)),
        noticed => format!("{} ({}–{}), {noticed} of {all}", number(2), number(1), number(3)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_summed_up_by_their_quartiles() {
        let of = |found: &[u64], missed: usize| {
            let found = found.iter().copied().map(Some);
            spread(&found.chain(vec![None; missed]).collect::<Vec<_>>())
        };
        assert_eq!(of(&[5, 1, 4, 2, 3], 0), "3 (2–4)");
        assert_eq!(of(&[1, 2, 3], 2), "3 (2–>1000), 3 of 5");
        assert_eq!(of(&[7], 0), "7 (7–7)");
        assert_eq!(of(&[7], 4), ">1000 (>1000–>1000), 1 of 5");
        assert_eq!(of(&[], 5), "no");
        assert_eq!(of(&[], 0), "–");
    }
}
