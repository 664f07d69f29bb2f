//! Follows a schedule on an implementation: one execution under shuttle, choice by choice.
//!
//! A schedule of the implementation's own names a task for each choice, as when it was found. A
//! schedule of the machine names an actor for each atomic step; that actor's task then runs until
//! it has taken that step (see `follow/steps.rs`).

mod steps;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use calloff_protocol::history::{Action, ActorId};
use calloff_protocol::operations::{Deed, Departure, Divergence, Followed, Move, Script};
use calloff_protocol::program::{Case, Program};
use calloff_protocol::trace::Schedule;
use calloff_protocol::world::Choice;
use shuttle::scheduler::{Schedule as ShuttleSchedule, Scheduler, Task as ShuttleTask, TaskId};

use super::stage::{self, Stage};
use crate::drive::{Finished, Implementation, Make};
use crate::runtime::board::{Board, Task};
use crate::runtime::shuttle::ShuttleRuntime;

/// Runs one execution of a case against the implementation, as the script says.
pub fn follow<I: Implementation<ShuttleRuntime>>(
    make: &Make<ShuttleRuntime, I>,
    case: &Case,
    script: &Script,
) -> Followed {
    let program = &case.program;
    let stage = Stage::default();
    let log = Log {
        program: program.clone(),
        stage: stage.clone(),
        seen: 0,
        open: None,
        deeds: Vec::new(),
        followed: Followed::default(),
    };
    let (plan, board): (Box<dyn Plan>, Board) = match script {
        Script::Steps(trace) => {
            let board = stage::board(program, 0, false).stepwise();
            (Box::new(steps::Steps::new(program, trace)), board)
        }
        Script::Operations { schedule, is_careful } => {
            let board = stage::board(program, 1, *is_careful);
            (Box::new(Operations { schedule: schedule.clone(), position: 0 }), board)
        }
    };
    let log = Rc::new(RefCell::new(log));
    let policy = Policy { plan, log: log.clone(), board: Some(board.narrated()), is_over: false };
    stage.run(make, case, policy);
    log.borrow().followed.clone()
}

/// Decides, from a script, which task runs next.
trait Plan {
    /// The next task; `None` if the script is over or cannot be followed any further.
    fn next(&mut self, log: &mut Log) -> Result<Option<Task>, Divergence>;
}

/// The execution so far.
struct Log {
    program: Arc<Program>,
    stage: Stage,
    /// The number of finished steps that were processed.
    seen: usize,
    /// The choice that is being carried out, with the operation that its actor is in.
    open: Option<(Choice, Option<Action>)>,
    /// What was done for this choice so far.
    deeds: Vec<Deed>,
    followed: Followed,
}

impl Log {
    fn action(&self, actor: ActorId, at: u32) -> Option<Action> {
        let lane = &self.program.lanes[actor.0 as usize];
        lane.instructions.get(at as usize).map(|instruction| instruction.action)
    }

    /// A choice starts.
    fn begin(&mut self, choice: Choice) {
        self.close();
        let within = choice.actor().and_then(|actor| {
            let at = self.stage.record().position(actor);
            at.and_then(|at| self.action(actor, at))
        });
        self.open = Some((choice, within));
    }

    /// The choice that was being carried out is finished.
    fn close(&mut self) {
        self.collect();
        let (deeds, now) = (std::mem::take(&mut self.deeds), self.stage.board.lock().now());
        let Some((choice, within)) = self.open.take() else { return };
        let finished = self.stage.record().finished(self.seen);
        self.seen += finished.len();
        let named = |step: &Finished| Some((self.action(step.actor, step.at)?, step.code));
        let is_own = |step: &&Finished| choice.actor() == Some(step.actor);
        let finished = finished.iter().filter(is_own).filter_map(named).collect();
        self.followed.moves.push(Move { choice, now, within, deeds, finished });
    }

    /// Collects what the board has recorded.
    fn collect(&mut self) {
        self.deeds.extend(self.stage.board.lock().take_deeds());
    }

    /// The choices that are possible now.
    fn enabled(&self) -> Vec<Choice> {
        let board = self.stage.board.lock();
        let actors = board.enabled().filter(|task| !board.is_spurious(*task)).map(stage::choice);
        let clock = board.next_deadline().map(|_| Choice::Clock);
        actors.chain(clock).collect()
    }

    /// A departure in the middle of the choice at that position.
    fn departs(&self, position: usize, what: Departure) -> Divergence {
        Divergence { position, what, enabled: self.enabled() }
    }

    fn not_enabled(&self, position: usize, choice: Choice) -> Divergence {
        let obstacle = |actor: ActorId| self.stage.board.lock().obstacle(actor.0 as usize);
        let obstacle = choice.actor().and_then(obstacle);
        self.departs(position, Departure::NotEnabled(choice, obstacle))
    }

    /// The execution is over.
    fn end(&mut self, divergence: Option<Divergence>) {
        self.close();
        let is_end = self.stage.choices(&self.program).1;
        let record = self.stage.record();
        let board = self.stage.board.lock();
        let obstacle = |actor: ActorId| {
            let action = self.action(actor, record.position(actor)?)?;
            Some((actor, action, board.obstacle(actor.0 as usize)?))
        };
        self.followed.obstacles = self.program.actors().filter_map(obstacle).collect();
        self.followed.panics = board.panics().to_vec();
        self.followed.names = board.object_names();
        self.followed.is_end = is_end;
        self.followed.outcome = record.outcome();
        self.followed.divergence = divergence;
    }
}

/// The plan for a schedule of the implementation's own choices.
struct Operations {
    schedule: Schedule,
    position: usize,
}

impl Plan for Operations {
    fn next(&mut self, log: &mut Log) -> Result<Option<Task>, Divergence> {
        while let Some(&choice) = self.schedule.0.get(self.position) {
            if !log.stage.choices(&log.program).0.contains(&choice) {
                return Err(log.not_enabled(self.position, choice));
            }
            log.begin(choice);
            self.position += 1;
            if let Some(runs) = log.stage.take(choice) {
                return Ok(Some(runs));
            }
        }
        Ok(None)
    }
}

/// A plan in the form of a shuttle scheduler.
struct Policy {
    plan: Box<dyn Plan>,
    log: Rc<RefCell<Log>>,
    /// The board of the only execution, until that execution starts.
    board: Option<Board>,
    is_over: bool,
}

impl Scheduler for Policy {
    fn new_execution(&mut self) -> Option<ShuttleSchedule> {
        *self.log.borrow().stage.board.lock() = self.board.take()?;
        Some(ShuttleSchedule::new(0))
    }

    fn next_task(
        &mut self,
        _: &[&ShuttleTask],
        _: Option<TaskId>,
        _is_yielding: bool,
    ) -> Option<TaskId> {
        let mut log = self.log.borrow_mut();
        if let Some(task) = log.stage.settle() {
            return Some(task);
        }
        if !self.is_over {
            match self.plan.next(&mut log) {
                Ok(Some(task)) => return Some(stage::id(task)),
                Ok(None) => log.end(None),
                Err(divergence) => log.end(Some(divergence)),
            }
            self.is_over = true;
        }
        Some(log.stage.abandon())
    }

    fn next_u64(&mut self) -> u64 {
        0
    }
}
