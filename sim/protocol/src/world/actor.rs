//! The position of an actor in its program, and what the actor holds.

use calloff_model::{CallId, Code, CustomId, HeldObject, Op, Ticks};

use super::codes::Codes;
use crate::history::{Action, ActorId};
use crate::program::{Flow, Instruction, Lane, Program};

/// The position of one actor, and what it holds.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ActorState {
    /// The instruction that it is in, or starts next.
    pub at: u32,
    /// How far it is within that instruction.
    pub phase: Phase,
    /// The calls that it is serving, the innermost last.
    pub serving: Vec<CallId>,
    /// Each cancel object that it holds.
    pub objects: Vec<Option<HeldObject>>,
    /// The code-returning steps that ran so far, each with the code of its last run. A daemon's are
    /// not kept.
    pub codes: Codes,
    /// The waits in which its handlers run, and the `Cancel`s whose custom objects run.
    pub frames: Vec<Frame>,
    /// The passes of its counted loops.
    pub counters: Vec<u32>,
    /// The code that its steps returned last; kept if something is decided by it.
    pub last: Option<Code>,
}

/// An instruction in the middle of which other steps run.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Frame {
    /// The instruction.
    pub at: u32,
    /// How many calls the actor was serving.
    pub serving: u32,
    /// The custom cancel object whose steps run; `None`: a handler's.
    pub object: Option<CustomId>,
}

/// How far an actor is within its instruction.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Phase {
    /// Not started.
    Before,
    /// In flight.
    Inside(Op),
    /// Sleeping, or waiting for an event or an actor, until this time.
    Sleeping(Ticks),
    /// Finished with this code; the return is a step of its own, still to come. The call that it
    /// was about is kept if it is one of several instances.
    Returning(Code, Option<CallId>),
    /// The steps of the custom cancel object are over; its `Cancel` returns next.
    Custom(CustomId),
}

impl ActorState {
    /// An actor that has not begun.
    pub fn new(lane: &Lane) -> ActorState {
        let mut state = ActorState {
            at: 0,
            phase: Phase::Before,
            serving: Vec::new(),
            objects: vec![None; lane.objects.len()],
            codes: Codes::default(),
            frames: Vec::new(),
            counters: vec![0; lane.counters],
            last: None,
        };
        state.go_on(lane, 0);
        state
    }

