//! The tables of a group, for a terminal of eighty columns and for a page.

use crate::group::{Rows, Shown, What};
use crate::run::{Cell, Reason, Results};
use crate::stats::spread;

const COLUMNS_MAX: usize = 80;

/// Where a table is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// On a terminal. What is too wide is cut into several tables.
    Text,
    /// On a page.
    Markdown,
}

/// All tables of a group, and why cells are empty.
pub fn tables(results: &Results, form: Form) -> String {
    let mut text = String::new();
    for shown in &results.group.tables {
        let grid = Grid::new(results, shown);
        match form {
            Form::Text => text += &format!("{}\n", grid.text()),
            Form::Markdown => text += &format!("{}\n", grid.markdown()),
        }
    }
    let reasons = reasons(results);
    if !reasons.is_empty() {
        text += &format!("{}\n\n", reasons.join("\n"));
    }
    text
}

/// Why variants were left out, each reason once; it may be long, so nothing is aligned.
fn reasons(results: &Results) -> Vec<String> {
    let mut said = Vec::new();
    for cell in results.cells.iter().flat_map(|cells| results.group.variants.iter().zip(cells)) {
        let (variant, Cell { reason, .. }) = cell;
        let line = match reason {
            Some(Reason::Skipped(why)) => format!("- {}: skipped: {why}", variant.name),
            Some(Reason::Failed(why)) => format!("- {}: **failed**: {why}", variant.name),
            _ => continue,
        };
        if !said.contains(&line) {
            said.push(line);
        }
    }
    said
}

