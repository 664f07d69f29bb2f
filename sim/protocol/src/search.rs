//! The `protocol` engine: explores every interleaving of the atomic steps, breadth first.
//!
//! Breadth-first search finds the shortest schedule for everything that it finds. States are stored
//! as 128-bit fingerprints (see [`crate::digest`]). The ledger of the clauses is part of a state,
//! so a clause is judged on every path. Successors are taken in file order, the clock last, so
//! every run explores the same states in the same order.
//!
//! [`find`] is the same search for one [`Goal`]: it ends at the first depth at which the goal is
//! met.

mod endless;
mod questions;
mod watch;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, hash_map};

use calloff_model::Code;

use crate::clauses::ClauseId;
use crate::digest::{FingerprintMap, fingerprint};
use crate::exploration::{
    Bound, Discovery, Exploration, Limit, Limits, NodeId, Paths, ROOT, Reduction, Reductions, Stop,
};
use crate::fairness::{Arrow, Steps};
use crate::goal::{self, Goal, Met};
use crate::history::{ActorId, Outcome};
use crate::program::{Case, Program};
use crate::survey::{self, Survey};
use crate::trace::Schedule;
use crate::world::{Choice, Fault, Step, Watch, World};

pub use questions::answers;
use watch::Judge;

/// Everything that can happen in a case, without schedules: how much, which ends, what is violated
/// and what is seen. [`Exploration::with_schedules`] adds those that [`explore`] finds.
pub fn prove(
    case: &Case,
    fault: Option<&'static Fault>,
    limits: &Limits,
    reductions: Reductions,
    stop: &Stop,
) -> Exploration {
    if case.program.is_client {
        return explore(case, fault, limits, stop);
    }
    proven(survey::survey(case, fault, limits, reductions, stop), reductions)
}

/// The ends of the right machine, and nothing of clauses: what an implementation is held against.
pub fn ends(case: &Case, limits: &Limits, reductions: Reductions, stop: &Stop) -> Exploration {
    if case.program.is_client {
        return explore(case, None, limits, stop);
    }
    proven(survey::ends(case, None, limits, reductions, stop), reductions)
}

fn proven(found: Survey, reductions: Reductions) -> Exploration {
    let violated = |clause: ClauseId| {
        let message = format!("{} is violated, by a schedule beyond the limits", clause.id);
        (clause, Discovery { message, schedule: None, after: 0 })
    };
    Exploration {
        bound: found.bound,
        states: found.states,
        transitions: found.transitions,
        reductions: reductions.among(&Reduction::OF_PROTOCOL),
        outcomes: found.outcomes.into_iter().map(|end| (end, NodeId::UNKNOWN)).collect(),
        violations: found.violated.into_iter().map(violated).collect(),
        seen: found.seen,
        returned: found.returned.into_iter().map(|code| (code, None)).collect(),
        complete_depth: found.complete_depth,
        bytes: Some(found.bytes),
        ..Exploration::nothing()
    }
}

/// The shortest schedule that meets the goal, or the proof that there is none. What cannot be met
/// is proven by the survey, where it knows.
pub fn seek(
    case: &Case,
    fault: Option<&'static Fault>,
    goal: &Goal,
    limits: &Limits,
    stop: &Stop,
) -> Hunt {
    let world = || World::new(&case.program, case.reading, fault);
    if case.program.is_client {
        return find(&case.program, world(), goal, limits, stop);
    }
    let found = survey::survey(case, fault, limits, Reductions::default(), stop);
    let is_met = match goal {
        Goal::Ends { .. } => found.outcomes.iter().any(|end| goal.is_met_by(&case.program, end)),
        Goal::Clause(clause) => {
            found.violated.contains(clause) || found.seen.iter().any(|(seen, _)| seen == clause)
        }
        Goal::Taken(_) => true,
    };
    if found.bound == Bound::Exhausted && !is_met {
        let (bound, states) = (found.bound, found.states);
        return Hunt { found: None, round: 0, states, bound, complete_depth: None };
    }
    find(&case.program, world(), goal, limits, stop)
}

