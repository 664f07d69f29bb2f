//! One actor of a program on a thread of its own.

use std::sync::Arc;

use calloff_model::{CallId, Code, CustomId, HeldObject, ThreadId, Ticks, Topmost};
use calloff_protocol::digest::fingerprint;
use calloff_protocol::history::{Action, ActorId, ObjectId};
use calloff_protocol::program::{Lane, Program};
use calloff_protocol::world::{ActorState, Phase};

use super::{Commons, Finished, Implementation, Record};
use crate::runtime::Host;

/// One actor of a program, on a thread of its own.
pub struct Driver<R: Host, I: Implementation<R>> {
    /// The program.
    pub program: Arc<Program>,
    /// The actor.
    pub actor: ActorId,
    /// The runtime.
    pub runtime: R,
    /// The implementation under test.
    pub subject: Arc<I>,
    /// What the actors share besides, if the program is a client program.
    pub commons: Option<Arc<Commons<R>>>,
    /// Where the actor's results are recorded.
    pub record: Record,
}

/// An actor between two of its steps.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Between {
    /// The instruction that comes next.
    pub at: u32,
    /// A fingerprint of its local state.
    pub knowledge: u128,
    /// By the last step it has taken a lock, or got through a wait.
    pub passes: bool,
}

/// What an actor holds between its steps. Its fingerprint is the local state.
#[derive(Hash)]
pub(super) struct Held<O> {
    pub(super) state: ActorState,
    objects: Vec<Option<O>>,
    /// The calls that it has issued and that are not settled.
    pub(super) pending: Vec<CallId>,
    /// The calls that it has said it refers to.
    pub(super) told: Vec<CallId>,
}

/// How a step ended.
pub(super) enum Taken {
    /// It has returned this code; the action says which call it was about.
    Returned(Action, Code),
    /// It has come to a custom cancel object, whose `Cancel` is called next.
    Passed(CustomId),
    /// A handler has begun, and has dispatched this call, or was skipped.
    Began(u32, CallId, bool),
}

impl<R: Host, I: Implementation<R>> Driver<R, I> {
    /// Takes all steps of the actor. `between` is told before each step, and at the end, where it
    /// gets `None`.
    pub fn run(&self, between: impl Fn(Option<Between>)) {
        let lane = self.lane();
        let mut held = Held {
            state: ActorState::new(lane),
            objects: vec![None; lane.objects.len()],
            pending: Vec::new(),
            told: Vec::new(),
        };
        let tell = |held: &Held<I::Object>, passes| {
            between(Some(Between { at: held.state.at, knowledge: fingerprint(held), passes }));
        };
        tell(&held, false);
        while held.state.instruction(&self.program, self.actor).is_some() {
            let passes = self.step(&mut held);
            tell(&held, passes);
        }
        self.record.finish(self.actor);
        between(None);
    }

    pub(super) fn lane(&self) -> &Lane {
        &self.program.lanes[self.actor.0 as usize]
    }

    pub(super) fn commons(&self) -> &Commons<R> {
        self.commons.as_ref().expect("a client program has them")
    }

    /// Takes one step; whether the actor has taken a lock by it, or got through a wait.
    fn step(&self, held: &mut Held<I::Object>) -> bool {
        let (lane, at) = (self.lane(), held.state.at);
        let instruction = &lane.instructions[at as usize];
        if self.program.is_client && !self.uses_runtime(held) {
            // Else a loop of such steps would leave nobody else a turn.
            self.runtime.pick(1);
        }
        match self.take(held.state.served(&self.program, instruction.action), held) {
            Taken::Passed(object) => held.state.run(lane, object),
            Taken::Began(handler, call, has_entered) => {
                held.state.serve(lane, handler);
                let at = held.state.at;
                let dispatch = &lane.instructions[at as usize];
                let code = if has_entered { Code::S_OK } else { Code::RPC_E_CALL_CANCELED };
                held.state.finish(lane, dispatch, Action::Dispatch(call), code);
                self.tell(held, true);
                let step = Finished { actor: self.actor, at, code: None };
                self.record.stepped(step, None, held.state.at);
            }
            Taken::Returned(action, code) => {
                held.state.finish(lane, instruction, action, code);
                // The machine takes such a step apart: the code is returned in one of its own.
                let returns_later = code == Code::S_OK
                    && matches!(action, Action::CancelThread(..) | Action::CancelObject(..));
                self.tell(held, !returns_later);
                let step =
                    Finished { actor: self.actor, at, code: instruction.code.and(Some(code)) };
                self.record.stepped(step, instruction.code, held.state.at);
                return match action {
                    Action::Lock(_) | Action::Wait(..) | Action::Join(..) => code == Code::S_OK,
                    Action::Await(_) => true,
                    _ => false,
                };
            }
        }
        false
    }

