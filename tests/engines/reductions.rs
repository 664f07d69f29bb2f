//! What the `exhaustive` engine saves itself loses nothing: with its reductions it finds what it
//! finds without them.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use calloff_model::{CallId, Code, Reading, Runtime, ThreadId, Window};
use calloff_protocol::exploration::{
    Bound, Exploration, Limits, Reduction, Reductions, Scope, Stop,
};
use calloff_protocol::faults::Seeded;
use calloff_protocol::faults::shell::SHELL_FAULTS;
use calloff_protocol::program::Case;
use calloff_protocol::scenario::Scenario;
use calloff_sim::drive::{self, Implementation, Process};
use calloff_sim::engine::exhaustive;
use calloff_sim::generate::{self, Size};
use calloff_sim::runtime::shuttle::ShuttleRuntime;
use calloff_sim::subjects;
use calloff_tests::litmus::{ALL, Variant};
use calloff_tests::{parse, races};

/// The reductions that change nothing but what is run.
const STEPS: Reductions = Reductions::of(&[Reduction::KnownSteps]);

fn scope(reductions: Reductions) -> Scope {
    Scope { reductions, ..Scope::default() }
}

fn explore(case: &Case, fault: Option<Seeded>, reductions: Reductions) -> Exploration {
    subjects::exhaustive(fault, case, &scope(reductions), &Limits::default(), &Stop::default())
}

/// Both have found the same.
fn assert_equal(full: &Exploration, reduced: &Exploration, what: &str) {
    assert_eq!(full.bound, reduced.bound, "{what}");
    let ends = |found: &Exploration| found.outcomes.keys().cloned().collect::<Vec<_>>();
    assert_eq!(ends(full), ends(reduced), "{what}");
    let panics = |found: &Exploration| found.panics.keys().cloned().collect::<Vec<_>>();
    assert_eq!(panics(full), panics(reduced), "{what}");
    assert_eq!(full.livelock.is_some(), reduced.livelock.is_some(), "{what}");
    assert_eq!(full.granularity, reduced.granularity, "{what}");
    assert!(reduced.states <= full.states && reduced.executions <= full.executions, "{what}");
}

/// They have found the same in the same order.
fn assert_same(full: &Exploration, reduced: &Exploration, what: &str) {
    assert_equal(full, reduced, what);
    assert_eq!(full.livelock, reduced.livelock, "{what}");
    let counts = |found: &Exploration| (found.states, found.transitions, found.executions);
    assert_eq!(counts(full), counts(reduced), "{what}");
    assert_eq!(full.found_after, reduced.found_after, "{what}");
    let ways = |found: &Exploration| -> Vec<_> {
        let nodes = found.outcomes.values().chain(found.panics.values());
        nodes.map(|node| found.schedule(*node)).collect()
    };
    assert_eq!(ways(full), ways(reduced), "{what}");
}

/// The reductions, held against the search without them. Whether identical actors have saved
/// anything.
fn hold(case: &Case, fault: Option<Seeded>, what: &str) -> bool {
    let full = explore(case, fault, Reductions::NONE);
    assert_same(&full, &explore(case, fault, STEPS), what);
    let reduced = explore(case, fault, Reductions::default());
    assert_equal(&full, &reduced, what);
    reduced.states < full.states
}

fn cases(scenario: &Scenario) -> impl Iterator<Item = Case> + '_ {
    scenario.expect.readings.iter().map(|reading| Case::new(scenario, *reading))
}

#[test]
fn nothing_is_lost_in_small_scenarios_of_the_corpus() {
    let mut saved = 0;
    for source in races() {
        let is_small = source.scenario.actors.len() <= 3;
        if is_small || source.file == "races/three-cancellers.toml" {
            for case in cases(&source.scenario) {
                saved += u32::from(hold(&case, None, &source.file));
            }
        }
    }
    assert!(saved > 0, "no identical actors in any of them");
}

#[test]
fn nothing_is_lost_in_generated_scenarios() {
    for index in 0..20 {
        let scenario = generate::scenario(7, index, &Size::default());
        for case in cases(&scenario).take(2) {
            hold(&case, None, &scenario.to_toml());
        }
    }
}

/// A call, and two who cancel it alike.
fn alike() -> Scenario {
    parse(
        r#"
        schema = 1
        name = "alike"
        actor = [
            { name = "caller", depth = 1, steps = [{ call = "call" }] },
            { name = "server", steps = [{ dispatch = "call" }, { reply = "S_OK" }] },
            { name = "one", steps = [{ cancel = { thread = "caller", seconds = 1 } }] },
            { name = "two", steps = [{ cancel = { thread = "caller", seconds = 1 } }] },
        ]
        [expect]
        verdict = "holds"
        "#,
    )
}

