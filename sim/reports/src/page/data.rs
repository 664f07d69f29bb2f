//! The data of a page: texts, states, steps, and where each state leads.
//!
//! The reports write the texts, so a page says the same as `calloff check`. Values that occur often
//! (texts, steps, an actor's position, a call's state) are written once and referred to by
//! position. Every list of numbers is explained where it is filled.

use std::collections::BTreeMap;

use calloff_model::{Call, Request, Server, Settled};
use calloff_protocol::finding::Claim;
use calloff_protocol::graph::ways::{Destination, Ways};
use calloff_protocol::graph::{Edge, Graph, GraphSource, NodeKind, ways};
use calloff_protocol::history::{ActorId, Outcome};
use calloff_protocol::judge::Violated;
use calloff_protocol::program::Program;
use calloff_protocol::scenario::Scenario;
use calloff_protocol::text;
use calloff_protocol::trace::{Schedule, TraceStep};
use calloff_protocol::world::{Choice, World};
use serde::Serialize;

use super::goals::{self, PageGoal};
use crate::lanes::Line;
use crate::{changes, describe, lanes};

/// All data of a page.
#[derive(Serialize)]
pub struct Data {
    tool: String,
    name: String,
    summary: String,
    time: &'static str,
    /// The templates and measures of pictures.
    words: serde_json::Value,
    /// The characters that are not one column wide.
    widths: BTreeMap<char, usize>,
    actors: Vec<ActorData>,
    calls: Vec<String>,
    tables: Tables,
    graphs: Vec<GraphData>,
}

#[derive(Serialize)]
struct ActorData {
    name: String,
    /// The name with unprintable characters escaped.
    shown: String,
    /// Every operation, in order.
    steps: Vec<String>,
    /// The operations that return a code.
    returning: Vec<String>,
}

/// The label of a step: `[[[kind of line, text]], [what changed], [[what is violated, message]],
/// lane that it concerns + 1]`; a step of the clock has no lines.
type Label = (Vec<(usize, usize)>, Vec<usize>, Vec<(usize, usize)>, usize);

/// The tables to which positions refer.
#[derive(Serialize, Default)]
struct Tables {
    strings: Table<String>,
    /// What each step does.
    labels: Table<Label>,
    /// The position of an actor: `[operation + 1, wait + 1, depth, instructions done]`; 0 stands
    /// for none.
    places: Table<(usize, usize, u64, u32)>,
    /// The state of a call: `[request, server, settled, detail of the request + 1]`, by position in
    /// the diagram; empty if the call was not issued.
    states: Table<Vec<usize>>,
    /// The possible violations: `[id, sentence, source, whether it is a clause]`.
    violated: Table<(String, String, String, bool)>,
}

/// Distinct values, in the order of their first use.
#[derive(Serialize)]
#[serde(transparent)]
struct Table<T: Ord> {
    values: Vec<T>,
    #[serde(skip)]
    positions: BTreeMap<T, usize>,
}

impl<T: Ord> Default for Table<T> {
    fn default() -> Table<T> {
        Table { values: Vec::new(), positions: BTreeMap::new() }
    }
}

impl<T: Ord + Clone> Table<T> {
    fn position(&mut self, value: T) -> usize {
        let fresh = self.values.len();
        let position = *self.positions.entry(value.clone()).or_insert(fresh);
        if position == fresh {
            self.values.push(value);
        }
        position
    }
}

#[derive(Serialize)]
struct GraphData {
    cancelable: &'static str,
    waiter: &'static str,
    fault: Option<FaultData>,
    whole: bool,
    /// What the execution violates after which the page opens: its id, and how.
    claim: Option<(&'static str, String)>,
    /// The choices after which the page opens.
    start: Vec<usize>,
    outcomes: Vec<OutcomeData>,
    /// Positions in the table of the same name.
    violated: Vec<usize>,
    goals: Vec<PageGoal>,
    /// The time, by state, as a position in the strings.
    now: Vec<usize>,
    /// For each state and actor, a position in the table of the same name.
    places: Vec<usize>,
    /// For each state and call, a position in the table of the same name.
    states: Vec<usize>,
    /// For each state the number of steps, then for each step: who takes it (the clock comes after
    /// the actors), the state that it leads to, and its label.
    edges: Vec<usize>,
    /// Each state that is an end, with the position of its outcome.
    ends: Vec<(usize, usize)>,
    /// The states where the graph was cut off.
    beyond: Vec<usize>,
    /// Violations in states: the state, what is violated, the message.
    broken: Vec<(usize, usize, usize)>,
    /// By state, a position in `reach`.
    ways: Vec<usize>,
    /// Pairs: what can still come, and in how many ways. First the outcomes, by position; then one
    /// number for the states where the graph was cut off; then the violations, by position in this
    /// graph.
    reach: Table<Vec<u64>>,
}

#[derive(Serialize)]
struct FaultData {
    name: &'static str,
    summary: &'static str,
    clause: &'static str,
}

#[derive(Serialize)]
struct OutcomeData {
    /// For each actor and code-returning step: the position of the code's name in the strings + 1;
    /// 0 if the step did not run.
    codes: Vec<Vec<usize>>,
    stuck: Vec<u32>,
}

impl Data {
    /// A page without graphs.
    pub fn new(scenario: &Scenario, program: &Program) -> Data {
        let actor = |id: ActorId| {
            let lane = &program.lanes[id.0 as usize];
            let text = |action| describe::action(program, id, action);
            ActorData {
                name: lane.name.clone(),
                shown: text::printable(&lane.name),
                steps: lane.instructions.iter().map(|i| text(i.action)).collect(),
                returning: lane.returning.iter().map(|action| text(*action)).collect(),
            }
        };
        let mut data = Data {
            tool: format!("calloff {}", env!("CARGO_PKG_VERSION")),
            name: scenario.name.clone(),
            summary: scenario.summary.clone(),
            time: scenario.time.name(),
            words: lanes::words(),
            widths: BTreeMap::new(),
            actors: program.actors().map(actor).collect(),
            calls: program.calls.iter().map(|call| call.name.clone()).collect(),
            tables: Tables::default(),
            graphs: Vec::new(),
        };
        data.measure();
        data
    }

