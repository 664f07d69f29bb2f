//! Parses the bytes of a file into a [`Scenario`], or reports everything that is wrong with them.
//!
//! The TOML parser recovers from errors and produces a tree in which every value has its place. A
//! walk over that tree reports each value that it cannot use, and continues. It records what it had
//! to leave out ([`Gaps`]), so that problems which are only consequences of that are not reported.

mod brackets;
mod expect;
mod explain;
mod file_lines;
mod flow;
mod objects;
mod places;
mod step;
mod syntax;
mod value;

use std::ops::Range;

pub use file_lines::FileLines;
use places::{OwnerPlaces, Places};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{Diagnostic, ScenarioErrors, Sink};
use super::language::{ACTOR, BYTES_MAX, CLOCK, FILE, SCHEMA, TIMES};
use super::validate::{Fault, RestsOn, validate};
use super::{Actor, Expect, Scenario, TimePolicy};

/// The place of some text, in bytes of the source.
type Span = Range<usize>;

impl Scenario {
    /// Reads a scenario file. `file_name` is only used in messages.
    ///
    /// # Errors
    ///
    /// All faults of the file that can be told apart. A file with any fault is refused.
    pub fn parse(file_name: &str, bytes: &[u8]) -> Result<Scenario, ScenarioErrors> {
        let mut sink = Sink::default();
        if bytes.len() > BYTES_MAX {
            sink.push(too_large(bytes.len()));
            return Err(ScenarioErrors::new(file_name, String::new(), sink));
        }
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let (text, diagnostic) = not_utf8(bytes, error.valid_up_to());
                sink.push(diagnostic);
                return Err(ScenarioErrors::new(file_name, text, sink));
            }
        };
        parse_text(text, &mut sink)
            .ok_or_else(|| ScenarioErrors::new(file_name, text.to_owned(), sink))
    }
}

fn parse_text(text: &str, sink: &mut Sink) -> Option<Scenario> {
    let (tree, errors) = DeTable::parse_recoverable(text);
    let tree = tree.get_ref();
    if let Some(diagnostic) = newer_schema(tree) {
        sink.push(diagnostic);
        return None;
    }
    let mut walk = Walk { sink, gaps: Gaps::default(), is_broken: !errors.is_empty() };
    let parsed = walk.file(tree);
    let gaps = walk.gaps;
    if !errors.is_empty() {
        syntax::report(text, tree, &errors, sink);
        return None;
    }
    let (scenario, places) = parsed?;
    for problem in validate(&scenario) {
        if gaps.explain(&problem.fault, text) {
            continue;
        }
        match sink.is_full() {
            true => sink.count_more(1),
            false => sink.push(explain::diagnostic(&problem, &scenario, &places)),
        }
    }
    sink.is_empty().then_some(scenario)
}

/// Which parts of the scenario are incomplete because something in them was wrong.
#[derive(Clone, Copy, Debug, Default)]
struct Gaps {
    actors: bool,
    steps: bool,
    /// Events, locks or cancel objects.
    objects: bool,
}

impl Gaps {
    /// Whether the problem may be only a consequence of an incomplete part. A misspelt name that
    /// stands nowhere else in the text is not in that part either.
    fn explain(self, fault: &Fault, text: &str) -> bool {
        if fault.misspelt().is_some_and(|name| text.matches(name).count() < 2) {
            return false;
        }
        match fault.rests_on() {
            RestsOn::Nothing => false,
            RestsOn::Actors => self.actors,
            RestsOn::Steps => self.actors || self.steps || self.objects,
            RestsOn::Objects => self.objects,
        }
    }
}

/// The walk over the tree.
struct Walk<'w> {
    sink: &'w mut Sink,
    gaps: Gaps,
    /// The text is not TOML, so parts of the tree may be missing.
    is_broken: bool,
}