#[test]
fn nothing_is_lost_of_the_faults_of_the_shell() {
    let scenario = alike();
    let case = Case::new(&scenario, Reading::default());
    let saved = SHELL_FAULTS.iter().filter(|fault| {
        let fault = Seeded::Shell(fault);
        hold(&case, Some(fault), fault.name())
    });
    assert!(saved.count() > SHELL_FAULTS.len() / 2);
}

#[test]
fn nothing_is_lost_of_what_litmus_tests_show() {
    for entry in &ALL {
        for variant in [Variant::Plain, Variant::Repaired] {
            let found = |reductions| entry.exploration(variant, &scope(reductions));
            let full = found(Reductions::NONE);
            assert_same(&full, &found(STEPS), entry.name);
            assert_equal(&full, &found(Reductions::default()), entry.name);
        }
    }
}

/// Cancelling by thread is one thing, and all other operations are nothing.
struct Cancels<R: Runtime, A> {
    runtime: R,
    shared: (R::Mutex<u64>, R::Atomic, R::Condvar),
    act: std::marker::PhantomData<A>,
}

trait Act: Send + Sync + 'static {
    fn cancel<R: Runtime>(
        runtime: &R,
        shared: &(R::Mutex<u64>, R::Atomic, R::Condvar),
        whom: ThreadId,
    ) -> Code;
}

impl<R: Runtime, A: Act> Implementation<R> for Cancels<R, A> {
    type Object = ();

    fn new(runtime: R, _: Reading, _: &Process) -> Self {
        let shared = (runtime.mutex(0), runtime.atomic(0), runtime.condvar());
        Cancels { runtime, shared, act: std::marker::PhantomData }
    }
    fn enable(&self, ThreadId(thread): ThreadId) -> Code {
        Code(thread)
    }
    fn disable(&self, ThreadId(thread): ThreadId) -> Code {
        // Who was here is part of the state from now on.
        *self.runtime.lock(&self.shared.0) = u64::from(thread);
        Code(0)
    }
    fn issue(&self, _: ThreadId, _: CallId) {}
    fn await_call(&self, _: ThreadId, _: CallId) -> Code {
        Code(0)
    }
    fn dispatch(&self, _: ThreadId, _: CallId) -> bool {
        true
    }
    fn reply(&self, _: ThreadId, _: CallId, _: Code) {}
    fn test_cancel(&self, _: ThreadId, _: CallId) -> Code {
        Code(0)
    }
    fn get_cancel_object(&self, _: ThreadId) -> Result<(), Code> {
        Ok(())
    }
    fn test_cancel_object(&self, (): &()) -> Code {
        Code(0)
    }
    fn cancel(&self, (): &(), _: Window) -> Code {
        Code(0)
    }
    fn cancel_thread(&self, thread: ThreadId, _: Window) -> Code {
        A::cancel(&self.runtime, &self.shared, thread)
    }
}

/// Three actors that take the same steps.
fn three(steps: &str) -> Case {
    let actor = |name: &str| format!("[[actor]]\nname = \"{name}\"\nsteps = [{steps}]\n");
    let actors = ["a", "b", "c"].map(actor).concat();
    let text = format!("schema = 1\nname = \"three\"\n{actors}[expect]\nverdict = \"holds\"\n");
    Case::new(&parse(&text), Reading::default())
}

const CANCEL: &str = r#"{ cancel = { thread = "a", seconds = 0 } }"#;

/// What all reductions make of it, after it was held against the search without them.
fn held<A: Act>(case: &Case, what: &str) -> Exploration {
    let make = drive::make::<_, Cancels<ShuttleRuntime, A>>();
    let found = |reductions| {
        let limits = Limits::default();
        exhaustive::explore(&make, case, &scope(reductions), &limits, &Stop::default())
    };
    let (full, all) = (found(Reductions::NONE), found(Reductions::default()));
    assert_same(&full, &found(STEPS), what);
    assert_equal(&full, &all, what);
    all
}

/// Each one says how many came before it, in three ways.
struct Counts;

impl Act for Counts {
    fn cancel<R: Runtime>(
        runtime: &R,
        (lock, word, changed): &(R::Mutex<u64>, R::Atomic, R::Condvar),
        _: ThreadId,
    ) -> Code {
        let first = runtime.fetch_add(word, 1, Ordering::SeqCst);
        let mut count = runtime.lock(lock);
        *count += 1;
        let second = *count;
        runtime.notify_one(changed);
        while *count < 3 && second == 1 {
            count = runtime.wait(changed, count, None);
        }
        Code(u32::try_from(100 * first + 10 * second + *count).unwrap_or(0))
    }
}

