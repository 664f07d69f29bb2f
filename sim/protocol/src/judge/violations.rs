//! Judges an exploration: everything that is wrong with it.

use std::collections::BTreeMap;

use calloff_model::{Code, Reading};

use super::{Violated, Violation, questions};
use crate::exploration::{Bound, Exploration, Lasso, Livelock, NodeId, Stall, Turn};
use crate::goal::{By, Wanted, Which};
use crate::history::{ActorId, Outcome, TimePolicy};
use crate::program::Program;
use crate::scenario::{ExpectedVerdict, Scenario};
use crate::trace::Schedule;
use crate::world::Choice;

/// What a panic is told as.
pub const PANICKED: &str = "the implementation panicked";

/// Everything that is wrong: broken clauses, who is stuck, and what the file did not expect. What a
/// file expects holds for the readings that it names; that somebody may be stuck, for all.
pub fn violations(
    scenario: &Scenario,
    program: &Program,
    reading: Reading,
    exploration: &Exploration,
) -> Vec<Violation> {
    let judge = Judge { scenario, program, exploration };
    let broken = exploration.violations.iter().map(|(clause, finding)| Violation {
        schedule: finding.schedule.clone(),
        granularity: exploration.granularity,
        ..Violation::new(Violated::Clause(*clause), finding.message.clone())
    });
    let mut violations: Vec<Violation> = broken.collect();
    violations.extend(exploration.divergence.iter().map(|found| Violation {
        schedule: found.schedule.clone(),
        granularity: exploration.granularity,
        ..Violation::new(Violated::Divergence, found.message.clone())
    }));
    violations.extend(exploration.livelock.iter().map(|found| Violation {
        granularity: exploration.granularity,
        ..livelock(program, found)
    }));
    violations.extend(exploration.stall.iter().map(|found| stall(program, found)));
    violations.extend(judge.stuck());
    violations.extend(judge.starving());
    violations.extend(exploration.panics.iter().map(|(text, node)| Violation {
        schedule: exploration.schedule(*node),
        granularity: exploration.granularity,
        ..Violation::new(Violated::Panic, format!("{PANICKED}: {text}"))
    }));
    if scenario.expect.readings.contains(&reading) {
        violations.extend(judge.expected_verdict());
        violations.extend(questions::not_finishing(scenario, program, exploration));
        for expected in &scenario.expect.codes {
            let actor = program.actors().find(|a| program.actor_name(*a) == expected.actor);
            judge.codes(actor.expect("a known actor"), &expected.steps, &mut violations);
        }
    }
    violations.extend(questions::violations(scenario, exploration));
    violations
}

/// The codes that were returned in an execution and that the file does not expect, in the order of
/// the file.
pub fn unexpected<'a>(
    scenario: &'a Scenario,
    program: &'a Program,
    outcome: &'a Outcome,
) -> impl Iterator<Item = Wanted> + 'a {
    scenario.expect.codes.iter().flat_map(move |expected| {
        let mut actors = program.actors();
        let actor = actors.find(|actor| program.lanes[actor.0 as usize].name == expected.actor);
        let codes = actor.map(|actor| (By::Actor(actor), &outcome.codes[actor.0 as usize]));
        let codes = codes.into_iter().flat_map(|(by, codes)| codes.iter().map(move |c| (by, c)));
        let is_expected = |step: u32, code: &Code| {
            expected.steps.get(step as usize).is_some_and(|codes| codes.contains(code))
        };
        let unexpected = codes.filter(move |(_, (step, code))| !is_expected(*step, code));
        unexpected.map(|(by, &(step, code))| Wanted { by, step: Which::At(step), code })
    })
}

/// How the message begins that a step can return a code which the file does not expect.
pub fn can_return(step: &str, code: &str) -> String {
    format!("{step} can return {code},")
}

/// That somebody can never finish, as in that end.
pub fn stuck(program: &Program, end: &Outcome, schedule: Option<Schedule>) -> Violation {
    let name = |actor: &ActorId| format!("`{}`", program.actor_name(*actor));
    let names: Vec<String> = end.stuck.iter().map(name).collect();
    let message = format!("{} can never finish", names.join(" and "));
    Violation { schedule, ..Violation::new(Violated::Stuck, message) }
}

