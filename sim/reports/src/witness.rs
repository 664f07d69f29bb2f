//! The output of `calloff witness`.

use std::collections::BTreeSet;
use std::fmt::Write;

use calloff_model::Reading;
use calloff_protocol::exploration::{Bound, Exploration};
use calloff_protocol::goal::Goal;
use calloff_protocol::pair::Point;
use calloff_protocol::program::Program;
use calloff_protocol::search::Hunt;
use calloff_protocol::text::{count, printable, wrap_hanging};
use calloff_protocol::trace;
use calloff_protocol::trace::{Schedule, Trace};
use calloff_protocol::world::Fault;

use super::lanes::Layout;
use super::style::{BAD, BOLD, GOOD, UNSURE};
use crate::shell::replay_command;
use crate::unfinished::{stopped, within};
use crate::wanted::{describe, never_returned, subject};

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
    /// Whether it is hoped to be found; if not, it must never come.
    pub is_wanted: bool,
    /// The result under each reading.
    pub hunts: &'a [(Reading, Hunt)],
    /// Every end under each of the four readings, where it is impossible; otherwise empty.
    pub ends: &'a [(Reading, Exploration)],
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
        let head = if self.is_wanted { "wanted" } else { "must never come" };
        let wanted = format!("{head}: {}", describe(self.goal, self.program));
        let _ = writeln!(out, "{BOLD}{}{BOLD:#}", printable(self.scenario));
        let _ = writeln!(out, "{}", wrap_hanging(&wanted, width, 2));
        if let Some(fault) = self.fault {
            let text = format!("under the seeded bug {}: {}", fault.name, fault.summary);
            let _ = writeln!(out, "{}", wrap_hanging(&text, width, 2));
        }
        for (reading, hunt) in self.hunts {
            let (style, sign, text) = told(hunt, self.is_wanted);
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
        } else if !self.ends.is_empty() {
            self.instead(&mut out, width);
        }
        out
    }

    /// Lists the codes that the wanted steps do return, and tells whether any step returns the
    /// wanted code.
    fn instead(&self, out: &mut String, width: usize) {
        let Goal::Ends { codes, .. } = self.goal else { return };
        if self.program.is_client {
            // An end has the code of a step's last run only, and others may return more.
            return;
        }
        let (mut ends, mut all_ends, mut is_whole) = (BTreeSet::new(), BTreeSet::new(), true);
        for (reading, found) in self.ends {
            is_whole &= found.bound == Bound::Exhausted;
            if self.hunts.iter().any(|(hunted, _)| hunted == reading) {
                ends.extend(found.outcomes.keys());
            }
            all_ends.extend(found.outcomes.keys());
        }
        for wanted in codes {
            // What was not explored may return it.
            let never = is_whole
                .then(|| never_returned(wanted, self.program, all_ends.iter().copied()))
                .flatten();
            if let Some(remark) = &never {
                let _ = writeln!(out, "{}", wrap_hanging(remark, width, 2));
            }
            if never.is_some() && wanted.is_of_anyone() {
                continue;
            }
            let names: Vec<String> =
                wanted.codes_in(self.program, ends.iter().copied()).into_iter().collect();
            let names = match names.is_empty() {
                true => "nothing".to_owned(),
                false => names.join(", "),
            };
            let returns = if is_whole { "returns" } else { "returns, as far as is known" };
            let text = format!("{} {returns}: {names}", subject(wanted, self.program));
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
            let mut json = serde_json::json!({
                "reading": reading_json,
                "found": hunt.found.is_some(),
                "proven_impossible": is_proven_impossible(hunt),
                "states": hunt.states,
                "schedule": hunt.found.as_ref().map(|found| found.names(self.program)),
            });
            if hunt.round > 0 {
                json["repeats"] = hunt.round.into();
            }
            if let Some(depth) = hunt.complete_depth {
                json["complete_depth"] = depth.into();
            }
            json
        };
        serde_json::json!({
            "schema": 1,
            "tool": concat!("calloff ", env!("CARGO_PKG_VERSION")),
            "scenario": self.scenario,
            "fault": self.fault.map(|fault| fault.name),
            "wanted": describe(self.goal, self.program).to_string(),
            "runs": self.hunts.iter().map(hunt).collect::<Vec<_>>(),
        })
    }
}

/// Whether every state was explored and none meets the goal.
pub fn is_proven_impossible(hunt: &Hunt) -> bool {
    hunt.found.is_none() && hunt.bound == Bound::Exhausted
}

fn told(hunt: &Hunt, is_wanted: bool) -> (anstyle::Style, &'static str, String) {
    let states = count(hunt.states, "state");
    let (good, bad) = ((GOOD, "✓"), (BAD, "✗"));
    let (found, impossible) = if is_wanted { (good, bad) } else { (bad, good) };
    match (&hunt.found, hunt.bound) {
        (Some(schedule), _) => {
            let mut steps = count(schedule.0.len() as u64, "step");
            if hunt.round > 0 {
                let _ = write!(steps, ", the last {} of which repeat for ever", hunt.round);
            }
            (found.0, found.1, format!("{steps} ({states} explored until it was found)"))
        }
        (None, Bound::Stopped { limit }) => {
            let within = hunt.complete_depth.map(|depth| format!("none {}; ", within(depth)));
            let stopped = stopped(limit, &states);
            let text = format!("unknown: {}{stopped}", within.unwrap_or_default());
            (UNSURE, "?", text)
        }
        (None, _) => {
            let text = format!("impossible: all {states} were explored");
            (impossible.0, impossible.1, text)
        }
    }
}
