//! The crew: which thread runs, which threads wait, and the latest time that each has seen. This is
//! bookkeeping that loom does not see.
//!
//! All of it happens between two visible operations, on the one real thread on which loom runs its
//! threads. The lock around it is never held across a switch.

mod waiting;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use calloff_model::Ticks;

use super::{Assumption, Assumptions, Lock};

/// A lock or an atomic word.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct ObjectId(usize);

/// The queue of a condition variable.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct QueueId(usize);

/// A time at which something changes by itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Alarm {
    at: Ticks,
    /// The condition variable that it was set for.
    pub(super) queue: QueueId,
    /// The lock that it was set under; the clock's own if the thread held none.
    pub(super) lock: ObjectId,
}

/// The waiters that a notification is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Whom {
    /// All waiters.
    All,
    /// One of the waiters.
    One,
}

/// The step that a visible operation belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The operation begins a new step.
    New,
    /// The operation continues the step that the thread is in.
    Same,
}

/// The threads of one execution, and their shared state.
pub(super) struct Crew {
    assumptions: Assumptions,
    actors: usize,
    state: Mutex<State>,
}

struct State {
    /// The thread that runs. loom switches only inside an operation of [`super::LoomRuntime`],
    /// which updates this field when it returns.
    current: usize,
    /// The actors, then the clock thread if there is one.
    threads: Vec<Thread>,
    objects: Vec<Object>,
    queues: Vec<Queue>,
    /// Announced alarms that the clock thread has not picked up.
    alarms: BTreeSet<Alarm>,
    /// How many objects there were when the actors began; later ones are private.
    shared: Option<usize>,
    /// The number of threads that are neither parked nor finished.
    running: usize,
    /// The number of actors that have finished.
    gone: usize,
    /// [`Assumptions::own_locks`]
    has_own_locks: bool,
    /// The number of operations so far.
    operations: u64,
    /// No thread will take another step.
    is_over: bool,
    /// The execution did not end within [`OPERATIONS_MAX`].
    is_endless: bool,
    broken: Option<Assumption>,
}

#[derive(Default)]
struct Thread {
    handle: Option<::loom::thread::Thread>,
    seen: Ticks,
    held: Vec<ObjectId>,
    is_notified: bool,
    is_parked: bool,
    /// The thread has to reach this deadline by itself, which the clock thread would have done.
    takes_over: Option<Ticks>,
    /// The thread was blocked or has just started, and has performed no visible operation since.
    is_fresh: bool,
    /// Alarms that the thread has set but not announced.
    unannounced: Vec<Alarm>,
}

struct Object {
    seen: Ticks,
    /// The thread that created it.
    owner: usize,
    /// `None` for an atomic word.
    lock: Option<Arc<dyn Lock>>,
}

#[derive(Default)]
struct Queue {
    /// The lock that its waiters and notifiers hold.
    lock: Option<ObjectId>,
    /// A lock that is taken to make looking at the queue visible; only where that is needed.
    order: Option<ObjectId>,
    waiters: Vec<usize>,
    /// The waiters whose deadline is the time of the alarm, with that time.
    by_clock: Vec<(usize, Ticks)>,
    /// For each `notify_one` that no thread has taken yet: the waiters that may take it. There are
    /// never more entries than waiters.
    offers: Vec<Vec<usize>>,
    alarm: Option<Ticks>,
    /// The lock under which the alarm was set.
    alarm_lock: ObjectId,
}

/// The most operations of an execution: one with more is taken to go on for ever. Those of the
/// scenarios that loom can explore have some hundreds.
pub(super) const OPERATIONS_MAX: u64 = 5_000;

/// The payload that unwinds an actor which can never continue.
struct Stuck;

impl Crew {
    /// The clock's own lock.
    pub(super) const CLOCK: ObjectId = ObjectId(0);

