//! The result of an exploration.

use std::collections::{BTreeMap, BTreeSet};

use calloff_model::Code;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::clauses::ClauseId;
use crate::exploration::{Bound, Granularity, Limit, Reductions};
use crate::history::{Action, ActorId, Outcome};
use crate::operations::{Deed, Followed, ObjectNames};
use crate::trace::Schedule;
use crate::world::Choice;

/// The result of exploring one program under one reading.
///
/// As JSON it has what reports need of a run that was judged. What the [violations](crate::judge)
/// of the run say already is left out: panics, lassos and the like, and how states were reached.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exploration {
    /// How much was explored.
    pub bound: Bound,
    /// The number of distinct states.
    pub states: u64,
    /// The number of steps taken from them.
    pub transitions: u64,
    /// The number of executions of an implementation that were explored. Not each of them was run:
    /// where steps are known, their effects are.
    pub executions: u64,
    /// The context switches of the last execution, for engines that order executions by that
    /// number.
    pub switches: u64,
    /// The reductions that were on; the counts of states and transitions are those under them.
    pub reductions: Reductions,
    /// Each distinct end, with the state in which it was first seen.
    #[serde(serialize_with = "write_ends", deserialize_with = "read_ends")]
    pub outcomes: BTreeMap<Outcome, NodeId>,
    /// For each end, the number of the execution in which it was first seen, for engines that count
    /// them.
    #[serde(skip)]
    pub found_after: BTreeMap<Outcome, u64>,
    /// How many executions and ends each strategy of a portfolio had.
    pub strategies: Vec<Strategy>,
    /// Each violated clause, with the shortest schedule.
    pub violations: BTreeMap<ClauseId, Discovery>,
    /// Each facet of a *sometimes* clause that was seen.
    pub seen: BTreeSet<(ClauseId, String)>,
    /// What the implementation said when it panicked, with the state in which it was seen first.
    #[serde(skip)]
    pub panics: BTreeMap<String, NodeId>,
    /// What the implementation did otherwise when it was run again with the same choices.
    #[serde(skip)]
    pub divergence: Option<Discovery>,
    /// A state of the implementation from which no end can be reached.
    #[serde(skip)]
    pub livelock: Option<Livelock>,
    /// What was found out about the questions of the file, in its order: first those about what
    /// never happens.
    pub answers: Vec<Answer>,
    /// The actors that are no daemons and that starve: some fair execution goes on for ever without
    /// their finishing.
    pub starving: BTreeSet<ActorId>,
    /// For each set of actors that starve together, a way into such an execution and a cycle of it.
    #[serde(skip)]
    pub lassos: Vec<Lasso>,
    /// If a limit has stopped it: what part of its states was about to grow without bound.
    pub growing: Option<String>,
    /// The operation that an actor does not come back from: it uses nothing of the runtime any
    /// more.
    #[serde(skip)]
    pub stall: Option<Stall>,
    /// In how many executions the steps from a state that was seen before were made once more, to
    /// find out whether they lead to the same states again.
    pub rechecked: u64,
    /// What one choice of a schedule stands for.
    pub granularity: Granularity,
    /// For each actor, each of its code-returning steps, and each code that it was seen to return:
    /// the shortest schedule to that return, where it was looked for.
    #[serde(skip)]
    pub returned: BTreeMap<(ActorId, u32, Code), Option<Schedule>>,
    /// How each state was reached first.
    #[serde(skip)]
    pub paths: Paths,
    /// For a breadth-first search that a limit stopped: the number of steps up to which it has seen
    /// everything, how executions of that length end included.
    pub complete_depth: Option<u64>,
    /// The memory that the states needed at the end, in bytes, for engines that estimate it.
    pub bytes: Option<u64>,
}

/// How many executions and ends one strategy of a portfolio had.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Strategy {
    /// Its name: one of [`Strategy::NAMES`].
    pub name: &'static str,
    /// The number of its executions.
    pub executions: u64,
    /// The number of distinct ends that it saw.
    pub outcomes: u64,
}

impl Strategy {
    /// The names of all strategies, in the order in which they take their turns.
    pub const NAMES: [&str; 4] = ["random", "pct-2", "pct-3", "urw"];
}

/// A strategy as it is read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StrategyJson {
    name: String,
    executions: u64,
    outcomes: u64,
}

