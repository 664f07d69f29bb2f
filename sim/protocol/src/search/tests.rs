//! Tests of what a search says that a limit has stopped.

use super::*;
use crate::faults;
use crate::scenario::Scenario;

fn corpus() -> impl Iterator<Item = Scenario> {
    let files = calloff_scenarios::corpus().into_iter();
    files.map(|file| Scenario::parse(&file.path, file.bytes).expect("a good file"))
}

fn small() -> impl Iterator<Item = Scenario> {
    corpus().filter(|scenario| scenario.actors.len() == 3).take(12)
}

fn within(states_max: u64) -> Limits {
    Limits { states_max, ..Limits::default() }
}

/// Checks that everything of that many steps was seen.
fn has_all_within(stopped: &Exploration, whole: &Exploration, depth: u64) {
    for (end, node) in &whole.outcomes {
        let length = whole.schedule(*node).expect("a schedule").0.len() as u64;
        assert!(length > depth || stopped.outcomes.contains_key(end), "{length} in {depth} steps");
    }
    for (clause, found) in &whole.violations {
        let length = found.schedule.as_ref().expect("a schedule").0.len() as u64;
        assert!(length > depth || stopped.violations.contains_key(clause), "{clause} at {length}");
    }
}

#[test]
fn a_stopped_search_has_seen_everything_up_to_the_depth_that_it_tells() {
    let bug = faults::find("expiry-forgotten").and_then(|fault| fault.machine());
    let mut told = 0;
    for scenario in small() {
        let case = Case::new(&scenario, scenario.expect.readings[0]);
        for fault in [None, bug] {
            let explore = |limits| explore(&case, fault, &limits, &Stop::default());
            let whole = explore(Limits::default());
            assert_eq!((whole.bound, whole.complete_depth), (Bound::Exhausted, None));
            let mut last = 0;
            for states_max in 1..whole.states {
                let stopped = explore(within(states_max));
                let depth = stopped.complete_depth.expect("it has begun");
                assert!(depth >= last, "{depth} steps after {last}");
                has_all_within(&stopped, &whole, depth);
                last = depth;
            }
            told = told.max(last);
        }
    }
    assert!(told > 10, "{told} steps at most");
}

#[test]
fn nothing_is_complete_before_the_first_state_was_looked_at() {
    let scenario = corpus().next().expect("a corpus");
    let case = Case::new(&scenario, scenario.expect.readings[0]);
    let stop = Stop::default();
    stop.interrupt();
    let found = explore(&case, None, &Limits::default(), &stop);
    assert_eq!(found.complete_depth, None);
}

#[test]
fn a_stopped_hunt_tells_within_how_many_steps_there_is_none() {
    let scenario = corpus().find(|s| s.name == "cancel-meets-reply").expect("it is there");
    let case = Case::new(&scenario, scenario.expect.readings[0]);
    let world = || World::new(&case.program, case.reading, None);
    let goal = Goal::Ends { codes: Vec::new(), stuck: case.program.actors().take(1).collect() };
    let hunt = |limits| find(&case.program, world(), &goal, &limits, &Stop::default());
    let whole = hunt(Limits::default());
    assert_eq!((whole.found, whole.complete_depth), (None, None));
    assert_eq!(hunt(within(2)).complete_depth, Some(0));
    assert!(hunt(within(70)).complete_depth > Some(2));
}

#[test]
fn a_machine_that_ignores_disable_is_caught_under_every_reading() {
    let bug = faults::find("disabled-ignored").and_then(|fault| fault.machine());
    let scenario = corpus().find(|s| s.name == "disabled-thread-refuses").expect("it is there");
    let clause = ClauseId::find("K23").expect("a clause");
    for reading in calloff_model::Reading::ALL {
        let case = Case::new(&scenario, reading);
        let found = |fault| explore(&case, fault, &Limits::default(), &Stop::default());
        assert!(found(bug).violations.contains_key(&clause), "{reading}");
        assert!(found(None).violations.is_empty(), "{reading}");
    }
}
