//! The lines of a source text, and the line and column of a byte.

use std::ops::Range;

use super::Position;

/// A source text with the start of each line, to look up places quickly.
pub(crate) struct Lines<'s> {
    source: &'s str,
    starts: Vec<usize>,
}

impl<'s> Lines<'s> {
    pub(crate) fn of(source: &'s str) -> Lines<'s> {
        let breaks = source.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect();
        Lines { source, starts }
    }

    /// The line that contains a byte; the first line is 0.
    pub(crate) fn line_of(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset) - 1
    }

    /// The bytes of a line (the first line is 0), without its line end.
    pub(super) fn range(&self, line: usize) -> Range<usize> {
        let start = self.starts[line];
        let next = self.starts.get(line + 1);
        let text = &self.source[start..next.map_or(self.source.len(), |next| next - 1)];
        let text = text.strip_suffix('\r').unwrap_or(text);
        start..start + text.len()
    }

    /// The text of a line (the first line is 0), without its line end.
    pub(crate) fn line(&self, line: usize) -> &'s str {
        self.text(self.range(line))
    }

    /// The text of a range of bytes.
    pub(super) fn text(&self, range: Range<usize>) -> &'s str {
        &self.source[range]
    }

    /// The line and column of a byte, as shown to people.
    pub(super) fn position(&self, offset: usize) -> Position {
        let line = self.line_of(offset);
        let start = self.starts[line];
        let end = self.floor(offset.min(self.source.len()));
        let column = self.source[start..end].chars().count() + 1;
        Position { line: line + 1, column }
    }

    /// The nearest character boundary at or before a byte.
    pub(super) fn floor(&self, offset: usize) -> usize {
        (0..=offset.min(self.source.len()))
            .rev()
            .find(|at| self.source.is_char_boundary(*at))
            .unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_both_count_from_one() {
        let lines = Lines::of("é = 1\r\nab\n");
        assert_eq!(lines.position(0), Position { line: 1, column: 1 });
        assert_eq!(lines.position(3), Position { line: 1, column: 3 });
        assert_eq!(lines.position(9), Position { line: 2, column: 2 });
        assert_eq!(lines.position(100), Position { line: 3, column: 1 });
        assert_eq!(lines.range(0), 0..6);
        assert_eq!(lines.range(2), 11..11);
    }
}
