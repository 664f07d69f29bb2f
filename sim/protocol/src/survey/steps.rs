//! What an actor can do, remembered for each state of the actor and of the machine that it looks
//! at.

use calloff_model::Ticks;

use super::parts::{Findings, Parts};
use super::{Mode, NOW};
use crate::clauses::Ledger;
use crate::history::{Action, ActorId, Event, What};
use crate::program::Program;
use crate::survey::ledgers::{Happening, Ledgers};
use crate::world::{Attempt, Refused, Shared, local};

/// What an actor can do now.
#[derive(Clone, Copy)]
pub(super) enum Local {
    /// It has finished.
    Finished,
    /// It has to wait.
    Blocked {
        /// In which operation.
        action: Action,
        /// The seconds after which it can go on by itself.
        seconds: Option<u64>,
        /// What it does when they are over. Only where there is no clock.
        late: Option<Step>,
    },
    /// It can step.
    Step(Step),
}

/// What a step changes.
#[derive(Clone, Copy)]
pub(super) struct Step {
    /// The actor's next state.
    pub(super) state: u32,
    /// The next machine, and its thread.
    pub(super) machine: Option<(Thread, u32)>,
    /// What happens; `None`: nothing that can be seen from outside.
    pub(super) happening: Option<u32>,
}

/// A thread, as seen by an actor that is one of several identical ones.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Thread {
    /// The actor's own.
    Own,
    /// That actor's.
    Of(usize),
}

impl Thread {
    /// The actor whose thread it is, for the actor at that position.
    pub(super) fn position(self, own: usize) -> usize {
        match self {
            Thread::Own => own,
            Thread::Of(actor) => actor,
        }
    }
}

/// The steps that were asked for so far. Actors that are identical share them, under the name of
/// the first one.
pub(super) struct Steps {
    mode: Mode,
    locals: Vec<Local>,
    /// By the first of its identical actors, then by state.
    known: Vec<Vec<Option<OfState>>>,
}

/// What an actor in a certain state can do.
struct OfState {
    /// The thread whose machine it looks at; `None`: it has finished.
    thread: Option<Thread>,
    /// By that machine: the position in `locals`, or [`UNKNOWN`].
    by_machine: Vec<u32>,
}

const UNKNOWN: u32 = u32::MAX;

impl Steps {
    pub(super) fn new(mode: Mode, actors: usize) -> Steps {
        let known = (0..actors).map(|_| Vec::new()).collect();
        Steps { mode, locals: Vec::new(), known }
    }

    /// How the states are explored.
    pub(super) fn mode(&self) -> Mode {
        self.mode
    }

    /// What an actor in this state can do. `machine` gives the machine of a thread.
    pub(super) fn local(
        &mut self,
        program: &Program,
        memory: &mut Memory,
        (first, state): (usize, u32),
        machine: impl FnOnce(Thread) -> u32,
    ) -> Local {
        let states = &mut self.known[first];
        let at = state as usize;
        if states.len() <= at {
            states.resize_with(at + 1, || None);
        }
        let of_state = states[at].get_or_insert_with(|| {
            let thread = thread(program, &memory.parts, first, state);
            OfState { thread, by_machine: Vec::new() }
        });
        let Some(thread) = of_state.thread else { return Local::Finished };
        let machine = machine(thread);
        if let Some(&known) = of_state.by_machine.get(machine as usize)
            && known != UNKNOWN
        {
            return self.locals[known as usize];
        }
        if of_state.by_machine.len() <= machine as usize {
            of_state.by_machine.resize(machine as usize + 1, UNKNOWN);
        }
        of_state.by_machine[machine as usize] = self.locals.len() as u32;
        let local = find(self.mode, program, memory, (first, thread), (state, machine));
        self.locals.push(local);
        local
    }
}

/// The thread whose machine an actor in this state looks at; `None`: it has finished.
fn thread(program: &Program, parts: &Parts, first: usize, state: u32) -> Option<Thread> {
    let (actor, state) = (ActorId(first as u32), parts.states.get(state));
    let action = local::action(program, actor, state)?;
    let thread = local::thread(program, actor, state, action);
    Some(if thread == actor { Thread::Own } else { Thread::Of(thread.0 as usize) })
}

/// Asks the machine.
fn find(
    mode: Mode,
    program: &Program,
    memory: &mut Memory,
    (first, thread): (usize, Thread),
    (state, machine): (u32, u32),
) -> Local {
    let actor = ActorId(first as u32);
    let attempt = |memory: &Memory, now: Ticks| {
        let machine = |_| memory.parts.machines.get(machine);
        let view = local::View { program, machine, shared: &Shared::default(), now };
        local::attempt(view, actor, memory.parts.states.get(state), 0)
    };
    match attempt(memory, NOW) {
        Err(Refused::Finished | Refused::NoAdvance) => Local::Finished,
        Ok(attempt) => Local::Step(take(mode, program, memory, attempt, thread, state)),
        Err(Refused::Blocked { deadline }) => {
            let state_of = memory.parts.states.get(state);
            let action = local::action(program, actor, state_of).expect("it is blocked in one");
            if mode.judges {
                let event = Event { at: NOW, what: What::Blocked(actor, action) };
                let nothing = Ledger::new(memory.ledgers.context.clone());
                memory.findings.judge(&nothing, &event);
            }
            let late = deadline.filter(|_| mode.is_timeless).map(|deadline| {
                let attempt = attempt(memory, deadline);
                let Ok(attempt) = attempt else { unreachable!("its wait is over") };
                take(mode, program, memory, attempt, thread, state)
            });
            Local::Blocked { action, seconds: deadline.map(|at| at.0 - NOW.0), late }
        }
    }
}

/// What is remembered beside the steps themselves.
pub(super) struct Memory {
    pub(super) parts: Parts,
    pub(super) ledgers: Ledgers,
    pub(super) findings: Findings,
}

fn take(
    mode: Mode,
    program: &Program,
    memory: &mut Memory,
    attempt: Attempt,
    thread: Thread,
    state: u32,
) -> Step {
    let Memory { parts, ledgers, findings } = memory;
    let actor = attempt.actor;
    let before = parts.states.get(state);
    let (mut after, mut events) = (before.clone(), Vec::new());
    let changes = local::take(program, attempt, &mut after, |what| events.push(what));
    after.set_back(0, NOW);
    if let Some((position, code)) = after.codes.changed_since(&before.codes) {
        findings.returned.insert((actor, position, code));
    }
    let machine = changes.machine.map(|(_, mut machine)| {
        machine.set_back(0, NOW);
        (thread, parts.machines.of(&machine))
    });
    let is_told = mode.judges && !events.is_empty();
    let happening = is_told.then(|| ledgers.number(&Happening::Events(events)));
    Step { state: parts.states.of(&after), machine, happening }
}
