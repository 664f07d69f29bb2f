//! The `loom` engine: what it finds is what the `protocol` engine finds.

use std::collections::BTreeSet;
use std::sync::Arc;

use calloff_model::{Code, Monitor, Reading, Waiter};
use calloff_protocol::exploration::{Bound, Limits, Stop};
use calloff_protocol::history::{ActorId, Outcome, TimePolicy};
use calloff_protocol::program::{Case, Program};
use calloff_protocol::scenario::Scenario;
use calloff_protocol::search;
use calloff_sim::drive;
use calloff_sim::drive::Implementation;
use calloff_sim::engine::loom;
use calloff_sim::engine::loom::{Budget, LoomBound, LoomRun, skip_reason};
use calloff_sim::generate::{self, Size};
use calloff_sim::runtime::loom::LoomRuntime;
use calloff_tests::gate::{self, For, ForAll, Gate};
use calloff_tests::handmade::{Handmade, LooksAway, NotifiesOne, NotifiesOutside};
use calloff_tests::{parse, scenario};

/// More than any scenario of three actors needs.
pub(super) const EXECUTIONS_MAX: u64 = 200_000;
type Explore = fn(&Arc<Program>, Reading, Budget) -> LoomRun;

pub(super) fn explore<I: Implementation<LoomRuntime>>(
    program: &Arc<Program>,
    reading: Reading,
    budget: Budget,
) -> LoomRun {
    let case = Case { program: program.clone(), reading };
    loom::explore(&drive::make::<_, I>(), &case, budget)
}

pub(super) fn within(executions_max: u64) -> Budget {
    Budget { executions_max, preemptions_max: 3 }
}

fn seen(run: &LoomRun) -> BTreeSet<Outcome> {
    run.outcomes.keys().cloned().collect()
}

/// The corpus without the scenarios that only look: `calloff check` runs those under loom.
fn corpus() -> impl Iterator<Item = Scenario> {
    calloff_tests::races().into_iter().map(|source| source.scenario)
}

pub(super) fn program(scenario: &Scenario) -> Arc<Program> {
    Arc::new(Program::new(scenario))
}

/// The outcomes that are really possible, according to `protocol`.
fn truth(program: &Program, reading: Reading) -> BTreeSet<Outcome> {
    let all = search::explore(
        &Case { program: program.clone().into(), reading },
        None,
        &Limits::default(),
        &Stop::default(),
    );
    assert_eq!(all.bound, Bound::Exhausted);
    all.outcomes.into_keys().collect()
}

/// Explores with loom, and compares with the outcomes that are really possible.
fn compared<I: Implementation<LoomRuntime>>(
    scenario: &Scenario,
    reading: Reading,
    executions_max: u64,
) -> LoomRun {
    let program = program(scenario);
    let run = explore::<I>(&program, reading, within(executions_max));
    let truth = truth(&program, reading);
    let name = &scenario.name;
    match run.bound {
        LoomBound::Exhausted => assert_eq!(seen(&run), truth, "{name} under {reading}"),
        _ => assert!(seen(&run).is_subset(&truth), "{name} under {reading}: {run:?}"),
    }
    assert!(!run.outcomes.is_empty());
    run
}

fn reading(waiter: Waiter) -> Reading {
    Reading { waiter, ..Reading::default() }
}

fn codes(run: &LoomRun, actor: usize) -> BTreeSet<Vec<Code>> {
    let of = |outcome: &Outcome| outcome.codes[actor].iter().map(|(_, code)| *code).collect();
    run.outcomes.keys().map(of).collect()
}

#[test]
fn every_scenario_of_three_actors_on_a_free_clock_is_exhausted_and_comes_out_the_same() {
    let half = |waiter: Waiter| {
        let mut exhausted = BTreeSet::new();
        for scenario in corpus() {
            let program = program(&scenario);
            if skip_reason(&program).is_some() || program.lanes.len() != 3 {
                continue;
            }
            // The other axis of readings changes answers, and not who waits for whom.
            let reading = scenario.expect.readings.iter().find(|r| r.waiter == waiter);
            let Some(&reading) = reading else { continue };
            let run = compared::<Monitor<_>>(&scenario, reading, EXECUTIONS_MAX);
            assert_eq!(run.bound, LoomBound::Exhausted, "{} under {reading}", scenario.name);
            exhausted.insert(scenario.name.clone());
        }
        exhausted
    };
    let exhausted: BTreeSet<String> = std::thread::scope(|scope| {
        let halves = Waiter::ALL.map(|waiter| scope.spawn(move || half(waiter)));
        halves.into_iter().flat_map(|half| half.join().expect("both halves hold")).collect()
    });
    assert!(exhausted.len() >= 10, "{exhausted:?}");
}

