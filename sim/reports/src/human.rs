//! The report for people.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use calloff_protocol::exploration::{Bound, Engine, Granularity, Limit, Strategy};
use calloff_protocol::faults::Seeded;
use calloff_protocol::history::{ActorId, TimePolicy};
use calloff_protocol::judge::{Run, Sometimes, Source, Verdict, Violated, Violation, vacuous};
use calloff_protocol::narrative;
use calloff_protocol::operations::Followed;
use calloff_protocol::pair::Point;
use calloff_protocol::plan::Plan;
use calloff_protocol::program::{Case, Program};
use calloff_protocol::scenario::{Actor, Step};
use calloff_protocol::text::{count, printable, wrap_hanging};
use calloff_protocol::trace;
use calloff_protocol::trace::Schedule;

use super::findings::{Finding, Key, Scope};
use super::{codes_seen, findings, lanes, seed_table, unfinished};
use crate::style::{BAD, BOLD, GOOD, UNSURE};

/// The column at which the text about an engine begins, after its name.
const INDENT: usize = 13;
/// The number of other places that a finding lists.
const ELSEWHERE_MAX: usize = 4;
/// The number of unmet expectations that are listed.
const EXPECTATIONS_MAX: usize = 10;
/// The number of scenarios for which the observed codes are listed.
const CODES_SEEN_MAX: usize = 3;

/// The input of the report.
pub struct Human<'a> {
    /// The plan of the check.
    pub plan: &'a Plan,
    /// The results of its runs.
    pub runs: &'a [Run],
    /// The facets that must be witnessed, and where each was.
    pub sometimes: &'a [Sometimes],
    /// Whether the whole corpus was checked; then a facet that was never witnessed is a failure.
    pub is_corpus: bool,
    /// The width of the terminal, in columns.
    pub width: usize,
    /// What the implementation does in the execution that shows a violation.
    pub follow: &'a dyn Fn(&Case, &Violation) -> Followed,
}

