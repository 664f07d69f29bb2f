//! Litmus tests whose effect depends on the order of the threads' steps.

use std::collections::BTreeSet;

use calloff_model::Runtime;

use super::{End, Litmus, OnThreads, Variant};

/// Two actors each test in one critical section and act in the next one: one actor overwrites what
/// the other has done.
pub struct CheckThenAct;

impl Litmus for CheckThenAct {
    const NAME: &'static str = "check-then-act";
    const EFFECT: &'static str = "what was looked at changes before it is acted upon";
    const REPAIR: &'static str = "one critical section";
    const ACTORS: u32 = 2;
    type Shared<R: Runtime> = R::Mutex<u32>;

    fn shared<R: Runtime>(runtime: &R) -> R::Mutex<u32> {
        runtime.mutex(0)
    }

    fn act<R: Runtime>(runtime: &R, count: &R::Mutex<u32>, _: u32, variant: Variant) -> u32 {
        let mut guard = runtime.lock(count);
        let before = *guard;
        if variant == Variant::Plain {
            drop(guard);
            guard = runtime.lock(count);
        }
        *guard = before + 1;
        before
    }

    fn is_seen(ends: &BTreeSet<End>) -> bool {
        ends.contains(&vec![Some(0), Some(0)])
    }
}

/// Two actors take two locks in opposite orders.
pub struct LockOrder;

impl Litmus for LockOrder {
    const NAME: &'static str = "lock-order";
    const EFFECT: &'static str = "two threads, each with a lock that the other one waits for";
    const REPAIR: &'static str = "the same order";
    const ACTORS: u32 = 2;
    /// A deadlock on locks lasts for the whole time limit of the engine on real threads.
    const REPETITIONS: u64 = 1;
    type Shared<R: Runtime> = [R::Mutex<()>; 2];

    fn shared<R: Runtime>(runtime: &R) -> [R::Mutex<()>; 2] {
        [runtime.mutex(()), runtime.mutex(())]
    }

    fn act<R: Runtime>(
        runtime: &R,
        [one, other]: &[R::Mutex<()>; 2],
        actor: u32,
        variant: Variant,
    ) -> u32 {
        let is_reversed = actor == 1 && variant == Variant::Plain;
        let (first, second) = if is_reversed { (other, one) } else { (one, other) };
        let _first = runtime.lock(first);
        let _second = runtime.lock(second);
        0
    }

    fn is_seen(ends: &BTreeSet<End>) -> bool {
        ends.contains(&vec![None, None])
    }
}

/// Two actors wait, and a third one wakes one of them: it may be the one that arrived second.
///
/// Each waits once, and returns whether it arrived second. A spurious wake-up cannot be mistaken
/// for a notification: the notification then goes to the other actor, and none is stuck.
pub struct WakeOrder;

impl Litmus for WakeOrder {
    const NAME: &'static str = "wake-order";
    const EFFECT: &'static str = "`notify_one` wakes somebody who has not waited longest";
    const REPAIR: &'static str = "`notify_all`";
    const ACTORS: u32 = 3;
    const ON_THREADS: OnThreads = OnThreads::Never;
    /// The number of arrivals; the condition variable of the two waiters; that of the third actor.
    type Shared<R: Runtime> = (R::Mutex<u32>, R::Condvar, R::Condvar);

    fn shared<R: Runtime>(runtime: &R) -> Self::Shared<R> {
        (runtime.mutex(0), runtime.condvar(), runtime.condvar())
    }

    fn act<R: Runtime>(
        runtime: &R,
        (come, turn, arrival): &Self::Shared<R>,
        actor: u32,
        variant: Variant,
    ) -> u32 {
        let mut guard = runtime.lock(come);
        if actor < 2 {
            let before_me = *guard;
            *guard += 1;
            runtime.notify_all(arrival);
            drop(runtime.wait(turn, guard, None));
            return before_me;
        }
        while *guard < 2 {
            guard = runtime.wait(arrival, guard, None);
        }
        match variant {
            Variant::Plain => runtime.notify_one(turn),
            Variant::Repaired => runtime.notify_all(turn),
        }
        0
    }

    fn is_seen(ends: &BTreeSet<End>) -> bool {
        let second_alone = [[Some(1), None], [None, Some(1)]];
        ends.iter().any(|end| second_alone.iter().any(|waiters| end[..2] == *waiters))
    }
}