/// That some fair execution goes on for ever without their finishing.
fn starving(program: &Program, lasso: &Lasso) -> Violation {
    let name = |actor: &ActorId| format!("`{}`", program.actor_name(*actor));
    let names: Vec<String> = lasso.starving.iter().map(name).collect();
    let does = if names.len() == 1 { "starves" } else { "starve" };
    let round = match lasso.cycle.0.len() {
        1 => "the last choice repeats".to_owned(),
        round => format!("the last {round} choices repeat"),
    };
    let urgent = program.time == TimePolicy::Urgent && !lasso.cycle.0.contains(&Choice::Clock);
    let stopped = match urgent {
        true => ". No time passes meanwhile: an urgent clock waits until nobody can step",
        false => "",
    };
    let names = names.join(" and ");
    let message =
        format!("{names} {does}: {round} for ever, and nobody is treated unfairly{stopped}");
    let choices = lasso.way.0.iter().chain(&lasso.cycle.0).copied().collect();
    Violation { schedule: Some(Schedule(choices)), ..Violation::new(Violated::Stuck, message) }
}

/// That no end can be reached any more, with the way into the cycle and one round of it.
pub fn livelock(program: &Program, found: &Livelock) -> Violation {
    let turn = |turn: &Turn| {
        let within = turn.within.map(|action| program.operation(turn.actor, action));
        let deeds: Vec<String> = turn.deeds.iter().map(|deed| deed.text(&found.names)).collect();
        format!(
            "`{}`, in {}, {}",
            program.actor_name(turn.actor),
            within.as_deref().unwrap_or("no operation"),
            if deeds.is_empty() { "goes on".to_owned() } else { deeds.join(", ") },
        )
    };
    let turns: Vec<String> = found.turns.iter().map(turn).collect();
    let (round, before) = (found.cycle.0.len(), found.way.0.len());
    let mut message = match found.is_proven {
        true => format!(
            "livelock: after {before} choices no end can be reached, whoever steps; the last \
             {round} of the schedule repeat for ever: {}",
            turns.join("; ")
        ),
        false => format!(
            "livelock: no end after {} choices, most of which were made at random",
            before + round
        ),
    };
    if found.is_shortened && found.is_proven {
        message.push_str(
            ". (Rounds that observe the same are told apart up to a number only. Code that counts \
             further has to say so with `knows_only`)",
        );
    }
    let schedule = Schedule(found.way.0.iter().chain(&found.cycle.0).copied().collect());
    Violation { schedule: Some(schedule), ..Violation::new(Violated::Livelock, message) }
}

/// That an operation does not come back.
pub fn stall(program: &Program, found: &Stall) -> Violation {
    let within = match found.within {
        None => "the making of the implementation".to_owned(),
        Some((actor, None)) => format!("`{}`", program.actor_name(actor)),
        Some((actor, Some(action))) => {
            format!("`{}`, in {},", program.actor_name(actor), program.operation(actor, action))
        }
    };
    let message = format!(
        "{within} does not come back: for {} seconds it used nothing of the runtime. It spins or \
         blocks on something else, as a lock of `std`",
        found.seconds
    );
    Violation::new(Violated::Stall, message)
}

/// The codes that one step returned, each with an end in which it did, if one was seen.
type Seen = BTreeMap<Code, Option<NodeId>>;

struct Judge<'a> {
    scenario: &'a Scenario,
    program: &'a Program,
    exploration: &'a Exploration,
}

