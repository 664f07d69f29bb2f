//! The explored graph, kept: every state, what each choice does there, and where it leads.
//!
//! The `protocol` engine remembers fingerprints and forgets the states; this keeps the states, for
//! those who want to walk among them. States are numbered breadth first, successors in file order,
//! the clock last. A graph that is too large is held in part: the states nearest to where the walk
//! begins, and [`Graph::is_whole`] says that there are more.

pub mod ways;

use std::collections::VecDeque;

use calloff_model::Reading;

use crate::clauses::{self, Kind, Ledger};
use crate::digest::{FingerprintMap, fingerprint};
use crate::history::{Action, ActorId, Event, Outcome};
use crate::judge::{self, Violated};
use crate::program::Program;
use crate::scenario::{ExpectedVerdict, Scenario};
use crate::trace::{NotEnabled, Schedule};
use crate::world::{Choice, Fault, Step, Watch, World};

/// What is violated, and how, in the words of the domain.
pub type Broken = (Violated, String);

/// Which graph: of what, under which reading, with which machine.
#[derive(Clone, Copy)]
pub struct GraphSource<'a> {
    /// What races.
    pub scenario: &'a Scenario,
    /// The scenario with its names resolved.
    pub program: &'a Program,
    /// The reading.
    pub reading: Reading,
    /// The seeded bug of the machine; `None`: the right one.
    pub fault: Option<&'static Fault>,
}

/// The explored graph, or the part of it that was asked for.
pub struct Graph {
    /// The states, in the order in which they were found; the first one is the start.
    pub nodes: Vec<Node>,
    /// Every distinct end, sorted.
    pub outcomes: Vec<Outcome>,
    /// Whatever is violated somewhere, sorted.
    pub violated: Vec<Violated>,
    /// Whether every state is here, with every step from it.
    pub is_whole: bool,
}

/// A state.
pub struct Node {
    /// The world.
    pub world: World,
    /// What can happen next; empty at an end, and where the graph was cut off.
    pub edges: Vec<Edge>,
    /// Who cannot step, in which operation.
    pub blocked: Vec<(ActorId, Action)>,
    /// What is violated by being here.
    pub broken: Vec<Broken>,
    /// What becomes of it.
    pub kind: NodeKind,
}

/// What becomes of a state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NodeKind {
    /// Something can happen.
    Inner,
    /// Nothing can happen any more; by position in [`Graph::outcomes`].
    End(usize),
    /// The graph was cut off here: what can happen next is not known.
    Beyond,
}

/// A step from one state to another.
pub struct Edge {
    /// Who steps.
    pub choice: Choice,
    /// The position of the state that it leads to.
    pub to: usize,
    /// What happens.
    pub events: Vec<Event>,
    /// What is violated by it.
    pub broken: Vec<Broken>,
}

impl Graph {
    /// Explores along a schedule, then breadth first from all states along it, until `states_max`
    /// states are held. Those along the schedule are held in any case, with what can happen there.
    ///
    /// # Errors
    ///
    /// The first choice of the schedule that is not possible where it stands.
    pub fn explore(
        subject: GraphSource,
        around: &Schedule,
        states_max: usize,
    ) -> Result<Graph, NotEnabled> {
        let mut walk = Walk {
            subject,
            states_max,
            nodes: Vec::new(),
            known: FingerprintMap::default(),
            next: VecDeque::new(),
            is_whole: true,
            spine: 0,
        };
        let mut world = World::new(subject.program, subject.reading, subject.fault);
        walk.visit(world.clone());
        for (position, &choice) in around.0.iter().enumerate() {
            let stepped = world.step(subject.program, choice, &mut ());
            stepped.map_err(|why| NotEnabled { position, why })?;
            walk.visit(world.clone());
        }
        walk.spine = walk.nodes.len();
        while let Some(node) = walk.next.pop_front() {
            walk.expand(node);
        }
        Ok(walk.finish())
    }

    /// Explores from the start, breadth first, until `states_max` states are held.
    pub fn from_start(subject: GraphSource, states_max: usize) -> Graph {
        let explored = Graph::explore(subject, &Schedule::default(), states_max);
        explored.unwrap_or_else(|_| unreachable!("a schedule without choices is possible"))
    }

    /// The node that a choice leads to.
    pub fn follow(&self, node: usize, choice: Choice) -> Option<&Edge> {
        self.nodes[node].edges.iter().find(|edge| edge.choice == choice)
    }
}

