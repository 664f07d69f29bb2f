//! The exploration of one case, breadth first.

use std::sync::Arc;

use super::alike::Alike;
use super::ends::Ends;
use super::ledgers::{Happening, Ledgers};
use super::parts::{Cell, Findings, Parts};
use super::states::States;
use super::steps::{Local, Memory, Step, Steps, Thread};
use super::{Mode, NOW, Survey};
use crate::exploration::{Bound, Limit, Limits, Stop};
use crate::history::{Action, ActorId, TimePolicy};
use crate::program::{Case, Program};
use crate::world::{Fault, World};

/// Explores a case.
pub(super) fn explore(
    case: &Case,
    fault: Option<&'static Fault>,
    mode: Mode,
    limits: &Limits,
    stop: &Stop,
) -> Survey {
    let alike = match mode.are_alike {
        true => Alike::of(&case.program),
        false => Alike::none(&case.program),
    };
    let context = Arc::new(case.program.context(case.reading));
    let ledgers = Ledgers::new(context, mode.judged_at());
    let memory = Memory { parts: Parts::default(), ledgers, findings: Findings::default() };
    let actors = case.program.lanes.len();
    let mut run = Run {
        program: &case.program,
        limits,
        stop,
        ends: Ends::new(actors),
        alike,
        steps: Steps::new(mode, actors),
        memory,
        states: States::new(actors),
        transitions: 0,
        complete_depth: None,
        here: Here::default(),
        next: Vec::new(),
        lanes: Vec::new(),
    };
    let bound = match run.run(World::new(&case.program, case.reading, fault)) {
        Ok(()) => Bound::Exhausted,
        Err(limit) => Bound::Stopped { limit },
    };
    run.report(bound)
}

struct Run<'a> {
    program: &'a Program,
    limits: &'a Limits,
    stop: &'a Stop,
    alike: Alike,
    steps: Steps,
    memory: Memory,
    /// All states: the cells of the actors, and the common part of the ledger. Their order is the
    /// queue.
    states: States,
    ends: Ends,
    transitions: u64,
    complete_depth: Option<u64>,
    /// The state that is being expanded.
    here: Here,
    /// The cells of the next state, and the common part of its ledger.
    next: Vec<u32>,
    lanes: Vec<u32>,
}

/// A state, taken apart.
#[derive(Default)]
struct Here {
    /// The numbers of the cells, and of the common part of the ledger.
    numbers: Vec<u32>,
    cells: Vec<Cell>,
    blocked: Vec<(ActorId, Action)>,
    /// The seconds to the next deadline.
    seconds: Option<u64>,
}

impl Here {
    fn common(&self) -> u32 {
        self.numbers[self.cells.len()]
    }

    fn is_due_in(&mut self, seconds: Option<u64>) {
        let pending = seconds.filter(|seconds| *seconds > 0);
        self.seconds = self.seconds.into_iter().chain(pending).min();
    }
}