impl<'de> Deserialize<'de> for Strategy {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Strategy, D::Error> {
        let StrategyJson { name, executions, outcomes } = StrategyJson::deserialize(from)?;
        let known = Strategy::NAMES.into_iter().find(|known| *known == name);
        let unknown = || serde::de::Error::custom(format!("there is no strategy {name:?}"));
        Ok(Strategy { name: known.ok_or_else(unknown)?, executions, outcomes })
    }
}

/// The ends as a list: where each was seen first has no meaning without the paths.
fn write_ends<S: Serializer>(ends: &BTreeMap<Outcome, NodeId>, to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(ends.keys())
}

fn read_ends<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<Outcome, NodeId>, D::Error> {
    let ends = Vec::<Outcome>::deserialize(from)?;
    Ok(ends.into_iter().map(|end| (end, NodeId::UNKNOWN)).collect())
}

/// Something that is wrong: a violated clause, or a divergence.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Discovery {
    /// What went wrong, in the words of the domain.
    pub message: String,
    /// The schedule that leads there; for a violated clause, the shortest one. `None`: there is
    /// one, and it was not looked for, or not found within the limits.
    pub schedule: Option<Schedule>,
    /// The number of the state in which it was seen, in the order of exploration; 0 for a
    /// divergence.
    pub after: u64,
}

impl Discovery {
    /// After these choices, the implementation is not where it was when they were made before.
    pub fn divergence(choices: &[Choice]) -> Discovery {
        let message = "the implementation is not deterministic: \
                       run again with the same choices, it comes to another state";
        Discovery {
            message: message.to_owned(),
            schedule: Some(Schedule(choices.to_vec())),
            after: 0,
        }
    }

    /// After these choices, the implementation is in a state that differs from the one that the
    /// last choice led to when it was made in the same state before.
    pub fn hidden(choices: &[Choice]) -> Discovery {
        let message = "the implementation keeps state that the runtime does not know: \
                       two executions came to the same state, made the same choice there, and \
                       were in different states after it. Something is kept outside of the \
                       runtime's locks and atomics, or a `Hash` of what a lock protects leaves \
                       something out";
        Discovery {
            message: message.to_owned(),
            schedule: Some(Schedule(choices.to_vec())),
            after: 0,
        }
    }
}

/// A state from which no end can be reached, whatever happens: whoever runs goes round for ever.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Livelock {
    /// The choices that lead to the cycle.
    pub way: Schedule,
    /// The choices of one round.
    pub cycle: Schedule,
    /// What each actor does in a round.
    pub turns: Vec<Turn>,
    /// The names of what they use.
    pub names: ObjectNames,
    /// Whether it is proven that no end can be reached. Otherwise none was reached in an execution
    /// that goes on for very long with choices at random.
    pub is_proven: bool,
    /// Whether, somewhere in the search, somebody went round more often than is told apart. Then
    /// code that counts its rounds may leave later.
    pub is_shortened: bool,
}

/// What was found out about a question of the file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The position of the question in its list.
    pub question: usize,
    /// It is asked that this never happens; otherwise, that it is possible.
    pub is_never: bool,
    /// A shortest execution in which it happens.
    pub found: Option<Schedule>,
    /// How many choices at the end of that repeat for ever.
    pub round: usize,
    /// How much was searched.
    pub bound: Bound,
}

impl Answer {
    /// Whether it is known: it was found, or there is none.
    pub fn is_known(&self) -> bool {
        self.found.is_some() || self.bound == Bound::Exhausted
    }
}

/// A fair execution that goes on for ever.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lasso {
    /// The actors that never finish in it and are no daemons, in file order.
    pub starving: Vec<ActorId>,
    /// The choices that lead to the cycle.
    pub way: Schedule,
    /// The choices of one round.
    pub cycle: Schedule,
}

/// An operation that spins or blocks on something that is not of the runtime.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stall {
    /// The actor, and its operation; `None`: the implementation was being made.
    pub within: Option<(ActorId, Option<Action>)>,
    /// For how many seconds nothing happened.
    pub seconds: u64,
}

/// What an actor does in a round of a livelock.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Turn {
    /// The actor.
    pub actor: ActorId,
    /// The operation that it is in.
    pub within: Option<Action>,
    /// What it does, each thing once.
    pub deeds: Vec<Deed>,
}

