//! The `protocol` engine: explores every interleaving of the atomic steps, breadth first.
//!
//! Breadth-first search finds the shortest schedule for everything that it finds. States are stored
//! as 128-bit fingerprints (see [`crate::digest`]). The ledger of the clauses is part of a state,
//! so a clause is judged on every path. Successors are taken in file order, the clock last, so
//! every run explores the same states in the same order.
//!
//! [`find`] is the same search for one [`Goal`]: it ends at the first depth at which the goal is
//! met.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use calloff_model::Code;

use crate::clauses::{self, ClauseId, Kind, Ledger};
use crate::digest::{FingerprintSet, fingerprint};
use crate::exploration::{
    Bound, Discovery, Exploration, Limit, Limits, NodeId, Paths, ROOT, Reduction, Reductions, Stop,
};
use crate::goal::Goal;
use crate::history::{ActorId, Event, Outcome};
use crate::program::{Case, Program};
use crate::survey::{self, Survey};
use crate::trace::Schedule;
use crate::world::{Choice, Fault, Step, Watch, World};

/// Everything that can happen in a case, without schedules: how much, which ends, what is violated
/// and what is seen. [`Exploration::with_schedules`] adds those that [`explore`] finds.
pub fn prove(
    case: &Case,
    fault: Option<&'static Fault>,
    limits: &Limits,
    reductions: Reductions,
    stop: &Stop,
) -> Exploration {
    proven(survey::survey(case, fault, limits, reductions, stop), reductions)
}

/// The ends of the right machine, and nothing of clauses: what an implementation is held against.
pub fn ends(case: &Case, limits: &Limits, reductions: Reductions, stop: &Stop) -> Exploration {
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
        return Hunt { found: None, states, bound, complete_depth: None };
    }
    let world = World::new(&case.program, case.reading, fault);
    find(&case.program, world, goal, limits, stop)
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
    let bound = search.bound(World::new(&case.program, case.reading, fault));
    search.report(bound)
}

/// The result of searching for a goal.
#[derive(Clone, Debug)]
pub struct Hunt {
    /// The shortest schedule that meets the goal, starting from the world in which the search
    /// began.
    pub found: Option<Schedule>,
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
        return Hunt { found, states: 1, bound, complete_depth: None };
    }
    let mut search = Search::new(program, limits, stop, Some(goal));
    let bound = search.bound(world);
    let (found, states) = (search.shortest(), search.paths.states() as u64);
    let complete_depth = search.complete_depth.filter(|_| found.is_none());
    Hunt { found, states, bound, complete_depth }
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
    seen: FingerprintSet,
    next: Vec<(NodeId, World)>,
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
            seen: FingerprintSet::default(),
            next: Vec::new(),
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
        }
    }

    fn bound(&mut self, root: World) -> Bound {
        match self.run(root) {
            Ok(()) => Bound::Exhausted,
            Err(limit) => Bound::Stopped { limit },
        }
    }

    fn run(&mut self, root: World) -> Result<(), Limit> {
        self.visit(ROOT, Choice::Clock, root)?;
        let mut length = 0;
        while !self.next.is_empty() && self.found.is_none() && length < self.length_max {
            let level = std::mem::take(&mut self.next);
            self.bytes = 0;
            for (node, world) in level {
                self.expand(node, &world, length).inspect_err(|_| {
                    // Every execution of this length was seen, but not whether it ends here.
                    self.complete_depth = Some(length.saturating_sub(1) as u64);
                })?;
            }
            length += 1;
        }
        Ok(())
    }

    /// Stores a state, and queues it if it is new.
    fn visit(&mut self, parent: NodeId, choice: Choice, world: World) -> Result<(), Limit> {
        let is_full = self.seen.len() as u64 >= self.limits.states_max;
        let fingerprint = fingerprint(&world);
        if is_full && !self.seen.contains(&fingerprint) {
            return Err(Limit::States);
        }
        if !self.seen.insert(fingerprint) {
            return Ok(());
        }
        let node = self.paths.add(parent, choice);
        self.bytes += world.size(choice);
        self.next.push((node, world));
        self.check_limits()
    }

    fn check_limits(&self) -> Result<(), Limit> {
        if self.memory() >> 20 >= self.limits.memory_max {
            return Err(Limit::Memory);
        }
        self.stop.check(self.paths.states())
    }

    /// The memory that the states need, in bytes, estimated.
    fn memory(&self) -> u64 {
        const PER_STATE: usize = 48;
        // The level being explored is still in memory while the next one grows.
        (2 * self.bytes + PER_STATE * self.paths.states() + self.end_bytes) as u64
    }

    fn expand(&mut self, node: NodeId, world: &World, length: usize) -> Result<(), Limit> {
        let next = world.successors(self.program);
        let place = Place { node, choice: None, length };
        for event in next.events(world.now()) {
            Judge { search: self, place }.event(world.ledger(), &event);
        }
        if next.is_end() {
            self.end(world.outcome(&next.blocked), place);
        }
        for step in next.steps {
            self.take(node, world, step, length)?;
        }
        Ok(())
    }

    /// Takes one step from a state, judges it, and visits the state that it leads to.
    fn take(
        &mut self,
        node: NodeId,
        world: &World,
        step: Step,
        length: usize,
    ) -> Result<(), Limit> {
        let choice = step.choice;
        let place = Place { node, choice: Some(choice), length: length + 1 };
        let next = world.after(step, &mut Judge { search: self, place });
        self.transitions += 1;
        self.note_code(world, &next, place);
        if self.sought.is_some_and(|goal| goal.is_met_in(self.program, &next)) {
            self.meets(place);
        }
        self.visit(node, choice, next)
    }

    /// Remembers where the step that was just taken returned its code, if it is the first to do so.
    fn note_code(&mut self, before: &World, after: &World, place: Place) {
        let Some(Choice::Actor(actor)) = place.choice else { return };
        let codes = [before, after].map(|world| &world.actor(actor).codes);
        if codes[0] != codes[1]
            && let Some((at, code)) = codes[1].last()
        {
            self.returned.entry((actor, at, code)).or_insert(place);
        }
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

    fn end(&mut self, outcome: Outcome, place: Place) {
        if self.sought.is_some_and(|goal| goal.is_met_by(self.program, &outcome)) {
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

/// Shows every event to every clause, and keeps the shortest finding of each.
struct Judge<'s, 'a> {
    search: &'s mut Search<'a>,
    place: Place,
}

impl Watch for Judge<'_, '_> {
    fn event(&mut self, ledger: &Ledger, event: &Event) {
        let place = self.place;
        if self.search.sought.is_some_and(|goal| goal.is_met_when(event)) {
            self.search.meets(place);
        }
        for (clause, message) in clauses::judge_all(ledger, event) {
            let search = &mut *self.search;
            if search.sought == Some(&Goal::Clause(clause)) {
                search.meets(place);
            }
            match clause.kind {
                Kind::Always => {
                    let known = search.violations.get(&clause).map(|(place, _)| place.length);
                    if known.is_none_or(|length| place.length < length) {
                        search.violations.insert(clause, (place, message));
                    }
                }
                Kind::Sometimes => {
                    search.seen_facets.insert((clause, message));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
