//! Identical actors: those that have the same steps, and that nobody else names.
//!
//! Two worlds that differ only in which of the identical actors is where have the same futures, up
//! to the same exchange. So one of them is explored: the one in which the numbers of their cells
//! are sorted.

use crate::history::{Action, ActorId};
use crate::program::{Lane, Program};

/// Which actors are identical.
pub(super) struct Alike {
    /// The positions of identical actors, where there are several, ascending.
    pub(super) groups: Vec<Vec<usize>>,
    /// For each actor, the first one that it is identical to.
    pub(super) first: Vec<usize>,
    /// For each actor, the one before it in its group.
    pub(super) before: Vec<Option<usize>>,
}

impl Alike {
    /// Nobody is identical to anybody.
    pub(super) fn none(program: &Program) -> Alike {
        let actors = program.lanes.len();
        Alike { groups: Vec::new(), first: (0..actors).collect(), before: vec![None; actors] }
    }

    /// The identical actors of a program.
    pub(super) fn of(program: &Program) -> Alike {
        let mut alike = Alike::none(program);
        let is_free: Vec<bool> = program.actors().map(|actor| !is_named(program, actor)).collect();
        for actor in 0..program.lanes.len() {
            let same = |other: &usize| {
                is_free[*other] && are_equal(&program.lanes[*other], &program.lanes[actor])
            };
            if let Some(first) = (0..actor).find(|other| is_free[actor] && same(other)) {
                alike.before[actor] = (0..actor).rfind(|other| alike.first[*other] == first);
                alike.first[actor] = first;
            }
        }
        for first in 0..program.lanes.len() {
            let all = 0..program.lanes.len();
            let members: Vec<usize> = all.filter(|actor| alike.first[*actor] == first).collect();
            if members.len() > 1 {
                alike.groups.push(members);
            }
        }
        alike
    }

    /// Puts what belongs to identical actors in order.
    pub(super) fn sort<T: Ord + Clone>(&self, of_actors: &mut [T]) {
        for group in &self.groups {
            for sorted in 1..group.len() {
                let mut at = sorted;
                while at > 0 && of_actors[group[at]] < of_actors[group[at - 1]] {
                    of_actors.swap(group[at], group[at - 1]);
                    at -= 1;
                }
            }
        }
    }

    /// The next exchange of identical actors, in lexicographic order, of what belongs to them;
    /// `false` if this was the last one, and all is sorted again.
    pub(super) fn exchange<T: Ord>(&self, of_actors: &mut [T]) -> bool {
        self.groups.iter().any(|group| next_permutation(group, of_actors))
    }
}

/// The next permutation of the members at these positions; `false` if they are sorted again.
fn next_permutation<T: Ord>(positions: &[usize], all: &mut [T]) -> bool {
    let at = |i: usize| positions[i];
    let rise = (1..positions.len()).rev().find(|i| all[at(i - 1)] < all[at(*i)]);
    if let Some(rise) = rise {
        let swapped = (rise..positions.len()).rev().find(|i| all[at(*i)] > all[at(rise - 1)]);
        all.swap(at(rise - 1), at(swapped.expect("the one at `rise` is larger")));
    }
    let (mut low, mut high) = (rise.unwrap_or(0), positions.len() - 1);
    while low < high {
        all.swap(at(low), at(high));
        (low, high) = (low + 1, high - 1);
    }
    rise.is_some()
}

/// Whether some step of somebody names the actor: as a thread, or as the caller of a call. The
/// actor's own operations on its own thread do not count.
fn is_named(program: &Program, actor: ActorId) -> bool {
    let names = |action: &Action| {
        matches!(action,
            Action::GetCancelObject(thread, _) | Action::CancelThread(thread, _)
                if *thread == actor)
    };
    let mut actions = program.lanes.iter().flat_map(|lane| &lane.instructions);
    program.calls.iter().any(|call| call.caller == actor)
        || actions.any(|instruction| names(&instruction.action))
}

fn are_equal(one: &Lane, other: &Lane) -> bool {
    let actions = |lane: &Lane| -> Vec<_> {
        lane.instructions.iter().map(|i| (i.action, i.code, i.skip_to)).collect()
    };
    one.depth == other.depth
        && one.objects.len() == other.objects.len()
        && actions(one) == actions(other)
}
