//! The runtime for production use: the standard library's locks, and real time.
//!
//! This is the only file of the crate that reads the clock. All arithmetic is in whole nanoseconds
//! and saturates, so no deadline overflows or is rounded: a wait that times out returns when
//! [`now`](Runtime::now) has reached its deadline, never before.
//!
//! A poisoned lock is taken like any other. What a [`Monitor`](crate::Monitor) protects is
//! consistent after every step, and no code of its user runs while it holds a lock; a thread that
//! panics elsewhere must not take all others down with it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::{Runtime, Shared, Ticks};

/// The standard library's locks, condition variables and atomics, and a clock that starts when the
/// runtime is created.
///
/// The clock counts whole ticks. A deadline n ticks from now is therefore reached after more than
/// n - 1 ticks and at most n: a wait may be up to one tick shorter than n ticks.
#[derive(Clone, Copy, Debug)]
pub struct StdRuntime {
    epoch: Instant,
    tick: u128,
}

/// The longest single wait; keeps below every platform's own limit.
const NAP_MAX: Duration = Duration::from_secs(24 * 60 * 60);

impl StdRuntime {
    /// A clock that starts now and counts seconds, as `ulSeconds` does.
    pub fn new() -> StdRuntime {
        StdRuntime::with_tick(Duration::from_secs(1))
    }

    /// A clock that starts now and whose tick has this length; tests use short ticks. A tick of
    /// length zero is taken as one nanosecond.
    pub fn with_tick(tick: Duration) -> StdRuntime {
        StdRuntime { epoch: Instant::now(), tick: tick.as_nanos().max(1) }
    }

    /// The time left until that point; `None` when the clock has reached it.
    fn left(&self, deadline: Ticks) -> Option<Duration> {
        let end = self.tick.saturating_mul(u128::from(deadline.0));
        let nanos = end.saturating_sub(self.epoch.elapsed().as_nanos());
        let left = Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
        (!left.is_zero()).then_some(left)
    }
}

impl Default for StdRuntime {
    fn default() -> StdRuntime {
        StdRuntime::new()
    }
}

impl Runtime for StdRuntime {
    type Mutex<T: Shared> = Mutex<T>;
    type Guard<'m, T: Shared> = MutexGuard<'m, T>;
    type Condvar = Condvar;
    type Atomic = AtomicU64;

    fn mutex<T: Shared>(&self, value: T) -> Mutex<T> {
        Mutex::new(value)
    }

