//! No wrong implementation passes and no right one is accused, whatever it does: it goes round for
//! ever, keeps state where no engine looks, uses the runtime in destructors, or never comes back.

use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};
use std::sync::Mutex as StdMutex;
use std::sync::atomic::{AtomicU64, Ordering};

use calloff_model::{Reading, Runtime};
use calloff_protocol::exploration::{Bound, Engine, Exploration, Limit, Limits, Scope, Stop};
use calloff_protocol::judge::Source;
use calloff_protocol::program::Case;
use calloff_sim::drive;
use calloff_sim::engine::exhaustive;
use calloff_sim::engine::loom::{self, Budget, LoomBound};
use calloff_sim::engine::sampled::{self, Sample};
use calloff_sim::runtime::loom::LoomRuntime;
use calloff_sim::runtime::shuttle::ShuttleRuntime;
use calloff_sim::verify::{Report, Subject, verify};
use calloff_tests::litmus::{End, Litmus, Stage, Variant, scenario};

type Plain<R, L> = Stage<R, L, false>;

fn case<L: Litmus>() -> Case {
    Case::new(&scenario(L::ACTORS), Reading::default())
}

fn explored<L: Litmus, const REPAIRED: bool>() -> Exploration {
    let make = drive::make::<ShuttleRuntime, Stage<_, L, REPAIRED>>();
    let (scope, limits) = (Scope::default(), Limits::default());
    exhaustive::explore(&make, &case::<L>(), &scope, &limits, &Stop::default())
}

fn sampled<L: Litmus, const REPAIRED: bool>() -> Exploration {
    let make = drive::make::<ShuttleRuntime, Stage<_, L, REPAIRED>>();
    sampled::explore(&make, &case::<L>(), Sample { seed: 0, executions: 80 }, &Stop::default())
}

/// What `verify` says under one engine. The actors return other codes than those of a machine, so
/// the ends are always foreign; what counts is what else is found.
fn verified<L: Litmus, const REPAIRED: bool>(engine: Engine) -> Report {
    let source = Source { file: L::NAME.to_owned(), scenario: scenario(L::ACTORS) };
    let subject = Subject::of(vec![source]).readings(&[Reading::default()]).engines(&[engine]);
    verify::<Stage<ShuttleRuntime, L, REPAIRED>>(&subject)
}

fn says(report: &Report, what: &str) -> bool {
    report.findings.iter().any(|finding| finding.message.contains(what))
}

/// Implements [`Litmus`] for code of which only `act` matters here.
macro_rules! acts {
    ($name:ident, $actors:literal, $shared:ty, $make:expr, $act:expr) => {
        struct $name;

        impl Litmus for $name {
            const NAME: &'static str = stringify!($name);
            const EFFECT: &'static str = "";
            const REPAIR: &'static str = "";
            const ACTORS: u32 = $actors;
            type Shared<R: Runtime> = $shared;

            fn shared<R: Runtime>(runtime: &R) -> Self::Shared<R> {
                $make(runtime)
            }
            fn act<R: Runtime>(
                runtime: &R,
                shared: &Self::Shared<R>,
                actor: u32,
                variant: Variant,
            ) -> u32 {
                $act(runtime, shared, actor, variant)
            }
            fn is_seen(_: &BTreeSet<End>) -> bool {
                false
            }
        }
    };
}

// Livelock.

/// An exchange that is tried again with the value that was read at first. Repaired: it reads again.
fn exchange<R: Runtime>(runtime: &R, word: &R::Atomic, knows: bool, variant: Variant) -> u32 {
    let mut old = runtime.load(word, Ordering::SeqCst);
    loop {
        if knows {
            runtime.knows_only(&("exchange", old));
        }
        let order = Ordering::SeqCst;
        match runtime.compare_exchange(word, old, old + 1, order, order) {
            Ok(_) => return 0,
            Err(now) if variant == Variant::Repaired => old = now,
            Err(_) => {}
        }
    }
}

acts!(
    Forgetful,
    2,
    R::Atomic,
    |runtime: &R| runtime.atomic_named("count", 0),
    |runtime: &R, word: &R::Atomic, _, variant| exchange(runtime, word, false, variant)
);
acts!(
    ForgetfulAndSaysSo,
    2,
    R::Atomic,
    |runtime: &R| runtime.atomic_named("count", 0),
    |runtime: &R, word: &R::Atomic, _, variant| exchange(runtime, word, true, variant)
);
// Somebody waits by reading again and again until another one has set a flag.
acts!(
    SpinsUntilSet,
    2,
    R::Atomic,
    |runtime: &R| runtime.atomic(0),
    |runtime: &R, word: &R::Atomic, actor, _| {
        if actor == 1 {
            runtime.store(word, 1, Ordering::SeqCst);
        } else {
            while runtime.load(word, Ordering::SeqCst) == 0 {}
        }
        0
    }
);

