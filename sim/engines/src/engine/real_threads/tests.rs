//! Tests of the `std` engine: its results are among the proven outcomes, and nothing makes it hang.

use calloff_model::{CallId, CancelObject, Code, Monitor, ThreadId};
use calloff_protocol::exploration::{Bound, Limits, Reductions};
use calloff_protocol::history::ActorId;
use calloff_protocol::scenario::Scenario;
use calloff_protocol::search;

use super::*;
use crate::drive;
use crate::time::stop_after;

/// Scenarios of the corpus that this engine can run, with different kinds of waiting.
const SAMPLE: [&str; 8] = [
    "races/cancel-meets-reply.toml",
    "races/cancel-meets-dispatch.toml",
    "races/seven-actors.toml",
    "races/slow-machine-shortens-every-window.toml",
    "readings/disable-during-call-at-request.toml",
    "lifetimes/late-reply-meets-new-call.toml",
    "lifetimes/never-dispatched-call.toml",
    "clients/one-shot-timeout.toml",
];

fn program(name: &str, text: &[u8]) -> Arc<Program> {
    let scenario = Scenario::parse(name, text).unwrap_or_else(|errors| panic!("{errors}"));
    Arc::new(Program::new(&scenario))
}

/// The corpus but for client programs.
fn corpus() -> impl Iterator<Item = (String, Arc<Program>)> {
    let files = calloff_scenarios::corpus().into_iter();
    let programs = files.map(|file| (file.path.clone(), program(&file.path, file.bytes)));
    programs.filter(|(_, program)| !program.is_client)
}

/// A program of these actors, each with its steps.
fn inline(actors: &[(&str, &str)]) -> Arc<Program> {
    let actors: String = actors
        .iter()
        .map(|(name, steps)| {
            format!("[[actor]]\nname = \"{name}\"\ndepth = 1\nsteps = [{steps}]\n")
        })
        .collect();
    program("inline.toml", format!("schema = 1\nname = \"inline\"\n{actors}").as_bytes())
}

fn run_monitor(program: &Arc<Program>, reading: Reading, repetitions: u64) -> RealRuns {
    run_at(&Case { program: program.clone(), reading }, TICK, repetitions, &Stop::default())
}

fn run_at(case: &Case, tick: Duration, times: u64, stop: &Stop) -> RealRuns {
    run(&drive::make::<_, Monitor<Stoppable>>(), case, Repetitions { times, tick }, stop)
}

#[test]
fn what_real_threads_come_to_is_among_what_is_proven_under_every_reading() {
    let sample: Vec<_> = corpus().filter(|(path, _)| SAMPLE.contains(&path.as_str())).collect();
    assert_eq!(sample.len(), SAMPLE.len());
    let is_with_stuck_actors = |outcomes: &[&Outcome]| outcomes.iter().any(|o| !o.stuck.is_empty());
    let mut programs_that_can_get_stuck = 0;
    for (path, program) in &sample {
        assert_eq!(skip_reason(program, Reading::default()), None, "{path}");
        for reading in Reading::ALL {
            if skip_reason(program, reading).is_some() {
                continue;
            }
            let (limits, stop) = (Limits::default(), Stop::default());
            let proven = {
                let case = Case { program: program.clone(), reading };
                search::prove(&case, None, &limits, Reductions::default(), &stop)
            };
            assert_eq!(proven.bound, Bound::Exhausted);
            let runs = run_monitor(program, reading, 10);
            assert!(runs.panics.is_empty() && runs.bound.is_none());
            assert_eq!((runs.executions, runs.outcomes.values().sum::<u64>()), (10, 10));
            for outcome in runs.outcomes.keys() {
                let is_proven = proven.outcomes.contains_key(outcome);
                assert!(is_proven, "{path} under {reading}: {outcome:?} is not possible");
            }
            let proven: Vec<_> = proven.outcomes.keys().collect();
            programs_that_can_get_stuck += u32::from(is_with_stuck_actors(&proven));
        }
    }
    assert!(programs_that_can_get_stuck > 0);
}

