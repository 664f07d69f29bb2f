//! The code shared by all engines that run an implementation under shuttle.

use std::sync::{Arc, Mutex, PoisonError};

use calloff_protocol::history::{ActorId, Outcome, TimePolicy};
use calloff_protocol::program::{Case, Program};
use calloff_protocol::world::Choice;
use shuttle::scheduler::{Scheduler, TaskId};

use crate::drive::{Between, Commons, Driver, Implementation, Make, Process, Record};
use crate::runtime::board::{Board, Task};
use crate::runtime::shuttle::{SharedBoard, ShuttleRuntime};

/// The execution that is running: its board, and its results so far.
#[derive(Clone, Default)]
pub(super) struct Stage {
    pub(super) board: SharedBoard,
    record: Arc<Mutex<Option<Record>>>,
}

const MAIN: usize = 0;

/// The number of spurious wake-ups that an execution of the program may have.
///
/// One spurious wake-up at the worst moment is enough to expose code that does not test its
/// condition again after a wait. It doubles the states, so `exhaustive` has none for more than
/// [`SPURIOUS_ACTORS_MAX`] actors; for sampling it costs nothing more.
pub(super) fn spurious_wake_ups(program: &Program) -> u32 {
    u32::from(program.lanes.len() <= SPURIOUS_ACTORS_MAX)
}

/// The most actors for which `exhaustive` explores a spurious wake-up.
pub(super) const SPURIOUS_ACTORS_MAX: usize = 4;

/// The shuttle id of a task of the board: the main task has the first id.
pub(super) fn id(task: Task) -> TaskId {
    TaskId::from(task + 1)
}

/// The choice that lets a task step.
pub(super) fn choice(task: Task) -> Choice {
    Choice::Actor(ActorId(u32::try_from(task).expect("a task is an actor")))
}

/// Everything that can happen next, the clock last; and whether this may be the end of the
/// execution, because only spurious wake-ups can happen.
pub(super) fn choices_on(board: &Board, program: &Program) -> (Vec<Choice>, bool) {
    if is_over(board, program) {
        return (Vec::new(), true);
    }
    let mut choices: Vec<Choice> = Vec::new();
    let mut has_other_ways = false;
    for task in 0..board.tasks() {
        choices.extend(board.is_enabled(task).then(|| choice(task)));
        let ways = 1..=board.other_ways(task);
        has_other_ways |= !ways.is_empty();
        choices.extend(ways.map(|way| Choice::Way(ActorId(task as u32), way)));
    }
    let is_idle = board.enabled().all(|task| board.is_spurious(task));
    let may_advance = program.time == TimePolicy::Free || is_idle;
    let advances = may_advance && board.next_deadline().is_some();
    if advances {
        choices.push(Choice::Clock);
    }
    (choices, is_idle && !advances && !has_other_ways)
}

/// Whether all have finished but daemons, and there are some.
fn is_over(board: &Board, program: &Program) -> bool {
    let is_daemon = |task: Task| program.lanes[task].is_daemon;
    let tasks = 0..board.tasks();
    tasks.clone().any(is_daemon)
        && tasks.into_iter().all(|task| is_daemon(task) || board.has_finished(task))
}

/// A board for an execution of the program.
pub(super) fn board(program: &Program, spurious: u32, is_careful: bool) -> Board {
    let board = Board::new(program.lanes.len(), spurious, is_careful);
    match program.has_cycles {
        true => board.counting_from_now(program.longest() + 1),
        false => board,
    }
}

/// Takes a choice that is possible. Returns the task that runs now, or `None` if the clock has
/// advanced, which leaves the next choice open.
pub(super) fn take_on(board: &mut Board, choice: Choice) -> Option<Task> {
    match choice {
        Choice::Actor(ActorId(task)) => Some(board.choose(task as usize)),
        Choice::Way(ActorId(task), way) => Some(board.choose_way(task as usize, way)),
        Choice::Clock => {
            let to = board.next_deadline().expect("the clock is chosen when it can advance");
            board.advance(to);
            None
        }
    }
}

impl Stage {
    /// Runs a case against the implementation as often as the scheduler asks for.
    pub(super) fn run<I, S>(&self, make: &Make<ShuttleRuntime, I>, case: &Case, scheduler: S)
    where
        I: Implementation<ShuttleRuntime>,
        S: Scheduler + 'static,
    {
        let mut config = shuttle::Config::new();
        config.failure_persistence = shuttle::FailurePersistence::None;
        config.silence_warnings = true;
        // Engines count steps themselves, and say so when they give up.
        config.max_steps = shuttle::MaxSteps::None;
        let (stage, case, make) = (self.clone(), case.clone(), make.clone());
        shuttle::Runner::new(scheduler, config).run(move || {
            let record = Record::new(&case.program);
            *stage.record.lock().unwrap_or_else(PoisonError::into_inner) = Some(record.clone());
            stage.run_once(&make, &case, &record);
        });
    }

    /// Runs one execution: all actors are created before any of them takes a step.
    fn run_once<I: Implementation<ShuttleRuntime>>(
        &self,
        make: &Make<ShuttleRuntime, I>,
        case: &Case,
        record: &Record,
    ) {
        let runtime = ShuttleRuntime::new(self.board.clone());
        let program = &case.program;
        let subject = Arc::new(make(runtime.clone(), case.reading, &Process::of(program)));
        let commons = Commons::of(&runtime, program);
        for actor in program.actors() {
            let (program, runtime, subject) = (program.clone(), runtime.clone(), subject.clone());
            let (record, commons) = (record.clone(), commons.clone());
            shuttle::thread::spawn(move || {
                let host = runtime.clone();
                let driver = Driver { program, actor, runtime: host, subject, commons, record };
                runtime.run_task(|| {
                    driver.run(|state| {
                        if let Some(Between { at, knowledge, passes }) = state {
                            runtime.step_finished(at, knowledge, passes);
                        }
                    });
                });
            });
        }
        runtime.ready();
    }

    /// The outcome of the execution so far.
    pub(super) fn outcome(&self) -> Outcome {
        self.record().outcome()
    }

    /// The results of the execution so far.
    pub(super) fn record(&self) -> Record {
        let record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        record.clone().expect("an execution has a record")
    }

    /// The task that must run before there is a choice: the main task, until all others exist; then
    /// each other task, up to its first operation.
    pub(super) fn settle(&self) -> Option<TaskId> {
        let mut board = self.board.lock();
        if !board.is_ready() {
            return Some(TaskId::from(MAIN));
        }
        let task = board.fresh_task().filter(|_| !board.is_over())?;
        board.choose(task);
        Some(id(task))
    }

    /// See [`choices_on`].
    pub(super) fn choices(&self, program: &Program) -> (Vec<Choice>, bool) {
        choices_on(&self.board.lock(), program)
    }

    /// See [`take_on`].
    pub(super) fn take(&self, choice: Choice) -> Option<Task> {
        take_on(&mut self.board.lock(), choice)
    }

    /// Ends the execution: lets every task unwind on its own stack, and then lets the main task
    /// end.
    pub(super) fn abandon(&self) -> TaskId {
        let mut board = self.board.lock();
        board.give_up();
        if board.is_jammed() {
            drop(board);
            // Nothing can go on. Whoever waits for this thread reports that it does not come back.
            loop {
                std::thread::park();
            }
        }
        match board.unfinished_task() {
            Some(task) => {
                board.choose(task);
                id(task)
            }
            None => TaskId::from(MAIN),
        }
    }
}
