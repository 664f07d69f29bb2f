//! One atomic step of an actor, as a function of the parts of the world that it looks at: the
//! actor's own state, the machine of one thread, and what actors share besides.
//!
//! [`World`](super::World) takes a step in a whole world. The search keeps the parts of its worlds
//! by number, and remembers what a step does to each combination of them. Both come here, so that
//! what a step is stands in one place.

use calloff_model::{
    CallId, Code, CustomId, HeldObject, Machine, Op, Poll, Server, Settled, Stage, Ticks,
};

use super::actor::{ActorState, Phase};
use super::machine::ThreadMachine;
use super::shared::{Beside, Shared};
use super::{Attempt, Effect, Refused};
use crate::history::{Action, ActorId, ObjectId, What};
use crate::program::Program;

/// The way in which an actor at a wait gives it up.
pub(crate) const GIVE_UP: usize = 1;
/// The first of the ways in which an actor at a wait begins a handler.
const SERVE: usize = 2;

/// The parts of a world that a step may look at.
#[derive(Clone, Copy)]
pub(crate) struct View<'v, M> {
    /// The program.
    pub(crate) program: &'v Program,
    /// Gives the machine of a thread; it is asked for that of the operation's thread only.
    pub(crate) machine: M,
    /// What actors share besides.
    pub(crate) shared: &'v Shared,
    /// The time.
    pub(crate) now: Ticks,
}

/// The operation that the actor is in, or would start next; `None` if it has finished. A call that
/// is issued again and again stands for its instances.
pub(crate) fn action(program: &Program, actor: ActorId, state: &ActorState) -> Option<Action> {
    Some(state.served(program, state.instruction(program, actor)?.action))
}

/// The same, with the instance that it is about, if there is one.
pub(crate) fn action_now<'m>(
    program: &Program,
    actor: ActorId,
    state: &ActorState,
    machine: impl FnOnce(ActorId) -> &'m ThreadMachine,
) -> Option<Action> {
    let action = action(program, actor, state)?;
    let thread = thread(program, actor, state, action);
    Some(instance(program, action, machine(thread).machine()).unwrap_or(action))
}

/// The action, with the instance that it is about; `None` if there is none yet, or none any more.
fn instance(program: &Program, action: Action, machine: &Machine) -> Option<Action> {
    if !program.is_client {
        return Some(action);
    }
    let instances =
        |name: CallId| machine.calls().filter(move |(id, _)| program.named(*id) == name);
    Some(match action {
        Action::Issue(name) if program.repeats(name) => {
            let before = u32::try_from(instances(name).count()).expect("so many fit in no memory");
            Action::Issue(program.instance(name, before))
        }
        Action::Await(name) => {
            let mut pending = instances(name).filter(|(_, call)| call.settled == Settled::No);
            Action::Await(pending.next_back()?.0)
        }
        Action::Dispatch(name) => {
            let mut idle = instances(name).filter(|(_, call)| call.server == Server::Idle);
            Action::Dispatch(idle.next()?.0)
        }
        other => other,
    })
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
        Action::Dispatch(call) | Action::Reply(call, _) => program.caller(call),
        Action::TestCancel(serving) => caller(serving),
        Action::TestCancelObject(object) | Action::CancelObject(object, _) => {
            match state.objects[object.0 as usize] {
                Some(HeldObject::Call(call)) => program.caller(call),
                _ => actor,
            }
        }
        Action::GetCancelObject(thread, _) | Action::CancelThread(thread, _) => thread,
        _ => actor,
    }
}

/// In how many ways the actor may be able to step; see [`attempt`].
pub(crate) fn ways(program: &Program, actor: ActorId, state: &ActorState) -> usize {
    match (state.phase, state.instruction(program, actor)) {
        (Phase::Custom(object), _) => program.customs[object.0 as usize].returns.len(),
        (_, Some(wait)) if !wait.handlers.is_empty() => SERVE + wait.handlers.len(),
        (_, Some(wait)) if wait.has_filter => SERVE,
        _ => 1,
    }
}

