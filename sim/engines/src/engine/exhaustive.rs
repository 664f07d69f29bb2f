//! The `exhaustive` engine: explores every interleaving of the real implementation's lock
//! operations. It runs the implementation again and again under a scheduler that stores the states
//! it has seen.
//!
//! An execution is a list of choices; to return to a state, the engine repeats its choices. At each
//! choice the [`Board`] is fingerprinted: all shared objects, and the knowledge of each task. A
//! state that was seen before is not explored again. That is sound because the implementation is
//! deterministic: equal states have equal futures. The engine checks this: repeated choices must
//! lead to the same state; otherwise the search ends with the divergence.
//!
//! Executions are taken in the order of their context switches, so the first one that reaches
//! something has the fewest. From a state, continuing with the task that ran last costs nothing;
//! any other choice costs one switch, and so does naming the task that a `notify_one` wakes.
//! Therefore a state that is reached with the same number of switches by another task is visited
//! once more, but only to let that task continue.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

use calloff_protocol::digest::FingerprintMap;
use calloff_protocol::exploration::{
    Bound, Discovery, Exploration, Granularity, Limit, Limits, NodeId, Paths, ROOT, Scope, Stop,
};
use calloff_protocol::history::{ActorId, Outcome};
use calloff_protocol::program::{Case, Program};
use calloff_protocol::world::Choice;
use shuttle::scheduler::{Schedule, Scheduler, Task as ShuttleTask, TaskId};

use super::stage::{self, Stage};
use crate::drive::{Implementation, Make};
use crate::runtime::board::{Board, Task};
use crate::runtime::shuttle::ShuttleRuntime;

/// The most tasks: one bit per task, and one for the clock, in the set of choices made at a state.
const TASKS_MAX: usize = 63;

/// Why this engine cannot run the program; `None` if it can.
pub fn skip_reason(program: &Program) -> Option<String> {
    let tasks = program.lanes.len();
    (tasks > TASKS_MAX).then(|| format!("{tasks} actors are more than {TASKS_MAX}"))
}

/// Runs a case against the implementation in every interleaving, as far as the scope goes.
pub fn explore<I: Implementation<ShuttleRuntime>>(
    make: &Make<ShuttleRuntime, I>,
    case: &Case,
    scope: &Scope,
    limits: &Limits,
    stop: &Stop,
) -> Exploration {
    let program = &case.program;
    let spurious = scope.spurious_max.unwrap_or_else(|| stage::spurious_wake_ups(program));
    let stage = Stage::default();
    let search = Rc::new(RefCell::new(Exhaustive {
        program: program.clone(),
        limits: *limits,
        scope: scope.clone(),
        switches: 0,
        stop: stop.clone(),
        stage: stage.clone(),
        seen: FingerprintMap::default(),
        paths: Paths::with_root(),
        queue: first_entry(),
        is_careful: false,
        spurious,
        found_after: BTreeMap::new(),
        panics: BTreeMap::new(),
        replay: Vec::new(),
        replayed: Vec::new(),
        branch: 0,
        divergence: None,
        node: ROOT,
        current: None,
        executions: 0,
        transitions: 0,
        ends: BTreeMap::new(),
        bound: Bound::Exhausted,
    }));
    stage.run(make, case, Policy(search.clone()));
    let search = search.borrow();
    search.report()
}

/// A choice that is still to be made at a node.
#[derive(Clone, Copy)]
struct Entry {
    node: NodeId,
    /// `None`: the very first execution, without a prefix.
    choice: Option<Choice>,
    /// The fingerprint of the node's state.
    state: u128,
}

fn first_entry() -> VecDeque<Vec<Entry>> {
    VecDeque::from([vec![Entry { node: ROOT, choice: None, state: 0 }]])
}

