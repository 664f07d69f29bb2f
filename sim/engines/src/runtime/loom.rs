//! The runtime of the `loom` engine: loom's locks, and a virtual clock that advances.
//!
//! # Example
//!
//! loom's own timed waits never expire. Suppose that a canceller waits for a reply until second 1,
//! and that the server may send it:
//!
//! ```text
//! canceller  locks, sees no reply, joins the queue of the condition variable, parks
//! then either                                    or
//! server     locks, replies, notifies            canceller  locks at time 1: not notified, its
//! canceller  locks at time 0: notified           deadline is now; the wait has expired
//!                                                server     locks, replies at time 1
//! ```
//!
//! Both are orders of two critical sections, so loom explores both. Nobody advances a clock: the
//! waiter itself brings the time of its deadline to the lock (rule 5), and whoever takes that lock
//! later sees it (rule 4).
//!
//! # How it works
//!
//! loom explores the orders of *visible* operations: of locks and atomics. Its search has no memory
//! of what it has done (no sleep sets), so that each one more is paid for many times over. This
//! file makes as few as it can, and gathers them into steps that are as large as possible. All else
//! is plain bookkeeping (`crew`) that loom does not see; it has to come out the same in all
//! orders that loom takes for equal. Why it does:
//!
//! 1. **A critical section is one step.** loom switches threads only before a visible operation, so
//!    a critical section without a visible operation inside is never interrupted; and no other
//!    thread could look into it anyway.
//! 2. **Waking up is not visible.** Waiting is an entry in a queue and `park`; notifying is
//!    `unpark`. Both happen in critical sections of the same lock, and the order of those is
//!    explored. (loom's own condition variables add a visible operation inside the section each
//!    time.) A notification outside the lock breaks the assumption
//!    [`Assumptions::notifies_inside`]: the engine begins again without it, and from then on
//!    looking at a queue is visible. No `unpark` is lost or left over: a thread is marked as parked
//!    only when nothing comes between the mark and `park`, and only a marked thread is unparked,
//!    once.
//! 3. **A thread starts or wakes up as part of its next step.** For loom, running up to the first
//!    visible operation is a choice of its own, which commutes with everything and doubles what
//!    follows. So that operation is not explored as a choice; backtracking goes to the choice
//!    before it, where the thread was picked. Handing a new time to all locks, and announcing an
//!    alarm, are joined to one step in the same way. This is done only with a lock that no thread
//!    holds, so that the thread really continues. On the corpus it leaves one execution for each
//!    order of dependent steps, or a few, where there were 25 to 50.
//! 4. **Time travels with the locks.** There is no global `now`. Every thread and every lock stores
//!    the latest time that it has seen; taking a lock sets both to the later of the two. So time
//!    never goes back along any chain of causes; and a stable sort of an execution's steps by the
//!    time that they saw gives an execution with a global clock and the same results. The only
//!    times that occur are pending deadlines.
//! 5. **A timed wait advances the time itself.** A thread in a timed wait is not blocked: its next
//!    step, whenever that comes, takes the lock, and either the thread was notified or its deadline
//!    is now. A free clock may reach a pending deadline at any moment, whatever else is pending (it
//!    stops at earlier deadlines on the way, and no thread need use those stops), so this step is
//!    always possible.
//! 6. **Without alarms time decides nothing else.** A change that happens by itself at a certain
//!    time is announced: that is the contract of [`Runtime::alarm`]. An alarm makes the clock stop
//!    at that time; it wakes nobody. While no alarm is set, time
//!    only ends timed waits, which rule 5 allows at any moment. Then it does not matter what others
//!    see of the clock, and time costs nothing. That is the assumption [`Assumptions::no_alarms`];
//!    an alarm breaks it, and the engine begins again. From then on a new time is handed to all
//!    locks at once, before the waiter looks; a thread that holds no lock takes the clock's own
//!    lock to read the time; and from its first alarm on an execution has a clock thread (`clock`).
//! 7. **A lock that an actor creates while it runs is its own,** like the one of a `sleep`, and
//!    taking it is not a step. That is the assumption [`Assumptions::own_locks`]; another actor
//!    that takes it breaks it.
//! 8. **No thread skips a step because of hidden state.** loom asks whether a step could have come
//!    earlier only for steps that it has seen. So no thread leaves out a step because of something
//!    that loom does not see: the clock thread continues after all actors have finished.
//! 9. **A `notify_one` goes to the waiter that comes first.** All waiters are unparked; the first
//!    one to take the lock again takes the notification, and the others wait again. So loom's own
//!    choice of the next step decides who is woken. A timed wait that expires while it may take a
//!    notification takes it. A real one may also time out at that moment and leave the notification
//!    to another waiter; that is not explored.
//!
//! As always under loom there are no spurious wake-ups: each one would be a step of its own. The
//! `exhaustive` and `shuttle` engines explore them at less cost.

