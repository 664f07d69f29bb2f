//! The engines that run code assume that it is deterministic. The shipped monitor is; code that is
//! not is detected, and no verdict is given for it.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use calloff_model::{CallId, CancelObject, Code, Monitor, Reading, Runtime, ThreadId, Window};
use calloff_protocol::exploration::{Bound, Exploration, Limits, Scope, Stop};
use calloff_protocol::judge::Source;
use calloff_protocol::program::{Case, Program};
use calloff_protocol::scenario::Scenario;
use calloff_sim::drive;
use calloff_sim::drive::{Implementation, Portable, Process};
use calloff_sim::engine::sampled::Sample;
use calloff_sim::engine::{exhaustive, sampled};
use calloff_sim::exit::Exit;
use calloff_sim::runtime::shuttle::ShuttleRuntime;
use calloff_sim::verify::{Subject, verify};
use calloff_tests::corpus;

type Real = Monitor<ShuttleRuntime>;

const SEED: u64 = 1;
const SCHEDULES: usize = 16;

fn twice<I: Implementation<ShuttleRuntime>>(
    scenario: &Scenario,
    reading: Reading,
    schedules: usize,
) -> Exploration {
    let sample = Sample { seed: SEED, executions: schedules as u64 };
    let case = Case::new(scenario, reading);
    sampled::explore_twice(&drive::make::<_, I>(), &case, sample, &Stop::default())
}

/// The source of randomness for [`Moody`].
trait Mood: Send + Sync + 'static {
    /// The lock is always taken, and the mood is stored in it: only the state differs.
    const ONLY_SHOWS: bool = false;
    /// `true` every now and then.
    fn is_bad() -> bool;
}

/// The mood comes from a counter of the whole process.
struct Counting;
/// The mood comes from a hash with a random seed, as the order of a hash table does.
struct Hashing;
/// The mood comes from the wall clock.
struct Watching;

impl Mood for Counting {
    fn is_bad() -> bool {
        static ASKED: AtomicU64 = AtomicU64::new(0);
        ASKED.fetch_add(1, Ordering::Relaxed) % 7 == 3
    }
}

impl Mood for Hashing {
    const ONLY_SHOWS: bool = true;
    fn is_bad() -> bool {
        RandomState::new().hash_one(0).is_multiple_of(2)
    }
}

impl Mood for Watching {
    fn is_bad() -> bool {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        (since.expect("it is later than 1970").as_nanos() / 100).is_multiple_of(2)
    }
}

/// The real monitor, except that in a bad mood it takes a lock of its own before it issues a call.
/// That changes no result.
struct Moody<M, R: Runtime> {
    monitor: Monitor<R>,
    runtime: R,
    own: R::Mutex<u32>,
    mood: std::marker::PhantomData<M>,
}

impl<M: Mood, R: Runtime> Portable for Moody<M, R> {
    type Under<S: Runtime> = Moody<M, S>;
}

impl<M: Mood, R: Runtime> Implementation<R> for Moody<M, R> {
    type Object = CancelObject;

    fn new(runtime: R, reading: Reading, process: &Process) -> Self {
        let monitor = Monitor::new(runtime.clone(), reading, &process.depths);
        let own = runtime.mutex(0);
        Moody { monitor, runtime, own, mood: std::marker::PhantomData }
    }
    fn enable(&self, thread: ThreadId) -> Code {
        self.monitor.enable(thread)
    }
    fn disable(&self, thread: ThreadId) -> Code {
        self.monitor.disable(thread)
    }
    fn issue(&self, thread: ThreadId, call: CallId) {
        let is_bad = M::is_bad();
        if is_bad || M::ONLY_SHOWS {
            *self.runtime.lock(&self.own) = u32::from(is_bad);
        }
        self.monitor.issue(thread, call);
    }
    fn await_call(&self, thread: ThreadId, call: CallId) -> Code {
        self.monitor.await_call(thread, call)
    }
    fn dispatch(&self, thread: ThreadId, call: CallId) -> bool {
        self.monitor.dispatch(thread, call) == Code::S_OK
    }
    fn reply(&self, thread: ThreadId, call: CallId, code: Code) {
        self.monitor.reply(thread, call, code);
    }
    fn test_cancel(&self, thread: ThreadId, call: CallId) -> Code {
        self.monitor.test_cancel(thread, call)
    }
    fn get_cancel_object(&self, thread: ThreadId) -> Result<CancelObject, Code> {
        self.monitor.get_cancel_object(thread)
    }
    fn test_cancel_object(&self, object: &CancelObject) -> Code {
        self.monitor.test_cancel_object(*object)
    }
    fn cancel(&self, object: &CancelObject, window: Window) -> Code {
        self.monitor.cancel(*object, window)
    }
    fn cancel_thread(&self, thread: ThreadId, window: Window) -> Code {
        self.monitor.cancel_thread(thread, window)
    }
}

/// A scenario of the corpus in which a call is issued.
fn race() -> Source {
    let file = "races/cancel-meets-reply.toml";
    corpus().into_iter().find(|source| source.file == file).expect("a shipped scenario")
}

fn is_found_out<M: Mood>() {
    let race = race();
    let scenario = &race.scenario;
    let reading = Reading::default();
    // Many schedules, because a coin may fall on the same side several times.
    let sampled = twice::<Moody<M, ShuttleRuntime>>(scenario, reading, 100);
    assert_eq!(sampled.bound, Bound::Diverged);
    assert!(sampled.divergence.is_some());

    let program = Arc::new(Program::new(scenario));
    let make = drive::make::<_, Moody<M, ShuttleRuntime>>();
    let (scope, limits) = (Scope::default(), Limits::default());
    let case = Case { program, reading };
    let all = exhaustive::explore(&make, &case, &scope, &limits, &Stop::default());
    assert_eq!(all.bound, Bound::Diverged, "nothing is claimed of it");

    let report = verify::<Moody<M, ShuttleRuntime>>(&Subject::of(vec![race]).readings(&[reading]));
    assert_eq!(report.exit(), Exit::Violated, "{report}");
    assert!(report.to_string().contains("the implementation is not deterministic"), "{report}");
    assert!(!report.to_string().contains("in every interleaving"), "{report}");
}

#[test]
fn the_monitor_does_the_same_twice_in_every_scenario_of_the_corpus() {
    let mut executions = 0;
    for Source { file, scenario } in corpus() {
        for &reading in &scenario.expect.readings {
            let run = twice::<Real>(&scenario, reading, SCHEDULES);
            assert_eq!(run.divergence.map(|found| found.message), None, "{file} under {reading}");
            assert_eq!(run.bound, Bound::Sampled { seed: SEED }, "{file} under {reading}");
            assert_eq!(run.executions, 2 * SCHEDULES as u64, "each schedule ran twice: {file}");
            executions += run.executions;
        }
    }
    assert!(executions > 5_000, "{executions}");
}

#[test]
fn code_that_asks_a_counter_of_the_process_is_found_out() {
    is_found_out::<Counting>();
}

#[test]
fn code_that_asks_a_hash_with_a_random_seed_is_found_out() {
    is_found_out::<Hashing>();
}

#[test]
fn code_that_asks_the_clock_on_the_wall_is_found_out() {
    is_found_out::<Watching>();
}
