//! Text: what may be printed, how wide it is, how it is broken into lines.

use unicode_width::UnicodeWidthChar;

/// Text from a scenario file, safe to print: control characters are escaped.
pub fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// How many columns the text takes: the sum of those of its characters.
pub fn width(text: &str) -> usize {
    text.chars().filter_map(UnicodeWidthChar::width).sum()
}

/// Breaks text at spaces into lines of at most that many columns, and too long words inside.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && self::width(&line) + 1 + self::width(word) > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        for c in word.chars() {
            if self::width(&line) >= width.max(1) {
                lines.push(std::mem::take(&mut line));
            }
            line.push(c);
        }
    }
    lines.push(line);
    lines
}

/// The same, with every line but the first one moved to the right.
pub fn wrap_hanging(text: &str, width: usize, indent: usize) -> String {
    let lines = wrap(text, width.saturating_sub(indent).max(20));
    lines.join(&format!("\n{}", " ".repeat(indent)))
}

/// A number of things, with their name in the singular or in the plural.
pub fn count(n: u64, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// The nearest of the names, as a question; empty when none is near.
pub fn hint(name: &str, names: Vec<String>) -> String {
    let nearest = crate::scenario::nearest(name, names.iter().map(String::as_str));
    nearest.map_or(String::new(), |nearest| format!("; did you mean `{}`?", printable(nearest)))
}
