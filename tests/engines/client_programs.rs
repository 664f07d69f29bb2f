//! Client programs under the engines that run code: the implementation comes to the ends of the
//! machine, and lets those starve that starve there.

use std::fs;

use calloff_model::{
    CallId, CancelObject, Code, CustomId, Monitor, Reading, Runtime, ThreadId, Topmost, Waiting,
    Window,
};
use calloff_protocol::exploration::{Bound, Exploration, Limits, Reductions, Scope, Stop};
use calloff_protocol::program::{Case, Program};
use calloff_protocol::scenario::Scenario;
use calloff_protocol::search;
use calloff_sim::drive::{self, Implementation, Process};
use calloff_sim::engine::sampled::Sample;
use calloff_sim::engine::{exhaustive, loom, real_threads, sampled};
use calloff_sim::runtime::shuttle::ShuttleRuntime;
use calloff_sim::subjects;
use calloff_tests::{project_file, whole_corpus};

/// Small programs of every construct.
fn hand_made() -> Vec<Scenario> {
    let folder = project_file("sim/protocol/tests/client_programs");
    let mut paths: Vec<_> =
        fs::read_dir(folder).expect("it is there").map(|e| e.expect("a file").path()).collect();
    paths.sort();
    let read = |path| fs::read(path).expect("a file");
    let parse = |bytes: Vec<u8>| Scenario::parse("hand-made", &bytes).expect("it is good");
    paths.iter().map(read).map(parse).collect()
}

fn machine(case: &Case) -> Exploration {
    search::explore(case, None, &Limits::default(), &Stop::default())
}

/// Holds what was found against the machine: the first difference in words.
fn difference(machine: &Exploration, found: &Exploration) -> Option<String> {
    let (ends, right) = (found.outcomes.keys(), machine.outcomes.keys());
    match () {
        () if found.bound != Bound::Exhausted => Some(format!("{:?}", found.bound)),
        () if found.livelock.is_some() => Some("a livelock".to_owned()),
        () if !ends.clone().eq(right.clone()) => {
            let (ends, right) = (ends.collect::<Vec<_>>(), right.collect::<Vec<_>>());
            Some(format!("{ends:?} instead of {right:?}"))
        }
        () if found.starving != machine.starving => {
            Some(format!("{:?} instead of {:?} starve", found.starving, machine.starving))
        }
        () => None,
    }
}

fn under_exhaustive<I: Implementation<ShuttleRuntime>>(case: &Case) -> Exploration {
    let (make, limits) = (drive::make::<_, I>(), Limits::default());
    exhaustive::explore(&make, case, &Scope::default(), &limits, &Stop::default())
}

#[test]
fn the_monitor_comes_to_the_ends_of_the_machine_in_small_client_programs_under_every_reading() {
    for scenario in hand_made() {
        for reading in Reading::ALL {
            let case = Case::new(&scenario, reading);
            let found = under_exhaustive::<Monitor<ShuttleRuntime>>(&case);
            let difference = difference(&machine(&case), &found);
            assert_eq!(difference, None, "{} under {reading}", scenario.name);
        }
    }
}

/// The states up to which the corpus is explored here; `calloff check` explores all of it.
const STATES_MAX: u64 = 1_000;

#[test]
fn the_monitor_comes_to_the_ends_of_the_machine_in_the_clients_of_the_corpus() {
    let mut clients = whole_corpus();
    clients.retain(|source| Program::new(&source.scenario).is_client);
    let mut compared = 0;
    for source in clients {
        let case = Case::new(&source.scenario, Reading::default());
        let machine = machine(&case);
        if machine.states <= STATES_MAX {
            let found = under_exhaustive::<Monitor<ShuttleRuntime>>(&case);
            assert_eq!(difference(&machine, &found), None, "{}", source.file);
            compared += 1;
        }
    }
    assert!(compared > 30, "{compared}");
}

#[test]
fn known_steps_change_nothing_in_client_programs() {
    for scenario in hand_made() {
        let case = Case::new(&scenario, Reading::default());
        if machine(&case).states > 50 {
            continue;
        }
        let limits = Limits::default();
        let explore = |reductions| {
            let scope = Scope { reductions, ..Scope::default() };
            subjects::exhaustive(None, &case, &scope, &limits, &Stop::default())
        };
        let (with, without) = (explore(Reductions::default()), explore(Reductions::NONE));
        let counts = |found: &Exploration| (found.states, found.transitions);
        assert_eq!(counts(&with), counts(&without), "{}", scenario.name);
        assert!(with.outcomes.keys().eq(without.outcomes.keys()), "{}", scenario.name);
        assert_eq!(with.starving, without.starving, "{}", scenario.name);
    }
}

#[test]
fn what_shuttle_and_real_threads_and_loom_see_the_machine_can_do() {
    let (mut sampled_ends, mut real_ends, mut loom_ends) = (0, 0, 0);
    for scenario in hand_made() {
        let case = Case::new(&scenario, Reading::default());
        let (program, right) = (&case.program, machine(&case));
        let holds = |found: &Exploration, ends: &mut usize| {
            let foreign = found.outcomes.keys().find(|end| !right.outcomes.contains_key(end));
            assert_eq!(foreign, None, "{}", scenario.name);
            assert!(found.livelock.is_none() && found.panics.is_empty(), "{}", scenario.name);
            *ends += found.outcomes.len();
        };
        let sample = Sample { seed: 1, executions: 40 };
        if sampled::skip_reason(program).is_none() {
            let found = subjects::sampled(None, &case, sample, &Stop::default());
            holds(&found, &mut sampled_ends);
        }
        if real_threads::skip_reason(program, case.reading).is_none() {
            let found = subjects::on_threads(None, &case, 5, &Stop::default());
            holds(&found, &mut real_ends);
        }
        if loom::skip_reason(program).is_none() {
            let budget = (&Limits::default()).into();
            holds(&subjects::under_loom(None, &case, budget).into_exploration(), &mut loom_ends);
        }
    }
    assert!(
        sampled_ends > 40 && real_ends > 3 && loom_ends > 3,
        "{sampled_ends} {real_ends} {loom_ends}"
    );
}

