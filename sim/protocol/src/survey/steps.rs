//! What an actor can do, remembered for each state of the actor and of the machine that it looks
//! at.

use calloff_model::Ticks;

use super::parts::{Findings, Parts};
use super::{Mode, NOW};
use crate::clauses::Ledger;
use crate::digest::FastMap;
use crate::history::{Action, ActorId, Event, What};
use crate::program::Program;
use crate::survey::ledgers::{Happening, Ledgers};
use crate::world::{Attempt, Refused, local};

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
    threads: FastMap<(usize, u32), Option<Thread>>,
    locals: FastMap<(usize, u32, u32), Local>,
}

impl Steps {
    pub(super) fn new(mode: Mode) -> Steps {
        Steps { mode, threads: FastMap::default(), locals: FastMap::default() }
    }

    /// Whether waits may end at any moment.
    pub(super) fn is_timeless(&self) -> bool {
        self.mode.is_timeless
    }

    /// The thread whose machine an actor in this state looks at; `None`: it has finished.
    pub(super) fn thread(
        &mut self,
        program: &Program,
        parts: &Parts,
        first: usize,
        state: u32,
    ) -> Option<Thread> {
        *self.threads.entry((first, state)).or_insert_with(|| {
            let (actor, state) = (ActorId(first as u32), parts.states.get(state));
            let action = local::action(program, actor, state)?;
            let thread = local::thread(program, actor, state, action);
            Some(if thread == actor { Thread::Own } else { Thread::Of(thread.0 as usize) })
        })
    }

    /// What an actor in this state can do, with that machine.
    pub(super) fn local(
        &mut self,
        program: &Program,
        memory: &mut Memory,
        (first, thread): (usize, Thread),
        (state, machine): (u32, u32),
    ) -> Local {
        if let Some(local) = self.locals.get(&(first, state, machine)) {
            return *local;
        }
        let local = self.find(program, memory, (first, thread), (state, machine));
        self.locals.insert((first, state, machine), local);
        local
    }

    fn find(
        &self,
        program: &Program,
        memory: &mut Memory,
        (first, thread): (usize, Thread),
        (state, machine): (u32, u32),
    ) -> Local {
        let actor = ActorId(first as u32);
        let attempt = |memory: &Memory, now: Ticks| {
            let machine = |_| memory.parts.machines.get(machine);
            local::attempt(program, actor, memory.parts.states.get(state), machine, now)
        };
        match attempt(memory, NOW) {
            Err(Refused::Finished | Refused::NoAdvance) => Local::Finished,
            Ok(attempt) => Local::Step(take(memory, attempt, thread, state)),
            Err(Refused::Blocked { deadline }) => {
                let state_of = memory.parts.states.get(state);
                let action = local::action(program, actor, state_of).expect("it is blocked in one");
                let event = Event { at: NOW, what: What::Blocked(actor, action) };
                let nothing = Ledger::new(memory.ledgers.context.clone());
                memory.findings.judge(&nothing, &event);
                let late = deadline.filter(|_| self.mode.is_timeless).map(|deadline| {
                    let attempt = attempt(memory, deadline);
                    let Ok(attempt) = attempt else { unreachable!("its wait is over") };
                    take(memory, attempt, thread, state)
                });
                Local::Blocked { action, seconds: deadline.map(|at| at.0 - NOW.0), late }
            }
        }
    }
}

/// What is remembered beside the steps themselves.
pub(super) struct Memory {
    pub(super) parts: Parts,
    pub(super) ledgers: Ledgers,
    pub(super) findings: Findings,
}

fn take(memory: &mut Memory, attempt: Attempt, thread: Thread, state: u32) -> Step {
    let Memory { parts, ledgers, findings } = memory;
    let actor = attempt.actor;
    let before = parts.states.get(state);
    let (mut after, mut events) = (before.clone(), Vec::new());
    let machine = local::take(attempt, &mut after, |what| events.push(what));
    after.set_back(0, NOW);
    if before.codes != after.codes
        && let Some((position, code)) = after.codes.last()
    {
        findings.returned.insert((actor, position, code));
    }
    let machine = machine.map(|(_, mut machine)| {
        machine.set_back(0, NOW);
        (thread, parts.machines.of(&machine))
    });
    let happening = (!events.is_empty()).then(|| ledgers.number(&Happening::Events(events)));
    Step { state: parts.states.of(&after), machine, happening }
}
