//! Finds a bracket without a counterpart, in text that the TOML parser refuses.
//!
//! It splits the text into tokens as the TOML parser does, and skips strings and comments.

/// A bracket without its counterpart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unmatched {
    /// Its position, in bytes.
    pub(super) at: usize,
    /// The bracket.
    pub(super) bracket: char,
    /// The missing counterpart.
    pub(super) counterpart: char,
}

/// The first bracket that is closed wrongly, never closed, or never opened.
pub(super) fn unmatched(text: &str) -> Option<Unmatched> {
    let mut open: Vec<(usize, u8)> = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        match byte {
            b'[' | b'{' => open.push((at, byte)),
            b']' | b'}' => match open.pop() {
                Some((_, opening)) if counterpart(opening) == byte => {}
                Some((opened, opening)) => return Some(Unmatched::at(opened, opening)),
                None => return Some(Unmatched::at(at, byte)),
            },
            _ => {}
        }
        at += token_length(&bytes[at..]);
    }
    open.first().map(|(at, opening)| Unmatched::at(*at, *opening))
}

impl Unmatched {
    fn at(at: usize, bracket: u8) -> Unmatched {
        let counterpart = char::from(counterpart(bracket));
        Unmatched { at, bracket: char::from(bracket), counterpart }
    }
}

fn counterpart(bracket: u8) -> u8 {
    match bracket {
        b'[' => b']',
        b'{' => b'}',
        b']' => b'[',
        _ => b'{',
    }
}

/// The length of the token at the start of `rest`, which is not empty; at least 1.
fn token_length(rest: &[u8]) -> usize {
    let ends_atom = |byte: &u8| b".=,[]{} \t#\r\n".contains(byte);
    match rest[0] {
        b'#' => rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len()),
        b'"' | b'\'' => string_length(rest),
        first if ends_atom(&first) => 1,
        _ => rest.iter().position(ends_atom).unwrap_or(rest.len()),
    }
}

/// The length of the string at the start of `rest`. A single-line string ends at the end of the
/// line.
fn string_length(rest: &[u8]) -> usize {
    let quote = rest[0];
    let is_long = rest.starts_with(&[quote; 3]);
    let closing = if is_long { 3 } else { 1 };
    let mut at = closing;
    while at < rest.len() {
        match rest[at] {
            b'\\' if quote == b'"' => at += 2,
            b'\n' if !is_long => return at,
            _ if rest[at..].starts_with(&[quote; 3][..closing]) => return at + closing,
            _ => at += 1,
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<(usize, char)> {
        unmatched(text).map(|unmatched| (unmatched.at, unmatched.bracket))
    }

    #[test]
    fn balanced_brackets_are_passed_over() {
        assert_eq!(found("[[a]]\nb = [{ c = \"]\" }, '}', \"\"\" ] \\\" \"\"\"] # }\n"), None);
        assert_eq!(found(""), None);
    }

    #[test]
    fn the_bracket_without_counterpart_is_found() {
        assert_eq!(found("a = [{ b = 1, 2]\n[c]\n"), Some((5, '{')));
        assert_eq!(found("a = [1,\n[[b]]\n"), Some((4, '[')));
        assert_eq!(found("a = 1]\n"), Some((5, ']')));
        assert_eq!(found("[[a]\n"), Some((0, '[')));
    }
}
