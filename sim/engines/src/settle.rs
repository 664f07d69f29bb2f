//! Which actors can get stuck, as far as the structure of a scenario tells.
//!
//! No actor gets stuck if
//!
//! 1. every call that is awaited is dispatched and replied to,
//! 2. every lane reaches its end if nobody cancels (conditions that lanes wait for never become
//!    false again, so one order is enough to show it),
//! 3. a method that is never entered contains nothing that others wait for, and
//! 4. after a `Cancel` without a deadline a lane does nothing that others wait for, and every call
//!    is replied to.

use std::collections::BTreeSet;

use calloff_model::{CallId, Reading, Window};
use calloff_protocol::exploration::{Limits, Reductions, Stop};
use calloff_protocol::history::Action;
use calloff_protocol::program::{Case, Instruction, Lane, Program};
use calloff_protocol::scenario::{Expect, ExpectedVerdict, Scenario};
use calloff_protocol::search;

/// The number of states after which the question is left open. A check with a higher limit may then
/// find that an actor gets stuck; one with a lower limit is inconclusive.
const STATES_MAX: u64 = 1_000_000;

/// Sets the correct expectation: that no actor gets stuck, or the readings under which one can be.
///
/// If [`is_live`] cannot tell, every interleaving of the machine is explored.
pub fn settle(scenario: &mut Scenario) {
    scenario.expect = Expect::default();
    let case = Case::new(scenario, Reading::default());
    if is_live(&case.program) {
        return;
    }
    let limits = Limits { states_max: STATES_MAX, ..Limits::default() };
    let can_be_stuck = |reading: &Reading| {
        let found =
            search::ends(&case.under(*reading), &limits, Reductions::default(), &Stop::default());
        found.outcomes.keys().any(|end| !end.stuck.is_empty())
    };
    let readings: Vec<Reading> = Reading::ALL.into_iter().filter(can_be_stuck).collect();
    if !readings.is_empty() {
        scenario.expect.verdict = ExpectedVerdict::Stuck;
        scenario.expect.readings = readings;
    }
}

/// Whether the program's structure excludes, under any reading, that an actor gets stuck. `false`
/// leaves the question open.
pub fn is_live(program: &Program) -> bool {
    // Loops, decisions and handlers are not looked at here.
    if program.is_client {
        return false;
    }
    let all = || program.lanes.iter().flat_map(|lane| &lane.instructions);
    let has_reply: BTreeSet<CallId> = all().filter_map(|i| replied(i.action)).collect();
    let may_hang = |i: &Instruction| match i.action {
        Action::Await(call) => !has_reply.contains(&call),
        _ => false,
    };
    let waits_for_ever = all().any(|i| is_endless(i.action));
    let all_replied = program.calls.len() == has_reply.len();
    !all().any(may_hang)
        && (!waits_for_ever || all_replied)
        && program.lanes.iter().all(skips_alone)
        && program.lanes.iter().all(waits_last)
        && ends_by_itself(program)
}

fn replied(action: Action) -> Option<CallId> {
    match action {
        Action::Reply(call, _) => Some(call),
        _ => None,
    }
}

fn is_endless(action: Action) -> bool {
    let (Action::CancelThread(_, window) | Action::CancelObject(_, window)) = action else {
        return false;
    };
    window == Window::Infinite
}

/// Whether no method that may be skipped issues or serves another call.
fn skips_alone(lane: &Lane) -> bool {
    lane.instructions.iter().enumerate().all(|(at, instruction)| match instruction.action {
        Action::Dispatch(_) => {
            let method = &lane.instructions[at + 1..instruction.skip_to as usize];
            !method.iter().any(|i| matches!(i.action, Action::Issue(_) | Action::Dispatch(_)))
        }
        _ => true,
    })
}

/// Whether nobody waits for anything that comes after a `Cancel` without a deadline.
fn waits_last(lane: &Lane) -> bool {
    let mut rest = lane.instructions.iter().skip_while(|i| !is_endless(i.action));
    !rest.any(|i| matches!(i.action, Action::Issue(_) | Action::Dispatch(_) | Action::Reply(..)))
}

/// Whether all lanes reach their end if nobody cancels.
fn ends_by_itself(program: &Program) -> bool {
    let (mut issued, mut replied) = (BTreeSet::new(), BTreeSet::new());
    let mut at = vec![0; program.lanes.len()];
    loop {
        let mut has_moved = false;
        for (lane, at) in program.lanes.iter().zip(&mut at) {
            while let Some(instruction) = lane.instructions.get(*at) {
                match instruction.action {
                    Action::Issue(call) => drop(issued.insert(call)),
                    Action::Reply(call, _) => drop(replied.insert(call)),
                    Action::Dispatch(call) if !issued.contains(&call) => break,
                    Action::Await(call) if !replied.contains(&call) => break,
                    _ => {}
                }
                *at += 1;
                has_moved = true;
            }
        }
        if !has_moved {
            let mut ends = program.lanes.iter().zip(at);
            return ends.all(|(lane, at)| at == lane.instructions.len());
        }
    }
}