/// What the actor's next step would do, without taking it. There may be several ways: the `Cancel`
/// of a custom object returns one of its codes; an actor at a wait picks the result up, or its
/// message filter gives up, or a handler begins, in this order.
///
/// # Errors
///
/// Why it cannot step so now.
pub(crate) fn attempt<'m>(
    view: View<'_, impl FnOnce(ActorId) -> &'m ThreadMachine>,
    actor: ActorId,
    state: &ActorState,
    way: usize,
) -> Result<Attempt, Refused> {
    let View { program, now, .. } = view;
    let instruction = state.instruction(program, actor).ok_or(Refused::Finished)?;
    let at_wait = matches!(instruction.action, Action::Await(_));
    if at_wait && way >= SERVE {
        let mut begun = Box::new(state.clone());
        begun.serve(&program.lanes[actor.0 as usize], instruction.handlers[way - SERVE]);
        let attempt = attempt(view, actor, &begun, 0)?;
        return Ok(Attempt { begun: Some(begun), ..attempt });
    }
    let mut action = state.served(program, instruction.action);
    let of = |action, effect| Ok(Attempt { actor, action, effect, begun: None });
    match (state.phase, action) {
        (Phase::Returning(code, _), _) => return of(action, Effect::Finish(code)),
        (Phase::Custom(object), _) => {
            let code = program.customs[object.0 as usize].returns[way];
            let thread = thread(program, actor, state, action);
            return of(action, Effect::Finish((view.machine)(thread).passes_on(code)));
        }
        (Phase::Before, Action::Sleep(ticks)) => {
            return of(action, Effect::Arm(Ticks(now.0.saturating_add(ticks))));
        }
        (Phase::Sleeping(until), Action::Sleep(_)) if until > now => {
            return Err(Refused::Blocked { deadline: Some(until) });
        }
        (Phase::Sleeping(_), Action::Sleep(_)) => return of(action, Effect::Finish(Code::S_OK)),
        (Phase::Before, Action::Reply(..)) if program.is_client && state.serving.is_empty() => {
            return of(action, Effect::Finish(Code::E_UNEXPECTED));
        }
        (Phase::Before, Action::TestCancelObject(object))
            if matches!(state.objects[object.0 as usize], Some(HeldObject::Custom(_))) =>
        {
            return of(action, Effect::Finish(Code::E_NOTIMPL));
        }
        _ => {}
    }
    if let Some(effect) = beside(view.shared, program, actor, state, action, now) {
        return of(action, effect?);
    }
    let thread = thread(program, actor, state, action);
    let known = (view.machine)(thread);
    let mut op = match state.phase {
        Phase::Inside(op) => op,
        _ => {
            let none = Refused::Blocked { deadline: None };
            action = instance(program, action, known.machine()).ok_or(none)?;
            if let (GIVE_UP, Action::Await(call)) = (way, action) {
                if !instruction.has_filter {
                    return Err(none);
                }
                action = Action::GiveUp(call);
            }
            op_of(program, state, action)
        }
    };
    let mut machine = known.clone();
    if let Action::Issue(call) = action
        && program.repeats(call)
    {
        machine.abandon(|older| program.named(older) == program.named(call));
    }
    match machine.poll(&mut op, now) {
        Poll::Pending { deadline } => Err(Refused::Blocked { deadline }),
        poll => {
            let machine = Box::new(machine);
            of(about(action, op), Effect::Polled { thread, machine, op, poll })
        }
    }
}

/// The action, with the instance that the operation was about in the end.
fn about(action: Action, op: Op) -> Action {
    match (action, op) {
        (Action::Dispatch(_), Op::Dispatch { call }) => Action::Dispatch(call),
        (Action::Await(_), Op::Await { call }) => Action::Await(call),
        (Action::GiveUp(_), Op::GiveUp { call }) => Action::GiveUp(call),
        _ => action,
    }
}

/// What an operation does that touches no machine; `None` for one that does.
fn beside(
    shared: &Shared,
    program: &Program,
    actor: ActorId,
    state: &ActorState,
    action: Action,
    now: Ticks,
) -> Option<Result<Effect, Refused>> {
    let until = match state.phase {
        Phase::Sleeping(until) => Some(until),
        _ => None,
    };
    Some(match shared.step(program, (actor, state.last), action, until, now)? {
        Beside::Changed(shared, code) => Ok(Effect::Shared { shared, code }),
        Beside::Same(code) => Ok(Effect::Finish(code)),
        Beside::Blocked(deadline) => Err(Refused::Blocked { deadline }),
        Beside::Arm(until) => Ok(Effect::Arm(until)),
    })
}

/// What a step changes besides the actor's state.
#[derive(Default)]
pub(crate) struct Changes {
    /// The machine that has changed, with its thread.
    pub(crate) machine: Option<(ActorId, ThreadMachine)>,
    /// What actors share besides, if it has changed.
    pub(crate) shared: Option<Shared>,
}

