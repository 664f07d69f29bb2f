//! The diagram of a call's state agrees with the table of transitions.

use std::collections::BTreeSet;

use calloff_reports::page::diagram::{PARTS, svg};

/// The cells of each row of the table.
fn table() -> Vec<Vec<String>> {
    let path = calloff_tests::project_file("model/src/machine/mod.rs");
    let source = std::fs::read_to_string(path).expect("the machine");
    let rows = source.lines().filter_map(|line| line.strip_prefix("//! | "));
    let cells = |row: &str| row.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    rows.map(cells).filter(|cells| cells[0].chars().any(|c| c.is_ascii_digit())).collect()
}

/// The states of a part that a row's cells allow before the row applies.
fn before(cells: &[String], part: &str) -> Vec<String> {
    let column = match part {
        "request" => 5,
        "server" => 6,
        _ => 7,
    };
    cells[column]
        .split('/')
        .map(|state| if state == "due" { "open" } else { state }.to_owned())
        .collect()
}

#[test]
fn the_diagram_has_the_transitions_of_the_table_and_no_others() {
    let mut documented = BTreeSet::new();
    for cells in table() {
        let Some((part, to)) = cells[9].split_once('=') else { continue };
        for from in before(&cells, part) {
            documented.insert((cells[0].clone(), part.to_owned(), from, to.to_owned()));
        }
    }
    assert!(documented.len() > 8, "{documented:?}");
    let mut drawn = BTreeSet::new();
    for part in &PARTS {
        for (from, to, rows) in part.transitions {
            for row in *rows {
                let name = |at: usize| part.states[at].0.to_owned();
                drawn.insert(((*row).to_owned(), part.name.to_owned(), name(*from), name(*to)));
            }
        }
    }
    // `*`: the row does not look at this part; the diagram then draws it from the part's first
    // state.
    let start = |part: &str| PARTS.iter().find(|p| p.name == part).expect("one").states[0].0;
    let documented: BTreeSet<_> = documented
        .into_iter()
        .map(|(row, part, from, to)| {
            let from = if from == "*" { start(&part).to_owned() } else { from };
            (row, part, from, to)
        })
        .filter(|(_, _, from, to)| from != to)
        .collect();
    assert_eq!(drawn, documented);
}

#[test]
fn every_state_is_drawn_once() {
    let svg = svg();
    for (number, part) in PARTS.iter().enumerate() {
        for (at, (_, text, ..)) in part.states.iter().enumerate() {
            assert_eq!(svg.matches(&format!("data-state=\"{number}.{at}\"")).count(), 1);
            assert!(svg.contains(&format!(">{text}</text>")));
        }
    }
}
