//! The effort of reading a scenario, and of following a schedule.

use calloff_model::{Code, Window};
use calloff_protocol::history::TimePolicy;
use calloff_protocol::scenario::{Scenario, Step, Until};
use calloff_protocol::trace::Schedule;
use calloff_protocol::world::Choice;
use serde::{Deserialize, Serialize};

/// The effort of reading a scenario. Costs are compared field by field, in this order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// The number of actors.
    pub actors: usize,
    /// The number of operations: a `call` is two, an issue and an await.
    pub operations: usize,
    /// The number of steps in the file, those within other steps too: a `call` is one. What is
    /// declared (an event, a lock, an object, a daemon) counts as one more, and so does a filter.
    pub steps: usize,
    /// The sum of the seconds of all sleeps and windows; an infinite window counts more than any
    /// other.
    pub seconds: u64,
    /// The sum of the enable depths that threads start with.
    pub depth: u64,
    /// The number of replies other than `S_OK`.
    pub replies: usize,
    /// Whether the clock is urgent; the default is free.
    pub is_urgent: bool,
}

/// The effort of following a schedule. Compared field by field, in this order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Turns {
    /// Context switches: how often a different actor steps than the one that stepped last. An
    /// advance of the clock between two steps of one actor is no switch.
    pub switches: usize,
    /// The number of advances of the clock.
    pub advances: usize,
    /// The number of choices.
    pub choices: usize,
}

impl Cost {
    /// The cost of the scenario. Its expectations cost nothing.
    pub fn of(scenario: &Scenario) -> Cost {
        let is_urgent = scenario.time == TimePolicy::Urgent;
        let mut cost = Cost { actors: scenario.actors.len(), is_urgent, ..Cost::default() };
        for actor in &scenario.actors {
            cost.depth += u64::from(actor.depth);
            cost.steps += usize::from(actor.is_daemon);
            actor.steps.iter().for_each(|step| cost.add(step));
        }
        cost.steps += scenario.events.len() + scenario.locks.len();
        for object in &scenario.cancel_objects {
            cost.steps += 1;
            object.steps.iter().for_each(|step| cost.add(step));
        }
        cost
    }

    fn add(&mut self, step: &Step) {
        self.steps += 1;
        self.operations += if matches!(step, Step::Call(_)) { 2 } else { 1 };
        self.replies += usize::from(matches!(step, Step::Reply(code) if *code != Code::S_OK));
        self.seconds += match step {
            Step::Sleep(duration) | Step::Work(duration) => duration.0.div_ceil(1000),
            Step::Cancel { window: Window::Seconds(seconds), .. } => u64::from(*seconds),
            Step::Cancel { window: Window::Infinite, .. } => 1 << 32,
            Step::Wait { timeout: Some(timeout), .. }
            | Step::Join { timeout: Some(timeout), .. } => timeout.0.div_ceil(1000),
            // The passes of a loop take time, too.
            Step::Repeat { until: Until::Times(times), .. } => u64::from(*times),
            _ => 0,
        };
        match step {
            Step::Repeat { steps, .. } => steps.iter().for_each(|step| self.add(step)),
            Step::If { then, otherwise, .. } => {
                then.iter().chain(otherwise).for_each(|step| self.add(step));
            }
            Step::Await(waiting) | Step::Call(waiting) => {
                self.steps += usize::from(waiting.has_filter);
                waiting.serving.iter().flatten().for_each(|step| self.add(step));
            }
            _ => {}
        }
    }
}

impl Turns {
    /// The effort of following a schedule.
    pub fn of(schedule: &Schedule) -> Turns {
        let (mut turns, mut last) = (Turns::default(), None);
        for &choice in &schedule.0 {
            turns = turns.then(last, choice);
            last = last_actor(last, choice);
        }
        turns
    }

    /// The turns after one more choice; `last` is the actor that stepped last.
    pub(super) fn then(self, last: Option<Choice>, choice: Choice) -> Turns {
        let is_clock = choice == Choice::Clock;
        let is_switch = !is_clock && last.is_some_and(|last| last != choice);
        Turns {
            switches: self.switches + usize::from(is_switch),
            advances: self.advances + usize::from(is_clock),
            choices: self.choices + 1,
        }
    }
}

/// The actor that stepped last, after this choice.
pub(super) fn last_actor(last: Option<Choice>, choice: Choice) -> Option<Choice> {
    if choice == Choice::Clock { last } else { Some(choice) }
}

#[cfg(test)]
mod tests {
    use calloff_protocol::history::ActorId;

    use super::*;

    #[test]
    fn a_context_switch_is_a_change_of_actors_whatever_the_clock_does() {
        let schedule = |text: &str| {
            let choice = |c: char| match c {
                '.' => Choice::Clock,
                c => Choice::Actor(ActorId(u32::from(c) - u32::from('a'))),
            };
            Turns::of(&Schedule(text.chars().map(choice).collect()))
        };
        let turns = |switches, advances, choices| Turns { switches, advances, choices };
        assert_eq!(schedule(""), turns(0, 0, 0));
        assert_eq!(schedule("aaa"), turns(0, 0, 3));
        assert_eq!(schedule(".a.a."), turns(0, 3, 5));
        assert_eq!(schedule("ab.ba"), turns(2, 1, 5));
    }
}