    fn lock<'m, T: Shared>(&self, mutex: &'m Mutex<T>) -> MutexGuard<'m, T> {
        mutex.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn condvar(&self) -> Condvar {
        Condvar::new()
    }

    fn wait<'m, T: Shared>(
        &self,
        condvar: &Condvar,
        mut guard: Self::Guard<'m, T>,
        deadline: Option<Ticks>,
    ) -> Self::Guard<'m, T> {
        let Some(deadline) = deadline else {
            return condvar.wait(guard).unwrap_or_else(PoisonError::into_inner);
        };
        while let Some(left) = self.left(deadline) {
            let woken = condvar.wait_timeout(guard, left.min(NAP_MAX));
            let (locked, timeout) = woken.unwrap_or_else(PoisonError::into_inner);
            guard = locked;
            if !timeout.timed_out() {
                break;
            }
        }
        guard
    }

    fn notify_all(&self, condvar: &Condvar) {
        condvar.notify_all();
    }

    fn notify_one(&self, condvar: &Condvar) {
        condvar.notify_one();
    }

    /// Does nothing: on a real clock a wait with a deadline ends by itself.
    fn alarm(&self, _: &Condvar, _: Option<Ticks>) {}

    fn now(&self) -> Ticks {
        let ticks = self.epoch.elapsed().as_nanos() / self.tick;
        Ticks(u64::try_from(ticks).unwrap_or(u64::MAX))
    }

    fn atomic(&self, value: u64) -> AtomicU64 {
        AtomicU64::new(value)
    }

    fn load(&self, atomic: &AtomicU64, order: Ordering) -> u64 {
        atomic.load(order)
    }

    fn store(&self, atomic: &AtomicU64, value: u64, order: Ordering) {
        atomic.store(value, order);
    }

    fn swap(&self, atomic: &AtomicU64, value: u64, order: Ordering) -> u64 {
        atomic.swap(value, order)
    }

    fn fetch_add(&self, atomic: &AtomicU64, value: u64, order: Ordering) -> u64 {
        atomic.fetch_add(value, order)
    }

    fn compare_exchange(
        &self,
        atomic: &AtomicU64,
        current: u64,
        new: u64,
        order: Ordering,
        failure: Ordering,
    ) -> Result<u64, u64> {
        atomic.compare_exchange(current, new, order, failure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLISECOND: Duration = Duration::from_millis(1);

    /// Waits until that time as every user of a runtime does; returns the number of waits it took.
    fn wait_alone(runtime: &StdRuntime, deadline: Ticks) -> u32 {
        let (mutex, condvar) = (runtime.mutex(()), runtime.condvar());
        let mut guard = runtime.lock(&mutex);
        let mut waits = 0;
        while runtime.now() < deadline {
            guard = runtime.wait(&condvar, guard, Some(deadline));
            waits += 1;
        }
        waits
    }

    #[test]
    fn a_wait_that_nobody_ends_lasts_until_its_deadline_and_is_not_a_busy_loop() {
        for tick in [Duration::from_micros(1), Duration::from_nanos(333_333), 3 * MILLISECOND] {
            let runtime = StdRuntime::with_tick(tick);
            for ticks in 1..8 {
                // One wait would do if there were no spurious wake-ups.
                let waits = wait_alone(&runtime, runtime.now().after(ticks));
                assert!(waits < 10, "{waits} waits for {ticks} ticks of {tick:?}");
            }
        }
    }

    #[test]
    fn a_deadline_that_has_passed_is_not_waited_for() {
        let runtime = StdRuntime::with_tick(MILLISECOND);
        wait_alone(&runtime, Ticks(2));
        wait_alone(&runtime, Ticks(1));
        let mutex = runtime.mutex(7);
        let guard = runtime.wait(&runtime.condvar(), runtime.lock(&mutex), Some(Ticks(0)));
        assert_eq!(*guard, 7);
    }

    #[test]
    fn no_deadline_and_no_tick_overflows() {
        for tick in [Duration::ZERO, MILLISECOND, Duration::from_secs(1), Duration::MAX] {
            let runtime = StdRuntime::with_tick(tick);
            for deadline in [u64::from(u32::MAX - 1), u64::MAX - 1, u64::MAX] {
                let left = runtime.left(Ticks(deadline)).expect("it is far away");
                assert!(left.min(NAP_MAX) > Duration::ZERO);
            }
            assert!(runtime.now() < Ticks(u64::MAX));
        }
    }

    #[test]
    fn a_tick_is_a_second_unless_it_is_shortened() {
        let (seconds, short) = (StdRuntime::default(), StdRuntime::with_tick(MILLISECOND));
        let longest = Duration::from_secs(60);
        assert!(seconds.left(Ticks(60)).is_some_and(|left| left <= longest && left > longest / 2));
        assert!(short.left(Ticks(60_000)).is_some_and(|left| left <= longest));
    }

    #[test]
    fn a_lock_that_a_panic_left_behind_can_be_taken() {
        let runtime = StdRuntime::new();
        let mutex = runtime.mutex(1);
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            *runtime.lock(&mutex) = 2;
            let _guard = runtime.lock(&mutex);
            std::panic::resume_unwind(Box::new("with the lock held"));
        }));
        assert!(panicked.is_err() && mutex.is_poisoned());
        assert_eq!(*runtime.lock(&mutex), 2);
    }

    #[test]
    fn a_word_is_exchanged_only_for_what_it_is_expected_to_be() {
        let runtime = StdRuntime::new();
        let word = runtime.atomic(1);
        let exchange = |current, new| {
            runtime.compare_exchange(&word, current, new, Ordering::AcqRel, Ordering::Acquire)
        };
        assert_eq!(exchange(1, 2), Ok(1));
        assert_eq!(exchange(1, 3), Err(2));
        assert_eq!(runtime.swap(&word, u64::MAX, Ordering::SeqCst), 2);
        assert_eq!(runtime.fetch_add(&word, 2, Ordering::SeqCst), u64::MAX);
        assert_eq!(runtime.load(&word, Ordering::SeqCst), 1, "it wraps round");
        runtime.store(&word, 4, Ordering::SeqCst);
        assert_eq!(runtime.load(&word, Ordering::SeqCst), 4);
    }
}
