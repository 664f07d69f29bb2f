//! Finds the simplest schedule that shows something on the machine: a shortest path.
//!
//! A node is a state together with the actor that stepped last. The cost of a choice is a context
//! switch, an advance of the clock, or only its length ([`Turns`]). So the first schedule that
//! reaches the goal has the fewest switches. No choice in it can be left out: leaving one out never
//! adds switches, so the shorter schedule would have been found first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use calloff_protocol::clauses::{ClauseId, Ledger};
use calloff_protocol::digest::{FingerprintSet, fingerprint};
use calloff_protocol::exploration::{Limit, Stop};
use calloff_protocol::history::{Event, Outcome};
use calloff_protocol::judge;
use calloff_protocol::program::{Case, Program};
use calloff_protocol::trace::Schedule;
use calloff_protocol::world::{Choice, Fault, Step, Watch, World};

use super::cost::{Turns, last_actor};

/// What the schedule must show.
pub(super) enum Shows {
    /// The clause is violated.
    Clause(ClauseId),
    /// Somebody can never finish.
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
/// The limit that was hit: that on states, or one from outside.
pub(super) fn simplest(
    case: &Case,
    fault: Option<&'static Fault>,
    goal: &Shows,
    (states_max, stop): (u64, &Stop),
) -> Result<Option<(Schedule, String)>, Limit> {
    let mut search = PathSearch {
        program: &case.program,
        goal,
        nodes: Vec::new(),
        queue: BinaryHeap::new(),
        seen: FingerprintSet::default(),
    };
    let root = World::new(&case.program, case.reading, fault);
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
            After::Shows(message) => return Ok(Some((search.schedule(node), message))),
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
    /// The choice shows the goal, in these words.
    Shows(String),
    /// A state from which everything was tried.
    Expanded,
}

struct PathSearch<'a> {
    program: &'a Program,
    goal: &'a Shows,
    nodes: Vec<Node>,
    queue: BinaryHeap<Reverse<(Turns, usize)>>,
    seen: FingerprintSet,
}

impl PathSearch<'_> {
    /// Queues what can come next; what shows at this very state, if it is the goal.
    fn expand(&mut self, node: usize, world: &World, turns: Turns) -> Option<String> {
        let next = world.successors(self.program);
        let mut eye = Eye { goal: self.goal, message: None };
        if next.is_end() {
            eye.message = self.end(&world.outcome(self.program, &next.blocked));
        }
        next.events(world.now()).for_each(|event| eye.event(world.ledger(), &event));
        for step in next.steps {
            self.take(node, world, turns, step);
        }
        eye.message
    }

    fn take(&mut self, parent: usize, world: &World, turns: Turns, step: Step) {
        let choice = step.choice;
        let mut eye = Eye { goal: self.goal, message: None };
        let next = world.after(self.program, step, &mut eye);
        let before = self.nodes[parent].last;
        let last = last_actor(before, choice);
        let turns = turns.then(before, choice);
        if eye.message.is_some() || !self.seen.contains(&fingerprint(&(&next, last))) {
            self.queue.push(Reverse((turns, self.nodes.len())));
            let after = eye.message.map_or(After::World(next), After::Shows);
            self.nodes.push(Node { parent, choice, last, after });
        }
    }

    /// What an end shows, if it is the one that is looked for.
    fn end(&self, end: &Outcome) -> Option<String> {
        let is_it = match self.goal {
            Shows::Clause(_) => false,
            Shows::Stuck => !end.stuck.is_empty(),
            Shows::End(wanted) => wanted == end,
        };
        is_it.then(|| judge::stuck(self.program, end, None).message)
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
    goal: &'a Shows,
    message: Option<String>,
}

impl Watch for Eye<'_> {
    fn event(&mut self, ledger: &Ledger, event: &Event) {
        if let Shows::Clause(clause) = self.goal {
            let judge = clause.judge;
            self.message = self.message.take().or_else(|| judge(ledger, event));
        }
    }
}