#[test]
fn what_is_cut_short_says_so_and_claims_no_more_than_it_saw() {
    for (scenario, executions_max, bound) in [
        ("cancel-meets-reply", 100_000, LoomBound::Exhausted),
        ("cancel-meets-reply", 2_000, LoomBound::Bounded { preemptions: 3 }),
        ("cancel-meets-reply", 100, LoomBound::Bounded { preemptions: 1 }),
        ("cancel-meets-reply", 0, LoomBound::Stopped),
    ] {
        let program = program(&self::scenario(scenario));
        let reading = Reading::default();
        let run = explore::<Monitor<_>>(&program, reading, within(executions_max));
        assert_eq!(run.bound, bound, "{scenario} within {executions_max}");
        assert!(seen(&run).is_subset(&truth(&program, reading)));
        let again = explore::<Monitor<_>>(&program, reading, within(executions_max));
        assert_eq!(again, run, "the same each time");
    }
}

#[test]
fn a_budget_that_is_just_enough_is_exhausted_and_one_less_is_not() {
    let scenario = scenario("cancel-meets-dispatch");
    let program = program(&scenario);
    let explore = |max| explore::<Monitor<_>>(&program, Reading::default(), within(max));
    let is_enough = |max: u64| explore(max).bound == LoomBound::Exhausted;
    let budgets: Vec<u64> = (0..=explore(EXECUTIONS_MAX).executions).collect();
    let needed = budgets.partition_point(|max| !is_enough(*max)) as u64;
    assert!(needed > 1 && is_enough(needed) && !is_enough(needed - 1));
}

#[test]
fn a_window_of_a_second_ends_by_time_and_ends_by_the_reply() {
    let scenario = scenario("cancel-meets-reply");
    for waiter in Waiter::ALL {
        let run = compared::<Monitor<_>>(&scenario, reading(waiter), EXECUTIONS_MAX);
        let caller = [vec![Code::S_FALSE], vec![Code::RPC_E_CALL_CANCELED]];
        assert_eq!(codes(&run, 0), caller.into(), "{}", waiter.name());
        let canceller = codes(&run, 2);
        for code in [Code::S_OK, Code::RPC_E_CALL_COMPLETE, Code::E_NOINTERFACE] {
            assert!(canceller.contains(&vec![code]), "{code:?} under {}", waiter.name());
        }
    }
}

#[test]
fn a_request_expires_by_itself_while_nobody_waits_for_it() {
    let scenario = parse(
        r#"
        schema = 1
        name = "nobody-waits"
        summary = ""
        [[actor]]
        name = "caller"
        depth = 1
        steps = [{ issue = "work" }, { cancel = { thread = "caller", seconds = 1 } }]
        [[actor]]
        name = "server"
        steps = [{ dispatch = "work" }, "test_cancel", { reply = "S_OK" }, "test_cancel"]
        [expect]
        verdict = "holds"
        "#,
    );
    let run = compared::<Monitor<_>>(&scenario, reading(Waiter::Caller), EXECUTIONS_MAX);
    let entered = |codes: &Vec<Code>| codes.len() == 2;
    let server = codes(&run, 1);
    assert!(server.iter().any(entered) && !server.iter().all(entered), "{server:?}");
}

#[test]
fn the_end_of_a_sleep_is_seen_by_all_before_the_sleeper_stirs() {
    // The method is entered at time 5 although its request, with a window of 3 seconds, was made
    // before. So the request saw time 5, which the server had not told any other thread.
    let scenario = parse(
        r#"
        schema = 1
        name = "seen-by-all"
        summary = ""
        [[actor]]
        name = "caller"
        depth = 1
        steps = [
            { issue = "work" },
            { cancel = { thread = "caller", seconds = 3 } },
            { dispatch = "signal" },
            { reply = "S_OK" },
        ]
        [[actor]]
        name = "server"
        steps = [
            { issue = "signal" },
            { sleep = 5 },
            { await = "signal" },
            { dispatch = "work" },
            "test_cancel",
        ]
        [expect]
        verdict = "holds"
        "#,
    );
    let run = compared::<Monitor<_>>(&scenario, reading(Waiter::Caller), EXECUTIONS_MAX);
    assert_eq!(run.bound, LoomBound::Exhausted);
    let server = [vec![Code::S_OK, Code::RPC_E_CALL_CANCELED], vec![Code::S_OK]];
    assert_eq!(codes(&run, 1), server.into());
}

