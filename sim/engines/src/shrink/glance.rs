//! A quick look at a candidate: whether an implementation shows the finding, and nothing else.
//!
//! The exploration ends at the first end that shows it, and goes no further than it must.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use calloff_model::Reading;
use calloff_protocol::exploration::{Bound, Engine, Exploration, Scope, Sought, Stop};
use calloff_protocol::history::{EndKind, Outcome};
use calloff_protocol::judge::{self, Options, Run, Verdict, Violation};
use calloff_protocol::program::{Case, Program};
use calloff_protocol::scenario::{ExpectedVerdict, Scenario};
use calloff_protocol::search;

use crate::engine::exhaustive;
use crate::subjects;

/// Looks at candidates, one after the other.
pub(super) struct Glance<'a> {
    /// What `exhaustive` is asked about.
    pub(super) kind: EndKind,
    pub(super) reading: Reading,
    pub(super) options: &'a Options,
    pub(super) stop: &'a Stop,
}

/// The ends of the machine, by scenario.
pub(super) type Known = BTreeMap<String, Arc<BTreeSet<Outcome>>>;

impl Glance<'_> {
    /// The run of the scenario by `exhaustive` in executions of at most `switches_max` context
    /// switches, with the finding and nothing else, if it shows it; and how many states it took.
    pub(super) fn look(
        &self,
        scenario: &Scenario,
        switches_max: Option<u64>,
        known: &mut Known,
    ) -> (Option<Run>, u64) {
        let case = Case::new(scenario, self.reading);
        let expects_stuck = scenario.expect.verdict == ExpectedVerdict::Stuck;
        if (self.kind == EndKind::Stuck && expects_stuck)
            || exhaustive::skip_reason(&case.program).is_some()
        {
            return (None, 0);
        }
        let mut states = 0;
        let known = match known.get(&scenario.to_toml()) {
            _ if self.kind == EndKind::Stuck => Arc::default(),
            Some(ends) => ends.clone(),
            None => {
                let Some((ends, count)) = self.machine(&case) else { return (None, 0) };
                states += count;
                known.entry(scenario.to_toml()).or_insert(ends).clone()
            }
        };
        let sought = Sought { kind: self.kind, known };
        // That something never comes, only all executions show.
        let switches_max = switches_max.filter(|_| self.kind != EndKind::Missing);
        let scope = Scope { sought: Some(sought.clone()), switches_max, ..Scope::default() };
        let Options { limits, .. } = self.options;
        let found = subjects::exhaustive(self.options, &case, &scope, limits, self.stop);
        states += found.states;
        let violation = show(&case.program, &sought, &found);
        (violation.map(|violation| self.run(violation, found)), states)
    }

    /// The ends of the machine, with its states; `None`: a limit was hit.
    fn machine(&self, case: &Case) -> Option<(Arc<BTreeSet<Outcome>>, u64)> {
        let Options { limits, .. } = self.options;
        let found = search::ends(case, limits, self.options.reductions, self.stop);
        let is_whole = found.bound == Bound::Exhausted;
        is_whole.then(|| (Arc::new(found.outcomes.into_keys().collect()), found.states))
    }

    fn run(&self, violation: Violation, exploration: Exploration) -> Run {
        Run {
            source: 0,
            // What must be seen is asked of `protocol`.
            is_client: false,
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

/// What the exploration shows of what is sought.
fn show(program: &Program, sought: &Sought, found: &Exploration) -> Option<Violation> {
    if sought.kind == EndKind::Missing {
        let missing = sought.known.iter().find(|end| !found.outcomes.contains_key(*end))?;
        let is_whole = found.bound == Bound::Exhausted;
        return is_whole.then(|| judge::missing(program, Engine::Exhaustive, missing, None));
    }
    let (end, node) = found.outcomes.iter().find(|(end, _)| sought.is_shown_by(end))?;
    let schedule = found.schedule(*node);
    let violation = match sought.kind {
        EndKind::Stuck => judge::stuck(program, end, schedule),
        _ => judge::foreign(program, end, schedule),
    };
    Some(Violation { granularity: found.granularity, ..violation })
}
