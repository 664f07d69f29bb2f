//! One atomic step of an actor, as a function of the two parts of the world that it looks at: the
//! actor's own state, and the machine of one thread.
//!
//! [`World`](super::World) takes a step in a whole world. The search keeps the parts of its worlds
//! by number, and remembers what a step does to each pair of them. Both come here, so that what a
//! step is stands in one place.

use calloff_model::{CallId, Code, Op, Poll, Ticks};

use super::actor::{ActorState, Phase};
use super::machine::ThreadMachine;
use super::{Attempt, Effect, Refused};
use crate::history::{Action, ActorId, ObjectId, What};
use crate::program::Program;

/// The operation that the actor is in, or would start next; `None` if it has finished.
pub(crate) fn action(program: &Program, actor: ActorId, state: &ActorState) -> Option<Action> {
    Some(state.fill_in(state.instruction(program, actor)?.action))
}

/// The thread whose machine the operation belongs to.
pub(crate) fn thread(
    program: &Program,
    actor: ActorId,
    state: &ActorState,
    action: Action,
) -> ActorId {
    let caller = |call: Option<CallId>| call.map_or(actor, |call| program.caller(call));
    match action {
        Action::Enable | Action::Disable | Action::Sleep(_) => actor,
        Action::Issue(_) | Action::Await(_) => actor,
        Action::Dispatch(call) | Action::Reply(call, _) => program.caller(call),
        Action::TestCancel(serving) => caller(serving),
        Action::TestCancelObject(object) | Action::CancelObject(object, _) => {
            caller(state.objects[object.0 as usize])
        }
        Action::GetCancelObject(thread, _) | Action::CancelThread(thread, _) => thread,
    }
}

/// What the actor's next step would do, without taking it. `machine` gives the machine of a
/// thread; it is asked for that of the operation's thread only.
///
/// # Errors
///
/// Why it cannot step now.
pub(crate) fn attempt<'m>(
    program: &Program,
    actor: ActorId,
    state: &ActorState,
    machine: impl FnOnce(ActorId) -> &'m ThreadMachine,
    now: Ticks,
) -> Result<Attempt, Refused> {
    let instruction = *state.instruction(program, actor).ok_or(Refused::Finished)?;
    let action = state.fill_in(instruction.action);
    let poll = |mut op: Op| {
        let thread = thread(program, actor, state, action);
        let mut machine = machine(thread).clone();
        match machine.poll(&mut op, now) {
            Poll::Pending { deadline } => Err(Refused::Blocked { deadline }),
            poll => Ok(Effect::Polled { thread, machine: Box::new(machine), op, poll }),
        }
    };
    let effect = match (state.phase, action) {
        (Phase::Returning(code), _) => Effect::Finish(code),
        (Phase::Sleeping(until), _) if until > now => {
            return Err(Refused::Blocked { deadline: Some(until) });
        }
        (Phase::Sleeping(_), _) => Effect::Finish(Code::S_OK),
        (Phase::Before, Action::Sleep(seconds)) => Effect::Arm(now.after(seconds)),
        (Phase::Before, _) => poll(op(state, action))?,
        (Phase::Inside(op), _) => poll(op)?,
    };
    Ok(Attempt { actor, instruction, action, effect })
}

/// Takes a step that [`attempt`] has found possible in this very state: changes the state, tells
/// `happened` each event, and returns the machine that has changed, with its thread.
pub(crate) fn take(
    attempt: Attempt,
    state: &mut ActorState,
    mut happened: impl FnMut(What),
) -> Option<(ActorId, ThreadMachine)> {
    let Attempt { actor, instruction, action, effect } = attempt;
    if state.phase == Phase::Before {
        happened(What::Invoke(actor, action));
    }
    let (machine, code) = match effect {
        Effect::Arm(until) => {
            state.phase = Phase::Sleeping(until);
            (None, None)
        }
        Effect::Finish(code) => (None, Some(code)),
        Effect::Polled { thread, machine, op, poll } => {
            (Some((thread, *machine)), polled(state, action, op, poll))
        }
    };
    if let Some(code) = code {
        happened(What::Return(actor, action, code));
        state.finish(&instruction, action, code);
    }
    machine
}

/// Notes what the machine said; the code, if the operation returns now.
fn polled(state: &mut ActorState, action: Action, op: Op, poll: Poll) -> Option<Code> {
    match (poll, op) {
        // An accepted `Cancel` has released the caller; its own return is a later step.
        (Poll::Ready(Code::S_OK), Op::Cancel { .. }) => {
            state.phase = Phase::Returning(Code::S_OK);
            return None;
        }
        (Poll::Ready(_), Op::GetCancelObject { got: Some(call) }) => state.keep(action, call),
        (Poll::Ready(_), _) => {}
        (_, op) => {
            assert!(state.phase != Phase::Inside(op), "invariant 3: a step makes progress");
            state.phase = Phase::Inside(op);
        }
    }
    match poll {
        Poll::Ready(code) => Some(code),
        Poll::Advanced | Poll::Pending { .. } => None,
    }
}

fn op(state: &ActorState, action: Action) -> Op {
    let held = |object: ObjectId| state.objects[object.0 as usize];
    match action {
        Action::Enable => Op::Enable,
        Action::Disable => Op::Disable,
        Action::Issue(call) => Op::Issue { call },
        Action::Await(call) => Op::Await { call },
        Action::Dispatch(call) => Op::Dispatch { call },
        Action::Reply(call, code) => Op::Reply { call, code },
        Action::TestCancel(serving) => Op::TestCancel { serving },
        Action::TestCancelObject(object) => Op::TestCancelObject { object: held(object) },
        Action::GetCancelObject(..) => Op::GetCancelObject { got: None },
        Action::CancelThread(_, window) => Op::cancel_thread(window),
        Action::CancelObject(object, window) => Op::cancel_object(held(object), window),
        Action::Sleep(_) => unreachable!("a sleep is the clock's business, not the machine's"),
    }
}
