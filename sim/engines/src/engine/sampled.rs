//! The `shuttle` engine: samples executions of the real implementation with shuttle's own
//! schedulers.
//!
//! It runs a seeded portfolio: random, PCT at depths 2 and 3, and uniform random walk. The
//! schedulers choose among the tasks whose operation is possible and the clock. The main task
//! stands for the clock, since it has nothing else to do.
//!
//! A program with loops may go on for ever. Its executions are cut after a while; only those that
//! have come to an end show one.
//!
//! Code that goes round until somebody else steps may go round for ever under PCT, which lets one
//! task step as long as it can. So an execution that is much longer than its scenario goes on with
//! choices at random. One that does not end then, either, is reported as a livelock.

mod endless;
mod twice;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use calloff_protocol::exploration::{
    Bound, Exploration, Granularity, Livelock, NodeId, Paths, ROOT, Scope, Sought, Stop, Strategy,
};
use calloff_protocol::history::Outcome;
use calloff_protocol::program::{Case, Program};
use calloff_protocol::world::Choice;
use endless::Patience;
use shuttle::scheduler::{
    DfsScheduler, PctScheduler, RandomScheduler, Schedule, Scheduler, Task as ShuttleTask, TaskId,
    UrwRandomScheduler,
};
pub use twice::explore_twice;

use super::stage::{self, Stage};
use crate::drive::{Implementation, Make};
use crate::runtime::shuttle::ShuttleRuntime;

/// The strategies of the portfolio, by name, in the order in which they run.
pub const STRATEGIES: [&str; 4] = ["random", "pct-2", "pct-3", "urw"];

/// If this variable is set, shuttle takes its seed from it and ignores the one that it is given.
const SEED_VARIABLE: &str = "SHUTTLE_RANDOM_SEED";

fn scheduler(strategy: &str, seed: u64, executions: usize) -> Box<dyn Scheduler> {
    match strategy {
        "random" => Box::new(RandomScheduler::new_from_seed(seed, executions)),
        "pct-2" => Box::new(PctScheduler::new_from_seed(seed, 2, executions)),
        "pct-3" => Box::new(PctScheduler::new_from_seed(seed, 3, executions)),
        "urw" => Box::new(UrwRandomScheduler::new_from_seed(seed, executions)),
        other => unreachable!("no strategy is called {other}"),
    }
}

/// The most tasks: each one needs memory for a stack.
const TASKS_MAX: usize = 1_000;

/// Why this engine cannot run the program; `None` if it can.
pub fn skip_reason(program: &Program) -> Option<String> {
    let tasks = program.lanes.len();
    if tasks > TASKS_MAX {
        return Some(format!("{tasks} actors are more than {TASKS_MAX}"));
    }
    let is_set = std::env::var_os(SEED_VARIABLE).is_some();
    is_set.then(|| format!("{SEED_VARIABLE} is set and would override the seed"))
}

/// Which executions are drawn by chance: that many in all, from that seed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sample {
    /// The seed.
    pub seed: u64,
    /// How many.
    pub executions: u64,
}

/// Runs a case against the implementation, each strategy for its share of the executions.
pub fn explore<I: Implementation<ShuttleRuntime>>(
    make: &Make<ShuttleRuntime, I>,
    case: &Case,
    sample: Sample,
    stop: &Stop,
) -> Exploration {
    let Sample { seed, executions } = sample;
    let share = usize::try_from(executions / STRATEGIES.len() as u64).unwrap_or(usize::MAX).max(1);
    let stage = Stage::default();
    let samples = Rc::new(RefCell::new(Samples::default()));
    for strategy in STRATEGIES {
        let inner = scheduler(strategy, seed, share);
        let mut policy = Policy::new(inner, &case.program, &stage, &samples, stop);
        policy.counts_spawns = strategy == "urw";
        stage.run(make, case, policy);
        samples.borrow_mut().end_strategy(strategy);
    }
    let samples = samples.take();
    Exploration {
        bound: samples.stopped.unwrap_or(Bound::Sampled { seed }),
        strategies: samples.strategies,
        states: 0,
        transitions: samples.transitions,
        executions: samples.executions,
        outcomes: samples.ends,
        found_after: samples.found_after,
        panics: samples.panics,
        livelock: samples.livelock,
        paths: samples.paths,
        granularity: Granularity::Operation,
        ..Exploration::nothing()
    }
}

/// Runs a case against the implementation under one strategy, until an end comes that is sought:
/// after how many executions, of at most as many as the sample has.
pub fn hunt<I: Implementation<ShuttleRuntime>>(
    make: &Make<ShuttleRuntime, I>,
    case: &Case,
    strategy: &str,
    sample: Sample,
    sought: &Sought,
    stop: &Stop,
) -> Option<u64> {
    let executions_max = usize::try_from(sample.executions).unwrap_or(usize::MAX);
    let stage = Stage::default();
    let samples = Rc::new(RefCell::new(Samples::default()));
    samples.borrow_mut().scope.sought = Some(sought.clone());
    let inner = scheduler(strategy, sample.seed, executions_max);
    let mut policy = Policy::new(inner, &case.program, &stage, &samples, stop);
    policy.counts_spawns = strategy == "urw";
    stage.run(make, case, policy);
    let samples = samples.take();
    (samples.stopped == Some(Bound::Sought)).then_some(samples.executions)
}

