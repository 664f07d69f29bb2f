//! Independent parts of a program: actors that share no thread and no call with the others.
//!
//! No step of one part looks at what a step of another part changes, and no clause compares what
//! happens in two of them. So each part is explored alone, as a program of its own, and every
//! combination of their ends is an end.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use calloff_model::{CallId, Window};

use super::{Mode, Survey};
use crate::exploration::{Bound, Limit, Limits};
use crate::history::{Action, ActorId, Outcome};
use crate::program::{CallInfo, Case, Instruction, Lane, Program};
use crate::world::Fault;

/// A part of a program, as a program.
pub(super) struct Piece {
    pub(super) case: Case,
    /// For each of its actors, which one of the whole program that is.
    actors: Vec<ActorId>,
}

impl Piece {
    /// All of it.
    pub(super) fn whole(case: &Case) -> Piece {
        Piece { case: case.clone(), actors: case.program.actors().collect() }
    }

    fn of(case: &Case, actors: Vec<ActorId>) -> Piece {
        let program = &case.program;
        let is_own = |(_, call): &(u32, &CallInfo)| actors.contains(&call.caller);
        let own: Vec<(u32, &CallInfo)> = (0..).zip(&program.calls).filter(is_own).collect();
        let new: BTreeMap<u32, u32> = own.iter().map(|(call, _)| *call).zip(0..).collect();
        let actor = |actor: ActorId| {
            let position = actors.iter().position(|own| *own == actor);
            ActorId(position.expect("it is in this part") as u32)
        };
        let renamed = |action: Action| rename(action, actor, |call| CallId(new[&call.0]));
        let instruction = |instruction: &Instruction| Instruction {
            action: renamed(instruction.action),
            ..instruction.clone()
        };
        let lane = |actor: &ActorId| {
            let lane = &program.lanes[actor.0 as usize];
            Lane {
                instructions: lane.instructions.iter().map(instruction).collect(),
                returning: lane.returning.iter().map(|action| renamed(*action)).collect(),
                ..lane.clone()
            }
        };
        let calls =
            own.iter().map(|(_, info)| CallInfo { caller: actor(info.caller), ..(*info).clone() });
        let program = Program {
            lanes: actors.iter().map(lane).collect(),
            calls: calls.collect(),
            events: Vec::new(),
            locks: Vec::new(),
            customs: Vec::new(),
            time: program.time,
            ticks_per_second: program.ticks_per_second,
            is_client: false,
            has_cycles: false,
        };
        Piece { case: Case { program: Arc::new(program), reading: case.reading }, actors }
    }
}

fn rename(
    action: Action,
    actor: impl Fn(ActorId) -> ActorId,
    call: impl Fn(CallId) -> CallId,
) -> Action {
    match action {
        Action::Issue(id) => Action::Issue(call(id)),
        Action::Await(id) => Action::Await(call(id)),
        Action::Dispatch(id) => Action::Dispatch(call(id)),
        Action::TestCancel(id) => Action::TestCancel(id.map(call)),
        Action::Reply(id, code) => Action::Reply(call(id), code),
        Action::GetCancelObject(thread, object) => Action::GetCancelObject(actor(thread), object),
        Action::CancelThread(thread, window) => Action::CancelThread(actor(thread), window),
        Action::Enable
        | Action::Disable
        | Action::TestCancelObject(_)
        | Action::CancelObject(..)
        | Action::Sleep(_) => action,
        _ => unreachable!("client programs are not taken apart"),
    }
}

/// The independent parts of a program, as far as they can be explored alone.
///
/// Parts share the clock. It matters to none of them where waits may end at any moment. Otherwise
/// one part may have to wait, and the others not: then the clock is that part's alone.
pub(super) fn split(case: &Case, fault: Option<&'static Fault>, mode: &Mode) -> Vec<Piece> {
    let program = &case.program;
    let parts = parts(program);
    let may_wait = |actors: &Vec<ActorId>| {
        let mut lanes = actors.iter().map(|actor| &program.lanes[actor.0 as usize]);
        lanes.any(|lane| lane.instructions.iter().any(|i| waits(i.action, fault.is_some())))
    };
    let waiting = parts.iter().filter(|actors| may_wait(actors)).count();
    if parts.len() < 2 || (!mode.is_timeless && waiting > 1) {
        return vec![Piece::whole(case)];
    }
    parts.into_iter().map(|actors| Piece::of(case, actors)).collect()
}

