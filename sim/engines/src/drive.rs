//! Drives an implementation: actors on real or simulated threads take a program's steps.
//!
//! All engines that run code share this module; they differ in the [`Runtime`].

use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard};

use calloff_model::{
    CallId, CancelObject, Code, Monitor, Reading, Runtime, ThreadId, Ticks, Window,
};
use calloff_protocol::digest::fingerprint;
use calloff_protocol::history::{Action, ActorId, Outcome};
use calloff_protocol::program::{Instruction, Program};

/// An implementation of call cancellation, as the engines drive it. [`Monitor`] is one.
///
/// Each operation blocks its caller until it is over; each COM thread is a thread of its own. An
/// implementation must be deterministic: the runtime is its only source of time, locks and atomics,
/// and all state that changes is in them, or in an [`Object`](Implementation::Object). It may be
/// dropped in the middle of any operation: engines abandon executions by unwinding.
pub trait Implementation<R: Runtime>: Send + Sync + Sized + 'static {
    /// A handle on a call.
    type Object: Clone + Hash + Send + 'static;

    /// The process, before anything has happened in it.
    fn new(runtime: R, reading: Reading, process: &Process) -> Self;
    /// CoEnableCallCancellation.
    fn enable(&self, thread: ThreadId) -> Code;
    /// CoDisableCallCancellation.
    fn disable(&self, thread: ThreadId) -> Code;
    /// The thread sends an outbound call.
    fn issue(&self, thread: ThreadId, call: CallId);
    /// The thread waits for its call. Returns the call's result.
    fn await_call(&self, thread: ThreadId, call: CallId) -> Code;
    /// The server side enters a call of that thread, after it was issued; `false` if the call is
    /// skipped.
    fn dispatch(&self, thread: ThreadId, call: CallId) -> bool;
    /// The server returns from a call of that thread.
    fn reply(&self, thread: ThreadId, call: CallId, code: Code);
    /// `TestCancel` on the server side of a call of that thread.
    fn test_cancel(&self, thread: ThreadId, call: CallId) -> Code;
    /// CoGetCancelObject.
    ///
    /// # Errors
    ///
    /// The code, if there is no object.
    fn get_cancel_object(&self, thread: ThreadId) -> Result<Self::Object, Code>;
    /// `TestCancel` on a cancel object.
    fn test_cancel_object(&self, object: &Self::Object) -> Code;
    /// `Cancel` on a cancel object.
    fn cancel(&self, object: &Self::Object, window: Window) -> Code;
    /// CoCancelCall.
    fn cancel_thread(&self, thread: ThreadId, window: Window) -> Code;
}

/// An implementation that is written against any runtime, so that every engine can run it:
///
/// ```ignore
/// impl<R: Runtime> Portable for MyImplementation<R> {
///     type Under<S: Runtime> = MyImplementation<S>;
/// }
/// ```
pub trait Portable: 'static {
    /// The same implementation under that runtime.
    type Under<S: Runtime>: Implementation<S>;
}

impl<R: Runtime> Portable for Monitor<R> {
    type Under<S: Runtime> = Monitor<S>;
}

/// The COM threads and the calls of a process.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Process {
    /// The enable depth of each thread, by [`ThreadId`].
    pub depths: Vec<u32>,
    /// The thread that issues each call, by [`CallId`]. There are no other calls.
    pub callers: Vec<ThreadId>,
}

impl Process {
    /// The process of a program.
    pub fn of(program: &Program) -> Process {
        let callers = program.calls.iter().map(|call| ThreadId(call.caller.0)).collect();
        Process { depths: program.depths(), callers }
    }
}

/// Creates the implementation for one execution.
pub type Make<R, I> = Arc<dyn Fn(R, Reading, &Process) -> I + Send + Sync>;

/// Makes implementations as [`Implementation::new`] does.
pub fn make<R: Runtime, I: Implementation<R>>() -> Make<R, I> {
    Arc::new(I::new)
}

impl<R: Runtime> Implementation<R> for Monitor<R> {
    type Object = CancelObject;

