//! Real threads and real time, with three additions: somebody can tell when no actor can go on, and
//! can make all actors leave, although nothing can end a thread from outside; and actors can be
//! made to stumble, since threads that are all equally fast rarely meet in a new way.
//!
//! Locks, condition variables and the clock are those of [`StdRuntime`]. A table says who waits,
//! and for what; it is the only thing that is added to a wait.
//!
//! # Invariants
//!
//! 1. A thread that waits is in the table before it lets go of its lock, so that whoever changes
//!    what it waits for finds it there.
//! 2. A wait ends when its thread was notified after it had entered the table, when its deadline
//!    was reached, or when all are stopped; never by itself. So, when every actor is in the table,
//!    not notified and without a deadline, none of them will ever go on.
//! 3. A notification that falls between a thread's entry into the table and its sleep is repeated
//!    by whoever watches, since only the table knows about it.
//! 4. Once stopped, each operation of the runtime unwinds its thread; no message is printed.

use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{self, Arc, MutexGuard, PoisonError, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

use calloff_model::{Runtime, Shared, StdRuntime, Ticks};
use calloff_protocol::digest::fingerprint;

use crate::pool::panic_text;

/// The runtime of one execution on real threads.
#[derive(Clone)]
pub struct Stoppable {
    inner: StdRuntime,
    tick: Duration,
    pace: Pace,
    watched: Arc<Watched>,
}

/// A condition variable, known to the table.
pub struct Condvar(Arc<sync::Condvar>);

/// How fast actors go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pace {
    /// As fast as they can.
    Steady,
    /// They pause here and there: for a moment, or for about a tick. The number decides where.
    Stumbling(u64),
}

/// Why an execution is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ended<E> {
    /// Every actor has left.
    Finished,
    /// Those that have not left cannot go on.
    Stuck,
    /// No step was finished for as long as the patience lasted.
    OutOfPatience,
    /// Somebody asked for it.
    Stopped(E),
}

struct Watched {
    is_stopped: AtomicBool,
    steps: AtomicU64,
    /// Places where an actor could have stumbled so far.
    stones: AtomicU64,
    table: sync::Mutex<Table>,
    /// No actor can go on, or the last one has left.
    settled: sync::Condvar,
}

struct Table {
    /// Actors that have not left.
    actors: usize,
    tickets: u64,
    waiters: Vec<Waiter>,
}

struct Waiter {
    ticket: u64,
    condvar: Arc<sync::Condvar>,
    has_deadline: bool,
    is_notified: bool,
}

/// What a stopped thread unwinds with.
struct Leave;

/// How often the watcher looks for notifications to repeat, and for reasons to stop.
const PULSE: Duration = Duration::from_millis(2);

/// How long a short pause of a stumbling actor is.
const MOMENT: Duration = Duration::from_micros(50);

/// The longest pause of a stumbling actor, however long a tick is.
const PAUSE_MAX: Duration = Duration::from_millis(100);

/// How often to try a lock again at once.
const YIELDS: u64 = 100;

/// How long to wait before trying a lock again that was held for so long.
const RETRY: Duration = Duration::from_micros(20);

impl Table {
    fn is_settled(&self) -> bool {
        let is_lost = |waiter: &&Waiter| !waiter.is_notified && !waiter.has_deadline;
        self.actors == self.waiters.iter().filter(is_lost).count()
    }

    fn remove(&mut self, ticket: u64) {
        self.waiters.retain(|waiter| waiter.ticket != ticket);
    }
}

