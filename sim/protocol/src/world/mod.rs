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
//! 3. Every choice makes progress: a machine that *advances* moves its operation to a later stage.
//!    So only a program with loops has a graph with cycles.
//! 4. The worlds of a program with loops are compared by what is left until each deadline, not by
//!    the time; and calls that nobody can reach any more are no part of them.

mod actor;
mod codes;
mod instances;
pub(crate) mod local;
mod machine;
mod shared;
mod successors;

use std::hash::{Hash, Hasher};
use std::sync::Arc;

pub use actor::{ActorState, Frame, Phase};
use calloff_model::{Code, Op, Poll, Reading, Ticks};
pub use codes::Codes;
pub use machine::{Fault, FaultyPoll, Memory, ThreadMachine};
use serde::{Deserialize, Serialize};
pub use shared::{Beside, Shared};
pub use successors::{Step, Successors};

use crate::clauses::Ledger;
use crate::history::{Action, ActorId, Event, TimePolicy, What};
use crate::program::Program;

/// One transition: what happens next.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// The actor takes its next atomic step.
    Actor(ActorId),
    /// The actor steps in another way than that, by its number: an actor at a wait gives it up (1)
    /// or begins a handler (2 and more); the `Cancel` of a custom object returns another code.
    Way(ActorId, u32),
    /// The clock advances to the next pending deadline.
    Clock,
}

impl Choice {
    /// Who steps; `None`: the clock.
    pub fn actor(self) -> Option<ActorId> {
        match self {
            Choice::Actor(actor) | Choice::Way(actor, _) => Some(actor),
            Choice::Clock => None,
        }
    }

    /// The choice of this way in which an actor can step.
    fn of(actor: ActorId, way: usize) -> Choice {
        match u32::try_from(way) {
            Ok(0) | Err(_) => Choice::Actor(actor),
            Ok(way) => Choice::Way(actor, way),
        }
    }
}

/// One state of the explored graph.
#[derive(Clone)]
pub struct World {
    now: Ticks,
    subjects: Vec<Arc<ThreadMachine>>,
    actors: Vec<Arc<ActorState>>,
    shared: Arc<Shared>,
    ledger: Ledger,
    /// The program has loops: the time itself is no part of a state.
    is_relative: bool,
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
    action: Action,
    effect: Effect,
    /// The actor's state in which a handler has begun, if the step begins one.
    begun: Option<Box<ActorState>>,
}

impl Attempt {
    /// Whether a message filter gives a wait up.
    fn gives_up(&self) -> bool {
        matches!(self.action, Action::GiveUp(_))
    }

    /// Whether somebody takes a lock, or gets through a wait.
    fn passes(&self) -> bool {
        let passes = match self.effect {
            Effect::Shared { .. } => true,
            Effect::Polled { .. } => false,
            Effect::Arm(_) | Effect::Finish(_) => false,
        };
        match self.action {
            Action::Lock(_) | Action::Wait(..) | Action::Join(..) => passes,
            Action::Await(_) => true,
            _ => false,
        }
    }
}

enum Effect {
    /// A sleep until this time starts.
    Arm(Ticks),
    /// The operation returns.
    Finish(Code),
    /// The operation returns, and changes what actors share besides the machines.
    Shared { shared: Shared, code: Code },
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
        self.shared.hash(state);
        if self.is_relative {
            return self.set_back().hash_parts(state);
        }
        self.now.hash(state);
        self.hash_parts(state);
    }
}

impl World {
    /// The world in which nothing has happened yet.
    pub fn new(program: &Program, reading: Reading, fault: Option<&'static Fault>) -> World {
        let names = program.calls.len();
        let subject = |depth| Arc::new(ThreadMachine::new(reading, depth, fault).with_names(names));
        let actors: Vec<_> =
            program.lanes.iter().map(|lane| Arc::new(ActorState::new(lane))).collect();
        let mut shared = Shared::new(program);
        for (actor, state) in program.actors().zip(&actors) {
            if state.instruction(program, actor).is_none() {
                shared.finish(actor);
            }
        }
        World {
            now: Ticks::default(),
            subjects: program.lanes.iter().map(|lane| subject(lane.depth)).collect(),
            actors,
            shared: Arc::new(shared),
            ledger: Ledger::new(Arc::new(program.context(reading))),
            is_relative: program.has_cycles,
        }
    }