impl Run<'_> {
    fn run(&mut self, world: World) -> Result<(), Limit> {
        self.begin(&world)?;
        let (mut at, mut depth) = (0, 0);
        while at < self.states.len() {
            let level = self.states.len();
            while at < level {
                self.expand(at as u32).inspect_err(|_| {
                    // Every execution of this length was seen, but not whether it ends here.
                    self.complete_depth = Some(u64::saturating_sub(depth, 1));
                })?;
                at += 1;
            }
            depth += 1;
        }
        Ok(())
    }

    fn begin(&mut self, world: &World) -> Result<(), Limit> {
        let parts = &mut self.memory.parts;
        let lanes = world.ledger().lanes();
        for (actor, lane) in self.program.actors().zip(lanes) {
            let cell = Cell {
                state: parts.states.of(world.actor(actor)),
                machine: parts.machines.of(world.subject(actor)),
                lane: parts.lanes.of(lane),
            };
            self.next.push(parts.cells.of(&cell));
        }
        self.next.push(parts.commons.of(&world.ledger().common()));
        let actors = self.program.lanes.len();
        self.alike.sort(&mut self.next[..actors]);
        self.states.insert(&self.next);
        self.stop.check(self.states.len())
    }

    fn expand(&mut self, state: u32) -> Result<(), Limit> {
        self.look_at(state);
        let (mut can_step, mut previous) = (false, None);
        for actor in 0..self.here.cells.len() {
            // An identical actor in the same place does the same.
            let is_repeated = self.alike.before[actor]
                .is_some_and(|before| self.here.numbers[before] == self.here.numbers[actor]);
            let local = match previous.filter(|_| is_repeated) {
                Some(local) => local,
                None => self.local(actor),
            };
            previous = Some(local);
            match local {
                Local::Finished => {}
                Local::Step(step) | Local::Blocked { late: Some(step), .. } => {
                    can_step = true;
                    if !is_repeated {
                        self.take(actor, step)?;
                    }
                }
                Local::Blocked { action, seconds, late: None } => {
                    self.here.blocked.push((ActorId(actor as u32), action));
                    self.here.is_due_in(seconds);
                }
            }
        }
        let is_waiting = can_step && self.program.time == TimePolicy::Urgent;
        match self.here.seconds {
            Some(_) if self.is_timeless() || is_waiting => {}
            Some(seconds) => return self.advance(seconds),
            None => {}
        }
        if !can_step {
            self.end();
        }
        Ok(())
    }

    fn is_timeless(&self) -> bool {
        self.steps.mode().is_timeless
    }

    /// Takes a state apart.
    fn look_at(&mut self, state: u32) {
        let Here { numbers, cells, blocked, seconds } = &mut self.here;
        self.states.read(state, numbers);
        let parts = &self.memory.parts;
        cells.clear();
        cells.extend(numbers[..numbers.len() - 1].iter().map(|cell| *parts.cells.get(*cell)));
        blocked.clear();
        *seconds = None;
        if !self.is_timeless() {
            for cell in 0..self.here.cells.len() {
                let machine = self.memory.parts.machines.get(self.here.cells[cell].machine);
                let deadline = machine.machine().deadline(NOW);
                self.here.is_due_in(deadline.map(|deadline| deadline.0 - NOW.0));
            }
        }
    }

    fn local(&mut self, actor: usize) -> Local {
        let cells = &self.here.cells;
        let of_first = (self.alike.first[actor], cells[actor].state);
        let machine = |thread: Thread| cells[thread.position(actor)].machine;
        self.steps.local(self.program, &mut self.memory, of_first, machine)
    }

    /// Takes a step of an actor, and stores the state that it leads to.
    fn take(&mut self, actor: usize, step: Step) -> Result<(), Limit> {
        self.next.clear();
        self.next.extend_from_slice(&self.here.numbers);
        let mut common = self.here.common();
        if let Some(happening) = step.happening {
            common = self.record(Some(actor), happening);
        }
        let thread = step.machine.map(|(thread, machine)| (thread.position(actor), machine));
        if step.happening.is_none() {
            self.change(actor, actor, step, thread, None);
            if let Some((other, _)) = thread.filter(|(thread, _)| *thread != actor) {
                self.change(other, actor, step, thread, None);
            }
            return self.visit(common);
        }
        for position in 0..self.here.cells.len() {
            self.change(position, actor, step, thread, Some(self.lanes[position]));
        }
        self.visit(common)
    }

    /// Notes in the next state what a step of the actor changes in one cell.
    fn change(
        &mut self,
        position: usize,
        actor: usize,
        step: Step,
        thread: Option<(usize, u32)>,
        lane: Option<u32>,
    ) {
        let cell = self.here.cells[position];
        let mut changed = Cell { lane: lane.unwrap_or(cell.lane), ..cell };
        if position == actor {
            changed.state = step.state;
        }
        if let Some((_, machine)) = thread.filter(|(thread, _)| *thread == position) {
            changed.machine = machine;
        }
        if changed != cell {
            self.next[position] = self.memory.parts.cells.of(&changed);
        }
    }

    /// Lets the clock advance, and stores the state that this leads to.
    fn advance(&mut self, seconds: u64) -> Result<(), Limit> {
        self.next.clear();
        self.next.extend_from_slice(&self.here.numbers);
        self.read_lanes();
        let mut common = self.here.common();
        if self.steps.mode().judges {
            let happening = self.memory.ledgers.number(&Happening::Clock(seconds));
            common = self.record(None, happening);
        }
        for (position, cell) in self.here.cells.iter().enumerate() {
            let parts = &mut self.memory.parts;
            let mut state = parts.states.get(cell.state).clone();
            let mut machine = parts.machines.get(cell.machine).clone();
            state.set_back(seconds, NOW);
            machine.set_back(seconds, NOW);
            let changed = Cell {
                state: parts.states.of(&state),
                machine: parts.machines.of(&machine),
                lane: self.lanes[position],
            };
            self.next[position] = parts.cells.of(&changed);
        }
        self.visit(common)
    }

    fn read_lanes(&mut self) {
        self.lanes.clear();
        self.lanes.extend(self.here.cells.iter().map(|cell| cell.lane));
    }

    /// Leaves the lanes after what happens in `lanes`, and returns the common part.
    fn record(&mut self, actor: Option<usize>, happening: u32) -> u32 {
        self.read_lanes();
        let Memory { parts, ledgers, findings } = &mut self.memory;
        let ledger = (&mut self.lanes[..], self.here.common());
        ledgers.record((parts, findings), &self.alike, actor, happening, ledger)
    }

    fn visit(&mut self, common: u32) -> Result<(), Limit> {
        let actors = self.here.cells.len();
        self.next[actors] = common;
        self.alike.sort(&mut self.next[..actors]);
        self.transitions += 1;
        let is_full = self.states.len() as u64 >= self.limits.states_max;
        if is_full && !self.states.contains(&self.next) {
            return Err(Limit::States);
        }
        if self.states.insert(&self.next) {
            if self.bytes() >> 20 >= self.limits.memory_max {
                return Err(Limit::Memory);
            }
            self.stop.check(self.states.len())?;
        }
        Ok(())
    }

    fn end(&mut self) {
        self.read_lanes();
        let common = self.here.common();
        let Memory { parts, ledgers, findings } = &mut self.memory;
        let Here { cells, blocked, .. } = &self.here;
        if self.steps.mode().judges {
            ledgers.end((parts, findings), blocked.clone(), (&self.lanes, common));
        }
        self.ends.add(&self.alike, parts, cells, blocked);
    }

    fn bytes(&self) -> u64 {
        let Memory { parts, ledgers, .. } = &self.memory;
        (self.states.bytes() + parts.bytes() + ledgers.bytes() + self.ends.bytes()) as u64
    }

    fn report(self, bound: Bound) -> Survey {
        let mut bytes = self.bytes();
        let Findings { violated, seen, returned } = self.memory.findings;
        let alike = &self.alike;
        let named = |(first, position, code): (ActorId, u32, _)| {
            let is_meant = move |actor: &ActorId| alike.first[actor.0 as usize] == first.0 as usize;
            self.program.actors().filter(is_meant).map(move |actor| (actor, position, code))
        };
        let returned = returned.into_iter().flat_map(named).collect();
        let (outcomes, is_whole) = self.ends.expand(&self.alike, self.limits);
        let mut bound = bound;
        if !is_whole {
            // The ends of identical actors, each by itself, would need more.
            bound = Bound::Stopped { limit: Limit::Memory };
            bytes = self.limits.memory_max << 20;
        }
        Survey {
            bound,
            states: self.states.len() as u64,
            transitions: self.transitions,
            outcomes,
            violated,
            seen,
            returned,
            complete_depth: self.complete_depth,
            bytes,
        }
    }
}