impl Watched {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, condvar: &Condvar, has_deadline: bool) -> u64 {
        let mut table = self.table();
        table.tickets += 1;
        let (ticket, condvar) = (table.tickets, Arc::clone(&condvar.0));
        table.waiters.push(Waiter { ticket, condvar, has_deadline, is_notified: false });
        self.announce(&table);
        ticket
    }

    fn is_notified(&self, ticket: u64) -> bool {
        self.table().waiters.iter().any(|waiter| waiter.ticket == ticket && waiter.is_notified)
    }

    fn notify(&self, condvar: &Condvar, count: usize) {
        let mut table = self.table();
        let waiting = table.waiters.iter_mut().filter(|waiter| !waiter.is_notified);
        for waiter in waiting.filter(|w| Arc::ptr_eq(&w.condvar, &condvar.0)).take(count) {
            waiter.is_notified = true;
        }
        // Those who were not meant go on waiting (invariant 2).
        condvar.0.notify_all();
    }

    fn announce(&self, table: &Table) {
        if table.is_settled() {
            self.settled.notify_all();
        }
    }

    fn pulse<'t>(&'t self, table: MutexGuard<'t, Table>) -> MutexGuard<'t, Table> {
        let is_stopped = self.is_stopped.load(Ordering::SeqCst);
        for waiter in table.waiters.iter().filter(|waiter| is_stopped || waiter.is_notified) {
            waiter.condvar.notify_all();
        }
        self.settled.wait_timeout(table, PULSE).unwrap_or_else(PoisonError::into_inner).0
    }
}

impl Stoppable {
    /// A clock that starts now, whose second lasts for a tick, for that many actors.
    pub fn new(tick: Duration, actors: usize, pace: Pace) -> Stoppable {
        let table = Table { actors, tickets: 0, waiters: Vec::new() };
        let watched = Watched {
            is_stopped: AtomicBool::new(false),
            steps: AtomicU64::new(0),
            stones: AtomicU64::new(0),
            table: sync::Mutex::new(table),
            settled: sync::Condvar::new(),
        };
        Stoppable { inner: StdRuntime::with_tick(tick), tick, pace, watched: Arc::new(watched) }
    }

    /// Runs one actor to its end, or until all are stopped. Each actor has to pass through here.
    ///
    /// # Errors
    ///
    /// What the actor said when it panicked.
    pub fn actor(&self, steps: impl FnOnce()) -> Result<(), String> {
        let ended = panic::catch_unwind(AssertUnwindSafe(steps));
        let mut table = self.watched.table();
        table.actors -= 1;
        self.watched.announce(&table);
        let Err(payload) = ended else {
            return Ok(());
        };
        if payload.is::<Leave>() { Ok(()) } else { Err(panic_text(&*payload).to_owned()) }
    }

    /// An actor has finished a step: there is progress.
    pub fn stepped(&self) {
        self.watched.steps.fetch_add(1, Ordering::Relaxed);
        self.stumble();
    }

    /// Waits until every actor has left or cannot go on. Actors that go on without getting anywhere
    /// would be waited for in vain: when no step was finished for that long, it is over, too.
    pub fn watch<E>(&self, patience: Duration, check: impl Fn() -> Result<(), E>) -> Ended<E> {
        let (mut steps, mut since) = (0, Instant::now());
        let mut table = self.watched.table();
        loop {
            if table.is_settled() {
                return if table.actors == 0 { Ended::Finished } else { Ended::Stuck };
            }
            if let Err(reason) = check() {
                return Ended::Stopped(reason);
            }
            let steps_now = self.watched.steps.load(Ordering::Relaxed);
            if steps != steps_now {
                (steps, since) = (steps_now, Instant::now());
            } else if since.elapsed() > patience {
                return Ended::OutOfPatience;
            }
            table = self.watched.pulse(table);
        }
    }

    /// Makes all actors leave, and waits until they have: each does so at its next operation.
    pub fn stop(&self) {
        self.watched.is_stopped.store(true, Ordering::SeqCst);
        let mut table = self.watched.table();
        while table.actors > 0 {
            table = self.watched.pulse(table);
        }
    }