/// Whether the operation may wait for the clock. A machine with a bug may take any window for
/// another one.
fn waits(action: Action, has_fault: bool) -> bool {
    match action {
        Action::Sleep(_) => true,
        Action::CancelThread(_, window) | Action::CancelObject(_, window) => {
            has_fault || matches!(window, Window::Seconds(1..))
        }
        _ => false,
    }
}

/// The actors of each part: those that name the same threads and calls.
fn parts(program: &Program) -> Vec<Vec<ActorId>> {
    let mut part: Vec<usize> = (0..program.lanes.len()).collect();
    for (actor, lane) in program.lanes.iter().enumerate() {
        for instruction in &lane.instructions {
            let other = match instruction.action {
                Action::Issue(call)
                | Action::Await(call)
                | Action::Dispatch(call)
                | Action::TestCancel(Some(call))
                | Action::Reply(call, _) => program.caller(call),
                Action::GetCancelObject(thread, _) | Action::CancelThread(thread, _) => thread,
                _ => continue,
            };
            let (from, to) = (part[other.0 as usize], part[actor]);
            part.iter_mut().filter(|part| **part == from).for_each(|part| *part = to);
        }
    }
    let mut parts: BTreeMap<usize, Vec<ActorId>> = BTreeMap::new();
    let mut order = Vec::new();
    for (actor, part) in program.actors().zip(part) {
        if !parts.contains_key(&part) {
            order.push(part);
        }
        parts.entry(part).or_default().push(actor);
    }
    order.iter().filter_map(|part| parts.remove(part)).collect()
}

/// Explores each part, and puts together what was found.
pub(super) fn combine(
    case: &Case,
    pieces: &[Piece],
    limits: &Limits,
    explore: impl Fn(&Piece, &Limits) -> Survey,
) -> Survey {
    if let [all] = pieces {
        return explore(all, limits);
    }
    let mut whole = Survey::nothing();
    let mut ends =
        vec![Outcome { codes: vec![Vec::new(); case.program.lanes.len()], stuck: Vec::new() }];
    for piece in pieces {
        let states_max = limits.states_max.saturating_sub(whole.states).max(1);
        let part = explore(piece, &Limits { states_max, ..*limits });
        whole.states += part.states;
        whole.transitions += part.transitions;
        whole.bytes += part.bytes;
        whole.violated.extend(part.violated);
        whole.seen.extend(part.seen);
        let named = |(actor, position, code): (ActorId, u32, _)| {
            (piece.actors[actor.0 as usize], position, code)
        };
        whole.returned.extend(part.returned.into_iter().map(named));
        whole.complete_depth = whole.complete_depth.into_iter().chain(part.complete_depth).min();
        if whole.bound == Bound::Exhausted {
            whole.bound = part.bound;
        }
        ends = match product(&ends, &part.outcomes, piece, limits) {
            Some(ends) => ends,
            None => {
                whole.bound = Bound::Stopped { limit: Limit::Memory };
                whole.bytes = limits.memory_max << 20;
                Vec::new()
            }
        };
    }
    for end in &mut ends {
        end.stuck.sort_unstable();
    }
    whole.outcomes = ends.into_iter().collect::<BTreeSet<Outcome>>();
    whole
}

/// Each of the ends with each of those of one more part; `None` if those are too many for the limit
/// on memory.
fn product(
    ends: &[Outcome],
    more: &BTreeSet<Outcome>,
    piece: &Piece,
    limits: &Limits,
) -> Option<Vec<Outcome>> {
    let size = ends.first().map_or(0, Outcome::size) + more.first().map_or(0, Outcome::size);
    if (ends.len() as u64).saturating_mul((more.len() * size) as u64) >> 20 >= limits.memory_max {
        return None;
    }
    let both = |one: &Outcome, other: &Outcome| {
        let mut end = one.clone();
        for (actor, codes) in piece.actors.iter().zip(&other.codes) {
            end.codes[actor.0 as usize].clone_from(codes);
        }
        end.stuck.extend(other.stuck.iter().map(|actor| piece.actors[actor.0 as usize]));
        end
    };
    Some(ends.iter().flat_map(|one| more.iter().map(move |other| both(one, other))).collect())
}
