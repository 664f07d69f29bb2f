//! The JUnit report for continuous integration: a suite for each file, a case for each reading and
//! engine.
//!
//! It contains no times, so the same check gives the same bytes.

use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::escape::escape;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::describe::printable;
use super::seed_table::Sometimes;
use crate::check::{Run, Verdict, Violation};
use crate::engine::Bound;
use crate::plan::Plan;
use crate::program::Program;

/// Writes the report. `missing` has the facets that the corpus must witness and never did.
///
/// # Errors
///
/// If it cannot be written.
pub fn write(plan: &Plan, runs: &[Run], missing: &[&Sometimes], out: impl Write) -> io::Result<()> {
    let mut xml = Writer::new_with_indent(io::BufWriter::new(out), b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let mut totals = Totals::default();
    runs.iter().for_each(|run| totals.count(run));
    totals.tests += missing.len();
    totals.failures += missing.len();
    let mut suites = BytesStart::new("testsuites");
    suites.push_attribute(("name", "calloff"));
    totals.put(&mut suites);
    xml.write_event(Event::Start(suites))?;
    for (index, source) in plan.sources.iter().enumerate() {
        let of_file: Vec<&Run> = runs.iter().filter(|run| run.source == index).collect();
        let mut totals = Totals::default();
        of_file.iter().for_each(|run| totals.count(run));
        let file = printable(&source.file);
        open_suite(&mut xml, &file, &totals)?;
        for run in of_file {
            case(&mut xml, plan, run, &file)?;
        }
        xml.write_event(Event::End(BytesEnd::new("testsuite")))?;
    }
    if !missing.is_empty() {
        let totals = Totals { tests: missing.len(), failures: missing.len(), ..Totals::default() };
        open_suite(&mut xml, "sometimes", &totals)?;
        for Sometimes { clause, reading, facet, .. } in missing {
            let name = format!("{clause} under {reading}: {facet}");
            open_case(&mut xml, "sometimes", &name)?;
            said(&mut xml, "failure", clause, "never seen", "")?;
            xml.write_event(Event::End(BytesEnd::new("testcase")))?;
        }
        xml.write_event(Event::End(BytesEnd::new("testsuite")))?;
    }
    xml.write_event(Event::End(BytesEnd::new("testsuites")))?;
    let mut out = xml.into_inner();
    writeln!(out)?;
    out.flush()
}

#[derive(Default)]
struct Totals {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

impl Totals {
    fn count(&mut self, run: &Run) {
        self.tests += 1;
        match Fate::of(run) {
            Fate::Passed => {}
            Fate::Failed => self.failures += 1,
            Fate::Inconclusive => self.errors += 1,
            Fate::Skipped => self.skipped += 1,
        }
    }

    fn put(&self, element: &mut BytesStart) {
        for (name, count) in [
            ("tests", self.tests),
            ("failures", self.failures),
            ("errors", self.errors),
            ("skipped", self.skipped),
        ] {
            element.push_attribute((name, count.to_string().as_str()));
        }
    }
}

enum Fate {
    Passed,
    Failed,
    Inconclusive,
    Skipped,
}

impl Fate {
    fn of(run: &Run) -> Fate {
        if run.skipped.is_some() {
            Fate::Skipped
        } else if run.is_as_expected {
            Fate::Passed
        } else if run.verdict == Verdict::Violated {
            Fate::Failed
        } else {
            Fate::Inconclusive
        }
    }
}

type Xml<W> = Writer<io::BufWriter<W>>;

fn open_suite<W: Write>(xml: &mut Xml<W>, name: &str, totals: &Totals) -> io::Result<()> {
    let mut suite = BytesStart::new("testsuite");
    suite.push_attribute(("name", name));
    totals.put(&mut suite);
    xml.write_event(Event::Start(suite))
}

fn open_case<W: Write>(xml: &mut Xml<W>, class: &str, name: &str) -> io::Result<()> {
    let mut case = BytesStart::new("testcase");
    case.push_attribute(("classname", class));
    case.push_attribute(("name", name));
    xml.write_event(Event::Start(case))
}

fn case<W: Write>(xml: &mut Xml<W>, plan: &Plan, run: &Run, file: &str) -> io::Result<()> {
    open_case(xml, file, &format!("{} ({})", run.engine.name(), run.reading))?;
    match (Fate::of(run), &run.skipped, run.exploration.bound) {
        (Fate::Skipped, Some(reason), _) => {
            let mut skipped = BytesStart::new("skipped");
            skipped.push_attribute(("message", reason.as_str()));
            xml.write_event(Event::Empty(skipped))?;
        }
        (Fate::Failed, ..) => {
            let program = Program::new(&plan.sources[run.source].scenario);
            for violation in &run.violations {
                let text = schedule(&program, violation);
                said(xml, "failure", violation.what.id(), &printable(&violation.message), &text)?;
            }
        }
        (Fate::Inconclusive, _, Bound::Stopped { limit }) => {
            let message = format!("the limit on {} was hit; {}", limit.name(), limit.advice());
            said(xml, "error", "inconclusive", &message, "")?;
        }
        (Fate::Inconclusive, ..) => said(xml, "error", "inconclusive", "not explored", "")?,
        _ => {}
    }
    xml.write_event(Event::End(BytesEnd::new("testcase")))
}

fn schedule(program: &Program, violation: &Violation) -> String {
    match &violation.schedule {
        Some(schedule) => format!("schedule: {}", printable(&schedule.names(program).join(" "))),
        None => String::new(),
    }
}

/// An element with a type, a message and a text.
fn said<W: Write>(
    xml: &mut Xml<W>,
    element: &str,
    kind: &str,
    message: &str,
    text: &str,
) -> io::Result<()> {
    let mut start = BytesStart::new(element);
    start.push_attribute(("type", kind));
    start.push_attribute(("message", message));
    xml.write_event(Event::Start(start))?;
    xml.write_event(Event::Text(BytesText::from_escaped(escape(text))))?;
    xml.write_event(Event::End(BytesEnd::new(element)))
}
