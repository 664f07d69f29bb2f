//! Reports text that is not TOML.
//!
//! The TOML parser continues after an error, and its later errors are often consequences of the
//! first one. So one error per line is kept, and none after a bracket without a counterpart: from
//! there on the parser has misread the structure.

use std::collections::BTreeSet;

use toml::Spanned;
use toml::de::{DeTable, DeValue, Error};

use super::Span;
use super::brackets::{Unmatched, unmatched};
use crate::scenario::error::{Diagnostic, Lines, SHOWN_MAX, Sink};
use crate::text::{quoted, shown};

/// The deepest nesting that the TOML parser accepts.
const DEPTH_MAX: usize = 80;

/// Adds the syntax errors, and drops what the walk reported on the same lines.
pub(super) fn report(text: &str, tree: &DeTable<'_>, errors: &[Error], sink: &mut Sink) {
    let mut errors: Vec<&Error> = errors.iter().collect();
    errors.sort_by_key(|error| error.span().map_or(0, |span| span.start));
    let index = Lines::of(text);
    let bracket = unmatched(text);
    let limit = bracket.map(|bracket| index.line_of(bracket.at));
    let is_consequence = |line: usize| limit.is_some_and(|limit| line >= limit);
    let mut lines = BTreeSet::new();
    let mut syntax = Vec::new();
    let mut is_repeated_table = false;
    for error in errors {
        let line = error.span().map(|span| index.line_of(span.start));
        if line.is_some_and(is_consequence) {
            continue;
        }
        let is_duplicate = error.message() == DUPLICATE;
        let is_table = line.is_some_and(|line| index.line(line).starts_with('['));
        if !lines.insert(line) || (is_duplicate && is_repeated_table && !is_table) {
            continue;
        }
        is_repeated_table = is_duplicate && is_table;
        syntax.push(error);
    }
    sink.retain(|diagnostic| {
        let line = diagnostic.span.as_ref().map(|span| index.line_of(span.start));
        line.is_some_and(|line| !is_consequence(line)) && !lines.contains(&line)
    });
    if let Some(bracket) = bracket {
        sink.push(without_counterpart(bracket));
    }
    let earlier = if syntax.iter().any(|error| error.message() == DUPLICATE) {
        keys_of(tree)
    } else {
        BTreeSet::new()
    };
    for error in syntax.iter().take(SHOWN_MAX) {
        sink.push(explain(text, &earlier, error));
    }
    sink.count_more(syntax.len().saturating_sub(SHOWN_MAX));
}

const DUPLICATE: &str = "duplicate key";

fn explain(text: &str, earlier: &BTreeSet<(&str, usize)>, error: &Error) -> Diagnostic {
    let message = error.message();
    let (what, expected) = match message.split_once(", expected ") {
        Some((what, expected)) => (what, Some(expected)),
        None => (message, None),
    };
    let Some(span) = error.span() else {
        return too_deep(nested_line(text));
    };
    let there = &text[span.clone()];
    match what {
        "cannot recurse further; max recursion depth met" => too_deep(Some(span)),
        DUPLICATE => duplicate(text, there, span, earlier),
        "string values must be quoted" if there.is_empty() => {
            Diagnostic::new(span, "missing value", "expected a value")
        }
        "string values must be quoted" => {
            let label = "expected a string in quotes";
            let diagnostic = Diagnostic::new(span, "text without quotes", label);
            let is_plain = !there.contains(['"', '\\', '\'']);
            let help = format!("write `\"{}\"`", shown(there, 40));
            if is_plain { diagnostic.help(help) } else { diagnostic }
        }
        "invalid basic string" if expected == Some("`\"`") => {
            Diagnostic::new(span, "a string without its end", "expected `\"`")
        }
        _ if there.starts_with(':') => {
            Diagnostic::new(span, "a key without a value", "expected `=`, not `:`")
        }
        "missing escaped value" => {
            let diagnostic = Diagnostic::new(span, "unknown escape in a string", "no such escape");
            diagnostic.help("write `\\\\` for a backslash, or put the string in single quotes")
        }
        "key with no value" => {
            Diagnostic::new(span, "a key without a value", "expected `=` and a value")
        }
        _ => {
            let expected = expected.map(|expected| format!("expected {expected}"));
            let label = expected.unwrap_or_default().replace("literal string", "a string");
            Diagnostic::new(span, format!("invalid TOML: {what}"), label)
        }
    }
}

fn too_deep(span: Option<Span>) -> Diagnostic {
    let title = "nested too deeply";
    match span {
        Some(span) => Diagnostic::new(span, title, "a scenario never needs this"),
        None => Diagnostic::of_file(title, "a scenario never needs this"),
    }
}

/// The line that probably has a dotted key with too many parts: the parser gives no place for it.
fn nested_line(text: &str) -> Option<Span> {
    let mut start = 0;
    for line in text.split('\n') {
        if line.bytes().filter(|byte| *byte == b'.').count() >= DEPTH_MAX {
            return Some(start..start + line.len());
        }
        start += line.len() + 1;
    }
    None
}

fn duplicate(text: &str, key: &str, span: Span, earlier: &BTreeSet<(&str, usize)>) -> Diagnostic {
    let name = key.trim_matches(['"', '\'']);
    let title = format!("key {} is given twice", quoted(name));
    let diagnostic = Diagnostic::new(span.clone(), title, "given again here");
    let before = earlier.range((name, 0)..(name, span.start)).next_back().map(|(_, at)| *at);
    // A repeated `[table]` replaces the first one in the tree.
    let header = format!("\n[{key}]");
    let is_table = before.is_none() && text[..span.start].ends_with('[');
    let first = || text.find(&header).map(|at| at + 2);
    let before = if is_table { first() } else { before };
    match before.filter(|at| *at < span.start) {
        Some(at) => diagnostic.related(at..at + key.len(), "first given here"),
        None => diagnostic,
    }
}

fn without_counterpart(found: Unmatched) -> Diagnostic {
    let Unmatched { at, bracket, counterpart } = found;
    let title = format!("`{bracket}` without its `{counterpart}`");
    let is_opening = matches!(bracket, '[' | '{');
    let label = if is_opening { "never closed" } else { "never opened" };
    Diagnostic::new(at..at + 1, title, label)
}

/// Every array and table in the tree.
fn values_of<'t, 'i>(tree: &'t DeTable<'i>) -> impl Iterator<Item = &'t Spanned<DeValue<'i>>> {
    let mut pending: Vec<&Spanned<DeValue<'i>>> = tree.values().collect();
    std::iter::from_fn(move || {
        let value = pending.pop()?;
        match value.get_ref() {
            DeValue::Array(items) => pending.extend(items.iter()),
            DeValue::Table(table) => pending.extend(table.values()),
            _ => {}
        }
        Some(value)
    })
}

/// Every key in the tree, with its place.
fn keys_of<'t>(tree: &'t DeTable<'_>) -> BTreeSet<(&'t str, usize)> {
    let own = |table: &'t DeTable<'_>| {
        table.keys().map(|key| (&**key.get_ref(), key.span().start)).collect::<Vec<_>>()
    };
    let inner = values_of(tree).filter_map(|value| value.get_ref().as_table()).flat_map(own);
    own(tree).into_iter().chain(inner).collect()
}
