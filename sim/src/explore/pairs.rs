//! The executions that a page shows by itself, each with the two steps whose order decides.
//!
//! They are the shortest ones to each end and to each violation, and the one that the page opens
//! with. Which two steps decide is for [`crate::pair`] to say; the page only marks them.

use crate::check::Violated;
use crate::graph::{Graph, NodeKind, Subject};
use crate::pair::Point;
use crate::report::lanes::{Layout, Swap};
use crate::trace::{self, Schedule};
use crate::world::Choice;

/// So many executions of a page are looked at for such a pair.
const EXECUTIONS_MAX: usize = 64;

/// Two steps of an execution whose order decides what it shows.
pub struct Decided {
    /// The execution.
    pub schedule: Schedule,
    /// The rows of the two, and what would be otherwise.
    pub swap: Swap,
}

/// Every execution that the page shows by itself and in which the order of two steps decides, up to
/// a limit; `start` is the one that it opens with.
pub fn of(subject: Subject, graph: &Graph, start: &Schedule) -> Vec<Decided> {
    let shown = shortest(graph).into_iter();
    let first = std::iter::once((start.clone(), broken_by(graph, start)));
    let mut decided: Vec<Decided> = Vec::new();
    for (schedule, violated) in first.chain(shown).take(EXECUTIONS_MAX) {
        if decided.iter().any(|known| known.schedule == schedule) {
            continue;
        }
        let point = violated.map_or(Point::End, Point::of);
        let Subject { program, reading, fault, .. } = subject;
        let Ok(trace) = trace::replay(program, reading, fault, &schedule) else { continue };
        let swap = Layout::new(program, &trace).with_pair(program, &trace, &point).swap;
        decided.extend(swap.map(|swap| Decided { schedule, swap }));
    }
    decided
}

/// What the last step of the schedule violates, or the state that it leads to.
fn broken_by(graph: &Graph, schedule: &Schedule) -> Option<Violated> {
    let (mut node, mut broken) = (0, None);
    for choice in &schedule.0 {
        let edge = graph.follow(node, *choice)?;
        node = edge.to;
        broken = edge.broken.iter().chain(&graph.nodes[node].broken).next();
    }
    broken.map(|(what, _)| *what)
}

/// The first shortest schedule to each end, and to each violation with what it violates.
fn shortest(graph: &Graph) -> Vec<(Schedule, Option<Violated>)> {
    let mut came: Vec<Option<(usize, Choice)>> = vec![None; graph.nodes.len()];
    let mut is_seen = vec![false; graph.nodes.len()];
    is_seen[0] = true;
    let (mut ends, mut violated) = (vec![false; graph.outcomes.len()], Vec::new());
    let mut found = Vec::new();
    let mut queue = std::collections::VecDeque::from([0]);
    while let Some(node) = queue.pop_front() {
        for edge in &graph.nodes[node].edges {
            let is_new = !std::mem::replace(&mut is_seen[edge.to], true);
            if is_new {
                came[edge.to] = Some((node, edge.choice));
                queue.push_back(edge.to);
            }
            let schedule = || {
                let mut choices = vec![edge.choice];
                let mut at = node;
                while let Some((before, choice)) = came[at] {
                    choices.push(choice);
                    at = before;
                }
                choices.reverse();
                Schedule(choices)
            };
            let there = &graph.nodes[edge.to];
            if let (true, NodeKind::End(outcome)) = (is_new, there.kind)
                && !std::mem::replace(&mut ends[outcome], true)
            {
                found.push((schedule(), None));
            }
            for (what, _) in edge.broken.iter().chain(&there.broken) {
                if !violated.contains(what) {
                    violated.push(*what);
                    found.push((schedule(), Some(*what)));
                }
            }
        }
    }
    found
}