struct Walk<'a> {
    subject: GraphSource<'a>,
    states_max: usize,
    nodes: Vec<Node>,
    known: FingerprintMap<usize>,
    next: VecDeque<usize>,
    is_whole: bool,
    /// How many states are along the schedule: these are never cut off.
    spine: usize,
}

impl Walk<'_> {
    fn visit(&mut self, world: World) -> usize {
        let fresh = self.nodes.len();
        let node = *self.known.entry(fingerprint(&world)).or_insert(fresh);
        if node == fresh {
            let (edges, broken, blocked) = (Vec::new(), Vec::new(), Vec::new());
            self.nodes.push(Node { world, edges, blocked, broken, kind: NodeKind::Inner });
            self.next.push_back(node);
        }
        node
    }

    fn expand(&mut self, node: usize) {
        let world = self.nodes[node].world.clone();
        let next = world.successors(self.subject.program);
        let (is_end, mut here) = (next.is_end(), Judge::default());
        next.events(world.now()).for_each(|event| here.event(world.ledger(), &event));
        self.nodes[node].blocked = next.blocked;
        if is_end {
            here.broken.extend(self.stuck(node));
        }
        self.nodes[node].broken = here.broken;
        let take = |step: Step| {
            let (choice, mut judge) = (step.choice, Judge::default());
            (choice, world.after(step, &mut judge), judge)
        };
        let steps: Vec<_> = next.steps.into_iter().map(take).collect();
        // A state is held with all that can happen there, or cut off.
        let unknown = |(_, next, _): &&(_, World, _)| !self.known.contains_key(&fingerprint(next));
        let fresh = steps.iter().filter(unknown).count();
        if fresh > 0 && self.nodes.len() + fresh > self.states_max && node >= self.spine {
            self.is_whole = false;
            self.nodes[node].kind = NodeKind::Beyond;
            return;
        }
        for (choice, next, judge) in steps {
            let to = self.visit(next);
            let Judge { events, broken } = judge;
            self.nodes[node].edges.push(Edge { choice, to, events, broken });
        }
    }

    fn stuck(&self, node: usize) -> Option<Broken> {
        let GraphSource { scenario, program, .. } = self.subject;
        let outcome = self.outcome(node);
        let is_wrong =
            !outcome.stuck.is_empty() && scenario.expect.verdict != ExpectedVerdict::Stuck;
        let message = || judge::stuck(program, &outcome, None).message;
        is_wrong.then(|| (Violated::Stuck, message()))
    }

    fn outcome(&self, node: usize) -> Outcome {
        self.nodes[node].world.outcome(&self.nodes[node].blocked)
    }

    fn is_end(&self, node: usize) -> bool {
        self.nodes[node].kind == NodeKind::Inner && self.nodes[node].edges.is_empty()
    }

    fn finish(mut self) -> Graph {
        let ends: Vec<_> = (0..self.nodes.len()).filter(|node| self.is_end(*node)).collect();
        let mut outcomes: Vec<_> = ends.iter().map(|node| self.outcome(*node)).collect();
        outcomes.sort();
        outcomes.dedup();
        for node in ends {
            let outcome = self.outcome(node);
            let position = outcomes.binary_search(&outcome).expect("the outcome of every end");
            self.nodes[node].kind = NodeKind::End(position);
        }
        let of_edges = self.nodes.iter().flat_map(|node| &node.edges).flat_map(|edge| &edge.broken);
        let broken = self.nodes.iter().flat_map(|node| &node.broken).chain(of_edges);
        let mut violated: Vec<Violated> = broken.map(|(what, _)| *what).collect();
        violated.sort();
        violated.dedup();
        Graph { nodes: self.nodes, outcomes, violated, is_whole: self.is_whole }
    }
}

/// Keeps what happens, and what the clauses that must always hold say of it.
#[derive(Default)]
struct Judge {
    events: Vec<Event>,
    broken: Vec<Broken>,
}

impl Watch for Judge {
    fn event(&mut self, ledger: &Ledger, event: &Event) {
        let judged = clauses::judge_all(ledger, event);
        let broken = judged.filter(|(clause, _)| clause.kind == Kind::Always);
        self.broken.extend(broken.map(|(clause, message)| (Violated::Clause(clause), message)));
        self.events.push(event.clone());
    }
}

#[cfg(test)]
mod tests;
