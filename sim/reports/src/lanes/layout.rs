//! What stands where in a picture of lanes.

use calloff_model::Code;

use super::words::{BROKEN, filled};
use calloff_protocol::clauses::CLAUSES;
use calloff_protocol::history::{Action, ActorId, What};
use calloff_protocol::program::Program;
use crate::{changes, describe};
use calloff_protocol::text;
use calloff_protocol::trace::{Trace, TraceStep};
use calloff_protocol::world::{Choice, Phase, World};

/// The signs of what goes on, and of what an operation returned.
pub(super) const GOES_ON: &str = "… ";
pub(super) const RETURNS: &str = "= ";

/// A picture of an execution: rows by columns.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Layout {
    /// The actors' names, one for each column.
    pub lanes: Vec<String>,
    /// One row for each step.
    pub rows: Vec<Row>,
    /// Who can never go on, and in what: of a trace in which nothing more can happen.
    pub stuck: Vec<String>,
    /// What is to be said of the two steps whose order decides, if they were looked for.
    pub decides: Option<String>,
}

/// One step, and where everybody is after it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// The step's number, from 1.
    pub number: usize,
    /// The column of the actor that steps; `None`: the clock advances.
    pub lane: Option<usize>,
    /// The column of the actor that the step concerns: whom a call is for, or whom a cancel is
    /// aimed at.
    pub towards: Option<usize>,
    /// The time, after the step.
    pub time: String,
    /// One cell for each column.
    pub cells: Vec<Cell>,
    /// What the step changed in the machines.
    pub changes: Vec<String>,
    /// The clauses that it breaks, and how; each is told once.
    pub broken: Vec<String>,
    /// Whether this is one of the two steps whose order decides.
    pub mark: Option<Mark>,
}

/// One actor in one row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cell {
    /// What it did; empty unless this is its step.
    pub lines: Vec<Line>,
    /// Where it is afterwards.
    pub state: State,
}

/// One thing that an actor did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Line {
    /// It began an operation.
    Begins(String),
    /// It went on with an operation that it had begun, or is how far in it.
    GoesOn(String),
    /// The operation returned this.
    Returns(String),
}

/// Where an actor is after a step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum State {
    /// It could step.
    Ready,
    /// It has to wait.
    Waits {
        /// For what.
        reason: String,
        /// Whether it has begun to wait in this row, or now waits for something else.
        is_new: bool,
    },
    /// It has no step left.
    Finished,
}

/// A step whose order with another one decides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mark {
    /// The earlier of the two.
    A,
    /// The later one.
    B,
}

impl Mark {
    /// The sign in pictures.
    pub fn sign(self) -> &'static str {
        match self {
            Mark::A => "◀a",
            Mark::B => "◀b",
        }
    }
}

impl Line {
    /// The text with its sign.
    pub fn signed(&self) -> String {
        match self {
            Line::Begins(text) => text.clone(),
            Line::GoesOn(text) => format!("{GOES_ON}{text}"),
            Line::Returns(text) => format!("{RETURNS}{text}"),
        }
    }
}

impl Layout {
    /// Lays out what the trace did.
    pub fn new(program: &Program, trace: &Trace) -> Layout {
        let lanes = program.lanes.iter().map(|lane| text::printable(&lane.name)).collect();
        let mut known: Vec<Option<String>> = vec![None; program.lanes.len()];
        let mut before = &trace.start;
        let mut rows = Vec::new();
        for (index, step) in trace.steps.iter().enumerate() {
            let cells = program.actors().map(|actor| {
                let state = state(program, step, actor, &mut known[actor.0 as usize]);
                Cell { lines: acted(program, step, actor), state }
            });
            let cells = cells.collect();
            let lane = match step.choice {
                Choice::Actor(actor) => Some(actor),
                Choice::Clock => None,
            };
            rows.push(Row {
                number: index + 1,
                lane: lane.map(|actor| actor.0 as usize),
                towards: lane.and_then(|actor| towards(program, before, actor)),
                time: step.world.now().to_string(),
                cells,
                changes: changes::between(program, before, &step.world),
                broken: Vec::new(),
                mark: None,
            });
            before = &step.world;
        }
        let mut told: Vec<String> = Vec::new();
        for broken in trace.broken(program).into_iter().filter(|broken| broken.after > 0) {
            let line = line_of_broken(CLAUSES[broken.clause].id, &broken.message);
            if !told.contains(&line) {
                rows[broken.after - 1].broken.push(line.clone());
                told.push(line);
            }
        }
        Layout { lanes, rows, stuck: stuck(program, trace), decides: None }
    }
}

