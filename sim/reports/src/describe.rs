//! Describes operations in the words of the scenario language, and what a waiting operation waits
//! for.

use calloff_model::{CallId, Op, Stage, Ticks, Waiter, Window};
use calloff_protocol::history::{Action, ActorId};
use calloff_protocol::program::Program;
use calloff_protocol::text::printable;
use calloff_protocol::world::{Phase, World};

/// The operation, nearly as a scenario file writes it.
pub fn action(program: &Program, actor: ActorId, action: Action) -> String {
    program.operation(actor, action)
}

/// What a blocked operation waits for.
pub fn wait(program: &Program, world: &World, actor: ActorId, action: Action) -> String {
    let until = |deadline: Option<Ticks>| match deadline {
        Some(deadline) => format!(", until {}", program.time(deadline)),
        None => String::new(),
    };
    let text = match (action, world.actor(actor).phase) {
        (Action::Await(call), _) if !is_pending(world, actor, call) => {
            format!("waits for {}, of which no call is pending", program.call_name(call))
        }
        (Action::Await(call), _) => {
            format!("waits for a reply to {}, or expiry", program.call_name(call))
        }
        (Action::Dispatch(call), _) => {
            format!("waits for {} to be issued", program.call_name(call))
        }
        (Action::Wait(event, _), phase) => {
            let name = program.event_name(event);
            format!("waits for {name} to be set{}", until(sleeping(phase)))
        }
        (Action::Join(other, _), phase) => {
            let name = program.actor_name(other);
            format!("waits for {name} to finish{}", until(sleeping(phase)))
        }
        (Action::Lock(lock), _) => {
            let owner = world.shared().owner(lock).map(|owner| program.actor_name(owner));
            let name = program.lock_name(lock);
            format!("waits for {name}, which {} holds", owner.unwrap_or("nobody"))
        }
        (_, Phase::Sleeping(deadline)) => format!("sleeps until {}", program.time(deadline)),
        (_, Phase::Inside(Op::Cancel { stage: Stage::Wait { call, deadline }, .. })) => {
            format!("waits for a reply to {}{}", program.call_name(call), until(deadline))
        }
        _ => "waits".to_owned(),
    };
    printable(&text)
}

/// Whether the actor has issued the call and not come back from it.
fn is_pending(world: &World, actor: ActorId, call: CallId) -> bool {
    world.subject(actor).machine().stack().contains(&call)
}

fn sleeping(phase: Phase) -> Option<Ticks> {
    match phase {
        Phase::Sleeping(until) => Some(until),
        _ => None,
    }
}

/// What an operation in flight has done in its last step.
pub fn progress(program: &Program, world: &World, actor: ActorId) -> &'static str {
    let is_over = world.ledger().context().reading.waiter == Waiter::Canceller
        && match world.action(program, actor) {
            Some(Action::CancelThread(_, window) | Action::CancelObject(_, window)) => {
                window != Window::Seconds(0)
            }
            _ => false,
        };
    match world.actor(actor).phase {
        Phase::Inside(Op::Cancel { stage: Stage::Request(_), .. }) => "found the call",
        Phase::Inside(Op::Cancel { stage: Stage::Wait { .. }, .. }) => "request accepted",
        Phase::Returning(..) if is_over => "its window is over",
        Phase::Returning(..) => "request accepted",
        Phase::Sleeping(_) => "begins",
        Phase::Custom(_) => "its object's steps are over",
        _ => "goes on",
    }
}
