//! The `exhaustive` engine: explores every interleaving of the real implementation's lock
//! operations. It runs the implementation again and again under a scheduler that stores the states
//! it has seen.
//!
//! An execution is a list of choices; to return to a state, the engine repeats its choices. At each
//! choice the [`Board`] is fingerprinted: all shared objects, and the knowledge of each task. A
//! state that was seen before is not explored again. That is sound because the implementation is
//! deterministic and keeps all that matters where the board can see it: equal states have equal
//! futures. The engine checks this in two ways. Repeated choices must lead to the same state. And
//! in some executions, a state that was seen before is left again by choices that were made there
//! before; they must lead to the states that they led to then. Otherwise the search ends with the
//! divergence.
//!
//! The states and the steps between them are a graph. When the search is over, each state must
//! have a way to an end; one that has none is a *livelock*: whoever runs goes round for ever.
//!
//! Executions are taken in the order of their context switches, so the first one that reaches
//! something has the fewest. From a state, continuing with the task that ran last costs nothing;
//! any other choice costs one switch, and so does naming the task that a `notify_one` wakes.
//! Therefore a state that is reached with the same number of switches by another task is visited
//! once more, but only to let that task continue.

mod livelock;
mod recheck;
mod states;

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

use calloff_protocol::exploration::{
    Bound, Discovery, Exploration, Granularity, Limit, Limits, NodeId, Paths, ROOT, Scope, Stop,
};
use calloff_protocol::history::{ActorId, Outcome};
use calloff_protocol::operations::Script;
use calloff_protocol::program::{Case, Program};
use calloff_protocol::world::Choice;
use shuttle::scheduler::{Schedule, Scheduler, Task as ShuttleTask, TaskId};
use states::{StateId, States, Step};

use super::follow;
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
        states: States::default(),
        came_by: None,
        is_walking: false,
        revisits: 0,
        rechecked: 0,
        is_shortened: false,
        paths: Paths::with_root(),
        queue: first_entry(),
        is_careful: false,
        spurious,
        found_after: BTreeMap::new(),
        panics: BTreeMap::new(),
        replay: Vec::new(),
        made: Vec::new(),
        branch: None,
        divergence: None,
        node: ROOT,
        current: None,
        executions: 0,
        transitions: 0,
        ends: BTreeMap::new(),
        bound: Bound::Exhausted,
    }));
    stage.run(make, case, Policy(search.clone()));
    let mut found = search.borrow().report();
    if let Some(livelock) = &mut found.livelock {
        let mut choices = livelock.way.clone();
        choices.0.extend(&livelock.cycle.0);
        let is_careful = found.granularity == Granularity::Operation;
        let script = Script::Operations { schedule: choices, is_careful };
        livelock.tell(&follow::follow(make, case, &script));
    }
    found
}

/// A choice that is still to be made at a node.
#[derive(Clone, Copy)]
struct Entry {
    node: NodeId,
    /// `None`: the very first execution, without a prefix.
    choice: Option<(StateId, Choice)>,
}

fn first_entry() -> VecDeque<Vec<Entry>> {
    VecDeque::from([vec![Entry { node: ROOT, choice: None }]])
}

