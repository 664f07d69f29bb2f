//! What `calloff replay` shows.

use std::fmt::Write;

use super::describe::{printable, wrap_hanging};
use super::human::{BAD, BOLD, GOOD, UNSURE};
use super::{lanes, operations};
use crate::engine::Engine;
use crate::faults::Seeded;
use crate::finding::replay::{Refusal, Replay};
use crate::finding::{Claim, Counterexample};
use crate::pair::Point;

/// Renders what came of replaying the finding, for a terminal of that width.
pub fn render(finding: &Counterexample, replay: &Replay, width: usize) -> String {
    let mut out = String::new();
    title(&mut out, finding, width);
    match (&replay.trace, &replay.followed) {
        (Some(trace), _) => {
            let point = point(finding, replay);
            out.push_str(&lanes::draw(&replay.program, trace, &point, width));
        }
        (None, Some(followed)) => {
            out.push_str(&operations::draw(&replay.program, followed, width));
        }
        (None, None) => {}
    }
    out.push('\n');
    let mut say = |style: anstyle::Style, sign: &str, head: &str, text: &str| {
        let text = wrap_hanging(&format!("{sign} {head}{text}"), width, 2);
        let head = format!("{sign} {head}");
        let _ = match text.strip_prefix(&head) {
            Some(rest) => writeln!(out, "{style}{head}{style:#}{rest}"),
            None => writeln!(out, "{text}"),
        };
    };
    if let Some(refusal) = &replay.refused {
        say(BAD, "✗", "diverged", &format!(" in {}", refused(replay, finding, refusal)));
    }
    if let Some((style, sign, head, text)) = implementation(finding, replay) {
        say(style, sign, head, &text);
    }
    match (&finding.claim, replay.is_seen_again) {
        (Some(claim), Some(true)) => say(GOOD, "✓", "seen again", &told(claim)),
        (Some(claim), _) => say(BAD, "✗", "not seen", &told(claim)),
        _ if !replay.has_diverged() => say(GOOD, "✓", "replayed", ""),
        _ => {}
    }
    let is_seen = replay.is_seen_again == Some(true);
    match replay.is_seen_without_fault.filter(|_| is_seen) {
        Some(true) => say(UNSURE, "–", "without the bug: seen as well", ""),
        Some(false) => say(GOOD, "✓", "without the bug: not seen", ""),
        None => {}
    }
    out
}

/// The lanes in another form than text; `None` when the schedule is not one of the machine's steps.
pub fn picture(
    finding: &Counterexample,
    replay: &Replay,
    picture: lanes::Picture,
) -> Option<String> {
    let trace = replay.trace.as_ref()?;
    let (program, point) = (&replay.program, point(finding, replay));
    let layout = lanes::Layout::new(program, trace).with_pair(program, trace, &point);
    Some(layout.render(picture, super::width()))
}

/// What the execution shows: what the finding claims, if that is so, or else how it ends.
fn point(finding: &Counterexample, replay: &Replay) -> Point {
    match &finding.claim {
        Some(claim) if replay.is_seen_again == Some(true) => Point::of(claim.what),
        _ => Point::End,
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
    let _ =
        writeln!(out, "{BOLD}{name}{BOLD:#} ({reading}{by}), each choice: {}", granularity.name());
    if let Some(fault) = fault {
        let text = format!("under the seeded bug {}: {}", fault.name(), fault.summary());
        let _ = writeln!(out, "{}", wrap_hanging(&text, width, 2));
    }
    out.push('\n');
}

fn refused(replay: &Replay, finding: &Counterexample, refusal: &Refusal) -> String {
    let program = &replay.program;
    let position = refusal.choice.position;
    let choice = operations::name(program, finding.schedule.0[position]);
    let enabled = operations::list(program, &refusal.enabled);
    format!("step {}: the schedule says `{choice}`; enabled: {enabled}", position + 1)
}

/// What the implementation did, in a sentence.
fn implementation(
    finding: &Counterexample,
    replay: &Replay,
) -> Option<(anstyle::Style, &'static str, &'static str, String)> {
    let followed = replay.followed.as_ref()?;
    let departs = followed.divergence.as_ref().map(|d| operations::departure(&replay.program, d));
    let subject = match finding.fault {
        Some(Seeded::Shell(_)) => "the faulty implementation",
        Some(Seeded::Machine(_)) => "the real monitor, which does not have the bug,",
        None => "the real monitor",
    };
    Some(match (departs, &replay.trace) {
        (Some(departs), Some(_)) if !replay.must_follow => {
            (UNSURE, "–", "", format!("{subject} departs in {departs}"))
        }
        (Some(departs), Some(_)) => {
            (BAD, "✗", "diverged", format!(": {subject} departs in {departs}"))
        }
        (Some(departs), None) => (BAD, "✗", "diverged", format!(" in {departs}")),
        (None, Some(_)) => {
            (GOOD, "✓", "", format!("{subject} takes every step, and returns the same codes"))
        }
        (None, None) => return None,
    })
}
