//! The layout of a picture of lanes: the content of each row and cell.

use calloff_model::{Code, HeldObject};
use calloff_protocol::history::{Action, ActorId, What};
use calloff_protocol::program::Program;
use calloff_protocol::text;
use calloff_protocol::trace::{Trace, TraceStep};
use calloff_protocol::world::{Phase, World};

use super::words::{BROKEN, filled};
use crate::{changes, describe};

/// The sign of an operation that continues, and the sign before a returned code.
pub(super) const GOES_ON: &str = "… ";
pub(super) const RETURNS: &str = "= ";

/// A picture of an execution: rows by columns.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Layout {
    /// The actors' names, one for each column.
    pub lanes: Vec<String>,
    /// One row for each step.
    pub rows: Vec<Row>,
    /// The actors that can never continue, and in which operation; for a trace that is at its end.
    pub stuck: Vec<String>,
    /// The sentence about the two steps whose order decides, if they were looked for.
    pub decides: Option<String>,
}

/// One step, and the state of each actor after it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// The step's number, from 1.
    pub number: usize,
    /// The column of the actor that steps; `None`: the clock advances.
    pub lane: Option<usize>,
    /// The column of the actor that the step concerns: the one that a call is for, or the target of
    /// a cancel.
    pub towards: Option<usize>,
    /// The time, after the step.
    pub time: String,
    /// One cell for each column.
    pub cells: Vec<Cell>,
    /// What the step changed in the machines.
    pub changes: Vec<String>,
    /// The clauses that it violates, and how; each one is told once.
    pub broken: Vec<String>,
    /// Whether this is one of the two steps whose order decides.
    pub mark: Option<Mark>,
}

/// One actor in one row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cell {
    /// What it did; empty in the steps of other actors.
    pub lines: Vec<Line>,
    /// Its state after the step.
    pub state: State,
}

/// One thing that an actor did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Line {
    /// It started an operation.
    Begins(String),
    /// It continued an operation, or reached this point in it.
    GoesOn(String),
    /// The operation returned this.
    Returns(String),
}

/// The state of an actor after a step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum State {
    /// It could step.
    Ready,
    /// It has to wait.
    Waits {
        /// What it waits for.
        reason: String,
        /// Whether it started to wait in this row, or now waits for something else.
        is_new: bool,
    },
    /// It has no step left.
    Finished,
}

/// Marks one of the two steps whose order decides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mark {
    /// The earlier step.
    A,
    /// The later step.
    B,
}

impl Mark {
    /// The sign of the mark in pictures.
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
    /// Creates the layout of a trace.
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
            let lane = step.choice.actor();
            rows.push(Row {
                number: index + 1,
                lane: lane.map(|actor| actor.0 as usize),
                towards: lane.and_then(|actor| towards(program, before, actor)),
                time: program.time(step.world.now()),
                cells,
                changes: changes::between(program, before, &step.world),
                broken: Vec::new(),
                mark: None,
            });
            before = &step.world;
        }
        let mut told: Vec<String> = Vec::new();
        for broken in trace.broken(program).into_iter().filter(|broken| broken.after > 0) {
            let line = line_of_broken(broken.clause.id, &broken.message);
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

/// The lines for what the actor did in this step: the operation, and its code or its progress.
pub(crate) fn acted(program: &Program, step: &TraceStep, actor: ActorId) -> Vec<Line> {
    let mut lines = Vec::new();
    if step.choice.actor() != Some(actor) {
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

/// The text of a return. A step that returns no code may have no text.
fn returned(action: Action, code: Code) -> Option<String> {
    match action {
        Action::Issue(_) | Action::Reply(..) => None,
        Action::Dispatch(_) if code == Code::S_OK => None,
        Action::Dispatch(_) => Some("skipped".to_owned()),
        Action::Sleep(_) => Some("over".to_owned()),
        Action::Set(_) | Action::Reset(_) | Action::Lock(_) => None,
        Action::Unlock(_) if code == Code::S_OK => None,
        Action::Unlock(_) => Some("not its owner".to_owned()),
        Action::Look(_) => Some(if code == Code::S_OK { "yes" } else { "no" }.to_owned()),
        _ => Some(action.code_name(code)),
    }
}

/// The lane of the other actor that this actor's step concerns, if there is one.
pub(crate) fn towards(program: &Program, before: &World, actor: ActorId) -> Option<usize> {
    if matches!(before.actor(actor).phase, Phase::Returning(..)) {
        return None;
    }
    let held = |object: calloff_protocol::history::ObjectId| {
        before.actor(actor).objects[object.0 as usize]
    };
    let other = match before.action(program, actor)? {
        Action::Issue(call) => {
            let enters = |lane: &calloff_protocol::program::Lane| {
                let dispatch = Action::Dispatch(program.named(call));
                lane.instructions.iter().any(|i| i.action == dispatch)
            };
            return program.lanes.iter().position(enters).filter(|lane| *lane != actor.0 as usize);
        }
        Action::Reply(call, _) => Some(program.caller(call)),
        Action::GetCancelObject(thread, _) | Action::CancelThread(thread, _) => Some(thread),
        Action::CancelObject(object, _) | Action::TestCancelObject(object) => match held(object) {
            Some(HeldObject::Call(call)) => Some(program.caller(call)),
            _ => None,
        },
        _ => None,
    };
    other.filter(|other| *other != actor).map(|other| other.0 as usize)
}

/// The actors that can never continue, at the end of a trace that is at rest.
fn stuck(program: &Program, trace: &Trace) -> Vec<String> {
    let wait = |world: &World, (actor, action): &(ActorId, Action)| {
        let name = text::printable(program.actor_name(*actor));
        format!("{name} {}", describe::wait(program, world, *actor, *action))
    };
    let Some(last) = trace.steps.last() else {
        let start = trace.start.successors(program);
        let is_over = start.is_end();
        return start.blocked.iter().filter(|_| is_over).map(|b| wait(&trace.start, b)).collect();
    };
    if let Some(from) = trace.comes_back().filter(|_| program.has_cycles) {
        let never = |actor: &ActorId| {
            let is_daemon = program.lanes[actor.0 as usize].is_daemon;
            !is_daemon && !last.world.shared().has_finished(*actor)
        };
        let name = |actor: ActorId| text::printable(program.actor_name(actor));
        let names: Vec<String> = program.actors().filter(never).map(name).collect();
        let steps = trace.steps.len();
        let finish = if names.len() == 1 { "finishes" } else { "finish" };
        let who = names.join(" and ");
        let repeats = match steps - from {
            1 => format!("step {steps} repeats; {who} never {finish}"),
            _ => format!("steps {} to {steps} repeat; {who} never {finish}", from + 1),
        };
        let waiting = last.blocked.iter().filter(|(actor, _)| never(actor));
        let waiting = waiting.map(|blocked| wait(&last.world, blocked));
        return std::iter::once(repeats).chain(waiting).collect();
    }
    match last.is_at_rest {
        true => last.blocked.iter().map(|blocked| wait(&last.world, blocked)).collect(),
        false => Vec::new(),
    }
}