fn line_of_broken(id: &str, message: &str) -> String {
    filled(BROKEN, &[&id, &text::printable(message)])
}

fn state(program: &Program, step: &TraceStep, actor: ActorId, known: &mut Option<String>) -> State {
    let Some((_, action)) = step.blocked.iter().find(|(blocked, _)| *blocked == actor) else {
        *known = None;
        return match step.world.action(program, actor) {
            Some(_) => State::Ready,
            None => State::Finished,
        };
    };
    let reason = describe::wait(program, &step.world, actor, *action);
    let is_new = known.as_ref() != Some(&reason);
    *known = Some(reason.clone());
    State::Waits { reason, is_new }
}

/// What the actor did in this step: the operation, and its code or how far it is.
pub(crate) fn acted(program: &Program, step: &TraceStep, actor: ActorId) -> Vec<Line> {
    let mut lines = Vec::new();
    if step.choice != Choice::Actor(actor) {
        return lines;
    }
    let mut is_over = false;
    for event in &step.events {
        match event.what {
            What::Invoke(_, action) => {
                lines.push(Line::Begins(describe::action(program, actor, action)));
            }
            What::Return(_, action, code) => {
                if lines.is_empty() {
                    lines.push(Line::GoesOn(describe::action(program, actor, action)));
                }
                lines.extend(returned(action, code).map(Line::Returns));
                is_over = true;
            }
            _ => {}
        }
    }
    if !is_over {
        if lines.is_empty() {
            let action = step.world.action(program, actor);
            lines.extend(action.map(|a| Line::GoesOn(describe::action(program, actor, a))));
        }
        lines.push(Line::GoesOn(describe::progress(program, &step.world, actor).to_owned()));
    }
    lines
}

/// What a return looks like; a step that returns no code may have nothing to show.
fn returned(action: Action, code: Code) -> Option<String> {
    match action {
        Action::Issue(_) | Action::Reply(..) => None,
        Action::Dispatch(_) if code == Code::S_OK => None,
        Action::Dispatch(_) => Some("skipped".to_owned()),
        Action::Sleep(_) => Some("over".to_owned()),
        _ => Some(action.code_name(code)),
    }
}

/// The lane that the step of this actor concerns, if that is another one.
pub(crate) fn towards(program: &Program, before: &World, actor: ActorId) -> Option<usize> {
    if matches!(before.actor(actor).phase, Phase::Returning(_)) {
        return None;
    }
    let held = |object: calloff_protocol::history::ObjectId| before.actor(actor).objects[object.0 as usize];
    let other = match before.action(program, actor)? {
        Action::Issue(call) => {
            let enters = |lane: &calloff_protocol::program::Lane| {
                lane.instructions.iter().any(|i| i.action == Action::Dispatch(call))
            };
            return program.lanes.iter().position(enters).filter(|lane| *lane != actor.0 as usize);
        }
        Action::Reply(call, _) => Some(program.caller(call)),
        Action::GetCancelObject(thread, _) | Action::CancelThread(thread, _) => Some(thread),
        Action::CancelObject(object, _) | Action::TestCancelObject(object) => {
            held(object).map(|call| program.caller(call))
        }
        _ => None,
    };
    other.filter(|other| *other != actor).map(|other| other.0 as usize)
}

/// Who can never go on, at the end of a trace in which nothing more can happen.
fn stuck(program: &Program, trace: &Trace) -> Vec<String> {
    let Some(last) = trace.steps.last() else { return Vec::new() };
    let wait = |(actor, action): &(ActorId, Action)| {
        let name = text::printable(program.actor_name(*actor));
        format!("{name} {}", describe::wait(program, &last.world, *actor, *action))
    };
    if last.is_at_rest { last.blocked.iter().map(wait).collect() } else { Vec::new() }
}
