//! Runs every sampled schedule twice to find out whether an implementation is deterministic.
//!
//! shuttle's own check for nondeterminism repeats each schedule and compares which tasks could run.
//! The board contains more, so before each step its fingerprint is compared as well: the next
//! operation and the knowledge of each task, and all shared state.

use std::cell::RefCell;
use std::rc::Rc;

use calloff_protocol::exploration::{Bound, Discovery, Exploration, Stop};
use calloff_protocol::program::Case;
use shuttle::scheduler::{
    RandomScheduler, Schedule, Scheduler, Task as ShuttleTask, TaskId,
    UncontrolledNondeterminismCheckScheduler,
};

use super::{Policy, Sample, Samples};
use crate::drive::{Implementation, Make};
use crate::engine::stage::Stage;
use crate::runtime::shuttle::ShuttleRuntime;

/// Runs a case against the implementation under as many random schedules as the sample has, each
/// of them twice, until the second time differs ([`Exploration::divergence`]).
pub fn explore_twice<I: Implementation<ShuttleRuntime>>(
    make: &Make<ShuttleRuntime, I>,
    case: &Case,
    sample: Sample,
    stop: &Stop,
) -> Exploration {
    let stage = Stage::default();
    let samples = Rc::new(RefCell::new(Samples::default()));
    let random = RandomScheduler::new_from_seed(
        sample.seed,
        usize::try_from(sample.executions).unwrap_or(usize::MAX),
    );
    let inner = Box::new(UncontrolledNondeterminismCheckScheduler::new(random));
    let mut policy = Policy::new(inner, &case.program, &stage, &samples, stop);
    // Where there is nothing to choose, a repetition may differ all the same.
    policy.had_a_choice = true;
    let divergence = Rc::new(RefCell::new(None));
    let found = divergence.clone();
    let twice = Twice { policy, found, first: Vec::new(), second: None };
    stage.run(make, case, twice);
    let (samples, divergence) = (samples.take(), divergence.take());
    let bound =
        if divergence.is_some() { Bound::Diverged } else { Bound::Sampled { seed: sample.seed } };
    Exploration {
        bound: samples.stopped.unwrap_or(bound),
        transitions: samples.transitions,
        executions: samples.executions,
        outcomes: samples.ends,
        found_after: samples.found_after,
        panics: samples.panics,
        divergence,
        paths: samples.paths,
        ..Exploration::nothing()
    }
}

/// Compares each second execution with the one before it.
struct Twice {
    policy: Policy,
    found: Rc<RefCell<Option<Discovery>>>,
    /// The states of the first execution, each time that somebody was to step.
    first: Vec<u128>,
    /// In the second execution: the number of fingerprints that were equal so far.
    second: Option<usize>,
}

impl Twice {
    /// Whether the execution is in the expected state.
    fn is_same(&mut self) -> bool {
        let state = self.policy.stage.board.lock().fingerprint();
        match &mut self.second {
            None => {
                self.first.push(state);
                true
            }
            Some(at) => {
                *at += 1;
                self.first.get(*at - 1) == Some(&state)
            }
        }
    }
}

impl Scheduler for Twice {
    fn new_execution(&mut self) -> Option<Schedule> {
        if self.found.borrow().is_some() {
            return None;
        }
        let schedule = self.policy.new_execution()?;
        let is_first = self.policy.started % 2 == 1;
        self.second = if is_first { None } else { Some(0) };
        if is_first {
            self.first.clear();
        }
        Some(schedule)
    }

    fn next_task(
        &mut self,
        tasks: &[&ShuttleTask],
        current: Option<TaskId>,
        is_yielding: bool,
    ) -> Option<TaskId> {
        let is_over = self.policy.stage.board.lock().is_over();
        if !is_over && !self.is_same() {
            let found = Discovery::divergence(&self.policy.made);
            self.found.borrow_mut().get_or_insert(found);
            return Some(self.policy.stage.abandon());
        }
        self.policy.next_task(tasks, current, is_yielding)
    }

    fn next_u64(&mut self) -> u64 {
        self.policy.next_u64()
    }
}
