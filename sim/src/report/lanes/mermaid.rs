//! Lanes as a sequence diagram in Mermaid's language.
//!
//! A step that concerns another actor is an arrow to it, any other one a note. Waiting is a note of
//! its own. What changed is left to the other pictures.

use std::fmt::Write;

use super::layout::{Layout, Line, Row, State};

impl Layout {
    /// Draws it for Mermaid, without a fence round it.
    pub fn to_mermaid(&self) -> String {
        let mut out = String::from("sequenceDiagram\n");
        for (lane, name) in self.lanes.iter().enumerate() {
            let _ = writeln!(out, "    participant p{lane} as {}", escaped(name));
        }
        for row in &self.rows {
            self.say_row(&mut out, row);
        }
        if !self.lanes.is_empty() {
            for stuck in &self.stuck {
                let _ = writeln!(out, "    Note over {}: for ever: {}", self.all(), escaped(stuck));
            }
            if let Some(swap) = &self.swap {
                let sentence = escaped(&swap.sentence);
                let _ = writeln!(out, "    Note over {}: {sentence}", self.all());
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
        let number = row.number;
        let Some(lane) = row.lane else {
            let (all, time) = (self.all(), escaped(&row.time));
            let _ = writeln!(out, "    Note over {all}: {number}. ▶ {time}{mark}");
            return self.say_waits(out, row);
        };
        let lines: Vec<String> =
            row.cells[lane].lines.iter().map(|line| escaped(&line.signed())).collect();
        let text = format!("{number}. {}{mark}", lines.join("<br/>"));
        let is_back = row.cells[lane].lines.iter().any(|line| matches!(line, Line::Returns(_)));
        let _ = match row.towards {
            Some(towards) if towards != lane => {
                let arrow = if is_back { "-->>" } else { "->>" };
                writeln!(out, "    p{lane}{arrow}p{towards}: {text}")
            }
            _ => writeln!(out, "    Note over p{lane}: {text}"),
        };
        self.say_waits(out, row);
    }

    fn say_waits(&self, out: &mut String, row: &Row) {
        for (lane, cell) in row.cells.iter().enumerate() {
            if let State::Waits { reason, is_new: true } = &cell.state {
                let _ = writeln!(out, "    Note over p{lane}: ┊ {}", escaped(reason));
            }
        }
    }
}

/// Text that Mermaid takes for nothing else. Line ends and `;` end a statement, `#` begins an
/// entity, and `<` a tag.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '#' => out.push_str("#35;"),
            ';' => out.push_str("#59;"),
            '<' => out.push_str("#lt;"),
            '>' => out.push_str("#gt;"),
            '%' => out.push_str("#37;"),
            '\n' => out.push_str("<br/>"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_name_ends_a_statement() {
        assert_eq!(escaped("a;b#c\n<d>"), "a#59;b#35;c<br/>#lt;d#gt;");
    }
}
