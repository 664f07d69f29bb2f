//! Litmus tests of the engines: small implementations, each with one effect that an engine detects
//! or misses.
//!
//! A litmus test is a few actors that each act once and return a number, in two variants: one in
//! which the effect can show, and one that is *repaired*, in which it cannot. So an engine that
//! reports the effect is known to see it, and not to see it everywhere. [`ALL`] lists them;
//! `tests/engines/litmus.rs` runs them under every engine.

mod memory;
mod ordering;
mod waiting;

use std::collections::BTreeSet;

use calloff_model::{CallId, Code, Reading, Runtime, ThreadId, Window};
use calloff_protocol::exploration::{Bound, Exploration, Limits, Scope, Stop};
use calloff_protocol::history::Outcome;
use calloff_protocol::judge::Worker;
use calloff_protocol::program::Case;
use calloff_protocol::scenario::Scenario;
use calloff_sim::drive;
use calloff_sim::drive::{Implementation, Make, Portable, Process};
use calloff_sim::engine::loom::worker::{Explore, Job, run_in_worker};
use calloff_sim::engine::loom::{Budget, LoomBound, LoomRun};
use calloff_sim::engine::real_threads::{RealRuns, Repetitions};
use calloff_sim::engine::sampled::Sample;
use calloff_sim::engine::{exhaustive, loom, real_threads, sampled};
pub use memory::{LoadBuffering, MessagePassing, StoreBuffering};
pub use ordering::{CheckThenAct, LockOrder, WakeOrder};
pub use waiting::{Alarm, LostNotification, SpuriousWakeUp, TimedRace, TimedWait};

/// The number that each actor returned; `None`: the actor is stuck.
pub type End = Vec<Option<u32>>;

/// The variants of a litmus test.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Variant {
    /// The effect can occur.
    Plain,
    /// The effect cannot occur.
    Repaired,
}

/// How often the effect occurs on real threads, which sample and differ from run to run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OnThreads {
    /// It occurs in every execution.
    Always,
    /// It may occur in some executions.
    ByChance,
    /// The runtime prevents it.
    Never,
}

/// A litmus test.
pub trait Litmus: Send + Sync + 'static {
    /// Its name.
    const NAME: &'static str;
    /// The effect, as a half-sentence.
    const EFFECT: &'static str;
    /// The difference of the repaired variant.
    const REPAIR: &'static str;
    /// The number of actors.
    const ACTORS: u32;
    /// How often the effect occurs on real threads.
    const ON_THREADS: OnThreads = OnThreads::ByChance;
    /// The number of repetitions on real threads.
    const REPETITIONS: u64 = 20;
    /// What the actors share.
    type Shared<R: Runtime>: Send + Sync + 'static;

    /// Creates what the actors share.
    fn shared<R: Runtime>(runtime: &R) -> Self::Shared<R>;

    /// Lets an actor act; returns its number.
    fn act<R: Runtime>(runtime: &R, shared: &Self::Shared<R>, actor: u32, variant: Variant) -> u32;

    /// Whether the effect shows in these ends.
    fn is_seen(ends: &BTreeSet<End>) -> bool;
}

/// A litmus test in the form of an implementation that the engines can run: each `enable` is an
/// actor.
pub struct Stage<R: Runtime, L: Litmus, const REPAIRED: bool> {
    runtime: R,
    shared: L::Shared<R>,
}

impl<R: Runtime, L: Litmus, const REPAIRED: bool> Portable for Stage<R, L, REPAIRED> {
    type Under<S: Runtime> = Stage<S, L, REPAIRED>;
}

const OTHER: &str = "actors do nothing but to enable cancellation";

impl<R: Runtime, L: Litmus, const REPAIRED: bool> Implementation<R> for Stage<R, L, REPAIRED> {
    type Object = ();

