//! The world: the machines, the actors' positions, the clock, and the ledger of the history.
//!
//! A [`World`] is one state of the explored graph. [`World::step`] takes one [`Choice`]: an actor
//! takes its next atomic step, or the clock advances to the next pending deadline. The world has no
//! transition logic of its own: `Machine::poll` decides what a step does.
//!
//! # Invariants
//!
//! 1. Equal worlds have equal futures: the fingerprint covers everything that a step looks at.
//! 2. The clock never passes a pending deadline.
//! 3. Every choice makes progress (a machine that *advances* moves its operation to a later stage),
//!    so the graph has no cycle, and every execution ends.

mod actor;
pub(crate) mod local;
mod machine;
mod successors;
mod trail;

use std::hash::{Hash, Hasher};
use std::sync::Arc;

pub use actor::{ActorState, Phase};
use calloff_model::{Code, Op, Poll, Reading, Ticks};
pub use machine::{Fault, FaultyPoll, Memory, ThreadMachine};
pub use successors::{Step, Successors};
pub use trail::Trail;

use crate::clauses::Ledger;
use crate::history::{Action, ActorId, Event, TimePolicy, What};
use crate::program::{Instruction, Program};

/// One transition: what happens next.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Choice {
    /// The actor takes its next atomic step.
    Actor(ActorId),
    /// The clock advances to the next pending deadline.
    Clock,
}

/// One state of the explored graph.
#[derive(Clone)]
pub struct World {
    now: Ticks,
    subjects: Vec<Arc<ThreadMachine>>,
    actors: Vec<Arc<ActorState>>,
    ledger: Ledger,
}

/// Why a choice cannot be taken now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    /// The actor has no step left.
    Finished,
    /// The actor's operation has to wait; if there is a deadline, until then at most.
    Blocked {
        /// The time at which it can continue by itself.
        deadline: Option<Ticks>,
    },
    /// No deadline is pending, or (urgent clock) some actor can step.
    NoAdvance,
}

/// A step that an actor can take now.
pub(crate) struct Attempt {
    pub(crate) actor: ActorId,
    instruction: Instruction,
    action: Action,
    effect: Effect,
}

enum Effect {
    /// A sleep until this time starts.
    Arm(Ticks),
    /// The operation returns.
    Finish(Code),
    /// The machine was asked, and did not say *pending*.
    Polled { thread: ActorId, machine: Box<ThreadMachine>, op: Op, poll: Poll },
}

/// Sees each event just before it becomes part of the history.
pub trait Watch {
    /// `ledger` is the ledger before the event.
    fn event(&mut self, ledger: &Ledger, event: &Event);
}

/// Ignores all events.
impl Watch for () {
    fn event(&mut self, _: &Ledger, _: &Event) {}
}

/// Collects the events.
impl Watch for Vec<Event> {
    fn event(&mut self, _: &Ledger, event: &Event) {
        self.push(event.clone());
    }
}

impl Hash for World {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.now.hash(state);
        self.subjects.hash(state);
        self.actors.hash(state);
        self.ledger.hash(state);
    }
}

impl World {
    /// The world in which nothing has happened yet.
    pub fn new(program: &Program, reading: Reading, fault: Option<&'static Fault>) -> World {
        let subject = |depth| Arc::new(ThreadMachine::new(reading, depth, fault));
        World {
            now: Ticks::default(),
            subjects: program.lanes.iter().map(|lane| subject(lane.depth)).collect(),
            actors: program.lanes.iter().map(|lane| Arc::new(ActorState::new(lane))).collect(),
            ledger: Ledger::new(Arc::new(program.context(reading))),
        }
    }

    /// The virtual time.
    pub fn now(&self) -> Ticks {
        self.now
    }

    /// The ledger of the history so far.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The machine of a thread.
    pub fn subject(&self, thread: ActorId) -> &ThreadMachine {
        &self.subjects[thread.0 as usize]
    }

