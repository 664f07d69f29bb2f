//! Coverage as tables for people.

use std::collections::BTreeMap;
use std::fmt::Write;

use calloff_model::Reading;
use calloff_protocol::clauses::ClauseId;
use calloff_protocol::text::{count, wrap};

use super::{Coverage, KINDS, Racing};

const WIDTH: usize = 80;
/// The width of the name at the start of a line, in columns.
const NAME: usize = 28;

pub(super) fn render(coverage: &Coverage) -> String {
    let mut out = String::new();
    let Coverage { cases, urgent, stuck, .. } = coverage;
    let cases = count(*cases, "case");
    let _ = writeln!(
        out,
        "coverage of {cases}: {urgent} on an urgent clock, {stuck} that can get stuck"
    );
    steps(&mut out, coverage);
    codes(&mut out, coverage);
    orders(&mut out, coverage);
    facets(&mut out, coverage);
    out
}

/// Three entries per line.
fn steps(out: &mut String, coverage: &Coverage) {
    out.push_str("\ncases that have\n");
    for line in KINDS.chunks(3) {
        let cell = |kind: &&str| {
            let count = coverage.steps.get(*kind).copied().unwrap_or(0);
            format!("  {kind:<18}{count:>6}")
        };
        let cells: Vec<String> = line.iter().map(cell).collect();
        let _ = writeln!(out, "{}", cells.concat());
    }
}

fn codes(out: &mut String, coverage: &Coverage) {
    out.push_str("\ncases in which an operation can return a code\n");
    let mut by_operation: BTreeMap<&str, Vec<(u64, &str)>> = BTreeMap::new();
    for ((operation, code), count) in &coverage.codes {
        by_operation.entry(operation).or_default().push((*count, code));
    }
    for (operation, mut codes) in by_operation {
        codes.sort_by_key(|(count, code)| (std::cmp::Reverse(*count), *code));
        let codes: Vec<String> =
            codes.into_iter().map(|(count, code)| format!("{code}\u{a0}{count}")).collect();
        let lines = wrap(&codes.join(", "), WIDTH - NAME);
        let lines = lines.join(&format!("\n{:NAME$}", "")).replace('\u{a0}', " ");
        let _ = writeln!(out, "  {operation:<26}{lines}");
    }
}

fn orders(out: &mut String, coverage: &Coverage) {
    out.push_str("\nwalks in which, on the same call, the row came before the column\n");
    let _ = write!(out, "{:NAME$}", "");
    for after in Racing::ALL {
        let _ = write!(out, "{:>12}", after.name());
    }
    for before in Racing::ALL {
        let _ = write!(out, "\n  {:<26}", before.name());
        for after in Racing::ALL {
            let count = coverage.orders.get(&(before, after)).copied().unwrap_or(0);
            let _ = write!(out, "{count:>12}");
        }
    }
    out.push('\n');
}

fn facets(out: &mut String, coverage: &Coverage) {
    let _ = write!(out, "\n{:<32}", "cases in which was seen");
    for reading in Reading::ALL {
        let _ = write!(out, "{:>12}", reading.cancelable.name());
    }
    let _ = write!(out, "\n{:<32}", "");
    for reading in Reading::ALL {
        let _ = write!(out, "{:>12}", reading.waiter.name());
    }
    for clause in ClauseId::sometimes().filter(|clause| !clause.of_clients) {
        for facet in clause.facets {
            let _ = write!(out, "\n{:<32}", format!("{:>3} {facet}", clause.id));
            for reading in Reading::ALL {
                let seen = coverage.facets.get(&(clause, (*facet).to_owned(), reading));
                let _ = write!(out, "{:>12}", seen.copied().unwrap_or(0));
            }
        }
    }
    out.push('\n');
}
