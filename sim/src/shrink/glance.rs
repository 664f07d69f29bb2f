//! A quick look at a candidate: whether an implementation shows the finding, and nothing else.
//!
//! The exploration ends at the first end that shows the finding, and explores no more than
//! necessary.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use calloff_model::Reading;

use crate::check::{self, Options, Run, Verdict, Violated, Violation, cross};
use crate::engine::{
    Bound, Engine, Exploration, Outcome, Scope, Sought, Stop, exhaustive, protocol,
};
use crate::faults::run;
use crate::program::Program;
use crate::scenario::{ExpectedVerdict, Scenario};

/// The kinds of findings that `exhaustive` can look for without a full check.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// An actor is stuck.
    Stuck,
    /// An end that the machine does not have.
    Foreign,
    /// An end of the machine that the implementation never has.
    Missing,
}

impl Kind {
    /// The kind of a violation; `None` if it is of another kind.
    pub(super) fn of(violation: &Violation) -> Option<Kind> {
        match violation.what {
            Violated::Stuck => Some(Kind::Stuck),
            Violated::CrossCheck if violation.message.starts_with("engine ") => Some(Kind::Missing),
            Violated::CrossCheck => Some(Kind::Foreign),
            _ => None,
        }
    }
}

/// Looks at candidates, one after the other.
pub(super) struct Glance<'a> {
    pub(super) kind: Kind,
    pub(super) reading: Reading,
    pub(super) options: &'a Options,
    pub(super) stop: &'a Stop,
}

/// The ends of the machine, by scenario.
pub(super) type Known = BTreeMap<String, Arc<BTreeSet<Outcome>>>;

impl Glance<'_> {
    /// Runs the scenario under `exhaustive`, with at most `switches_max` context switches per
    /// execution. If that shows the finding, returns the run with the finding only; also returns
    /// the number of states.
    pub(super) fn look(
        &self,
        scenario: &Scenario,
        switches_max: Option<u64>,
        known: &mut Known,
    ) -> (Option<Run>, u64) {
        let program = Arc::new(Program::new(scenario));
        let expects_stuck = scenario.expect.verdict == ExpectedVerdict::Stuck;
        if (self.kind == Kind::Stuck && expects_stuck)
            || exhaustive::skip_reason(&program).is_some()
        {
            return (None, 0);
        }
        let mut states = 0;
        let sought = match self.kind {
            Kind::Stuck => Sought::Stuck,
            kind => {
                let ends = match known.get(&scenario.to_toml()) {
                    Some(ends) => ends.clone(),
                    None => {
                        let Some((ends, count)) = self.machine(&program) else { return (None, 0) };
                        states += count;
                        known.entry(scenario.to_toml()).or_insert(ends).clone()
                    }
                };
                match kind {
                    Kind::Missing => Sought::Missing(ends),
                    _ => Sought::Foreign(ends),
                }
            }
        };
        // Only an exploration of all executions shows that an end is absent.
        let switches_max = switches_max.filter(|_| self.kind != Kind::Missing);
        let scope = Scope { sought: Some(sought), switches_max };
        let Options { fault, limits, .. } = self.options;
        let found = run::exhaustive(*fault, &program, self.reading, &scope, limits, self.stop);
        states += found.states;
        let sought = scope.sought.expect("it was just put there");
        let violation = show(&program, &sought, &found);
        (violation.map(|violation| self.run(violation, found)), states)
    }

    /// The ends of the machine and the number of its states; `None` if a limit was hit.
    fn machine(&self, program: &Program) -> Option<(Arc<BTreeSet<Outcome>>, u64)> {
        let Options { limits, .. } = self.options;
        let found = protocol::explore(program, self.reading, None, limits, self.stop);
        let is_whole = found.bound == Bound::Exhausted;
        is_whole.then(|| (Arc::new(found.outcomes.into_keys().collect()), found.states))
    }

    fn run(&self, violation: Violation, exploration: Exploration) -> Run {
        Run {
            source: 0,
            reading: self.reading,
            engine: Engine::Exhaustive,
            skipped: None,
            verdict: Verdict::Violated,
            is_as_expected: false,
            violations: vec![violation],
            exploration: exploration.without_paths(),
        }
    }
}

/// The violation that the exploration shows, if it is the one looked for.
fn show(program: &Program, sought: &Sought, found: &Exploration) -> Option<Violation> {
    if let Sought::Missing(known) = sought {
        let missing = known.iter().find(|end| !found.outcomes.contains_key(*end))?;
        let is_whole = found.bound == Bound::Exhausted;
        return is_whole.then(|| cross::missing(program, Engine::Exhaustive, missing, None));
    }
    let (end, node) = found.outcomes.iter().find(|(end, _)| sought.is_shown_by(end))?;
    let schedule = found.schedule(*node);
    let violation = match sought {
        Sought::Stuck => check::stuck(program, end, schedule),
        _ => cross::foreign(program, end, schedule),
    };
    Some(Violation { granularity: found.granularity, ..violation })
}
