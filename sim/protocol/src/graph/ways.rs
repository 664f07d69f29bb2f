//! Counts where each state can lead: which ends and which violations can still come, in how many
//! ways.
//!
//! A way is one execution from the state to its end. Two ways with different choices are different
//! even if they have the same end. Numbers are exact up to [`WAYS_MAX`] and are not counted any
//! further: that number means "at least". In the graph of a program with loops, of which a way may
//! go round as often as it likes, nothing is counted: every number is that one.

use std::collections::{BTreeMap, BTreeSet};

use super::{Graph, NodeKind};
use crate::judge::Violated;

/// The number at which counting stops: 2⁵³. In a page's number type, the next number is equal to
/// it.
pub const WAYS_MAX: u64 = 1 << 53;

/// Something in which executions can end, or that they can violate.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Destination {
    /// That end, by position in [`Graph::outcomes`].
    End(usize),
    /// A state at which the graph was cut off.
    Beyond,
    /// A violation from here on, by position in [`Graph::violated`].
    Violated(usize),
}

/// For one state: what can still come, sorted, and on how many ways; what cannot is left out.
pub type Ways = Vec<(Destination, u64)>;

/// The ways from every state of the graph, by its position.
pub fn count(graph: &Graph) -> Vec<Ways> {
    let mut ways: Vec<Option<Ways>> = vec![None; graph.nodes.len()];
    // Depth first: a state is counted when all its successors are.
    let mut pending: Vec<usize> = (0..graph.nodes.len()).rev().collect();
    let edges: usize = graph.nodes.iter().map(|node| node.edges.len()).sum();
    let pending_max = pending.len() + edges;
    while let Some(&node) = pending.last() {
        let behind = graph.nodes[node].edges.iter().map(|edge| edge.to);
        let open: Vec<usize> = behind.filter(|to| ways[*to].is_none()).collect();
        if ways[node].is_none() && !open.is_empty() {
            pending.extend(open);
            if pending.len() > pending_max {
                return uncounted(graph);
            }
            continue;
        }
        pending.pop();
        if ways[node].is_none() {
            ways[node] = Some(of_node(graph, node, &ways));
        }
    }
    ways.into_iter().map(|ways| ways.expect("every state is counted")).collect()
}

/// What can still come from every state of a graph with cycles, uncounted.
fn uncounted(graph: &Graph) -> Vec<Ways> {
    let mut reached: Vec<BTreeSet<Destination>> = vec![BTreeSet::new(); graph.nodes.len()];
    let mut has_changed = true;
    while has_changed {
        has_changed = false;
        for at in (0..graph.nodes.len()).rev() {
            let node = &graph.nodes[at];
            let mut here = reached[at].clone();
            match node.kind {
                NodeKind::End(outcome) => drop(here.insert(Destination::End(outcome))),
                NodeKind::Beyond => drop(here.insert(Destination::Beyond)),
                NodeKind::Inner => {}
            }
            let of_edges = node.edges.iter().flat_map(|edge| &edge.broken);
            let broken = node.broken.iter().chain(of_edges);
            here.extend(broken.map(|(what, _)| Destination::Violated(position(graph, *what))));
            for edge in &node.edges {
                here.extend(reached[edge.to].iter().copied());
            }
            has_changed |= here.len() > reached[at].len();
            reached[at] = here;
        }
    }
    reached.into_iter().map(|here| here.into_iter().map(|to| (to, WAYS_MAX)).collect()).collect()
}

/// The number of all ways from a state.
pub fn total(ways: &Ways) -> u64 {
    let ends = ways.iter().filter(|(goal, _)| !matches!(goal, Destination::Violated(_)));
    ends.fold(0, |sum, (_, ways)| add(sum, *ways))
}

/// The sum of two numbers of ways.
pub fn add(one: u64, other: u64) -> u64 {
    one.saturating_add(other).min(WAYS_MAX)
}

fn of_node(graph: &Graph, node: usize, known: &[Option<Ways>]) -> Ways {
    let node = &graph.nodes[node];
    let mut sums: BTreeMap<Destination, u64> = BTreeMap::new();
    let mut plus = |goal, ways| {
        let sum = sums.entry(goal).or_insert(0);
        *sum = add(*sum, ways);
    };
    match node.kind {
        NodeKind::End(outcome) => plus(Destination::End(outcome), 1),
        NodeKind::Beyond => plus(Destination::Beyond, 1),
        NodeKind::Inner => {}
    }
    for edge in &node.edges {
        let behind = known[edge.to].as_ref().expect("the state behind is counted");
        let here = edge.broken.iter().map(|(what, _)| position(graph, *what));
        let here: BTreeSet<usize> = here.collect();
        for &(goal, ways) in behind {
            if !matches!(goal, Destination::Violated(what) if here.contains(&what)) {
                plus(goal, ways);
            }
        }
        here.into_iter().for_each(|what| plus(Destination::Violated(what), total(behind)));
    }
    let mut ways: Ways = sums.into_iter().collect();
    // A violation in this state lies on every way from it.
    let all = total(&ways);
    for (what, _) in &node.broken {
        let goal = Destination::Violated(position(graph, *what));
        match ways.binary_search_by_key(&goal, |(goal, _)| *goal) {
            Ok(at) => ways[at].1 = all,
            Err(at) => ways.insert(at, (goal, all)),
        }
    }
    ways
}

fn position(graph: &Graph, what: Violated) -> usize {
    graph.violated.binary_search(&what).expect("whatever is violated is listed")
}
