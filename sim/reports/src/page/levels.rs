//! Selects the graphs on a page, and their order.
//!
//! The first graph is the one that was asked for. The same race under the other readings in its
//! file follows, and then *levels*: the race with a seeded bug in the machine, which the reader has
//! to expose by a schedule. Both are added only as whole graphs, and only while the page stays
//! small.

use calloff_model::Reading;
use calloff_protocol::faults::FAULTS;
use calloff_protocol::finding::Claim;
use calloff_protocol::graph::{Graph, GraphSource};
use calloff_protocol::judge::Violated;
use calloff_protocol::program::Program;
use calloff_protocol::scenario::Scenario;
use calloff_protocol::trace;
use calloff_protocol::trace::{NotEnabled, Schedule};
use calloff_protocol::world::Fault;

use super::data::Data;

/// The most levels on a page.
pub const LEVELS_MAX: usize = 5;
/// The number of states that are searched for a violation by a seeded bug; a later one is too hard.
const SEARCHED_MAX: usize = 2_000;

/// The request: what the page has to show.
pub struct Wanted<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// The readings, the first of which the page opens with.
    pub readings: Vec<Reading>,
    /// The seeded bug that the page opens with.
    pub fault: Option<&'static Fault>,
    /// The schedule after which the page opens.
    pub start: Schedule,
    /// What is violated after it, if the schedule is that of a finding.
    pub claim: Option<&'a Claim>,
    /// The most states of one graph.
    pub states_max: usize,
}

/// The result: the content of the page.
pub struct Made {
    /// The page's data.
    pub data: Data,
    /// The graphs, in the page's order.
    pub graphs: Vec<Held>,
}

/// A summary of one graph on the page.
pub struct Held {
    /// Its reading.
    pub reading: Reading,
    /// The name of the seeded bug, if the machine has one.
    pub fault: Option<&'static str>,
    /// The number of its states.
    pub states: usize,
    /// Whether these are all states.
    pub is_whole: bool,
}

/// Explores the graphs for a page.
///
/// # Errors
///
/// The first choice of the start that is not possible in its state.
pub fn make(wanted: &Wanted) -> Result<Made, NotEnabled> {
    let program = Program::new(wanted.scenario);
    let mut made = Made { data: Data::new(wanted.scenario, &program), graphs: Vec::new() };
    let (scenario, reading) = (wanted.scenario, wanted.readings[0]);
    let first = GraphSource { scenario, program: &program, reading, fault: wanted.fault };
    let graph = Graph::explore(first, &wanted.start, wanted.states_max)?;
    made.add(first, &graph, &wanted.start);
    if wanted.fault.is_some() {
        let right = GraphSource { fault: None, ..first };
        let around = possible(right, &wanted.start);
        let graph = Graph::explore(right, &around, wanted.states_max)?;
        made.add(right, &graph, &Schedule::default());
    } else if graph.is_whole {
        made.add_others(wanted, first, &graph);
    }
    if let Some(claim) = wanted.claim {
        made.data.claim(claim);
    }
    Ok(made)
}

impl Made {
    /// Adds the other readings, then levels, while they fit.
    fn add_others(&mut self, wanted: &Wanted, first: GraphSource, graph: &Graph) {
        let mut room = wanted.states_max;
        let readings = wanted.readings[1..].iter();
        let readings = readings.map(|&reading| GraphSource { reading, ..first });
        let levels = levels(first, graph);
        let levels = levels.into_iter().map(|fault| GraphSource { fault: Some(fault), ..first });
        for subject in readings.chain(levels) {
            let graph = Graph::from_start(subject, room);
            if graph.is_whole {
                room = room.saturating_sub(graph.nodes.len());
                self.add(subject, &graph, &Schedule::default());
            }
        }
    }

    fn add(&mut self, subject: GraphSource, graph: &Graph, start: &Schedule) {
        self.data.add(subject, graph, start);
        let fault = subject.fault.map(|fault| fault.name);
        let (reading, is_whole) = (subject.reading, graph.is_whole);
        self.graphs.push(Held { reading, fault, states: graph.nodes.len(), is_whole });
    }
}

/// The beginning of a schedule, as far as it is possible.
fn possible(subject: GraphSource, schedule: &Schedule) -> Schedule {
    match trace::replay(subject.program, subject.reading, subject.fault, schedule) {
        Ok(_) => schedule.clone(),
        Err(refused) => Schedule(schedule.0[..refused.position].to_vec()),
    }
}

/// Seeded bugs that violate something here which the right machine does not, one for each thing
/// that is violated first, from easy to hard.
fn levels(right: GraphSource, graph: &Graph) -> Vec<&'static Fault> {
    let mut found: Vec<(usize, Violated, &'static Fault)> = Vec::new();
    let is_client = right.program.is_client;
    for fault in FAULTS.iter().filter(|fault| is_client || !fault.of_clients) {
        let subject = GraphSource { fault: Some(fault), ..right };
        let near = Graph::from_start(subject, SEARCHED_MAX);
        let first = first_violation(&near).filter(|(_, what)| !graph.violated.contains(what));
        found.extend(first.map(|(length, what)| (length, what, fault)));
    }
    found.sort_by_key(|(length, ..)| *length);
    let mut levels: Vec<(Violated, &'static Fault)> = Vec::new();
    for (_, what, fault) in found {
        if levels.iter().all(|(known, _)| *known != what) {
            levels.push((what, fault));
        }
    }
    // Spread the choice over easy and hard levels.
    let (last, steps) = (levels.len().saturating_sub(1), LEVELS_MAX - 1);
    let mut taken: Vec<usize> = (0..=steps).map(|i| i * last / steps).collect();
    taken.dedup();
    taken.into_iter().filter_map(|at| levels.get(at)).map(|(_, fault)| *fault).collect()
}

/// The fewest steps to a violation, and what is violated there.
fn first_violation(graph: &Graph) -> Option<(usize, Violated)> {
    let mut steps = vec![None; graph.nodes.len()];
    steps[0] = Some(0);
    // Positions are in the order of discovery: breadth first from the start.
    for (node, at) in graph.nodes.iter().enumerate() {
        let Some(length): Option<usize> = steps[node] else { continue };
        if let Some((what, _)) = at.broken.first() {
            return Some((length, *what));
        }
        if let Some((what, _)) = at.edges.iter().find_map(|edge| edge.broken.first()) {
            return Some((length + 1, *what));
        }
        for edge in &at.edges {
            steps[edge.to].get_or_insert(length + 1);
        }
    }
    None
}
