//! The `loom` engine: explores the real implementation in every order of its lock operations.
//!
//! If loom returns, it has explored everything; if the budget runs out, an execution unwinds out of
//! loom instead. So an exploration that was cut short cannot be mistaken for an exhausted one. The
//! budget is a number of executions, so the result does not depend on the machine's speed.

mod wire;
pub mod worker;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ::loom::model::Builder;
use calloff_protocol::exploration::{Bound, Exploration, Granularity, Limit, Limits, Paths, ROOT};
use calloff_protocol::history::{ActorId, Outcome, TimePolicy};
use calloff_protocol::program::{Case, Program};
use calloff_protocol::world::Choice;
use serde::{Deserialize, Serialize};

use crate::drive::{Commons, Driver, Implementation, Make, Process, Record};
use crate::runtime::loom::{Assumption, Assumptions, LoomRuntime};

/// loom allows five threads, and the clock may need one of them.
const ACTORS_MAX: usize = 4;

/// The most visible operations of one execution; scenarios of four actors have far fewer.
const BRANCHES_MAX: usize = 20_000;

/// The result of exploring one program under one reading.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LoomRun {
    /// Each distinct end, with the order in which the actors finished their steps when it was first
    /// seen.
    pub outcomes: BTreeMap<Outcome, Vec<ActorId>>,
    /// The execution in which each end was first seen.
    pub found_after: BTreeMap<Outcome, u64>,
    /// The number of executions, in all passes together.
    pub executions: u64,
    /// How much was explored.
    pub bound: LoomBound,
}

/// How far an exploration went.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LoomBound {
    /// Every order was explored.
    Exhausted,
    /// Every order with at most this number of preemptions was explored. A preemption is a switch
    /// away from a thread that could have continued; a thread in a timed wait could.
    Bounded {
        /// The number of preemptions.
        preemptions: u64,
    },
    /// Not even every order without a preemption was explored.
    Stopped,
    /// An execution did not end: it has more operations than any that ends. loom would follow a
    /// loop that waits for another thread for ever.
    Endless,
}

/// Why this engine cannot run the program; `None` if it can.
pub fn skip_reason(program: &Program) -> Option<String> {
    let actors = program.lanes.len();
    if let Some(reason) = super::skips_client(program) {
        Some(reason.to_owned())
    } else if program.time == TimePolicy::Urgent {
        Some("loom cannot let the clock wait until nobody can step (time = \"urgent\")".to_owned())
    } else if actors > ACTORS_MAX {
        Some(format!("loom takes at most {ACTORS_MAX} actors, and there are {actors}"))
    } else {
        None
    }
}

impl LoomRun {
    /// The run as an exploration. Its schedules name an actor for each finished step.
    pub fn into_exploration(self) -> Exploration {
        let mut paths = Paths::with_root();
        let mut reach = |order: Vec<ActorId>| {
            order.into_iter().fold(ROOT, |node, actor| paths.add(node, Choice::Actor(actor)))
        };
        let outcomes = self.outcomes.into_iter().map(|(end, order)| (end, reach(order))).collect();
        Exploration {
            bound: match self.bound {
                LoomBound::Exhausted => Bound::Exhausted,
                LoomBound::Bounded { preemptions } => Bound::Bounded { preemptions },
                LoomBound::Stopped => Bound::Stopped { limit: Limit::Executions },
                LoomBound::Endless => Bound::Stopped { limit: Limit::Steps },
            },
            executions: self.executions,
            outcomes,
            found_after: self.found_after,
            paths,
            granularity: Granularity::FinishedStep,
            ..Exploration::nothing()
        }
    }
}

/// How much may be explored.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// The most executions per pass.
    pub executions_max: u64,
    /// The largest bound on preemptions. It is tried first, then smaller ones, then no bound at
    /// all.
    pub preemptions_max: u64,
}

impl From<&Limits> for Budget {
    fn from(limits: &Limits) -> Budget {
        let Limits { loom_executions_max, preemptions_max, .. } = *limits;
        Budget { executions_max: loom_executions_max, preemptions_max }
    }
}

/// Explores an implementation: without a bound on preemptions if that stays within the budget,
/// otherwise with the largest bound that does.
///
/// Actors that wait for ever for each other's notifications are an ordinary [`Outcome`].
///
/// # Panics
///
/// If [`skip_reason`] has a reason; and if the implementation panics, or its actors deadlock on
/// locks. A panic while threads hold locks may abort the process: explore in a [`worker`].
pub fn explore<I: Implementation<LoomRuntime>>(
    make: &Make<LoomRuntime, I>,
    case: &Case,
    budget: Budget,
) -> LoomRun {
    assert_eq!(skip_reason(&case.program), None, "the engine cannot take this program");
    let mut search = Passes {
        make: make.clone(),
        case: case.clone(),
        assumptions: Assumptions::ALL,
        outcomes: BTreeMap::new(),
        found_after: BTreeMap::new(),
        executions: 0,
        is_endless: false,
    };
    let bound = search.run(budget);
    let Passes { outcomes, found_after, executions, .. } = search;
    LoomRun { outcomes, found_after, executions, bound }
}

struct Passes<I> {
    make: Make<LoomRuntime, I>,
    case: Case,
    assumptions: Assumptions,
    outcomes: BTreeMap<Outcome, Vec<ActorId>>,
    found_after: BTreeMap<Outcome, u64>,
    executions: u64,
    is_endless: bool,
}

