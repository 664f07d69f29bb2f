//! Fairness on small graphs with known answers, and on random ones against the definition.

use std::collections::BTreeSet;

use super::{Arrow, Pass, Steps, Who};
use crate::history::ActorId;
use crate::world::Choice;

const A: Choice = Choice::Actor(ActorId(0));
const B: Choice = Choice::Actor(ActorId(1));
const CLOCK: Choice = Choice::Clock;

/// A graph: for each state, its steps, each to a state, by somebody, through a lock or not.
fn graph(states: &[&[(u32, Choice, bool)]]) -> Steps {
    let mut steps = Steps::default();
    for arrows in states {
        for &(to, choice, passes) in *arrows {
            steps.push(Arrow { to, choice, passes: passes.then_some(7) });
        }
        steps.close();
    }
    steps
}

fn states(steps: &Steps) -> Vec<Vec<u32>> {
    steps.fair_components()
}

#[test]
fn a_graph_without_a_cycle_has_no_fair_execution_that_goes_on_for_ever() {
    assert!(states(&graph(&[&[(1, A, false)], &[(2, B, false)], &[]])).is_empty());
}

#[test]
fn a_loop_is_unfair_to_somebody_who_can_step_all_the_time() {
    assert!(states(&graph(&[&[(0, A, false), (1, B, false)], &[]])).is_empty());
    assert_eq!(states(&graph(&[&[(0, A, false)]])), [[0]]);
    assert!(states(&graph(&[&[(0, A, false), (1, CLOCK, false)], &[]])).is_empty());
}

#[test]
fn who_can_step_only_now_and_then_may_be_passed_over() {
    // In state 1, `b` cannot step.
    let polls = graph(&[&[(1, A, false), (2, B, false)], &[(0, A, false)], &[]]);
    assert_eq!(states(&polls), [[0, 1]]);
    assert_eq!(polls.cycle(&[0, 1]), [A, A]);
}

#[test]
fn who_can_take_a_lock_now_and_then_takes_it() {
    let locks = graph(&[&[(1, A, false), (2, B, true)], &[(0, A, false)], &[]]);
    assert!(states(&locks).is_empty());
}

#[test]
fn a_part_that_avoids_a_lock_is_fair_where_the_whole_is_not() {
    // States 0 and 1, or 1 and 2 for ever; `b` can take the lock in 0 only.
    let parts = graph(&[
        &[(1, A, false), (3, B, true)],
        &[(0, A, false), (2, A, false)],
        &[(1, A, false)],
        &[],
    ]);
    assert_eq!(states(&parts), [[1, 2]]);
}

#[test]
fn a_cycle_that_is_shown_is_fair_itself() {
    let random = (1..2_000).map(random);
    for steps in random {
        for component in steps.fair_components() {
            let (mut at, mut visited, mut taken) =
                (component[0], BTreeSet::from([component[0]]), Vec::new());
            for choice in steps.cycle(&component) {
                let mut meant = steps.of(at).iter().filter(|arrow| arrow.choice == choice);
                let arrow = *meant.next().expect("a step of the graph, and each choice once");
                taken.push(arrow);
                at = arrow.to;
                visited.insert(at);
            }
            assert_eq!(at, component[0], "it comes back");
            assert!(is_fair(&steps, &visited, &taken));
        }
    }
}

#[test]
fn random_graphs_have_the_fair_components_that_the_definition_gives() {
    let mut fair = 0;
    for seed in 1..4_000 {
        let steps = random(seed);
        let found: BTreeSet<u32> = steps.fair_components().into_iter().flatten().collect();
        assert_eq!(found, by_definition(&steps), "seed {seed}: {steps:?}");
        fair += usize::from(!found.is_empty());
    }
    assert!((500..3_900).contains(&fair), "{fair} graphs have a fair execution");
}

/// The states of fair executions: every set of steps that somebody could take for ever.
fn by_definition(steps: &Steps) -> BTreeSet<u32> {
    let all: Vec<(u32, Arrow)> = (0..steps.states())
        .flat_map(|state| steps.of(state).iter().map(move |arrow| (state, *arrow)))
        .collect();
    let mut found = BTreeSet::new();
    for set in 1_u32..1 << all.len() {
        let taken: Vec<(u32, Arrow)> =
            (0..all.len()).filter(|at| set & (1 << at) != 0).map(|at| all[at]).collect();
        let visited: BTreeSet<u32> = taken.iter().map(|(from, _)| *from).collect();
        let arrows: Vec<Arrow> = taken.iter().map(|(_, arrow)| *arrow).collect();
        if is_connected(&visited, &taken) && is_fair(steps, &visited, &arrows) {
            found.extend(visited);
        }
    }
    found
}

fn is_connected(visited: &BTreeSet<u32>, taken: &[(u32, Arrow)]) -> bool {
    visited.iter().all(|start| {
        let mut reached = BTreeSet::new();
        let mut open = vec![*start];
        while let Some(state) = open.pop() {
            for (_, arrow) in taken.iter().filter(|(from, _)| *from == state) {
                if reached.insert(arrow.to) {
                    open.push(arrow.to);
                }
            }
        }
        reached == *visited
    })
}

fn is_fair(steps: &Steps, visited: &BTreeSet<u32>, taken: &[Arrow]) -> bool {
    let can = |state: u32, who: Who| steps.of(state).iter().any(|a| a.choice.actor() == who);
    let everyone = [A, B, CLOCK].map(Choice::actor);
    let steps_or_cannot = everyone.into_iter().all(|who| {
        visited.iter().any(|state| !can(*state, who))
            || taken.iter().any(|arrow| arrow.choice.actor() == who)
    });
    let pass = |arrow: &Arrow| -> Option<Pass> { arrow.pass() };
    let mut possible = visited.iter().flat_map(|state| steps.of(*state)).filter_map(pass);
    steps_or_cannot && possible.all(|p| taken.iter().any(|arrow| pass(arrow) == Some(p)))
}

/// A small graph, from a number.
fn random(seed: u64) -> Steps {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut draw = |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) % below
    };
    let (states, mut arrows) = (2 + draw(4), 0);
    let mut steps = Steps::default();
    for _ in 0..states {
        for choice in [A, B, CLOCK] {
            if draw(3) > 0 && arrows < 9 {
                let passes = (draw(3) == 0 && choice != CLOCK).then(|| draw(2) as u32);
                steps.push(Arrow { to: draw(states) as u32, choice, passes });
                arrows += 1;
            }
        }
        steps.close();
    }
    steps
}