    /// Adds a graph, which opens after that schedule.
    pub fn add(&mut self, subject: GraphSource, graph: &Graph, start: &Schedule) {
        let writer = Writer { subject, graph, tables: &mut self.tables };
        self.graphs.push(writer.write(start));
        self.measure();
    }

    /// Says what the execution violates after which the first graph opens.
    pub fn claim(&mut self, claim: &Claim) {
        if let Some(first) = self.graphs.first_mut() {
            first.claim = Some((claim.what.id(), text::printable(&claim.message)));
        }
    }

    /// Records the width of every character that may occur in a picture.
    fn measure(&mut self) {
        let names = self.actors.iter().flat_map(|a| a.returning.iter().chain([&a.shown]));
        let words = self.words.to_string();
        let texts = self.tables.strings.values.iter().chain(names).chain([&words]);
        for c in texts.flat_map(|text| text.chars()) {
            let width = text::width(c.encode_utf8(&mut [0; 4]));
            if width != 1 {
                self.widths.insert(c, width);
            }
        }
    }
}

struct Writer<'a> {
    subject: GraphSource<'a>,
    graph: &'a Graph,
    tables: &'a mut Tables,
}

impl Writer<'_> {
    fn write(mut self, start: &Schedule) -> GraphData {
        let GraphSource { program, reading, fault, .. } = self.subject;
        let graph = self.graph;
        let violated: Vec<usize> = graph.violated.iter().map(|w| self.violated(*w)).collect();
        let mut data = GraphData {
            cancelable: reading.cancelable.name(),
            waiter: reading.waiter.name(),
            fault: fault.map(|f| FaultData {
                name: f.name,
                summary: f.summary,
                clause: f.caught_by,
            }),
            whole: graph.is_whole,
            claim: None,
            start: self.choices(start),
            outcomes: graph.outcomes.iter().map(|outcome| self.outcome(outcome)).collect(),
            violated,
            goals: goals::of(program, graph),
            now: graph
                .nodes
                .iter()
                .map(|node| self.string(self.subject.program.time(node.world.now())))
                .collect(),
            places: Vec::new(),
            states: Vec::new(),
            edges: Vec::new(),
            ends: Vec::new(),
            beyond: Vec::new(),
            broken: Vec::new(),
            ways: Vec::new(),
            reach: Table::default(),
        };
        let ways = ways::count(graph);
        for (position, (node, ways)) in graph.nodes.iter().zip(&ways).enumerate() {
            for actor in program.actors() {
                data.places.push(self.place(position, actor));
            }
            data.states.extend(self.states(&node.world));
            data.edges.push(node.edges.len());
            for edge in &node.edges {
                let label = self.label(&node.world, edge);
                data.edges.extend([self.who(edge.choice), edge.to, label]);
            }
            match node.kind {
                NodeKind::End(outcome) => data.ends.push((position, outcome)),
                NodeKind::Beyond => data.beyond.push(position),
                NodeKind::Inner => {}
            }
            for (what, message) in &node.broken {
                let message = self.string(text::printable(message));
                data.broken.push((position, self.violated(*what), message));
            }
            data.ways.push(data.reach.position(self.reach(ways)));
        }
        data
    }

    fn string(&mut self, text: String) -> usize {
        self.tables.strings.position(text)
    }

    fn who(&self, choice: Choice) -> usize {
        match choice {
            Choice::Actor(actor) | Choice::Way(actor, _) => actor.0 as usize,
            Choice::Clock => self.subject.program.lanes.len(),
        }
    }

    fn choices(&self, schedule: &Schedule) -> Vec<usize> {
        schedule.0.iter().map(|choice| self.who(*choice)).collect()
    }

    fn violated(&mut self, what: Violated) -> usize {
        let (sentence, source, is_clause) = match what {
            Violated::Clause(clause) => (clause.sentence, clause.source, true),
            _ => ("Somebody can never finish", "calloff", false),
        };
        let entry = (what.id().to_owned(), sentence.to_owned(), source.to_owned(), is_clause);
        self.tables.violated.position(entry)
    }

    fn outcome(&mut self, outcome: &Outcome) -> OutcomeData {
        let program = self.subject.program;
        let mut codes = Vec::new();
        for (lane, ran) in program.lanes.iter().zip(&outcome.codes) {
            let mut list = vec![0; lane.returning.len()];
            for &(step, code) in ran {
                let name = lane.returning[step as usize].code_name(code);
                list[step as usize] = self.string(name) + 1;
            }
            codes.push(list);
        }
        OutcomeData { codes, stuck: outcome.stuck.iter().map(|actor| actor.0).collect() }
    }

    /// The position of an actor, and why it cannot continue.
    fn place(&mut self, node: usize, actor: ActorId) -> usize {
        let (program, node) = (self.subject.program, &self.graph.nodes[node]);
        let world = &node.world;
        let operation = world.action(program, actor).map(|action| {
            let text = describe::action(program, actor, action);
            self.string(text) + 1
        });
        let blocked = node.blocked.iter().find(|(blocked, _)| *blocked == actor);
        let wait = blocked.map(|(_, action)| {
            let text = describe::wait(program, world, actor, *action);
            self.string(text) + 1
        });
        let (depth, at) = (world.subject(actor).machine().depth(), world.actor(actor).at);
        let place = (operation.unwrap_or(0), wait.unwrap_or(0), depth, at);
        self.tables.places.position(place)
    }

    fn states(&mut self, world: &World) -> Vec<usize> {
        let calls = self.subject.program.calls.iter().zip(0..);
        let state = |(info, id): (&calloff_protocol::program::CallInfo, u32)| {
            let machine = world.subject(info.caller).machine();
            machine.call(calloff_model::CallId(id)).copied()
        };
        let states: Vec<Option<Call>> = calls.map(state).collect();
        states.iter().map(|call| self.state(call.as_ref())).collect()
    }

    fn state(&mut self, call: Option<&Call>) -> usize {
        let Some(call) = call else { return self.tables.states.position(Vec::new()) };
        let (request, until) = match call.request {
            Request::None => (0, None),
            Request::Open { deadline: Some(deadline) } => (1, Some(format!("until {deadline}"))),
            Request::Open { deadline: None } => (1, Some("without end".to_owned())),
            Request::Expired => (2, None),
        };
        let (server, reply) = match call.server {
            Server::Idle => (0, None),
            Server::Running => (1, None),
            Server::Replied(code) => (2, Some(code.name())),
            Server::Skipped => (3, None),
        };
        let settled = match call.settled {
            Settled::No => 0,
            Settled::Completed => 1,
            Settled::Canceled => 2,
        };
        let mut detail = |text: Option<String>| text.map_or(0, |text| self.string(text) + 1);
        let (until, reply) = (detail(until), detail(reply));
        let cancelable = usize::from(call.cancelable_at_issue);
        let state = vec![request, server, settled, until, reply, cancelable];
        self.tables.states.position(state)
    }

    fn label(&mut self, before: &World, edge: &Edge) -> usize {
        let program = self.subject.program;
        let after = &self.graph.nodes[edge.to].world;
        let (mut lines, mut towards) = (Vec::new(), None);
        if let Choice::Actor(actor) = edge.choice {
            let step = TraceStep {
                choice: edge.choice,
                events: edge.events.clone(),
                world: after.clone(),
                blocked: Vec::new(),
                is_at_rest: false,
            };
            for line in lanes::acted(program, &step, actor) {
                let (kind, text) = match line {
                    Line::Begins(text) => (0, text),
                    Line::GoesOn(text) => (1, text),
                    Line::Returns(text) => (2, text),
                };
                lines.push((kind, self.string(text)));
            }
            towards = lanes::towards(program, before, actor);
        }
        let changes = changes::between(program, before, after).into_iter();
        let changes = changes.map(|change| self.string(change)).collect();
        let mut broken = Vec::new();
        for (what, message) in &edge.broken {
            let message = self.string(text::printable(message));
            broken.push((self.violated(*what), message));
        }
        let towards = towards.map_or(0, |lane| lane + 1);
        self.tables.labels.position((lines, changes, broken, towards))
    }

    fn reach(&self, ways: &Ways) -> Vec<u64> {
        let beyond = self.graph.outcomes.len();
        let number = |sink: Destination| match sink {
            Destination::End(outcome) => outcome,
            Destination::Beyond => beyond,
            Destination::Violated(what) => beyond + 1 + what,
        };
        ways.iter().flat_map(|(sink, ways)| [number(*sink) as u64, *ways]).collect()
    }
}
