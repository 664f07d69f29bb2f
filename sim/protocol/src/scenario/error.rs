//! Errors in scenario files, shown in the way of a compiler.
//!
//! Rendering is bounded whatever the file contains: at most [`SHOWN_MAX`] diagnostics, each with a
//! short excerpt of the lines it is about, and without terminal control characters from the file.

mod excerpt;
mod lines;

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use annotate_snippets::{Element, Level, Origin, Renderer};
pub(crate) use lines::Lines;

use crate::text::{count, quoted, shown, wrap};

/// How many diagnostics are shown; the rest is counted.
pub const SHOWN_MAX: usize = 20;

/// The number of diagnostics that are kept while a file is read; the others are only counted.
const KEPT_MAX: usize = 1000;

/// The width to which excerpts are cut and messages are wrapped, in columns.
const WIDTH: usize = 80;

/// The widest message after `= help: `, in columns.
const MESSAGE_WIDTH: usize = WIDTH - 12;

/// The error for a scenario file that is refused, with everything that was found wrong.
#[derive(Clone, Debug)]
pub struct ScenarioErrors {
    file_name: String,
    source: String,
    shown: Vec<Diagnostic>,
    total: usize,
}

/// One thing that is wrong in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Diagnostic {
    /// The offending text, in bytes of the source; `None` if there is no such text.
    pub(crate) span: Option<Range<usize>>,
    /// What is wrong.
    pub(crate) title: String,
    /// What was expected there; shown under the offending text.
    pub(crate) label: String,
    /// A second place that belongs to the problem, and a label for it.
    pub(crate) related: Option<(Range<usize>, String)>,
    /// How to fix it.
    pub(crate) help: Option<String>,
    /// The possible values, or the rule. It is shown once if several diagnostics have the same
    /// note.
    pub(crate) note: Option<String>,
}

/// Collects diagnostics, and keeps a bounded number of them.
#[derive(Debug, Default)]
pub(crate) struct Sink {
    kept: Vec<Diagnostic>,
    total: usize,
}

/// One thing that is wrong with a file, in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The file, as it was named.
    pub file: String,
    /// Where in the file; none when it is about the file as a whole.
    pub position: Option<Position>,
    /// What is wrong, and what to do.
    pub message: String,
}

/// A place in a file, for people: both count from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

impl ScenarioErrors {
    /// The diagnostics of a file, in the order of their places.
    pub(crate) fn new(file_name: &str, source: String, sink: Sink) -> ScenarioErrors {
        let mut shown = sink.kept;
        shown.sort_by_key(|diagnostic| diagnostic.span.as_ref().map_or(0, |span| span.start));
        shown.truncate(SHOWN_MAX);
        ScenarioErrors { file_name: file_name.to_owned(), source, shown, total: sink.total }
    }

    /// The number of diagnostics, shown or not. Never 0.
    pub fn total(&self) -> usize {
        self.total
    }

    /// Each thing that is wrong, as far as they are shown; last, how many more there are.
    pub fn mistakes(&self) -> Vec<Mistake> {
        let lines = Lines::of(&self.source);
        let mistake =
            |position, message| Mistake { file: self.file_name.clone(), position, message };
        let shown = self.shown.iter().map(|diagnostic| {
            let start = diagnostic.span.as_ref().map(|span| span.start);
            mistake(start.map(|start| lines.position(start)), diagnostic.in_a_line())
        });
        shown.chain(self.more().map(|more| mistake(None, more))).collect()
    }

    /// How many things are wrong that are not shown, if there are any.
    fn more(&self) -> Option<String> {
        let more = self.total - self.shown.len();
        (more > 0).then(|| format!("and {}", count(more as u64, "more error")))
    }

    /// The diagnostics as text, without colour.
    pub fn to_plain(&self) -> String {
        self.render(&Renderer::plain())
    }

    /// The diagnostics as text for a terminal, with ANSI colours.
    pub fn to_colored(&self) -> String {
        self.render(&Renderer::styled())
    }

    fn render(&self, renderer: &Renderer) -> String {
        let renderer = renderer.clone().term_width(WIDTH);
        let lines = Lines::of(&self.source);
        let mut out = String::new();
        let mut noted = BTreeSet::new();
        for diagnostic in &self.shown {
            if !out.is_empty() {
                out.push_str("\n\n");
            }
            let note = diagnostic.note.as_deref().filter(|note| noted.insert(*note));
            out.push_str(&self.render_one(diagnostic, note, &lines, &renderer));
        }
        if let Some(more) = self.more() {
            let title = Level::ERROR.primary_title(more);
            out.push_str("\n\n");
            out.push_str(&renderer.render(&[annotate_snippets::Group::with_title(title)]));
        }
        out
    }

