//! The calls of an actor: those that it issues and waits for, and those that it serves.

use calloff_model::{CallId, Code, ThreadId, Waiting};
use calloff_protocol::history::Action;
use calloff_protocol::program::{Flow, Instruction};

use super::Implementation;
use super::driver::{Driver, Held, Taken};
use crate::runtime::Host;

impl<R: Host, I: Implementation<R>> Driver<R, I> {
    /// Waits for the result of the newest call of that name.
    ///
    /// # Errors
    ///
    /// The handler that has begun meanwhile.
    pub(super) fn await_call(
        &self,
        name: CallId,
        held: &mut Held<I::Object>,
    ) -> Result<Code, Taken> {
        let me = ThreadId(self.actor.0);
        let call = if self.program.is_client { self.newest(name, held) } else { name };
        let instruction = &self.lane().instructions[held.state.at as usize];
        let code = match instruction.has_filter || !instruction.handlers.is_empty() {
            true => self.serve(call, instruction, held)?,
            false => self.subject.await_call(me, call),
        };
        held.pending.retain(|pending| *pending != call);
        Ok(code)
    }

    /// The oldest call of that name that waits for it, and whether it was entered.
    pub(super) fn dispatch(&self, name: CallId, held: &mut Held<I::Object>) -> (CallId, bool) {
        let mut call = name;
        if self.program.is_client {
            call = self.commons().next(&self.runtime, (self.actor, name), &held.told);
            held.told.push(call);
            self.runtime.join_next();
        }
        (call, self.subject.dispatch(ThreadId(self.program.caller(call).0), call))
    }

    /// Waits for a call, until its result is there, or its message filter gives it up, or a handler
    /// begins.
    fn serve(
        &self,
        call: CallId,
        wait: &Instruction,
        held: &mut Held<I::Object>,
    ) -> Result<Code, Taken> {
        let (me, subject, runtime) = (ThreadId(self.actor.0), &*self.subject, &self.runtime);
        let names: Vec<CallId> = wait.handlers.iter().map(|place| self.served_by(*place)).collect();
        let has_filter = wait.has_filter;
        loop {
            let is_ready = match names.is_empty() {
                true => Vec::new(),
                false => self.commons().ready(runtime, &names),
            };
            let ready: Vec<usize> = (0..names.len()).filter(|at| is_ready[*at]).collect();
            let result = match ready.is_empty() {
                true => subject.await_alertably(me, call, Waiting { blocks: true, has_filter }),
                false => match runtime.pick(1 + ready.len() + usize::from(has_filter)) {
                    0 => {
                        runtime.join_next();
                        let look = Waiting { blocks: false, has_filter };
                        subject.await_alertably(me, call, look)
                    }
                    way if way <= ready.len() => {
                        let at = ready[way - 1];
                        let name = names[at];
                        let next = self.commons().next_now(runtime, (self.actor, name), &held.told);
                        if let Some(next) = next {
                            held.told.push(next);
                            runtime.join_next();
                            let thread = ThreadId(self.program.caller(next).0);
                            let has_entered = subject.dispatch(thread, next);
                            return Err(Taken::Began(wait.handlers[at], next, has_entered));
                        }
                        None
                    }
                    _ => {
                        runtime.join_next();
                        subject.give_up(me, call)
                    }
                },
            };
            if let Some(code) = result {
                return Ok(code);
            }
            runtime.knows_only(&());
        }
    }

    /// The call that the handler at this place of the flow dispatches.
    fn served_by(&self, place: u32) -> CallId {
        let lane = self.lane();
        match lane.flow[place as usize] {
            Flow::Step(at) => match lane.instructions[at as usize].action {
                Action::Dispatch(call) => call,
                _ => unreachable!("a handler begins with a dispatch"),
            },
            _ => unreachable!("a handler begins with a dispatch"),
        }
    }

    /// Alerts those who wait for something else and may serve the call.
    fn alert(&self, name: CallId) {
        for actor in self.program.actors() {
            let lane = &self.program.lanes[actor.0 as usize];
            let serves = |place: &u32| match lane.flow[*place as usize] {
                Flow::Step(at) => lane.instructions[at as usize].action == Action::Dispatch(name),
                _ => false,
            };
            if lane.instructions.iter().flat_map(|wait| &wait.handlers).any(serves) {
                self.runtime.join_next();
                self.subject.alert(ThreadId(actor.0));
            }
        }
    }

    pub(super) fn issue(&self, name: CallId, held: &mut Held<I::Object>) {
        let (me, subject, runtime) = (ThreadId(self.actor.0), &*self.subject, &self.runtime);
        if !self.program.is_client {
            return subject.issue(me, name);
        }
        let mut call = name;
        if self.program.repeats(name) {
            let ids = self.commons().ids(runtime, &self.program, name, &held.pending);
            runtime.join_next();
            call = subject.issue_one_of(me, &ids);
        } else {
            subject.issue(me, name);
        }
        held.pending.push(call);
        held.told = held.refers_to::<R, I>();
        self.commons().issued(runtime, (self.actor, call, name), &held.told);
        self.alert(name);
    }

    /// The call of that name that the actor has issued last and that is not settled.
    fn newest(&self, name: CallId, held: &Held<I::Object>) -> CallId {
        let mut newest = held.pending.iter().rev();
        let found = newest.find(|call| self.program.named(**call) == name);
        found.copied().unwrap_or_else(|| self.commons().wait_for_ever(&self.runtime))
    }
}
