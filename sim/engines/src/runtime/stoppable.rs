//! A runtime on real threads and real time, with three additions. A watcher can tell when no actor
//! can continue. A watcher can make all actors leave, although no thread can be ended from outside.
//! And actors can be made to pause at random places, since threads of equal speed rarely interleave
//! in a new way.
//!
//! Locks, condition variables and the clock are those of [`StdRuntime`]. The only addition to a
//! wait is an entry in a table, which lists the waiting threads and their condition variables.
//!
//! # Invariants
//!
//! 1. A thread that waits enters the table before it releases its lock, so that a thread that
//!    changes what it waits for finds it there.
//! 2. A wait ends when its thread was notified after it had entered the table, when its deadline
//!    was reached, or when all actors are stopped; never by itself. So, if every actor is in the
//!    table, not notified and without a deadline, none of them will ever continue.
//! 3. The watcher repeats a notification that falls between a thread's entry into the table and its
//!    sleep, since only the table knows about it.
//! 4. After a stop, each operation of the runtime unwinds its thread; no message is printed.

use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{self, Arc, MutexGuard, PoisonError, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

use calloff_model::{Runtime, Shared, StdRuntime, Ticks};

use super::Host;
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

/// A condition variable whose waiters are listed in the table.
pub struct Condvar(Arc<sync::Condvar>);

/// The speed of the actors.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pace {
    /// Actors run at full speed.
    Steady,
    /// Actors pause at some operations, briefly or for about a tick. The number is the seed that
    /// selects the places.
    Stumbling(u64),
}

/// Why an execution ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ended<E> {
    /// Every actor has left.
    Finished,
    /// The remaining actors cannot continue.
    Stuck,
    /// No step was finished within the time limit.
    OutOfPatience,
    /// The check of the watcher asked for it.
    Stopped(E),
}

struct Watched {
    is_stopped: AtomicBool,
    steps: AtomicU64,
    /// The number of places so far at which an actor could have paused.
    stones: AtomicU64,
    table: sync::Mutex<Table>,
    /// Notified when no actor can continue, or when the last one has left.
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

/// The payload that unwinds a stopped thread.
struct Leave;

/// The interval at which the watcher repeats notifications and looks for reasons to stop.
const PULSE: Duration = Duration::from_millis(2);

/// The length of a short pause.
const MOMENT: Duration = Duration::from_micros(50);

/// The upper bound of a long pause, whatever the length of a tick.
const PAUSE_MAX: Duration = Duration::from_millis(100);

/// How often to try a lock again without sleeping.
const YIELDS: u64 = 100;

/// How long to sleep before each later try.
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
        // Wakes every waiter; those that were not marked as notified go on waiting (invariant 2).
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
    /// A runtime for this number of actors, whose clock starts now and whose second lasts for one
    /// tick.
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

    /// Runs one actor to its end, or until all actors are stopped. Each actor must be run by this
    /// function.
    ///
    /// # Errors
    ///
    /// The panic message of the actor.
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

    /// Records that an actor has finished a step.
    pub fn stepped(&self) {
        self.watched.steps.fetch_add(1, Ordering::Relaxed);
        self.stumble();
    }

    /// Waits until every actor has left or cannot continue. Actors may also run for ever without
    /// finishing a step (a livelock): if no step is finished within `patience`, the execution is
    /// over, too.
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

    /// Makes each actor leave at its next operation, and waits until all have left. `false`: some
    /// actor did not come to its next operation within `patience`, and is still running.
    pub fn stop(&self, patience: Duration) -> bool {
        self.watched.is_stopped.store(true, Ordering::SeqCst);
        let since = Instant::now();
        let mut table = self.watched.table();
        while table.actors > 0 && since.elapsed() < patience {
            table = self.watched.pulse(table);
        }
        table.actors == 0
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

    /// Invariant 4. A thread that already unwinds is left alone.
    fn leave_if_stopped(&self) {
        if self.is_stopped() && !thread::panicking() {
            panic::resume_unwind(Box::new(Leave));
        }
    }
}

impl Host for Stoppable {}

impl Runtime for Stoppable {
    type Mutex<T: Shared> = sync::Mutex<T>;
    type Guard<'m, T: Shared> = MutexGuard<'m, T>;
    type Condvar = Condvar;
    type Atomic = AtomicU64;

    fn mutex<T: Shared>(&self, value: T) -> sync::Mutex<T> {
        self.inner.mutex(value)
    }

    /// Polls the lock instead of blocking on it: a thread that blocks for ever, on a lock that a
    /// faulty implementation never releases, could not leave.
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
            // Unlock first, so that the lock is not poisoned.
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

    fn swap(&self, atomic: &AtomicU64, value: u64, order: Ordering) -> u64 {
        self.leave_if_stopped();
        self.inner.swap(atomic, value, order)
    }

    fn fetch_add(&self, atomic: &AtomicU64, value: u64, order: Ordering) -> u64 {
        self.leave_if_stopped();
        self.inner.fetch_add(atomic, value, order)
    }

    fn compare_exchange(
        &self,
        atomic: &AtomicU64,
        current: u64,
        new: u64,
        order: Ordering,
        failure: Ordering,
    ) -> Result<u64, u64> {
        self.leave_if_stopped();
        self.inner.compare_exchange(atomic, current, new, order, failure)
    }
}

#[cfg(test)]
mod tests;