fn is_a_livelock<L: Litmus>() {
    let found = explored::<L, false>();
    assert_eq!(found.bound, Bound::Exhausted);
    let livelock = found.livelock.expect("the exchange never succeeds again");
    assert!(livelock.is_proven && !livelock.way.0.is_empty() && !livelock.cycle.0.is_empty());
    assert!(livelock.turns.iter().any(|turn| !turn.deeds.is_empty()), "{livelock:?}");
    let report = verified::<L, false>(Engine::Exhaustive);
    assert!(says(&report, "livelock") && says(&report, "uses atomic `count`"), "{report}");
    assert!(explored::<L, true>().livelock.is_none());
}

#[test]
fn a_retry_that_never_reads_again_is_a_livelock() {
    is_a_livelock::<Forgetful>();
    is_a_livelock::<ForgetfulAndSaysSo>();
}

#[test]
fn a_livelock_is_noticed_by_sampling_and_ends_no_search() {
    let found = sampled::<Forgetful, false>();
    let livelock = found.livelock.expect("some execution loses the exchange");
    assert!(!livelock.is_proven);
    assert!(sampled::<Forgetful, true>().livelock.is_none());
}

#[test]
fn spinning_that_can_end_is_no_livelock() {
    let found = explored::<SpinsUntilSet, true>();
    assert_eq!((found.bound, found.livelock), (Bound::Exhausted, None));
    assert_eq!(found.outcomes.len(), 1);
    let sampled = sampled::<SpinsUntilSet, true>();
    assert_eq!(sampled.livelock, None, "PCT alone would spin for ever");
    assert_eq!(sampled.outcomes.len(), 1);
}

#[test]
fn loom_says_that_it_was_stopped_where_code_spins() {
    let make = drive::make::<LoomRuntime, Plain<_, SpinsUntilSet>>();
    let budget = Budget { executions_max: 500, preemptions_max: 1 };
    let run = loom::explore(&make, &case::<SpinsUntilSet>(), budget);
    assert_eq!(run.bound, LoomBound::Endless);
    assert_eq!(run.into_exploration().bound, Bound::Stopped { limit: Limit::Steps });
}

#[test]
fn data_that_grows_for_ever_is_stopped_at_a_limit() {
    acts!(
        Grows,
        1,
        R::Mutex<u64>,
        |runtime: &R| runtime.mutex(0),
        |runtime: &R, count: &R::Mutex<u64>, _, _| {
            loop {
                *runtime.lock(count) += 1;
                if *runtime.lock(count) == 0 {
                    return 0;
                }
            }
        }
    );
    let make = drive::make::<ShuttleRuntime, Plain<_, Grows>>();
    let limits = Limits { states_max: 5_000, ..Limits::default() };
    let (case, scope) = (case::<Grows>(), Scope::default());
    let found = exhaustive::explore(&make, &case, &scope, &limits, &Stop::default());
    assert_eq!(found.bound, Bound::Stopped { limit: Limit::States });
    assert_eq!(found.livelock, None, "nothing is known of states that were not explored");
}

// Destructors.

/// Takes a lock when it is dropped.
struct Leaves<'r, R: Runtime>(&'r R, &'r R::Mutex<u32>);

impl<R: Runtime> Drop for Leaves<'_, R> {
    fn drop(&mut self) {
        *self.0.lock(self.1) += 1;
    }
}

/// Two locks, one more that is taken inside the first, and a condition variable.
type Locks<R> = (
    <R as Runtime>::Mutex<u32>,
    <R as Runtime>::Mutex<u32>,
    <R as Runtime>::Mutex<u32>,
    <R as Runtime>::Condvar,
);

acts!(
    LocksWhenDropped,
    3,
    Locks<R>,
    |runtime: &R| (runtime.mutex(0), runtime.mutex(0), runtime.mutex(0), runtime.condvar()),
    |runtime: &R, (inside, third, other, changed): &Locks<R>, actor, variant| {
        let _leaves = Leaves(runtime, inside);
        // An execution that is abandoned here leaves the lock held that others need in order to
        // unwind.
        let held = runtime.lock(inside);
        drop(runtime.lock(third));
        drop(held);
        let mut guard = runtime.lock(other);
        *guard += 1;
        runtime.notify_all(changed);
        // Repaired: nobody waits for ever.
        while actor == 2 && variant == Variant::Plain && *guard < 9 {
            guard = runtime.wait(changed, guard, None);
        }
        0
    }
);

#[test]
fn a_destructor_that_takes_a_lock_takes_nobody_down() {
    for found in [explored::<LocksWhenDropped, true>(), sampled::<LocksWhenDropped, true>()] {
        assert!(found.panics.is_empty(), "{:?}", found.panics);
        assert_eq!(found.outcomes.len(), 1, "{:?}", found.bound);
    }
    let found = explored::<LocksWhenDropped, false>();
    assert_eq!(found.bound, Bound::Exhausted);
    assert!(found.panics.is_empty());
    assert!(found.outcomes.keys().all(|end| !end.stuck.is_empty()));
}