mod assumptions;
mod clock;
mod crew;

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use ::loom::sync::atomic::AtomicU64;
use ::loom::sync::{Mutex, MutexGuard};
pub use assumptions::{Assumption, Assumptions};
use calloff_model::{Runtime, Shared, Ticks};

use super::Host;
use crew::{Crew, ObjectId, QueueId, Step, Whom};

/// loom's locks under a virtual clock. Create one per execution, inside the model.
#[derive(Clone)]
pub struct LoomRuntime {
    crew: Arc<Crew>,
}

/// A lock.
pub struct LoomMutex<T> {
    id: ObjectId,
    crew: Arc<Crew>,
    inner: Arc<Mutex<T>>,
}

/// A locked value.
pub struct LoomGuard<'m, T: Shared> {
    mutex: &'m LoomMutex<T>,
    /// `None` only while the guard is being dropped.
    inner: Option<MutexGuard<'m, T>>,
}

/// A condition variable.
pub struct LoomCondvar {
    id: QueueId,
}

/// An atomic word. It carries time, as a lock does.
pub struct LoomAtomic {
    id: ObjectId,
    inner: AtomicU64,
}

/// Any lock, whatever it protects.
trait Lock: Send + Sync {
    /// Takes the lock and releases it at once, which is visible to loom. The code that follows, up
    /// to the next visible operation, behaves as if it were inside the critical section.
    fn pass(&self);
}

impl<T: Send> Lock for Mutex<T> {
    fn pass(&self) {
        drop(self.lock().expect("loom's locks are not poisoned"));
    }
}

impl LoomRuntime {
    /// The runtime of one execution with this number of actors.
    pub fn new(actors: usize, assumptions: Assumptions) -> LoomRuntime {
        LoomRuntime { crew: Arc::new(Crew::new(actors, assumptions)) }
    }

    /// Ends the setup: the actors share the objects that were created so far, and no others (rule
    /// 7).
    pub fn begin(&self) {
        self.crew.begin();
    }

    /// Runs an actor on the current loom thread. Returns when the actor has finished, or when it
    /// can never continue because of a deadlock. Returns `true` for the last actor: then the
    /// execution is over.
    pub fn act(&self, actor: usize, body: impl FnOnce()) -> bool {
        self.crew.act(actor, body)
    }

    /// Whether the execution was given up because it did not end.
    pub fn is_endless(&self) -> bool {
        self.crew.is_endless()
    }

    /// The assumption that this execution has shown to be wrong. If there is one, this execution
    /// and all others under the same assumptions are void.
    pub fn broken(&self) -> Option<Assumption> {
        self.crew.broken()
    }

    /// A visible operation on a lock. The thread and the lock get the later of their two times.
    fn operate<T>(&self, object: ObjectId, step: Step, operation: impl FnOnce() -> T) -> T {
        self.crew.leave_if_endless();
        let me = self.crew.me();
        let goes_on = self.crew.goes_on(object, step);
        if goes_on {
            ::loom::stop_exploring();
        }
        let result = operation();
        if goes_on {
            ::loom::explore();
        }
        self.crew.touched(me, object);
        result
    }

    /// Takes a lock and releases it.
    fn visit(&self, object: ObjectId, step: Step) {
        let lock = self.crew.lock_of(object);
        self.operate(object, step, || lock.pass());
    }

    fn lock_in<'m, T: Shared>(&self, step: Step, mutex: &'m LoomMutex<T>) -> LoomGuard<'m, T> {
        let lock = || mutex.inner.lock().expect("loom's locks are not poisoned");
        let inner = self.operate(mutex.id, step, lock);
        self.crew.taken(mutex.id);
        LoomGuard { mutex, inner: Some(inner) }
    }

    /// Hands the thread's time to every shared lock except this one, which has it already.
    fn spread(&self, except: ObjectId) {
        for object in self.crew.shared() {
            if object != except {
                self.visit(object, Step::Same);
            }
        }
    }

    /// Called before looking at a queue: a visible operation, unless the lock's order suffices
    /// (rule 2).
    fn look_at(&self, queue: QueueId) {
        if let Some(order) = self.crew.order(queue) {
            self.visit(order, Step::New);
        }
    }

    /// Continues a timed wait until it was notified or timed out. Any number of other threads'
    /// steps may come before this step.
    fn wait_until<'m, T: Shared>(
        &self,
        queue: QueueId,
        mutex: &'m LoomMutex<T>,
        at: Ticks,
    ) -> LoomGuard<'m, T> {
        let no_alarms = self.crew.assumptions().no_alarms;
        let step = if no_alarms { self.crew.step(mutex.id) } else { Step::New };
        let guard = self.lock_in(step, mutex);
        self.look_at(queue);
        if !self.crew.reach(queue, mutex.id, at) || no_alarms {
            return guard;
        }
        drop(guard);
        self.spread(mutex.id);
        self.lock(mutex)
    }
}