struct Exhaustive {
    program: Arc<Program>,
    limits: Limits,
    scope: Scope,
    /// The number of context switches of the current executions.
    switches: u64,
    stop: Stop,
    stage: Stage,
    /// The states that were seen, and the steps between them.
    states: States,
    /// The step that leads to the next state; `None` in a part that was executed before.
    came_by: Option<Step>,
    /// Whether the execution repeats steps from a state that was seen before, to find out whether
    /// they lead to the same states again.
    is_walking: bool,
    /// How often an execution came to a state that was seen before.
    revisits: u64,
    /// How many of those executions repeated steps from there.
    rechecked: u64,
    /// Whether some task went round more often than is told apart.
    is_shortened: bool,
    /// How each state was first reached.
    paths: Paths,
    /// Choices to be made, by the number of context switches in addition to the current number.
    queue: VecDeque<Vec<Entry>>,
    /// The rest of the prefix of the running execution, the next choice last.
    replay: Vec<Choice>,
    /// The choices of the running execution so far.
    made: Vec<Choice>,
    /// The state at the end of the prefix, where its last choice, a new one, is made.
    branch: Option<StateId>,
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
            match entry.choice {
                Some((state, choice)) if !self.states.make(state, choice) => {}
                _ => return Some(entry),
            }
        }
    }

    /// Discards everything, and starts again with a careful board.
    fn start_again(&mut self) {
        self.is_careful = true;
        self.switches = 0;
        self.states = States::default();
        self.is_shortened = false;
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
        let last = entry.choice.map(|(_, choice)| choice);
        self.replay = self.paths.schedule(entry.node, last).0;
        self.replay.reverse();
        self.made.clear();
        self.branch = entry.choice.map(|(state, _)| state);
        self.node = entry.node;
        if let Some(choice) = last {
            self.node = self.add_node(choice);
        }
        (self.current, self.came_by, self.is_walking) = (None, None, false);
        let tasks = self.program.lanes.len();
        *self.stage.board.lock() = Board::new(tasks, self.spurious, self.is_careful);
        true
    }

    fn add_node(&mut self, choice: Choice) -> NodeId {
        self.transitions += 1;
        self.paths.add(self.node, choice)
    }

    fn check_limits(&self) -> Result<(), Limit> {
        self.check_size()?;
        self.stop.check_now()
    }

    fn check_size(&self) -> Result<(), Limit> {
        // Per step: its node, its edge, its queued choice, and its share of the state.
        const PER_STATE: usize = 160;
        if self.states.len() as u64 >= self.limits.states_max {
            return Err(Limit::States);
        }
        if (self.paths.states() * PER_STATE) >> 20 >= self.limits.memory_max as usize {
            return Err(Limit::Memory);
        }
        Ok(())
    }

    /// The task that steps next; `None` abandons the execution.
    fn choose(&mut self) -> Option<Task> {
        loop {
            let choice = match self.replay.last() {
                Some(_) => self.repeat()?,
                None => self.explore()?,
            };
            self.made.push(choice);
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
        let (is_possible, is_spurious) = match choice {
            Choice::Actor(ActorId(task)) => {
                (board.is_enabled(task as usize), board.is_spurious(task as usize))
            }
            Choice::Clock => (board.next_deadline().is_some(), false),
        };
        let branch = self.branch.filter(|_| is_last);
        let is_known = |state| board.fingerprint() == self.states.fingerprint(state);
        let is_same = is_possible && branch.is_none_or(is_known);
        drop(board);
        if !is_same {
            return self.diverge(Discovery::divergence(&self.made));
        }
        self.came_by = branch.map(|from| Step { from, choice, is_spurious });
        Some(choice)
    }

    /// The same choices have led elsewhere: nothing is believed any more.
    fn diverge(&mut self, how: Discovery) -> Option<Choice> {
        self.divergence = Some(how);
        self.bound = Bound::Diverged;
        None
    }

    /// Called in a state after the prefix. Queues the other choices of a new state, and continues
    /// with the task that ran last, if that choice was not yet made in this state.
    fn explore(&mut self) -> Option<Choice> {
        let (choices, is_end) = self.stage.choices(self.program.time);
        let mut board = self.stage.board.lock();
        let fingerprint = board.fingerprint();
        self.is_shortened |= board.is_shortened();
        drop(board);
        let known = self.states.find(fingerprint);
        if self.is_walking && known.is_none() {
            return self.diverge(Discovery::hidden(&self.made));
        }
        let add = || self.states.add(fingerprint, self.node, &choices, is_end);
        let state = known.unwrap_or_else(add);
        if self.came_by.take().is_some_and(|step| !self.states.connect(step, state)) {
            return self.diverge(Discovery::hidden(&self.made));
        }
        if self.is_walking {
            return self.walk(state);
        }
        let going_on = self.current.map(stage::choice).filter(|choice| choices.contains(choice));
        if known.is_none() && !self.visit(state, &choices, going_on, is_end) {
            return None;
        }
        if let Some(choice) = going_on.filter(|choice| self.states.make(state, *choice)) {
            self.node = self.add_node(choice);
            return self.step(state, choice);
        }
        let is_chosen = known.is_some() && self.is_rechecked(fingerprint);
        if is_chosen { self.walk(state) } else { None }
    }

    /// Makes a choice in a state.
    fn step(&mut self, from: StateId, choice: Choice) -> Option<Choice> {
        let board = self.stage.board.lock();
        let is_spurious = match choice {
            Choice::Actor(ActorId(task)) => board.is_spurious(task as usize),
            Choice::Clock => false,
        };
        self.came_by = Some(Step { from, choice, is_spurious });
        Some(choice)
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

    /// Queues the other choices of a new state; `false` if the search is over.
    fn visit(
        &mut self,
        state: StateId,
        choices: &[Choice],
        going_on: Option<Choice>,
        is_end: bool,
    ) -> bool {
        if is_end {
            self.end();
            if self.bound == Bound::Sought {
                return false;
            }
        }
        let reached = self.stop.check(self.states.len()).and_then(|()| self.check_size());
        if let Err(limit) = reached {
            self.bound = Bound::Stopped { limit };
            return false;
        }
        if self.queue.len() < 2 {
            self.queue.resize_with(2, Vec::new);
        }
        let others = choices.iter().rev().filter(|choice| Some(**choice) != going_on);
        let node = self.node;
        let entries = others.map(|&choice| Entry { node, choice: Some((state, choice)) });
        self.queue[1].extend(entries);
        true
    }

    fn report(&self) -> Exploration {
        Exploration {
            bound: self.bound,
            states: self.states.len() as u64,
            transitions: self.transitions,
            executions: self.executions,
            switches: self.switches,
            outcomes: self.ends.clone(),
            found_after: self.found_after.clone(),
            panics: self.panics.clone(),
            divergence: self.divergence.clone(),
            livelock: self.livelock(),
            rechecked: self.rechecked,
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
