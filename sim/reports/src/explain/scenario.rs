//! Explains a scenario: who does what, and how it can end. What a limit has cut off is unknown, and
//! is said to be.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use calloff_model::Reading;
use calloff_protocol::exploration::{Bound, Exploration, Limit};
use calloff_protocol::history::{ActorId, Outcome, TimePolicy};
use calloff_protocol::program::Program;
use calloff_protocol::scenario::{Scenario, Step};
use calloff_protocol::text::{count, printable};
use unicode_width::UnicodeWidthStr;

use super::page::{Page, capital};
use crate::describe;
use crate::style::{BOLD, UNSURE};
use crate::unfinished::{stopped, within};

/// The number of ends of a scenario that are listed.
const ENDS_MAX: usize = 8;

/// How a scenario ends, as far as it was explored.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Ends<'a> {
    outcomes: BTreeSet<&'a Outcome>,
    /// Who may never finish, although something goes on for ever.
    starving: &'a BTreeSet<ActorId>,
    cut: Option<Cut>,
}

/// Where a limit has stopped it.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Cut {
    limit: Limit,
    states: u64,
    complete_depth: Option<u64>,
}

impl<'a> Ends<'a> {
    fn of(found: &'a Exploration) -> Ends<'a> {
        let cut = match found.bound {
            Bound::Stopped { limit } => {
                Some(Cut { limit, states: found.states, complete_depth: found.complete_depth })
            }
            _ => None,
        };
        let (outcomes, starving) = (found.outcomes.keys().collect(), &found.starving);
        Ends { outcomes, starving, cut }
    }

    /// The number of ends, in words.
    fn ways(&self) -> String {
        let ways = count(self.outcomes.len() as u64, "way");
        match (&self.cut, self.outcomes.is_empty()) {
            (None, _) => ways,
            (Some(_), false) => format!("at least {ways}"),
            (Some(_), true) => "unknown".to_owned(),
        }
    }
}

impl Cut {
    /// What is not known.
    fn told(&self, has_ends: bool) -> String {
        let Cut { limit, states, complete_depth } = self;
        let stopped = capital(&stopped(*limit, &count(*states, "state")));
        match complete_depth.map(within) {
            None => format!("{stopped}. How it ends is unknown."),
            Some(within) if has_ends => format!(
                "{stopped}. Every way of ending {within} is among these; whether it can end in \
                 other ways is unknown."
            ),
            Some(within) => {
                format!("{stopped}. No execution ends {within}; how longer ones end is unknown.")
            }
        }
    }
}

impl Page {
    /// Explains the scenario, given what was explored under each reading.
    pub(super) fn scenario(
        &mut self,
        name: &str,
        scenario: &Scenario,
        explored: &[(Reading, Exploration)],
    ) {
        self.title(name, "a scenario");
        if !scenario.summary.is_empty() {
            self.text(0, &printable(&scenario.summary));
            self.out.push('\n');
        }
        let _ = writeln!(self.out, "{BOLD}Who does what{BOLD:#}");
        let program = Program::new(scenario);
        self.lanes(scenario, &program);
        let mut groups: BTreeMap<Ends, Vec<Reading>> = BTreeMap::new();
        for (reading, found) in explored {
            groups.entry(Ends::of(found)).or_default().push(*reading);
        }
        let mut groups: Vec<_> = groups.into_iter().collect();
        groups.sort_by_key(|(_, readings)| readings.iter().min().copied());
        for (ends, readings) in groups {
            let readings = match readings.len() {
                4 => vec!["every reading".to_owned()],
                _ => readings.iter().map(ToString::to_string).collect(),
            };
            self.head(&format!("How it can end: {} ({})", ends.ways(), readings.join(", ")));
            for outcome in ends.outcomes.iter().take(ENDS_MAX) {
                let text = ended(&program, outcome);
                self.item(1, "·", &text);
            }
            if ends.outcomes.len() > ENDS_MAX {
                self.text(4, &format!("and {} more", ends.outcomes.len() - ENDS_MAX));
            }
            if !ends.starving.is_empty() {
                let name = |actor: &ActorId| format!("`{}`", program.actor_name(*actor));
                let names: Vec<String> = ends.starving.iter().map(name).collect();
                let text = format!(
                    "It may also go on for ever without {} finishing: `calloff check` shows how.",
                    names.join(" and ")
                );
                self.item(1, "∞", &printable(&text));
            }
            if let Some(cut) = ends.cut {
                self.item(1, &format!("{UNSURE}?{UNSURE:#}"), &cut.told(!ends.outcomes.is_empty()));
            }
        }
    }

    fn lanes(&mut self, scenario: &Scenario, program: &Program) {
        let column = program.lanes.iter().map(|lane| lane.name.width()).max().unwrap_or(0);
        for actor in program.actors() {
            let lane = &program.lanes[actor.0 as usize];
            let steps = match program.is_client {
                // With its loops and decisions, as the file has them.
                true => {
                    let steps = scenario.actors[actor.0 as usize].steps.iter().map(Step::to_toml);
                    let steps = steps.collect::<Vec<_>>().join(", ");
                    printable(&steps.split_whitespace().collect::<Vec<_>>().join(" "))
                }
                false => {
                    let steps = lane.instructions.iter();
                    let steps = steps.map(|i| describe::action(program, actor, i.action));
                    steps.collect::<Vec<_>>().join(", then ")
                }
            };
            self.item(column, &printable(&lane.name), &steps);
        }
        self.text(
            2,
            match program.time {
                TimePolicy::Free => "The clock is free: it may advance between any two steps.",
                TimePolicy::Urgent => "The clock is urgent: it advances only when nobody can step.",
            },
        );
    }
}

/// Every code of an end, actor by actor, and the stuck actors.
pub(crate) fn ended(program: &Program, outcome: &Outcome) -> String {
    let mut parts = Vec::new();
    for actor in program.actors() {
        let lane = &program.lanes[actor.0 as usize];
        let codes = outcome.codes[actor.0 as usize].iter();
        let codes: Vec<String> =
            codes.map(|(at, code)| lane.returning[*at as usize].code_name(*code)).collect();
        let stuck = if outcome.stuck.contains(&actor) { "stuck for ever" } else { "" };
        let text = match (codes.is_empty(), stuck) {
            (true, "") => continue,
            (true, stuck) => stuck.to_owned(),
            (false, "") => codes.join(", "),
            (false, stuck) => format!("{}, then {stuck}", codes.join(", ")),
        };
        parts.push(format!("{}: {text}", printable(&lane.name)));
    }
    parts.join("; ")
}
