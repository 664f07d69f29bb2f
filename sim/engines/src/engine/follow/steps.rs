//! Follows the machine's atomic steps on an implementation.
//!
//! For each step of the machine, the actor's task runs until it has taken that step as well: until
//! its operation has returned, or has released its lock in order to continue later, or has started
//! to sleep. A task that is blocked according to the machine runs until it waits; so wake-ups are
//! real, and a lost wake-up shows. A task may be ahead by something that no other task can observe:
//! `Cancel` returns as soon as its request is accepted, which is a step of its own on the machine.

use calloff_model::{Code, Ticks};
use calloff_protocol::history::{Action, ActorId, What};
use calloff_protocol::operations::{Deed, Departure, Divergence};
use calloff_protocol::program::Program;
use calloff_protocol::trace::{Trace, TraceStep};
use calloff_protocol::world::{Choice, Phase};

use super::{Log, Plan};
use crate::runtime::board::Task;

/// A task that needs more operations for one step of the machine is taken to continue without end.
const OPERATIONS_MAX: u32 = 10_000;

/// What the implementation has to do for one choice of the machine.
struct StepGoal {
    choice: Choice,
    reach: Reach,
    /// The time after it.
    now: Ticks,
    /// The actors that have to wait after it.
    blocked: Vec<ActorId>,
    /// The code that the operation returned, if it is finished and returns a code.
    code: Option<(Action, Code)>,
}

/// The condition under which an actor has taken its step.
#[derive(Clone, Copy)]
enum Reach {
    /// This number of its operations has finished.
    Finished(usize),
    /// It has released a lock.
    Unlocked,
    /// It sleeps.
    Asleep,
}

/// The goals, and the progress in them.
pub(super) struct Steps {
    goals: Vec<StepGoal>,
    position: usize,
    has_begun: bool,
    /// Whether the step itself is taken, and now the actors that have to wait run until they wait.
    is_settling: bool,
    operations: u32,
    /// The number of operations that each actor has finished on the machine.
    finished: Vec<usize>,
    /// The number of codes that each actor has returned on the machine.
    codes: Vec<usize>,
}

impl Steps {
    pub(super) fn new(program: &Program, trace: &Trace) -> Steps {
        let actors = program.lanes.len();
        let mut finished = vec![0; actors];
        let goals = trace.steps.iter().map(|step| goal(step, &mut finished)).collect();
        Steps {
            goals,
            position: 0,
            has_begun: false,
            is_settling: false,
            operations: 0,
            finished: vec![0; actors],
            codes: vec![0; actors],
        }
    }
}

/// What one step of the machine asks for. `finished` counts its finished operations.
fn goal(step: &TraceStep, finished: &mut [usize]) -> StepGoal {
    let mut code = None;
    let reach = match step.choice {
        Choice::Way(..) | Choice::Clock => Reach::Unlocked,
        Choice::Actor(actor) => {
            let before = &mut finished[actor.0 as usize];
            let returned = step.events.iter().find_map(|event| match event.what {
                What::Return(of, action, code) if of == actor => Some((action, code)),
                _ => None,
            });
            *before += usize::from(returned.is_some());
            code = returned.filter(|(action, _)| returns_code(*action));
            match (returned, step.world.actor(actor).phase) {
                (Some(_), _) => Reach::Finished(*before),
                (None, Phase::Returning(..)) => Reach::Finished(*before + 1),
                (None, Phase::Sleeping(_)) => Reach::Asleep,
                (None, _) => Reach::Unlocked,
            }
        }
    };
    let blocked = step.blocked.iter().map(|(actor, _)| *actor).collect();
    StepGoal { choice: step.choice, reach, now: step.world.now(), blocked, code }
}

/// Whether the operation returns a code, as opposed to: only taking effect.
fn returns_code(action: Action) -> bool {
    use Action::{Dispatch, Issue, Reply, Sleep};
    !matches!(action, Issue(_) | Dispatch(_) | Reply(..) | Sleep(_))
}

impl Steps {
    /// The number of operations that the actor has finished on the implementation.
    fn done(log: &Log, actor: ActorId) -> usize {
        log.stage.record().order().iter().filter(|known| **known == actor).count()
    }

