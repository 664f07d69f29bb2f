//! What the actors of a client program share besides the implementation: events, locks, who has
//! finished, and which calls wait to be dispatched. All of it is behind one lock of the runtime;
//! whoever waits for an event, a lock, an actor or a call waits on a condition variable of its own.

use std::collections::VecDeque;
use std::sync::Arc;

use calloff_model::{CallId, Code, Runtime, Ticks};
use calloff_protocol::history::{Action, ActorId};
use calloff_protocol::program::Program;
use calloff_protocol::world::{Beside, Shared};

use crate::runtime::Host;

/// See the module documentation.
pub struct Commons<R: Runtime> {
    state: R::Mutex<State>,
    events: Vec<R::Condvar>,
    locks: Vec<R::Condvar>,
    actors: Vec<R::Condvar>,
    calls: Vec<R::Condvar>,
    never: R::Condvar,
}

#[derive(Hash)]
struct State {
    shared: Shared,
    /// For each call, its instances that were issued, and that no server side has begun to enter.
    idle: Vec<VecDeque<CallId>>,
    /// The instances that each actor refers to.
    held: Vec<Vec<CallId>>,
}

impl State {
    fn is_free(&self, call: CallId) -> bool {
        let idle = self.idle.iter().flatten();
        !idle.chain(self.held.iter().flatten()).any(|known| *known == call)
    }
}

impl<R: Host> Commons<R> {
    /// What they share when nothing has happened yet, if the program is a client program.
    pub fn of(runtime: &R, program: &Program) -> Option<Arc<Commons<R>>> {
        program.is_client.then(|| Arc::new(Commons::new(runtime, program)))
    }

    fn new(runtime: &R, program: &Program) -> Commons<R> {
        let condvars = |count: usize| (0..count).map(|_| runtime.condvar()).collect();
        let state = State {
            shared: Shared::new(program),
            idle: vec![VecDeque::new(); program.calls.len()],
            held: vec![Vec::new(); program.lanes.len()],
        };
        Commons {
            state: runtime.mutex(state),
            events: condvars(program.events.len()),
            locks: condvars(program.locks.len()),
            actors: condvars(program.lanes.len()),
            calls: condvars(program.calls.len()),
            never: runtime.condvar(),
        }
    }

    /// Takes a step that concerns nothing else; `last` is the code that the actor's steps have
    /// returned last.
    pub(super) fn step(
        &self,
        runtime: &R,
        program: &Program,
        (actor, last): (ActorId, Option<Code>),
        action: Action,
    ) -> Code {
        let waits_on = match action {
            Action::Wait(event, _) => &self.events[event.0 as usize],
            Action::Join(other, _) => &self.actors[other.0 as usize],
            Action::Lock(lock) => &self.locks[lock.0 as usize],
            _ => &self.never,
        };
        let is_timed = matches!(action, Action::Wait(_, Some(_)) | Action::Join(_, Some(_)));
        let mut until = None;
        let time = || if is_timed { runtime.now() } else { Ticks::default() };
        let mut state = runtime.lock(&self.state);
        let mut now = time();
        loop {
            let step = state.shared.step(program, (actor, last), action, until, now);
            match step.expect("it is a step of this kind") {
                Beside::Changed(shared, code) => {
                    state.shared = shared;
                    match action {
                        Action::Set(event) => runtime.notify_all(&self.events[event.0 as usize]),
                        Action::Unlock(lock) => runtime.notify_all(&self.locks[lock.0 as usize]),
                        _ => {}
                    }
                    return code;
                }
                Beside::Same(code) => return code,
                Beside::Arm(at) => until = Some(at),
                Beside::Blocked(deadline) => {
                    runtime.knows_only(&until);
                    state = runtime.wait(waits_on, state, deadline);
                    now = time();
                }
            }
        }
    }

    /// The ids that a new instance of the call may have, of which at most one for each other actor
    /// is still in use. The instances before it that are settled, and that no server side has begun
    /// to enter, are dropped; `pending` are those that are not settled.
    pub(super) fn ids(
        &self,
        runtime: &R,
        program: &Program,
        name: CallId,
        pending: &[CallId],
    ) -> Vec<CallId> {
        let mut state = runtime.lock(&self.state);
        state.idle[name.0 as usize].retain(|call| pending.contains(call));
        let ids = (0..).map(|before| program.instance(name, before));
        ids.filter(|call| state.is_free(*call)).take(program.lanes.len() + 1).collect()
    }

    /// The call was issued, by an actor that refers to these.
    pub(super) fn issued(
        &self,
        runtime: &R,
        (actor, call, name): (ActorId, CallId, CallId),
        held: &[CallId],
    ) {
        runtime.join_next();
        let mut state = runtime.lock(&self.state);
        state.idle[name.0 as usize].push_back(call);
        state.held[actor.0 as usize] = held.to_vec();
        runtime.notify_all(&self.calls[name.0 as usize]);
    }

    /// Waits until an instance of the call is there to be dispatched: the oldest one, to which the
    /// actor refers from now on, besides these.
    pub(super) fn next(
        &self,
        runtime: &R,
        (actor, name): (ActorId, CallId),
        held: &[CallId],
    ) -> CallId {
        let mut state = runtime.lock(&self.state);
        loop {
            if let Some(call) = state.idle[name.0 as usize].pop_front() {
                let own = &mut state.held[actor.0 as usize];
                *own = held.to_vec();
                own.push(call);
                return call;
            }
            runtime.knows_only(&());
            state = runtime.wait(&self.calls[name.0 as usize], state, None);
        }
    }

    /// Which of these calls have an instance that waits to be dispatched.
    pub(super) fn ready(&self, runtime: &R, names: &[CallId]) -> Vec<bool> {
        let state = runtime.lock(&self.state);
        names.iter().map(|name| !state.idle[name.0 as usize].is_empty()).collect()
    }

    /// The same as [`next`](Commons::next) in the step that the actor is in; `None` if there is no
    /// such instance any more.
    pub(super) fn next_now(
        &self,
        runtime: &R,
        (actor, name): (ActorId, CallId),
        held: &[CallId],
    ) -> Option<CallId> {
        runtime.join_next();
        let mut state = runtime.lock(&self.state);
        let call = state.idle[name.0 as usize].pop_front()?;
        let own = &mut state.held[actor.0 as usize];
        *own = held.to_vec();
        own.push(call);
        Some(call)
    }

    /// The actor refers to these instances, and to no others any more.
    pub(super) fn hold(&self, runtime: &R, actor: ActorId, held: &[CallId]) {
        runtime.join_next();
        runtime.lock(&self.state).held[actor.0 as usize] = held.to_vec();
    }

    /// Waits for something that never comes.
    pub(super) fn wait_for_ever(&self, runtime: &R) -> ! {
        let mut state = runtime.lock(&self.state);
        loop {
            runtime.knows_only(&());
            state = runtime.wait(&self.never, state, None);
        }
    }

    /// The actor has finished, in the step that it is in or, if it is not `joined`, in one of its
    /// own.
    pub(super) fn finish(&self, runtime: &R, actor: ActorId, joined: bool) {
        if joined {
            runtime.join_next();
        }
        let mut state = runtime.lock(&self.state);
        state.shared.finish(actor);
        state.held[actor.0 as usize].clear();
        runtime.notify_all(&self.actors[actor.0 as usize]);
    }
}