    /// The position of an actor.
    pub fn actor(&self, actor: ActorId) -> &ActorState {
        &self.actors[actor.0 as usize]
    }

    /// The operation that the actor is in, or would start next; `None` if it has finished.
    pub fn action(&self, program: &Program, actor: ActorId) -> Option<Action> {
        local::action(program, actor, self.actor(actor))
    }

    /// Takes one choice: shows each event to `watch`, then adds it to the history.
    ///
    /// # Errors
    ///
    /// The reason why the choice is not possible now; the world is then unchanged.
    pub fn step(
        &mut self,
        program: &Program,
        choice: Choice,
        watch: &mut impl Watch,
    ) -> Result<(), Refused> {
        match choice {
            Choice::Actor(actor) => {
                let attempt = self.attempt(program, actor)?;
                self.apply(attempt, watch);
            }
            Choice::Clock => {
                let last = self.successors(program).steps.pop();
                let clock = last.filter(|step| step.choice == Choice::Clock);
                *self = self.after(clock.ok_or(Refused::NoAdvance)?, watch);
            }
        }
        Ok(())
    }

    /// The choices that are possible now: actors in file order, the clock last.
    pub fn enabled(&self, program: &Program) -> Vec<Choice> {
        self.successors(program).steps.iter().map(|step| step.choice).collect()
    }

    /// What the actor's next step would do, without taking it.
    ///
    /// # Errors
    ///
    /// Why it cannot step now.
    fn attempt(&self, program: &Program, actor: ActorId) -> Result<Attempt, Refused> {
        let machine = |thread| self.subject(thread);
        local::attempt(program, actor, self.actor(actor), machine, self.now)
    }

    /// Takes a step that [`World::attempt`] has found possible in this very state.
    fn apply(&mut self, attempt: Attempt, watch: &mut impl Watch) {
        let World { now, subjects, actors, ledger } = self;
        let state = Arc::make_mut(&mut actors[attempt.actor.0 as usize]);
        let changed = local::take(attempt, state, |what| happened(ledger, *now, what, watch));
        if let Some((thread, machine)) = changed {
            subjects[thread.0 as usize] = Arc::new(machine);
        }
    }

    /// The time that the clock would advance to; `None` when it may not, or nothing is pending.
    fn next_advance(
        &self,
        program: &Program,
        some_actor_can_step: bool,
        blocked_until: Option<Ticks>,
    ) -> Option<Ticks> {
        if some_actor_can_step && program.time == TimePolicy::Urgent {
            return None;
        }
        let of_machines = self.subjects.iter().filter_map(|s| s.machine().deadline(self.now));
        of_machines.chain(blocked_until).filter(|deadline| *deadline > self.now).min()
    }

    /// Advances the clock to what [`World::next_advance`] says.
    fn advance(&mut self, to: Ticks, watch: &mut impl Watch) {
        self.now = to;
        happened(&mut self.ledger, to, What::Clock, watch);
    }

    /// An estimate, in bytes, of the memory of a state that it does not share with its parent; for
    /// the limit on memory.
    pub fn size(&self, choice: Choice) -> usize {
        let pointers = self.subjects.len() + self.actors.len();
        let actor = match choice {
            Choice::Actor(actor) => self.actor(actor).size(),
            Choice::Clock => 0,
        };
        let machines = self.subjects.iter().map(|subject| subject.machine().calls().len() * 48);
        size_of::<World>() + 8 * pointers + actor + machines.max().unwrap_or(0) + self.ledger.size()
    }
}

/// Shows an event to `watch`, then adds it to the history.
fn happened(ledger: &mut Ledger, at: Ticks, what: What, watch: &mut impl Watch) {
    let event = Event { at, what };
    watch.event(ledger, &event);
    ledger.record(&event);
}

impl Refused {
    /// The time at which the actor can continue by itself, if it waits for that.
    pub fn deadline(self) -> Option<Ticks> {
        match self {
            Refused::Blocked { deadline } => deadline,
            Refused::Finished | Refused::NoAdvance => None,
        }
    }
}