#[test]
fn a_destructor_that_takes_a_lock_takes_no_worker_of_loom_down() {
    let budget = Budget { executions_max: 2_000, preemptions_max: 1 };
    let make = drive::make::<LoomRuntime, Plain<_, LocksWhenDropped>>();
    let run = loom::explore(&make, &case::<LocksWhenDropped>(), budget);
    assert!(!run.outcomes.is_empty());
    assert!(run.outcomes.keys().all(|end| !end.stuck.is_empty()));
}

acts!(
    PanicsWithAGuard,
    2,
    R::Mutex<u32>,
    |runtime: &R| runtime.mutex(0),
    |runtime: &R, inside: &R::Mutex<u32>, actor, variant| {
        let _leaves = Leaves(runtime, inside);
        drop(runtime.lock(inside));
        if actor == 0 && variant == Variant::Plain {
            std::panic::resume_unwind(Box::new("on purpose".to_owned()));
        }
        0
    }
);

#[test]
fn a_panic_whose_unwinding_takes_a_lock_is_a_finding() {
    let found = explored::<PanicsWithAGuard, false>();
    assert_eq!(found.panics.keys().collect::<Vec<_>>(), ["on purpose"]);
    assert!(explored::<PanicsWithAGuard, true>().panics.is_empty());
}

// State that the runtime does not know.

acts!(
    Outside,
    2,
    (R::Mutex<u32>, AtomicU64),
    |runtime: &R| (runtime.mutex(0), AtomicU64::new(0)),
    |runtime: &R, (lock, seen): &(R::Mutex<u32>, AtomicU64), actor: u32, variant| {
        for _ in 0..2 {
            drop(runtime.lock(lock));
            // Who was here last, which nobody can see in the state.
            seen.store(u64::from(actor), Ordering::SeqCst);
        }
        drop(runtime.lock(lock));
        match variant {
            Variant::Plain => seen.load(Ordering::SeqCst) as u32,
            Variant::Repaired => 0,
        }
    }
);

/// A number that its hash leaves out.
struct Unhashed(u32);

impl Hash for Unhashed {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

acts!(
    LeavesOut,
    2,
    R::Mutex<Unhashed>,
    |runtime: &R| runtime.mutex(Unhashed(0)),
    |runtime: &R, lock: &R::Mutex<Unhashed>, actor: u32, variant| {
        for _ in 0..2 {
            runtime.lock(lock).0 = actor;
        }
        match variant {
            Variant::Plain => runtime.lock(lock).0,
            Variant::Repaired => 0,
        }
    }
);

fn keeps_state_to_itself<L: Litmus>() {
    let found = explored::<L, false>();
    assert_eq!(found.bound, Bound::Diverged, "nothing is claimed of it");
    let found = found.divergence.expect("two executions differ");
    assert!(found.message.contains("state that the runtime does not know"), "{}", found.message);
    let right = explored::<L, true>();
    assert_eq!(right.bound, Bound::Exhausted);
    assert!(right.rechecked > 0);
}

#[test]
fn state_that_the_runtime_does_not_know_is_found_out() {
    keeps_state_to_itself::<Outside>();
}

#[test]
fn a_hash_that_leaves_something_out_is_found_out() {
    keeps_state_to_itself::<LeavesOut>();
}

// Code that does not come back.

acts!(
    LocksOfStd,
    2,
    (R::Mutex<u32>, StdMutex<u32>),
    |runtime: &R| (runtime.mutex(0), StdMutex::new(0)),
    |runtime: &R, (lock, held): &(R::Mutex<u32>, StdMutex<u32>), _, _| {
        // Held while others may step, and they block on it outside of the runtime.
        let guard = held.lock().unwrap();
        drop(runtime.lock(lock));
        drop(guard);
        0
    }
);

#[test]
fn an_operation_that_blocks_outside_of_the_runtime_is_named() {
    let report = verified::<LocksOfStd, false>(Engine::Exhaustive);
    assert!(says(&report, "in enable, does not come back"), "{report}");
    assert!(!says(&report, "panicked"), "{report}");
}

#[test]
fn a_thread_that_spins_outside_of_the_runtime_is_named() {
    acts!(SpinsOutside, 1, (), |_: &R| (), |_: &R, (): &(), _, _| loop {
        std::thread::yield_now();
        if std::env::var_os("CALLOFF_NEVER_SET").is_some() {
            return 0;
        }
    });
    let report = verified::<SpinsOutside, false>(Engine::Shuttle);
    assert!(says(&report, "`actor-0`, in enable, does not come back"), "{report}");
}
