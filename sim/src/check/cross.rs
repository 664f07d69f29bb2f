//! Cross-checks: the engines on the same scenario and reading, held against each other.
//!
//! What the implementation does, the machine must be able to do; and when both were explored to the
//! end, the other way round, too.

use super::{Violated, Violation};
use crate::engine::{Bound, Engine, Exploration, Outcome};
use crate::program::Program;
use crate::trace::Schedule;

/// For each run, in order: how it differs from that of the `protocol` engine.
pub(super) fn differences(
    program: &Program,
    found: &[(Engine, Result<Exploration, String>)],
) -> Vec<Vec<Violation>> {
    let reference = found.iter().find_map(|(engine, exploration)| match (engine, exploration) {
        (Engine::Protocol, Ok(exploration)) => Some(exploration),
        _ => None,
    });
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

/// The first outcome in each direction that only one of the two has.
pub(crate) fn compare(
    program: &Program,
    engine: Engine,
    reference: &Exploration,
    exploration: &Exploration,
) -> Vec<Violation> {
    let violation = |message, of: &Exploration, schedule: Option<Schedule>| Violation {
        schedule,
        granularity: of.granularity,
        ..Violation::new(Violated::CrossCheck, message)
    };
    let mut differences = Vec::new();
    if reference.bound == Bound::Exhausted {
        let own = exploration.outcomes.iter().find(|(o, _)| !reference.outcomes.contains_key(o));
        differences.extend(own.map(|(outcome, node)| {
            let message = format!(
                "the implementation can end in a way that the machine cannot: {}",
                show(program, outcome)
            );
            violation(message, exploration, exploration.schedule(*node))
        }));
    }
    if exploration.bound == Bound::Exhausted {
        let missing =
            reference.outcomes.iter().find(|(o, _)| !exploration.outcomes.contains_key(o));
        differences.extend(missing.map(|(outcome, node)| {
            let message = format!(
                "engine {} never sees an end that the machine can reach: {}",
                engine.name(),
                show(program, outcome)
            );
            violation(message, reference, reference.schedule(*node))
        }));
    }
    differences
}

/// An outcome on one line: each actor's codes, and who is stuck.
fn show(program: &Program, outcome: &Outcome) -> String {
    let codes = program.lanes.iter().zip(&outcome.codes).map(|(lane, codes)| {
        let names = codes.iter().map(|(at, code)| lane.returning[*at as usize].code_name(*code));
        format!("{} [{}]", lane.name, names.collect::<Vec<_>>().join(", "))
    });
    let stuck = outcome.stuck.iter().map(|actor| format!("{} stuck", program.actor_name(*actor)));
    codes.chain(stuck).collect::<Vec<_>>().join("; ")
}
