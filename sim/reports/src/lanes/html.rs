//! Lanes as an HTML table: a fragment with its own style, to be embedded in a page.

use std::fmt::Write;

use calloff_protocol::text;

use super::layout::{Layout, Row, State};
use super::words::{ADVANCES, CHANGED, CLOCK, READY, STEP, STUCK, WAITS, filled};

/// Characters with a special meaning in HTML and XML.
pub(super) const ESCAPES: [(char, &str); 5] =
    [('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;"), ('\'', "&#39;")];

/// The signs carry all information; the style only makes it easier to read.
const STYLE: &str = "\
.calloff-lanes table{border-collapse:collapse;font:13px/1.4 ui-monospace,monospace}
.calloff-lanes th,.calloff-lanes td{padding:.15em .7em;text-align:left;vertical-align:top}
.calloff-lanes thead th{border-bottom:2px solid}
.calloff-lanes td.step{border-left:3px solid;font-weight:600}
.calloff-lanes td.waits{border-left:3px dotted;opacity:.75}
.calloff-lanes td.ready{border-left:1px solid}
.calloff-lanes tr.decides{outline:2px solid}
.calloff-lanes td.changes{font-style:italic}
";

impl Layout {
    /// Draws it as an HTML fragment.
    pub fn to_html(&self) -> String {
        let mut out = format!("<figure class=\"calloff-lanes\">\n<style>\n{STYLE}</style>\n");
        out.push_str("<table>\n<thead><tr>");
        let lanes = self.lanes.iter().map(String::as_str);
        for name in [STEP, CLOCK].into_iter().chain(lanes).chain([CHANGED]) {
            let _ = write!(out, "<th scope=\"col\">{}</th>", escaped(name));
        }
        out.push_str("</tr></thead>\n<tbody>\n");
        for row in &self.rows {
            write_row(&mut out, row);
        }
        out.push_str("</tbody>\n</table>\n<figcaption>\n");
        for stuck in &self.stuck {
            let _ = writeln!(out, "<p>{}</p>", escaped(&filled(STUCK, &[stuck])));
        }
        if let Some(sentence) = &self.decides {
            let _ = writeln!(out, "<p>{}</p>", escaped(sentence));
        }
        let legend: Vec<String> = self
            .legend(true)
            .into_iter()
            .map(|(sign, meaning)| format!("{sign} {meaning}"))
            .collect();
        let _ = writeln!(out, "<p>{}</p>\n</figcaption>\n</figure>", legend.join(" · "));
        out
    }
}

fn write_row(out: &mut String, row: &Row) {
    let class = if row.mark.is_some() { " class=\"decides\"" } else { "" };
    let (sign, mark) = match (row.lane, row.mark) {
        (None, mark) => (
            format!("{ADVANCES} "),
            mark.map_or(String::new(), |mark| format!(" <b>{}</b>", mark.sign())),
        ),
        (Some(_), _) => (String::new(), String::new()),
    };
    let _ = write!(
        out,
        "<tr{class}><th scope=\"row\">{}</th><td>{sign}{}{mark}</td>",
        row.number, row.time
    );
    for (lane, cell) in row.cells.iter().enumerate() {
        let class = match cell.state {
            _ if row.lane == Some(lane) => "step",
            State::Waits { .. } => "waits",
            State::Ready => "ready",
            State::Finished => "finished",
        };
        let mut lines: Vec<String> =
            cell.lines.iter().map(|line| escaped(&line.signed())).collect();
        if let (Some(first), Some(mark)) = (lines.first_mut(), row.mark) {
            let _ = write!(first, " <b>{}</b>", mark.sign());
        }
        match &cell.state {
            State::Waits { reason, is_new: true } => {
                lines.push(format!("{WAITS} {}", escaped(reason)))
            }
            State::Waits { .. } if lines.is_empty() => lines.push(WAITS.to_owned()),
            State::Ready if lines.is_empty() => lines.push(READY.to_owned()),
            _ => {}
        }
        let _ = write!(out, "<td class=\"{class}\">{}</td>", lines.join("<br>"));
    }
    let broken = row.broken.iter().map(|broken| format!("<b>{}</b>", escaped(broken)));
    let changes = row.changes.iter().map(|change| escaped(change));
    let changes: Vec<String> = changes.chain(broken).collect();
    let _ = writeln!(out, "<td class=\"changes\">{}</td></tr>", changes.join("<br>"));
}

/// The text with the special characters of HTML and XML escaped.
pub(super) fn escaped(text: &str) -> String {
    text::escaped(text, &ESCAPES)
}
