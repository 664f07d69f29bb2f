//! The report for people.

use std::collections::BTreeMap;
use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use calloff_model::Reading;

use super::describe::{printable, wrap_hanging};
use super::lanes;
use super::seed_table::{Sometimes, vacuous};
use crate::check::{Run, Verdict, Violated, Violation};
use crate::clauses::CLAUSES;
use crate::engine::Bound;
use crate::plan::Plan;
use crate::program::Program;
use crate::trace;

const BOLD: Style = Style::new().bold();
const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const UNSURE: Style = AnsiColor::Yellow.on_default().bold();

/// How many other places a finding lists.
const ELSEWHERE_MAX: usize = 4;
/// How many unmet expectations are shown with their lanes, when no clause is violated.
const WHOLE_EXPECTATIONS_MAX: usize = 5;
/// How many unmet expectations are named.
const EXPECTATIONS_MAX: usize = 10;

/// One thing that is violated: the counterexample shown, and all runs that have one.
struct Finding<'a> {
    run: &'a Run,
    violation: &'a Violation,
    all: Vec<&'a Run>,
}

/// What the report is about.
pub struct Human<'a> {
    /// What was to be checked.
    pub plan: &'a Plan,
    /// What was found.
    pub runs: &'a [Run],
    /// What must be seen, and where it was.
    pub sometimes: &'a [Sometimes],
    /// Whether the whole corpus was checked, so that what was never seen is a failure.
    pub is_corpus: bool,
    /// The width of the terminal, in columns.
    pub width: usize,
}

