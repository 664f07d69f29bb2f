//! What blocking code needs from the world: locks, condition variables, atomics, and a clock.
//!
//! A [`Monitor`](crate::Monitor) is written against [`Runtime`] and so runs unchanged on real
//! threads ([`StdRuntime`](crate::StdRuntime)) and under checkers that control every step and own
//! the time.

use std::hash::Hash;
use std::ops::DerefMut;
use std::sync::atomic::Ordering;

use crate::Ticks;

/// Locks, condition variables, atomics and a clock.
///
/// # Contract
///
/// 1. [`wait`](Runtime::wait) may return at any time (a spurious wake-up): test the condition
///    again.
/// 2. A wait with a deadline returns when the clock has reached it, at the latest.
/// 3. [`now`](Runtime::now) never goes back.
/// 4. A lock protects plain data: a checker that remembers states takes two values with equal
///    hashes for equal.
pub trait Runtime: Clone + Send + Sync + 'static {
    /// A lock that protects a value.
    type Mutex<T: Shared>: Send + Sync;
    /// The locked value; dropping it unlocks.
    type Guard<'m, T: Shared>: DerefMut<Target = T>;
    /// A condition variable.
    type Condvar: Send + Sync;
    /// An atomic word.
    type Atomic: Send + Sync;

    /// Creates a lock that protects this value.
    fn mutex<T: Shared>(&self, value: T) -> Self::Mutex<T>;

    /// Waits for the lock.
    fn lock<'m, T: Shared>(&self, mutex: &'m Self::Mutex<T>) -> Self::Guard<'m, T>;

    /// Creates a condition variable without waiters.
    fn condvar(&self) -> Self::Condvar;

    /// Unlocks, waits until notified or until the clock has reached the deadline, and locks again.
    fn wait<'m, T: Shared>(
        &self,
        condvar: &Self::Condvar,
        guard: Self::Guard<'m, T>,
        deadline: Option<Ticks>,
    ) -> Self::Guard<'m, T>;

    /// A [`wait`](Runtime::wait) that its own thread may give up at any time, as a message filter
    /// does. Returns whether it does. A checker tries both; elsewhere nobody gives up.
    fn wait_or_give_up<'m, T: Shared>(
        &self,
        condvar: &Self::Condvar,
        guard: Self::Guard<'m, T>,
        deadline: Option<Ticks>,
    ) -> (Self::Guard<'m, T>, bool) {
        (self.wait(condvar, guard, deadline), false)
    }

    /// Wakes all waiters.
    fn notify_all(&self, condvar: &Self::Condvar);

    /// Wakes one waiter.
    fn notify_one(&self, condvar: &Self::Condvar);

    /// Announces that something changes by itself when the clock reaches that time (`None`: no
    /// longer). There is one alarm per condition variable; setting it replaces the one before.
    ///
    /// A virtual clock stops at that time; a real clock passes every point in time anyway and
    /// ignores the announcement. Nobody is woken: a thread that waits for the change has to wait
    /// with a deadline of its own, and one that waits already has to be notified of it. An alarm
    /// may be set with or without a lock held.
    fn alarm(&self, condvar: &Self::Condvar, at: Option<Ticks>);

    /// The current time.
    fn now(&self) -> Ticks;

    /// Lets time pass until the clock has reached that time.
    fn sleep_until(&self, deadline: Ticks) {
        let (alone, never) = (self.mutex(()), self.condvar());
        let mut guard = self.lock(&alone);
        while self.now() < deadline {
            guard = self.wait(&never, guard, Some(deadline));
        }
    }

    /// Promises that `knowledge` contains all that the calling thread has learned from the runtime
    /// since its operation began, apart from what the locks protect that it holds. A checker that
    /// remembers states may then treat two threads that know the same as equal. A broken promise
    /// makes such a checker miss executions; code that makes no promise is only slower to check.
    fn knows_only(&self, knowledge: &impl Hash) {
        let _ = knowledge;
    }

    /// An atomic word with this value.
    fn atomic(&self, value: u64) -> Self::Atomic;

    /// Reads the word.
    fn load(&self, atomic: &Self::Atomic, order: Ordering) -> u64;

    /// Writes the word.
    fn store(&self, atomic: &Self::Atomic, value: u64, order: Ordering);

    /// Writes the word; returns the value before.
    fn swap(&self, atomic: &Self::Atomic, value: u64, order: Ordering) -> u64;

    /// Adds to the word, and wraps round at its limit; returns the value before.
    fn fetch_add(&self, atomic: &Self::Atomic, value: u64, order: Ordering) -> u64;

    /// Writes `new` if the word is `current`; returns the value before. `order` is the ordering
    /// if it writes, `failure` (`Relaxed`, `Acquire` or `SeqCst`) if it does not.
    ///
    /// # Errors
    ///
    /// The value that the word has instead of `current`.
    fn compare_exchange(
        &self,
        atomic: &Self::Atomic,
        current: u64,
        new: u64,
        order: Ordering,
        failure: Ordering,
    ) -> Result<u64, u64>;

    /// A [`mutex`](Runtime::mutex) with a name, by which reports call it.
    fn mutex_named<T: Shared>(&self, name: &str, value: T) -> Self::Mutex<T> {
        let _ = name;
        self.mutex(value)
    }

    /// A [`condvar`](Runtime::condvar) with a name, by which reports call it.
    fn condvar_named(&self, name: &str) -> Self::Condvar {
        let _ = name;
        self.condvar()
    }

    /// An [`atomic`](Runtime::atomic) with a name, by which reports call it.
    fn atomic_named(&self, name: &str, value: u64) -> Self::Atomic {
        let _ = name;
        self.atomic(value)
    }
}

/// What a lock may protect: plain data that can be fingerprinted.
pub trait Shared: Hash + Send + 'static {}

impl<T: Hash + Send + 'static> Shared for T {}
