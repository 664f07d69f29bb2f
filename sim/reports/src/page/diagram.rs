//! The diagram of the states of a call and the transitions between them, as SVG.
//!
//! A call's state has three parts that change independently: the request, the server, the outcome.
//! The transitions are those of the table at the top of `calloff_model::machine`; a test checks
//! that.

use std::fmt::Write;

/// One of the three parts of a call's state.
pub struct Part {
    /// Its name in the table.
    pub name: &'static str,
    /// Its title for the reader.
    pub title: &'static str,
    /// Its states: the name in the table, the name in reports, and the place: the column, and the
    /// row within this part.
    pub states: &'static [(&'static str, &'static str, u32, u32)],
    /// The transitions, by positions of two states, with the rows of the table that contain them.
    pub transitions: &'static [(usize, usize, &'static [&'static str])],
}

/// The three parts.
pub const PARTS: [Part; 3] = [
    Part {
        name: "request",
        title: "cancel request",
        states: &[("none", "none", 0, 0), ("open", "open", 1, 0), ("expired", "expired", 2, 0)],
        transitions: &[(0, 1, &["C9", "C10"]), (1, 2, &["W3"]), (0, 2, &["C8"])],
    },
    Part {
        name: "server",
        title: "server",
        states: &[
            ("idle", "not dispatched", 0, 0),
            ("running", "running", 1, 0),
            ("replied", "replied", 2, 0),
            ("skipped", "skipped", 1, 1),
        ],
        transitions: &[(0, 1, &["S6"]), (1, 2, &["R4"]), (0, 3, &["S3", "S4", "S5"])],
    },
    Part {
        name: "settled",
        title: "outcome",
        states: &[
            ("no", "not settled", 0, 0),
            ("completed", "completed", 1, 0),
            ("canceled", "canceled", 1, 1),
        ],
        transitions: &[(0, 1, &["A3"]), (0, 2, &["A4", "A5", "F4"])],
    },
];

const BOX: (u32, u32) = (104, 30);
const COLUMN: u32 = 148;
const ROW: u32 = 44;
const LEFT: u32 = 8;
const TITLE: u32 = 20;

/// The diagram, without any highlighted state. The state `s` of the part `p` is the element with
/// `data-state="p.s"`, by position.
pub fn svg() -> String {
    let mut body = String::new();
    let mut top = 0;
    for (number, part) in PARTS.iter().enumerate() {
        let rows = part.states.iter().map(|state| state.3 + 1).max().unwrap_or(1);
        // A transition that passes over a state needs room above it.
        let above = if part.transitions.iter().any(|t| is_over(part, t.0, t.1)) { 18 } else { 0 };
        draw(&mut body, number, part, top + TITLE + above);
        let _ = writeln!(
            body,
            r#"<text class="part" x="{LEFT}" y="{}">{}</text>"#,
            top + 14,
            part.title
        );
        top += TITLE + above + rows * ROW + 6;
    }
    let width = 2 * COLUMN + BOX.0 + 2 * LEFT;
    format!(
        "<svg class=\"diagram\" viewBox=\"0 0 {width} {top}\" aria-hidden=\"true\">\n\
         {body}</svg>"
    )
}

/// Whether the transition passes over a state between its two.
fn is_over(part: &Part, from: usize, to: usize) -> bool {
    let (one, other) = (part.states[from], part.states[to]);
    one.3 == other.3 && one.2.abs_diff(other.2) > 1
}

fn draw(body: &mut String, number: usize, part: &Part, top: u32) {
    let corner = |at: usize| {
        let (_, _, column, row) = part.states[at];
        (LEFT + column * COLUMN, top + row * ROW)
    };
    let (wide, high) = BOX;
    for &(from, to, rows) in part.transitions {
        let ((x1, y1), (x2, y2)) = (corner(from), corner(to));
        let (start, end) = ((x1 + wide, y1 + high / 2), (x2 - 2, y2 + high / 2));
        let rows = rows.join(" ");
        let path = if is_over(part, from, to) {
            let (x1, x2, over) = (x1 + wide / 2, x2 + wide / 2, y1 - 16);
            format!("M{x1} {y1}C{x1} {over} {x2} {over} {x2} {}", y2 - 2)
        } else {
            let middle = (start.0 + end.0) / 2;
            format!(
                "M{} {}C{middle} {} {middle} {} {} {}",
                start.0, start.1, start.1, end.1, end.0, end.1
            )
        };
        let _ = writeln!(
            body,
            "<path class=\"way\" data-way=\"{number}.{from}.{to}\" d=\"{path}\" \
             marker-end=\"url(#arrow)\"><title>{rows}</title></path>"
        );
    }
    for (at, (_, text, ..)) in part.states.iter().enumerate() {
        let (x, y) = corner(at);
        let (middle, base) = (x + wide / 2, y + high / 2 + 4);
        let _ = writeln!(
            body,
            "<g class=\"state\" data-state=\"{number}.{at}\"><rect x=\"{x}\" y=\"{y}\" \
             width=\"{wide}\" height=\"{high}\" rx=\"6\"/>\
             <text x=\"{middle}\" y=\"{base}\">{text}</text></g>"
        );
    }
}
