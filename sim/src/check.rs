//! Checks: one scenario under one reading, explored, judged, and held against what its file
//! expects.

use std::collections::BTreeSet;

use calloff_model::{Code, Reading};

use crate::clauses;
use crate::engine::{Bound, Exploration, Limits, NodeId, Outcome, Stop, protocol};
use crate::faults::Fault;
use crate::history::ActorId;
use crate::program::{Lane, Program};
use crate::scenario::{ExpectedVerdict, Scenario};
use crate::trace::Schedule;

/// A scenario with the file that it came from.
#[derive(Clone, Debug)]
pub struct Source {
    /// The file's path, as it was given or as it is in the corpus.
    pub file: String,
    /// What the file says.
    pub scenario: Scenario,
}

/// What one run of one engine found out.
#[derive(Debug)]
pub struct Run {
    /// The scenario's position in the check.
    pub source: usize,
    /// The reading.
    pub reading: Reading,
    /// What was found.
    pub verdict: Verdict,
    /// Whether the file's expectations are met; an expected violation is.
    pub is_as_expected: bool,
    /// Everything that is wrong.
    pub violations: Vec<Violation>,
    /// What was explored.
    pub exploration: Exploration,
}

/// The end of a check. A budget that ran out is never [`Verdict::Holds`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Verdict {
    /// Every clause holds in every interleaving.
    Holds,
    /// Something is wrong, with a schedule that shows it where there can be one.
    Violated,
    /// A limit was hit before everything was explored; nothing was found until then.
    Inconclusive,
}

impl Verdict {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Holds => "holds",
            Verdict::Violated => "violated",
            Verdict::Inconclusive => "inconclusive",
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug)]
pub struct Violation {
    /// What was violated.
    pub what: Violated,
    /// What is wrong, in the words of the domain.
    pub message: String,
    /// The shortest schedule that shows it; `None` when no single execution does.
    pub schedule: Option<Schedule>,
}

/// What was violated.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Violated {
    /// A clause, by its position in [`clauses::CLAUSES`].
    Clause(usize),
    /// Some actor can never finish, and the file does not expect that.
    Stuck,
    /// The file's expectation.
    Expectation,
}

impl Violated {
    /// The clause's id, `stuck`, or `expect`.
    pub fn id(self) -> &'static str {
        match self {
            Violated::Clause(clause) => clauses::CLAUSES[clause].id,
            Violated::Stuck => "stuck",
            Violated::Expectation => "expect",
        }
    }
}

/// Explores one scenario under one reading and judges what was found.
pub fn check(
    source: usize,
    scenario: &Scenario,
    reading: Reading,
    fault: Option<&'static Fault>,
    limits: &Limits,
    stop: &Stop,
) -> Run {
    let program = Program::new(scenario);
    let exploration = protocol::explore(&program, reading, fault, limits, stop);
    let expects = scenario.expect.readings.contains(&reading);
    let judge = Judgement { expects, scenario, program: &program, exploration: &exploration };
    let violations = judge.violations();
    let is_exhausted = exploration.bound == Bound::Exhausted;
    let verdict = match (violations.is_empty(), is_exhausted) {
        (false, _) => Verdict::Violated,
        (true, true) => Verdict::Holds,
        (true, false) => Verdict::Inconclusive,
    };
    let is_as_expected = match &scenario.expect.verdict {
        ExpectedVerdict::Violated { clause } if expects => {
            let has = |what: &str| violations.iter().any(|v| v.what.id() == what);
            has(clause) && !has(Violated::Expectation.id())
        }
        _ => verdict == Verdict::Holds,
    };
    Run { source, reading, verdict, is_as_expected, violations, exploration }
}

struct Judgement<'a> {
    scenario: &'a Scenario,
    program: &'a Program,
    exploration: &'a Exploration,
    /// Whether the file names this reading. What it expects holds for no other.
    expects: bool,
}

