//! The `exhaustive` engine: explores every interleaving of the real implementation's lock
//! operations. It runs the implementation under a scheduler that stores the states it has seen and
//! the steps that were run.
//!
//! An execution is a list of choices. At each choice the [`Board`] is
//! fingerprinted: all shared objects, and the knowledge of each task. A state that was seen before
//! is not explored again. That is sound because the implementation is deterministic and keeps all
//! that matters where the board can see it: equal states have equal futures. For the same reason a
//! step whose task knows and sees what it knew and saw before is not run again: its operations are
//! performed on the board (see `scripts.rs`). Only a step that is not known is run, and to return
//! to its state the engine repeats the choices that lead there.
//!
//! The engine checks this in two ways. Repeated choices must lead to the same operations. And some
//! executions that come to a state that was seen before are run on from there; all of their steps
//! must be what they were. Otherwise the search ends with the divergence.
//!
//! The states and the steps between them are a graph. When the search is over, each state must
//! have a way to an end; one that has none is a *livelock*: whoever runs goes round for ever.
//!
//! Executions are taken in the order of their context switches, so the first one that reaches
//! something has the fewest. From a state, continuing with the task that ran last costs nothing;
//! any other choice costs one switch, and so does naming the task that a `notify_one` wakes.
//! Therefore a state that is reached with the same number of switches by another task is visited
//! once more, but only to let that task continue.

mod course;
mod identical;
mod livelock;
mod look;
mod recheck;
mod run;
mod scripts;
mod states;

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

use calloff_protocol::exploration::{
    Bound, Discovery, Exploration, Granularity, Limit, Limits, NodeId, Paths, ROOT, Reduction,
    Reductions, Scope, Stop,
};
use calloff_protocol::history::{ActorId, Outcome};
use calloff_protocol::operations::Script;
use calloff_protocol::program::{Case, Program};
use calloff_protocol::world::Choice;
use course::{Arrival, Course, Entry, Next, Wanted};
use identical::Exchange;
use run::{Job, Run};
use scripts::Scripts;
use states::{StateId, States};

use super::follow;
use super::stage::{self, Stage};
use crate::drive::{Implementation, Make};
use crate::runtime::board::{Board, Kinds, Packed, Parts, Task};
use crate::runtime::shuttle::ShuttleRuntime;

/// The most tasks: one bit per task, and one for the clock, in the set of choices made at a state.
const TASKS_MAX: usize = 63;