impl<I: Implementation<LoomRuntime>> Passes<I> {
    fn run(&mut self, budget: Budget) -> LoomBound {
        let Budget { executions_max, preemptions_max } = budget;
        // An exploration that exceeds the budget within a bound also exceeds it without one.
        let mut bounds = (0..=preemptions_max).rev();
        let mut is_within = |bound: &u64| self.is_finished(Some(*bound), executions_max);
        let found = bounds.find(&mut is_within);
        match found {
            _ if self.is_endless => LoomBound::Endless,
            None => LoomBound::Stopped,
            Some(_) if self.is_finished(None, executions_max) => LoomBound::Exhausted,
            Some(_) if self.is_endless => LoomBound::Endless,
            Some(preemptions) => LoomBound::Bounded { preemptions },
        }
    }

    /// Makes one pass and returns whether it finished. A pass under a wrong assumption is repeated;
    /// after an execution without an end there are no more.
    fn is_finished(&mut self, preemptions: Option<u64>, executions_max: u64) -> bool {
        loop {
            if self.is_endless {
                return false;
            }
            let pass = self.pass(preemptions, executions_max);
            let Some(broken) = pass.broken else {
                for (outcome, (after, order)) in pass.outcomes {
                    self.found_after.entry(outcome.clone()).or_insert(self.executions + after);
                    self.outcomes.entry(outcome).or_insert(order);
                }
                self.executions += pass.executions;
                self.is_endless = pass.is_endless;
                return pass.is_finished;
            };
            self.assumptions = self.assumptions.without(broken);
            self.outcomes.clear();
            self.found_after.clear();
            self.executions = 0;
        }
    }

    fn pass(&self, preemptions: Option<u64>, executions_max: u64) -> Pass {
        let pass = Arc::new(Mutex::new(Pass::default()));
        let (make, shared, case) = (self.make.clone(), pass.clone(), self.case.clone());
        let assumptions = self.assumptions;
        let model = move || {
            {
                let mut pass = lock(&shared);
                let is_void = pass.broken.is_some() || pass.is_endless;
                if pass.executions == executions_max || is_void {
                    drop(pass);
                    resume_unwind(Box::new(Cut));
                }
                pass.executions += 1;
            }
            execute(&make, &case, assumptions, &shared);
        };
        let result = catch_unwind(AssertUnwindSafe(|| builder(preemptions).check(model)));
        let mut pass = lock(&pass).clone();
        match result {
            // The last execution of all may have been the one that does not end.
            Ok(()) => pass.is_finished = !pass.is_endless,
            Err(cause) if cause.is::<Cut>() => {}
            Err(cause) => resume_unwind(cause),
        }
        pass
    }
}

/// The results of one pass so far.
#[derive(Clone, Default)]
struct Pass {
    executions: u64,
    /// Each distinct end, with the execution in which it was first seen, and the order of steps in
    /// it.
    outcomes: BTreeMap<Outcome, (u64, Vec<ActorId>)>,
    broken: Option<Assumption>,
    is_endless: bool,
    is_finished: bool,
}

/// The payload that unwinds out of loom when the budget is exhausted.
struct Cut;

fn lock(pass: &Mutex<Pass>) -> MutexGuard<'_, Pass> {
    pass.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sets every option explicitly: loom would otherwise take them from the environment.
fn builder(preemptions: Option<u64>) -> Builder {
    let mut builder = Builder::new();
    builder.max_threads = ACTORS_MAX + 1;
    builder.max_branches = BRANCHES_MAX;
    builder.max_permutations = None;
    builder.max_duration = None;
    builder.preemption_bound =
        preemptions.map(|bound| usize::try_from(bound).unwrap_or(usize::MAX));
    builder.checkpoint_file = None;
    builder.expect_explicit_explore = false;
    builder.location = false;
    builder.log = false;
    builder
}

/// Runs one execution: the first actor on the main thread, each other actor on a thread of its own.
///
/// No thread is joined, since joining would be a visible operation: the last actor to finish
/// records the outcome.
fn execute<I: Implementation<LoomRuntime>>(
    make: &Make<LoomRuntime, I>,
    case: &Case,
    assumptions: Assumptions,
    pass: &Arc<Mutex<Pass>>,
) {
    let program = &case.program;
    let runtime = LoomRuntime::new(program.lanes.len(), assumptions);
    let subject = Arc::new(make(runtime.clone(), case.reading, &Process::of(program)));
    let commons = Commons::of(&runtime, program);
    let record = Record::new(program);
    runtime.begin();
    let act = |actor: ActorId| {
        let (runtime, record, pass) = (runtime.clone(), record.clone(), pass.clone());
        let (program, subject, commons) = (program.clone(), subject.clone(), commons.clone());
        move || {
            let driver = Driver { program, actor, runtime, subject, commons, record };
            if driver.runtime.act(actor.0 as usize, || driver.run(|_| ())) {
                let mut pass = lock(&pass);
                pass.broken = driver.runtime.broken();
                pass.is_endless = driver.runtime.is_endless();
                if pass.is_endless {
                    return;
                }
                let (record, now) = (&driver.record, pass.executions);
                pass.outcomes.entry(record.outcome()).or_insert_with(|| (now, record.order()));
            }
        }
    };
    for actor in program.actors().skip(1) {
        ::loom::thread::spawn(act(actor));
    }
    act(ActorId(0))();
}
