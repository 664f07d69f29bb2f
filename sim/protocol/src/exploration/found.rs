//! What an exploration has found.

use std::collections::{BTreeMap, BTreeSet};

use calloff_model::Code;
use serde::Serialize;

use crate::clauses::ClauseId;
use crate::exploration::{Bound, Granularity, Limit};
use crate::history::Outcome;
use crate::trace::Schedule;
use crate::world::Choice;

/// What the exploration of one program under one reading found.
#[derive(Clone, Debug)]
pub struct Exploration {
    /// How far it went.
    pub bound: Bound,
    /// Distinct states.
    pub states: u64,
    /// Steps taken from them.
    pub transitions: u64,
    /// Times that an implementation was run.
    pub executions: u64,
    /// Context switches of the last execution, of engines that go in their order.
    pub switches: u64,
    /// Each distinct end, with the state in which it was seen first.
    pub outcomes: BTreeMap<Outcome, NodeId>,
    /// The execution in which each end was seen first, of engines that count them.
    pub found_after: BTreeMap<Outcome, u64>,
    /// How many executions and ends each strategy of a portfolio had.
    pub strategies: Vec<Strategy>,
    /// Each violated clause (by its position in [`CLAUSES`](crate::clauses::CLAUSES)), with the
    /// shortest schedule.
    pub violations: BTreeMap<ClauseId, Discovery>,
    /// Each witnessed facet of a *sometimes* clause, with the shortest schedule.
    pub witnesses: BTreeMap<(ClauseId, String), Schedule>,
    /// What the implementation said when it panicked, with the state in which it was seen first.
    pub panics: BTreeMap<String, NodeId>,
    /// What the implementation did otherwise when it was run again with the same choices.
    pub divergence: Option<Discovery>,
    /// What one choice of a schedule stands for.
    pub granularity: Granularity,
    /// How each state was reached first.
    pub paths: Paths,
}

/// How many executions and ends one strategy of a portfolio had.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Strategy {
    /// Its name.
    pub name: &'static str,
    /// Executions that it chose.
    pub executions: u64,
    /// Distinct ends that it saw.
    pub outcomes: u64,
}

/// Something that is wrong: a broken clause, or a divergence.
#[derive(Clone, Debug)]
pub struct Discovery {
    /// What went wrong, in the words of the domain.
    pub message: String,
    /// The schedule that leads there; of a broken clause, the shortest.
    pub schedule: Schedule,
    /// The number of the state at which it was seen, in their order; of a divergence, none.
    pub after: u64,
}

impl Discovery {
    /// After these choices, the implementation is not where it was when they were made before.
    pub fn divergence(choices: &[Choice]) -> Discovery {
        let message = "the implementation is not deterministic: \
                       run again with the same choices, it comes to another state";
        Discovery { message: message.to_owned(), schedule: Schedule(choices.to_vec()), after: 0 }
    }
}

/// A state of an exploration, by the order in which it was found.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct NodeId(u32);

impl NodeId {
    /// The state's number, from 1.
    pub fn number(self) -> u64 {
        u64::from(self.0) + 1
    }
}

/// The state that an exploration begins in.
pub const ROOT: NodeId = NodeId(0);

/// How each state was reached first: its parent, and the choice taken there.
#[derive(Clone, Debug, Default)]
pub struct Paths(Vec<(NodeId, Choice)>);

impl Exploration {
    /// The schedule by which a state of this exploration was reached first; `None` if the engine
    /// remembers none.
    pub fn schedule(&self, node: NodeId) -> Option<Schedule> {
        (self.paths.states() > 0).then(|| self.paths.schedule(node, None))
    }

    /// The codes that each of the code-returning steps of an actor was seen to return.
    pub fn codes(&self, actor: usize, steps: usize) -> Vec<BTreeSet<Code>> {
        let mut seen = vec![BTreeSet::new(); steps];
        for (step, code) in self.outcomes.keys().flat_map(|end| &end.codes[actor]) {
            seen[*step as usize].insert(*code);
        }
        seen
    }

    /// The exploration of an engine that did not run.
    pub fn nothing() -> Exploration {
        Exploration {
            bound: Bound::Exhausted,
            states: 0,
            transitions: 0,
            executions: 0,
            switches: 0,
            outcomes: BTreeMap::new(),
            found_after: BTreeMap::new(),
            strategies: Vec::new(),
            violations: BTreeMap::new(),
            witnesses: BTreeMap::new(),
            panics: BTreeMap::new(),
            divergence: None,
            granularity: Granularity::default(),
            paths: Paths::default(),
        }
    }

    /// An exploration that a limit ended before anything was seen.
    pub fn stopped(limit: Limit) -> Exploration {
        Exploration { bound: Bound::Stopped { limit }, ..Exploration::nothing() }
    }

    /// Forgets how each state was reached, to save memory. It can give no schedule afterwards.
    pub fn without_paths(self) -> Exploration {
        Exploration { paths: Paths::default(), ..self }
    }
}

impl Paths {
    /// The paths of an exploration that has seen its first state only.
    pub fn with_root() -> Paths {
        Paths(vec![(ROOT, Choice::Clock)])
    }

    /// The number of states that were reached.
    pub fn states(&self) -> usize {
        self.0.len()
    }

    /// Adds a state that was reached for the first time: from `parent`, by `choice`.
    pub fn add(&mut self, parent: NodeId, choice: Choice) -> NodeId {
        let node = NodeId(u32::try_from(self.0.len()).expect("the limit on states fits"));
        self.0.push((parent, choice));
        node
    }

    /// The choices that lead to a state, and then `last`.
    pub fn schedule(&self, mut node: NodeId, last: Option<Choice>) -> Schedule {
        let mut choices: Vec<Choice> = last.into_iter().collect();
        while node != ROOT {
            let (parent, choice) = self.0[node.0 as usize];
            choices.push(choice);
            node = parent;
        }
        choices.reverse();
        Schedule(choices)
    }
}
