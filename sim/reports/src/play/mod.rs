//! Playing the scheduler: a [`Game`] is an execution that grows choice by choice and can be taken
//! back; a [`Command`] is an input of the player.

mod command;
mod talk;

use calloff_model::Reading;
use calloff_protocol::exploration::{Bound, Limits, Stop};
use calloff_protocol::goal::Goal;
use calloff_protocol::graph::ways::Ways;
use calloff_protocol::graph::{Broken, Graph, GraphSource, NodeKind, ways};
use calloff_protocol::history::Outcome;
use calloff_protocol::judge::Violated;
use calloff_protocol::program::Program;
use calloff_protocol::scenario::Scenario;
use calloff_protocol::search::Hunt;
use calloff_protocol::trace::{Schedule, Trace};
use calloff_protocol::world::{Choice, Fault, Refused, World};
use calloff_protocol::{search, trace};
pub use command::{Command, HELP};
pub use talk::{Talk, Wrong};

/// States held at a time; where there are more, what is counted is a lower bound.
const STATES_MAX: usize = 20_000;

/// An execution that a player controls.
pub struct Game {
    scenario: Scenario,
    program: Program,
    reading: Reading,
    fault: Option<&'static Fault>,
    trace: Trace,
    /// The choices that were taken back; the next one to take again is last.
    undone: Vec<Choice>,
    goal: Option<Goal>,
    /// The part of the graph that was explored ahead.
    graph: Graph,
    /// For each state of the graph: what can still come, in how many ways.
    ways: Vec<Ways>,
}

/// What can still come.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ahead {
    /// The reachable ends, each with the number of ways to it.
    pub ends: Vec<(Outcome, u64)>,
    /// The possible violations, each with the number of ways that have it.
    pub violated: Vec<(Violated, u64)>,
    /// Whether this is complete; if not, the graph was cut off.
    pub is_all: bool,
}

impl Ahead {
    /// The number of ways to any end or to where the graph was cut off; at most [`ways::WAYS_MAX`].
    pub fn ways(&self) -> u64 {
        self.ends.iter().fold(0, |sum, (_, ways)| ways::add(sum, *ways))
    }
}

/// The distance to the goal.
pub struct Aim {
    /// The search for the shortest way from here.
    pub hunt: Hunt,
    /// If there is no way: since when.
    pub spoilt: Option<Spoilt>,
}

/// Since when a goal is unreachable.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Spoilt {
    /// It becomes reachable again if that many choices are taken back.
    For(usize),
    /// It was never reachable; the number of states that are reachable from the start.
    Always(u64),
}

impl Game {
    /// A game in which nothing has happened yet.
    pub fn new(scenario: Scenario, reading: Reading, fault: Option<&'static Fault>) -> Game {
        let program = Program::new(&scenario);
        let start = World::new(&program, reading, fault);
        let trace = Trace { start, steps: Vec::new() };
        let subject = GraphSource { scenario: &scenario, program: &program, reading, fault };
        let graph = Graph::from_start(subject, STATES_MAX);
        let (ways, undone) = (ways::count(&graph), Vec::new());
        Game { scenario, program, reading, fault, trace, undone, goal: None, graph, ways }
    }

    /// The program of the scenario.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The execution so far.
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// The current state.
    pub fn world(&self) -> &World {
        self.trace.steps.last().map_or(&self.trace.start, |step| &step.world)
    }

    /// The choices so far.
    pub fn schedule(&self) -> Schedule {
        Schedule(self.trace.steps.iter().map(|step| step.choice).collect())
    }

    /// The choices that are possible now.
    pub fn enabled(&self) -> Vec<Choice> {
        self.world().enabled(&self.program)
    }

    /// Takes a choice, and discards the choices that were taken back.
    ///
    /// # Errors
    ///
    /// The reason why the choice is not possible; the game is then unchanged.
    pub fn take(&mut self, choice: Choice) -> Result<(), Refused> {
        self.push(choice)?;
        self.undone.clear();
        Ok(())
    }

    fn push(&mut self, choice: Choice) -> Result<(), Refused> {
        let step = trace::step(&self.program, self.world(), choice)?;
        self.trace.steps.push(step);
        if self.graph.nodes[self.node()].kind == NodeKind::Beyond {
            self.explore();
        }
        Ok(())
    }

    /// Explores again from all states of this execution, after it has left the explored graph.
    fn explore(&mut self) {
        let Game { scenario, program, reading, fault, .. } = &*self;
        let subject = GraphSource { scenario, program, reading: *reading, fault: *fault };
        let explored = Graph::explore(subject, &self.schedule(), STATES_MAX);
        self.graph = explored.expect("the execution is possible");
        self.ways = ways::count(&self.graph);
    }

