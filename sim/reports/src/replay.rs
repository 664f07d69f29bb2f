//! The output of `calloff replay`.

use std::fmt::Write;

use calloff_protocol::exploration::{Bound, Engine, Granularity};
use calloff_protocol::faults::Seeded;
use calloff_protocol::finding::{Claim, Counterexample, Explored, Refusal, Replay, Shown};
use calloff_protocol::narrative;
use calloff_protocol::pair::Point;
use calloff_protocol::text::{count, printable, wrap_hanging};
use calloff_protocol::trace::Trace;

use super::lanes;
use super::style::{BAD, BOLD, GOOD, UNSURE};

/// Renders the result of replaying the finding, for a terminal of that width.
pub fn render(finding: &Counterexample, replay: &Replay, width: usize) -> String {
    let mut out = String::new();
    title(&mut out, finding, width);
    match (&replay.trace, &replay.followed) {
        (Some(trace), _) => {
            out.push_str(&layout(finding, replay, trace).to_text(width));
        }
        (None, Some(followed)) => {
            out.push_str(&narrative::draw(&replay.program, followed, width));
        }
        (None, None) => {}
    }
    out.push('\n');
    let mut say = |style: anstyle::Style, sign: &str, head: &str, text: &str| {
        say(&mut out, width, (style, sign, head, text));
    };
    if let Some(refusal) = &replay.refused {
        say(BAD, "✗", "diverged", &format!(" at {}", refused(replay, finding, refusal)));
    }
    if let Some((style, sign, head, text)) = implementation(finding, replay) {
        say(style, sign, head, &text);
    }
    match (&finding.claim, replay.is_seen_again) {
        (Some(claim), Some(true)) => say(GOOD, "✓", "seen again", &told(claim)),
        (Some(claim), _) => {
            say(BAD, "✗", "not seen", &told(claim));
            if !replay.has_diverged() {
                say(UNSURE, "–", "", &format!("the schedule: {}", unseen(replay)));
            }
        }
        _ if !replay.has_diverged() => say(GOOD, "✓", "replayed", ""),
        _ => {}
    }
    let is_seen = replay.is_seen_again == Some(true);
    without_fault(&mut out, replay.is_seen_without_fault.filter(|_| is_seen), width);
    out
}

/// Renders the result of exploring again, for a terminal of that width.
pub fn render_explored(finding: &Counterexample, explored: &Explored, width: usize) -> String {
    let mut out = String::new();
    title(&mut out, finding, width);
    if finding.granularity == Granularity::FinishedStep && !finding.schedule.0.is_empty() {
        let names = finding.schedule.names(&finding.program()).join(" ");
        let text = format!("the order in which steps were finished: {}", printable(&names));
        let _ = writeln!(out, "{}\n", wrap_hanging(&text, width, 2));
    }
    let Explored { run, is_seen_again, is_seen_without_fault } = explored;
    let engine = run.engine.name();
    let did = match (&run.skipped, run.exploration.executions) {
        (Some(reason), _) => format!("{engine} was skipped: {reason}"),
        (None, 0) => format!("{engine} explored {}", count(run.exploration.states, "state")),
        (None, executions) => format!("{engine} ran {}", count(executions, "execution")),
    };
    let bound = match run.skipped {
        Some(_) => String::new(),
        None => format!(" ({})", run.exploration.bound),
    };
    let _ = writeln!(out, "{}", wrap_hanging(&format!("{did}{bound}"), width, 2));
    let claim = finding.claim.as_ref().map_or(String::new(), told);
    match is_seen_again {
        true => say(&mut out, width, (GOOD, "✓", "seen again", &claim)),
        false => say(&mut out, width, (BAD, "✗", "not seen", &claim)),
    }
    let is_chance = matches!(run.exploration.bound, Bound::RealTime | Bound::Sampled { .. });
    if !is_seen_again && is_chance && run.skipped.is_none() {
        let text = "it may be there all the same: these are samples, and no engine that tries \
                    every interleaving has an execution that shows it";
        say(&mut out, width, (UNSURE, "–", "", text));
    }
    without_fault(&mut out, is_seen_without_fault.filter(|_| *is_seen_again), width);
    out
}

/// Writes a line with a sign and a head in a colour.
fn say(
    out: &mut String,
    width: usize,
    (style, sign, head, text): (anstyle::Style, &str, &str, &str),
) {
    let text = wrap_hanging(&format!("{sign} {head}{text}"), width, 2);
    let head = format!("{sign} {head}");
    let _ = match text.strip_prefix(&head) {
        Some(rest) => writeln!(out, "{style}{head}{style:#}{rest}"),
        None => writeln!(out, "{text}"),
    };
}