    fn new(runtime: R, _: Reading, _: &Process) -> Self {
        let shared = L::shared(&runtime);
        Stage { runtime, shared }
    }
    fn enable(&self, thread: ThreadId) -> Code {
        let variant = if REPAIRED { Variant::Repaired } else { Variant::Plain };
        let is_idle = thread.0 >= L::ACTORS;
        Code(if is_idle { 0 } else { L::act(&self.runtime, &self.shared, thread.0, variant) })
    }
    fn disable(&self, _: ThreadId) -> Code {
        unreachable!("{OTHER}")
    }
    fn issue(&self, _: ThreadId, _: CallId) {
        unreachable!("{OTHER}")
    }
    fn await_call(&self, _: ThreadId, _: CallId) -> Code {
        unreachable!("{OTHER}")
    }
    fn dispatch(&self, _: ThreadId, _: CallId) -> bool {
        unreachable!("{OTHER}")
    }
    fn reply(&self, _: ThreadId, _: CallId, _: Code) {
        unreachable!("{OTHER}")
    }
    fn test_cancel(&self, _: ThreadId, _: CallId) -> Code {
        unreachable!("{OTHER}")
    }
    fn get_cancel_object(&self, _: ThreadId) -> Result<(), Code> {
        unreachable!("{OTHER}")
    }
    fn test_cancel_object(&self, (): &()) -> Code {
        unreachable!("{OTHER}")
    }
    fn cancel(&self, (): &(), _: Window) -> Code {
        unreachable!("{OTHER}")
    }
    fn cancel_thread(&self, _: ThreadId, _: Window) -> Code {
        unreachable!("{OTHER}")
    }
}

/// One variant, with each engine's way to run it.
struct Ways {
    exhaustive: fn(&Case, &Scope) -> Exploration,
    loom: fn(&Case, Budget) -> LoomRun,
    sampled: fn(&Case, Sample) -> Exploration,
    threads: fn(&Case) -> RealRuns,
}

impl Ways {
    const fn of<L: Litmus, const REPAIRED: bool>() -> Ways {
        Ways {
            exhaustive: |case, scope| {
                let (make, limits) = (make::<L, _, REPAIRED>(), Limits::default());
                exhaustive::explore(&make, case, scope, &limits, &Stop::default())
            },
            loom: |case, budget| loom::explore(&make::<L, _, REPAIRED>(), case, budget),
            sampled: |case, sample| {
                sampled::explore(&make::<L, _, REPAIRED>(), case, sample, &Stop::default())
            },
            threads: |case| {
                let often = Repetitions { times: L::REPETITIONS, tick: real_threads::TICK };
                real_threads::run(&make::<L, _, REPAIRED>(), case, often, &Stop::default())
            },
        }
    }
}

fn make<L: Litmus, R: Runtime, const REPAIRED: bool>() -> Make<R, Stage<R, L, REPAIRED>> {
    drive::make()
}

/// A litmus test, as data.
pub struct Entry {
    /// [`Litmus::NAME`]
    pub name: &'static str,
    /// [`Litmus::EFFECT`]
    pub effect: &'static str,
    /// [`Litmus::REPAIR`]
    pub repair: &'static str,
    /// [`Litmus::ACTORS`]
    pub actors: u32,
    /// [`Litmus::ON_THREADS`]
    pub on_threads: OnThreads,
    /// [`Litmus::is_seen`]
    pub is_seen: fn(&BTreeSet<End>) -> bool,
    plain: Ways,
    repaired: Ways,
}

/// Every litmus test, in the order of the table.
pub static ALL: [Entry; 11] = [
    Entry::of::<TimedWait>(),
    Entry::of::<TimedRace>(),
    Entry::of::<Alarm>(),
    Entry::of::<CheckThenAct>(),
    Entry::of::<LostNotification>(),
    Entry::of::<LockOrder>(),
    Entry::of::<WakeOrder>(),
    Entry::of::<SpuriousWakeUp>(),
    Entry::of::<MessagePassing>(),
    Entry::of::<StoreBuffering>(),
    Entry::of::<LoadBuffering>(),
];

/// Every implementation here, by the name that a worker of the `loom` engine knows it by.
pub fn implementations() -> Vec<(&'static str, Explore)> {
    let variants = |entry: &'static Entry| {
        [Variant::Plain, Variant::Repaired].map(|variant| {
            (
                entry.implementation(variant).leak() as &_,
                Box::new(entry.ways(variant).loom) as Explore,
            )
        })
    };
    ALL.iter().flat_map(variants).collect()
}