/// Explores every interleaving of a case, in full: every state, with the shortest schedule to
/// whatever is found.
pub fn explore(
    case: &Case,
    fault: Option<&'static Fault>,
    limits: &Limits,
    stop: &Stop,
) -> Exploration {
    let mut search = Search::new(&case.program, limits, stop, None);
    let world = World::new(&case.program, case.reading, fault);
    let bound = search.bound(world.clone());
    let lassos = search.lassos(&world);
    let growing = search.stopped_at.as_ref().and_then(|at| at.growing(&case.program));
    Exploration {
        growing,
        starving: lassos.iter().flat_map(|lasso| &lasso.starving).copied().collect(),
        lassos,
        ..search.report(bound)
    }
}

/// The result of searching for a goal.
#[derive(Clone, Debug)]
pub struct Hunt {
    /// The shortest schedule that meets the goal, starting from the world in which the search
    /// began. Where somebody is to starve, the way in and one round of the cycle.
    pub found: Option<Schedule>,
    /// The number of choices of that round; 0 if the execution does not go on for ever.
    pub round: usize,
    /// The number of distinct states seen.
    pub states: u64,
    /// How much was searched. If nothing was found and this is [`Bound::Exhausted`], no schedule
    /// meets the goal.
    pub bound: Bound,
    /// If a limit stopped the search: no schedule of up to this number of steps meets the goal.
    pub complete_depth: Option<u64>,
}

/// Finds the shortest schedule, starting from that world, that meets the goal, or proves that there
/// is none.
pub fn find(program: &Program, world: World, goal: &Goal, limits: &Limits, stop: &Stop) -> Hunt {
    if goal.is_met_in(program, &world) {
        let (found, bound) = (Some(Schedule::default()), Bound::Exhausted);
        return Hunt { found, round: 0, states: 1, bound, complete_depth: None };
    }
    let mut search = Search::new(program, limits, stop, Some(goal));
    let bound = search.bound(world.clone());
    let (mut found, mut round) = (search.shortest(), 0);
    if found.is_none() && matches!(goal, Goal::Ends { stuck, .. } if !stuck.is_empty()) {
        let lasso = search.lassos(&world).into_iter().find(|l| goal.is_stuck_in(&l.starving));
        round = lasso.as_ref().map_or(0, |lasso| lasso.cycle.0.len());
        found = lasso.map(|l| Schedule(l.way.0.into_iter().chain(l.cycle.0).collect()));
    }
    let states = search.paths.states() as u64;
    let complete_depth = search.complete_depth.filter(|_| found.is_none());
    Hunt { found, round, states, bound, complete_depth }
}

/// Finds the shortest schedule of fewer than that many steps that meets the goal, if there is one
/// within the limits.
pub fn find_shorter(
    program: &Program,
    world: World,
    goal: &Goal,
    length: usize,
) -> Option<Schedule> {
    let (limits, stop) = (Limits::default(), Stop::default());
    let mut search = Search::new(program, &limits, &stop, Some(goal));
    search.length_max = length.checked_sub(1)?;
    search.bound(world);
    search.shortest()
}

/// Where a violation or a witness was seen: at a node, or at a choice taken from it.
#[derive(Clone, Copy)]
struct Place {
    node: NodeId,
    choice: Option<Choice>,
    length: usize,
}