/// Whoever comes first goes round for ever.
struct Spins;

impl Act for Spins {
    fn cancel<R: Runtime>(
        runtime: &R,
        (_, word, _): &(R::Mutex<u64>, R::Atomic, R::Condvar),
        _: ThreadId,
    ) -> Code {
        let mine = runtime.fetch_add(word, 1, Ordering::SeqCst);
        if mine == 0 {
            loop {
                runtime.knows_only(&"spins");
                let _ = runtime.load(word, Ordering::SeqCst);
            }
        }
        Code(0)
    }
}

/// Whoever comes second panics.
struct Panics;

impl Act for Panics {
    fn cancel<R: Runtime>(
        runtime: &R,
        (_, word, _): &(R::Mutex<u64>, R::Atomic, R::Condvar),
        _: ThreadId,
    ) -> Code {
        let before = runtime.fetch_add(word, 1, Ordering::SeqCst);
        if before == 1 {
            std::panic::resume_unwind(Box::new("the second one".to_owned()));
        }
        Code(u32::try_from(before).unwrap_or(0))
    }
}

#[test]
fn identical_actors_stand_for_each_other_whatever_the_code_does() {
    let found = held::<Counts>(&three(CANCEL), "counts");
    assert_eq!(found.outcomes.len() % 3, 0, "each of them can be the first one");
    let found = held::<Panics>(&three(CANCEL), "panics");
    assert_eq!(found.panics.len(), 1);
}

#[test]
fn a_livelock_of_identical_actors_can_be_followed() {
    let found = held::<Spins>(&three(CANCEL), "spins");
    let livelock = found.livelock.expect("the first one never ends");
    assert!(livelock.is_proven && !livelock.cycle.0.is_empty());
    assert!(livelock.turns.iter().any(|turn| !turn.deeds.is_empty()), "{livelock:?}");
}

#[test]
fn actors_whose_name_the_code_is_told_are_not_identical() {
    for steps in [r#""enable""#.to_owned(), format!(r#"{CANCEL}, "disable""#)] {
        let case = three(&steps);
        let found = held::<Counts>(&case, &steps);
        let plain = {
            let make = drive::make::<_, Cancels<ShuttleRuntime, Counts>>();
            let (scope, limits) = (scope(STEPS), Limits::default());
            exhaustive::explore(&make, &case, &scope, &limits, &Stop::default())
        };
        assert_eq!(found.states, plain.states, "nothing is saved: {steps}");
    }
}

/// Makes a lock whenever it is asked.
struct Makes;

impl Act for Makes {
    fn cancel<R: Runtime>(
        runtime: &R,
        (lock, _, _): &(R::Mutex<u64>, R::Atomic, R::Condvar),
        _: ThreadId,
    ) -> Code {
        let own = Arc::new(runtime.mutex(0_u64));
        let mut count = runtime.lock(lock);
        *runtime.lock(&own) += 1;
        *count += *runtime.lock(&own);
        Code(u32::try_from(*count).unwrap_or(0))
    }
}

#[test]
fn code_that_makes_locks_as_it_goes_is_explored_without_reductions() {
    let found = held::<Makes>(&three(CANCEL), "makes");
    assert_eq!(found.bound, Bound::Exhausted);
    assert_eq!(found.outcomes.len(), 6);
}

/// Keeps what a lock protects, and says nothing of it while it holds the lock.
struct SaysLess;

impl Act for SaysLess {
    fn cancel<R: Runtime>(
        runtime: &R,
        (lock, word, _): &(R::Mutex<u64>, R::Atomic, R::Condvar),
        _: ThreadId,
    ) -> Code {
        let mut count = runtime.lock(lock);
        let before = *count;
        runtime.fetch_add(word, 1, Ordering::SeqCst);
        runtime.knows_only(&"inside");
        // Others may step here, but for those who need the lock.
        runtime.fetch_add(word, before, Ordering::SeqCst);
        *count += 1;
        Code(u32::try_from(before).unwrap_or(0))
    }
}

#[test]
fn a_task_knows_what_the_lock_protects_that_it_holds() {
    let case = three(CANCEL);
    let found = held::<SaysLess>(&case, "says less");
    assert_eq!(found.outcomes.len(), 6);
    let make = drive::make::<_, Cancels<ShuttleRuntime, SaysLess>>();
    let (scope, limits) = (scope(Reductions::NONE), Limits::default());
    let full = exhaustive::explore(&make, &case, &scope, &limits, &Stop::default());
    assert!(found.states < full.states, "the reductions were turned off");
}