    /// The place shown for a diagnostic about the whole file: its start, if there is any source.
    fn origin<'p>(&self, path: &'p str) -> Origin<'p> {
        match self.source.is_empty() {
            true => Origin::path(path),
            false => Origin::path(path).line(1).char_column(1),
        }
    }

    fn render_one(
        &self,
        diagnostic: &Diagnostic,
        note: Option<&str>,
        lines: &Lines<'_>,
        by: &Renderer,
    ) -> String {
        let wrapped = |text: &str, width| wrap(text, width).join("\n");
        let path = shown(&self.file_name, 200);
        let title = Level::ERROR.primary_title(wrapped(&diagnostic.title, WIDTH - 7));
        let cut = excerpt::cut(diagnostic, lines, &path);
        let mut notes: Vec<Element<'_>> = Vec::new();
        if cut.label_left_out {
            notes.push(Level::NOTE.message(wrapped(&diagnostic.label, MESSAGE_WIDTH)).into());
        }
        if let Some(help) = &diagnostic.help {
            notes.push(Level::HELP.message(wrapped(help, MESSAGE_WIDTH)).into());
        }
        if let Some(note) = note {
            notes.push(Level::NOTE.message(wrapped(note, MESSAGE_WIDTH)).into());
        }
        let group = if cut.snippets.is_empty() {
            title.element(self.origin(&path))
        } else {
            title.elements(cut.snippets)
        };
        let text = by.render(&[group.elements(notes)]);
        match cut.header {
            Some((rendered, actual)) => text.replacen(&rendered, &actual, 1),
            None => text,
        }
    }
}

impl fmt::Display for ScenarioErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_plain())
    }
}

impl std::error::Error for ScenarioErrors {}

impl Diagnostic {
    /// A diagnostic about the text at `span`; `label` says what was expected there.
    pub(crate) fn new(
        span: Range<usize>,
        title: impl Into<String>,
        label: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic { span: Some(span), ..Diagnostic::of_file(title, label) }
    }

    /// A diagnostic about the file as a whole.
    pub(crate) fn of_file(title: impl Into<String>, label: impl Into<String>) -> Diagnostic {
        Diagnostic {
            span: None,
            title: title.into(),
            label: label.into(),
            related: None,
            help: None,
            note: None,
        }
    }

    /// What is wrong, what was expected, and what to do.
    fn in_a_line(&self) -> String {
        let label = Some(&self.label).filter(|label| !label.is_empty());
        let parts = [(": ", label), ("; ", self.help.as_ref())];
        let parts = parts.into_iter().filter_map(|(between, part)| Some((between, part?)));
        parts.fold(self.title.clone(), |line, (between, part)| line + between + part)
    }

    pub(crate) fn related(mut self, span: Range<usize>, label: impl Into<String>) -> Diagnostic {
        self.related = Some((span, label.into()));
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    pub(crate) fn note(mut self, note: impl Into<String>) -> Diagnostic {
        self.note = Some(note.into());
        self
    }

    /// Adds "did you mean", if there is a suggestion.
    pub(crate) fn suggest(self, nearest: Option<&str>) -> Diagnostic {
        match nearest {
            Some(name) => self.help(format!("did you mean {}?", quoted(name))),
            None => self,
        }
    }
}

impl Sink {
    /// Counts the diagnostic, and keeps it if there is room.
    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        self.total += 1;
        if self.kept.len() < KEPT_MAX {
            self.kept.push(diagnostic);
        }
    }

    /// Whether further diagnostics are only counted.
    pub(crate) fn is_full(&self) -> bool {
        self.kept.len() >= KEPT_MAX
    }

    /// Counts diagnostics that come after the limit and cannot be shown.
    pub(crate) fn count_more(&mut self, number: usize) {
        self.total += number;
    }

    /// Whether there is no diagnostic.
    pub(crate) fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// Drops the kept diagnostics for which `is_wanted` is false.
    pub(crate) fn retain(&mut self, is_wanted: impl Fn(&Diagnostic) -> bool) {
        let before = self.kept.len();
        self.kept.retain(is_wanted);
        self.total -= before - self.kept.len();
    }
}
