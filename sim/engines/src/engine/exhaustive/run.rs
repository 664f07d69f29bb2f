//! Running the implementation, where the search does not know what it does.
//!
//! A run begins with the choices that lead to a state, and goes on with a choice whose step is not
//! known. It is recorded, and so is every step before it; those must be what they were.

use std::cell::RefCell;
use std::rc::Rc;

use calloff_protocol::digest::fingerprint;
use calloff_protocol::exploration::{Discovery, NodeId};
use calloff_protocol::history::ActorId;
use calloff_protocol::world::Choice;
use shuttle::scheduler::{Schedule, Scheduler, Task as ShuttleTask, TaskId};

use super::Exhaustive;
use super::course::{Arrival, Chosen, Wanted};
use super::states::Step;
use crate::engine::stage;
use crate::runtime::board::{Board, Operation, Task};

/// Why something is run.
#[derive(Clone)]
pub(super) enum Job {
    /// A step is not known.
    Step(Wanted),
    /// To find out whether it does what is known of it.
    Recheck(NodeId),
    /// A step was not what it had been: to find out whether the same choices lead there again.
    Suspicion(Suspicion),
}

/// A run in which a step was not what it had been.
#[derive(Clone)]
pub(super) struct Suspicion {
    /// Its choices.
    pub(super) choices: Vec<Choice>,
    /// What all of its steps were, in the first run that had the same choices.
    pub(super) trace: Option<u128>,
    /// How often it was run.
    pub(super) runs: u32,
}

/// How often a suspicious run is made again.
const RUNS_AGAIN: u32 = 16;

/// What is being run.
#[derive(Default)]
pub(super) struct Run {
    pub(super) job: Option<Job>,
    /// What is to be run next.
    next: Option<Job>,
    /// The rest of its prefix, the next choice last.
    replay: Vec<Choice>,
    /// How many choices the prefix has.
    pub(super) prefix: usize,
    /// The choices that were made.
    pub(super) made: Vec<Choice>,
    /// The task that runs, and what it knew when its step began.
    running: Option<(Task, u128)>,
    /// The task that ran last.
    pub(super) current: Option<Task>,
    /// A fingerprint of everything that the tasks did.
    trace: u128,
    /// The step that leads to the next state at which the search looks.
    pub(super) came_by: Option<Step>,
}

/// The run is given up.
pub(super) struct GivenUp;

impl Exhaustive {
    /// Prepares the next run; `false` if there is none.
    fn begin(&mut self) -> bool {
        let is_step = matches!(self.run.job, Some(Job::Step(_)));
        if self.stage.board.lock().is_broken() && !self.is_careful && is_step {
            self.start_carefully();
        }
        let Some(job) = self.run.next.take().or_else(|| self.advance()) else { return false };
        let mut choices = match &job {
            Job::Step(wanted) => {
                self.paths.schedule(wanted.from, wanted.choice.map(|chosen| chosen.choice)).0
            }
            Job::Recheck(node) => self.paths.schedule(*node, None).0,
            Job::Suspicion(suspicion) => suspicion.choices.clone(),
        };
        choices.reverse();
        let prefix = choices.len();
        self.run = Run { job: Some(job), replay: choices, prefix, ..Run::default() };
        let board = stage::board(&self.program, self.spurious, self.is_careful);
        *self.stage.board.lock() = board.recorded();
        true
    }

    /// The task that steps next; `None` abandons the run.
    fn choose(&mut self) -> Option<Task> {
        self.learn().ok()?;
        loop {
            let choice = self.next_choice().ok()?;
            self.run.made.push(choice);
            let knowledge = match choice {
                Choice::Actor(ActorId(task)) | Choice::Way(ActorId(task), _) => {
                    self.stage.board.lock().knowledge(task as usize, &self.kinds)
                }
                Choice::Clock => 0,
            };
            if let Some(runs) = self.stage.take(choice) {
                self.run.current = Some(runs);
                self.run.running = Some((runs, knowledge));
                return Some(runs);
            }
        }
    }

    /// Records the step that has just ended.
    fn learn(&mut self) -> Result<(), GivenUp> {
        let step = self.stage.board.lock().take_recording();
        if self.knows_steps() && step.iter().any(|(done, _)| matches!(done, Operation::Own(_))) {
            self.start_without_scripts();
            return Err(GivenUp);
        }
        let board = self.stage.board.clone();
        let board = board.lock();
        let Some((task, knowledge)) = self.run.running.take() else {
            let is_same = self.states.first().is_none_or(|first| first == self.fingerprint(&board));
            return if is_same { self.know_all(&board) } else { Err(self.diverge_here()) };
        };
        if !self.knows_steps() {
            return Ok(());
        }
        self.run.trace = fingerprint(&(self.run.trace, &step));
        if matches!(self.run.job, Some(Job::Suspicion(_))) {
            return Ok(());
        }
        let is_same = self.scripts.add(knowledge, step).is_ok()
            && self.scripts.add_results(&board, task, &self.kinds, &self.stage.record()).is_ok();
        if is_same { Ok(()) } else { Err(self.suspect()) }
    }