    /// The instruction that the actor is in; `None` if it has finished.
    pub fn instruction<'p>(&self, program: &'p Program, actor: ActorId) -> Option<&'p Instruction> {
        program.lanes[actor.0 as usize].instructions.get(self.at as usize)
    }

    /// The action, with the call that is being served now filled in.
    pub fn served(&self, program: &Program, action: Action) -> Action {
        match action {
            Action::TestCancel(_) => Action::TestCancel(self.serving.last().copied()),
            Action::Reply(call, code) if program.is_client => {
                Action::Reply(self.serving.last().copied().unwrap_or(call), code)
            }
            other => other,
        }
    }

    /// Sets the clock back by these ticks, to `now`; see `Machine::set_back` of the model.
    pub(crate) fn set_back(&mut self, ticks: u64, now: Ticks) {
        self.shift(0, ticks, now);
    }

    /// Sets the clock forward or back by these ticks, to `now`.
    pub(super) fn shift(&mut self, forward: u64, back: u64, now: Ticks) {
        match &mut self.phase {
            Phase::Sleeping(until) => *until = until.shifted(forward, back, now),
            Phase::Inside(op) => op.shift(forward, back, now),
            Phase::Before | Phase::Returning(..) | Phase::Custom(_) => {}
        }
    }

    /// Gives calls other ids.
    pub(super) fn rename(&mut self, renamed: impl Fn(CallId) -> CallId) {
        for call in &mut self.serving {
            *call = renamed(*call);
        }
        for held in self.objects.iter_mut().flatten() {
            if let HeldObject::Call(call) = held {
                *call = renamed(*call);
            }
        }
        match &mut self.phase {
            Phase::Inside(op) => op.rename(renamed),
            Phase::Returning(_, Some(call)) => *call = renamed(*call),
            _ => {}
        }
    }

    /// Whether it serves the call, has an object of it, or is in an operation on it.
    pub(super) fn refers_to(&self, call: CallId) -> bool {
        let is_inside = match &self.phase {
            Phase::Inside(op) => op.call() == Some(call),
            Phase::Returning(_, about) => *about == Some(call),
            _ => false,
        };
        let held = self.objects.iter().flatten();
        is_inside
            || self.serving.contains(&call)
            || held.into_iter().any(|held| *held == HeldObject::Call(call))
    }

    /// How many handlers are running, one inside another.
    pub(super) fn handlers(&self) -> usize {
        self.frames.iter().filter(|frame| frame.object.is_none()).count()
    }

    /// The call in whose wait the innermost handler runs, by name.
    pub(super) fn innermost_wait(&self, lane: &Lane) -> Option<CallId> {
        let frame = self.frames.iter().rfind(|frame| frame.object.is_none())?;
        match lane.instructions[frame.at as usize].action {
            Action::Await(name) => Some(name),
            _ => None,
        }
    }

    pub(super) fn size(&self) -> usize {
        size_of::<ActorState>()
            + 8 * (self.serving.len() + self.objects.len() + self.codes.len())
            + size_of::<Frame>() * self.frames.len()
    }

    /// Keeps a cancel object under the name that the action gives it.
    pub(super) fn keep(&mut self, action: Action, held: HeldObject) {
        if let Action::GetCancelObject(_, object) = action {
            self.objects[object.0 as usize] = Some(held);
        }
    }

    /// The instruction is over, with this code.
    pub fn finish(&mut self, lane: &Lane, instruction: &Instruction, action: Action, code: Code) {
        self.phase = Phase::Before;
        let mut next = instruction.next;
        match action {
            Action::Dispatch(call) if code == Code::S_OK => self.serving.push(call),
            Action::Dispatch(_) => next = instruction.skip_to,
            Action::Look(_) if code != Code::S_OK => next = instruction.skip_to,
            Action::Reply(..) => {
                self.serving.pop();
            }
            _ => {}
        }
        if let Some(position) = instruction.code.filter(|_| !lane.is_daemon) {
            self.codes.note(position, code);
        }
        if instruction.returns && lane.decides_on_codes {
            self.last = Some(code);
        }
        self.go_on(lane, next);
    }

    /// Begins the handler at this place of the flow, in the middle of the wait that it is at.
    pub fn serve(&mut self, lane: &Lane, handler: u32) {
        self.enter(None);
        self.go_on(lane, handler);
    }

    /// Begins the steps of a custom cancel object, in the middle of the `Cancel` that it is at.
    pub fn run(&mut self, lane: &Lane, object: CustomId) {
        self.enter(Some(object));
        self.phase = Phase::Before;
        self.go_on(lane, lane.customs[object.0 as usize]);
    }

    fn enter(&mut self, object: Option<CustomId>) {
        let serving = u32::try_from(self.serving.len()).expect("a program serves fewer calls");
        self.frames.push(Frame { at: self.at, serving, object });
    }

    /// Goes on at this place of the flow, to the next instruction.
    fn go_on(&mut self, lane: &Lane, place: u32) {
        let mut place = place;
        loop {
            let counters = &mut self.counters;
            place = match &lane.flow[place as usize] {
                Flow::Step(at) => {
                    self.at = *at;
                    let action = lane.instructions[*at as usize].action;
                    match self.held_custom(action) {
                        Some(object) => {
                            self.enter(Some(object));
                            lane.customs[object.0 as usize]
                        }
                        None => return,
                    }
                }
                Flow::Jump(to) => *to,
                Flow::Branch { test, yes, no } => {
                    match test.is_met(self.last, &|_| false, &|_| false) {
                        true => *yes,
                        false => *no,
                    }
                }
                Flow::Again { counter, times, back } => {
                    let passes = &mut counters[*counter as usize];
                    *passes += 1;
                    if *passes < *times { *back } else { place + 1 }
                }
                Flow::Clear { counter } => {
                    counters[*counter as usize] = 0;
                    place + 1
                }
                Flow::Leave => {
                    let frame = self.frames.pop().expect("what is left was entered");
                    self.at = frame.at;
                    self.serving.truncate(frame.serving as usize);
                    self.phase = frame.object.map_or(Phase::Before, Phase::Custom);
                    return;
                }
                Flow::End => {
                    self.at = u32::try_from(lane.instructions.len()).expect("files are small");
                    return;
                }
            };
        }
    }

    /// The custom cancel object that the action is a `Cancel` of, if it is held by the actor.
    fn held_custom(&self, action: Action) -> Option<CustomId> {
        let Action::CancelObject(object, _) = action else { return None };
        match self.objects[object.0 as usize] {
            Some(HeldObject::Custom(object)) => Some(object),
            _ => None,
        }
    }
}
