//! Cuts out the lines of the source that a diagnostic shows: few, short, and printable.

use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Snippet};

use super::lines::Lines;
use super::{Diagnostic, Position, WIDTH};
use crate::text::is_visible;

/// How many characters of a line are kept before and after the start of a mark. The renderer cuts
/// further, to the width; this limit bounds its work.
const BEFORE_MAX: usize = 300;
const AFTER_MAX: usize = 150;

/// Marks that are at most this many lines apart share one excerpt, which includes the lines
/// between.
const GAP_MAX: usize = 4;

/// Two marks share one excerpt only if no line in it is wider than this.
const SHARED_WIDTH: usize = WIDTH - 6;

/// The longest mark, in characters; a longer one is cut at its end.
const MARK_MAX: usize = 60;

/// The parts of the source that a diagnostic shows.
pub(super) struct Cut<'a> {
    /// The excerpts.
    pub(super) snippets: Vec<Snippet<'a, Annotation<'a>>>,
    /// The place as the renderer writes it, and the true place; they differ if a long line was cut
    /// at its start.
    pub(super) header: Option<(String, String)>,
    /// Whether the diagnostic's label does not fit into the excerpt.
    pub(super) label_left_out: bool,
}

/// One marked piece of text within one line.
struct Mark<'d> {
    line: usize,
    span: Range<usize>,
    label: &'d str,
    kind: AnnotationKind,
}

/// Text made printable, with its marks moved accordingly.
#[derive(Default)]
struct Printable {
    text: String,
    spans: Vec<Range<usize>>,
}

/// Cuts out the text that `diagnostic` is about.
pub(super) fn cut<'a>(diagnostic: &'a Diagnostic, lines: &Lines<'_>, path: &str) -> Cut<'a> {
    let Some(span) = &diagnostic.span else {
        let label_left_out = !diagnostic.label.is_empty();
        return Cut { snippets: Vec::new(), header: None, label_left_out };
    };
    let mut primary = mark(span, &diagnostic.label, AnnotationKind::Primary, lines);
    let label_left_out = !has_room(&primary, lines);
    if label_left_out {
        primary.label = "";
    }
    let related = diagnostic.related.as_ref();
    let label_left_out = label_left_out && related.is_none();
    let related = related.map(|(span, label)| mark(span, label, AnnotationKind::Context, lines));
    let header = moved_header(&primary, lines, path);
    let snippets = match related {
        Some(other) if share_excerpt(&primary, &other, lines) => {
            vec![snippet(&[primary, other], lines, path)]
        }
        Some(other) => vec![snippet(&[primary], lines, path), snippet(&[other], lines, path)],
        None => vec![snippet(&[primary], lines, path)],
    };
    Cut { snippets, header, label_left_out }
}

/// The part of the span within its first line.
fn mark<'d>(
    span: &Range<usize>,
    label: &'d str,
    kind: AnnotationKind,
    lines: &Lines<'_>,
) -> Mark<'d> {
    let line = lines.line_of(span.start);
    let range = lines.range(line);
    let start = lines.floor(span.start.min(range.end));
    let end = lines.floor(span.end.clamp(start, range.end.max(start)));
    let widest = lines.text(start..end).char_indices().nth(MARK_MAX);
    let end = widest.map_or(end, |(at, _)| start + at);
    Mark { line, span: start..end, label, kind }
}

/// Whether the label fits within the width, to the right of the mark.
fn has_room(mark: &Mark<'_>, lines: &Lines<'_>) -> bool {
    let range = lines.range(mark.line);
    let label = mark.label.chars().count();
    let is_wide = lines.text(range.clone()).chars().nth(SHARED_WIDTH).is_some();
    if is_wide {
        return lines.text(mark.span.clone()).chars().count() + label < MARK_MAX;
    }
    lines.text(range.start..mark.span.end).chars().count() + 1 + label <= SHARED_WIDTH
}

