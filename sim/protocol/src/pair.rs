//! The deciding pair: the two steps of an execution whose order decides what the execution shows.
//!
//! Two steps i < j of different choices are such a pair if the execution in which j comes right
//! before i shows something else. To build that execution, the steps of j's own actor between the
//! two are moved along, since they have to come before j. The advances of the clock between the two
//! are moved as well if j is impossible without them. Step i must be possible right after j. The
//! other steps follow in their order; a choice is left out if its instruction is already over or if
//! it is no longer possible. Unfinished lanes then run to the end: the first actor that can step
//! does, and the clock advances when no actor can. The original execution is run to its end in the
//! same way.
//!
//! Of all such pairs, the closest one is chosen, and of several closest ones the last. It is found
//! by running each candidate. The page does the same with the states that it contains
//! (`explore/js/pair.js`); a test compares the two implementations.

use calloff_model::Code;

use crate::clauses::{ClauseId, Ledger};
use crate::goal::Goal;
use crate::history::{Action, ActorId, Event, Outcome};
use crate::judge::{self, Violated};
use crate::program::Program;
use crate::scenario::{ExpectedVerdict, Scenario};
use crate::trace::Trace;
use crate::world::{Choice, Watch, World};

/// The property of an execution that the pair decides.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Point {
    /// Its end: every code, and the stuck actors.
    End,
    /// The stuck actors at its end.
    Stuck,
    /// Whether a goal is met.
    Goal(Goal),
}

impl Point {
    /// What an execution shows that violates something: of several codes that the file does not
    /// expect, the first.
    pub fn of(violated: Violated, scenario: &Scenario, program: &Program, trace: &Trace) -> Point {
        match violated {
            Violated::Clause(clause) => Point::Goal(Goal::Clause(clause)),
            Violated::Stuck => Point::Stuck,
            Violated::Expectation => {
                let outcome = trace.outcome(program);
                let first = judge::unexpected(scenario, program, &outcome).next();
                first.map_or(Point::End, |code| {
                    Point::Goal(Goal::Ends { codes: vec![code], stuck: Vec::new() })
                })
            }
            _ => Point::End,
        }
    }

    /// What a trace shows that nothing is known of: the first clause that it breaks, or else how
    /// it ends. `None`: it stops before anything is decided.
    pub fn shown(scenario: &Scenario, program: &Program, trace: &Trace) -> Option<Point> {
        let broken = trace.broken(program).into_iter().find(|broken| broken.after > 0);
        if let Some(broken) = broken {
            return Some(Point::Goal(Goal::Clause(broken.clause)));
        }
        let last = trace.steps.last().filter(|step| step.is_at_rest)?;
        let is_wrong =
            !last.blocked.is_empty() && scenario.expect.verdict != ExpectedVerdict::Stuck;
        Some(if is_wrong { Point::Stuck } else { Point::End })
    }
}

/// Two steps whose order decides, and what the other order would change.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The position of the earlier step, from 0.
    pub first: usize,
    /// The position of the later step, from 0.
    pub second: usize,
    /// The differences when the later step comes first. Steps that are reached in only one of the
    /// orders come last.
    pub changes: Vec<Change>,
}

/// A difference that comes from swapping the two steps.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// A clause has nothing to say any more.
    Clause(ClauseId),
    /// A step returns another code; `None`: it does not return.
    Code {
        /// The actor.
        actor: ActorId,
        /// The operation.
        action: Action,
        /// The code in this execution.
        here: Option<Code>,
        /// The code after the swap.
        there: Option<Code>,
    },
    /// An actor is stuck at the end in only one of the two executions.
    Stuck {
        /// The actor.
        actor: ActorId,
        /// Whether it is stuck after the swap.
        there: bool,
    },
}

/// The result of looking for a pair.
#[derive(Clone, Debug)]
pub enum Decision {
    /// The order of these two decides.
    Pair(Pair),
    /// Swapping any two steps does not change what the execution shows.
    Nothing,
    /// There are more swaps than are tried.
    Unknown,
}