/// A table as texts.
struct Grid {
    title: String,
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Grid {
    fn new(results: &Results, shown: &Shown) -> Grid {
        let group = &results.group;
        let cases: Vec<String> = group.cases.iter().map(|case| case.name.clone()).collect();
        let variants = group.variants.iter().map(|variant| variant.name.to_owned()).collect();
        let (columns, names): (Vec<String>, Vec<String>) = match group.rows {
            Rows::Variants => (cases, variants),
            Rows::Cases => (variants, cases),
        };
        let at = |row: usize, column: usize| match group.rows {
            Rows::Variants => &results.cells[column][row],
            Rows::Cases => &results.cells[row][column],
        };
        let peers = |row: usize, column: usize| match group.rows {
            Rows::Variants => &results.cells[column],
            Rows::Cases => &results.cells[row],
        };
        let rows = names.into_iter().enumerate().map(|(row, name)| {
            let cells = (0..columns.len()).map(|column| {
                let least = least(results, peers(row, column), shown);
                cell(at(row, column), shown, least)
            });
            std::iter::once(name).chain(cells).collect()
        });
        let rows: Vec<Vec<String>> = rows.collect();
        // A variant that does not measure this number has no row.
        let rows =
            rows.into_iter().filter(|row: &Vec<String>| row[1..].iter().any(|c| !c.is_empty()));
        let header = std::iter::once(String::new()).chain(columns).collect();
        Grid { title: shown.title.to_owned(), header, rows: rows.collect() }
    }

    fn widths(&self) -> Vec<usize> {
        let all = || std::iter::once(&self.header).chain(&self.rows);
        let width = |column: usize| all().map(|row| row[column].chars().count()).max();
        (0..self.header.len()).map(|column| width(column).unwrap_or(0)).collect()
    }

    fn text(&self) -> String {
        let widths = self.widths();
        let mut text = String::new();
        let mut first = 1;
        while first < widths.len() {
            let (mut last, mut total) = (first, widths[0] + 2 + widths[first]);
            while last + 1 < widths.len() && total + 2 + widths[last + 1] <= COLUMNS_MAX {
                last += 1;
                total += 2 + widths[last];
            }
            text += &format!("{}\n", self.title);
            for row in std::iter::once(&self.header).chain(&self.rows) {
                let mut line = format!("{:<1$}", row[0], widths[0]);
                for column in first..=last {
                    line += &format!("  {:>1$}", row[column], widths[column]);
                }
                text += &format!("{}\n", line.trim_end());
            }
            text += "\n";
            first = last + 1;
        }
        text.truncate(text.trim_end().len());
        text + "\n"
    }

    fn markdown(&self) -> String {
        let line = |row: &Vec<String>| format!("| {} |\n", row.join(" | "));
        let mut header = self.header.clone();
        header[0].clone_from(&self.title);
        let rule = format!("|---{}|\n", "|---:".repeat(self.header.len() - 1));
        line(&header) + &rule + &self.rows.iter().map(line).collect::<String>()
    }
}

/// The least median of the variants that others are held against, at one case.
fn least(results: &Results, cells: &[Cell], shown: &Shown) -> Option<f64> {
    let What::Times(against) = shown.what else { return None };
    let all = results.group.variants.iter().zip(cells);
    let medians = all.filter(|(variant, _)| against.contains(&variant.name));
    medians.filter_map(|(_, cell)| cell.median(shown.number)).min_by(f64::total_cmp)
}

/// What a cell shows; nothing if its variant does not measure this number.
fn cell(cell: &Cell, shown: &Shown, least: Option<f64>) -> String {
    let values = cell.values(shown.number);
    match &cell.reason {
        Some(Reason::Stopped(seconds)) => {
            let is_time = shown.number == "cpu_seconds" && shown.what == What::Median;
            return if is_time { format!(">{seconds}") } else { "–".to_owned() };
        }
        Some(_) => return "–".to_owned(),
        None if values.is_empty() => return String::new(),
        None => {}
    }
    let median = crate::stats::median(&values);
    // What was cut off would have gone on.
    let more = |sign: &str| match cell.values("is_cut_off").contains(&1.0) {
        true => sign.to_owned(),
        false => String::new(),
    };
    match shown.what {
        What::Median => format!("{}{}", more(">"), three_digits(median)),
        What::Count => format!("{}{median:.0}", more("≥")),
        What::Times(_) => least.map_or("–".to_owned(), |least| three_digits(median / least)),
        What::Spread => format!("±{:.0} %", spread(&values)),
    }
}

/// A number with three digits that mean something; very small ones with fewer.
fn three_digits(number: f64) -> String {
    let digits = match number {
        n if n >= 99.95 => 0,
        n if n >= 9.995 => 1,
        n if n >= 0.9995 => 2,
        n if n >= 0.09995 => 3,
        _ => 4,
    };
    format!("{number:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::{Case, Group, Variant};
    use crate::numbers::numbers;

    fn results() -> Results {
        let variant = |name| Variant::new(name, |_, _| Err(String::new()));
        let cell =
            |number| Cell { runs: vec![numbers([("cpu_seconds", number)]); 3], ..Cell::default() };
        let group = Group {
            name: "test",
            title: "a test",
            cases: (0..9).map(|n| Case::named(format!("case {n}"))).collect(),
            variants: ["a long name", "another", "silent"].map(variant).into(),
            tables: vec![Shown { number: "cpu_seconds", title: "time", what: What::Median }],
            rows: Rows::Variants,
            seconds_max: 1.0,
            seconds_enough: 1.0,
        };
        let stopped = Cell { runs: Vec::new(), reason: Some(Reason::Stopped(60.0)) };
        let row = |n: u32| vec![cell(f64::from(n) * 1234.0), stopped.clone(), Cell::default()];
        Results { group, cells: (0..9).map(row).collect() }
    }

    #[test]
    fn a_table_that_is_too_wide_for_the_terminal_is_cut() {
        let text = tables(&results(), Form::Text);
        assert!(text.lines().all(|line| line.chars().count() <= COLUMNS_MAX), "{text}");
        let second = text.lines().skip_while(|line| !line.is_empty()).nth(1);
        assert_eq!(second, Some("time"), "{text}");
        assert!(text.contains("another         >60"), "{text}");
    }

    #[test]
    fn a_page_has_the_whole_table_and_no_row_without_a_number() {
        let text = tables(&results(), Form::Markdown);
        let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
        assert_eq!(lines.len(), 4, "{text}");
        assert!(lines[2].starts_with("| a long name | 0.0000 | 1234 |"), "{text}");
    }

    #[test]
    fn three_digits_mean_something() {
        let shown = [0.0, 0.004_56, 0.0456, 0.456, 4.56, 45.6, 456.0, 45_600.0].map(three_digits);
        let expected = ["0.0000", "0.0046", "0.0456", "0.456", "4.56", "45.6", "456", "45600"];
        assert_eq!(shown, expected);
    }
}