impl Walk<'_> {
    fn file(&mut self, tree: &DeTable<'_>) -> Option<(Scenario, Places)> {
        self.check_keys(tree, FILE, "a scenario file", None);
        if let Some(version) = tree.get("schema") {
            self.check_version(version);
        }
        let name = tree.get("name").and_then(|value| self.string(value, "name"));
        let summary = tree.get("summary").and_then(|value| self.string(value, "summary"));
        let time = tree.get("time").and_then(|value| self.word(value, "time", TIMES));
        let mut places = Places::default();
        let events = self.events(tree, &mut places);
        let locks = self.locks(tree, &mut places);
        let cancel_objects = self.cancel_objects(tree, &mut places);
        let actors = self.actors(tree, &mut places);
        let expect = match tree.get("expect") {
            Some(value) => self.expect(value, &mut places),
            None => Expect::default(),
        };
        places.name = name.as_ref().map(|(_, span)| span.clone());
        let scenario = Scenario {
            name: name?.0,
            summary: summary.map_or_else(String::new, |(text, _)| text),
            time: match time {
                Some("urgent") => TimePolicy::Urgent,
                _ => TimePolicy::Free,
            },
            events,
            locks,
            cancel_objects,
            actors,
            expect,
        };
        Some((scenario, places))
    }

    fn check_version(&mut self, value: &Spanned<DeValue<'_>>) {
        let version = self.whole_number(value, 0..=i128::MAX, "the number 1");
        if version.is_some_and(|version| version != i128::from(SCHEMA)) {
            let label = format!("expected {SCHEMA}");
            self.report(Diagnostic::new(value.span(), "there is no such `schema`", label));
        }
    }

    fn actors(&mut self, tree: &DeTable<'_>, places: &mut Places) -> Vec<Actor> {
        let Some(value) = tree.get("actor") else {
            self.gaps.actors = true;
            return Vec::new();
        };
        let Some(items) = value.get_ref().as_array() else {
            self.gaps.actors = true;
            self.wrong_brackets(value, "actor");
            return Vec::new();
        };
        places.actor_list = Some(value.span());
        let mut actors = Vec::new();
        for item in items {
            match self.actor(item) {
                Some((actor, place)) => {
                    actors.push(actor);
                    places.actors.push(place);
                }
                None => self.gaps.actors = true,
            }
        }
        actors
    }

    fn actor(&mut self, value: &Spanned<DeValue<'_>>) -> Option<(Actor, OwnerPlaces)> {
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_type(value, "a table with `name` and `steps`");
            return None;
        };
        self.check_keys(table, ACTOR, "an actor", Some(value.span()));
        let name = table.get("name").and_then(|value| self.string(value, "name"));
        let depth = table.get("depth").map_or(Some(0), |value| self.number(value));
        let is_daemon = table.get("daemon").and_then(|value| self.truth(value)).unwrap_or(false);
        let mut step_places = Vec::new();
        let steps = match table.get("steps") {
            Some(value) => self.steps(value, &mut step_places),
            None => {
                self.gaps.steps = true;
                Vec::new()
            }
        };
        let (name, span) = name?;
        let places = OwnerPlaces { name: span, steps: step_places, returns: None };
        Some((Actor { name, depth: depth.unwrap_or(0), is_daemon, steps }, places))
    }
}

fn too_large(bytes: usize) -> Diagnostic {
    let title = format!("the file is too large: {bytes} bytes");
    Diagnostic::of_file(title, format!("a scenario file has at most {BYTES_MAX} bytes (1 MiB)"))
}

/// The text with replacement characters for bytes that are not UTF-8. Places before the first bad
/// byte stay the same.
fn not_utf8(bytes: &[u8], valid_up_to: usize) -> (String, Diagnostic) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let span = valid_up_to..valid_up_to + '\u{fffd}'.len_utf8();
    let label = format!("byte 0x{:02X} here", bytes[valid_up_to]);
    let diagnostic = Diagnostic::new(span, "the file is not UTF-8", label);
    let is_utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    let help = if is_utf16 { "it looks like UTF-16; save it as UTF-8" } else { "save it as UTF-8" };
    (text, diagnostic.help(help))
}

/// A file for a later version of the language: this build cannot judge anything else in it.
fn newer_schema(tree: &DeTable<'_>) -> Option<Diagnostic> {
    let value = tree.get("schema")?;
    let number = value.get_ref().as_integer()?;
    let digits = number.as_str();
    let is_newer = match i128::from_str_radix(digits, number.radix()) {
        Ok(version) => version > i128::from(SCHEMA),
        Err(_) => !digits.is_empty() && !digits.starts_with('-'),
    };
    let title = "the file needs a newer calloff";
    let label = format!("this one reads schema {SCHEMA}");
    is_newer.then(|| Diagnostic::new(value.span(), title, label))
}

/// Explains why the name `clock` is reserved.
fn clock_note() -> String {
    format!("schedules name the virtual clock `{CLOCK}`")
}
