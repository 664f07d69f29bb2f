//! A notification may wake any waiter: every order is explored.

use std::collections::BTreeSet;
use std::sync::Arc;

use calloff_model::{Monitor, Reading};
use calloff_protocol::exploration::{Bound, Exploration, Limits, Scope, Stop};
use calloff_protocol::history::Outcome;
use calloff_protocol::program::{Case, Program};
use calloff_sim::drive;
use calloff_sim::drive::Implementation;
use calloff_sim::engine::sampled::Sample;
use calloff_sim::engine::{exhaustive, sampled};
use calloff_sim::runtime::shuttle::ShuttleRuntime;
use calloff_tests::gate::{self, ALL_THREE, For, ForAll, Gate, ONE, TWO};
use calloff_tests::handmade::{Blinks, Handmade, NotifiesOne, NotifiesOneOutside};
use calloff_tests::parse;

const READING: Reading = Reading::ALL[0];

fn program(text: &str) -> Arc<Program> {
    Arc::new(Program::new(&parse(text)))
}

fn gate() -> Arc<Program> {
    Arc::new(Program::new(&gate::scenario()))
}

/// Two servers, each waiting for its own call.
fn two_servers() -> Arc<Program> {
    program(
        r#"
        schema = 1
        name = "two-servers"
        summary = ""
        actor = [
            { name = "caller", steps = [{ call = "one" }, { call = "two" }] },
            { name = "first", steps = [{ dispatch = "one" }, { reply = "S_OK" }] },
            { name = "second", steps = [{ dispatch = "two" }, { reply = "S_OK" }] },
        ]
        [expect]
        verdict = "holds"
        "#,
    )
}

fn exhaust<I: Implementation<ShuttleRuntime>>(
    program: &Arc<Program>,
    spurious: u32,
) -> Exploration {
    let scope = Scope { spurious_max: Some(spurious), ..Scope::default() };
    let case = Case { program: program.clone(), reading: READING };
    let (limits, stop) = (Limits::default(), Stop::default());
    let all = exhaustive::explore(&drive::make::<_, I>(), &case, &scope, &limits, &stop);
    assert_eq!(all.bound, Bound::Exhausted);
    all
}

fn outcomes(found: &Exploration) -> BTreeSet<&Outcome> {
    found.outcomes.keys().collect()
}

fn orders(found: &Exploration) -> BTreeSet<[u32; 3]> {
    gate::orders(found.outcomes.keys())
}

#[test]
fn those_who_are_all_notified_go_on_in_every_order() {
    assert_eq!(orders(&exhaust::<Gate<_, ForAll>>(&gate(), 0)), ALL_THREE.into());
}

#[test]
fn a_notification_wakes_any_one_of_those_who_wait_and_nobody_else() {
    assert_eq!(orders(&exhaust::<Gate<_, For<1>>>(&gate(), 0)), ONE.into());
    assert_eq!(orders(&exhaust::<Gate<_, For<2>>>(&gate(), 0)), TWO.into());
    assert_eq!(orders(&exhaust::<Gate<_, For<3>>>(&gate(), 0)), ALL_THREE.into());
    assert_eq!(orders(&exhaust::<Gate<_, For<5>>>(&gate(), 0)), ALL_THREE.into());
}

#[test]
fn one_more_may_wake_up_for_no_reason() {
    let found = orders(&exhaust::<Gate<_, For<1>>>(&gate(), 1));
    assert_eq!(found, ONE.into_iter().chain(TWO).collect());
}

#[test]
fn every_strategy_together_sees_every_order() {
    let case = Case { program: gate(), reading: READING };
    let (sample, stop) = (Sample { seed: 0, executions: 2_000 }, Stop::default());
    let one = sampled::explore(&drive::make::<_, Gate<_, For<1>>>(), &case, sample, &stop);
    assert!(orders(&one).is_superset(&ONE.into()), "{:?}", orders(&one));
    let all = sampled::explore(&drive::make::<_, Gate<_, ForAll>>(), &case, sample, &stop);
    assert_eq!(orders(&all), ALL_THREE.into());
}

#[test]
fn a_schedule_names_the_one_who_is_woken() {
    let found = exhaust::<Gate<_, For<1>>>(&gate(), 0);
    let schedules: BTreeSet<_> =
        found.outcomes.values().map(|node| format!("{:?}", found.schedule(*node))).collect();
    assert_eq!(schedules.len(), 3, "{schedules:?}");
}

/// Storing states loses no outcome: a search without stored states finds the same ones.
fn compare_with_depth_first<I: Implementation<ShuttleRuntime>>(
    program: &Arc<Program>,
    is_careful: bool,
) {
    let all = exhaust::<I>(program, 0);
    let (make, stop) = (drive::make::<_, I>(), Stop::default());
    let case = Case { program: program.clone(), reading: READING };
    let found = sampled::explore_depth_first(&make, &case, is_careful, &stop, |_| ());
    assert_eq!(found.bound, Bound::Exhausted);
    assert_eq!(outcomes(&found), outcomes(&all), "careful: {is_careful}");
    assert!(found.executions > all.executions, "it would show little");
}

#[test]
fn a_search_without_a_memory_finds_the_same() {
    compare_with_depth_first::<Handmade<_, NotifiesOne>>(&two_servers(), false);
    compare_with_depth_first::<Handmade<_, NotifiesOneOutside>>(&two_servers(), true);
    compare_with_depth_first::<Gate<_, For<2>>>(&gate(), false);
}

#[test]
fn steps_that_teach_nothing_are_steps_all_the_same() {
    let program = program(
        r#"
        schema = 1
        name = "blinks"
        summary = ""
        [[actor]]
        name = "alone"
        steps = ["enable"]
        [expect]
        verdict = "holds"
        "#,
    );
    let (blinking, real) =
        (exhaust::<Handmade<_, Blinks>>(&program, 0), exhaust::<Monitor<_>>(&program, 0));
    assert_eq!(outcomes(&blinking), outcomes(&real));
}
