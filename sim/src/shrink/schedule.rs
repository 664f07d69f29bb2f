//! Finds the simplest schedule that shows something on the machine: a shortest path.
//!
//! A node is a state together with the actor that stepped last. The cost of a choice is a context
//! switch, an advance of the clock, or only its length ([`Turns`]). So the first schedule that
//! reaches the goal has the fewest switches. No choice in it can be left out: leaving one out never
//! adds switches, so the shorter schedule would have been found first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use calloff_model::Reading;

use super::cost::{Turns, last_actor};
use crate::check;
use crate::clauses::{CLAUSES, Ledger};
use crate::digest::{FingerprintSet, fingerprint};
use crate::engine::{Limit, Outcome, Stop};
use crate::faults::Fault;
use crate::history::{Action, ActorId, Event, What};
use crate::program::Program;
use crate::trace::Schedule;
use crate::world::{Choice, Refused, Watch, World};

/// What the schedule must show.
pub(super) enum Goal {
    /// The clause with this position in [`CLAUSES`] is violated.
    Clause(usize),
    /// An actor can never finish.
    Stuck,
    /// The execution has this end.
    End(Outcome),
}

/// Finds the schedule with the fewest context switches that shows the goal, and among those the one
/// with the fewest advances of the clock; returns it with the message of what it shows, or `None`
/// if there is no such schedule.
///
/// # Errors
///
/// The limit that was hit: the number of states, or a stop from outside.
pub(super) fn simplest(
    program: &Program,
    reading: Reading,
    fault: Option<&'static Fault>,
    goal: &Goal,
    (states_max, stop): (u64, &Stop),
) -> Result<Option<(Schedule, String)>, Limit> {
    let mut search = Search {
        program,
        goal,
        nodes: Vec::new(),
        queue: BinaryHeap::new(),
        seen: FingerprintSet::default(),
    };
    let root = World::new(program, reading, fault);
    search.queue.push(Reverse((Turns::default(), 0)));
    search.nodes.push(Node {
        parent: 0,
        choice: Choice::Clock,
        last: None,
        after: After::World(root),
    });
    while let Some(Reverse((turns, node))) = search.queue.pop() {
        let world = match std::mem::replace(&mut search.nodes[node].after, After::Expanded) {
            After::World(world) => world,
            After::Goal(message) => return Ok(Some((search.schedule(node), message))),
            After::Expanded => unreachable!("a node is queued once"),
        };
        let last = search.nodes[node].last;
        if !search.seen.insert(fingerprint(&(&world, last))) {
            continue;
        }
        if search.seen.len() as u64 > states_max {
            return Err(Limit::States);
        }
        if let Some(limit) = stop.limit() {
            return Err(limit);
        }
        if let Some(message) = search.expand(node, &world, turns) {
            return Ok(Some((search.schedule(node), message)));
        }
    }
    Ok(None)
}

struct Node {
    parent: usize,
    choice: Choice,
    /// The actor that stepped last.
    last: Option<Choice>,
    after: After,
}

/// The result of a choice.
enum After {
    /// A state that was not expanded yet.
    World(World),
    /// The choice shows the goal; the text is the message.
    Goal(String),
    /// A state that was already expanded.
    Expanded,
}

struct Search<'a> {
    program: &'a Program,
    goal: &'a Goal,
    nodes: Vec<Node>,
    queue: BinaryHeap<Reverse<(Turns, usize)>>,
    seen: FingerprintSet,
}

impl Search<'_> {
    /// Queues everything that can come next. Returns the message if this state itself shows the
    /// goal.
    fn expand(&mut self, node: usize, world: &World, turns: Turns) -> Option<String> {
        let program = self.program;
        let mut waiting: Vec<(ActorId, Action)> = Vec::new();
        let (mut deadline, mut can_step) = (None, false);
        for actor in program.actors() {
            match world.attempt(program, actor) {
                Ok(attempt) => {
                    can_step = true;
                    let choice = Choice::Actor(actor);
                    self.take(node, world, turns, choice, |next, eye| next.apply(attempt, eye));
                }
                Err(Refused::Blocked { deadline: until }) => {
                    deadline = deadline.into_iter().chain(until).min();
                    let action = world.action(program, actor).expect("a blocked actor has one");
                    waiting.push((actor, action));
                }
                Err(_) => {}
            }
        }
        let mut eye = Eye { goal: self.goal, message: None };
        for &(actor, action) in &waiting {
            let event = Event { at: world.now(), what: What::Blocked(actor, action) };
            eye.event(world.ledger(), &event);
        }
        match world.next_advance(program, can_step, deadline) {
            Some(to) => {
                self.take(node, world, turns, Choice::Clock, |next, eye| next.advance(to, eye));
            }
            None if can_step => {}
            None => {
                eye.message = eye.message.or_else(|| self.end(world, &waiting));
                let event = Event { at: world.now(), what: What::End(waiting) };
                eye.event(world.ledger(), &event);
            }
        }
        eye.message
    }

    fn take(
        &mut self,
        parent: usize,
        world: &World,
        turns: Turns,
        choice: Choice,
        step: impl FnOnce(&mut World, &mut Eye<'_>),
    ) {
        let mut next = world.clone();
        let mut eye = Eye { goal: self.goal, message: None };
        step(&mut next, &mut eye);
        let before = self.nodes[parent].last;
        let last = last_actor(before, choice);
        let turns = turns.then(before, choice);
        if eye.message.is_some() || !self.seen.contains(&fingerprint(&(&next, last))) {
            self.queue.push(Reverse((turns, self.nodes.len())));
            let after = eye.message.map_or(After::World(next), After::Goal);
            self.nodes.push(Node { parent, choice, last, after });
        }
    }

    /// The message for this end, if it is the goal.
    fn end(&self, world: &World, waiting: &[(ActorId, Action)]) -> Option<String> {
        let codes = self.program.actors().map(|actor| world.actor(actor).codes.to_vec());
        let stuck = waiting.iter().map(|(actor, _)| *actor).collect();
        let end = Outcome { codes: codes.collect(), stuck };
        let is_it = match self.goal {
            Goal::Clause(_) => false,
            Goal::Stuck => !end.stuck.is_empty(),
            Goal::End(wanted) => *wanted == end,
        };
        is_it.then(|| check::stuck(self.program, &end, None).message)
    }

    fn schedule(&self, mut node: usize) -> Schedule {
        let mut choices = Vec::new();
        while node != 0 {
            choices.push(self.nodes[node].choice);
            node = self.nodes[node].parent;
        }
        choices.reverse();
        Schedule(choices)
    }
}

/// Watches for the violation of a clause.
struct Eye<'a> {
    goal: &'a Goal,
    message: Option<String>,
}

impl Watch for Eye<'_> {
    fn event(&mut self, ledger: &Ledger, event: &Event) {
        if let Goal::Clause(clause) = self.goal {
            let judge = CLAUSES[*clause].judge;
            self.message = self.message.take().or_else(|| judge(ledger, event));
        }
    }
}
