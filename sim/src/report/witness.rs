//! The output of `calloff witness`.

use std::collections::BTreeSet;
use std::fmt::Write;

use calloff_model::Reading;

use super::describe::{printable, wrap_hanging};
use super::human::{BAD, BOLD, GOOD, UNSURE, count};
use super::lanes::Layout;
use crate::engine::protocol::{self, Hunt};
use crate::engine::{Bound, Limits, Stop};
use crate::faults::Fault;
use crate::goal::Goal;
use crate::pair::Point;
use crate::program::Program;
use crate::trace::{self, Schedule, Trace};

/// A search for an execution, and its results.
pub struct Witness<'a> {
    /// The scenario as it was asked for: a path or a name.
    pub scenario: &'a str,
    /// The program of the scenario.
    pub program: &'a Program,
    /// The seeded bug.
    pub fault: Option<&'static Fault>,
    /// What was looked for.
    pub goal: &'a Goal,
    /// The result under each reading.
    pub hunts: &'a [(Reading, Hunt)],
}

impl Witness<'_> {
    /// The shortest schedule, and the first reading that has it.
    pub fn best(&self) -> Option<(Reading, &Schedule)> {
        let found = self.hunts.iter();
        let found = found.filter_map(|(reading, hunt)| Some((*reading, hunt.found.as_ref()?)));
        found.min_by_key(|(_, schedule)| schedule.0.len())
    }

    /// The lanes of the execution that was found, with the pair of steps that decides.
    pub fn layout(&self) -> Option<Layout> {
        let (reading, schedule) = self.best()?;
        let trace = self.trace(reading, schedule);
        let point = Point::Goal(self.goal.clone());
        Some(Layout::new(self.program, &trace).with_pair(self.program, &trace, &point))
    }

    fn trace(&self, reading: Reading, schedule: &Schedule) -> Trace {
        trace::replay(self.program, reading, self.fault, schedule)
            .expect("what a search has found can be run again")
    }

    /// Renders the answer for a terminal of that width.
    pub fn render(&self, width: usize) -> String {
        let mut out = String::new();
        let wanted = format!("wanted: {}", self.goal.describe(self.program));
        let _ = writeln!(out, "{BOLD}{}{BOLD:#}", printable(self.scenario));
        let _ = writeln!(out, "{}", wrap_hanging(&wanted, width, 2));
        if let Some(fault) = self.fault {
            let text = format!("under the seeded bug {}: {}", fault.name, fault.summary);
            let _ = writeln!(out, "{}", wrap_hanging(&text, width, 2));
        }
        for (reading, hunt) in self.hunts {
            let (style, sign, text) = told(hunt);
            let reading = reading.to_string();
            let text = wrap_hanging(&text, width, 28);
            let _ = writeln!(out, "{style}{sign}{style:#} {reading:<24}  {text}");
        }
        out.push('\n');
        if let (Some((reading, schedule)), Some(layout)) = (self.best(), self.layout()) {
            let _ = writeln!(out, "{BOLD}the shortest, under {reading}{BOLD:#}\n");
            out.push_str(&layout.to_text(width));
            let command =
                replay_command(self.scenario, self.program, reading, self.fault, schedule);
            let _ = writeln!(out, "\nTo see it again:\n  {command}");
        } else if self.hunts.iter().all(|(_, hunt)| is_proven_impossible(hunt)) {
            self.instead(&mut out, width);
        }
        out
    }

    /// Lists the codes that the wanted steps do return, and tells whether any step returns the
    /// wanted code.
    fn instead(&self, out: &mut String, width: usize) {
        let Goal::Ends { codes, .. } = self.goal else { return };
        let (mut ends, mut all_ends, mut is_whole) = (BTreeSet::new(), BTreeSet::new(), true);
        for reading in Reading::ALL {
            let (limits, stop) = (Limits::default(), Stop::default());
            let found = protocol::explore(self.program, reading, self.fault, &limits, &stop);
            is_whole &= found.bound == Bound::Exhausted;
            if self.hunts.iter().any(|(hunted, _)| *hunted == reading) {
                ends.extend(found.outcomes.keys().cloned());
            }
            all_ends.extend(found.outcomes.into_keys());
        }
        for wanted in codes {
            // States that were not explored may return it.
            let never = is_whole.then(|| wanted.never_returned(self.program, &all_ends)).flatten();
            if let Some(remark) = &never {
                let _ = writeln!(out, "{}", wrap_hanging(remark, width, 2));
            }
            if never.is_some() && wanted.is_of_anyone() {
                continue;
            }
            let names: Vec<String> = wanted.codes_in(self.program, &ends).into_iter().collect();
            let names = match names.is_empty() {
                true => "nothing".to_owned(),
                false => names.join(", "),
            };
            let text = format!("{} returns: {names}", wanted.subject(self.program));
            let _ = writeln!(out, "{}", wrap_hanging(&text, width, 2));
        }
    }

    /// The answer as JSON.
    pub fn json(&self) -> serde_json::Value {
        let hunt = |(reading, hunt): &(Reading, Hunt)| {
            let reading_json = serde_json::json!({
                "cancelable": reading.cancelable.name(),
                "waiter": reading.waiter.name(),
            });
            serde_json::json!({
                "reading": reading_json,
                "found": hunt.found.is_some(),
                "proven_impossible": is_proven_impossible(hunt),
                "states": hunt.states,
                "schedule": hunt.found.as_ref().map(|found| found.names(self.program)),
            })
        };
        serde_json::json!({
            "schema": 1,
            "tool": concat!("calloff ", env!("CARGO_PKG_VERSION")),
            "scenario": self.scenario,
            "fault": self.fault.map(|fault| fault.name),
            "wanted": self.goal.describe(self.program).to_string(),
            "runs": self.hunts.iter().map(hunt).collect::<Vec<_>>(),
        })
    }
}