impl Entry {
    const fn of<L: Litmus>() -> Entry {
        Entry {
            name: L::NAME,
            effect: L::EFFECT,
            repair: L::REPAIR,
            actors: L::ACTORS,
            on_threads: L::ON_THREADS,
            is_seen: L::is_seen,
            plain: Ways::of::<L, false>(),
            repaired: Ways::of::<L, true>(),
        }
    }

    fn ways(&self, variant: Variant) -> &Ways {
        match variant {
            Variant::Plain => &self.plain,
            Variant::Repaired => &self.repaired,
        }
    }

    fn implementation(&self, variant: Variant) -> String {
        match variant {
            Variant::Plain => self.name.to_owned(),
            Variant::Repaired => format!("{}-repaired", self.name),
        }
    }

    /// Every end that `exhaustive` finds, with that many additional idle actors.
    ///
    /// # Panics
    ///
    /// If not everything was explored, or an actor panicked.
    pub fn exhaustive(&self, variant: Variant, idle: u32) -> BTreeSet<End> {
        let scope = Scope::default();
        let found = (self.ways(variant).exhaustive)(&case(self.actors + idle), &scope);
        assert_eq!(found.bound, Bound::Exhausted, "{}", self.name);
        ends(&found)
    }

    /// What `exhaustive` finds in that scope.
    pub fn exploration(&self, variant: Variant, scope: &Scope) -> Exploration {
        (self.ways(variant).exhaustive)(&case(self.actors), scope)
    }

    /// Every end that `shuttle` finds with that seed and the executions of `calloff check`, with
    /// that many additional idle actors.
    ///
    /// # Panics
    ///
    /// If an actor panicked.
    pub fn shuttle(&self, variant: Variant, idle: u32, seed: u64) -> BTreeSet<End> {
        let sample = Sample { seed, executions: Limits::default().executions_max };
        ends(&(self.ways(variant).sampled)(&case(self.actors + idle), sample))
    }

    /// Every end that `loom` finds in a worker. A deadlock on locks counts as an end in which all
    /// actors are stuck, although loom only reports it as the death of the worker.
    ///
    /// # Panics
    ///
    /// If not everything was explored, or the worker died of anything else.
    pub fn loom(&self, variant: Variant, worker: &Worker) -> BTreeSet<End> {
        let job = Job {
            scenario: scenario(self.actors),
            reading: Reading::default(),
            budget: (&Limits::default()).into(),
            implementation: self.implementation(variant),
        };
        match run_in_worker(worker, &job, &Stop::default()) {
            Ok(run) => {
                assert_eq!(run.bound, LoomBound::Exhausted, "{}", self.name);
                run.outcomes.keys().map(end).collect()
            }
            Err(death) if death.is_deadlock() => [vec![None; self.actors as usize]].into(),
            Err(death) => panic!("{}: {death}", self.name),
        }
    }

    /// The ends of some executions on real threads.
    ///
    /// # Panics
    ///
    /// If an actor panicked.
    pub fn threads(&self, variant: Variant) -> BTreeSet<End> {
        ends(&(self.ways(variant).threads)(&case(self.actors)).into_exploration())
    }
}

/// That many actors, each of which acts once.
///
/// # Panics
///
/// Never: the text is a valid scenario.
pub fn scenario(actors: u32) -> Scenario {
    let actor = |actor| format!("[[actor]]\nname = \"actor-{actor}\"\nsteps = [\"enable\"]\n");
    let actors: String = (0..actors).map(actor).collect();
    let text = format!("schema = 1\nname = \"litmus\"\n{actors}");
    Scenario::parse("litmus", text.as_bytes()).unwrap_or_else(|errors| panic!("{errors}"))
}

fn case(actors: u32) -> Case {
    Case::new(&scenario(actors), Reading::default())
}

fn ends(found: &Exploration) -> BTreeSet<End> {
    assert!(found.panics.is_empty(), "{:?}", found.panics);
    found.outcomes.keys().map(end).collect()
}

fn end(outcome: &Outcome) -> End {
    outcome.codes.iter().map(|codes| codes.first().map(|(_, code)| code.0)).collect()
}