impl Human<'_> {
    /// Renders the report, with colours (which a stream may strip).
    pub fn render(&self) -> String {
        let mut out = String::new();
        let findings = self.findings();
        let is_broken = findings.keys().any(|(what, _)| *what != Violated::Expectation);
        let mut expectations = 0;
        for ((what, _), finding) in &findings {
            expectations += usize::from(*what == Violated::Expectation);
            let is_whole = *what != Violated::Expectation
                || (!is_broken && expectations <= WHOLE_EXPECTATIONS_MAX);
            if is_whole {
                self.finding(&mut out, finding);
            } else if expectations <= EXPECTATIONS_MAX {
                self.headline(&mut out, finding);
            }
        }
        if expectations > EXPECTATIONS_MAX {
            let more = expectations - EXPECTATIONS_MAX;
            let _ = writeln!(out, "  and {more} more things that the files do not expect");
        }
        self.inconclusive(&mut out);
        if findings.is_empty() {
            self.table(&mut out);
        }
        self.summary(&mut out);
        out
    }

    /// For each thing violated: the shortest counterexample (with the fewest lanes), and where else
    /// it was violated.
    fn findings(&self) -> BTreeMap<(Violated, usize), Finding<'_>> {
        let mut findings: BTreeMap<_, Finding> = BTreeMap::new();
        for run in self.runs.iter().filter(|run| !run.is_as_expected) {
            for (index, violation) in run.violations.iter().enumerate() {
                // A clause is shown once; what a file expects is wrong file by file.
                let key = match violation.what {
                    Violated::Expectation => (violation.what, run.source << 16 | index),
                    what => (what, 0),
                };
                let entry = findings.entry(key).or_insert(Finding { run, violation, all: vec![] });
                if self.length(run, violation) < self.length(entry.run, entry.violation) {
                    (entry.run, entry.violation) = (run, violation);
                }
                entry.all.push(run);
            }
        }
        findings
    }

    fn length(&self, run: &Run, violation: &Violation) -> (usize, usize) {
        let steps = violation.schedule.as_ref().map_or(usize::MAX, |schedule| schedule.0.len());
        (steps, self.plan.sources[run.source].scenario.actors.len())
    }

    fn title(&self, run: &Run) -> String {
        format!("{} ({})", printable(&self.plan.sources[run.source].file), run.reading)
    }

    fn headline(&self, out: &mut String, finding: &Finding) {
        let id = finding.violation.what.id();
        let message = printable(&finding.violation.message);
        let message = wrap_hanging(&message, self.width - id.len() - 1, 2);
        let _ = writeln!(out, "{BAD}✗ {id}{BAD:#} {BOLD}{message}{BOLD:#}");
        let _ = writeln!(out, "  in {}", self.title(finding.run));
    }

    fn finding(&self, out: &mut String, finding: &Finding) {
        self.headline(out, finding);
        let Finding { run, violation, all } = finding;
        let others = all.iter().filter(|other| !std::ptr::eq(**other, *run));
        let others: Vec<String> = others.map(|other| self.title(other)).collect();
        for other in others.iter().take(ELSEWHERE_MAX) {
            let _ = writeln!(out, "  and {other}");
        }
        if others.len() > ELSEWHERE_MAX {
            let _ = writeln!(out, "  and {} more", others.len() - ELSEWHERE_MAX);
        }
        out.push('\n');
        let scenario = &self.plan.sources[run.source].scenario;
        let program = Program::new(scenario);
        if let Some(schedule) = &violation.schedule
            && let Ok(trace) = trace::replay(&program, run.reading, self.plan.fault, schedule)
        {
            out.push_str(&lanes::draw(&program, &trace, self.width));
            out.push('\n');
        }
        if let Violated::Clause(clause) = violation.what {
            let clause = &CLAUSES[clause];
            let sentence = wrap_hanging(clause.sentence, self.width - 5, 2);
            let _ = writeln!(out, "{BOLD}{}{BOLD:#}: {sentence}", clause.id);
            let source = format!("{} ({})", clause.source, clause.level.name());
            let _ = writeln!(out, "Source: {}\n", wrap_hanging(&source, self.width - 8, 2));
        }
    }

    fn inconclusive(&self, out: &mut String) {
        for run in self.runs {
            if let Bound::Stopped { limit } = run.exploration.bound {
                let (title, states) = (self.title(run), run.exploration.states);
                let (limit, advice) = (limit.name(), limit.advice());
                let _ = writeln!(out, "{UNSURE}? inconclusive{UNSURE:#} {title}");
                let _ =
                    writeln!(out, "  the limit on {limit} was hit at {states} states; {advice}");
            }
        }
    }

    /// The rows of the page × the readings, with the scenario that has witnessed each.
    fn table(&self, out: &mut String) {
        let readings: Vec<Reading> = Reading::ALL
            .into_iter()
            .filter(|r| self.runs.iter().any(|x| x.reading == *r))
            .collect();
        let mut legend: Vec<usize> = Vec::new();
        let mut rows: Vec<(&str, &str, Vec<String>)> = Vec::new();
        for sometimes in self.sometimes {
            let mark = match sometimes.witness.map(|run| self.runs[run].source) {
                None => "—".to_owned(),
                Some(source) => {
                    let at = legend.iter().position(|known| *known == source);
                    let at = at.unwrap_or_else(|| {
                        legend.push(source);
                        legend.len() - 1
                    });
                    letter(at)
                }
            };
            match rows.last_mut() {
                Some((clause, facet, marks))
                    if (*clause, *facet) == (sometimes.clause, sometimes.facet) =>
                {
                    marks.push(mark);
                }
                _ => rows.push((sometimes.clause, sometimes.facet, vec![mark])),
            }
        }
        let _ = write!(out, "{BOLD}{:<32}{BOLD:#}", "seen at least once");
        for reading in &readings {
            let _ = write!(out, "{:>12}", reading.cancelable.name());
        }
        let _ = write!(out, "\n{:<32}", "");
        for reading in &readings {
            let _ = write!(out, "{:>12}", reading.waiter.name());
        }
        out.push('\n');
        for (clause, facet, marks) in rows {
            let _ = write!(out, "{:<32}", format!("{clause:>3} {facet}"));
            for mark in marks {
                let _ = write!(out, "{mark:>12}");
            }
            out.push('\n');
        }
        out.push('\n');
        for (at, source) in legend.iter().enumerate() {
            let file = printable(&self.plan.sources[*source].file);
            let _ = writeln!(out, "  {} {file}", letter(at));
        }
        out.push('\n');
    }

    fn summary(&self, out: &mut String) {
        let total = |of: fn(&Run) -> u64| self.runs.iter().map(of).sum::<u64>() as usize;
        let states = total(|run| run.exploration.states);
        let transitions = total(|run| run.exploration.transitions);
        let violated =
            self.runs.iter().filter(|run| !run.is_as_expected && run.verdict == Verdict::Violated);
        let violated = violated.count();
        let unsure = self.runs.iter().filter(|run| run.verdict == Verdict::Inconclusive).count();
        let (style, sign, verdict) = match (violated, unsure) {
            (0, 0) => (GOOD, "✓", "holds in every interleaving".to_owned()),
            (0, n) => (UNSURE, "?", format!("inconclusive: {} cut short", count(n, "run"))),
            (n, _) => (BAD, "✗", format!("violated in {}", count(n, "run"))),
        };
        let _ = writeln!(out, "{style}{sign} {verdict}{style:#}");
        if self.is_corpus {
            for missing in vacuous(self.runs, self.sometimes) {
                let _ = writeln!(
                    out,
                    "{BAD}✗ {}{BAD:#} never seen under {}: {}",
                    missing.clause, missing.reading, missing.facet
                );
            }
        }
        let _ = writeln!(
            out,
            "  {}, {} (scenario × reading), {}, {}",
            count(self.plan.sources.len(), "scenario"),
            count(self.runs.len(), "run"),
            count(states, "state"),
            count(transitions, "step"),
        );
    }
}

fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// a, b, … z, aa, ab, …
fn letter(index: usize) -> String {
    let last = char::from(b'a' + u8::try_from(index % 26).expect("less than 26"));
    match index / 26 {
        0 => last.to_string(),
        more => format!("{}{last}", letter(more - 1)),
    }
}