/// The monitor with one of these mistakes in what only client programs ask for.
struct Careless<R: Runtime, const MISTAKE: usize>(Monitor<R>);

/// It never looks up from a wait.
const NEVER_LOOKS_UP: usize = 0;
/// It never gives a wait up.
const NEVER_GIVES_UP: usize = 1;
/// It does not take custom objects away.
const KEEPS_OBJECTS: usize = 2;
/// It passes custom objects over.
const CANCELS_THE_CALL: usize = 3;
/// It sends the second instance of a call without telling anybody of the first.
const FORGETS_THE_CALL: usize = 4;

impl<R: Runtime, const MISTAKE: usize> Implementation<R> for Careless<R, MISTAKE> {
    type Object = CancelObject;

    fn new(runtime: R, reading: Reading, process: &Process) -> Self {
        Careless(Monitor::new(runtime, reading, &process.depths))
    }
    fn enable(&self, thread: ThreadId) -> Code {
        self.0.enable(thread)
    }
    fn disable(&self, thread: ThreadId) -> Code {
        self.0.disable(thread)
    }
    fn issue(&self, thread: ThreadId, call: CallId) {
        self.0.issue(thread, call);
    }
    fn await_call(&self, thread: ThreadId, call: CallId) -> Code {
        self.0.await_call(thread, call)
    }
    fn dispatch(&self, thread: ThreadId, call: CallId) -> bool {
        self.0.dispatch(thread, call) == Code::S_OK
    }
    fn reply(&self, thread: ThreadId, call: CallId, code: Code) {
        self.0.reply(thread, call, code);
    }
    fn test_cancel(&self, thread: ThreadId, call: CallId) -> Code {
        self.0.test_cancel(thread, call)
    }
    fn get_cancel_object(&self, thread: ThreadId) -> Result<CancelObject, Code> {
        self.0.get_cancel_object(thread)
    }
    fn test_cancel_object(&self, object: &CancelObject) -> Code {
        self.0.test_cancel_object(*object)
    }
    fn cancel(&self, object: &CancelObject, window: Window) -> Code {
        self.0.cancel(*object, window)
    }
    fn cancel_thread(&self, thread: ThreadId, window: Window) -> Code {
        self.0.cancel_thread(thread, window)
    }

    const TAKES_CLIENTS: bool = true;

    fn issue_one_of(&self, thread: ThreadId, ids: &[CallId]) -> CallId {
        if MISTAKE == FORGETS_THE_CALL {
            // The machine knows the id, and takes it for the call before.
            self.0.issue(thread, ids[0]);
            return ids[0];
        }
        self.0.issue_one_of(thread, ids)
    }
    fn call_of(object: &CancelObject) -> Option<CallId> {
        Some(object.call())
    }
    fn topmost(&self, thread: ThreadId) -> Result<Topmost<CancelObject>, Code> {
        self.0.topmost(thread)
    }
    fn cancel_topmost(&self, thread: ThreadId, window: Window) -> Result<Code, CustomId> {
        match self.0.cancel_topmost(thread, window) {
            Err(_) if MISTAKE == CANCELS_THE_CALL => Ok(Code::S_OK),
            other => other,
        }
    }
    fn await_alertably(&self, thread: ThreadId, call: CallId, how: Waiting) -> Option<Code> {
        let has_filter = how.has_filter && MISTAKE != NEVER_GIVES_UP;
        self.0.await_alertably(thread, call, Waiting { has_filter, ..how })
    }
    fn give_up(&self, thread: ThreadId, call: CallId) -> Option<Code> {
        self.0.give_up(thread, call)
    }
    fn alert(&self, thread: ThreadId) {
        if MISTAKE != NEVER_LOOKS_UP {
            self.0.alert(thread);
        }
    }
    fn set_cancel_object(
        &self,
        thread: ThreadId,
        object: Option<CustomId>,
        has_interface: bool,
    ) -> Code {
        if MISTAKE == KEEPS_OBJECTS && object.is_none() {
            return Code::S_OK;
        }
        self.0.set_cancel_object(thread, object, has_interface)
    }
}

/// In how many of the small programs the mistake shows.
fn noticed<const MISTAKE: usize>() -> usize {
    let shows = |scenario: &Scenario| {
        let case = Case::new(scenario, Reading::default());
        let found = under_exhaustive::<Careless<ShuttleRuntime, MISTAKE>>(&case);
        difference(&machine(&case), &found).is_some()
    };
    hand_made().iter().filter(|scenario| shows(scenario)).count()
}

#[test]
fn mistakes_in_what_only_client_programs_ask_for_are_noticed() {
    assert!(noticed::<NEVER_LOOKS_UP>() > 0);
    assert!(noticed::<NEVER_GIVES_UP>() > 0);
    assert!(noticed::<KEEPS_OBJECTS>() > 0);
    assert!(noticed::<CANCELS_THE_CALL>() > 0);
    assert!(noticed::<FORGETS_THE_CALL>() > 0);
}
