//! Tests that the graph contains what the `protocol` engine finds, and that its counts are right.

use std::collections::BTreeMap;

use super::ways::{self, Destination};
use super::*;
use crate::exploration::{Limits, Stop};
use crate::program::Case;
use crate::{faults, search};

fn corpus() -> Vec<Scenario> {
    let files = calloff_scenarios::corpus().into_iter();
    files.map(|f| Scenario::parse(&f.path, f.bytes).expect("a good file")).collect()
}

fn graph(scenario: &Scenario, fault: Option<&str>, states_max: usize) -> Graph {
    let fault = fault.map(|name| faults::find(name).and_then(|f| f.machine()).expect("a fault"));
    let program = Program::new(scenario);
    let reading = scenario.expect.readings[0];
    let subject = GraphSource { scenario, program: &program, reading, fault };
    Graph::from_start(subject, states_max)
}

#[test]
fn the_graph_is_what_the_protocol_engine_explores() {
    for scenario in corpus() {
        for fault in [None, Some("expiry-forgotten"), Some("second-cancel-accepted")] {
            let graph = graph(&scenario, fault, usize::MAX);
            let _program = Program::new(&scenario);
            let machine = fault.map(|f| faults::find(f).and_then(|f| f.machine()).expect("one"));
            let (reading, limits) = (scenario.expect.readings[0], Limits::default());
            let found =
                search::explore(&Case::new(&scenario, reading), machine, &limits, &Stop::default());
            assert!(graph.is_whole);
            assert_eq!(graph.nodes.len() as u64, found.states, "{}", scenario.name);
            let edges: usize = graph.nodes.iter().map(|node| node.edges.len()).sum();
            assert_eq!(edges as u64, found.transitions, "{}", scenario.name);
            assert!(graph.outcomes.iter().eq(found.outcomes.keys()), "{}", scenario.name);
            let clauses = graph.violated.iter().filter_map(|what| match what {
                Violated::Clause(clause) => Some(clause),
                _ => None,
            });
            assert!(clauses.eq(found.violations.keys()), "{}", scenario.name);
        }
    }
}

/// Counts by walking every execution.
fn walk(
    graph: &Graph,
    node: usize,
    broken: &mut Vec<usize>,
    sums: &mut BTreeMap<Destination, u64>,
) {
    let node = &graph.nodes[node];
    let length = broken.len();
    let position = |what: &Violated| graph.violated.iter().position(|v| v == what).expect("one");
    broken.extend(node.broken.iter().map(|(what, _)| position(what)));
    if let NodeKind::End(outcome) = node.kind {
        *sums.entry(Destination::End(outcome)).or_insert(0) += 1;
        let mut seen = broken.clone();
        seen.sort_unstable();
        seen.dedup();
        seen.into_iter()
            .for_each(|what| *sums.entry(Destination::Violated(what)).or_insert(0) += 1);
    }
    for edge in &node.edges {
        let length = broken.len();
        broken.extend(edge.broken.iter().map(|(what, _)| position(what)));
        walk(graph, edge.to, broken, sums);
        broken.truncate(length);
    }
    broken.truncate(length);
}

#[test]
fn ways_are_counted_as_by_walking_every_execution() {
    let names = ["cancel-meets-reply", "late-reply-meets-new-call", "request-is-only-a-request"];
    for scenario in corpus().iter().filter(|s| names.contains(&s.name.as_str())) {
        let faults =
            [None, Some("expiry-forgotten"), Some("window-ignored"), Some("disabled-ignored")];
        for fault in faults {
            let graph = graph(scenario, fault, usize::MAX);
            let mut sums = BTreeMap::new();
            walk(&graph, 0, &mut Vec::new(), &mut sums);
            let counted = &ways::count(&graph)[0];
            assert!(counted.iter().copied().eq(sums), "{} {fault:?}", scenario.name);
        }
    }
}

#[test]
fn a_graph_that_is_cut_off_says_so_where_it_is() {
    let scenario = corpus().into_iter().find(|s| s.name == "cancel-meets-cancel").expect("one");
    let whole = graph(&scenario, None, usize::MAX);
    assert!(ways::count(&whole)[0].iter().all(|(goal, _)| *goal != Destination::Beyond));
    let part = graph(&scenario, None, 50);
    assert!(!part.is_whole && part.nodes.len() <= 50);
    assert!(part.nodes.iter().any(|node| node.kind == NodeKind::Beyond));
    assert!(ways::count(&part)[0].iter().any(|(goal, _)| *goal == Destination::Beyond));
    for node in part.nodes.iter().filter(|node| node.kind == NodeKind::Beyond) {
        assert!(node.edges.is_empty());
    }
}

#[test]
fn a_schedule_is_held_with_what_is_near_it() {
    let scenario = corpus().into_iter().find(|s| s.name == "cancel-meets-cancel").expect("one");
    let program = Program::new(&scenario);
    let reading = scenario.expect.readings[0];
    let subject = GraphSource { scenario: &scenario, program: &program, reading, fault: None };
    let names: Vec<String> =
        "caller patient patient clock hasty hasty".split(' ').map(str::to_owned).collect();
    let schedule = Schedule::from_names(&program, &names).expect("known names");
    let graph = Graph::explore(subject, &schedule, 40).expect("a possible schedule");
    let mut node = 0;
    for choice in &schedule.0 {
        node = graph.follow(node, *choice).expect("held").to;
    }
    assert_ne!(graph.nodes[node].kind, NodeKind::Beyond);
    let impossible = Schedule::from_names(&program, &["clock".to_owned()]).expect("known");
    let refused = Graph::explore(subject, &impossible, 40).err().expect("refused");
    assert_eq!(refused.position, 0);
}
