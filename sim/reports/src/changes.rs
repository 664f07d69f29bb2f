//! Describes what a step changed in the machines.

use calloff_model::{Call, Code, Machine, Request, Server, Settled};
use calloff_protocol::history::{Action, ActorId};
use calloff_protocol::program::Program;
use calloff_protocol::text::printable;
use calloff_protocol::world::World;

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
        changes.extend(told_otherwise(program, thread, before, after));
    }
    for event in program.event_ids() {
        let is_set = [before, after].map(|world| world.shared().is_set(event));
        if is_set[0] != is_set[1] {
            let becomes = if is_set[1] { "set" } else { "not set" };
            changes.push(format!("{}: {becomes}", program.event_name(event)));
        }
    }
    for lock in program.lock_ids() {
        let owners = [before, after].map(|world| world.shared().owner(lock));
        if owners[0] != owners[1] {
            let owner = owners[1].map_or("nobody", |owner| program.actor_name(owner));
            changes.push(format!("{}: owned by {owner}", program.lock_name(lock)));
        }
    }
    changes.iter().map(|change| printable(change)).collect()
}

fn calls(program: &Program, old: &Machine, new: &Machine) -> Vec<String> {
    let mut changes = Vec::new();
    let instances = |machine: &Machine, name| {
        machine.calls().filter(|(id, _)| program.named(*id) == name).count()
    };
    for (id, call) in new.calls() {
        let base = program.named(id);
        if instances(old, base) > instances(new, base) {
            // One of them is no part of the state any more, and the others have new numbers.
            continue;
        }
        let name = program.call_name(id);
        match old.call(id) {
            None => {
                let cancelable = if call.cancelable_at_issue { "enabled" } else { "disabled" };
                changes.push(format!("{name}: issued with cancellation {cancelable}"));
            }
            Some(known) => {
                let parts = parts(program, known).into_iter().zip(parts(program, call));
                let changed = parts.filter(|((_, old), (_, new))| old != new);
                changes.extend(
                    changed.map(|((part, old), (_, new))| format!("{name}: {part} {old} → {new}")),
                );
            }
        }
    }
    changes
}

/// Reports a caller that returned from a call with another code than the call's own: a bug did
/// that, and the machine's state does not show it.
fn told_otherwise(
    program: &Program,
    caller: ActorId,
    before: &World,
    after: &World,
) -> Option<String> {
    let Some(Action::Await(call)) = before.action(program, caller) else { return None };
    let (_, told) = after.actor(caller).codes.changed_since(&before.actor(caller).codes)?;
    let call_after = after.subject(caller).machine().call(call)?;
    let result = match (call_after.settled, call_after.server) {
        (Settled::Completed, Server::Replied(code)) => code,
        (Settled::Canceled, _) => Code::RPC_E_CALL_CANCELED,
        _ => return None,
    };
    let name = program.call_name(call);
    (told != result).then(|| format!("{name}: its caller is told {told} all the same"))
}

fn parts(program: &Program, call: &Call) -> [(&'static str, String); 3] {
    let request = match call.request {
        Request::None => "none".to_owned(),
        Request::Open { deadline: Some(deadline) } => {
            format!("open until {}", program.time(deadline))
        }
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
