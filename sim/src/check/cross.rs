//! Cross-checks: compares the engines on the same scenario and reading.
//!
//! Every end of the implementation must be an end of the machine. If both were explored
//! exhaustively, every end of the machine must also be an end of the implementation.

use super::{Violated, Violation};
use crate::engine::{Bound, Engine, Exploration, Outcome};
use crate::program::Program;
use crate::trace::Schedule;

/// For each run, in order: its differences from the run of the `protocol` engine. If that engine
/// has explored a machine with a bug, the machine without the bug is used instead.
pub(super) fn differences(
    program: &Program,
    right: Option<&Exploration>,
    found: &[(Engine, Result<Exploration, String>)],
) -> Vec<Vec<Violation>> {
    let explored = found.iter().find_map(|(engine, exploration)| match (engine, exploration) {
        (Engine::Protocol, Ok(exploration)) => Some(exploration),
        _ => None,
    });
    let reference = right.or(explored);
    let of = |(engine, exploration): &(Engine, Result<Exploration, String>)| match (
        reference,
        engine,
        exploration,
    ) {
        (_, Engine::Protocol, _) | (None, ..) | (_, _, Err(_)) => Vec::new(),
        (Some(reference), engine, Ok(exploration)) => {
            compare(program, *engine, reference, exploration)
        }
    };
    found.iter().map(of).collect()
}

/// The first end in each direction that only one of the two has.
pub(crate) fn compare(
    program: &Program,
    engine: Engine,
    reference: &Exploration,
    exploration: &Exploration,
) -> Vec<Violation> {
    let mut differences = Vec::new();
    if reference.bound == Bound::Exhausted {
        let own = exploration.outcomes.iter().find(|(o, _)| !reference.outcomes.contains_key(o));
        differences.extend(own.map(|(end, node)| Violation {
            granularity: exploration.granularity,
            ..foreign(program, end, exploration.schedule(*node))
        }));
    }
    if exploration.bound == Bound::Exhausted {
        let none = reference.outcomes.iter().find(|(o, _)| !exploration.outcomes.contains_key(o));
        differences.extend(
            none.map(|(end, node)| missing(program, engine, end, reference.schedule(*node))),
        );
    }
    differences
}

/// The violation that the implementation has an end which the machine does not have.
pub(crate) fn foreign(program: &Program, end: &Outcome, schedule: Option<Schedule>) -> Violation {
    let end = show(program, end);
    let message = format!("the implementation can end in a way that the machine cannot: {end}");
    Violation { schedule, ..Violation::new(Violated::CrossCheck, message) }
}

/// The violation that the machine has an end which the implementation, under that engine, lacks.
pub(crate) fn missing(
    program: &Program,
    engine: Engine,
    end: &Outcome,
    schedule: Option<Schedule>,
) -> Violation {
    let (engine, end) = (engine.name(), show(program, end));
    let message = format!("engine {engine} never sees an end that the machine can reach: {end}");
    Violation { schedule, ..Violation::new(Violated::CrossCheck, message) }
}

/// An outcome on one line: each actor's codes, and the stuck actors.
fn show(program: &Program, outcome: &Outcome) -> String {
    let codes = program.lanes.iter().zip(&outcome.codes).map(|(lane, codes)| {
        let names = codes.iter().map(|(at, code)| lane.returning[*at as usize].code_name(*code));
        format!("{} [{}]", lane.name, names.collect::<Vec<_>>().join(", "))
    });
    let stuck = outcome.stuck.iter().map(|actor| format!("{} stuck", program.actor_name(*actor)));
    codes.chain(stuck).collect::<Vec<_>>().join("; ")
}