/// The number of swaps after which the search gives up: all swaps of about a hundred steps.
pub const SWAPS_MAX: usize = 5_000;

/// The number of steps after which an execution is not run any further.
const STEPS_MAX: usize = 10_000;

/// Finds the pair of steps whose order decides what the execution shows.
pub fn deciding(program: &Program, trace: &Trace, point: &Point) -> Decision {
    let clause = match point {
        Point::Goal(Goal::Clause(clause)) => Some(*clause),
        _ => None,
    };
    let search = PairSearch { program, trace, clause, point };
    let here = search.original();
    let length = trace.steps.len();
    let mut swaps = 0;
    for distance in 1..length {
        for second in (distance..length).rev() {
            let first = second - distance;
            if swaps == SWAPS_MAX {
                return Decision::Unknown;
            }
            swaps += 1;
            let Some(there) = search.swapped(first, second) else { continue };
            if search.is_other(&here, &there) {
                let changes = search.changes(&here, &there);
                return Decision::Pair(Pair { first, second, changes });
            }
        }
    }
    Decision::Nothing
}

/// An execution that ran to its end.
struct Ended {
    outcome: Outcome,
    /// Whether the clause had a finding, or the wanted step was taken.
    is_seen: bool,
}

struct PairSearch<'a> {
    program: &'a Program,
    trace: &'a Trace,
    clause: Option<ClauseId>,
    point: &'a Point,
}

impl<'a> PairSearch<'a> {
    fn original(&self) -> Ended {
        let mut run = self.run(0);
        run.rest(self, 0, |_| false);
        run.complete()
    }

    /// The execution in which the second step comes right before the first one.
    fn swapped(&self, first: usize, second: usize) -> Option<Ended> {
        let choice = self.trace.steps[second].choice;
        self.moved(first, second, &[choice])
            .or_else(|| self.moved(first, second, &[choice, Choice::Clock]))
    }

    /// The execution in which all steps of those choices between the two are moved as well.
    fn moved(&self, first: usize, second: usize, along: &[Choice]) -> Option<Ended> {
        let steps = &self.trace.steps;
        let moves = |at: usize| (first..=second).contains(&at) && along.contains(&steps[at].choice);
        if moves(first) {
            return None;
        }
        let mut run = self.run(first);
        for at in (first..=second).filter(|at| moves(*at)) {
            let choice = steps[at].choice;
            (run.is_same(self.before(at), choice) && run.take(choice)).then_some(())?;
            // An advance of the clock to another time would be a different step.
            let is_same = choice != Choice::Clock || run.world.now() == steps[at].world.now();
            is_same.then_some(())?;
        }
        run.take(steps[first].choice).then_some(())?;
        run.rest(self, first + 1, moves);
        Some(run.complete())
    }

    fn before(&self, position: usize) -> &World {
        match position {
            0 => &self.trace.start,
            later => &self.trace.steps[later - 1].world,
        }
    }