    /// Whether the next step uses the runtime.
    fn uses_runtime(&self, held: &Held<I::Object>) -> bool {
        let state = &held.state;
        let action = state.instruction(&self.program, self.actor).map(|i| i.action);
        match action {
            // Its code is picked.
            _ if matches!(state.phase, Phase::Custom(_)) => true,
            Some(Action::TestCancelObject(object) | Action::CancelObject(object, _)) => {
                held.objects[object.0 as usize].is_some()
            }
            Some(Action::Reply(..) | Action::TestCancel(_)) => !state.serving.is_empty(),
            _ => true,
        }
    }

    /// Tells others which calls the actor refers to, and whether it has finished.
    fn tell(&self, held: &mut Held<I::Object>, joined: bool) {
        let Some(commons) = &self.commons else { return };
        let refers_to = held.refers_to::<R, I>();
        if self.program.has_instances() && held.told != refers_to {
            commons.hold(&self.runtime, self.actor, &refers_to);
            held.told = refers_to;
        }
        if held.state.instruction(&self.program, self.actor).is_none() {
            commons.finish(&self.runtime, self.actor, joined);
        }
    }

    /// Takes one step.
    fn take(&self, action: Action, held: &mut Held<I::Object>) -> Taken {
        if let Phase::Custom(object) = held.state.phase {
            let returns = &self.program.customs[object.0 as usize].returns;
            return Taken::Returned(action, returns[self.runtime.pick(returns.len())]);
        }
        let (me, subject) = (ThreadId(self.actor.0), &*self.subject);
        let thread = |call| ThreadId(self.program.caller(call).0);
        let is_client = self.program.is_client;
        let (mut about, mut code) = (action, Code::S_OK);
        match action {
            Action::Enable => code = subject.enable(me),
            Action::Disable => code = subject.disable(me),
            Action::Issue(call) => self.issue(call, held),
            Action::Await(name) => match self.await_call(name, held) {
                Ok(result) => code = result,
                Err(begun) => return begun,
            },
            Action::Dispatch(name) => {
                let (call, has_entered) = self.dispatch(name, held);
                about = Action::Dispatch(call);
                code = if has_entered { Code::S_OK } else { Code::RPC_E_CALL_CANCELED };
            }
            Action::Reply(..) if is_client && held.state.serving.is_empty() => {
                code = Code::E_UNEXPECTED;
            }
            Action::Reply(call, answer) => subject.reply(thread(call), call, answer),
            Action::TestCancel(serving) => {
                let test = |call| subject.test_cancel(thread(call), call);
                code = serving.map_or(Code::RPC_E_CALL_COMPLETE, test);
            }
            Action::TestCancelObject(object) => code = self.test(object, held),
            Action::GetCancelObject(of, object) => code = self.get(ThreadId(of.0), object, held),
            Action::CancelThread(of, window) => {
                match subject.cancel_topmost(ThreadId(of.0), window) {
                    Ok(returned) => code = returned,
                    Err(object) => return Taken::Passed(object),
                }
            }
            Action::CancelObject(object, window) => {
                let cancel = |object| subject.cancel(object, window);
                let object = held.objects[object.0 as usize].as_ref();
                code = object.map_or(Code::E_NOINTERFACE, cancel);
            }
            Action::SetCancelObject(object) => {
                let of = |object: CustomId| &self.program.customs[object.0 as usize];
                let has_interface = object.is_none_or(|object| of(object).has_interface);
                code = subject.set_cancel_object(me, object, has_interface);
            }
            Action::Sleep(ticks) => {
                let until = self.runtime.now().0.saturating_add(ticks);
                self.runtime.sleep_until(Ticks(until));
            }
            Action::GiveUp(_) => unreachable!("a wait gives up, no step of its own does"),
            _ => {
                let who = (self.actor, held.state.last);
                code = self.commons().step(&self.runtime, &self.program, who, action);
            }
        }
        Taken::Returned(about, code)
    }

    fn test(&self, object: ObjectId, held: &Held<I::Object>) -> Code {
        match (&held.objects[object.0 as usize], held.state.objects[object.0 as usize]) {
            (_, Some(HeldObject::Custom(_))) => Code::E_NOTIMPL,
            (Some(object), _) => self.subject.test_cancel_object(object),
            (None, _) => Code::E_NOINTERFACE,
        }
    }

    fn get(&self, of: ThreadId, object: ObjectId, held: &mut Held<I::Object>) -> Code {
        let at = object.0 as usize;
        match self.subject.topmost(of) {
            Ok(Topmost::Call(got)) => {
                (held.objects[at], held.state.objects[at]) = (Some(got), None);
                Code::S_OK
            }
            Ok(Topmost::Custom(custom)) => {
                let custom = Some(HeldObject::Custom(custom));
                (held.objects[at], held.state.objects[at]) = (None, custom);
                Code::S_OK
            }
            Err(code) => code,
        }
    }
}

impl<O> Held<O> {
    /// The calls that the actor refers to.
    pub(super) fn refers_to<R: Host, I: Implementation<R, Object = O>>(&self) -> Vec<CallId> {
        let objects = self.objects.iter().flatten().filter_map(I::call_of);
        let own = self.pending.iter().chain(&self.state.serving).copied();
        own.chain(objects).collect()
    }
}