    fn new(runtime: R, reading: Reading, process: &Process) -> Self {
        Monitor::new(runtime, reading, &process.depths)
    }
    fn enable(&self, thread: ThreadId) -> Code {
        self.enable(thread)
    }
    fn disable(&self, thread: ThreadId) -> Code {
        self.disable(thread)
    }
    fn issue(&self, thread: ThreadId, call: CallId) {
        self.issue(thread, call);
    }
    fn await_call(&self, thread: ThreadId, call: CallId) -> Code {
        self.await_call(thread, call)
    }
    fn dispatch(&self, thread: ThreadId, call: CallId) -> bool {
        self.dispatch(thread, call) == Code::S_OK
    }
    fn reply(&self, thread: ThreadId, call: CallId, code: Code) {
        self.reply(thread, call, code);
    }
    fn test_cancel(&self, thread: ThreadId, call: CallId) -> Code {
        self.test_cancel(thread, call)
    }
    fn get_cancel_object(&self, thread: ThreadId) -> Result<CancelObject, Code> {
        self.get_cancel_object(thread)
    }
    fn test_cancel_object(&self, object: &CancelObject) -> Code {
        self.test_cancel_object(*object)
    }
    fn cancel(&self, object: &CancelObject, window: Window) -> Code {
        self.cancel(*object, window)
    }
    fn cancel_thread(&self, thread: ThreadId, window: Window) -> Code {
        self.cancel_thread(thread, window)
    }
}

/// The results of one execution so far: written by its actors, read when it is over.
#[derive(Clone, Debug)]
pub struct Record(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    actors: Vec<ActorRecord>,
    /// The finished steps, in the order in which they finished.
    log: Vec<Finished>,
}

/// A step that an actor has finished.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Finished {
    /// The actor.
    pub actor: ActorId,
    /// The position of its instruction.
    pub at: u32,
    /// The code that it returned, if it returns one.
    pub code: Option<Code>,
}

#[derive(Clone, Debug, Default)]
struct ActorRecord {
    codes: Vec<(u32, Code)>,
    /// The instruction that the actor is in, or starts next.
    at: u32,
    is_finished: bool,
}

impl Record {
    /// The record of an execution in which nothing has happened yet.
    pub fn new(program: &Program) -> Record {
        let actors = vec![ActorRecord::default(); program.lanes.len()];
        Record(Arc::new(Mutex::new(State { actors, log: Vec::new() })))
    }

    /// The codes returned so far. Actors that have not finished count as stuck.
    pub fn outcome(&self) -> Outcome {
        let actors = &self.lock().actors;
        let unfinished = (0..).map(ActorId).zip(actors.iter());
        Outcome {
            codes: actors.iter().map(|actor| actor.codes.clone()).collect(),
            stuck: unfinished.filter(|(_, a)| !a.is_finished).map(|(actor, _)| actor).collect(),
        }
    }

    /// The codes that an actor has returned so far, and whether it has finished.
    pub fn of(&self, actor: usize) -> (Vec<(u32, Code)>, bool) {
        let actor = &self.lock().actors[actor];
        (actor.codes.clone(), actor.is_finished)
    }

    /// Whether every actor has finished.
    pub fn is_finished(&self) -> bool {
        self.lock().actors.iter().all(|actor| actor.is_finished)
    }

    /// The actor of each finished step, in the order in which the steps finished.
    pub fn order(&self) -> Vec<ActorId> {
        self.lock().log.iter().map(|step| step.actor).collect()
    }

    /// The steps that were finished, in that order, without the first `skip` of them.
    pub fn finished(&self, skip: usize) -> Vec<Finished> {
        self.lock().log[skip..].to_vec()
    }

    /// The instruction that the actor is in or starts next; `None` if it has finished.
    pub fn position(&self, actor: ActorId) -> Option<u32> {
        let actor = &self.lock().actors[actor.0 as usize];
        (!actor.is_finished).then_some(actor.at)
    }