struct Exhaustive {
    program: Arc<Program>,
    limits: Limits,
    scope: Scope,
    /// The number of context switches of the current executions.
    switches: u64,
    stop: Stop,
    stage: Stage,
    /// For each state, the choices made there: a bit per task, and one for the clock.
    seen: FingerprintMap<u64>,
    /// How each state was first reached.
    paths: Paths,
    /// Choices to be made, by the number of context switches in addition to the current number.
    queue: VecDeque<Vec<Entry>>,
    /// The rest of the prefix of the running execution, the next choice last.
    replay: Vec<Choice>,
    /// The part of the prefix that was already made.
    replayed: Vec<Choice>,
    /// The fingerprint of the state at the end of the prefix, where its last choice, a new one, is
    /// made.
    branch: u128,
    /// The prefix that did not lead to the state that it had led to before.
    divergence: Option<Discovery>,
    node: NodeId,
    /// The task that ran last.
    current: Option<Task>,
    /// Whether waits and notifications are announced; see [`crate::runtime::board`].
    is_careful: bool,
    /// The number of spurious wake-ups in each execution.
    spurious: u32,
    executions: u64,
    transitions: u64,
    ends: BTreeMap<Outcome, NodeId>,
    /// The execution in which each end was first seen.
    found_after: BTreeMap<Outcome, u64>,
    panics: BTreeMap<String, NodeId>,
    bound: Bound,
}

fn bit(choice: Choice) -> u64 {
    match choice {
        Choice::Actor(actor) => 1 << actor.0,
        Choice::Clock => 1 << TASKS_MAX,
    }
}

impl Exhaustive {
    /// The next choice to be made that nobody has made in the meantime.
    fn next_entry(&mut self) -> Option<Entry> {
        loop {
            let Some(entry) = self.queue.front_mut()?.pop() else {
                if self.queue.len() > 1 && self.scope.switches_max == Some(self.switches) {
                    self.bound = Bound::Sought;
                    return None;
                }
                self.queue.pop_front();
                self.switches += 1;
                continue;
            };
            let Some(choice) = entry.choice else { return Some(entry) };
            let made = self.seen.entry(entry.state).or_default();
            if *made & bit(choice) == 0 {
                *made |= bit(choice);
                return Some(entry);
            }
        }
    }

    /// Discards everything, and starts again with a careful board.
    fn start_again(&mut self) {
        self.is_careful = true;
        self.switches = 0;
        self.seen.clear();
        self.ends.clear();
        self.found_after.clear();
        self.panics.clear();
        self.paths = Paths::with_root();
        self.queue = first_entry();
    }

    /// Prepares the next execution; `false` if there is none.
    fn begin(&mut self) -> bool {
        if self.bound != Bound::Exhausted {
            return false;
        }
        if self.stage.board.lock().is_broken() && !self.is_careful {
            self.start_again();
        }
        let Some(entry) = self.next_entry() else { return false };
        if let Err(limit) = self.check_limits() {
            self.bound = Bound::Stopped { limit };
            return false;
        }
        self.executions += 1;
        self.replay = self.paths.schedule(entry.node, entry.choice).0;
        self.replay.reverse();
        self.replayed.clear();
        self.branch = entry.state;
        self.node = entry.node;
        if let Some(choice) = entry.choice {
            self.node = self.add_node(choice);
        }
        self.current = None;
        let tasks = self.program.lanes.len();
        *self.stage.board.lock() = Board::new(tasks, self.spurious, self.is_careful);
        true
    }

    fn add_node(&mut self, choice: Choice) -> NodeId {
        self.transitions += 1;
        self.paths.add(self.node, choice)
    }

    fn check_limits(&self) -> Result<(), Limit> {
        // Per state: its fingerprint, its node, and one or two queued choices.
        const PER_STATE: usize = 160;
        if self.seen.len() as u64 >= self.limits.states_max {
            return Err(Limit::States);
        }
        if (self.paths.states() * PER_STATE) >> 20 >= self.limits.memory_max as usize {
            return Err(Limit::Memory);
        }
        self.stop.check_now()
    }

    /// The task that steps next; `None` abandons the execution.
    fn choose(&mut self) -> Option<Task> {
        loop {
            let choice = match self.replay.last() {
                Some(_) => self.repeat()?,
                None => self.explore()?,
            };
            if let Some(runs) = self.stage.take(choice) {
                self.current = Some(runs);
                return Some(runs);
            }
        }
    }