fn share_excerpt(one: &Mark<'_>, other: &Mark<'_>, lines: &Lines<'_>) -> bool {
    let first = one.line.min(other.line);
    let last = one.line.max(other.line);
    last - first <= GAP_MAX
        && (first..=last).all(|line| {
            let text = lines.text(lines.range(line));
            text.chars().nth(SHARED_WIDTH).is_none()
        })
}

fn snippet<'a>(marks: &[Mark<'a>], lines: &Lines<'_>, path: &str) -> Snippet<'a, Annotation<'a>> {
    let first = marks.iter().map(|mark| mark.line).min().unwrap_or(0);
    let last = marks.iter().map(|mark| mark.line).max().unwrap_or(0);
    let mut printable = Printable { spans: vec![0..0; marks.len()], ..Printable::default() };
    for line in first..=last {
        if line > first {
            printable.text.push('\n');
        }
        printable.add_line(line, marks, lines);
    }
    let annotations = marks.iter().zip(printable.spans).map(|(mark, span)| {
        let label = Some(mark.label).filter(|label| !label.is_empty());
        mark.kind.span(span).label(label)
    });
    let annotations: Vec<Annotation<'a>> = annotations.collect();
    Snippet::source(printable.text)
        .path(path.to_owned())
        .line_start(first + 1)
        .annotations(annotations)
}

/// The range of a marked line that is shown.
fn window(mark: &Mark<'_>, lines: &Lines<'_>) -> Range<usize> {
    let range = lines.range(mark.line);
    let before = lines.text(range.start..mark.span.start);
    let start = before.char_indices().rev().nth(BEFORE_MAX - 1).map_or(0, |(at, _)| at);
    let after = lines.text(mark.span.start..range.end);
    let end = after.char_indices().nth(AFTER_MAX).map_or(after.len(), |(at, _)| at);
    range.start + start..mark.span.start + end
}

/// Corrects the column: the renderer counts it from the start of the text that it is given.
fn moved_header(mark: &Mark<'_>, lines: &Lines<'_>, path: &str) -> Option<(String, String)> {
    let window = window(mark, lines);
    let line_start = lines.range(mark.line).start;
    if window.start == line_start {
        return None;
    }
    let Position { line, column } = lines.position(mark.span.start);
    let rendered = column - lines.text(line_start..window.start).chars().count();
    Some((format!("{path}:{line}:{rendered}"), format!("{path}:{line}:{column}")))
}

impl Printable {
    fn add_line(&mut self, line: usize, marks: &[Mark<'_>], lines: &Lines<'_>) {
        let here = marks.iter().enumerate().filter(|(_, mark)| mark.line == line);
        let range = match marks {
            [only] => window(only, lines),
            _ => lines.range(line),
        };
        let mut at = range.start;
        for c in lines.text(range).chars() {
            self.move_marks(here.clone(), at);
            self.text.push(if is_visible(c) || c == '\t' { c } else { picture(c) });
            at += c.len_utf8();
        }
        self.move_marks(here, at);
    }

    /// Moves the marks that start at byte `at` of the source, or continue there, to the current end
    /// of the printable text.
    fn move_marks<'m, 'd: 'm>(
        &mut self,
        marks: impl Iterator<Item = (usize, &'m Mark<'d>)>,
        at: usize,
    ) {
        for (index, mark) in marks {
            let now = self.text.len();
            if mark.span.start == at {
                self.spans[index] = now..now;
            }
            if (mark.span.start..=mark.span.end).contains(&at) {
                self.spans[index].end = now;
            }
        }
    }
}

/// A visible replacement for an unprintable character.
fn picture(c: char) -> char {
    match u32::from(c) {
        code @ 0..=0x1f => char::from_u32(0x2400 + code).unwrap_or('\u{fffd}'),
        0x7f => '\u{2421}',
        _ => '\u{fffd}',
    }
}
