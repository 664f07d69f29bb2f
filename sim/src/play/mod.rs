//! Playing the scheduler: a [`Game`] is an execution that grows by one choice after the other, and
//! can be taken back; [`Command`] is what a player may say.

mod command;
mod talk;

pub use command::{Command, HELP};
pub use talk::{Talk, Wrong};

use calloff_model::Reading;

use crate::engine::protocol::{self, Hunt};
use crate::engine::{Bound, Limits, Outcome, Stop};
use crate::faults::Fault;
use crate::finding::replay::enabled;
use crate::goal::Goal;
use crate::program::Program;
use crate::trace::{self, Schedule, Trace};
use crate::world::{Choice, Refused, World};

/// States explored ahead of each choice before the count of ends is a lower bound.
const STATES_MAX: u64 = 50_000;

/// An execution in the hands of a player.
pub struct Game {
    program: Program,
    reading: Reading,
    fault: Option<&'static Fault>,
    trace: Trace,
    /// What was taken back, the next to be taken again last.
    undone: Vec<Choice>,
    goal: Option<Goal>,
}

/// The ends that can still be reached.
#[derive(Clone, Debug)]
pub struct Ends {
    /// Each of them.
    pub outcomes: Vec<Outcome>,
    /// Whether there are no others.
    pub is_all: bool,
}

impl Game {
    /// An execution in which nothing has happened yet.
    pub fn new(program: Program, reading: Reading, fault: Option<&'static Fault>) -> Game {
        let start = World::new(&program, reading, fault);
        let trace = Trace { start, steps: Vec::new() };
        Game { program, reading, fault, trace, undone: Vec::new(), goal: None }
    }

    /// The scenario.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// What has happened so far.
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// Where the execution is.
    pub fn world(&self) -> &World {
        self.trace.steps.last().map_or(&self.trace.start, |step| &step.world)
    }

    /// The choices so far.
    pub fn schedule(&self) -> Schedule {
        Schedule(self.trace.steps.iter().map(|step| step.choice).collect())
    }

    /// What can be chosen now.
    pub fn enabled(&self) -> Vec<Choice> {
        enabled(&self.program, self.world())
    }

    /// Takes a choice. What was undone is forgotten.
    ///
    /// # Errors
    ///
    /// Why the choice is not possible; then nothing has changed.
    pub fn take(&mut self, choice: Choice) -> Result<(), Refused> {
        self.push(choice)?;
        self.undone.clear();
        Ok(())
    }

    fn push(&mut self, choice: Choice) -> Result<(), Refused> {
        let step = trace::step(&self.program, self.world(), choice)?;
        self.trace.steps.push(step);
        Ok(())
    }

    /// Takes the last choice back; false if there is none.
    pub fn undo(&mut self) -> bool {
        let undone = self.trace.steps.pop().map(|step| step.choice);
        self.undone.extend(undone);
        undone.is_some()
    }

    /// Takes the last choice again that was taken back; false if there is none.
    pub fn redo(&mut self) -> bool {
        let Some(choice) = self.undone.pop() else { return false };
        self.push(choice).expect("it was possible here before");
        true
    }

    /// Goes back to the start. What was done can be taken again, step by step.
    pub fn restart(&mut self) {
        while self.undo() {}
    }

    /// What the player is after.
    pub fn goal(&self) -> Option<&Goal> {
        self.goal.as_ref()
    }

    /// Sets what the player is after.
    pub fn set_goal(&mut self, goal: Option<Goal>) {
        self.goal = goal;
    }

    /// The shortest way to the goal from here, if there is a goal.
    pub fn hint(&self) -> Option<Hunt> {
        let (limits, stop) = (Limits::default(), Stop::default());
        let (program, world) = (&self.program, self.world().clone());
        self.goal.as_ref().map(|goal| protocol::find(program, world, goal, &limits, &stop))
    }

    /// The ends that can be reached from here.
    pub fn ends(&self) -> Ends {
        self.ends_of(self.world().clone())
    }

    /// The ends that can be reached once that choice is taken.
    ///
    /// # Errors
    ///
    /// Why the choice is not possible.
    pub fn ends_after(&self, choice: Choice) -> Result<Ends, Refused> {
        let mut world = self.world().clone();
        world.step(&self.program, choice, &mut ())?;
        Ok(self.ends_of(world))
    }

    fn ends_of(&self, world: World) -> Ends {
        let limits = Limits { states_max: STATES_MAX, ..Limits::default() };
        let found = protocol::explore_from(&self.program, world, &limits, &Stop::default());
        let is_all = found.bound == Bound::Exhausted;
        Ends { outcomes: found.outcomes.into_keys().collect(), is_all }
    }
}
