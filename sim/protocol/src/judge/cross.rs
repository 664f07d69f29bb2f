//! Cross-checks: compares the engines on the same scenario and reading.
//!
//! Every end of the implementation must be an end of the machine. If both were explored
//! exhaustively, every end of the machine must also be an end of the implementation.

use super::{Violated, Violation};
use crate::exploration::{Bound, Engine, Exploration, Lasso};
use crate::history::{EndKind, Outcome};
use crate::program::Program;
use crate::trace::Schedule;

/// For each run, in order: how it differs from that of the `protocol` engine, or from what is
/// right, if that engine has explored a machine with a bug.
pub fn differences(
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

/// The first outcome in each direction that only one of the two has.
pub fn compare(
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
    let are_exhausted =
        [reference, exploration].iter().all(|found| found.bound == Bound::Exhausted);
    if are_exhausted && engine == Engine::Exhaustive && reference.starving != exploration.starving {
        differences.push(other_starving(program, reference, exploration));
    }
    differences
}

/// That other actors starve in the implementation than on the machine.
fn other_starving(
    program: &Program,
    reference: &Exploration,
    exploration: &Exploration,
) -> Violation {
    let names = |found: &Exploration| {
        let names: Vec<&str> = found.starving.iter().map(|a| program.actor_name(*a)).collect();
        if names.is_empty() { "nobody".to_owned() } else { names.join(" and ") }
    };
    let (here, there) = (names(exploration), names(reference));
    let message = format!("in the implementation {here} can starve, on the machine {there} can");
    let is_new = |lasso: &&Lasso| lasso.starving.iter().any(|a| !reference.starving.contains(a));
    let of = |lasso: &Lasso| lasso.way.0.iter().chain(&lasso.cycle.0).copied().collect();
    let schedule = exploration.lassos.iter().find(is_new).map(|lasso| Schedule(of(lasso)));
    let granularity = exploration.granularity;
    Violation { schedule, granularity, ..Violation::new(Violated::CrossCheck, message) }
}

/// An end that the implementation has and the machine has not.
pub fn foreign(program: &Program, end: &Outcome, schedule: Option<Schedule>) -> Violation {
    let message = format!("{}: {}", gist(EndKind::Foreign, Engine::Protocol), show(program, end));
    Violation { schedule, ..Violation::new(Violated::CrossCheck, message) }
}

/// An end that the machine has and the implementation, as that engine has seen it, has not.
pub fn missing(
    program: &Program,
    engine: Engine,
    end: &Outcome,
    schedule: Option<Schedule>,
) -> Violation {
    let message = format!("{}: {}", gist(EndKind::Missing, engine), show(program, end));
    Violation { schedule, ..Violation::new(Violated::CrossCheck, message) }
}

/// What a difference is about, in general terms.
pub fn gist(kind: EndKind, engine: Engine) -> String {
    match kind {
        EndKind::Missing => {
            format!("engine {} never sees an end that the machine can reach", engine.name())
        }
        _ => "the implementation can end in a way that the machine cannot".to_owned(),
    }
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