    fn stumble(&self) {
        let Pace::Stumbling(seed) = self.pace else {
            return;
        };
        let stone = self.watched.stones.fetch_add(1, Ordering::Relaxed);
        match fingerprint(&(seed, stone)) % 16 {
            0..4 => thread::sleep(MOMENT),
            4 => thread::sleep(self.tick.min(PAUSE_MAX)),
            _ => {}
        }
    }

    fn is_stopped(&self) -> bool {
        self.watched.is_stopped.load(Ordering::SeqCst)
    }

    /// Invariant 4. A thread that unwinds already is not made to do so twice.
    fn leave_if_stopped(&self) {
        if self.is_stopped() && !thread::panicking() {
            panic::resume_unwind(Box::new(Leave));
        }
    }
}

impl Runtime for Stoppable {
    type Mutex<T: Shared> = sync::Mutex<T>;
    type Guard<'m, T: Shared> = MutexGuard<'m, T>;
    type Condvar = Condvar;
    type Atomic = AtomicU64;

    fn mutex<T: Shared>(&self, value: T) -> sync::Mutex<T> {
        self.inner.mutex(value)
    }

    /// Asks for the lock again and again instead of blocking, since a thread that blocks for ever
    /// (on a lock that a faulty implementation never releases) could not leave.
    fn lock<'m, T: Shared>(&self, mutex: &'m sync::Mutex<T>) -> MutexGuard<'m, T> {
        self.stumble();
        for attempt in 0_u64.. {
            self.leave_if_stopped();
            match mutex.try_lock() {
                Ok(guard) => return guard,
                Err(TryLockError::Poisoned(poisoned)) => return poisoned.into_inner(),
                Err(TryLockError::WouldBlock) if attempt < YIELDS => thread::yield_now(),
                Err(TryLockError::WouldBlock) => thread::sleep(RETRY),
            }
        }
        unreachable!("nobody asks that often")
    }

    fn condvar(&self) -> Condvar {
        Condvar(Arc::new(self.inner.condvar()))
    }

    fn wait<'m, T: Shared>(
        &self,
        condvar: &Condvar,
        mut guard: Self::Guard<'m, T>,
        deadline: Option<Ticks>,
    ) -> Self::Guard<'m, T> {
        let ticket = self.watched.enter(condvar, deadline.is_some());
        while !self.is_stopped() && !self.watched.is_notified(ticket) {
            guard = self.inner.wait(&condvar.0, guard, deadline);
            if deadline.is_some_and(|deadline| self.inner.now() >= deadline) {
                break;
            }
        }
        self.watched.table().remove(ticket);
        if self.is_stopped() && !thread::panicking() {
            // Unlocked first, so that the lock is not poisoned.
            drop(guard);
            panic::resume_unwind(Box::new(Leave));
        }
        guard
    }

    fn notify_all(&self, condvar: &Condvar) {
        self.leave_if_stopped();
        self.watched.notify(condvar, usize::MAX);
    }

    fn notify_one(&self, condvar: &Condvar) {
        self.leave_if_stopped();
        self.watched.notify(condvar, 1);
    }

    fn alarm(&self, condvar: &Condvar, at: Option<Ticks>) {
        self.inner.alarm(&condvar.0, at);
    }

    fn now(&self) -> Ticks {
        self.leave_if_stopped();
        self.inner.now()
    }

    fn atomic(&self, value: u64) -> AtomicU64 {
        self.inner.atomic(value)
    }

    fn load(&self, atomic: &AtomicU64, order: Ordering) -> u64 {
        self.leave_if_stopped();
        self.inner.load(atomic, order)
    }

    fn store(&self, atomic: &AtomicU64, value: u64, order: Ordering) {
        self.leave_if_stopped();
        self.inner.store(atomic, value, order);
    }

    fn compare_exchange(&self, atomic: &AtomicU64, current: u64, new: u64) -> Result<u64, u64> {
        self.leave_if_stopped();
        self.inner.compare_exchange(atomic, current, new)
    }
}

#[cfg(test)]
mod tests;