#[test]
fn actors_that_wait_for_ever_are_reported_and_end_the_execution() {
    let nobody_serves = inline(&[
        ("caller", r#""enable", { call = "work" }, "disable""#),
        ("other", r#""disable", { sleep = 2 }, "disable""#),
        (
            "canceller",
            r#"{ dispatch = "work" }, { cancel = { thread = "caller", seconds = "infinite" } }"#,
        ),
    ]);
    let expected = Outcome {
        codes: vec![
            vec![(0, Code::S_OK)],
            vec![(0, Code::S_OK), (1, Code::CO_E_CANCEL_DISABLED)],
            vec![],
        ],
        stuck: vec![ActorId(0), ActorId(2)],
    };
    let runs = run_monitor(&nobody_serves, Reading::default(), 20);
    assert_eq!(runs.outcomes, BTreeMap::from([(expected, 20)]));
}

#[test]
fn a_window_runs_out_in_real_time() {
    let canceled = inline(&[
        ("caller", r#"{ call = "work" }"#),
        (
            "server",
            r#"{ dispatch = "work" }, { cancel = { thread = "caller", seconds = 3 } },
               "test_cancel""#,
        ),
    ]);
    for reading in Reading::ALL {
        let codes = vec![
            vec![(0, Code::RPC_E_CALL_CANCELED)],
            vec![(0, Code::S_OK), (1, Code::RPC_E_CALL_CANCELED)],
        ];
        let runs = run_monitor(&canceled, reading, 4);
        assert_eq!(runs.outcomes, BTreeMap::from([(Outcome { codes, stuck: vec![] }, 4)]));
    }
}

#[test]
fn scenarios_that_real_time_cannot_honour_are_skipped_with_the_reason() {
    let mut taken = 0;
    for (path, program) in corpus() {
        match skip_reason(&program, Reading::default()) {
            None => taken += 1,
            Some(reason) if program.time == TimePolicy::Urgent => {
                assert_eq!(reason, "real threads cannot promise an urgent clock", "{path}");
            }
            Some(reason) => panic!("{path}: {reason}"),
        }
    }
    assert!(taken > 20, "only {taken} scenarios are taken");
    let sleep = |seconds: u64| inline(&[("sleeper", &format!("{{ sleep = {seconds} }}"))]);
    assert_eq!(skip_reason(&sleep(60), Reading::default()), None);
    let long =
        skip_reason(&sleep(4_294_967_294), Reading::default()).expect("136 years are too long");
    assert_eq!(long, "its 4294967294 seconds would pass in real time, and the limit is 60");
    let window = r#"{ call = "work" }, { cancel = { thread = "one", seconds = 61 } }"#;
    assert!(skip_reason(&inline(&[("one", window)]), Reading::default()).is_some());
    let infinite = r#"{ call = "work" }, { cancel = { thread = "one", seconds = "infinite" } }"#;
    assert_eq!(skip_reason(&inline(&[("one", infinite)]), Reading::default()), None);
}

#[test]
fn a_stop_ends_it_before_and_in_the_middle_of_an_execution() {
    let sleeper = inline(&[("sleeper", "{ sleep = 60 }"), ("stuck", r#"{ call = "work" }"#)]);
    let run = |stop: &Stop| {
        let hour = Duration::from_secs(3600);
        run_at(&Case { program: sleeper.clone(), reading: Reading::default() }, hour, 3, stop)
    };
    let no_time = run(&stop_after(0));
    assert_eq!((no_time.executions, no_time.bound), (0, Some(Limit::Seconds)));
    let stop = Stop::default();
    let interrupted = thread::scope(|scope| {
        let run = scope.spawn(|| run(&stop));
        thread::sleep(10 * TICK);
        stop.interrupt();
        run.join().expect("no panic")
    });
    assert_eq!((interrupted.executions, interrupted.bound), (0, Some(Limit::Interrupt)));
    assert!(interrupted.outcomes.is_empty());
}

/// A monitor that panics when cancellation is disabled.
struct Fragile(Monitor<Stoppable>);

impl Implementation<Stoppable> for Fragile {
    type Object = CancelObject;

    fn new(runtime: Stoppable, reading: Reading, process: &drive::Process) -> Fragile {
        Fragile(Monitor::new(runtime, reading, &process.depths))
    }
    fn enable(&self, thread: ThreadId) -> Code {
        self.0.enable(thread)
    }
    fn disable(&self, _: ThreadId) -> Code {
        // Unwinds like a panic, without the message on the standard error output.
        std::panic::resume_unwind(Box::new("disable is too much".to_owned()))
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
    fn get_cancel_object(&self, thread: ThreadId) -> Result<Self::Object, Code> {
        self.0.get_cancel_object(thread)
    }
    fn test_cancel_object(&self, object: &Self::Object) -> Code {
        self.0.test_cancel_object(*object)
    }
    fn cancel(&self, object: &Self::Object, window: Window) -> Code {
        self.0.cancel(*object, window)
    }
    fn cancel_thread(&self, thread: ThreadId, window: Window) -> Code {
        self.0.cancel_thread(thread, window)
    }
}

#[test]
fn a_panic_of_the_implementation_is_told_apart_from_an_outcome() {
    let program = inline(&[
        ("caller", r#"{ call = "work" }"#),
        ("server", r#"{ dispatch = "work" }, "disable", { reply = "S_OK" }"#),
    ]);
    let runs = run(
        &drive::make::<_, Fragile>(),
        &Case { program, reading: Reading::default() },
        Repetitions { times: 3, tick: TICK },
        &Stop::default(),
    );
    assert_eq!(runs.panics, BTreeMap::from([("disable is too much".to_owned(), 3)]));
    assert!(runs.outcomes.is_empty());
    assert_eq!(runs.executions, 3);
}
