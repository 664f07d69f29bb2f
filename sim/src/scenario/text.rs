//! Text for messages: quoting parts of a file, wrapping lines, and suggesting the nearest known
//! name.

use std::cmp::Reverse;
use std::fmt::Write;

/// The longest quotation in a message, in characters; a longer one is cut.
const QUOTE_MAX: usize = 48;

/// Bounds on the search for the nearest name: the longest word, in characters, and the number of
/// names.
const NEAREST_WORD_MAX: usize = 64;
const NEAREST_NAMES_MAX: usize = 512;

/// `text` in backticks; shortened if it is long, and with all terminal control characters escaped.
pub(crate) fn quoted(text: &str) -> String {
    format!("`{}`", shown(text, QUOTE_MAX))
}

/// At most `chars_max` characters of `text`, escaped like [`quoted`].
pub(crate) fn shown(text: &str, chars_max: usize) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    for c in chars.by_ref().take(chars_max) {
        if is_unprintable(c) {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    if chars.next().is_some() {
        out.push('…');
    }
    out
}

/// Whether a terminal would act on the character or hide it instead of showing it: control
/// characters, and characters that change the direction or the joining of the text around them.
pub(crate) fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
        || matches!(c, '\u{e0000}'..='\u{e007f}')
}

/// The first `limit` names, in backticks, separated by commas.
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a str>, limit: usize) -> String {
    let mut names = names.into_iter();
    let shown: Vec<String> = names.by_ref().take(limit).map(quoted).collect();
    let more = if names.next().is_some() { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

/// The text broken into lines of at most `width` characters, at spaces.
pub(crate) fn wrapped(text: &str, width: usize) -> String {
    let mut out = String::new();
    let mut column = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > width {
            out.push('\n');
            column = 0;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out
}

/// The known name that `word` was probably meant to be: the nearest one, if it is near enough.
///
/// Case is ignored. The work is bounded: there is no suggestion for a long word, and only the first
/// few hundred names are compared.
pub(crate) fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
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

/// The length of the common prefix, ignoring case. Of two names at the same distance, the one with
/// the longer common prefix is more likely: a word with a missing letter still starts correctly.
fn begins_alike(word: &str, name: &str) -> usize {
    word.chars().zip(name.to_lowercase().chars()).take_while(|(one, other)| one == other).count()
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn a_quotation_is_short_and_obeys_nothing() {
        assert_eq!(quoted("a\u{1b}[31m"), "`a\\u{1b}[31m`");
        assert_eq!(quoted("\u{202e}x"), "`\\u{202e}x`");
        assert!(quoted(&"x".repeat(1000)).chars().count() < 60);
    }

    #[test]
    fn wrapping_breaks_at_spaces_only() {
        assert_eq!(wrapped("aa bb cc", 5), "aa bb\ncc");
        assert_eq!(wrapped("aaaaaaaa b", 5), "aaaaaaaa\nb");
    }
}
