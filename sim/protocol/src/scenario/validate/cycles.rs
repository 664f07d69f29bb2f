//! Checks that no custom cancel object can come to cancel itself.
//!
//! An object's `Cancel` runs on the thread that cancels. If its steps cancel a thread, they may run
//! any object that this thread's stack may hold: those that its actor sets, and those that objects
//! which this actor runs set. So objects lead to threads and threads to objects, and a circle among
//! them is refused.

use std::collections::BTreeSet;

use super::index::{Index, visit};
use super::{Fault, Field, Location, Problem};
use crate::scenario::{Scenario, Step, Target};

/// The most pairs of an actor and an object for which it is found out exactly who may run what.
/// Beyond that every actor counts as one that may run every object.
const PAIRS_MAX: usize = 2_500;

/// Checks all custom cancel objects.
pub(super) fn check(scenario: &Scenario, index: &Index<'_>, problems: &mut Vec<Problem>) {
    let objects = scenario.cancel_objects.len();
    if scenario.cancel_objects.iter().all(|object| object.steps.is_empty()) {
        return;
    }
    let of_actors: Vec<Deeds> =
        scenario.actors.iter().map(|actor| deeds(scenario, &actor.steps, index)).collect();
    let of_objects: Vec<Deeds> = scenario
        .cancel_objects
        .iter()
        .map(|object| deeds(scenario, &object.steps, index))
        .collect();
    let is_exact = of_actors.len().saturating_mul(objects) <= PAIRS_MAX;
    let graph = match is_exact {
        true => exact(&of_actors, &of_objects),
        false => coarse(&of_actors, &of_objects),
    };
    for (object, step) in graph.circles() {
        let name = scenario.cancel_objects[object].name.clone();
        let location = Location::ObjectStep { object, step, field: Field::Thread };
        let related = Location::CancelObject(object);
        problems.push(Problem::related(location, Fault::CancelsItself { name }, related));
    }
}

/// What a list of steps does with cancel objects.
#[derive(Debug, Default)]
struct Deeds {
    /// The custom objects that it sets.
    sets: Vec<usize>,
    /// The threads whose topmost object it cancels, each with the number of the step.
    cancels: Vec<(usize, usize)>,
}

fn deeds(scenario: &Scenario, steps: &[Step], index: &Index<'_>) -> Deeds {
    let mut deeds = Deeds::default();
    let mut held: BTreeSet<&str> = BTreeSet::new();
    visit(steps, |what, spot| match what {
        Step::SetCancelObject(name) => {
            let object = index.cancel_objects.get(name.as_str());
            let is_taken = |object: &usize| scenario.cancel_objects[*object].has_interface;
            deeds.sets.extend(object.copied().filter(is_taken));
        }
        Step::Cancel { target: Target::Thread(thread), .. } => {
            deeds.cancels.extend(index.actors.get(thread.as_str()).map(|at| (*at, spot.step)));
        }
        Step::Cancel { target: Target::Object(object), .. } => {
            held.insert(object);
        }
        _ => {}
    });
    if held.is_empty() {
        return deeds;
    }
    visit(steps, |what, spot| {
        if let Step::GetCancelObject { thread, object } = what
            && held.contains(object.as_str())
        {
            deeds.cancels.extend(index.actors.get(thread.as_str()).map(|at| (*at, spot.step)));
        }
    });
    deeds
}

/// What leads to what: the objects come first, then the actors, then one more for what is the same
/// for all actors.
struct Graph {
    objects: usize,
    /// Where each leads to, and by which step.
    edges: Vec<Vec<(usize, usize)>>,
    /// The objects that some actor may run.
    starts: Vec<usize>,
}

/// The graph in which each actor's stack holds what can come onto it.
fn exact(of_actors: &[Deeds], of_objects: &[Deeds]) -> Graph {
    let set_of = |deeds: &Deeds| deeds.sets.iter().copied().collect::<BTreeSet<usize>>();
    let mut stacks: Vec<BTreeSet<usize>> = of_actors.iter().map(set_of).collect();
    let mut runs: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); of_actors.len()];
    let mut is_changing = true;
    while is_changing {
        is_changing = false;
        for (actor, deeds) in of_actors.iter().enumerate() {
            let before = (runs[actor].len(), stacks[actor].len());
            let mut canceled: BTreeSet<usize> = deeds.cancels.iter().map(|(at, _)| *at).collect();
            for object in &runs[actor] {
                canceled.extend(of_objects[*object].cancels.iter().map(|(at, _)| *at));
                stacks[actor].extend(&of_objects[*object].sets);
            }
            for thread in canceled {
                runs[actor].extend(&stacks[thread]);
            }
            is_changing |= before != (runs[actor].len(), stacks[actor].len());
        }
    }
    let starts: BTreeSet<usize> = runs.into_iter().flatten().collect();
    let leads = |stack: &BTreeSet<usize>| stack.iter().map(|object| (*object, 0)).collect();
    let mut graph = Graph::of(of_objects, starts.into_iter().collect());
    graph.edges.extend(stacks.iter().map(leads));
    graph
}

/// The graph in which each actor's stack holds what its actor sets and what any object sets.
fn coarse(of_actors: &[Deeds], of_objects: &[Deeds]) -> Graph {
    let mut graph = Graph::of(of_objects, (0..of_objects.len()).collect());
    let shared = of_objects.len() + of_actors.len();
    for deeds in of_actors {
        let own = deeds.sets.iter().map(|object| (*object, 0));
        graph.edges.push(own.chain([(shared, 0)]).collect());
    }
    let sets = of_objects.iter().flat_map(|deeds| &deeds.sets);
    graph.edges.push(sets.map(|object| (*object, 0)).collect());
    graph
}

impl Graph {
    /// The objects with what they cancel; the actors are still missing.
    fn of(of_objects: &[Deeds], starts: Vec<usize>) -> Graph {
        let objects = of_objects.len();
        let leads = |deeds: &Deeds| {
            deeds.cancels.iter().map(|(thread, step)| (objects + thread, *step)).collect()
        };
        Graph { objects, edges: of_objects.iter().map(leads).collect(), starts }
    }

    /// The objects that lead back to themselves, one at least of each circle, each with the step
    /// that leads there.
    fn circles(&self) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        let mut seen = vec![false; self.edges.len()];
        let mut is_open = vec![false; self.edges.len()];
        for start in &self.starts {
            if seen[*start] {
                continue;
            }
            seen[*start] = true;
            is_open[*start] = true;
            // The way to where the search is: each with the number of its edges that were taken.
            let mut way: Vec<(usize, usize)> = vec![(*start, 0)];
            while let Some((node, taken)) = way.last_mut() {
                let Some((next, _)) = self.edges[*node].get(*taken).copied() else {
                    is_open[*node] = false;
                    way.pop();
                    continue;
                };
                *taken += 1;
                if is_open[next] {
                    found.extend(self.last_object(&way));
                } else if !seen[next] {
                    seen[next] = true;
                    is_open[next] = true;
                    way.push((next, 0));
                }
            }
        }
        found.sort_unstable();
        found.dedup_by_key(|(object, _)| *object);
        found
    }

    /// The last object of the way, with the step by which it goes on. A circle that ends the way
    /// contains it, as actors lead only to objects.
    fn last_object(&self, way: &[(usize, usize)]) -> Option<(usize, usize)> {
        let (object, taken) = way.iter().rfind(|(node, _)| *node < self.objects)?;
        Some((*object, self.edges[*object][taken - 1].1))
    }
}
