//! Lanes as text for a terminal: side by side or, if they do not fit, one below the other.

use std::fmt::Write;

use calloff_protocol::text;
use calloff_protocol::text::width;
use serde_json::{Value, json};

use super::layout::{Layout, Line, Row, State};
use super::words::{ADVANCES, CHANGED, CLOCK, READY, WAITS};

/// Wide enough for the longest code with its sign.
const LANE_MIN: usize = 23;
const LANE_MAX: usize = 36;

/// The least room for text that hangs behind its head.
const TEXT_MIN: usize = 20;

/// The width of the column of numbers.
const NUMBER: usize = 4;

const FOR_EVER: &str = "for ever";

pub(super) fn words() -> Value {
    json!({
        "laneMin": LANE_MIN,
        "laneMax": LANE_MAX,
        "number": NUMBER,
        "textMin": TEXT_MIN,
        "forEver": FOR_EVER,
    })
}

/// The widths of the columns after that of the numbers.
#[derive(Clone, Copy)]
struct Columns {
    clock: usize,
    lane: usize,
}

impl Layout {
    /// Draws it for a terminal of that width, with the changes below each row.
    pub fn to_text(&self, columns: usize) -> String {
        let times = self.rows.iter().map(|row| width(&clock(row)));
        let clock = times.max().unwrap_or(0).max(CLOCK.len()) + 1;
        let lane = columns.saturating_sub(NUMBER + clock) / self.lanes.len().max(1);
        let is_wide = lane >= LANE_MIN;
        let mut out = match is_wide {
            true => self.wide(Columns { clock, lane: lane.min(LANE_MAX) }),
            false => self.narrow(columns),
        };
        let signs: Vec<String> = self
            .legend(is_wide)
            .into_iter()
            .map(|(sign, meaning)| format!("{sign} {meaning}").replace(' ', "\u{a0}"))
            .collect();
        // Signs stay with what they mean.
        let legend = text::wrap(&signs.join("   "), columns);
        out.push('\n');
        for line in legend {
            let _ = writeln!(out, "{}", line.trim_end_matches(' ').replace('\u{a0}', " "));
        }
        if let Some(sentence) = &self.decides {
            let _ = writeln!(out, "\n{}", text::wrap(sentence, columns).join("\n"));
        }
        if !self.stuck.is_empty() {
            let _ = writeln!(out, "\n{FOR_EVER}");
        }
        for line in &self.stuck {
            write_hanging(&mut out, "     ", line, columns);
        }
        if self.rows.iter().any(|row| !row.changes.is_empty() || !row.broken.is_empty()) {
            let _ = writeln!(out, "\n{CHANGED}");
        }
        for row in &self.rows {
            for change in row.changes.iter().chain(&row.broken) {
                write_hanging(&mut out, &format!("{:>3}  ", row.number), change, columns);
            }
        }
        out
    }

    fn wide(&self, columns: Columns) -> String {
        // A blank at least to the next name.
        let names: Vec<Vec<String>> =
            self.lanes.iter().map(|name| text::wrap(name, columns.lane - 1)).collect();
        let mut out = String::new();
        write_row(&mut out, ["", CLOCK], &names, columns);
        for row in &self.rows {
            let cells: Vec<_> =
                (0..row.cells.len()).map(|lane| cell(row, lane, columns.lane)).collect();
            write_row(&mut out, [&row.number.to_string(), &clock(row)], &cells, columns);
        }
        out
    }

    fn narrow(&self, columns: usize) -> String {
        let mut out = String::new();
        let names = self.lanes.iter().map(|name| width(name)).max().unwrap_or(0).clamp(5, 20);
        for row in &self.rows {
            let (name, mut text) = match row.lane {
                Some(lane) => {
                    let lines: Vec<String> =
                        row.cells[lane].lines.iter().map(Line::signed).collect();
                    (self.lanes[lane].as_str(), lines.join("  "))
                }
                None => (CLOCK, format!("{ADVANCES} {}", row.time)),
            };
            if let Some(mark) = row.mark {
                let _ = write!(text, "  {}", mark.sign());
            }
            let head = format!("{:>4}  {:<5} {}  ", row.number, row.time, pad(name, names));
            write_hanging(&mut out, &head, &text, columns);
            for (cell, name) in row.cells.iter().zip(&self.lanes) {
                if let State::Waits { reason, is_new: true } = &cell.state {
                    let head = format!("{:>11} {}  {WAITS} ", "", pad(name, names));
                    write_hanging(&mut out, &head, reason, columns);
                }
            }
        }
        out
    }
}

/// The clock's column: the time, a sign if it has just advanced, and a mark if that decides.
fn clock(row: &Row) -> String {
    let (sign, mark) = match row.lane {
        Some(_) => (" ", None),
        None => (ADVANCES, row.mark),
    };
    format!("{sign}{}{}", row.time, mark.map_or("", super::Mark::sign))
}

fn cell(row: &Row, lane: usize, columns: usize) -> Vec<String> {
    let cell = &row.cells[lane];
    let mut said: Vec<String> = cell.lines.iter().map(Line::signed).collect();
    if let Some(mark) = row.mark {
        // Put the mark on the first line with room for it, to save a line of its own.
        let fits = |line: &String| width(line) + 1 + width(mark.sign()) < columns;
        let at = said.iter().position(fits).unwrap_or(0);
        if let Some(line) = said.get_mut(at) {
            let _ = write!(line, " {}", mark.sign());
        }
    }
    let mut lines: Vec<String> =
        said.iter().flat_map(|line| text::wrap(line, columns - 1)).collect();
    match &cell.state {
        State::Waits { reason, is_new: true } => {
            // Two blanks to the next lane, where a sentence might seem to go on.
            let reason = text::wrap(reason, columns - 4).into_iter();
            lines.extend(reason.map(|line| format!("{WAITS} {line}")));
        }
        State::Waits { .. } if lines.is_empty() => lines.push(WAITS.to_owned()),
        State::Ready if lines.is_empty() => lines.push(READY.to_owned()),
        _ => {}
    }
    lines
}

/// One row of the table: each cell may take several lines.
fn write_row(out: &mut String, head: [&str; 2], cells: &[Vec<String>], columns: Columns) {
    let height = cells.iter().map(Vec::len).max().unwrap_or(0).max(1);
    for line in 0..height {
        let [number, clock] = if line == 0 { head } else { [""; 2] };
        let mut text = format!("{number:>3} {}", pad(clock, columns.clock));
        for cell in cells {
            text.push_str(&pad(cell.get(line).map_or("", String::as_str), columns.lane));
        }
        out.push_str(text.trim_end());
        out.push('\n');
    }
}

/// The text after its head. What does not fit goes to the next lines, and not under the head.
fn write_hanging(out: &mut String, head: &str, text: &str, columns: usize) {
    let indent = width(head).min(columns.saturating_sub(TEXT_MIN));
    let _ = writeln!(out, "{head}{}", text::wrap_hanging(text, columns, indent));
}

fn pad(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}
