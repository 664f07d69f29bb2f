//! Annotations in the form of GitHub: one line for each thing that is wrong.

use std::io::{self, Write};

use calloff_protocol::exploration::Bound;
use calloff_protocol::judge::{Run, Sometimes, Verdict};
use calloff_protocol::plan::Plan;
use calloff_protocol::scenario::{Mistake, Position};
use calloff_protocol::text::printable;

use crate::unfinished;

/// Writes the annotations, and a summary in the last line. `missing` has the facets that the corpus
/// must witness and never did.
///
/// # Errors
///
/// If they cannot be written.
pub fn write(plan: &Plan, runs: &[Run], missing: &[&Sometimes], out: impl Write) -> io::Result<()> {
    let mut out = io::BufWriter::new(out);
    let (mut errors, mut warnings) = (0, 0);
    for run in runs.iter().filter(|run| run.skipped.is_none() && !run.is_as_expected) {
        let file = &plan.sources[run.source].file;
        let place = format!("{}, {}", run.reading, run.engine.name());
        for violation in run.violations.iter().filter(|_| run.verdict == Verdict::Violated) {
            errors += 1;
            let (title, message) = (violation.what.id(), &violation.message);
            annotate(&mut out, "error", file, title, &format!("{message} ({place})"))?;
        }
        if let (Verdict::Inconclusive, Bound::Stopped { limit }) =
            (run.verdict, run.exploration.bound)
        {
            warnings += 1;
            let (name, advice) = (limit.name(), limit.advice());
            let known = unfinished::known(run).map_or(String::new(), |known| format!("; {known}"));
            let message = format!("the limit on {name} was hit; {advice}{known} ({place})");
            annotate(&mut out, "warning", file, "inconclusive", &message)?;
        }
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

fn annotate(
    out: &mut impl Write,
    level: &str,
    file: &str,
    title: &str,
    message: &str,
) -> io::Result<()> {
    let (file, message) = (escape_property(file), escape(message));
    writeln!(out, "::{level} file={file},title={}::{message}", escape_property(title))
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
        annotate(&mut out, "error", "a,b::c\n%.toml", "K1", "one\ntwo, \u{1b}three::four")
            .expect("a vector takes all");
        let text = String::from_utf8(out).expect("text");
        assert_eq!(
            text,
            "::error file=a%2Cb%3A%3Ac%0A%25.toml,title=K1::one%0Atwo, \\u{1b}three::four\n"
        );
    }
}
