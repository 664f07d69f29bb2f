//! Workers of the `loom` engine: each case in a process of its own, whose death is never a pass.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use calloff_model::{Monitor, Reading};
use calloff_protocol::exploration::{Bound, Limit, Stop};
use calloff_protocol::judge::Worker;
use calloff_sim::engine::loom::worker::{Job, WorkerDeath, explore_in_worker, run_in_worker};
use calloff_sim::subjects::MONITOR;
use calloff_sim::time::stop_after;
use calloff_tests::{loom_worker, parse, scenario};

/// More than any scenario of three actors needs.
use super::loom::{EXECUTIONS_MAX, explore, program, within};

fn worker(args: &[&str]) -> Worker {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_loom-worker"));
    Worker { program, args: args.iter().map(Into::into).collect() }
}

fn job(name: &str, implementation: &str) -> Job {
    let implementation = implementation.to_owned();
    let (scenario, reading) = (scenario(name), Reading::default());
    Job { scenario, reading, budget: within(EXECUTIONS_MAX), implementation }
}

fn two_locks() -> Job {
    let scenario = parse(
        r#"
        schema = 1
        name = "two-locks"
        summary = ""
        [[actor]]
        name = "one"
        steps = ["enable"]
        [[actor]]
        name = "other"
        depth = 1
        steps = ["disable"]
        [expect]
        verdict = "holds"
        "#,
    );
    Job { scenario, ..job("cancel-meets-reply", "takes-two-locks") }
}

#[test]
fn a_worker_finds_what_the_engine_finds() {
    for name in ["cancel-meets-reply", "one-shot-timeout"] {
        let job = job(name, MONITOR);
        let program = program(&job.scenario);
        let here = explore::<Monitor<_>>(&program, job.reading, job.budget);
        let there = run_in_worker(&worker(&[]), &job, &Stop::default());
        assert_eq!(there, Ok(here.clone()));
        assert_eq!(run_in_worker(&loom_worker(), &job, &Stop::default()), Ok(here));
    }
}

#[test]
fn a_deadlock_of_two_locks_kills_the_worker_and_is_a_finding() {
    let death = run_in_worker(&worker(&[]), &two_locks(), &Stop::default());
    let death = death.expect_err("it deadlocks");
    assert!(death.is_deadlock(), "{death:?}");
}

#[test]
fn a_panic_kills_the_worker_and_its_message_is_kept() {
    let death = run_in_worker(&worker(&[]), &job("cancel-meets-reply", "panics"), &Stop::default());
    assert_eq!(death, Err(WorkerDeath::GaveUp("no calls today".to_owned())));
    assert!(!death.expect_err("it panics").is_deadlock());
}

#[test]
fn a_worker_that_is_killed_at_random_neither_loses_nor_falsifies_a_verdict() {
    let job = job("cancel-meets-reply", MONITOR);
    let whole = run_in_worker(&worker(&[]), &job, &Stop::default());
    assert!(whole.is_ok());
    let mut deaths = 0;
    for round in 0..40_u64 {
        let pause = (round * 7_919 % 40 * 10_000).to_string();
        let result = run_in_worker(&worker(&["kill-after", &pause]), &job, &Stop::default());
        match result {
            Err(death) => {
                assert_eq!(death, WorkerDeath::Signal(9));
                deaths += 1;
            }
            result => assert_eq!(result, whole),
        }
    }
    assert!(deaths > 5, "only {deaths} of them were killed in time");
}

#[test]
fn a_dead_worker_never_passes_for_one_that_has_explored_everything() {
    let explore = |worker, job| explore_in_worker(&worker, &job, &Stop::default());
    let panics = explore(worker(&[]), job("cancel-meets-reply", "panics"));
    assert_eq!(panics.panics.keys().collect::<Vec<_>>(), ["the worker gave up: no calls today"]);
    let endless = Job { budget: within(u64::MAX), ..job("cancel-meets-cancel", MONITOR) };
    let killed = explore(worker(&["kill-after", "0"]), endless);
    assert!(killed.panics.is_empty(), "that says nothing of the code");
    assert_eq!([panics.bound, killed.bound], [Bound::Stopped { limit: Limit::Worker }; 2]);
}

#[test]
fn half_an_answer_is_no_answer() {
    let job = job("cancel-meets-dispatch", MONITOR);
    for bytes in [0, 1, 20, 100, 200] {
        let result =
            run_in_worker(&worker(&["cut-after", &bytes.to_string()]), &job, &Stop::default());
        assert!(matches!(result, Err(WorkerDeath::NoResult(_))), "{bytes}: {result:?}");
    }
}

#[test]
fn an_interrupt_kills_the_worker() {
    let stop = Stop::default();
    let job = Job { budget: within(u64::MAX), ..job("cancel-meets-cancel", MONITOR) };
    let begin = Instant::now();
    let interrupted = std::thread::scope(|scope| {
        let running = scope.spawn(|| run_in_worker(&worker(&[]), &job, &stop));
        std::thread::sleep(Duration::from_millis(300));
        stop.interrupt();
        running.join().expect("it comes back")
    });
    assert_eq!(interrupted, Err(WorkerDeath::Stopped(Limit::Interrupt)));
    assert!(begin.elapsed() < Duration::from_secs(20));
    let late = run_in_worker(&worker(&[]), &job, &stop_after(0));
    assert_eq!(late, Err(WorkerDeath::Stopped(Limit::Seconds)));
}

#[test]
fn a_worker_that_cannot_be_started_or_does_not_know_its_job_is_a_death() {
    let nowhere = Worker { program: "no-such-program".into(), args: Vec::new() };
    let job = job("cancel-meets-reply", "unheard-of");
    let result = run_in_worker(&nowhere, &job, &Stop::default());
    assert!(matches!(result, Err(WorkerDeath::NotRun(_))), "{result:?}");
    let result = run_in_worker(&worker(&[]), &job, &Stop::default());
    assert!(matches!(&result, Err(WorkerDeath::GaveUp(why)) if why.contains("unheard-of")));
}