struct Search<'a> {
    program: &'a Program,
    limits: &'a Limits,
    stop: &'a Stop,
    paths: Paths,
    /// The number of each state.
    seen: FingerprintMap<u32>,
    next: Vec<(NodeId, World, Met)>,
    /// The steps from each state, in a program with loops.
    steps: Steps,
    bytes: usize,
    end_bytes: usize,
    transitions: u64,
    ends: BTreeMap<Outcome, NodeId>,
    violations: BTreeMap<ClauseId, (Place, String)>,
    seen_facets: BTreeSet<(ClauseId, String)>,
    /// Where each step first returned each code.
    returned: BTreeMap<(ActorId, u32, Code), Place>,
    sought: Option<&'a Goal>,
    found: Option<Place>,
    /// The largest depth to search, in steps from the start.
    length_max: usize,
    /// The number of steps up to which everything was seen; only if a limit has stopped it.
    complete_depth: Option<u64>,
    /// The state that was being expanded when a limit stopped it.
    stopped_at: Option<World>,
}

impl<'a> Search<'a> {
    fn new(
        program: &'a Program,
        limits: &'a Limits,
        stop: &'a Stop,
        sought: Option<&'a Goal>,
    ) -> Search<'a> {
        Search {
            program,
            limits,
            stop,
            paths: Paths::default(),
            seen: FingerprintMap::default(),
            next: Vec::new(),
            steps: Steps::default(),
            bytes: 0,
            end_bytes: 0,
            transitions: 0,
            ends: BTreeMap::new(),
            violations: BTreeMap::new(),
            seen_facets: BTreeSet::new(),
            returned: BTreeMap::new(),
            sought,
            found: None,
            length_max: usize::MAX,
            complete_depth: None,
            stopped_at: None,
        }
    }

    fn bound(&mut self, root: World) -> Bound {
        match self.run(root) {
            Ok(()) => Bound::Exhausted,
            Err(limit) => Bound::Stopped { limit },
        }
    }

    fn run(&mut self, root: World) -> Result<(), Limit> {
        let met = self.sought.map_or(Met::default(), |goal| goal.met_in(self.program, &root));
        self.visit(ROOT, Choice::Clock, root, met)?;
        let mut length = 0;
        while !self.next.is_empty() && self.found.is_none() && length < self.length_max {
            let level = std::mem::take(&mut self.next);
            self.bytes = 0;
            for (node, world, met) in level {
                if let Err(limit) = self.expand(node, &world, &met, length) {
                    // Every execution of this length was seen, but not whether it ends here.
                    self.complete_depth = Some(length.saturating_sub(1) as u64);
                    self.stopped_at = Some(world);
                    return Err(limit);
                }
            }
            length += 1;
        }
        Ok(())
    }

    /// Stores a state, and queues it if it is new; its number.
    fn visit(
        &mut self,
        parent: NodeId,
        choice: Choice,
        world: World,
        met: Met,
    ) -> Result<u32, Limit> {
        let is_full = self.seen.len() as u64 >= self.limits.states_max;
        let fingerprint = match met == Met::default() {
            true => fingerprint(&world),
            false => fingerprint(&(&world, &met)),
        };
        match self.seen.entry(fingerprint) {
            hash_map::Entry::Occupied(known) => return Ok(*known.get()),
            hash_map::Entry::Vacant(_) if is_full => return Err(Limit::States),
            hash_map::Entry::Vacant(new) => new.insert(self.paths.states() as u32),
        };
        let node = self.paths.add(parent, choice);
        self.bytes += world.size(choice);
        self.next.push((node, world, met));
        self.check_limits()?;
        Ok(node.index())
    }

    fn check_limits(&self) -> Result<(), Limit> {
        if self.memory() >> 20 >= self.limits.memory_max {
            return Err(Limit::Memory);
        }
        self.stop.check(self.paths.states())
    }

    /// The memory that the states need, in bytes, estimated.
    fn memory(&self) -> u64 {
        const PER_STATE: usize = 52;
        // The level being explored is still in memory while the next one grows.
        let states = 2 * self.bytes + PER_STATE * self.paths.states();
        (states + self.end_bytes + self.steps.bytes()) as u64
    }

    fn expand(
        &mut self,
        node: NodeId,
        world: &World,
        met: &Met,
        length: usize,
    ) -> Result<(), Limit> {
        let next = world.successors(self.program);
        let place = Place { node, choice: None, length };
        for event in next.events(world.now()) {
            Judge { search: self, place, returned: None }.event(world.ledger(), &event);
        }
        if next.is_end() {
            self.end(world.outcome(self.program, &next.blocked), met, place);
        }
        for step in next.steps {
            let (choice, passes) = (step.choice, step.passes(world));
            let to = self.take(node, world, met, step, length)?;
            if self.program.has_cycles {
                self.steps.push(Arrow { to, choice, passes });
            }
        }
        if self.program.has_cycles {
            self.steps.close();
        }
        Ok(())
    }

    /// Takes one step from a state, judges it, and visits the state that it leads to.
    fn take(
        &mut self,
        node: NodeId,
        world: &World,
        met: &Met,
        step: Step,
        length: usize,
    ) -> Result<u32, Limit> {
        let choice = step.choice;
        let place = Place { node, choice: Some(choice), length: length + 1 };
        let program = self.program;
        let mut judge = Judge { search: self, place, returned: None };
        let next = world.after(program, step, &mut judge);
        let returned = judge.returned;
        self.transitions += 1;
        let met = self.note_code(world, &next, met.clone(), place, returned);
        self.visit(node, choice, next, met)
    }

    /// Remembers where the step that was just taken returned its code, if it is the first to do so;
    /// and what is met then of what is wanted.
    fn note_code(
        &mut self,
        before: &World,
        after: &World,
        met: Met,
        place: Place,
        returned: Option<Code>,
    ) -> Met {
        let Some(actor) = place.choice.and_then(Choice::actor) else { return met };
        let codes = [before, after].map(|world| &world.actor(actor).codes);
        if let Some((at, code)) = codes[1].changed_since(codes[0]) {
            self.returned.entry((actor, at, code)).or_insert(place);
        }
        let position = place.choice.and_then(|c| goal::returning(self.program, before, c));
        let (Some(goal), Some((_, position)), Some(code)) = (self.sought, position, returned)
        else {
            return met;
        };
        let met = goal.met_after(met, self.program, (actor, position, code));
        if goal.has_all(&met) && goal.is_stuck_in(&[]) {
            self.meets(place);
        }
        met
    }

    fn shortest(&self) -> Option<Schedule> {
        self.found.map(|place| self.paths.schedule(place.node, place.choice))
    }

    /// The goal is met here. At the same depth, a state comes before the steps from it.
    fn meets(&mut self, place: Place) {
        if self.found.is_none_or(|found| place.length < found.length) {
            self.found = Some(place);
        }
    }

    fn end(&mut self, outcome: Outcome, met: &Met, place: Place) {
        let is_met = |goal: &Goal| goal.has_all(met) && goal.is_stuck_in(&outcome.stuck);
        if self.sought.is_some_and(is_met) {
            self.meets(place);
        }
        if let Entry::Vacant(vacant) = self.ends.entry(outcome) {
            self.end_bytes += vacant.key().size();
            vacant.insert(place.node);
        }
    }

    fn report(self, bound: Bound) -> Exploration {
        let (bytes, complete_depth) = (Some(self.memory()), self.complete_depth);
        let paths = self.paths;
        let schedule = |place: Place| paths.schedule(place.node, place.choice);
        let finding = |(clause, (place, message)): (ClauseId, (Place, String))| {
            let after = place.node.number();
            (clause, Discovery { message, schedule: Some(schedule(place)), after })
        };
        Exploration {
            bound,
            states: paths.states() as u64,
            transitions: self.transitions,
            executions: 0,
            outcomes: self.ends,
            violations: self.violations.into_iter().map(finding).collect(),
            seen: self.seen_facets,
            returned: self.returned.into_iter().map(|(c, at)| (c, Some(schedule(at)))).collect(),
            paths,
            complete_depth,
            bytes,
            ..Exploration::nothing()
        }
    }
}

#[cfg(test)]
mod tests;
