//! What catches each seeded bug in the corpus: the units of `calloff faults`.

use calloff_protocol::clauses::ClauseId;
use calloff_protocol::exploration::{Engine, Limits, Reductions, Stop};
use calloff_protocol::faults::Seeded;
use calloff_protocol::judge::{Options, Source, Worker, caught_by};
use calloff_protocol::plan::{Axes, Plan};
use serde::{Deserialize, Serialize};

use crate::catch::{Catch, catches};
use crate::check;
use crate::shards::UnitId;

/// The engines that look for a bug of the shell.
pub const ENGINES: [Engine; 3] = [Engine::Exhaustive, Engine::Loom, Engine::Shuttle];

/// What catches a seeded bug.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Caught {
    /// A bug of the machine: the clauses that are violated, in order.
    Machine(Vec<ClauseId>),
    /// A bug of the shell: for each of [`ENGINES`], the first sign, if it sees one.
    Shell([Option<Catch>; 3]),
}

/// The id of a bug as a unit of work.
pub fn unit_id(fault: Seeded) -> UnitId {
    UnitId::of(&["faults", fault.name()])
}

/// Looks for the bug in these scenarios. What was interrupted is only a part.
pub fn caught(fault: Seeded, sources: &[Source], worker: Option<&Worker>, stop: &Stop) -> Caught {
    let Seeded::Machine(_) = fault else {
        return Caught::Shell(ENGINES.map(|e| catches(Some(fault), e, sources, worker, stop)));
    };
    let plan = Plan {
        sources: sources.to_vec(),
        axes: Axes::default(),
        options: Options {
            engines: vec![Engine::Protocol],
            fault: Some(fault),
            code: None,
            limits: Limits::default(),
            reductions: Reductions::default(),
            seed: 0,
            worker: None,
        },
        jobs: 1,
    };
    let caught = caught_by(&check::execute(&plan, stop, &|_| ()));
    Caught::Machine(caught.into_iter().filter_map(ClauseId::find).collect())
}