/// Why this engine cannot run the program; `None` if it can.
pub fn skip_reason(program: &Program) -> Option<String> {
    let tasks = program.lanes.len();
    let ways = program.actors().map(|actor| program.ways(actor)).max().unwrap_or(1);
    if program.has_ways() && (tasks > states::WAYS.0 || ways > states::WAYS.1) {
        let (tasks_max, ways_max) = states::WAYS;
        return Some(format!(
            "at most {tasks_max} actors can have other ways to step, and at most {ways_max} ways"
        ));
    }
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
    let search = Exhaustive::new(case, scope, limits, stop, &stage, spurious);
    let search = Rc::new(RefCell::new(search));
    stage.run(make, case, run::Policy(search.clone()));
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

fn first_entry() -> VecDeque<Vec<Entry>> {
    VecDeque::from([vec![Entry { node: ROOT, choice: None, current: None }]])
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
    /// The boards of the states in which choices are still to be made.
    packed: Vec<Option<Packed>>,
    parts: Parts,
    /// The bytes of the packed boards.
    packed_bytes: usize,
    /// The steps that were run.
    scripts: Scripts,
    /// Whether no step is known: tasks create or drop objects, or a step that was known went
    /// otherwise.
    is_opaque: bool,
    arrived: Option<Arrival>,
    /// Which tasks are taken for each other.
    kinds: Kinds,
    /// How often an execution came to a state that was seen before.
    revisits: u64,
    /// How many of those executions were run on from there.
    rechecked: u64,
    /// Whether some task went round more often than is told apart.
    is_shortened: bool,
    /// How each state was first reached.
    paths: Paths,
    /// Choices to be made, by the number of context switches in addition to the current number.
    queue: VecDeque<Vec<Entry>>,
    /// What is being run.
    run: Run,
    /// The prefix that did not lead to the state that it had led to before.
    divergence: Option<Discovery>,
    /// Whether waits and notifications are announced; see [`crate::runtime::board`].
    is_careful: bool,
    /// The number of spurious wake-ups in each execution.
    spurious: u32,
    executions: u64,
    transitions: u64,
    ends: BTreeMap<Outcome, NodeId>,
    /// Those of the ends that are others with identical actors exchanged.
    exchanged: BTreeMap<Outcome, Exchange>,
    /// The bytes of the ends.
    end_bytes: usize,
    /// The execution in which each end was first seen.
    found_after: BTreeMap<Outcome, u64>,
    panics: BTreeMap<String, NodeId>,
    bound: Bound,
}

impl Exhaustive {
    fn new(
        case: &Case,
        scope: &Scope,
        limits: &Limits,
        stop: &Stop,
        stage: &Stage,
        spurious: u32,
    ) -> Exhaustive {
        Exhaustive {
            program: case.program.clone(),
            limits: *limits,
            scope: scope.clone(),
            switches: 0,
            stop: stop.clone(),
            stage: stage.clone(),
            states: States::default(),
            packed: Vec::new(),
            parts: Parts::default(),
            packed_bytes: 0,
            scripts: Scripts::default(),
            is_opaque: false,
            arrived: None,
            kinds: Kinds::all_different(case.program.lanes.len()),
            revisits: 0,
            rechecked: 0,
            is_shortened: false,
            paths: Paths::with_root(),
            queue: first_entry(),
            run: Run::default(),
            is_careful: false,
            spurious,
            found_after: BTreeMap::new(),
            panics: BTreeMap::new(),
            divergence: None,
            executions: 0,
            transitions: 0,
            ends: BTreeMap::new(),
            exchanged: BTreeMap::new(),
            end_bytes: 0,
            bound: Bound::Exhausted,
        }
    }

    /// Whether steps that were run before are known.
    fn knows_steps(&self) -> bool {
        self.scope.reductions.has(Reduction::KnownSteps) && !self.is_opaque
    }

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
                Some(chosen) if !self.states.make(chosen.state, chosen.name) => {}
                _ => return Some(entry),
            }
        }
    }

    /// Discards everything that was found, and starts again.
    fn start_again(&mut self) {
        self.switches = 0;
        self.states = States::default();
        (self.packed, self.packed_bytes) = (Vec::new(), 0);
        self.parts = Parts::default();
        self.scripts = Scripts::default();
        self.arrived = None;
        self.run = Run::default();
        self.is_shortened = false;
        self.ends.clear();
        self.exchanged.clear();
        self.end_bytes = 0;
        self.found_after.clear();
        self.panics.clear();
        self.paths = Paths::with_root();
        self.queue = first_entry();
    }

    /// Starts again with a careful board.
    fn start_carefully(&mut self) {
        self.is_careful = true;
        self.start_again();
    }

    /// Starts again without known steps.
    fn start_without_scripts(&mut self) {
        self.is_opaque = true;
        (self.executions, self.transitions) = (0, 0);
        (self.revisits, self.rechecked) = (0, 0);
        self.start_again();
    }

    /// Searches on, until something has to be run: what. `None` if the search is over.
    fn advance(&mut self) -> Option<Job> {
        while self.bound == Bound::Exhausted {
            let wanted = match self.arrived.take() {
                Some(arrival) => match self.look(arrival) {
                    Course::Next(next) => self.step(*next),
                    Course::Over => None,
                    Course::Recheck(node) => return Some(Job::Recheck(node)),
                },
                None => self.next_execution()?,
            };
            if let Some(wanted) = wanted {
                return Some(Job::Step(wanted));
            }
        }
        None
    }

    /// Begins the next execution. `None` if there is none; `Some(None)` if its first new step was
    /// run before.
    fn next_execution(&mut self) -> Option<Option<Wanted>> {
        let Entry { node, choice, current } = self.next_entry()?;
        if let Err(limit) = self.check_limits() {
            self.bound = Bound::Stopped { limit };
            return None;
        }
        self.executions += 1;
        let Some(chosen) = choice else {
            return Some(Some(Wanted { from: ROOT, choice: None, to: ROOT, current: None }));
        };
        Some(self.step(Next { chosen, board: None, node, current }))
    }

    /// Makes a choice. If the step that follows is known, the execution has arrived where it leads
    /// to; otherwise it has to be run.
    fn step(&mut self, next: Next) -> Option<Wanted> {
        let Next { chosen, board, node: from, current } = next;
        self.transitions += 1;
        let to = self.paths.add(from, chosen.choice);
        let wanted = Wanted { from, choice: Some(chosen), to, current };
        if !self.knows_steps() {
            return Some(wanted);
        }
        let unpack = |packed: &Packed| self.parts.unpack(packed);
        let board = board.or_else(|| self.packed[chosen.state.number()].as_ref().map(unpack));
        self.forget_spent(chosen.state);
        let mut board = board.expect("the board of a state is kept until all choices were made");
        let came_by = Some(chosen.step(&board));
        let Some(runs) = self.perform(chosen.choice, &mut board) else { return Some(wanted) };
        let current = runs.or(current);
        if board.is_broken() && !self.is_careful {
            self.start_carefully();
            return None;
        }
        self.arrived = Some(Arrival { board, node: to, current, came_by });
        None
    }

    /// Makes a choice on a board, if its step is known. The task that ran, if any did.
    fn perform(&self, choice: Choice, board: &mut Board) -> Option<Option<Task>> {
        let knowledge = match choice {
            Choice::Actor(ActorId(task)) | Choice::Way(ActorId(task), _) => {
                Some(board.knowledge(task as usize, &self.kinds))
            }
            Choice::Clock => None,
        };
        let runs = stage::take_on(board, choice);
        knowledge.map_or(Some(()), |knowledge| self.scripts.perform(knowledge, board))?;
        Some(runs)
    }

    /// Forgets the board of a state in which every choice was made.
    fn forget_spent(&mut self, state: StateId) {
        if self.states.is_spent(state) {
            let packed = self.packed[state.number()].take();
            self.packed_bytes -= packed.map_or(0, |packed| packed.bytes());
        }
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
        let bytes = self.paths.states() * PER_STATE + self.packed_bytes + self.scripts.bytes();
        let bytes = bytes + self.end_bytes;
        if bytes >> 20 >= self.limits.memory_max as usize {
            return Err(Limit::Memory);
        }
        Ok(())
    }

    /// The same choices have led elsewhere: nothing is believed any more.
    fn diverge(&mut self, how: Discovery) {
        self.divergence = Some(how);
        self.bound = Bound::Diverged;
    }

    fn report(&self) -> Exploration {
        let (mut paths, mut outcomes) = (self.paths.clone(), self.ends.clone());
        for (end, exchange) in &self.exchanged {
            let way = self.exchanged_way(self.ends[end], exchange);
            let add = |node, choice: &Choice| paths.add(node, *choice);
            outcomes.insert(end.clone(), way.0.iter().fold(ROOT, add));
        }
        let livelock = self.livelock();
        let lassos = self.lassos();
        let unknown = livelock.as_ref().err().map(|limit| Bound::Stopped { limit: *limit });
        Exploration {
            bound: unknown.unwrap_or(self.bound),
            states: self.states.len() as u64,
            transitions: self.transitions,
            executions: self.executions,
            switches: self.switches,
            reductions: match self.knows_steps() {
                true => self.scope.reductions.among(&Reduction::OF_EXHAUSTIVE),
                false => Reductions::NONE,
            },
            outcomes,
            found_after: self.found_after.clone(),
            panics: self.panics.clone(),
            divergence: self.divergence.clone(),
            livelock: livelock.unwrap_or_default(),
            starving: lassos.iter().flat_map(|lasso| &lasso.starving).copied().collect(),
            lassos,
            rechecked: self.rechecked,
            paths,
            granularity: match self.is_careful {
                true => Granularity::Operation,
                false => Granularity::Section,
            },
            ..Exploration::nothing()
        }
    }
}
