//! Litmus tests about how a wait ends, or why it does not end.

use std::collections::BTreeSet;

use calloff_model::{Runtime, Ticks};

use super::{End, Litmus, OnThreads, Variant};

/// A flag, and the condition variable that is notified when the flag is set.
type Flag<R> = (<R as Runtime>::Mutex<bool>, <R as Runtime>::Condvar);

fn flag<R: Runtime>(runtime: &R) -> Flag<R> {
    (runtime.mutex(false), runtime.condvar())
}

/// Sets the flag and notifies.
fn set<R: Runtime>(runtime: &R, (flag, changed): &Flag<R>) -> u32 {
    let mut guard = runtime.lock(flag);
    *guard = true;
    runtime.notify_all(changed);
    0
}

/// A wait with a deadline that nobody notifies.
pub struct TimedWait;

impl Litmus for TimedWait {
    const NAME: &'static str = "timed-wait";
    const EFFECT: &'static str = "a wait with a deadline ends although nobody notifies";
    const REPAIR: &'static str = "no deadline";
    const ACTORS: u32 = 1;
    const ON_THREADS: OnThreads = OnThreads::Always;
    type Shared<R: Runtime> = Flag<R>;

    fn shared<R: Runtime>(runtime: &R) -> Flag<R> {
        flag(runtime)
    }

    fn act<R: Runtime>(runtime: &R, (flag, changed): &Flag<R>, _: u32, variant: Variant) -> u32 {
        let guard = runtime.lock(flag);
        let deadline = runtime.now().after(1);
        let until = (variant == Variant::Plain).then_some(deadline);
        drop(runtime.wait(changed, guard, until));
        u32::from(runtime.now() >= deadline)
    }

    fn is_seen(ends: &BTreeSet<End>) -> bool {
        ends.contains(&vec![Some(1)])
    }
}

/// A wait with a deadline that another actor notifies: either one may end it.
pub struct TimedRace;

const EXPIRED: u32 = 0;
const NOT_WAITED: u32 = 1;
const NOTIFIED: u32 = 2;

impl Litmus for TimedRace {
    const NAME: &'static str = "timed-race";
    const EFFECT: &'static str = "a wait with a deadline ends by time, and by a notification";
    const REPAIR: &'static str = "no deadline";
    const ACTORS: u32 = 2;
    type Shared<R: Runtime> = Flag<R>;

    fn shared<R: Runtime>(runtime: &R) -> Flag<R> {
        flag(runtime)
    }

    fn act<R: Runtime>(runtime: &R, shared: &Flag<R>, actor: u32, variant: Variant) -> u32 {
        let (flag, changed) = shared;
        if actor == 1 {
            return set(runtime, shared);
        }
        let mut guard = runtime.lock(flag);
        if *guard {
            return NOT_WAITED;
        }
        let deadline = (variant == Variant::Plain).then_some(runtime.now().after(1));
        while !*guard {
            guard = runtime.wait(changed, guard, deadline);
            if deadline.is_some_and(|deadline| runtime.now() >= deadline) {
                return EXPIRED;
            }
        }
        NOTIFIED
    }

    fn is_seen(ends: &BTreeSet<End>) -> bool {
        let has = |code| ends.iter().any(|end| end[0] == Some(code));
        has(EXPIRED) && has(NOTIFIED)
    }
}

/// An actor that waits for a time of which only the clock is told. The alarm is set without the
/// lock.
pub struct Alarm;

impl Litmus for Alarm {
    const NAME: &'static str = "alarm";
    const EFFECT: &'static str = "an alarm makes the clock stop, and wakes nobody";
    const REPAIR: &'static str = "waiting with a deadline";
    const ACTORS: u32 = 2;
    type Shared<R: Runtime> = Flag<R>;

    fn shared<R: Runtime>(runtime: &R) -> Flag<R> {
        flag(runtime)
    }

    fn act<R: Runtime>(runtime: &R, shared: &Flag<R>, actor: u32, variant: Variant) -> u32 {
        const SOON: Ticks = Ticks(1);
        let (flag, changed) = shared;
        if actor == 1 {
            runtime.alarm(changed, Some(SOON));
            return 0;
        }
        let mut guard = runtime.lock(flag);
        while runtime.now() < SOON {
            let until = (variant == Variant::Repaired).then_some(SOON);
            guard = runtime.wait(changed, guard, until);
        }
        0
    }

    fn is_seen(ends: &BTreeSet<End>) -> bool {
        ends.iter().any(|end| end[0].is_none())
    }
}

/// An actor that tests, releases the lock, and then waits: a notification in between is lost.
pub struct LostNotification;

impl Litmus for LostNotification {
    const NAME: &'static str = "lost-notification";
    const EFFECT: &'static str =
        "a notification between looking and waiting, and somebody is stuck";
    const REPAIR: &'static str = "looking and waiting in one critical section";
    const ACTORS: u32 = 2;
    type Shared<R: Runtime> = Flag<R>;

    fn shared<R: Runtime>(runtime: &R) -> Flag<R> {
        flag(runtime)
    }

    fn act<R: Runtime>(runtime: &R, shared: &Flag<R>, actor: u32, variant: Variant) -> u32 {
        let (flag, changed) = shared;
        if actor == 1 {
            return set(runtime, shared);
        }
        let mut guard = runtime.lock(flag);
        while !*guard {
            if variant == Variant::Plain {
                drop(guard);
                guard = runtime.lock(flag);
            }
            guard = runtime.wait(changed, guard, None);
        }
        0
    }

    fn is_seen(ends: &BTreeSet<End>) -> bool {
        ends.iter().any(|end| end[0].is_none())
    }
}

/// An actor that does not test again after a wait, which may have ended spuriously.
pub struct SpuriousWakeUp;

impl Litmus for SpuriousWakeUp {
    const NAME: &'static str = "spurious-wake-up";
    const EFFECT: &'static str = "a wait ends for no reason";
    const REPAIR: &'static str = "looking again";
    const ACTORS: u32 = 2;
    const ON_THREADS: OnThreads = OnThreads::Never;
    type Shared<R: Runtime> = Flag<R>;

    fn shared<R: Runtime>(runtime: &R) -> Flag<R> {
        flag(runtime)
    }

    fn act<R: Runtime>(runtime: &R, shared: &Flag<R>, actor: u32, variant: Variant) -> u32 {
        let (flag, changed) = shared;
        if actor == 1 {
            return set(runtime, shared);
        }
        let mut guard = runtime.lock(flag);
        while !*guard {
            guard = runtime.wait(changed, guard, None);
            if variant == Variant::Plain {
                break;
            }
        }
        u32::from(!*guard)
    }

    fn is_seen(ends: &BTreeSet<End>) -> bool {
        ends.iter().any(|end| end[0] == Some(1))
    }
}
