//! Shapes: a criterion for "the same finding" that needs no understanding of the findings.

use std::fmt;

use calloff_model::{CallId, Code, Window};
use calloff_protocol::exploration::Engine;
use calloff_protocol::history::{Action, ActorId, ObjectId, What};
use calloff_protocol::judge::{self, Run, Violated, Violation};
use calloff_protocol::program::Program;
use calloff_protocol::trace;
use calloff_protocol::trace::TraceStep;
use calloff_protocol::world::Fault;

/// What is violated, and the operation at which it shows.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Shape {
    /// The violated clause, or another kind of violation.
    pub what: Violated,
    /// The engine.
    pub engine: Engine,
    /// The operations in which actors are stuck, or the last one of the schedule. For engines other
    /// than `protocol`: a general description.
    pub place: String,
}

impl Shape {
    /// The shape of a violation that a run found.
    pub(super) fn of(
        program: &Program,
        run: &Run,
        violation: &Violation,
        fault: Option<&'static Fault>,
    ) -> Shape {
        let place = match (&violation.schedule, run.engine) {
            (Some(schedule), Engine::Protocol) => {
                let trace = trace::replay(program, run.reading, fault, schedule);
                let trace = trace.expect("the engine has taken this schedule");
                trace.steps.last().map(place).unwrap_or_default()
            }
            _ => match (violation.what, violation.end_kind(run.engine)) {
                (Violated::CrossCheck, Some(kind)) => judge::gist(kind, run.engine),
                (Violated::Panic, _) => judge::PANICKED.to_owned(),
                _ => violation.message.clone(),
            },
        };
        Shape { what: violation.what, engine: run.engine, place }
    }
}

/// The place at the end of a schedule: the operations of stuck actors, or the last step.
fn place(last: &TraceStep) -> String {
    if last.is_at_rest && !last.blocked.is_empty() {
        let mut stuck: Vec<&str> = last.blocked.iter().map(|(_, action)| name(*action)).collect();
        stuck.sort_unstable();
        return format!("stuck in {}", stuck.join(", "));
    }
    let event = last.events.last().map(|event| &event.what);
    match event {
        Some(What::Invoke(_, action) | What::Return(_, action, _)) => {
            format!("at {}", name(*action))
        }
        Some(What::Clock) => "when time passes".to_owned(),
        _ => "inside an operation".to_owned(),
    }
}

/// The names of all operations.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let (thread, call, object) = (ActorId(0), CallId(0), ObjectId(0));
    let window = Window::Infinite;
    let actions = [
        Action::Enable,
        Action::Disable,
        Action::Issue(call),
        Action::Await(call),
        Action::Dispatch(call),
        Action::TestCancel(None),
        Action::TestCancelObject(object),
        Action::Reply(call, Code::S_OK),
        Action::GetCancelObject(thread, object),
        Action::CancelThread(thread, window),
        Action::CancelObject(object, window),
        Action::Sleep(0),
    ];
    actions.into_iter().map(name)
}

/// An operation's name, as scenario files spell it.
pub(super) fn name(action: Action) -> &'static str {
    match action {
        Action::Enable => "enable",
        Action::Disable => "disable",
        Action::Issue(_) => "issue",
        Action::Await(_) => "await",
        Action::Dispatch(_) => "dispatch",
        Action::TestCancel(_) => "test_cancel",
        Action::TestCancelObject(_) => "test_cancel of an object",
        Action::Reply(..) => "reply",
        Action::GetCancelObject(..) => "get_cancel_object",
        Action::CancelThread(..) => "cancel of a thread",
        Action::CancelObject(..) => "cancel of an object",
        Action::Sleep(_) => "sleep",
        Action::GiveUp(_) => "message filter",
        Action::Set(_) => "set",
        Action::Reset(_) => "reset",
        Action::Wait(..) => "wait",
        Action::Join(..) => "join",
        Action::Lock(_) => "lock",
        Action::Unlock(_) => "unlock",
        Action::Look(_) => "condition",
        Action::SetCancelObject(_) => "set_cancel_object",
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.what.id(), self.place)?;
        match self.engine {
            Engine::Protocol => Ok(()),
            engine => write!(f, " (engine {})", engine.name()),
        }
    }
}