    /// The state of the graph that the execution has reached.
    fn node(&self) -> usize {
        let choices = self.trace.steps.iter().map(|step| step.choice);
        choices.fold(0, |node, choice| self.follow(node, choice))
    }

    fn follow(&self, node: usize, choice: Choice) -> usize {
        self.graph.follow(node, choice).expect("what is possible was explored").to
    }

    /// Takes the last choice back; `false` if there is none.
    pub fn undo(&mut self) -> bool {
        let undone = self.trace.steps.pop().map(|step| step.choice);
        self.undone.extend(undone);
        undone.is_some()
    }

    /// Takes again the choice that was taken back last; `false` if there is none.
    pub fn redo(&mut self) -> bool {
        let Some(choice) = self.undone.pop() else { return false };
        self.push(choice).expect("it was possible here before");
        true
    }

    /// Goes back to the start. The choices can be taken again, step by step.
    pub fn restart(&mut self) {
        while self.undo() {}
    }

    /// The player's goal.
    pub fn goal(&self) -> Option<&Goal> {
        self.goal.as_ref()
    }

    /// Sets or removes the player's goal.
    pub fn set_goal(&mut self, goal: Option<Goal>) {
        self.goal = goal;
    }

    /// The distance to the goal, if there is one.
    pub fn aim(&self) -> Option<Aim> {
        let goal = self.goal.as_ref()?;
        let hunt = self.hunt(goal, self.trace.steps.len());
        let is_gone = hunt.found.is_none() && hunt.bound == Bound::Exhausted;
        let spoilt = if is_gone { self.spoilt(goal) } else { None };
        Some(Aim { hunt, spoilt })
    }

    /// The shortest way to the goal, from the state after that many steps of the execution.
    fn hunt(&self, goal: &Goal, steps: usize) -> Hunt {
        let (limits, stop) = (Limits::default(), Stop::default());
        let world = match steps {
            0 => &self.trace.start,
            _ => &self.trace.steps[steps - 1].world,
        };
        search::find(&self.program, world.clone(), goal, &limits, &stop)
    }

    /// Since when the goal, which is unreachable from here, is unreachable; `None` if that was not
    /// found out.
    fn spoilt(&self, goal: &Goal) -> Option<Spoilt> {
        let start = self.hunt(goal, 0);
        if start.found.is_none() {
            let is_proven = start.bound == Bound::Exhausted;
            return is_proven.then_some(Spoilt::Always(start.states));
        }
        // A goal that is reachable after a step is also reachable before it.
        let length = self.trace.steps.len();
        let (mut open, mut gone) = (0, length);
        while gone - open > 1 {
            let middle = usize::midpoint(open, gone);
            let hunt = self.hunt(goal, middle);
            match (&hunt.found, hunt.bound) {
                (Some(_), _) => open = middle,
                (None, Bound::Exhausted) => gone = middle,
                (None, _) => return None,
            }
        }
        Some(Spoilt::For(length - open))
    }

    /// The violations of the last step.
    pub fn broken(&self) -> Vec<Broken> {
        let Some((last, before)) = self.trace.steps.split_last() else { return Vec::new() };
        let before = before.iter().fold(0, |node, step| self.follow(node, step.choice));
        let edge = self.graph.follow(before, last.choice).expect("what is possible was explored");
        edge.broken.iter().chain(&self.graph.nodes[edge.to].broken).cloned().collect()
    }

    /// What can still come after the current state.
    pub fn ahead(&self) -> Ahead {
        self.ahead_of(self.node())
    }

    /// What can still come after that choice.
    ///
    /// # Panics
    ///
    /// If the choice is not possible.
    pub fn ahead_after(&self, choice: Choice) -> Ahead {
        self.ahead_of(self.follow(self.node(), choice))
    }

    fn ahead_of(&self, node: usize) -> Ahead {
        let mut ahead = Ahead { ends: Vec::new(), violated: Vec::new(), is_all: true };
        for &(sink, ways) in &self.ways[node] {
            match sink {
                ways::Destination::End(end) => {
                    ahead.ends.push((self.graph.outcomes[end].clone(), ways))
                }
                ways::Destination::Violated(what) => {
                    ahead.violated.push((self.graph.violated[what], ways));
                }
                ways::Destination::Beyond => ahead.is_all = false,
            }
        }
        ahead
    }
}

#[cfg(test)]
mod tests;