/// Takes a step that [`attempt`] has found possible in this very state: changes the state, and
/// tells `happened` each event.
pub(crate) fn take(
    program: &Program,
    attempt: Attempt,
    state: &mut ActorState,
    mut happened: impl FnMut(What),
) -> Changes {
    let Attempt { actor, action, effect, begun, .. } = attempt;
    let lane = &program.lanes[actor.0 as usize];
    if let Some(begun) = begun {
        *state = *begun;
        happened(What::Serves(actor, state.innermost_wait(lane).expect("a handler begins")));
    }
    let was = state.phase;
    if was == Phase::Before {
        happened(What::Invoke(actor, action));
    }
    let mut changes = Changes::default();
    let mut passed = None;
    let code = match effect {
        Effect::Arm(until) => {
            state.phase = Phase::Sleeping(until);
            None
        }
        Effect::Finish(code) => Some(code),
        Effect::Shared { shared, code } => {
            changes.shared = Some(shared);
            Some(code)
        }
        Effect::Polled { thread, machine, op, poll } => {
            changes.machine = Some((thread, *machine));
            passed = custom(op);
            polled(program, state, action, op, poll)
        }
    };
    if let Some(object) = passed {
        happened(What::Passed(actor, action, object));
    }
    match (code, passed) {
        (None, None) => {}
        (None, Some(object)) => state.run(lane, object),
        (Some(code), _) => {
            match (was, passed) {
                (Phase::Custom(object), _) | (_, Some(object)) => {
                    happened(What::PassedBack(actor, action, object, code));
                }
                _ => happened(What::Return(actor, action, code)),
            }
            let instruction = &lane.instructions[state.at as usize];
            let (handlers, wait) = (state.handlers(), state.innermost_wait(lane));
            state.finish(lane, instruction, action, code);
            if state.handlers() < handlers {
                happened(What::Served(actor, wait.expect("a handler was running")));
            }
        }
    }
    changes
}

/// The custom cancel object that the operation has found.
fn custom(op: Op) -> Option<CustomId> {
    match op {
        Op::Cancel { stage: Stage::Custom(object), .. }
        | Op::GetCancelObject { got: Some(HeldObject::Custom(object)) } => Some(object),
        _ => None,
    }
}

/// Notes what the machine said; the code, if the operation returns now.
fn polled(
    program: &Program,
    state: &mut ActorState,
    action: Action,
    op: Op,
    poll: Poll,
) -> Option<Code> {
    match (poll, op) {
        // An accepted `Cancel` has released the caller; its own return is a later step.
        (Poll::Ready(Code::S_OK), Op::Cancel { .. }) => {
            let call = op.call().filter(|call| program.repeats(*call));
            state.phase = Phase::Returning(Code::S_OK, call);
            return None;
        }
        (Poll::Ready(_), Op::GetCancelObject { got: Some(object) }) => state.keep(action, object),
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

fn op_of(program: &Program, state: &ActorState, action: Action) -> Op {
    let held = |object: ObjectId| match state.objects[object.0 as usize] {
        Some(HeldObject::Call(call)) => Some(call),
        _ => None,
    };
    match action {
        Action::Enable => Op::Enable,
        Action::Disable => Op::Disable,
        Action::Issue(call) => Op::Issue { call },
        Action::Await(call) => Op::Await { call },
        Action::GiveUp(call) => Op::GiveUp { call },
        Action::Dispatch(call) => Op::Dispatch { call },
        Action::Reply(call, code) => Op::Reply { call, code },
        Action::TestCancel(serving) => Op::TestCancel { serving },
        Action::TestCancelObject(object) => Op::TestCancelObject { object: held(object) },
        Action::GetCancelObject(..) => Op::GetCancelObject { got: None },
        Action::CancelThread(_, window) => Op::cancel_thread(window),
        Action::CancelObject(object, window) => Op::cancel_object(held(object), window),
        Action::SetCancelObject(object) => {
            let has_interface =
                object.is_none_or(|object| program.customs[object.0 as usize].has_interface);
            Op::SetCancelObject { object, has_interface }
        }
        Action::Sleep(_)
        | Action::Set(_)
        | Action::Reset(_)
        | Action::Wait(..)
        | Action::Join(..)
        | Action::Lock(_)
        | Action::Unlock(_)
        | Action::Look(_) => unreachable!("the machine has no part in it"),
    }
}