impl Livelock {
    /// Adds what the actors do, as it was seen when the way and one round were followed.
    pub fn tell(&mut self, followed: &Followed) {
        self.names = followed.names.clone();
        for step in followed.moves.iter().skip(self.way.0.len()) {
            let Some(actor) = step.choice.actor() else { continue };
            if !self.turns.iter().any(|turn| turn.actor == actor) {
                self.turns.push(Turn { actor, within: step.within, deeds: Vec::new() });
            }
            let turn = self.turns.iter_mut().find(|turn| turn.actor == actor);
            let deeds = &mut turn.expect("it was added").deeds;
            for deed in &step.deeds {
                if !deeds.contains(deed) {
                    deeds.push(*deed);
                }
            }
        }
    }
}

/// A state of an exploration, numbered in the order in which states were found.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct NodeId(u32);

impl NodeId {
    /// Some state that has no number: it was not looked for which one.
    pub const UNKNOWN: NodeId = NodeId(u32::MAX);

    /// The state with this number, from 0.
    pub(crate) fn at(index: u32) -> NodeId {
        NodeId(index)
    }

    /// The state's number, from 0.
    pub(crate) fn index(self) -> u32 {
        self.0
    }

    /// The state's number, from 1.
    pub fn number(self) -> u64 {
        u64::from(self.0) + 1
    }
}

/// The state that an exploration begins in.
pub const ROOT: NodeId = NodeId(0);

/// How each state was first reached: its parent, and the choice taken there.
#[derive(Clone, Debug, Default)]
pub struct Paths(Vec<(NodeId, Choice)>);

impl Exploration {
    /// The schedule by which a state of this exploration was first reached; `None` if that is not
    /// known.
    pub fn schedule(&self, node: NodeId) -> Option<Schedule> {
        let is_known = (node.0 as usize) < self.paths.states();
        is_known.then(|| self.paths.schedule(node, None))
    }

    /// The same, with what was found out about the questions of the file. If a limit has kept one
    /// of them from being answered, it has stopped the whole.
    #[must_use]
    pub fn with_answers(mut self, answers: Vec<Answer>) -> Exploration {
        let unknown = answers.iter().find(|answer| !answer.is_known());
        if let (Bound::Exhausted, Some(unknown)) = (self.bound, unknown) {
            self.bound = unknown.bound;
        }
        self.answers = answers;
        self
    }

    /// The same, with the schedules that a full exploration has found.
    #[must_use]
    pub fn with_schedules(mut self, full: Exploration) -> Exploration {
        for (end, node) in &mut self.outcomes {
            *node = full.outcomes.get(end).copied().unwrap_or(NodeId::UNKNOWN);
        }
        for (clause, found) in full.violations {
            self.violations.insert(clause, found);
        }
        self.returned.extend(full.returned);
        Exploration { paths: full.paths, ..self }
    }

    /// For each code-returning step of an actor, the codes that it was seen to return.
    pub fn codes(&self, actor: usize, steps: usize) -> Vec<BTreeSet<Code>> {
        let mut seen = vec![BTreeSet::new(); steps];
        for (step, code) in self.outcomes.keys().flat_map(|end| &end.codes[actor]) {
            seen[*step as usize].insert(*code);
        }
        seen
    }

    /// The empty result of an engine that did not run.
    pub fn nothing() -> Exploration {
        Exploration {
            bound: Bound::Exhausted,
            states: 0,
            transitions: 0,
            executions: 0,
            switches: 0,
            reductions: Reductions::NONE,
            outcomes: BTreeMap::new(),
            found_after: BTreeMap::new(),
            strategies: Vec::new(),
            violations: BTreeMap::new(),
            seen: BTreeSet::new(),
            panics: BTreeMap::new(),
            divergence: None,
            livelock: None,
            answers: Vec::new(),
            growing: None,
            starving: BTreeSet::new(),
            lassos: Vec::new(),
            stall: None,
            rechecked: 0,
            granularity: Granularity::default(),
            returned: BTreeMap::new(),
            paths: Paths::default(),
            complete_depth: None,
            bytes: None,
        }
    }

    /// The result of an exploration that a limit ended before anything was seen.
    pub fn stopped(limit: Limit) -> Exploration {
        Exploration { bound: Bound::Stopped { limit }, ..Exploration::nothing() }
    }

    /// Forgets how states and codes were reached, to save memory. It can give no schedule of them
    /// afterwards.
    pub fn without_paths(self) -> Exploration {
        Exploration { paths: Paths::default(), returned: BTreeMap::new(), ..self }
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