#[test]
fn small_generated_scenarios_come_out_the_same() {
    let size = Size { actors_max: 3, calls_max: 2, steps_max: 9, seconds_max: 3, timed: false };
    let scenarios = (0..).map(|index| generate::scenario(0, index, &size));
    let mut exhausted = 0;
    for scenario in scenarios.filter(|s| skip_reason(&program(s)).is_none()).take(50) {
        for reading in Reading::ALL {
            let run = compared::<Monitor<_>>(&scenario, reading, 1_000);
            exhausted += u64::from(run.bound == LoomBound::Exhausted);
        }
    }
    assert!(exhausted > 100, "only {exhausted}");
}

#[test]
fn other_ways_to_notify_come_out_the_same() {
    for name in ["cancel-zero-meets-reply", "cancel-meets-reply"] {
        let scenario = scenario(name);
        for waiter in Waiter::ALL {
            compared::<Handmade<_, NotifiesOutside>>(&scenario, reading(waiter), 3_000);
        }
    }
    // Outside the lock, the order of notifying and waiting has to be explored as well.
    let scenario = scenario("cancel-meets-dispatch");
    let inside = compared::<Monitor<_>>(&scenario, Reading::default(), EXECUTIONS_MAX);
    let outside = compared::<Handmade<_, NotifiesOutside>>(&scenario, Reading::default(), 10_000);
    assert_eq!(outside.bound, LoomBound::Exhausted);
    assert!(outside.executions > inside.executions);
}

#[test]
fn a_notification_that_is_lost_leaves_someone_stuck() {
    let is_stuck = |run: LoomRun| run.outcomes.keys().any(|outcome| !outcome.stuck.is_empty());
    let looks_away = explore::<Handmade<_, LooksAway>>;
    let program = program(&scenario("cancel-zero-meets-reply"));
    assert!(is_stuck(looks_away(&program, Reading::default(), within(EXECUTIONS_MAX))));
    // A thread that waits for the second call is woken by the first one.
    let scenario = parse(
        r#"
        schema = 1
        name = "two-servers"
        summary = ""
        [[actor]]
        name = "caller"
        steps = [{ call = "one" }, { call = "two" }]
        [[actor]]
        name = "first"
        steps = [{ dispatch = "one" }, { reply = "S_OK" }]
        [[actor]]
        name = "second"
        steps = [{ dispatch = "two" }, { reply = "S_OK" }]
        [expect]
        verdict = "holds"
        "#,
    );
    let notifies_one = explore::<Handmade<_, NotifiesOne>>;
    compared::<Monitor<_>>(&scenario, Reading::default(), EXECUTIONS_MAX);
    let program = self::program(&scenario);
    assert!(is_stuck(notifies_one(&program, Reading::default(), within(EXECUTIONS_MAX))));
}

#[test]
fn a_notification_wakes_any_one_of_those_who_wait() {
    let program = program(&gate::scenario());
    let orders = |explore: Explore| {
        let run = explore(&program, Reading::default(), within(EXECUTIONS_MAX));
        assert_eq!(run.bound, LoomBound::Exhausted);
        gate::orders(run.outcomes.keys())
    };
    assert_eq!(orders(explore::<Gate<_, For<1>>>), gate::ONE.into());
    assert_eq!(orders(explore::<Gate<_, For<2>>>), gate::TWO.into());
    assert_eq!(orders(explore::<Gate<_, For<3>>>), gate::ALL_THREE.into());
    assert_eq!(orders(explore::<Gate<_, ForAll>>), gate::ALL_THREE.into());
}

#[test]
fn who_can_be_stuck_is_in_the_outcomes() {
    let scenario = parse(
        r#"
        schema = 1
        name = "stuck"
        summary = ""
        [[actor]]
        name = "caller"
        depth = 1
        steps = [{ call = "work" }]
        [[actor]]
        name = "canceller"
        steps = [{ cancel = { thread = "caller", seconds = "infinite" } }]
        [expect]
        verdict = "stuck"
        "#,
    );
    for waiter in Waiter::ALL {
        let run = compared::<Monitor<_>>(&scenario, reading(waiter), EXECUTIONS_MAX);
        assert!(run.outcomes.keys().all(|outcome| outcome.stuck.contains(&ActorId(0))));
        let canceller = run.outcomes.keys().any(|outcome| outcome.stuck.contains(&ActorId(1)));
        assert_eq!(canceller, waiter == Waiter::Canceller);
    }
}

#[test]
fn what_the_engine_cannot_take_is_skipped_with_a_reason() {
    let reason = |scenario: &Scenario| skip_reason(&program(scenario));
    let mut crowd = scenario("seven-actors");
    crowd.time = TimePolicy::Free;
    assert!(reason(&crowd).expect("seven are too many").contains("at most 4 actors"));
    let urgent = scenario("equal-deadlines");
    assert!(reason(&urgent).expect("an urgent clock").contains("urgent"));
    assert_eq!(reason(&scenario("cancel-meets-reply")), None);
}

// Workers.
