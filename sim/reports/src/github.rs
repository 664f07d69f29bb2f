//! Annotations in the form of GitHub: one line for each thing that is wrong.

use std::collections::BTreeMap;
use std::io::{self, Write};

use calloff_protocol::exploration::Bound;
use calloff_protocol::judge::{Run, Sometimes, Source, Verdict};
use calloff_protocol::plan::Plan;
use calloff_protocol::scenario::{FileLines, Mistake, Position};
use calloff_protocol::text::printable;

use crate::findings::{Finding, Scope, where_found};
use crate::{findings, unfinished};

/// Writes one annotation for each finding, and a summary in the last line. `missing` has the facets
/// that the corpus must witness and never did; `text` reads the file of a scenario, to find lines.
///
/// # Errors
///
/// If they cannot be written.
pub fn write(
    plan: &Plan,
    runs: &[Run],
    missing: &[&Sometimes],
    text: &dyn Fn(&Source) -> Option<String>,
    out: impl Write,
) -> io::Result<()> {
    let mut out = io::BufWriter::new(out);
    let (mut errors, mut warnings) = (0, 0);
    let found = findings::of(plan, runs, Scope::File);
    let mut found: Vec<&Finding> = found.values().collect();
    found.retain(|finding| finding.all.iter().any(|run| run.verdict == Verdict::Violated));
    found.sort_by_key(|finding| finding.run.source);
    for finding in found {
        errors += 1;
        let source = &plan.sources[finding.run.source];
        let lines = text(source).map(|text| FileLines::of(&text)).unwrap_or_default();
        let place = Place { file: &source.file, line: findings::line(plan, finding, &lines) };
        let (title, message) = (finding.violation.what.id(), &finding.violation.message);
        let message = format!("{message} ({})", where_found(&finding.all));
        annotate(&mut out, "error", &place, title, &message)?;
    }
    let mut unsure: BTreeMap<(usize, String), Vec<&Run>> = BTreeMap::new();
    for run in runs.iter().filter(|run| run.skipped.is_none() && !run.is_as_expected) {
        if let (Verdict::Inconclusive, Bound::Stopped { limit }) =
            (run.verdict, run.exploration.bound)
        {
            let (name, advice) = (limit.name(), limit.advice());
            let known = unfinished::known(run).map_or(String::new(), |known| format!("; {known}"));
            let message = format!("the limit on {name} was hit; {advice}{known}");
            unsure.entry((run.source, message)).or_default().push(run);
        }
    }
    for ((source, message), runs) in unsure {
        warnings += 1;
        let place = Place { file: &plan.sources[source].file, line: None };
        let message = format!("{message} ({})", where_found(&runs));
        annotate(&mut out, "warning", &place, "inconclusive", &message)?;
    }
    for Sometimes { clause, reading, facet, .. } in missing {
        errors += 1;
        let message = escape(&format!("never seen under {reading}: {facet}"));
        writeln!(out, "::error title={clause}::{message}")?;
    }
    let runs = runs.len();
    writeln!(out, "calloff: {runs} runs, {errors} errors, {warnings} warnings")?;
    out.flush()
}

/// Writes an annotation for each mistake in files that cannot be checked.
///
/// # Errors
///
/// When they cannot be written.
pub fn write_mistakes(mistakes: &[Mistake], mut out: impl Write) -> io::Result<()> {
    for Mistake { file, position, message } in mistakes {
        let place = position.map_or(String::new(), |Position { line, column }| {
            format!(",line={line},col={column}")
        });
        let (file, message) = (escape_property(file), escape(message));
        writeln!(out, "::error file={file}{place},title=bad file::{message}")?;
    }
    Ok(())
}

/// Where an annotation belongs.
struct Place<'a> {
    file: &'a str,
    line: Option<usize>,
}

fn annotate(
    out: &mut impl Write,
    level: &str,
    place: &Place,
    title: &str,
    message: &str,
) -> io::Result<()> {
    let (file, message) = (escape_property(place.file), escape(message));
    let line = place.line.map_or(String::new(), |line| format!(",line={line}"));
    writeln!(out, "::{level} file={file}{line},title={}::{message}", escape_property(title))
}

/// The text of a workflow command: printable, on one line.
fn escape(text: &str) -> String {
    let lines = text.split('\n').map(|line| printable(line).replace('%', "%25"));
    lines.collect::<Vec<_>>().join("%0A")
}

/// Escapes a property of a workflow command, which ends at a comma or at colons.
fn escape_property(text: &str) -> String {
    escape(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_name_ends_an_annotation() {
        let mut out = Vec::new();
        let place = Place { file: "a,b::c\n%.toml", line: None };
        annotate(&mut out, "error", &place, "K1", "one\ntwo, \u{1b}three::four")
            .expect("a vector takes all");
        let text = String::from_utf8(out).expect("text");
        assert_eq!(
            text,
            "::error file=a%2Cb%3A%3Ac%0A%25.toml,title=K1::one%0Atwo, \\u{1b}three::four\n"
        );
    }
}