    /// The next choice of the prefix. It fails if the implementation does not follow the prefix any
    /// more: the choice has become impossible, or the state at the end of the prefix is a different
    /// one.
    fn repeat(&mut self) -> Option<Choice> {
        let choice = self.replay.pop()?;
        let is_last = self.replay.is_empty();
        let mut board = self.stage.board.lock();
        let is_possible = match choice {
            Choice::Actor(ActorId(task)) => board.is_enabled(task as usize),
            Choice::Clock => board.next_deadline().is_some(),
        };
        let is_same = is_possible && (!is_last || board.fingerprint() == self.branch);
        drop(board);
        if !is_same {
            self.divergence = Some(Discovery::divergence(&self.replayed));
            self.bound = Bound::Diverged;
            return None;
        }
        self.replayed.push(choice);
        Some(choice)
    }

    /// Called in a state after the prefix. Queues the other choices of the state, and continues
    /// with the task that ran last, if that choice was not yet made in this state.
    fn explore(&mut self) -> Option<Choice> {
        let (choices, is_end) = self.stage.choices(self.program.time);
        let mut board = self.stage.board.lock();
        let state = board.fingerprint();
        drop(board);
        let going_on = self.current.map(stage::choice).filter(|choice| choices.contains(choice));
        let made = self.seen.get(&state).copied();
        if made.is_none() {
            self.seen.insert(state, 0);
            if is_end {
                self.end();
                if self.bound == Bound::Sought {
                    return None;
                }
            }
            if let Err(limit) = self.stop.check(self.seen.len()) {
                self.bound = Bound::Stopped { limit };
                return None;
            }
            self.visit(state, &choices, going_on);
        }
        let going_on = going_on.filter(|choice| made.unwrap_or(0) & bit(*choice) == 0)?;
        *self.seen.entry(state).or_default() |= bit(going_on);
        self.node = self.add_node(going_on);
        Some(going_on)
    }

    /// Records an end: a state in which nothing can happen apart from spurious wake-ups.
    fn end(&mut self) {
        let outcome = self.stage.outcome();
        for panic in self.stage.board.lock().panics() {
            self.panics.entry(panic.clone()).or_insert(self.node);
        }
        self.found_after.entry(outcome.clone()).or_insert(self.executions);
        if !self.ends.contains_key(&outcome) {
            self.ends.insert(outcome.clone(), self.node);
            if self.scope.is_done(&self.ends, &outcome) {
                self.bound = Bound::Sought;
            }
        }
    }

    /// Queues the other choices of a new state.
    fn visit(&mut self, state: u128, choices: &[Choice], going_on: Option<Choice>) {
        if self.queue.len() < 2 {
            self.queue.resize_with(2, Vec::new);
        }
        let others = choices.iter().rev().filter(|choice| Some(**choice) != going_on);
        let node = self.node;
        self.queue[1].extend(others.map(|&choice| Entry { node, choice: Some(choice), state }));
    }

    fn report(&self) -> Exploration {
        Exploration {
            bound: self.bound,
            states: self.seen.len() as u64,
            transitions: self.transitions,
            executions: self.executions,
            switches: self.switches,
            outcomes: self.ends.clone(),
            found_after: self.found_after.clone(),
            panics: self.panics.clone(),
            divergence: self.divergence.clone(),
            paths: self.paths.clone(),
            granularity: match self.is_careful {
                true => Granularity::Operation,
                false => Granularity::Section,
            },
            ..Exploration::nothing()
        }
    }
}

/// The search, as shuttle asks for it.
struct Policy(Rc<RefCell<Exhaustive>>);

impl Scheduler for Policy {
    fn new_execution(&mut self) -> Option<Schedule> {
        self.0.borrow_mut().begin().then(|| Schedule::new(0))
    }

    fn next_task(
        &mut self,
        _: &[&ShuttleTask],
        _: Option<TaskId>,
        _is_yielding: bool,
    ) -> Option<TaskId> {
        let mut search = self.0.borrow_mut();
        if let Some(task) = search.stage.settle() {
            return Some(task);
        }
        let board = search.stage.board.lock();
        let is_over = board.is_over() || (board.is_broken() && !search.is_careful);
        drop(board);
        match if is_over { None } else { search.choose() } {
            Some(task) => Some(stage::id(task)),
            None => Some(search.stage.abandon()),
        }
    }

    fn next_u64(&mut self) -> u64 {
        0
    }
}
