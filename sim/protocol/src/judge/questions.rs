//! The questions of a file: what never happens, what is possible, and who may not finish.

use std::collections::BTreeMap;

use super::{Violated, Violation};
use crate::exploration::{Answer, Bound, Exploration};
use crate::history::ActorId;
use crate::program::Program;
use crate::scenario::{Question, Scenario};
use crate::text::count;
use crate::trace::Schedule;

/// The questions whose answers are not those that the file expects.
pub(super) fn violations(scenario: &Scenario, exploration: &Exploration) -> Vec<Violation> {
    let wrong = exploration.answers.iter().filter_map(|answer| wrong(scenario, answer));
    wrong.collect()
}

fn wrong(scenario: &Scenario, answer: &Answer) -> Option<Violation> {
    let list = match answer.is_never {
        true => &scenario.expect.never,
        false => &scenario.expect.possible,
    };
    let told = told(&list[answer.question]);
    match (&answer.found, answer.is_never) {
        (Some(schedule), true) => {
            let lasso = match answer.round {
                0 => String::new(),
                1 => "; its last choice repeats for ever".to_owned(),
                round => format!("; its last {round} choices repeat for ever"),
            };
            let steps = schedule.0.len();
            let steps = count(steps as u64, "choice");
            let message = format!("{told} happens, after {steps}{lasso}");
            let schedule = Some(schedule.clone());
            Some(Violation { schedule, ..Violation::new(Violated::Never, message) })
        }
        (None, false) if answer.bound == Bound::Exhausted => {
            Some(Violation::new(Violated::Possible, format!("{told} can never happen")))
        }
        _ => None,
    }
}

/// The question, in words.
fn told(question: &Question) -> String {
    let stuck = question.stuck.iter().map(|actor| format!("{actor} never finishes"));
    let parts: Vec<String> = question.codes.iter().cloned().chain(stuck).collect();
    match question.why.is_empty() {
        true => parts.join(" and "),
        false => format!("{} ({})", parts.join(" and "), question.why),
    }
}

/// How those who may not finish differ from those that the file names, if it names any.
pub(super) fn not_finishing(
    scenario: &Scenario,
    program: &Program,
    exploration: &Exploration,
) -> Vec<Violation> {
    let Some(expected) = &scenario.expect.stuck else { return Vec::new() };
    let mut seen: BTreeMap<ActorId, Option<Schedule>> = BTreeMap::new();
    for (end, node) in &exploration.outcomes {
        for actor in &end.stuck {
            let schedule = exploration.schedule(*node);
            let known = seen.entry(*actor).or_insert_with(|| schedule.clone());
            let length = |schedule: &Option<Schedule>| schedule.as_ref().map(|s| s.0.len());
            if length(&schedule) < length(known) {
                *known = schedule;
            }
        }
    }
    for lasso in &exploration.lassos {
        let choices = || lasso.way.0.iter().chain(&lasso.cycle.0).copied().collect();
        for actor in &lasso.starving {
            seen.entry(*actor).or_insert_with(|| Some(Schedule(choices())));
        }
    }
    let is_expected = |actor: &ActorId| expected.iter().any(|e| e == program.actor_name(*actor));
    let mut found = Vec::new();
    for (actor, schedule) in seen.iter().filter(|(actor, _)| !is_expected(actor)) {
        let name = program.actor_name(*actor);
        let message = format!("`{name}` may never finish, and the file does not expect that");
        let schedule = schedule.clone();
        let granularity = exploration.granularity;
        found.push(Violation {
            schedule,
            granularity,
            ..Violation::new(Violated::NotFinishing, message)
        });
    }
    if exploration.bound == Bound::Exhausted {
        for name in expected {
            if !seen.keys().any(|actor| program.actor_name(*actor) == name) {
                let message = format!("`{name}` always finishes, and the file expects otherwise");
                found.push(Violation::new(Violated::NotFinishing, message));
            }
        }
    }
    found
}