    /// The actor has finished the instruction `at`, and continues with `next`.
    fn stepped(&self, actor: ActorId, at: u32, next: u32, code: Option<(u32, Code)>) {
        let mut state = self.lock();
        let entry = &mut state.actors[actor.0 as usize];
        entry.codes.extend(code);
        entry.at = next;
        state.log.push(Finished { actor, at, code: code.map(|(_, code)| code) });
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Never held across a step of the execution; only a bug in this crate could poison it.
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// One actor of a program, on a thread of its own.
pub struct Driver<R: Runtime, I: Implementation<R>> {
    /// The program.
    pub program: Arc<Program>,
    /// The actor.
    pub actor: ActorId,
    /// The runtime.
    pub runtime: R,
    /// The implementation under test.
    pub subject: Arc<I>,
    /// Where the actor's results are recorded.
    pub record: Record,
}

/// What an actor holds between its steps. Its fingerprint, with the position, is the local state.
#[derive(Hash)]
struct Held<O> {
    at: u32,
    serving: Vec<CallId>,
    objects: Vec<Option<O>>,
    /// A fingerprint of the codes returned so far.
    codes: u128,
}

impl<R: Runtime, I: Implementation<R>> Driver<R, I> {
    /// Takes all steps of the actor. Before each step `between` gets the position of its
    /// instruction, and a fingerprint of the actor's local state; at the end it gets `None`.
    pub fn run(&self, between: impl Fn(Option<(u32, u128)>)) {
        let lane = &self.program.lanes[self.actor.0 as usize];
        let mut held =
            Held { at: 0, serving: Vec::new(), objects: vec![None; lane.objects.len()], codes: 0 };
        between(Some((held.at, fingerprint(&held))));
        while let Some(instruction) = lane.instructions.get(held.at as usize) {
            let at = held.at;
            let code = self.step(instruction, &mut held);
            let code = instruction.code.zip(code);
            if let Some((position, code)) = code {
                held.codes = fingerprint(&(held.codes, position, code));
            }
            self.record.stepped(self.actor, at, held.at, code);
            between(Some((held.at, fingerprint(&held))));
        }
        self.record.lock().actors[self.actor.0 as usize].is_finished = true;
        between(None);
    }

    /// Takes one step. Returns its code, if it has one.
    fn step(&self, instruction: &Instruction, held: &mut Held<I::Object>) -> Option<Code> {
        let (me, subject) = (ThreadId(self.actor.0), &*self.subject);
        let thread = |call| ThreadId(self.program.caller(call).0);
        held.at += 1;
        let object = |held: &Held<I::Object>, o: calloff_protocol::history::ObjectId| {
            held.objects[o.0 as usize].clone()
        };
        Some(match instruction.action {
            Action::Enable => subject.enable(me),
            Action::Disable => subject.disable(me),
            Action::Issue(call) => {
                subject.issue(me, call);
                return None;
            }
            Action::Await(call) => subject.await_call(me, call),
            Action::Dispatch(call) => {
                match subject.dispatch(thread(call), call) {
                    true => held.serving.push(call),
                    false => held.at = instruction.skip_to,
                }
                return None;
            }
            Action::Reply(call, code) => {
                held.serving.pop();
                subject.reply(thread(call), call, code);
                return None;
            }
            Action::TestCancel(_) => match held.serving.last() {
                Some(&call) => subject.test_cancel(thread(call), call),
                None => Code::RPC_E_CALL_COMPLETE,
            },
            Action::TestCancelObject(o) => match object(held, o) {
                Some(object) => subject.test_cancel_object(&object),
                None => Code::E_NOINTERFACE,
            },
            Action::GetCancelObject(of, o) => match subject.get_cancel_object(ThreadId(of.0)) {
                Ok(object) => {
                    held.objects[o.0 as usize] = Some(object);
                    Code::S_OK
                }
                Err(code) => code,
            },
            Action::CancelThread(of, window) => subject.cancel_thread(ThreadId(of.0), window),
            Action::CancelObject(o, window) => match object(held, o) {
                Some(object) => subject.cancel(&object, window),
                None => Code::E_NOINTERFACE,
            },
            Action::Sleep(seconds) => {
                let until = self.runtime.now().0.saturating_add(seconds);
                self.runtime.sleep_until(Ticks(until));
                return None;
            }
            _ => unreachable!("client programs run on the machine only"),
        })
    }
}