    pub(super) fn new(actors: usize, assumptions: Assumptions) -> Crew {
        let clock: Arc<dyn Lock> = Arc::new(::loom::sync::Mutex::new(()));
        let state = State {
            current: 0,
            threads: (0..actors).map(|_| Thread::default()).collect(),
            objects: vec![Object { seen: Ticks::default(), owner: 0, lock: Some(clock) }],
            queues: Vec::new(),
            alarms: BTreeSet::new(),
            shared: None,
            running: actors,
            gone: 0,
            has_own_locks: assumptions.own_locks,
            operations: 0,
            is_over: false,
            is_endless: false,
            broken: None,
        };
        Crew { assumptions, actors, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn assumptions(&self) -> Assumptions {
        self.assumptions
    }

    pub(super) fn is_endless(&self) -> bool {
        self.state().is_endless
    }

    /// Counts the operations of an execution. One that goes on for ever is given up: each actor
    /// unwinds at its next operation.
    pub(super) fn leave_if_endless(&self) {
        let mut state = self.state();
        state.operations += 1;
        if state.operations > OPERATIONS_MAX && !state.is_over {
            state.is_endless = true;
            state.end();
        }
        let is_actor = state.current < self.actors;
        if state.is_endless && is_actor && !std::thread::panicking() {
            drop(state);
            resume_unwind(Box::new(Stuck));
        }
    }

    pub(super) fn broken(&self) -> Option<Assumption> {
        self.state().broken
    }

    // Objects and time.

    pub(super) fn new_object(&self, lock: Option<Arc<dyn Lock>>) -> ObjectId {
        let mut state = self.state();
        let (seen, owner) = (state.me().seen, state.current);
        state.objects.push(Object { seen, owner, lock });
        ObjectId(state.objects.len() - 1)
    }

    pub(super) fn new_queue(&self) -> QueueId {
        let order = (!self.assumptions.notifies_inside)
            .then(|| self.new_object(Some(Arc::new(::loom::sync::Mutex::new(())))));
        let mut state = self.state();
        state.queues.push(Queue { order, ..Queue::default() });
        QueueId(state.queues.len() - 1)
    }

    pub(super) fn begin(&self) {
        let mut state = self.state();
        state.shared = Some(state.objects.len());
    }

    /// The locks that actors share, including the clock's own.
    pub(super) fn shared(&self) -> Vec<ObjectId> {
        let state = self.state();
        let orders: Vec<_> = state.queues.iter().filter_map(|queue| queue.order).collect();
        let is_lock = |id: &ObjectId| state.objects[id.0].lock.is_some() && !orders.contains(id);
        let all = state.objects.len();
        let shared = if state.has_own_locks { state.shared.unwrap_or(0) } else { all };
        (0..shared).map(ObjectId).filter(is_lock).collect()
    }

    pub(super) fn lock_of(&self, object: ObjectId) -> Arc<dyn Lock> {
        self.state().objects[object.0].lock.clone().expect("only locks are looked up")
    }

    pub(super) fn order(&self, queue: QueueId) -> Option<ObjectId> {
        self.state().queues[queue.0].order
    }

    /// The step that an operation on a lock belongs to by default: locks of one actor begin no new
    /// step.
    pub(super) fn step(&self, object: ObjectId) -> Step {
        if self.state().is_private(object) { Step::Same } else { Step::New }
    }

    /// Whether the operation on the lock really continues the thread's current step, so that loom
    /// need not explore it as a choice.
    pub(super) fn goes_on(&self, object: ObjectId, step: Step) -> bool {
        let mut state = self.state();
        let is_first = match step {
            Step::New => std::mem::take(&mut state.me().is_fresh),
            Step::Same => true,
        };
        is_first && !state.threads.iter().any(|thread| thread.held.contains(&object))
    }

    /// The thread that runs.
    pub(super) fn me(&self) -> usize {
        self.state().current
    }

    /// The thread runs again after a visible operation that wrote the object.
    pub(super) fn touched(&self, me: usize, object: ObjectId) {
        let mut state = self.state();
        state.current = me;
        if state.is_private(object) && state.objects[object.0].owner != me {
            state.broken = Some(Assumption::OwnLocks);
        }
        let seen = state.me().seen.max(state.objects[object.0].seen);
        state.see(object, seen);
    }

    /// Gives the thread the time of the object after an operation that only reads.
    pub(super) fn looked(&self, me: usize, object: ObjectId) {
        let mut state = self.state();
        state.current = me;
        let seen = state.objects[object.0].seen;
        let thread = state.me();
        thread.seen = thread.seen.max(seen);
    }

    /// The latest time that the thread has seen.
    pub(super) fn seen(&self) -> Ticks {
        self.state().me().seen
    }

    pub(super) fn taken(&self, lock: ObjectId) {
        self.state().me().held.push(lock);
    }

    pub(super) fn released(&self, lock: ObjectId) {
        self.state().me().held.retain(|held| *held != lock);
    }

    /// Whether the thread holds no lock and has alarms to announce.
    pub(super) fn must_announce(&self) -> bool {
        let mut state = self.state();
        let thread = state.me();
        thread.held.is_empty() && !thread.unannounced.is_empty()
    }

    pub(super) fn holds_a_lock(&self) -> bool {
        !self.state().me().held.is_empty()
    }

    // Start and end of threads.

    pub(super) fn start(&self, me: usize) {
        let handle = ::loom::thread::current();
        let mut state = self.state();
        state.current = me;
        state.me().handle = Some(handle);
        state.me().is_fresh = me > 0;
    }

    pub(super) fn act(&self, actor: usize, body: impl FnOnce()) -> bool {
        self.start(actor);
        if let Err(cause) = catch_unwind(AssertUnwindSafe(body))
            && !cause.is::<Stuck>()
        {
            resume_unwind(cause);
        }
        self.leave()
    }

    /// The thread takes no further step. Returns `true` for the last actor.
    pub(super) fn leave(&self) -> bool {
        let mut state = self.state();
        state.running -= 1;
        let is_actor = state.current < self.actors;
        state.gone += usize::from(is_actor);
        let is_last = is_actor && state.gone == self.actors;
        if state.running == 0 || is_last {
            state.end();
        }
        is_last
    }
}

impl State {
    fn me(&mut self) -> &mut Thread {
        &mut self.threads[self.current]
    }

    fn is_private(&self, object: ObjectId) -> bool {
        self.has_own_locks && self.shared.is_some_and(|shared| object.0 >= shared)
    }

    fn see(&mut self, object: ObjectId, at: Ticks) {
        self.me().seen = at;
        self.objects[object.0].seen = at;
    }

    /// Unparks every thread that is still parked, so that it can finish.
    fn end(&mut self) {
        self.is_over = true;
        for thread in &mut self.threads {
            if std::mem::take(&mut thread.is_parked) {
                self.running += 1;
                thread.handle.as_ref().expect("a parked thread has started").unpark();
            }
        }
    }
}