fn without_fault(out: &mut String, is_seen: Option<bool>, width: usize) {
    match is_seen {
        Some(true) => say(out, width, (UNSURE, "–", "without the bug: seen as well", "")),
        Some(false) => say(out, width, (GOOD, "✓", "without the bug: not seen", "")),
        None => {}
    }
}

/// Why the replay does not show what the finding claims; `None` if it does, or if nothing is
/// claimed.
pub fn why_not(finding: &Counterexample, replay: &Replay) -> Option<String> {
    if let Some(refusal) = &replay.refused {
        return Some(refused(replay, finding, refusal));
    }
    let departs = replay.followed.as_ref().and_then(|followed| followed.divergence.as_ref());
    match departs.filter(|_| replay.has_diverged()) {
        Some(departs) => Some(narrative::departure(&replay.program, departs)),
        None if replay.is_seen_again == Some(false) => Some(unseen(replay).to_owned()),
        None => None,
    }
}

/// The lanes in a form other than text; `None` if the schedule does not consist of the machine's
/// steps.
pub fn picture(
    finding: &Counterexample,
    replay: &Replay,
    picture: lanes::Picture,
    width: usize,
) -> Option<String> {
    let trace = replay.trace.as_ref()?;
    Some(layout(finding, replay, trace).render(picture, width))
}

/// The lanes, with the pair that decides what the finding claims or, if the claim does not hold,
/// what the execution shows.
fn layout(finding: &Counterexample, replay: &Replay, trace: &Trace) -> lanes::Layout {
    let program = &replay.program;
    let point = match &finding.claim {
        Some(claim) if replay.is_seen_again == Some(true) => {
            Some(Point::of(claim.what, &finding.scenario, program, trace))
        }
        _ => Point::shown(&finding.scenario, program, trace),
    };
    lanes::laid_out(program, trace, point.as_ref())
}

/// The ending of a sentence about a schedule that was followed and does not show the finding.
fn unseen(replay: &Replay) -> &'static str {
    let is_end = match (&replay.trace, &replay.followed) {
        (Some(trace), _) => trace.steps.last().is_some_and(|step| step.is_at_rest),
        (None, followed) => followed.as_ref().is_some_and(|followed| followed.is_end),
    };
    match is_end {
        true => "it runs to its end, and nothing of the kind happens",
        false => "it stops where more can happen, and nothing of the kind has happened",
    }
}

fn told(claim: &Claim) -> String {
    format!(": {}: {}", claim.what.id(), printable(&claim.message))
}

fn title(out: &mut String, finding: &Counterexample, width: usize) {
    let Counterexample { scenario, reading, engine, granularity, fault, .. } = finding;
    let name = printable(&scenario.name);
    let by = match (finding.claim.is_some(), engine) {
        (true, Engine::Protocol) | (false, _) => String::new(),
        (true, engine) => format!(", found by {}", engine.name()),
    };
    let how = match finding.shown {
        Shown::Execution => format!("each choice: {}", granularity.name()),
        Shown::Exploration(_) => "explored again".to_owned(),
    };
    let _ = writeln!(out, "{BOLD}{name}{BOLD:#} ({reading}{by}), {how}");
    if let Some(fault) = fault {
        let text = format!("under the seeded bug {}: {}", fault.name(), fault.summary());
        let _ = writeln!(out, "{}", wrap_hanging(&text, width, 2));
    }
    out.push('\n');
}

fn refused(replay: &Replay, finding: &Counterexample, refusal: &Refusal) -> String {
    let program = &replay.program;
    let position = refusal.choice.position;
    let choice = narrative::name(program, finding.schedule.0[position]);
    let enabled = narrative::list(program, &refusal.enabled);
    format!("choice {}: the schedule says `{choice}`; enabled to step: {enabled}", position + 1)
}

/// A sentence about what the implementation did.
fn implementation(
    finding: &Counterexample,
    replay: &Replay,
) -> Option<(anstyle::Style, &'static str, &'static str, String)> {
    let followed = replay.followed.as_ref()?;
    let departs = followed.divergence.as_ref().map(|d| narrative::departure(&replay.program, d));
    let subject = match finding.fault {
        Some(Seeded::Shell(_)) => "the faulty implementation",
        Some(Seeded::Machine(_)) => "the real monitor, which does not have the bug,",
        None => "the real monitor",
    };
    Some(match (departs, &replay.trace) {
        (Some(departs), Some(_)) if !replay.must_follow => {
            (UNSURE, "–", "", format!("{subject} departs at {departs}"))
        }
        (Some(departs), Some(_)) => {
            (BAD, "✗", "diverged", format!(": {subject} departs at {departs}"))
        }
        (Some(departs), None) => (BAD, "✗", "diverged", format!(" at {departs}")),
        (None, Some(_)) => {
            (GOOD, "✓", "", format!("{subject} takes every step, and returns the same codes"))
        }
        (None, None) => return None,
    })
}