impl Judgement<'_> {
    fn violations(&self) -> Vec<Violation> {
        let broken = self.exploration.violations.iter().map(|(clause, finding)| Violation {
            what: Violated::Clause(*clause),
            message: finding.message.clone(),
            schedule: Some(finding.schedule.clone()),
        });
        let mut violations: Vec<Violation> = broken.collect();
        violations.extend(self.stuck());
        if !self.expects {
            return violations;
        }
        violations.extend(self.expected_verdict());
        for expected in &self.scenario.expect.codes {
            let lane = self.program.lanes.iter().position(|lane| lane.name == expected.actor);
            let lane = lane.expect("validation knows every actor");
            for (step, codes) in expected.steps.iter().enumerate() {
                violations.extend(self.codes(lane, step as u32, codes));
            }
        }
        violations
    }

    fn shortest_to<'o>(
        &self,
        ends: impl Iterator<Item = (&'o Outcome, &'o NodeId)>,
    ) -> Option<(&'o Outcome, Schedule)> {
        let schedules = ends.map(|(outcome, node)| (outcome, self.exploration.schedule(*node)));
        schedules.min_by_key(|(_, schedule)| schedule.0.len())
    }

    fn stuck(&self) -> Option<Violation> {
        if self.scenario.expect.verdict == ExpectedVerdict::Stuck {
            return None;
        }
        let ends = self.exploration.outcomes.iter();
        let (end, schedule) = self.shortest_to(ends.filter(|(o, _)| !o.stuck.is_empty()))?;
        let name = |actor: &ActorId| format!("`{}`", self.program.actor_name(*actor));
        let names: Vec<String> = end.stuck.iter().map(name).collect();
        let message = format!("{} can never finish", names.join(" and "));
        Some(Violation { what: Violated::Stuck, message, schedule: Some(schedule) })
    }

    fn expected_verdict(&self) -> Option<Violation> {
        let is_exhausted = self.exploration.bound == Bound::Exhausted;
        let mut found = self.exploration.violations.keys().map(|c| clauses::CLAUSES[*c].id);
        let message = match &self.scenario.expect.verdict {
            ExpectedVerdict::Violated { clause } if is_exhausted && !found.any(|c| c == clause) => {
                format!("the file expects a violation of {clause}, and there is none")
            }
            ExpectedVerdict::Stuck
                if is_exhausted && self.exploration.outcomes.keys().all(|o| o.stuck.is_empty()) =>
            {
                "the file expects that somebody can get stuck, and nobody can".to_owned()
            }
            _ => return None,
        };
        Some(Violation { what: Violated::Expectation, message, schedule: None })
    }

    /// What is wrong with the codes that one step of an actor returned in all executions.
    fn codes(&self, lane: usize, step: u32, expected: &[Code]) -> Vec<Violation> {
        let Lane { name, instructions, .. } = &self.program.lanes[lane];
        let instruction = instructions.iter().find(|i| i.code == Some(step));
        let instruction = instruction.expect("validation counts the steps that return a code");
        let returned = |codes: &[Vec<(u32, Code)>]| {
            codes[lane].iter().find(|(at, _)| *at == step).map(|(_, code)| *code)
        };
        let outcomes = &self.exploration.outcomes;
        let seen: BTreeSet<Code> = outcomes.keys().filter_map(|o| returned(&o.codes)).collect();
        let expected: BTreeSet<Code> = expected.iter().copied().collect();
        let show = |code: Code| instruction.action.code_name(code);
        let step = instruction.step + 1;
        let violation =
            |message, schedule| Violation { what: Violated::Expectation, message, schedule };
        let mut wrong = Vec::new();
        for &code in seen.difference(&expected) {
            let ends = outcomes.iter().filter(|(o, _)| returned(&o.codes) == Some(code));
            let message = format!(
                "step {step} of `{name}` can return {}, which the file does not expect",
                show(code)
            );
            wrong.push(violation(message, self.shortest_to(ends).map(|(_, s)| s)));
        }
        if self.exploration.bound == Bound::Exhausted {
            for &code in expected.difference(&seen) {
                let message = format!(
                    "step {step} of `{name}` never returns {}, which the file expects",
                    show(code)
                );
                wrong.push(violation(message, None));
            }
        }
        wrong
    }
}
