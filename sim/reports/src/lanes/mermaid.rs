//! Lanes as a sequence diagram in Mermaid's language.
//!
//! A step that concerns another actor is an arrow to it; any other step is a note. The start of
//! waiting is a note of its own. This picture omits the changes in the machines.

use calloff_protocol::text;
use serde_json::{Value, json};

use super::layout::{Layout, Line, Row, State};
use super::words::{ADVANCES, STUCK, WAITS, filled};

const HEAD: &str = "sequenceDiagram\n";
const PARTICIPANT: &str = "    participant p{} as {}\n";
const NOTE: &str = "    Note over {}: {}\n";
const ARROW: &str = "    p{}{}p{}: {}\n";
const THERE: &str = "->>";
const BACK: &str = "-->>";
const BREAK: &str = "<br/>";

/// Characters with a special meaning in Mermaid: line ends and `;` end a statement, `#` begins an
/// entity, and `<` a tag.
const ESCAPES: [(char, &str); 6] =
    [('#', "#35;"), (';', "#59;"), ('<', "#lt;"), ('>', "#gt;"), ('%', "#37;"), ('\n', BREAK)];

pub(super) fn words() -> Value {
    json!({
        "head": HEAD,
        "participant": PARTICIPANT,
        "note": NOTE,
        "arrow": ARROW,
        "there": THERE,
        "back": BACK,
        "break": BREAK,
        "escapes": ESCAPES,
    })
}

impl Layout {
    /// Draws it as Mermaid text, without a fence around it.
    pub fn to_mermaid(&self) -> String {
        let mut out = String::from(HEAD);
        for (lane, name) in self.lanes.iter().enumerate() {
            out.push_str(&filled(PARTICIPANT, &[&lane, &escaped(name)]));
        }
        for row in &self.rows {
            self.say_row(&mut out, row);
        }
        if !self.lanes.is_empty() {
            for stuck in &self.stuck {
                note(&mut out, &self.all(), &escaped(&filled(STUCK, &[stuck])));
            }
            if let Some(sentence) = &self.decides {
                note(&mut out, &self.all(), &escaped(sentence));
            }
        }
        out
    }

    fn all(&self) -> String {
        match self.lanes.len() {
            1 => "p0".to_owned(),
            lanes => format!("p0,p{}", lanes - 1),
        }
    }

    fn say_row(&self, out: &mut String, row: &Row) {
        let mark = row.mark.map_or(String::new(), |mark| format!(" {}", mark.sign()));
        let over = row.lane.map_or_else(|| self.all(), |lane| format!("p{lane}"));
        let lines: Vec<String> = match row.lane {
            Some(lane) => row.cells[lane].lines.iter().map(|l| escaped(&l.signed())).collect(),
            None => vec![format!("{ADVANCES} {}", escaped(&row.time))],
        };
        let text = format!("{}. {}{mark}", row.number, lines.join(BREAK));
        match (row.lane, row.towards) {
            (Some(lane), Some(towards)) if towards != lane => {
                let is_return = |line: &Line| matches!(line, Line::Returns(_));
                let is_back = row.cells[lane].lines.iter().any(is_return);
                let arrow = if is_back { BACK } else { THERE };
                out.push_str(&filled(ARROW, &[&lane, &arrow, &towards, &text]));
            }
            _ => note(out, &over, &text),
        }
        for broken in &row.broken {
            note(out, &over, &escaped(broken));
        }
        for (lane, cell) in row.cells.iter().enumerate() {
            if let State::Waits { reason, is_new: true } = &cell.state {
                note(out, &format!("p{lane}"), &format!("{WAITS} {}", escaped(reason)));
            }
        }
    }
}

fn note(out: &mut String, over: &str, text: &str) {
    out.push_str(&filled(NOTE, &[&over, &text]));
}

fn escaped(text: &str) -> String {
    text::escaped(text, &ESCAPES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_name_ends_a_statement() {
        assert_eq!(escaped("a;b#c\n<d>"), "a#59;b#35;c<br/>#lt;d#gt;");
    }
}
