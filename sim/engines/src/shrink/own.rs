//! Findings of a file's own expectations, in what the right machine does: a code that the file does
//! not expect, or somebody who is stuck.
//!
//! Such a finding would be shown by trivial scenarios, too: whoever calls and is never served is
//! stuck. So what is left of the race must still have a choice, if the race had one: the step can
//! return another code, or the execution can end with nobody stuck.

use calloff_model::{Code, Reading};
use calloff_protocol::exploration::{Engine, Exploration, Limits, Reductions, Stop};
use calloff_protocol::faults::Seeded;
use calloff_protocol::history::ActorId;
use calloff_protocol::judge::{self, Run, Violated};
use calloff_protocol::program::{Case, Program};
use calloff_protocol::scenario::{Expect, ExpectedCodes, Scenario};
use calloff_protocol::search;

use super::ShrinkInput;

/// Such a finding: what a smaller scenario has to show.
pub(super) struct Own {
    reading: Reading,
    what: What,
    /// The machine has to be able to do otherwise, too.
    has_choice: bool,
}

enum What {
    /// The actor's operation returns the code.
    Returns { actor: String, operation: String, code: Code },
    /// These actors are stuck, in the words of the violation.
    Stuck { message: String },
}

impl Own {
    /// The finding, if it is one of the right machine.
    pub(super) fn of(
        finding: &ShrinkInput,
        fault: Option<Seeded>,
        limits: &Limits,
        stop: &Stop,
    ) -> Option<Own> {
        let violation = &finding.violation;
        if fault.is_some() || finding.engine != Engine::Protocol || violation.schedule.is_none() {
            return None;
        }
        let case = Case::new(&finding.scenario, finding.reading);
        let found = search::ends(&case, limits, Reductions::default(), stop);
        let what = match violation.what {
            Violated::Stuck => What::Stuck { message: violation.message.clone() },
            Violated::Expectation => returned(&case.program, &found, &violation.message)?,
            _ => return None,
        };
        let mut own = Own { reading: finding.reading, what, has_choice: false };
        own.has_choice = own.can_do_otherwise(&case.program, &found);
        Some(own)
    }

    /// The scenario with the expectation that it does not meet, if it shows the finding.
    pub(super) fn judged(&self, mut scenario: Scenario, limits: &Limits, stop: &Stop) -> Scenario {
        scenario.expect = Expect { readings: vec![self.reading], ..Expect::default() };
        let What::Returns { actor, code, .. } = &self.what else { return scenario };
        let case = Case::new(&scenario, self.reading);
        let found = search::ends(&case, limits, Reductions::default(), stop);
        if let Some((id, at)) = self.step(&case.program, &found) {
            let steps = case.program.lanes[id.0 as usize].returning.len();
            let codes = found.codes(id.0 as usize, steps);
            let mut steps: Vec<Vec<Code>> =
                codes.into_iter().map(|codes| codes.into_iter().collect()).collect();
            steps[at as usize].retain(|seen| seen != code);
            scenario.expect.codes = vec![ExpectedCodes { actor: actor.clone(), steps }];
        }
        scenario
    }

    /// Whether a run that has such a violation shows the finding.
    pub(super) fn is_shown_by(&self, scenario: &Scenario, run: &Run) -> bool {
        let program = Program::new(scenario);
        let is_same = match &self.what {
            What::Returns { .. } => true,
            What::Stuck { message } => run.violations.iter().any(|v| v.message == *message),
        };
        is_same && (!self.has_choice || self.can_do_otherwise(&program, &run.exploration))
    }

    fn can_do_otherwise(&self, program: &Program, found: &Exploration) -> bool {
        match &self.what {
            What::Stuck { .. } => found.outcomes.keys().any(|end| end.stuck.is_empty()),
            What::Returns { .. } => self.step(program, found).is_some_and(|(actor, at)| {
                let steps = program.lanes[actor.0 as usize].returning.len();
                found.codes(actor.0 as usize, steps)[at as usize].len() > 1
            }),
        }
    }

    /// The step that returns the code: the first of that operation which does.
    fn step(&self, program: &Program, found: &Exploration) -> Option<(ActorId, u32)> {
        let What::Returns { actor, operation, code } = &self.what else { return None };
        let id = program.actors().find(|id| program.actor_name(*id) == actor)?;
        let returning = &program.lanes[id.0 as usize].returning;
        let codes = found.codes(id.0 as usize, returning.len());
        let mut steps = (0..).zip(returning.iter().zip(codes));
        let is_it = |(action, codes): (&_, std::collections::BTreeSet<Code>)| {
            program.operation(id, *action) == *operation && codes.contains(code)
        };
        steps.find_map(|(at, step)| is_it(step).then_some((id, at)))
    }
}

/// The step and the code that the message is about.
fn returned(program: &Program, found: &Exploration, message: &str) -> Option<What> {
    for id in program.actors() {
        let lane = &program.lanes[id.0 as usize];
        let codes = found.codes(id.0 as usize, lane.returning.len());
        for (at, (action, codes)) in (0..).zip(lane.returning.iter().zip(codes)) {
            let step = program.step_name(id, at);
            let is_told = |code: &Code| {
                message.starts_with(&judge::can_return(&step, &action.code_name(*code)))
            };
            if let Some(code) = codes.into_iter().find(is_told) {
                let (actor, operation) = (lane.name.clone(), program.operation(id, *action));
                return Some(What::Returns { actor, operation, code });
            }
        }
    }
    None
}