    fn is_reached(log: &Log, actor: ActorId, reach: Reach) -> bool {
        let board = log.stage.board.lock();
        let task = actor.0 as usize;
        if board.holds_lock(task) {
            return false;
        }
        match reach {
            Reach::Finished(number) => Steps::done(log, actor) >= number,
            Reach::Asleep => board.is_asleep(task),
            Reach::Unlocked => log.deeds.iter().any(|deed| matches!(deed, Deed::Unlocked(_))),
        }
    }

    /// Lets the actor's task continue, if it can.
    fn run(&mut self, log: &mut Log, actor: ActorId) -> Result<Task, Divergence> {
        let task = actor.0 as usize;
        self.operations += 1;
        if self.operations > OPERATIONS_MAX {
            return Err(log.departs(self.position, Departure::Restless));
        }
        let mut board = log.stage.board.lock();
        // The machine's schedule does not say which task a `notify_one` wakes: take the first one.
        let named = if board.is_waking() { board.enabled().next() } else { None };
        let chosen = named.unwrap_or(task);
        if !board.is_enabled(chosen) {
            drop(board);
            return Err(log.not_enabled(self.position, Choice::Actor(actor)));
        }
        Ok(board.choose(chosen))
    }

    /// Compares the code that the step returned with the machine's.
    fn compare(&mut self, log: &Log, actor: ActorId, goal: usize) -> Result<(), Divergence> {
        let Some((action, expected)) = self.goals[goal].code else { return Ok(()) };
        let number = self.codes[actor.0 as usize];
        self.codes[actor.0 as usize] += 1;
        let outcome = log.stage.outcome();
        match outcome.codes[actor.0 as usize].get(number) {
            Some(&(_, got)) if got != expected => {
                let what = Departure::OtherCode { actor, action, expected, got };
                Err(log.departs(goal, what))
            }
            _ => Ok(()),
        }
    }

    /// Starts the next goal. A goal of the clock is reached at once.
    fn begin(&mut self, log: &mut Log) -> Result<(), Divergence> {
        let goal = &self.goals[self.position];
        log.begin(goal.choice);
        self.operations = 0;
        if goal.choice == Choice::Clock {
            let mut board = log.stage.board.lock();
            let got = board.next_deadline();
            if got != Some(goal.now) {
                let expected = goal.now;
                drop(board);
                return Err(log.departs(self.position, Departure::OtherTime { expected, got }));
            }
            board.advance(goal.now);
        }
        Ok(())
    }

    /// Continues the step by one operation; `None` if it is taken.
    fn take_step(&mut self, log: &mut Log) -> Result<Option<Task>, Divergence> {
        let StepGoal { choice, reach, .. } = self.goals[self.position];
        let Choice::Actor(actor) = choice else { return Ok(None) };
        if !Steps::is_reached(log, actor, reach) {
            return self.run(log, actor).map(Some);
        }
        if let Reach::Finished(number) = reach {
            self.finished[actor.0 as usize] = number;
        }
        self.compare(log, actor, self.position)?;
        Ok(None)
    }

    /// Lets the next actor that has to wait run until it waits; `None` if all of them wait.
    fn settle(&mut self, log: &mut Log) -> Result<Option<Task>, Divergence> {
        for actor in self.goals[self.position].blocked.clone() {
            let task = actor.0 as usize;
            if Steps::done(log, actor) > self.finished[task] {
                return Err(log.departs(self.position, Departure::DidNotWait(actor)));
            }
            if log.stage.board.lock().obstacle(task).is_none() {
                return self.run(log, actor).map(Some);
            }
        }
        Ok(None)
    }
}

impl Plan for Steps {
    fn next(&mut self, log: &mut Log) -> Result<Option<Task>, Divergence> {
        loop {
            if self.is_settling {
                if let Some(task) = self.settle(log)? {
                    return Ok(Some(task));
                }
                (self.is_settling, self.has_begun) = (false, false);
                self.position += 1;
            }
            if self.position == self.goals.len() {
                return Ok(None);
            }
            if !self.has_begun {
                self.begin(log)?;
                self.has_begun = true;
            }
            log.collect();
            if let Some(task) = self.take_step(log)? {
                return Ok(Some(task));
            }
            self.is_settling = true;
        }
    }
}