    /// The execution up to that position, unchanged.
    fn run(&self, until: usize) -> Run<'a> {
        let watch = Seen { clause: self.clause, point: self.point, is_seen: false };
        let world = self.trace.start.clone();
        let mut run = Run { program: self.program, world, watch };
        run.look();
        if self.clause.is_some() || matches!(self.point, Point::Goal(Goal::Taken(_))) {
            for step in &self.trace.steps[..until] {
                run.take(step.choice);
            }
        } else {
            run.world = self.before(until).clone();
        }
        run
    }

    fn is_other(&self, here: &Ended, there: &Ended) -> bool {
        match self.point {
            Point::End => here.outcome != there.outcome,
            Point::Stuck => here.outcome.stuck != there.outcome.stuck,
            Point::Goal(Goal::Clause(_) | Goal::Taken(_)) => here.is_seen && !there.is_seen,
            Point::Goal(goal) => {
                let is_met = |end: &Ended| goal.is_met_by(self.program, &end.outcome);
                is_met(here) && !is_met(there)
            }
        }
    }

    fn changes(&self, here: &Ended, there: &Ended) -> Vec<Change> {
        let clause = self.clause.filter(|_| here.is_seen != there.is_seen);
        let mut changes: Vec<Change> = clause.map(Change::Clause).into_iter().collect();
        let mut unreached = Vec::new();
        for actor in self.program.actors() {
            let lane = &self.program.lanes[actor.0 as usize];
            for (at, action) in lane.returning.iter().enumerate() {
                let code = |end: &Ended| {
                    let codes = end.outcome.codes[actor.0 as usize].iter();
                    codes.clone().find(|(of, _)| *of as usize == at).map(|(_, code)| *code)
                };
                let (here, there) = (code(here), code(there));
                let change = Change::Code { actor, action: *action, here, there };
                if here.is_some() && there.is_some() && here != there {
                    changes.push(change);
                } else if here != there {
                    unreached.push(change);
                }
            }
            let is_stuck = |end: &Ended| end.outcome.stuck.contains(&actor);
            if is_stuck(here) != is_stuck(there) {
                changes.push(Change::Stuck { actor, there: is_stuck(there) });
            }
        }
        changes.extend(unreached);
        changes
    }
}

struct Run<'a> {
    program: &'a Program,
    world: World,
    watch: Seen<'a>,
}

impl Run<'_> {
    fn take(&mut self, choice: Choice) -> bool {
        let is_taken = self.world.step(self.program, choice, &mut self.watch).is_ok();
        if is_taken {
            self.look();
        }
        is_taken
    }

    /// Shows the clause which actors have to wait.
    fn look(&mut self) {
        if self.watch.clause.is_some() && !self.watch.is_seen {
            let next = self.world.successors(self.program);
            let events = next.events(self.world.now()).take(next.blocked.len());
            events.for_each(|event| self.watch.event(self.world.ledger(), &event));
        }
    }

    /// Whether the next step of that choice belongs to the same instruction as in that world.
    fn is_same(&self, world: &World, choice: Choice) -> bool {
        match choice {
            Choice::Actor(actor) | Choice::Way(actor, _) => {
                self.world.actor(actor).at == world.actor(actor).at
            }
            Choice::Clock => true,
        }
    }

    /// Takes the steps of the trace from that position on, as far as they are the same and
    /// possible, but for those that were taken already.
    fn rest(&mut self, search: &PairSearch, from: usize, is_taken: impl Fn(usize) -> bool) {
        for (position, step) in search.trace.steps.iter().enumerate().skip(from) {
            if !is_taken(position) && self.is_same(search.before(position), step.choice) {
                self.take(step.choice);
            }
        }
    }

    fn complete(mut self) -> Ended {
        let everyone = || self.program.actors().map(Choice::Actor).chain([Choice::Clock]);
        let choices: Vec<Choice> = everyone().collect();
        // A program with loops may never end.
        let mut left = STEPS_MAX;
        while left > 0 && choices.iter().any(|choice| self.take(*choice)) {
            left -= 1;
        }
        let end = self.world.successors(self.program);
        end.events(self.world.now()).for_each(|e| self.watch.event(self.world.ledger(), &e));
        let outcome = self.world.outcome(self.program, &end.blocked);
        Ended { outcome, is_seen: self.watch.is_seen }
    }
}

/// Watches the events for the clause or the step that is wanted.
struct Seen<'a> {
    clause: Option<ClauseId>,
    point: &'a Point,
    is_seen: bool,
}

impl Watch for Seen<'_> {
    fn event(&mut self, ledger: &Ledger, event: &Event) {
        let says = |clause: ClauseId| (clause.judge)(ledger, event).is_some();
        let is_taken = matches!(self.point, Point::Goal(goal) if goal.is_met_when(event));
        self.is_seen |= is_taken || self.clause.is_some_and(says);
    }
}