impl Host for LoomRuntime {}

impl Runtime for LoomRuntime {
    type Mutex<T: Shared> = LoomMutex<T>;
    type Guard<'m, T: Shared> = LoomGuard<'m, T>;
    type Condvar = LoomCondvar;
    type Atomic = LoomAtomic;

    fn mutex<T: Shared>(&self, value: T) -> LoomMutex<T> {
        let inner = Arc::new(Mutex::new(value));
        let id = self.crew.new_object(Some(inner.clone()));
        LoomMutex { id, crew: self.crew.clone(), inner }
    }

    fn lock<'m, T: Shared>(&self, mutex: &'m LoomMutex<T>) -> LoomGuard<'m, T> {
        self.lock_in(self.crew.step(mutex.id), mutex)
    }

    fn condvar(&self) -> LoomCondvar {
        LoomCondvar { id: self.crew.new_queue() }
    }

    fn wait<'m, T: Shared>(
        &self,
        condvar: &LoomCondvar,
        guard: Self::Guard<'m, T>,
        deadline: Option<Ticks>,
    ) -> Self::Guard<'m, T> {
        let (queue, mutex) = (condvar.id, guard.mutex);
        self.look_at(queue);
        let own = self.crew.enqueue(queue, mutex.id, deadline);
        // No switch happens between releasing the lock and what follows.
        drop(guard);
        if let Some(at) = own {
            return self.wait_until(queue, mutex, at);
        }
        loop {
            self.crew.park();
            if let Some(at) = self.crew.takes_over() {
                return self.wait_until(queue, mutex, at);
            }
            let guard = self.lock(mutex);
            self.look_at(queue);
            if self.crew.is_woken(queue) {
                return guard;
            }
        }
    }

    fn notify_all(&self, condvar: &LoomCondvar) {
        self.look_at(condvar.id);
        self.crew.notify(condvar.id, Whom::All);
    }

    fn notify_one(&self, condvar: &LoomCondvar) {
        self.look_at(condvar.id);
        self.crew.notify(condvar.id, Whom::One);
    }

    fn alarm(&self, condvar: &LoomCondvar, at: Option<Ticks>) {
        if self.crew.orders_by_clock(condvar.id) {
            self.visit(Crew::CLOCK, Step::New);
        }
        self.crew.set_alarm(condvar.id, at);
        if self.crew.must_announce() {
            self.announce();
        }
    }

    fn now(&self) -> Ticks {
        if !self.crew.assumptions().no_alarms && !self.crew.holds_a_lock() {
            self.visit(Crew::CLOCK, Step::New);
        }
        self.crew.seen()
    }

    fn atomic(&self, value: u64) -> LoomAtomic {
        LoomAtomic { id: self.crew.new_object(None), inner: AtomicU64::new(value) }
    }

    fn load(&self, atomic: &LoomAtomic, order: Ordering) -> u64 {
        self.crew.leave_if_endless();
        let me = self.crew.me();
        let value = atomic.inner.load(order);
        self.crew.looked(me, atomic.id);
        value
    }

    fn store(&self, atomic: &LoomAtomic, value: u64, order: Ordering) {
        self.crew.leave_if_endless();
        let me = self.crew.me();
        atomic.inner.store(value, order);
        self.crew.touched(me, atomic.id);
    }

    fn swap(&self, atomic: &LoomAtomic, value: u64, order: Ordering) -> u64 {
        self.crew.leave_if_endless();
        let me = self.crew.me();
        let old = atomic.inner.swap(value, order);
        self.crew.touched(me, atomic.id);
        old
    }

    fn fetch_add(&self, atomic: &LoomAtomic, value: u64, order: Ordering) -> u64 {
        self.crew.leave_if_endless();
        let me = self.crew.me();
        let old = atomic.inner.fetch_add(value, order);
        self.crew.touched(me, atomic.id);
        old
    }

    fn compare_exchange(
        &self,
        atomic: &LoomAtomic,
        current: u64,
        new: u64,
        order: Ordering,
        failure: Ordering,
    ) -> Result<u64, u64> {
        self.crew.leave_if_endless();
        let me = self.crew.me();
        let result = atomic.inner.compare_exchange(current, new, order, failure);
        self.crew.touched(me, atomic.id);
        result
    }
}

impl<T: Shared> Deref for LoomGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.inner.as_ref().expect("a guard that is in use")
    }
}

impl<T: Shared> DerefMut for LoomGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.inner.as_mut().expect("a guard that is in use")
    }
}

impl<T: Shared> Drop for LoomGuard<'_, T> {
    fn drop(&mut self) {
        drop(self.inner.take());
        let crew = &self.mutex.crew;
        // An actor that can never continue unwinds; it has nothing to announce.
        crew.released(self.mutex.id);
        if crew.must_announce() && !std::thread::panicking() {
            LoomRuntime { crew: crew.clone() }.announce();
        }
    }
}