/// Runs the program against the implementation under shuttle's own depth-first search, which stores
/// no states; it is the baseline for [`exhaustive`](super::exhaustive). It has choices at the same
/// points as `exhaustive`, or at all points if `is_careful`. At each new outcome, `found` gets the
/// number of executions so far.
pub fn explore_depth_first<I: Implementation<ShuttleRuntime>>(
    make: &Make<ShuttleRuntime, I>,
    case: &Case,
    is_careful: bool,
    stop: &Stop,
    found: impl Fn(u64) + 'static,
) -> Exploration {
    let stage = Stage::default();
    let samples = Rc::new(RefCell::new(Samples::default()));
    samples.borrow_mut().found = Some(Box::new(found));
    let inner = Box::new(DfsScheduler::new(None, false));
    let mut policy = Policy::new(inner, &case.program, &stage, &samples, stop);
    policy.is_careful = is_careful;
    policy.spurious = 0;
    stage.run(make, case, policy);
    let samples = samples.take();
    Exploration {
        bound: samples.stopped.unwrap_or(Bound::Exhausted),
        transitions: samples.transitions,
        executions: samples.executions,
        outcomes: samples.ends,
        paths: samples.paths,
        granularity: if is_careful { Granularity::Operation } else { Granularity::Section },
        ..Exploration::nothing()
    }
}

struct Samples {
    executions: u64,
    transitions: u64,
    ends: BTreeMap<Outcome, NodeId>,
    found_after: BTreeMap<Outcome, u64>,
    strategies: Vec<Strategy>,
    /// The executions of the earlier strategies, and the ends of the current one.
    executions_before: u64,
    ends_of_strategy: BTreeSet<NodeId>,
    panics: BTreeMap<String, NodeId>,
    livelock: Option<Livelock>,
    paths: Paths,
    stopped: Option<Bound>,
    /// The question to answer.
    scope: Scope,
    /// Gets, at each new end, the number of executions so far.
    found: Option<Box<dyn Fn(u64)>>,
}

impl Default for Samples {
    fn default() -> Samples {
        Samples {
            executions: 0,
            transitions: 0,
            ends: BTreeMap::new(),
            found_after: BTreeMap::new(),
            strategies: Vec::new(),
            executions_before: 0,
            ends_of_strategy: BTreeSet::new(),
            panics: BTreeMap::new(),
            livelock: None,
            paths: Paths::with_root(),
            stopped: None,
            scope: Scope::default(),
            found: None,
        }
    }
}

impl Samples {
    /// Records the end of an execution, with the schedule if the end or a panic is new.
    fn end(&mut self, outcome: Outcome, made: &[Choice], panics: Vec<String>) {
        self.transitions += made.len() as u64;
        let is_new = !self.ends.contains_key(&outcome);
        let mut node = ROOT;
        if is_new || panics.iter().any(|panic| !self.panics.contains_key(panic)) {
            let paths = &mut self.paths;
            node = made.iter().fold(ROOT, |node, choice| paths.add(node, *choice));
        }
        for panic in panics {
            self.panics.entry(panic).or_insert(node);
        }
        if is_new {
            self.found_after.insert(outcome.clone(), self.executions);
            self.ends.insert(outcome.clone(), node);
            if self.scope.is_done(&self.ends, &outcome) {
                self.stopped = Some(Bound::Sought);
            }
            if let Some(found) = &self.found {
                found(self.executions);
            }
        }
        self.ends_of_strategy.insert(self.ends[&outcome]);
    }

    /// Records how much a strategy has seen.
    fn end_strategy(&mut self, name: &'static str) {
        let executions = self.executions - self.executions_before;
        let outcomes = std::mem::take(&mut self.ends_of_strategy).len() as u64;
        self.executions_before = self.executions;
        self.strategies.push(Strategy { name, executions, outcomes });
    }
}

/// One of shuttle's schedulers, restricted to the choices that are possible on the board.
struct Policy {
    inner: Box<dyn Scheduler>,
    program: Arc<Program>,
    stage: Stage,
    stop: Stop,
    samples: Rc<RefCell<Samples>>,
    /// The choices of the current execution.
    made: Vec<Choice>,
    patience: Patience,
    /// Whether there ever was more than one possible choice.
    had_a_choice: bool,
    /// Whether the strategy has to see each task when it is created.
    counts_spawns: bool,
    /// Whether the board announces all operations; see [`crate::runtime::board`].
    is_careful: bool,
    /// The number of spurious wake-ups that an execution may have.
    spurious: u32,
    current: Option<TaskId>,
    started: u64,
}