impl Human<'_> {
    /// Renders the report, with colours (which a stream may strip).
    pub fn render(&self) -> String {
        let mut out = self.render_findings();
        self.cut_short(&mut out);
        let is_begun = !self.runs.iter().any(was_not_begun);
        let has_seen = is_begun || self.sometimes.iter().any(|seen| seen.witness.is_some());
        if self.is_corpus && self.findings().is_empty() && has_seen {
            seed_table::render(&mut out, self.plan, self.runs, self.sometimes);
        } else if !self.is_corpus && self.plan.sources.len() <= CODES_SEEN_MAX {
            codes_seen::render(&mut out, self.plan, self.runs, self.width);
            self.clock_notes(&mut out);
        }
        self.summary(&mut out);
        out
    }

    /// Renders only the findings.
    pub fn render_findings(&self) -> String {
        let mut out = String::new();
        let mut findings: Vec<_> = self.findings().into_iter().collect();
        // The clause that must catch the seeded bug comes first.
        findings.sort_by_key(|((what, _), _)| Some(what.id()) != self.caught_by());
        let is_broken = findings.iter().any(|((what, _), _)| *what != Violated::Expectation);
        // One picture is enough for all expectations that the files got wrong.
        let mut is_shown = is_broken;
        let (mut named, mut more) = (0, 0);
        for ((what, _), finding) in &findings {
            let can_be_seen = finding.violation.schedule.is_some();
            if *what != Violated::Expectation || (can_be_seen && !is_shown) {
                is_shown = true;
                self.finding(&mut out, finding);
            } else if named < EXPECTATIONS_MAX {
                named += 1;
                self.headline(&mut out, finding);
                if let Some(file) = &finding.violation.file {
                    let _ = writeln!(out, "  to see it: calloff replay {}", printable(file));
                }
                out.push('\n');
            } else {
                more += 1;
            }
        }
        if more > 0 {
            let _ = writeln!(out, "  and {more} more things that the files do not expect\n");
        }
        self.overview(&mut out, findings.iter().map(|((what, _), _)| what.id()));
        out
    }

    /// The clause that must catch the seeded bug.
    fn caught_by(&self) -> Option<&'static str> {
        let fault = self.plan.options.fault.and_then(Seeded::machine)?;
        Some(fault.caught_by)
    }

    /// Lists everything that is violated on one line, if there is more than one thing.
    fn overview(&self, out: &mut String, ids: impl Iterator<Item = &'static str>) {
        let ids: BTreeSet<(usize, &str)> = ids.map(|id| (id.len(), id)).collect();
        if ids.len() > 1 {
            let ids: Vec<&str> = ids.into_iter().map(|(_, id)| id).collect();
            let text = wrap_hanging(&format!("violated: {}", ids.join(" ")), self.width, 2);
            let _ = writeln!(out, "{text}\n");
        }
    }

    fn findings(&self) -> BTreeMap<Key<'_>, Finding<'_>> {
        findings::of(self.plan, self.runs, Scope::Check)
    }

    fn title(&self, run: &Run) -> String {
        let engine = match run.engine {
            Engine::Protocol => String::new(),
            engine => format!(", engine {}", engine.name()),
        };
        format!("{} ({}{engine})", printable(&self.plan.sources[run.source].file), run.reading)
    }

    fn headline(&self, out: &mut String, finding: &Finding) {
        let Finding { run, violation, all, .. } = finding;
        let id = match violation.what {
            Violated::Expectation => "expectation:",
            what => what.id(),
        };
        let message = printable(&violation.message);
        let message = wrap_hanging(&message, self.width.saturating_sub(id.len() + 1), 2);
        let _ = writeln!(out, "{BAD}✗ {id}{BAD:#} {BOLD}{message}{BOLD:#}");
        let place = |word: &str, place: &str| {
            let text = format!("{word} {place}");
            format!("  {}\n", wrap_hanging(&text, self.width, 4))
        };
        out.push_str(&place("in", &self.title(run)));
        let others = all.iter().filter(|other| !std::ptr::eq(**other, *run));
        let others: Vec<String> = others.map(|other| self.title(other)).collect();
        for other in others.iter().take(ELSEWHERE_MAX) {
            out.push_str(&place("and", other));
        }
        if others.len() > ELSEWHERE_MAX {
            let _ = writeln!(out, "  and {} more", others.len() - ELSEWHERE_MAX);
        }
    }

    fn finding(&self, out: &mut String, finding: &Finding) {
        self.headline(out, finding);
        out.push('\n');
        let Finding { run, violation, .. } = finding;
        if let Some(schedule) = &violation.schedule {
            out.push_str(&self.execution(run, violation, schedule));
            out.push('\n');
        }
        if let Some(file) = &violation.file {
            let _ = writeln!(out, "To see it again: calloff replay {}\n", printable(file));
        }
        match violation.what {
            Violated::Clause(clause) => {
                let sentence = wrap_hanging(clause.sentence, self.width.saturating_sub(5), 2);
                let _ = writeln!(out, "{BOLD}{}{BOLD:#}: {sentence}", clause.id);
                let source = format!("{} ({})", clause.source, clause.level.name());
                let source = wrap_hanging(&source, self.width.saturating_sub(8), 2);
                let _ = writeln!(out, "Source: {source}\n");
            }
            // Being stuck is the effect of the bug, not the subject of the scenario.
            Violated::Stuck if self.plan.options.fault.is_some() => {}
            Violated::Stuck => {
                let expectation = expectation(self.plan, run);
                let text = format!("If that is what the scenario is about: {expectation}");
                let _ = writeln!(out, "{}\n", wrap_hanging(&text, self.width, 2));
            }
            Violated::Panic
            | Violated::Livelock
            | Violated::Stall
            | Violated::Divergence
            | Violated::CrossCheck
            | Violated::Expectation
            | Violated::Never
            | Violated::Possible
            | Violated::NotFinishing => {}
        }
    }

    /// The execution, drawn as well as can be.
    fn execution(&self, run: &Run, violation: &Violation, schedule: &Schedule) -> String {
        let scenario = &self.plan.sources[run.source].scenario;
        let case = Case::new(scenario, run.reading);
        let program = &*case.program;
        let (fault, granularity) = (self.plan.options.fault, violation.granularity);
        let of_machine = violation.what.machine_fault(fault);
        let machine = || trace::replay(program, run.reading, of_machine, schedule);
        let names = || {
            let names = schedule.names(program).join(" ");
            format!("  {}\n", wrap_hanging(&printable(&names), self.width, 2))
        };
        match granularity {
            Granularity::Step => match machine() {
                Ok(trace) => {
                    let point = Point::of(violation.what, scenario, program, &trace);
                    lanes::laid_out(program, &trace, Some(&point)).to_text(self.width)
                }
                Err(_) => names(),
            },
            Granularity::FinishedStep => {
                format!("the order in which steps were finished:\n{}", names())
            }
            _ => {
                let followed = (self.follow)(&case, violation);
                narrative::draw(program, &followed, self.width)
            }
        }
    }

    /// For files in which several actors let time pass under a free clock: that this orders
    /// nothing.
    fn clock_notes(&self, out: &mut String) {
        for source in &self.plan.sources {
            let scenario = &source.scenario;
            let waits = |actor: &&Actor| {
                Step::all(&actor.steps)
                    .any(|step| matches!(step, Step::Sleep(d) | Step::Work(d) if d.0 > 0))
            };
            let is_free = scenario.time == TimePolicy::Free;
            if is_free && scenario.actors.iter().filter(waits).count() > 1 {
                let text = format!(
                    "note: the clock of {} is free: of two actors that sleep or work, either may \
                     be over first, whatever their seconds say. If durations are to be exact: \
                     time = \"urgent\"",
                    printable(&source.file)
                );
                let _ = writeln!(out, "{}\n", wrap_hanging(&text, self.width, 2));
            }
        }
    }

    fn cut_short(&self, out: &mut String) {
        for run in self.runs.iter().filter(|run| !was_not_begun(run)) {
            let Bound::Stopped { limit } = run.exploration.bound else { continue };
            let (title, states) = (self.title(run), run.exploration.states);
            let what = match run.verdict {
                Verdict::Violated => "cut short",
                _ => "inconclusive",
            };
            let _ = writeln!(out, "{UNSURE}? {what}{UNSURE:#} {title}");
            // Engines that sample store no states.
            let after = match run.exploration.executions {
                executions if states == 0 => count(executions, "execution"),
                _ => count(states, "state"),
            };
            let stopped = unfinished::stopped(limit, &after);
            let used = unfinished::used(run, limit, &self.plan.options.limits);
            let lines = [Some(stopped), unfinished::known(run), Some(format!("used: {used}"))];
            for line in lines.iter().flatten() {
                let line = wrap_hanging(line, self.width.saturating_sub(2), 4);
                let _ = writeln!(out, "  {line}");
            }
        }
        match self.runs.iter().filter(|run| was_not_begun(run)).count() {
            0 => {}
            1 => out.push_str("  1 run was not begun\n"),
            runs => {
                let _ = writeln!(out, "  {runs} runs were not begun");
            }
        }
    }

    fn summary(&self, out: &mut String) {
        let ran: Vec<&Run> = self.runs.iter().filter(|run| run.skipped.is_none()).collect();
        let number = |is: &dyn Fn(&Run) -> bool| ran.iter().filter(|run| is(run)).count() as u64;
        let is_violated = |run: &Run| run.verdict == Verdict::Violated && !run.is_as_expected;
        // A violation that real threads find as well may be absent next time.
        let violated = match number(&|run| is_violated(run) && run.engine != Engine::Std) {
            0 => number(&is_violated),
            stable => stable,
        };
        let expected = number(&|run| run.verdict == Verdict::Violated && run.is_as_expected);
        let unsure = number(&|run| matches!(run.exploration.bound, Bound::Stopped { .. }));
        let stuck = number(&can_hang);
        let missing = if self.is_corpus { vacuous(self.runs, self.sometimes) } else { Vec::new() };
        for missing in &missing {
            let (clause, reading, facet) = (missing.clause, missing.reading, missing.facet);
            let _ = writeln!(out, "{BAD}✗ {clause}{BAD:#} never seen under {reading}: {facet}");
        }
        let mut notes = Vec::new();
        let runs = |n: u64, what: &str| (n > 0).then(|| format!("{}{what}", count(n, "run")));
        notes.extend(runs(expected, " violated, as expected"));
        notes.extend(runs(unsure, " cut short"));
        let answers = ran.iter().flat_map(|run| &run.exploration.answers);
        let answered = answers.filter(|answer| answer.is_known()).count() as u64;
        if answered > 0 && violated == 0 {
            let questions = count(answered, "question");
            notes.push(format!("{questions} answered as expected"));
        }
        let is_silent = |source: &&Source| !codes_seen::names_codes(source);
        let silent = self.plan.sources.iter().filter(is_silent).count() as u64;
        if silent > 0 && self.plan.options.fault.is_none() {
            notes.push(match silent {
                1 => "1 file expects no codes of its own".to_owned(),
                _ => format!("{silent} files expect no codes of their own"),
            });
        }
        let (style, sign, verdict) = if violated > 0 {
            (BAD, "✗", format!("violated in {}", count(violated, "run")))
        } else if !missing.is_empty() {
            (BAD, "✗", "vacuous".to_owned())
        } else if ran.is_empty() {
            (UNSURE, "?", "nothing ran: every run was skipped".to_owned())
        } else if unsure > 0 {
            (UNSURE, "?", "inconclusive".to_owned())
        } else if stuck > 0 && ran.iter().all(|run| can_hang(run) || run.engine == Engine::Std) {
            // A hang is no success, although the file expects it.
            (UNSURE, "!", "can get stuck, as expected".to_owned())
        } else if expected > 0 {
            (GOOD, "✓", "as expected".to_owned())
        } else if let Some(fault) = self.plan.options.fault {
            (UNSURE, "–", format!("the seeded bug {} shows nowhere here", fault.name()))
        } else if ran.iter().any(|run| run.exploration.bound == Bound::Exhausted) {
            (GOOD, "✓", "holds in every interleaving".to_owned())
        } else if ran.iter().any(|run| matches!(run.exploration.bound, Bound::Bounded { .. })) {
            (GOOD, "✓", "holds in every interleaving within the bound on preemptions".to_owned())
        } else {
            (GOOD, "✓", "holds in every execution that was sampled".to_owned())
        };
        let notes = match notes.is_empty() {
            true => String::new(),
            false => format!(" ({})", notes.join(", ")),
        };
        let _ = writeln!(out, "{style}{sign} {verdict}{style:#}{notes}");
        if stuck > 0 && sign != "!" {
            let hangs = format!("{} can get stuck, as expected", count(stuck, "run"));
            let _ = writeln!(out, "{UNSURE}! {hangs}{UNSURE:#}");
        }
        self.totals(out);
    }

    /// Lists what each engine has done.
    fn totals(&self, out: &mut String) {
        let scenarios = count(self.plan.sources.len() as u64, "scenario");
        for &engine in &self.plan.options.engines {
            let runs: Vec<&Run> = self.runs.iter().filter(|run| run.engine == engine).collect();
            let mut skipped: BTreeMap<&str, u64> = BTreeMap::new();
            for reason in runs.iter().filter_map(|run| run.skipped.as_deref()) {
                *skipped.entry(reason).or_default() += 1;
            }
            let total = |of: fn(&Run) -> u64| runs.iter().map(|run| of(run)).sum::<u64>();
            let _ = write!(
                out,
                "  {:<10} {scenarios}, {}, {}",
                engine.name(),
                count(runs.len() as u64, "run"),
                count(total(|run| run.exploration.states), "state"),
            );
            let _ = match total(|run| run.exploration.executions) {
                0 => write!(out, ", {}", count(total(|run| run.exploration.transitions), "step")),
                executions => write!(out, ", {}", count(executions, "execution")),
            };
            if let Some(line) = strategies(&runs) {
                let _ = write!(out, "\n{:<INDENT$}{line}", "");
            }
            for (bound, runs) in bounded(&runs) {
                let _ = write!(out, "\n{:<INDENT$}{} {bound}", "", count(runs, "run"));
            }
            for (reason, runs) in skipped {
                let text = format!("{} skipped: {reason}", count(runs, "run"));
                let text = wrap_hanging(&text, self.width.saturating_sub(INDENT), INDENT + 2);
                let _ = write!(out, "\n{:<INDENT$}{text}", "");
            }
            out.push('\n');
        }
    }
}

