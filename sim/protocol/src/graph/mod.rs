//! The explored graph: every state, what each choice does there, and where it leads.
//!
//! The `protocol` engine stores fingerprints and drops the states; this module keeps the states,
//! for code that walks among them. States are numbered breadth first, successors in file order, the
//! clock last. Of a graph that is too large, only the states nearest to the start of the walk are
//! kept; [`Graph::is_whole`] is then false.

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

/// What is violated, with a description in terms of the scenario.
pub type Broken = (Violated, String);

/// The source of a graph: the scenario, the reading, and the machine.
#[derive(Clone, Copy)]
pub struct GraphSource<'a> {
    /// What races.
    pub scenario: &'a Scenario,
    /// The scenario with its names resolved.
    pub program: &'a Program,
    /// The reading.
    pub reading: Reading,
    /// The seeded bug of the machine; `None` for the right machine.
    pub fault: Option<&'static Fault>,
}

/// The explored graph, or a part of it.
pub struct Graph {
    /// The states, in the order in which they were found; the first one is the start.
    pub nodes: Vec<Node>,
    /// Every distinct end, sorted.
    pub outcomes: Vec<Outcome>,
    /// Everything that is violated somewhere, sorted.
    pub violated: Vec<Violated>,
    /// Whether all states are present, with every step from each.
    pub is_whole: bool,
}

/// A state.
pub struct Node {
    /// The world.
    pub world: World,
    /// The possible steps; empty at an end, and where the graph was cut off.
    pub edges: Vec<Edge>,
    /// The actors that cannot step, each with its operation.
    pub blocked: Vec<(ActorId, Action)>,
    /// What is violated in this state.
    pub broken: Vec<Broken>,
    /// The kind of state.
    pub kind: NodeKind,
}

/// The kind of a state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NodeKind {
    /// Something can happen.
    Inner,
    /// Nothing can happen any more; with the position of the end in [`Graph::outcomes`].
    End(usize),
    /// The graph was cut off here: the possible steps are not known.
    Beyond,
}

/// A step from one state to another.
pub struct Edge {
    /// The choice.
    pub choice: Choice,
    /// The position of the state that it leads to.
    pub to: usize,
    /// What happens.
    pub events: Vec<Event>,
    /// What is violated by this step.
    pub broken: Vec<Broken>,
}

impl Graph {
    /// Explores along a schedule, then breadth first from all states along it, until `states_max`
    /// states are kept. States along the schedule are always kept, with all their successors.
    ///
    /// # Errors
    ///
    /// The first choice of the schedule that is not possible in its state.
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

    /// The edge of that choice at a node.
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
    /// The number of states along the schedule, which are never cut off.
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
            (choice, world.after(self.subject.program, step, &mut judge), judge)
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
        self.nodes[node].world.outcome(self.subject.program, &self.nodes[node].blocked)
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

/// Collects the events of a step, and the violations of clauses that must always hold.
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
