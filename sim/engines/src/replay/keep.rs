//! Keeps findings as regressions: each becomes a scenario that holds, with the counterexample next
//! to it. The counterexample must still show the bug under which it was found.
//!
//! The scenario file names the counterexample in its opening comment. [`Kept::new`] writes that
//! line, [`counterexample_of`] reads it, and no other code depends on it.

use calloff_model::Reading;
use calloff_protocol::exploration::{Bound, Exploration, Limits, Reductions, Stop};
use calloff_protocol::finding::{Counterexample, Replay, Shown};
use calloff_protocol::judge::Violated;
use calloff_protocol::program::{Case, Lane, Program};
use calloff_protocol::scenario::{ExpectedCodes, ExpectedVerdict, Scenario};
use calloff_protocol::search;
use calloff_protocol::text::{printable, wrap};
use calloff_protocol::trace::Schedule;

use crate::replay::replay;

/// The text before the name of the counterexample.
const COUNTEREXAMPLE: &str = "# counterexample: ";

/// The widest line of the opening comment, in columns.
const WIDTH: usize = 98;

/// A kept finding: the contents of its two files.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kept {
    /// The scenario, with an opening comment that tells where it comes from.
    pub toml: String,
    /// The counterexample.
    pub json: String,
    /// Whether the scenario states the codes of every actor. If it does not, they are unknown: the
    /// scenario is too large to be explored, or the machine itself is wrong.
    pub has_codes: bool,
}

impl Kept {
    /// The finding as `NAME.toml` and `NAME.json`.
    ///
    /// # Panics
    ///
    /// If the finding claims nothing.
    pub fn new(finding: &Counterexample, name: &str, stop: &Stop) -> Kept {
        let mut finding = finding.clone();
        let claim = finding.claim.as_ref().expect("what is kept claims something");
        let (what, is_of_the_file) = (claim.what.id(), claim.what == Violated::Expectation);
        name.clone_into(&mut finding.scenario.name);
        if finding.scenario.summary.is_empty() {
            finding.scenario.summary = match finding.fault {
                Some(fault) => format!("Shows {what} under the seeded bug {}.", fault.name()),
                None => format!("Showed {what} once."),
            };
        }
        let mut has_codes = states_codes(&finding.scenario);
        if !has_codes && !is_of_the_file {
            has_codes = expect_what_holds(&mut finding.scenario, finding.reading, stop);
        }
        let toml = header(&finding, name) + &finding.scenario.to_toml();
        Kept { toml, json: finding.to_json(), has_codes }
    }
}

/// The name of the counterexample in the opening comment of a scenario file, if there is one.
pub fn counterexample_of(text: &str) -> Option<&str> {
    let comment = text.lines().take_while(|line| line.starts_with('#'));
    comment.filter_map(|line| line.strip_prefix(COUNTEREXAMPLE)).map(str::trim).next()
}

/// Why a kept counterexample does not show its bug any more.
pub enum Stale {
    /// The scenario has no such actor.
    NoActor(String),
    /// It has no execution.
    NoExecution,
    /// The execution, run again, does not show it.
    NotShown(Box<Replay>),
}

/// Runs the execution of a kept finding again, on the scenario as it is by now, under the bug that
/// it was found under. `None`: it shows the bug, or there is no bug to be seen, or the search was
/// stopped before that was known.
pub fn stale(finding: &Counterexample, scenario: &Scenario, stop: &Stop) -> Option<Stale> {
    finding.fault?;
    let names = finding.schedule.names(&finding.program());
    match Schedule::from_names(&Program::new(scenario), &names) {
        Err(name) => Some(Stale::NoActor(name)),
        Ok(_) if finding.shown != Shown::Execution => Some(Stale::NoExecution),
        Ok(schedule) => {
            let scenario = scenario.clone();
            let finding = Counterexample { scenario, schedule, ..finding.clone() };
            let replay = replay(&finding, None, stop);
            let is_stale = replay.has_diverged() || replay.is_seen_again == Some(false);
            (is_stale && stop.limit().is_none()).then(|| Stale::NotShown(Box::new(replay)))
        }
    }
}

/// Whether the scenario states the codes of every actor that returns any.
fn states_codes(scenario: &Scenario) -> bool {
    scenario.actors.iter().all(|actor| {
        let returns = actor.steps.iter().any(|step| step.returns_code());
        !returns || scenario.expect.codes.iter().any(|codes| codes.actor == actor.name)
    })
}

/// Makes the scenario expect what the machine does under that reading, and keeps those of its
/// readings under which the machine does the same. Returns `false` if that is not known.
fn expect_what_holds(scenario: &mut Scenario, reading: Reading, stop: &Stop) -> bool {
    let case = Case::new(scenario, reading);
    let program = &case.program;
    let explore = |reading| {
        let limits = Limits::default();
        search::prove(&case.under(reading), None, &limits, Reductions::default(), stop)
    };
    let found = explore(reading);
    if found.bound != Bound::Exhausted || !found.violations.is_empty() {
        return false;
    }
    let does = (codes(program, &found), can_be_stuck(&found));
    let is_same = |other: &Reading| {
        let found = explore(*other);
        *other == reading
            || (found.bound == Bound::Exhausted
                && (codes(program, &found), can_be_stuck(&found)) == does)
    };
    let readings = Reading::ALL.into_iter();
    let named = scenario.expect.readings.clone();
    let readings = readings.filter(|r| named.contains(r) || *r == reading).filter(is_same);
    scenario.expect.readings = readings.collect();
    scenario.expect.codes = does.0;
    scenario.expect.verdict = match does.1 {
        true => ExpectedVerdict::Stuck,
        false => ExpectedVerdict::Holds,
    };
    true
}

fn can_be_stuck(found: &Exploration) -> bool {
    found.outcomes.keys().any(|end| !end.stuck.is_empty())
}

/// The codes that were seen, for every actor that returns any.
fn codes(program: &Program, found: &Exploration) -> Vec<ExpectedCodes> {
    let lanes = program.lanes.iter().enumerate().filter(|(_, lane)| !lane.returning.is_empty());
    let expected = |(index, lane): (usize, &Lane)| {
        let seen = found.codes(index, lane.returning.len()).into_iter();
        let steps = seen.map(|codes| codes.into_iter().collect()).collect();
        ExpectedCodes { actor: lane.name.clone(), steps }
    };
    lanes.map(expected).collect()
}

/// The opening comment of a kept scenario.
fn header(finding: &Counterexample, name: &str) -> String {
    let claim = finding.claim.as_ref().expect("what is kept claims something");
    let by = format!("Found by {} under {}", finding.engine.name(), finding.reading);
    let (by, then) = match finding.fault {
        Some(fault) => (
            format!("{by}, with the seeded bug {}: {}.", fault.name(), fault.summary()),
            "Without the bug it holds, as this file says. With the bug, the execution in the \
             counterexample has to go on to show it; `calloff check` looks at both.",
        ),
        None => (format!("{by}."), "It has to hold, as this file says."),
    };
    let what = format!("A finding that was kept: {}: {}.", claim.what.id(), claim.message);
    let mut out = String::new();
    for line in [what, by, then.to_owned()] {
        for line in wrap(&printable(&line), WIDTH) {
            out.push_str(&format!("# {line}\n"));
        }
    }
    format!("{out}#\n{COUNTEREXAMPLE}{name}.json\n\n")
}
