//! Text on its way to a reader: what is shown as it is, how wide it is, where its lines break.
//!
//! Names, paths and summaries come from files. [`is_visible`] alone decides which characters may
//! stand in a name; [`printable`] shows any other text, with everything else written as an escape.
//! So no file sends a control sequence to a terminal, turns the text around it, or breaks XML.

use std::cmp::Reverse;
use std::path::Path;

use unicode_general_category::get_general_category;
use unicode_width::UnicodeWidthChar;

/// The longest quotation in a message, in characters; a longer one is cut.
const QUOTE_MAX: usize = 48;

/// Whether a reader sees that the character is there, and nothing around it changes by it.
///
/// That leaves out Unicode's categories C (controls, what changes direction or joins, private and
/// unassigned ones) and Z but for the plain space (others look like it), and the letters, marks
/// and symbols that show nothing.
pub fn is_visible(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_control();
    }
    let is_blank = matches!(c, '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}')
        || matches!(c, '\u{180b}'..='\u{180f}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}')
        || matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}');
    !is_blank && !get_general_category(c).abbreviation().starts_with(['C', 'Z'])
}

/// Text from a file or from the command line, safe to print: what is not visible is escaped.
pub fn printable(text: &str) -> String {
    shown(text, usize::MAX)
}

/// A path, safe to print like any other text.
pub fn printable_path(path: &Path) -> String {
    printable(&path.display().to_string())
}

/// At most `chars_max` characters of `text`, escaped like [`printable`].
pub fn shown(text: &str, chars_max: usize) -> String {
    let mut out = String::with_capacity(text.len().min(chars_max));
    let mut chars = text.chars();
    for c in chars.by_ref().take(chars_max) {
        match is_visible(c) {
            true => out.push(c),
            false => out.extend(c.escape_default()),
        }
    }
    if chars.next().is_some() {
        out.push('…');
    }
    out
}

/// `text` in backticks, cut when it is long, escaped like [`printable`].
pub fn quoted(text: &str) -> String {
    format!("`{}`", shown(text, QUOTE_MAX))
}

/// The names in backticks, separated by commas; `limit` of them at most.
pub fn list<'a>(names: impl IntoIterator<Item = &'a str>, limit: usize) -> String {
    let mut names = names.into_iter();
    let shown: Vec<String> = names.by_ref().take(limit).map(quoted).collect();
    let more = if names.next().is_some() { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

/// A number of things, with their name in the singular or in the plural.
pub fn count(n: u64, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// The text with some characters written otherwise.
pub fn escaped(text: &str, escapes: &[(char, &str)]) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match escapes.iter().find(|(special, _)| *special == c) {
            Some((_, escape)) => out.push_str(escape),
            None => out.push(c),
        }
    }
    out
}

/// A JSON document that means the same, and can be shown on a terminal.
pub fn printable_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match is_visible(c) || c == '\n' {
            true => out.push(c),
            // Outside of strings all characters are visible.
            false => {
                out.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")))
            }
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
            let columns = self::width(&line) + c.width().unwrap_or(0);
            if columns > width.max(1) && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            line.push(c);
        }
    }
    lines.push(line);
    lines
}

/// Text wrapped like [`wrap`], with every line but the first one moved to the right.
pub fn wrap_hanging(text: &str, width: usize, indent: usize) -> String {
    let lines = wrap(text, width.saturating_sub(indent).max(20));
    lines.join(&format!("\n{}", " ".repeat(indent)))
}

/// The nearest of the names, as a question; empty when none is near.
pub fn hint(name: &str, names: Vec<String>) -> String {
    let nearest = nearest(name, names.iter().map(String::as_str));
    nearest.map_or(String::new(), |nearest| format!("; did you mean `{}`?", printable(nearest)))
}

/// The longest word, in characters, and the most names that the nearest name is sought for.
const NEAREST_WORD_MAX: usize = 64;
const NEAREST_NAMES_MAX: usize = 512;

/// The known name that `word` was probably meant to be: the nearest one, if it is near enough.
///
/// Case does not count. The work is bounded: long words have no nearest name, and only the first
/// few hundred names are looked at.
pub fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().take(NEAREST_WORD_MAX + 1).count();
    if length == 0 || length > NEAREST_WORD_MAX {
        return None;
    }
    let word = word.to_lowercase();
    let distance_max = (length / 3).clamp(1, 5);
    names
        .into_iter()
        .take(NEAREST_NAMES_MAX)
        .filter(|name| name.len() <= 4 * NEAREST_WORD_MAX && !name.is_empty())
        .map(|name| (strsim::osa_distance(&word, &name.to_lowercase()), name))
        .filter(|(distance, name)| {
            *distance <= distance_max && *distance < name.chars().count().max(length)
        })
        .min_by_key(|(distance, name)| (*distance, Reverse(begins_alike(&word, name))))
        .map(|(_, name)| name)
}

/// How many characters the two have in common at the beginning, in any case. A name in which
/// something was left out begins as it should; of two that are as far, that one is meant.
fn begins_alike(word: &str, name: &str) -> usize {
    word.chars().zip(name.to_lowercase().chars()).take_while(|(one, other)| one == other).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quotation_is_short_and_obeys_nothing() {
        assert_eq!(quoted("a\u{1b}[31m"), "`a\\u{1b}[31m`");
        assert_eq!(quoted("\u{202e}x"), "`\\u{202e}x`");
        assert!(quoted(&"x".repeat(1000)).chars().count() < 60);
    }

    #[test]
    fn a_line_is_never_too_wide_and_never_begins_with_a_mark() {
        assert_eq!(wrap("aa bb cc", 5), ["aa bb", "cc"]);
        assert_eq!(wrap("aaaaaa b", 5), ["aaaaa", "a b"]);
        assert_eq!(wrap("日本語日本語", 5), ["日本", "語日", "本語"]);
        assert_eq!(wrap("abcde\u{301}fg", 5), ["abcde\u{301}", "fg"]);
        assert_eq!(wrap("日本", 1), ["日", "本"]);
    }

    #[test]
    fn json_stays_what_it_was_whatever_has_to_be_escaped() {
        let text = "a\u{9b}\u{202e}\u{fffe}\u{f0000}\n\"é 日";
        let json = serde_json::to_string_pretty(&[text]).expect("text");
        let shown = printable_json(&json);
        assert!(shown.chars().all(|c| is_visible(c) || c == '\n'), "{shown}");
        let again: Vec<String> = serde_json::from_str(&shown).expect("JSON");
        assert_eq!(again, [text]);
    }

    #[test]
    fn the_nearest_name_ignores_case_and_is_never_far() {
        let names = ["enable", "disable", "await"];
        assert_eq!(nearest("Enabel", names), Some("enable"));
        assert_eq!(nearest("DISABLE", names), Some("disable"));
        assert_eq!(nearest("wait", names), Some("await"));
        assert_eq!(nearest("cancel", names), None);
        assert_eq!(nearest("cancler", ["caller", "canceller"]), Some("canceller"));
        assert_eq!(nearest("", names), None);
        assert_eq!(nearest("x", ["y"]), None);
        assert_eq!(nearest(&"a".repeat(1 << 20), names), None);
    }
}
