//! The position of an actor in its program, and what the actor holds.

use calloff_model::{CallId, Code, Op, Ticks};

use super::trail::Trail;
use crate::history::{Action, ActorId};
use crate::program::{Instruction, Lane, Program};

/// The position of one actor, and what it holds.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ActorState {
    /// The instruction that it is in, or starts next.
    pub at: u32,
    /// How far it is within that instruction.
    pub phase: Phase,
    /// The calls that it is serving, the innermost last.
    pub serving: Vec<CallId>,
    /// The call of each cancel object that it holds.
    pub objects: Vec<Option<CallId>>,
    /// The code-returning steps that ran so far, each with the code that it returned.
    pub codes: Trail,
}

/// How far an actor is within its instruction.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Phase {
    /// Not started.
    Before,
    /// In flight.
    Inside(Op),
    /// Sleeping until this time.
    Sleeping(Ticks),
    /// Finished with this code; the return is a step of its own, still to come.
    Returning(Code),
}

impl ActorState {
    pub(super) fn new(lane: &Lane) -> ActorState {
        ActorState {
            at: 0,
            phase: Phase::Before,
            serving: Vec::new(),
            objects: vec![None; lane.objects.len()],
            codes: Trail::default(),
        }
    }

    /// The instruction that the actor is in; `None` if it has finished.
    pub fn instruction<'p>(&self, program: &'p Program, actor: ActorId) -> Option<&'p Instruction> {
        program.lanes[actor.0 as usize].instructions.get(self.at as usize)
    }

    /// The action, with the call that is being served now filled in.
    pub(super) fn fill_in(&self, action: Action) -> Action {
        match action {
            Action::TestCancel(_) => Action::TestCancel(self.serving.last().copied()),
            other => other,
        }
    }

    /// Sets the clock back by these seconds, to `now`; see `Machine::set_back` of the model.
    pub(crate) fn set_back(&mut self, seconds: u64, now: Ticks) {
        match &mut self.phase {
            Phase::Sleeping(until) => *until = until.set_back(seconds, now),
            Phase::Inside(op) => op.set_back(seconds, now),
            Phase::Before | Phase::Returning(_) => {}
        }
    }

    pub(super) fn size(&self) -> usize {
        // Estimate: one node of the trail of codes may be new.
        size_of::<ActorState>() + 8 * (self.serving.len() + self.objects.len()) + 80
    }

    /// Keeps a cancel object under the name that the action gives it.
    pub(super) fn keep(&mut self, action: Action, call: CallId) {
        if let Action::GetCancelObject(_, object) = action {
            self.objects[object.0 as usize] = Some(call);
        }
    }

    pub(super) fn finish(&mut self, instruction: &Instruction, action: Action, code: Code) {
        self.phase = Phase::Before;
        self.at += 1;
        match action {
            Action::Dispatch(call) if code == Code::S_OK => self.serving.push(call),
            Action::Dispatch(_) => self.at = instruction.skip_to,
            Action::Reply(..) => {
                self.serving.pop();
            }
            _ => {}
        }
        if let Some(position) = instruction.code {
            self.codes.push(position, code);
        }
    }
}
