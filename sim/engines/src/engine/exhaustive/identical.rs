//! Identical actors: which of them can be exchanged, and what that says of the ends.
//!
//! Two actors are identical if they have the same instructions, and none that tells the
//! implementation who takes it. The driver then calls the implementation with the same arguments
//! for both, and they are two threads that run the same code. The implementation cannot tell them
//! apart: what it knows of its caller is what it is told, and what it has shared. So if an actor's
//! name occurs in other actors' instructions, that makes no difference: it stands there for the
//! data of that COM thread, and data is not exchanged, only who works on it.

use std::collections::BTreeMap;

use calloff_protocol::exploration::{NodeId, Reduction};
use calloff_protocol::history::{Action, ActorId, Outcome};
use calloff_protocol::program::{Lane, Program};
use calloff_protocol::trace::Schedule;
use calloff_protocol::world::Choice;

use super::Exhaustive;
use crate::runtime::board::{Board, Kinds, Task};

/// Whether an operation tells the implementation which thread it is called on.
fn names_its_actor(action: Action) -> bool {
    match action {
        Action::Enable | Action::Disable | Action::Issue(_) | Action::Await(_) => true,
        Action::Dispatch(_)
        | Action::Reply(..)
        | Action::TestCancel(_)
        | Action::TestCancelObject(_)
        | Action::GetCancelObject(..)
        | Action::CancelThread(..)
        | Action::CancelObject(..)
        | Action::Sleep(_) => false,
        _ => true,
    }
}

fn are_identical(one: &Lane, other: &Lane) -> bool {
    let instructions = |lane: &Lane| -> Vec<_> {
        let all = lane.instructions.iter();
        all.map(|taken| (taken.action, taken.code, taken.skip_to)).collect()
    };
    let mut actions = one.instructions.iter().map(|taken| taken.action);
    one.objects.len() == other.objects.len()
        && instructions(one) == instructions(other)
        && !actions.any(names_its_actor)
}

/// The kinds of a program's actors.
pub(super) fn kinds(program: &Program) -> Kinds {
    let lane = |task: Task| &program.lanes[task];
    Kinds::of(program.lanes.len(), |one, other| are_identical(lane(one), lane(other)))
}

/// An exchange of tasks: for each one, the one that takes its place.
pub(super) type Exchange = Vec<Task>;

/// The outcome, and all others that an exchange of identical tasks makes of it, each with an
/// exchange that does. At most so many.
pub(super) fn exchanged(
    outcome: &Outcome,
    kinds: &Kinds,
    most: usize,
) -> BTreeMap<Outcome, Exchange> {
    let identity: Exchange = (0..outcome.codes.len()).collect();
    let mut all = BTreeMap::from([(outcome.clone(), identity)]);
    for group in kinds.groups() {
        // Any exchange of the group is made of exchanges of its last task with another one, then
        // of the one before it, and so on.
        for last in (1..group.len()).rev() {
            for (end, exchange) in all.clone() {
                for other in 0..last {
                    if all.len() >= most {
                        return all;
                    }
                    let (one, other) = (group[last], group[other]);
                    all.entry(swapped(&end, one, other)).or_insert_with(|| {
                        let swap = |task: &Task| match *task {
                            task if task == one => other,
                            task if task == other => one,
                            task => task,
                        };
                        exchange.iter().map(swap).collect()
                    });
                }
            }
        }
    }
    all
}

fn swapped(outcome: &Outcome, one: Task, other: Task) -> Outcome {
    let mut swapped = outcome.clone();
    swapped.codes.swap(one, other);
    for actor in &mut swapped.stuck {
        *actor = exchange_actor(*actor, |task| match task {
            task if task == one => other,
            task if task == other => one,
            task => task,
        });
    }
    swapped.stuck.sort_unstable();
    swapped
}

fn exchange_actor(ActorId(actor): ActorId, exchange: impl Fn(Task) -> Task) -> ActorId {
    ActorId(u32::try_from(exchange(actor as usize)).expect("a task is an actor"))
}

impl Exhaustive {
    /// The tasks that are taken for each other.
    pub(super) fn kinds_in(&self, root: &Board) -> Kinds {
        let tasks = root.tasks();
        let kinds = kinds(&self.program);
        let names = root.names(&kinds);
        // They must be equal at the beginning.
        let are_equal = (0..tasks).all(|task| names.name(task) == kinds.of_task(task));
        // What the actors of a client program share names them.
        match self.scope.reductions.has(Reduction::IdenticalActors)
            && !self.program.is_client
            && self.knows_steps()
            && are_equal
        {
            true => kinds,
            false => Kinds::all_different(tasks),
        }
    }

    /// Adds a schedule to an end that was not explored, because an exchange of identical actors
    /// makes it of one that was.
    pub(super) fn exchanged_way(&self, node: NodeId, exchange: &Exchange) -> Schedule {
        let choice = |choice: &Choice| match *choice {
            Choice::Actor(actor) => Choice::Actor(exchange_actor(actor, |task| exchange[task])),
            other => other,
        };
        Schedule(self.paths.schedule(node, None).0.iter().map(choice).collect())
    }
}

#[cfg(test)]
mod tests {
    use calloff_model::Code;

    use super::*;

    fn outcome(codes: &[u32], stuck: &[u32]) -> Outcome {
        Outcome {
            codes: codes.iter().map(|code| vec![(0, Code(*code))]).collect(),
            stuck: stuck.iter().copied().map(ActorId).collect(),
        }
    }

    #[test]
    fn every_arrangement_of_identical_actors_comes_once() {
        let kinds = Kinds::of(5, |one, other| (1..4).contains(&one) && (1..4).contains(&other));
        let all = exchanged(&outcome(&[9, 1, 2, 3, 9], &[3]), &kinds, usize::MAX);
        assert_eq!(all.len(), 6);
        assert!(all.contains_key(&outcome(&[9, 3, 1, 2, 9], &[1])));
        assert!(!all.contains_key(&outcome(&[9, 3, 1, 2, 9], &[3])));
        assert_eq!(exchanged(&outcome(&[9, 1, 1, 3, 9], &[]), &kinds, usize::MAX).len(), 3);
        assert_eq!(exchanged(&outcome(&[9, 1, 2, 3, 9], &[]), &kinds, 2).len(), 2);
        for (end, exchange) in all {
            let from = outcome(&[9, 1, 2, 3, 9], &[3]);
            for task in 0..5 {
                assert_eq!(end.codes[exchange[task]], from.codes[task], "{end:?} {exchange:?}");
            }
        }
    }
}