/// Whether every state was explored and none meets the goal.
pub fn is_proven_impossible(hunt: &Hunt) -> bool {
    hunt.found.is_none() && hunt.bound == Bound::Exhausted
}

fn told(hunt: &Hunt) -> (anstyle::Style, &'static str, String) {
    let states = count(hunt.states, "state");
    match (&hunt.found, hunt.bound) {
        (Some(schedule), _) => {
            let steps = count(schedule.0.len() as u64, "step");
            (GOOD, "✓", format!("{steps} ({states} explored until it was found)"))
        }
        (None, Bound::Stopped { limit }) => {
            let text = format!(
                "not found: the limit on {} was hit after {states}; {}",
                limit.name(),
                limit.advice()
            );
            (UNSURE, "?", text)
        }
        (None, _) => (BAD, "✗", format!("impossible: all {states} were explored")),
    }
}

/// The command that shows a schedule again.
pub fn replay_command(
    scenario: &str,
    program: &Program,
    reading: Reading,
    fault: Option<&Fault>,
    schedule: &Schedule,
) -> String {
    let names = schedule.names(program);
    let is_plain = |name: &String| !name.is_empty() && !name.contains(char::is_whitespace);
    let names = match names.iter().all(is_plain) && !names.concat().starts_with('[') {
        true => names.join(" "),
        false => serde_json::json!(names).to_string(),
    };
    let mut command = format!("calloff replay --scenario {}", quoted(scenario));
    let default = Reading::default();
    if reading.cancelable != default.cancelable {
        let _ = write!(command, " --cancelable {}", reading.cancelable.name());
    }
    if reading.waiter != default.waiter {
        let _ = write!(command, " --waiter {}", reading.waiter.name());
    }
    if let Some(fault) = fault {
        let _ = write!(command, " --fault {}", fault.name);
    }
    command + " --schedule " + &in_quotes(&names)
}

/// An argument, quoted if a shell would not take it literally.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    match text.chars().all(is_plain) && !text.is_empty() {
        true => text.to_owned(),
        false => in_quotes(text),
    }
}

fn in_quotes(text: &str) -> String {
    match text.contains(['"', '$', '`', '\\', '!']) {
        false => format!("\"{text}\""),
        true => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_survives_a_shell() {
        assert_eq!(quoted("races/a-b.toml"), "races/a-b.toml");
        assert_eq!(quoted("my race.toml"), "\"my race.toml\"");
        assert_eq!(in_quotes("[\"it's\"]"), "'[\"it'\\''s\"]'");
    }
}