/// What a file says that expects those who may not finish in the run.
fn expectation(plan: &Plan, run: &Run) -> String {
    let program = Program::new(&plan.sources[run.source].scenario);
    if !program.is_client {
        return "[expect] verdict = \"stuck\"".to_owned();
    }
    let ends = run.exploration.outcomes.keys().flat_map(|end| &end.stuck);
    let all: BTreeSet<ActorId> = ends.chain(&run.exploration.starving).copied().collect();
    let names: Vec<String> =
        all.iter().map(|actor| format!("{:?}", program.actor_name(*actor))).collect();
    format!("[expect] stuck = [{}]", names.join(", "))
}

/// Whether somebody can get stuck in the run, as its file expects. What real threads happen to do
/// is left out.
fn can_hang(run: &Run) -> bool {
    let mut ends = run.exploration.outcomes.keys();
    let mut hangs =
        || ends.any(|end| !end.stuck.is_empty()) || !run.exploration.starving.is_empty();
    run.engine != Engine::Std && run.is_as_expected && hangs()
}

/// Whether the run was interrupted before its first state.
fn was_not_begun(run: &Run) -> bool {
    let Bound::Stopped { limit } = run.exploration.bound else { return false };
    limit == Limit::Interrupt && run.exploration.states == 0 && run.exploration.executions == 0
}

/// The number of outcomes that each strategy of a portfolio saw, in all runs together.
fn strategies(runs: &[&Run]) -> Option<String> {
    let mut totals: Vec<(&str, u64)> = Vec::new();
    for Strategy { name, outcomes, .. } in runs.iter().flat_map(|run| &run.exploration.strategies) {
        match totals.iter_mut().find(|(total, _)| total == name) {
            Some((_, total)) => *total += outcomes,
            None => totals.push((name, *outcomes)),
        }
    }
    let totals: Vec<String> = totals.iter().map(|(name, seen)| format!("{name} {seen}")).collect();
    (!totals.is_empty()).then(|| format!("outcomes seen by each: {}", totals.join(", ")))
}

/// The number of runs by bound, if some run needed a bound on preemptions.
fn bounded(runs: &[&Run]) -> BTreeMap<String, u64> {
    let mut bounds = BTreeMap::new();
    let is_bounded = |run: &&Run| matches!(run.exploration.bound, Bound::Bounded { .. });
    if runs.iter().any(is_bounded) {
        for run in runs.iter().filter(|run| run.skipped.is_none()) {
            *bounds.entry(run.exploration.bound.to_string()).or_default() += 1;
        }
    }
    bounds
}