    /// Records what each task has returned before the first choice: nothing.
    fn know_all(&mut self, board: &Board) -> Result<(), GivenUp> {
        let record = self.stage.record();
        for task in 0..board.tasks() {
            if self.scripts.add_results(board, task, &self.kinds, &record).is_err() {
                return Err(self.diverge_here());
            }
        }
        Ok(())
    }

    /// The same choices have led elsewhere.
    fn diverge_here(&mut self) -> GivenUp {
        self.diverge(Discovery::divergence(&self.run.made));
        GivenUp
    }

    /// A step was not what it was before: a run with these choices is made again and again.
    fn suspect(&mut self) -> GivenUp {
        let choices = self.run.made.clone();
        self.run.next = Some(Job::Suspicion(Suspicion { choices, trace: None, runs: 0 }));
        GivenUp
    }

    /// A suspicious run was made once more. If everything is the same each time, the implementation
    /// is deterministic. It keeps something to itself, or has promised to know too little; whether
    /// that matters, a search without known steps finds out.
    fn confirm(&mut self, mut suspicion: Suspicion) -> GivenUp {
        suspicion.runs += 1;
        if *suspicion.trace.get_or_insert(self.run.trace) != self.run.trace {
            return self.diverge_here();
        }
        if suspicion.runs == RUNS_AGAIN {
            self.start_without_scripts();
        } else {
            self.run.next = Some(Job::Suspicion(suspicion));
        }
        GivenUp
    }

    fn next_choice(&mut self) -> Result<Choice, GivenUp> {
        if let Some(choice) = self.run.replay.pop() {
            return self.repeat(choice);
        }
        match self.run.job.clone() {
            Some(Job::Step(wanted)) => self.go_on(wanted),
            Some(Job::Recheck(_)) => self.walk().ok_or(GivenUp),
            Some(Job::Suspicion(suspicion)) => Err(self.confirm(suspicion)),
            None => Err(GivenUp),
        }
    }

    /// The next choice of the prefix. It fails if the implementation does not follow the prefix any
    /// more: the choice has become impossible, or the state at the end of the prefix is a different
    /// one.
    fn repeat(&mut self, choice: Choice) -> Result<Choice, GivenUp> {
        let board = self.stage.board.lock();
        let is_possible = match choice {
            Choice::Actor(ActorId(task)) => board.is_enabled(task as usize),
            Choice::Way(ActorId(task), way) => way <= board.other_ways(task as usize),
            Choice::Clock => board.next_deadline().is_some(),
        };
        let branch = match &self.run.job {
            Some(Job::Step(wanted)) if self.run.replay.is_empty() => wanted.choice,
            _ => None,
        };
        let is_known =
            |chosen: Chosen| self.fingerprint(&board) == self.states.fingerprint(chosen.state);
        let is_same = is_possible && branch.is_none_or(is_known);
        self.run.came_by = branch.map(|chosen| chosen.step(&board));
        drop(board);
        if is_same { Ok(choice) } else { Err(self.diverge_here()) }
    }

    /// The step that was wanted has been run. The search goes on, and the run with it, if it leads
    /// to another step from here that is not known.
    fn go_on(&mut self, Wanted { choice, to, current, .. }: Wanted) -> Result<Choice, GivenUp> {
        let board = self.stage.board.lock().clone().unrecorded();
        let current = match choice {
            Some(Chosen { choice: Choice::Actor(_) | Choice::Way(..), .. }) => self.run.current,
            _ => current,
        };
        let came_by = self.run.came_by.take();
        self.arrived = Some(Arrival { board, node: to, current, came_by });
        let next = self.advance();
        if let Some(Job::Step(wanted @ Wanted { from, choice: Some(chosen), .. })) = next
            && from == to
        {
            self.run.came_by = Some(chosen.step(&self.stage.board.lock()));
            self.run.job = Some(Job::Step(wanted));
            return Ok(chosen.choice);
        }
        self.run.next = next;
        Err(GivenUp)
    }

    /// The fingerprint of the state.
    pub(super) fn fingerprint(&self, board: &Board) -> u128 {
        board.fingerprint_as(&board.names(&self.kinds))
    }
}

/// The search, as shuttle asks for it.
pub(super) struct Policy(pub(super) Rc<RefCell<Exhaustive>>);

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
