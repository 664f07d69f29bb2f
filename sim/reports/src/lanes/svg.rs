//! Lanes as a drawing: an SVG file.
//!
//! A lane is a solid line while its actor could step, and a dotted one while it waits; it ends when
//! the actor has finished. A step is a box on its lane; an arrow leads to the lane that it
//! concerns.

use calloff_protocol::text;
use serde_json::{Value, json};

use super::html::{ESCAPES, escaped};
use super::layout::{Layout, Line, Row, State};
use super::words::{ADVANCES, CHANGED, CLOCK, STUCK, WAITS, filled};

/// Measures are multiples of the width of a letter and the height of a line, in pixels.
const LETTER: usize = 8;
const LINE: usize = 17;
/// Characters per line: in a lane, and in the changes.
const LANE: usize = 30;
const CHANGES: usize = 40;
/// Where the first lane begins: after the number and the clock.
const LEFT: usize = 14 * LETTER;
const LANE_WIDTH: usize = (LANE + 3) * LETTER;
const GAP: usize = 8;
const HEAD: usize = 2 * LINE;

const STYLE: &str = "\
text{font:13px ui-monospace,Menlo,Consolas,monospace;fill:#111}
.head,.code{font-weight:bold}
.muted{fill:#555}
.ready{stroke:#111;stroke-width:1.5}
.waits{stroke:#111;stroke-width:1.5;stroke-dasharray:1 5;stroke-linecap:round}
.box{fill:#fff;stroke:#111}
.decides{stroke-width:3}
.arrow{stroke:#555;fill:none;marker-end:url(#head)}
";

const OPEN: &str = "\
<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" viewBox=\"0 0 {} {}\" \
role=\"img\">
<title>{}</title>
<style>{}</style>
<defs><marker id=\"head\" markerWidth=\"8\" markerHeight=\"8\" refX=\"7\" refY=\"4\" \
orient=\"auto\"><path d=\"M0,0 L8,4 L0,8 z\" fill=\"#555\"/></marker></defs>
<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>
";
const CLOSE: &str = "</svg>\n";
const TITLE: &str = "An execution of {}, step by step";
const LANE_LINE: &str = "<line class=\"{}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>\n";
const BOX: &str = "<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"4\"/>\n";
const ARROW: &str = "<path class=\"arrow\" d=\"M{},{} L{},{}\"/>\n";
const TEXT: &str = "<text{} x=\"{}\" y=\"{}\">{}</text>\n";
const CLASS: &str = " class=\"{}\"";

pub(super) fn words() -> Value {
    json!({
        "letter": LETTER,
        "line": LINE,
        "lane": LANE,
        "changes": CHANGES,
        "left": LEFT,
        "laneWidth": LANE_WIDTH,
        "gap": GAP,
        "head": HEAD,
        "style": STYLE,
        "open": OPEN,
        "close": CLOSE,
        "title": TITLE,
        "laneLine": LANE_LINE,
        "box": BOX,
        "arrow": ARROW,
        "text": TEXT,
        "class": CLASS,
        "escapes": ESCAPES,
    })
}

/// A row with wrapped lines, and its vertical position.
struct Placed<'l> {
    row: &'l Row,
    top: usize,
    height: usize,
    cells: Vec<Vec<(String, &'static str)>>,
    changes: Vec<(String, &'static str)>,
}

impl Layout {
    /// Draws it as an SVG document.
    pub fn to_svg(&self) -> String {
        let (rows, bottom) = self.place();
        let width = LEFT + self.lanes.len() * LANE_WIDTH + (CHANGES + 2) * LETTER;
        let notes = self.notes(width / LETTER - 2);
        let height = bottom + (notes.len() + 2) * LINE;
        let title = escaped(&filled(TITLE, &[&self.lanes.join(", ")]));
        let mut out = filled(OPEN, &[&width, &height, &width, &height, &title, &STYLE]);
        self.draw_head(&mut out);
        for (at, placed) in rows.iter().enumerate() {
            let before = at.checked_sub(1).map(|at| rows[at].row);
            self.draw_lines(&mut out, placed, before);
        }
        for placed in &rows {
            self.draw_row(&mut out, placed);
        }
        for (at, note) in notes.iter().enumerate() {
            text(&mut out, GAP, bottom + (at + 1) * LINE, "muted", note);
        }
        out.push_str(CLOSE);
        out
    }

    fn place(&self) -> (Vec<Placed<'_>>, usize) {
        let names = self.headings().map(|lines| lines.len()).max().unwrap_or(1);
        let mut top = HEAD + (names - 1) * LINE;
        let mut rows = Vec::new();
        for row in &self.rows {
            let cells: Vec<_> = (0..row.cells.len()).map(|lane| cell(row, lane)).collect();
            let changes = changes(row);
            let lines = cells.iter().map(Vec::len).chain([changes.len(), 1]).max().unwrap_or(1);
            let height = lines * LINE + 3 * GAP;
            rows.push(Placed { row, top, height, cells, changes });
            top += height;
        }
        (rows, top)
    }

    /// The lines of text below the lanes.
    fn notes(&self, width: usize) -> Vec<String> {
        let mut notes: Vec<String> =
            self.stuck.iter().map(|stuck| filled(STUCK, &[stuck])).collect();
        notes.extend(self.decides.iter().flat_map(|sentence| text::wrap(sentence, width)));
        let signs = self.legend(true).into_iter();
        let signs: Vec<String> = signs.map(|(sign, meaning)| format!("{sign} {meaning}")).collect();
        notes.extend(text::wrap(&signs.join("   "), width));
        notes
    }

    fn draw_head(&self, out: &mut String) {
        let y = LINE + 2;
        text(out, 5 * LETTER, y, "head", CLOCK);
        for (lane, lines) in self.headings().enumerate() {
            for (at, line) in lines.iter().enumerate() {
                text(out, left(lane), y + at * LINE, "head", line);
            }
        }
        text(out, left(self.lanes.len()), y, "head", CHANGED);
    }

    /// The name of each lane, line by line.
    fn headings(&self) -> impl Iterator<Item = Vec<String>> {
        self.lanes.iter().map(|name| text::wrap(name, LANE))
    }

    /// The lanes behind the boxes: where everybody was before the step.
    fn draw_lines(&self, out: &mut String, placed: &Placed, before: Option<&Row>) {
        for lane in 0..self.lanes.len() {
            let class = match before.map(|row| &row.cells[lane].state) {
                Some(State::Finished) => continue,
                Some(State::Waits { .. }) => "waits",
                Some(State::Ready) | None => "ready",
            };
            let (x, top, end) = (left(lane) - LETTER, placed.top, placed.top + placed.height);
            let is_last = placed.row.cells[lane].state == State::Finished;
            let end = if is_last { placed.top + GAP + LINE } else { end };
            out.push_str(&filled(LANE_LINE, &[&class, &x, &top, &x, &end]));
        }
    }

    fn draw_row(&self, out: &mut String, placed: &Placed) {
        let Placed { row, top, cells, changes, .. } = placed;
        let y = top + GAP + LINE - 4;
        let (sign, mark) = match row.lane {
            Some(_) => (" ", None),
            None => (ADVANCES, row.mark),
        };
        text(out, GAP, y, "muted", &row.number.to_string());
        let mark = mark.map_or("", super::Mark::sign);
        text(out, 4 * LETTER, y, "", &format!("{sign}{} {mark}", row.time));
        for (lane, lines) in cells.iter().enumerate() {
            if row.lane == Some(lane) {
                self.step(out, placed, lane);
            }
            for (at, (line, class)) in lines.iter().enumerate() {
                // Text that belongs below the box.
                let y = if *class == "muted" && row.lane == Some(lane) { y + GAP } else { y };
                text(out, left(lane), y + at * LINE, class, line);
            }
        }
        for (at, (change, class)) in changes.iter().enumerate() {
            text(out, left(self.lanes.len()), y + at * LINE, class, change);
        }
    }

    fn step(&self, out: &mut String, placed: &Placed, lane: usize) {
        let Placed { row, top, cells, .. } = placed;
        let lines = cells[lane].iter().filter(|(_, class)| *class != "muted").count().max(1);
        let class = if row.mark.is_some() { "box decides" } else { "box" };
        let (x, y) = (left(lane) - LETTER - 4, top + 4);
        let (width, height) = (LANE_WIDTH - LETTER, lines * LINE + GAP);
        out.push_str(&filled(BOX, &[&class, &x, &y, &width, &height]));
        if let Some(towards) = row.towards {
            let to = left(towards) - LETTER;
            let (from, to) = match towards > lane {
                true => (x + width, to - 3),
                false => (x, to + 3),
            };
            let y = y + height / 2;
            out.push_str(&filled(ARROW, &[&from, &y, &to, &y]));
        }
    }
}

/// Where the text of a lane begins; after the last lane comes what changed.
fn left(lane: usize) -> usize {
    LEFT + lane * LANE_WIDTH
}

fn cell(row: &Row, lane: usize) -> Vec<(String, &'static str)> {
    let cell = &row.cells[lane];
    let mut lines = Vec::new();
    for (at, line) in cell.lines.iter().enumerate() {
        let mark = row.mark.filter(|_| at == 0).map(|mark| format!(" {}", mark.sign()));
        let class = if matches!(line, Line::Returns(_)) { "code" } else { "" };
        let said = line.signed() + &mark.unwrap_or_default();
        lines.extend(text::wrap(&said, LANE).into_iter().map(|line| (line, class)));
    }
    if let State::Waits { reason, is_new: true } = &cell.state {
        let reason = text::wrap(reason, LANE - 2).into_iter();
        lines.extend(reason.map(|line| (format!("{WAITS} {line}"), "muted")));
    }
    lines
}

/// What the step changed, and what it violates.
fn changes(row: &Row) -> Vec<(String, &'static str)> {
    let changes = row.changes.iter().map(|change| (change, "muted"));
    let all = changes.chain(row.broken.iter().map(|broken| (broken, "code")));
    let wrapped = |(text, class): (&String, &'static str)| {
        text::wrap(text, CHANGES).into_iter().map(move |line| (line, class))
    };
    all.flat_map(wrapped).collect()
}

fn text(out: &mut String, x: usize, y: usize, class: &str, text: &str) {
    let class = if class.is_empty() { String::new() } else { filled(CLASS, &[&class]) };
    out.push_str(&filled(TEXT, &[&class, &x, &y, &escaped(text)]));
}