    fn hash_parts<H: Hasher>(&self, state: &mut H) {
        self.subjects.hash(state);
        self.actors.hash(state);
        self.ledger.hash(state);
    }

    /// The same world with the clock set back, always to the same time: what is left until each
    /// deadline stays.
    fn set_back(&self) -> World {
        let mut world = self.clone();
        // Later than the longest window, so that what happened a window ago has a time, too.
        let now = Ticks(1 << 44);
        let (forward, back) = (now.0.saturating_sub(self.now.0), self.now.0.saturating_sub(now.0));
        for subject in &mut world.subjects {
            Arc::make_mut(subject).shift(forward, back, now);
        }
        for actor in &mut world.actors {
            Arc::make_mut(actor).shift(forward, back, now);
        }
        world.ledger.shift(forward, back, now);
        world.now = now;
        world
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

    /// What actors share besides the machines.
    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    /// The operation that the actor is in, or would start next; `None` if it has finished.
    pub fn action(&self, program: &Program, actor: ActorId) -> Option<Action> {
        local::action_now(program, actor, self.actor(actor), |thread| self.subject(thread))
    }

    /// Whether the choice begins a handler of the wait that its actor is at.
    pub fn begins_handler(&self, program: &Program, choice: Choice) -> bool {
        let Choice::Way(actor, way) = choice else { return false };
        let instruction = self.actor(actor).instruction(program, actor);
        let is_at_wait = instruction.is_some_and(|i| matches!(i.action, Action::Await(_)));
        is_at_wait && way as usize != local::GIVE_UP
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
                let attempt = self.attempt(program, actor, 0)?;
                self.apply(program, attempt, watch);
            }
            Choice::Way(actor, way) => {
                let way = way as usize;
                if way >= local::ways(program, actor, self.actor(actor)) {
                    return Err(Refused::Blocked { deadline: None });
                }
                let attempt = self.attempt(program, actor, way)?;
                self.apply(program, attempt, watch);
            }
            Choice::Clock => {
                let last = self.successors(program).steps.pop();
                let clock = last.filter(|step| step.choice == Choice::Clock);
                *self = self.after(program, clock.ok_or(Refused::NoAdvance)?, watch);
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
    fn attempt(&self, program: &Program, actor: ActorId, way: usize) -> Result<Attempt, Refused> {
        let machine = |thread| self.subject(thread);
        let view = local::View { program, machine, shared: &self.shared, now: self.now };
        local::attempt(view, actor, self.actor(actor), way)
    }

    /// Takes a step that [`World::attempt`] has found possible in this very state.
    fn apply(&mut self, program: &Program, attempt: Attempt, watch: &mut impl Watch) {
        let World { now, subjects, actors, ledger, .. } = self;
        let actor = attempt.actor;
        let state = Arc::make_mut(&mut actors[actor.0 as usize]);
        let changes =
            local::take(program, attempt, state, |what| happened(ledger, *now, what, watch));
        let has_finished = state.instruction(program, actor).is_none();
        if let Some((thread, machine)) = changes.machine {
            subjects[thread.0 as usize] = Arc::new(machine);
        }
        if let Some(shared) = changes.shared {
            self.shared = Arc::new(shared);
        }
        if has_finished && program.is_client {
            Arc::make_mut(&mut self.shared).finish(actor);
        }
        if program.has_instances() {
            self.forget_instances(program);
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
            Choice::Actor(actor) | Choice::Way(actor, _) => self.actor(actor).size(),
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
