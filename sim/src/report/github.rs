//! Annotations in the form of GitHub: one line for each thing that is wrong.

use std::io::{self, Write};

use super::seed_table::Sometimes;
use crate::check::{Run, Verdict};
use crate::engine::Bound;
use crate::plan::Plan;

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
            let message = format!("the limit on {name} was hit; {advice} ({place})");
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

/// Escapes the text of a workflow command, which must be on one line.
fn escape(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
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
        annotate(&mut out, "error", "a,b::c\n%.toml", "K1", "one\ntwo, three::four")
            .expect("a vector takes all");
        let text = String::from_utf8(out).expect("text");
        assert_eq!(text, "::error file=a%2Cb%3A%3Ac%0A%25.toml,title=K1::one%0Atwo, three::four\n");
    }
}