impl Policy {
    fn new(
        inner: Box<dyn Scheduler>,
        program: &Arc<Program>,
        stage: &Stage,
        samples: &Rc<RefCell<Samples>>,
        stop: &Stop,
    ) -> Policy {
        Policy {
            inner,
            program: program.clone(),
            stage: stage.clone(),
            stop: stop.clone(),
            samples: samples.clone(),
            made: Vec::new(),
            patience: Patience::of(program),
            had_a_choice: false,
            counts_spawns: false,
            is_careful: true,
            spurious: 1,
            current: None,
            started: 0,
        }
    }

    /// Gives up the inner scheduler before it has made all its executions. It is leaked, because
    /// shuttle's scheduler would report a failure when dropped.
    fn leave(&mut self) {
        let none = Box::new(DfsScheduler::new(Some(0), false));
        std::mem::forget(std::mem::replace(&mut self.inner, none));
    }

    /// Lets the inner scheduler choose.
    fn choose(&mut self, tasks: &[&ShuttleTask], choices: &[Choice]) -> Choice {
        if let [only] = choices {
            return *only;
        }
        let first = choices[0].actor();
        let has_several = choices.iter().any(|choice| choice.actor() != first);
        self.had_a_choice |= has_several;
        if let Some(at) = self.patience.chance(self.made.len()) {
            return choices[(at % choices.len() as u128) as usize];
        }
        let is_possible = |task: &&&ShuttleTask| {
            choices.iter().any(|choice| choice.actor() == choice_of(task.id()).actor())
        };
        let possible: Vec<&ShuttleTask> = tasks.iter().filter(is_possible).copied().collect();
        // A strategy chooses who steps; in which way, chance does.
        let chosen = match has_several {
            true => self.inner.next_task(&possible, self.current, false),
            false => None,
        };
        let chosen = chosen.map_or(choices[0], choice_of);
        let ways: Vec<Choice> =
            choices.iter().filter(|other| other.actor() == chosen.actor()).copied().collect();
        match ways.len() {
            0 | 1 => chosen,
            several => ways[(self.inner.next_u64() % several as u64) as usize],
        }
    }
}

/// The choice that a shuttle task stands for: the main task stands for the clock.
fn choice_of(task: TaskId) -> Choice {
    match usize::from(task) {
        0 => Choice::Clock,
        task => stage::choice(task - 1),
    }
}

impl Scheduler for Policy {
    fn new_execution(&mut self) -> Option<Schedule> {
        if let Err(limit) = self.stop.check_now() {
            self.samples.borrow_mut().stopped = Some(Bound::Stopped { limit });
            self.leave();
            return None;
        }
        if self.samples.borrow().stopped.is_some() {
            self.leave();
            return None;
        }
        // Without a choice all executions are equal, so one is enough; PCT also requires some
        // concurrency.
        if self.started > 0 && !self.had_a_choice {
            self.leave();
            return None;
        }
        let schedule = self.inner.new_execution()?;
        self.started += 1;
        self.samples.borrow_mut().executions += 1;
        self.made.clear();
        self.patience.begin(self.started);
        self.current = None;
        *self.stage.board.lock() = stage::board(&self.program, self.spurious, self.is_careful);
        Some(schedule)
    }

    fn next_task(
        &mut self,
        tasks: &[&ShuttleTask],
        _: Option<TaskId>,
        _is_yielding: bool,
    ) -> Option<TaskId> {
        if let Some(task) = self.stage.settle() {
            if self.counts_spawns {
                self.inner.next_task(tasks, self.current, false);
            }
            return Some(task);
        }
        if self.stage.board.lock().is_over() {
            return Some(self.stage.abandon());
        }
        loop {
            let (choices, is_end) = self.stage.choices(&self.program);
            if is_end {
                let panics = self.stage.board.lock().panics().to_vec();
                self.samples.borrow_mut().end(self.stage.outcome(), &self.made, panics);
                return Some(self.stage.abandon());
            }
            let (stage, made) = (&self.stage, &self.made);
            if let Some(livelock) = self.patience.is_over(&stage.board, made) {
                // A program with loops may go on for ever: who starves in it, the machine says.
                if !self.program.is_client {
                    self.samples.borrow_mut().livelock.get_or_insert(livelock);
                }
                return Some(self.stage.abandon());
            }
            let choice = self.choose(tasks, &choices);
            self.made.push(choice);
            let runs = self.stage.take(choice).map(stage::id);
            self.current = Some(runs.unwrap_or(TaskId::from(0)));
            if runs.is_some() {
                return runs;
            }
        }
    }

    fn next_u64(&mut self) -> u64 {
        self.inner.next_u64()
    }
}
