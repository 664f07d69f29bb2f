//! What a step changed in the machines, in words.

use calloff_model::{Call, Machine, Request, Server, Settled};

use super::describe::printable;
use crate::program::Program;
use crate::world::World;

/// Each change from one world to the next one, in thread order.
pub fn between(program: &Program, before: &World, after: &World) -> Vec<String> {
    let mut changes = Vec::new();
    for thread in program.actors() {
        let name = program.actor_name(thread);
        let (old, new) = (before.subject(thread).machine(), after.subject(thread).machine());
        if old.depth() != new.depth() {
            changes.push(format!("{name}: depth {} → {}", old.depth(), new.depth()));
        }
        changes.extend(calls(program, old, new));
    }
    changes.iter().map(|change| printable(change)).collect()
}

fn calls(program: &Program, old: &Machine, new: &Machine) -> Vec<String> {
    let mut changes = Vec::new();
    for (id, call) in new.calls() {
        let name = program.call_name(id);
        match old.call(id) {
            None => {
                let cancelable = if call.cancelable_at_issue { "enabled" } else { "disabled" };
                changes.push(format!("{name}: issued with cancellation {cancelable}"));
            }
            Some(known) => {
                let parts = parts(known).into_iter().zip(parts(call));
                let changed = parts.filter(|((_, old), (_, new))| old != new);
                changes.extend(
                    changed.map(|((part, old), (_, new))| format!("{name}: {part} {old} → {new}")),
                );
            }
        }
    }
    changes
}

fn parts(call: &Call) -> [(&'static str, String); 3] {
    let request = match call.request {
        Request::None => "none".to_owned(),
        Request::Open { deadline: Some(deadline) } => format!("open until {deadline}"),
        Request::Open { deadline: None } => "open without end".to_owned(),
        Request::Expired => "expired".to_owned(),
    };
    let server = match call.server {
        Server::Idle => "not dispatched".to_owned(),
        Server::Running => "running".to_owned(),
        Server::Replied(code) => format!("replied {code}"),
        Server::Skipped => "skipped".to_owned(),
    };
    let settled = match call.settled {
        Settled::No => "no",
        Settled::Completed => "completed",
        Settled::Canceled => "canceled",
    };
    [("request", request), ("server", server), ("settled", settled.to_owned())]
}
