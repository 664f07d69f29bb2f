//! Finds the simplest schedule that shows a finding, and words the violation for that schedule.

use calloff_protocol::exploration::{Engine, NodeId, Stop};
use calloff_protocol::faults::Seeded;
use calloff_protocol::history::Outcome;
use calloff_protocol::judge::{self, Options, Violated, Violation};
use calloff_protocol::program::Case;
use calloff_protocol::scenario::Scenario;
use calloff_protocol::search;
use calloff_protocol::trace::Schedule;
use calloff_protocol::world::Fault;

use super::cost::Turns;
use super::schedule::{Shows, simplest};
use crate::check;

/// A scenario whose finding needs the simplest schedule.
pub(super) struct Simplest<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) case: Case,
    pub(super) options: &'a Options,
    pub(super) stop: &'a Stop,
}

impl Simplest<'_> {
    /// The same kind of violation by the machine, with the simplest schedule; `None` if no schedule
    /// of the machine shows it, or if a limit was hit.
    pub(super) fn on_machine(&self, what: Violated) -> Option<Violation> {
        let goal = match what {
            Violated::Clause(clause) => Shows::Clause(clause),
            Violated::Stuck => Shows::Stuck,
            _ => return None,
        };
        let fault = self.options.fault.and_then(Seeded::machine);
        let (schedule, message) = self.path(fault, &goal)?;
        Some(Violation { schedule: Some(schedule), ..Violation::new(what, message) })
    }

    /// All violations of that kind by the implementation, as `exhaustive` sees it, in the order of
    /// context switches: first each end that the machine does not have, with the first schedule
    /// that led to it; then each end that the implementation never has, with the simplest schedule
    /// of the machine.
    pub(super) fn on_implementation(&self, what: Violated) -> Vec<Violation> {
        let Simplest { scenario, case, options, stop } = self;
        // The implementation is held against the machine without a bug.
        let machine = search::ends(case, &options.limits, options.reductions, stop);
        let engine = Engine::Exhaustive;
        let Ok(found) = check::explore(engine, scenario, case, options, stop) else {
            return Vec::new();
        };
        let mut ends: Vec<(&Outcome, NodeId)> =
            found.outcomes.iter().map(|(e, n)| (e, *n)).collect();
        ends.sort_by_key(|(end, _)| found.found_after.get(*end));
        let program = &*case.program;
        let own = ends.into_iter().filter_map(|(end, node)| {
            let violation = match what {
                Violated::Stuck if !end.stuck.is_empty() => {
                    judge::stuck(program, end, found.schedule(node))
                }
                Violated::CrossCheck if !machine.outcomes.contains_key(end) => {
                    judge::foreign(program, end, found.schedule(node))
                }
                _ => return None,
            };
            Some(Violation { granularity: found.granularity, ..violation })
        });
        let missing = machine
            .outcomes
            .keys()
            .filter(|end| what == Violated::CrossCheck && !found.outcomes.contains_key(*end));
        let missing = missing.filter_map(|end| {
            let (schedule, _) = self.path(None, &Shows::End(end.clone()))?;
            Some(judge::missing(program, Engine::Exhaustive, end, Some(schedule)))
        });
        let mut missing: Vec<Violation> = missing.collect();
        missing.sort_by_key(|violation| violation.schedule.as_ref().map(Turns::of));
        own.chain(missing).collect()
    }

    fn path(&self, fault: Option<&'static Fault>, goal: &Shows) -> Option<(Schedule, String)> {
        let limits = (self.options.limits.states_max, self.stop);
        simplest(&self.case, fault, goal, limits).ok()?
    }
}