impl Judge<'_> {
    fn is_exhausted(&self) -> bool {
        self.exploration.bound == Bound::Exhausted
    }

    fn stuck(&self) -> Option<Violation> {
        if self.scenario.expect.verdict == ExpectedVerdict::Stuck {
            return None;
        }
        let ends = self.exploration.outcomes.iter().filter(|(end, _)| !end.stuck.is_empty());
        let schedules = ends.map(|(end, node)| (end, self.exploration.schedule(*node)));
        let (end, schedule): (&Outcome, Option<Schedule>) =
            schedules.min_by_key(|(_, schedule)| schedule.as_ref().map(|s| s.0.len()))?;
        Some(Violation {
            granularity: self.exploration.granularity,
            ..stuck(self.program, end, schedule)
        })
    }

    /// Who starves, if nobody may.
    fn starving(&self) -> Option<Violation> {
        if self.scenario.expect.verdict == ExpectedVerdict::Stuck {
            return None;
        }
        let length = |lasso: &&Lasso| lasso.way.0.len() + lasso.cycle.0.len();
        let shortest = self.exploration.lassos.iter().min_by_key(length)?;
        let granularity = self.exploration.granularity;
        Some(Violation { granularity, ..starving(self.program, shortest) })
    }

    fn expected_verdict(&self) -> Option<Violation> {
        let mut found = self.exploration.violations.keys().map(|c| c.id);
        let message = match &self.scenario.expect.verdict {
            ExpectedVerdict::Violated { clause }
                if self.is_exhausted() && !found.any(|c| c == clause) =>
            {
                format!("the file expects a violation of {clause}, and there is none")
            }
            ExpectedVerdict::Stuck
                if self.is_exhausted()
                    && self.scenario.expect.stuck.is_none()
                    && self.exploration.lassos.is_empty()
                    && self.exploration.outcomes.keys().all(|end| end.stuck.is_empty()) =>
            {
                "the file expects that somebody can get stuck, and nobody can".to_owned()
            }
            _ => return None,
        };
        Some(Violation::new(Violated::Expectation, message))
    }

    /// Checks the codes that the steps of an actor returned in all executions.
    fn codes(&self, actor: ActorId, expected: &[Vec<Code>], violations: &mut Vec<Violation>) {
        let seen = self.seen(actor, expected.len());
        for (at, (seen, expected)) in (0..).zip(seen.into_iter().zip(expected)) {
            let action = self.program.lanes[actor.0 as usize].returning[at as usize];
            let step = self.program.step_name(actor, at);
            let mut report = |message, schedule: Option<Schedule>, returned| {
                violations.push(Violation {
                    schedule,
                    granularity: self.exploration.granularity,
                    returned,
                    ..Violation::new(Violated::Expectation, message)
                });
            };
            for (&code, &node) in seen.iter().filter(|(code, _)| !expected.contains(code)) {
                let returned = &self.exploration.returned;
                let shortest = match self.program.is_client {
                    false => returned.get(&(actor, at, code)).cloned().flatten(),
                    true => None,
                };
                let to_end = || node.and_then(|node| self.exploration.schedule(node));
                let told = can_return(&step, &action.code_name(code));
                let message = format!("{told} which the file does not expect");
                let returned = Wanted { by: By::Actor(actor), step: Which::At(at), code };
                report(message, shortest.or_else(to_end), Some(returned));
            }
            if self.is_exhausted() {
                for &code in expected.iter().filter(|code| !seen.contains_key(code)) {
                    let code = action.code_name(code);
                    let message = format!("{step} never returns {code}, which the file expects");
                    report(message, None, None);
                }
            }
        }
    }

    /// What each code-returning step of the actor was seen to return.
    fn seen(&self, actor: ActorId, steps: usize) -> Vec<Seen> {
        let mut seen: Vec<Seen> = vec![Seen::new(); steps];
        for (end, node) in &self.exploration.outcomes {
            for (at, code) in &end.codes[actor.0 as usize] {
                seen[*at as usize].entry(*code).or_insert(Some(*node));
            }
        }
        if self.program.is_client {
            // What counts of a step that runs again is its last run, at an end.
            return seen;
        }
        // A search that was stopped has seen codes on the way to ends that it has not seen.
        for (_, at, code) in self.exploration.returned.keys().filter(|(of, ..)| *of == actor) {
            seen[*at as usize].entry(*code).or_insert(None);
        }
        seen
    }
}
