//! The JUnit report, for servers of continuous integration: a suite for each file, a case for each
//! reading and engine, or for each mistake in the file.
//!
//! It follows the schema of Jenkins (`junit-10.xsd`), in which a case fails once. There are no
//! times in it, so that the same check gives the same bytes.

use std::io::{self, Write};

use calloff_protocol::exploration::Bound;
use calloff_protocol::judge::{Run, Sometimes, Verdict};
use calloff_protocol::plan::Plan;
use calloff_protocol::program::Program;
use calloff_protocol::scenario::Mistake;
use calloff_protocol::text::{count, printable};
use calloff_reports::unfinished::known;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

/// Writes the report. `missing` is what the corpus must show, and was never seen.
///
/// # Errors
///
/// When it cannot be written.
pub fn write(plan: &Plan, runs: &[Run], missing: &[&Sometimes], out: impl Write) -> io::Result<()> {
    let mut report = Report::new("calloff");
    for (index, source) in plan.sources.iter().enumerate() {
        let program = Program::new(&source.scenario);
        let of_file = runs.iter().filter(|run| run.source == index).map(|run| {
            let name = format!("{} ({})", run.engine.name(), run.reading);
            (name, status(&program, run))
        });
        report.add_test_suite(suite(&source.file, of_file));
    }
    if !missing.is_empty() {
        let never = missing.iter().map(|Sometimes { clause, reading, facet, .. }| {
            let status = not(NonSuccessKind::Failure, clause.id, "never seen", "");
            (format!("{clause} under {reading}: {facet}"), status)
        });
        report.add_test_suite(suite("sometimes", never));
    }
    put(&report, out)
}

/// Writes the report on files that cannot be checked.
///
/// # Errors
///
/// When it cannot be written.
pub fn write_mistakes(mistakes: &[Mistake], out: impl Write) -> io::Result<()> {
    let mut report = Report::new("calloff");
    for of_file in mistakes.chunk_by(|one, next| one.file == next.file) {
        let cases = of_file.iter().map(|Mistake { position, message, .. }| {
            let name = position.map_or("the file".to_owned(), |at| at.to_string());
            (name, not(NonSuccessKind::Error, "bad file", message, ""))
        });
        report.add_test_suite(suite(&of_file[0].file, cases));
    }
    put(&report, out)
}

fn put(report: &Report, mut out: impl Write) -> io::Result<()> {
    let xml = report.to_string().map_err(io::Error::other)?;
    // In the schema only a suite counts what was skipped, and not the report as a whole.
    let total = format!(" skipped=\"{}\"", report.skipped);
    out.write_all(xml.replacen(&total, "", 1).as_bytes())
}

fn suite(file: &str, cases: impl Iterator<Item = (String, TestCaseStatus)>) -> TestSuite {
    let file = printable(file);
    let mut suite = TestSuite::new(file.as_str());
    suite.add_test_cases(cases.map(|(name, status)| {
        let mut case = TestCase::new(name, status);
        case.set_classname(file.as_str());
        case
    }));
    suite
}

fn status(program: &Program, run: &Run) -> TestCaseStatus {
    if let Some(reason) = &run.skipped {
        let mut skipped = TestCaseStatus::skipped();
        skipped.set_message(printable(reason));
        return skipped;
    }
    match (run.is_as_expected, run.verdict, run.exploration.bound) {
        (true, ..) => TestCaseStatus::success(),
        (false, Verdict::Violated, _) => failure(program, run),
        (false, _, Bound::Stopped { limit }) => {
            let known = known(run).map_or(String::new(), |known| format!("; {known}"));
            let (name, advice) = (limit.name(), limit.advice());
            let message = format!("the limit on {name} was hit; {advice}{known}");
            not(NonSuccessKind::Error, "inconclusive", &message, "")
        }
        (false, ..) => not(NonSuccessKind::Error, "inconclusive", "not explored", ""),
    }
}

/// One failure for all violations: the first one is its message, and each has its schedule.
fn failure(program: &Program, run: &Run) -> TestCaseStatus {
    let mut texts = Vec::new();
    for violation in &run.violations {
        if run.violations.len() > 1 {
            texts.push(format!("{}: {}", violation.what.id(), printable(&violation.message)));
        }
        let names = violation.schedule.as_ref().map(|schedule| schedule.names(program).join(" "));
        texts.extend(names.map(|names| format!("schedule: {}", printable(&names))));
    }
    let (kind, mut message) = match run.violations.first() {
        Some(first) => (first.what.id(), first.message.clone()),
        None => ("violated", String::new()),
    };
    if let more @ 1.. = run.violations.len().saturating_sub(1) {
        message += &format!("; and {}", count(more as u64, "more violation"));
    }
    not(NonSuccessKind::Failure, kind, &message, &texts.join("\n"))
}

fn not(kind: NonSuccessKind, what: &str, message: &str, text: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(what).set_message(printable(message));
    if !text.is_empty() {
        status.set_description(text);
    }
    status
}
