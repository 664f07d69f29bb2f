//! The machine: the cancel state of one COM thread, and `poll`, the only function that takes its
//! steps. Explorers also forget calls that nobody can reach any more, and set its clock back.
//!
//! A thread has an enable *depth* (0: cancellation is disabled) and a *stack* of the outbound calls
//! that it has issued and not settled, the innermost last. A call's state has three parts:
//!
//! ```text
//! request   none ──▶ open until a deadline, or without one ──▶ expired  (0 s: none ──▶ expired)
//! server    idle ──▶ running ──▶ replied                          (idle ──▶ skipped)
//! settled   no ──▶ completed | canceled                           (by the caller's pick-up)
//! ```
//!
//! Under the reading `waiter = caller` an open request whose deadline has passed counts as expired;
//! the table calls it *due*. Under `waiter = canceller` the wait step of `Cancel` makes it expire;
//! until then a *due* request is treated as *open*.
//!
//! # Transitions
//!
//! Each row is one atomic step. `*` matches anything; `a/b` matches either; `-` means that the
//! operation does not look at this part. The first matching row of an operation applies. The column
//! *after* lists everything that changes. A test runs every row against the code, and every state
//! against the table.
//!
//! | row | operation   | cancelable | waiter    | depth       | request          | server                  | settled            | result               | after             |
//! | --- | ----------- | ---------- | --------- | ----------- | ---------------- | ----------------------- | ------------------ | -------------------- | ----------------- |
//! | E1  | enable      | *          | *         | *           | -                | -                       | -                  | S_OK                 | depth+1           |
//! | D1  | disable     | *          | *         | 0           | -                | -                       | -                  | CO_E_CANCEL_DISABLED | same              |
//! | D2  | disable     | *          | *         | 1/2         | -                | -                       | -                  | S_OK                 | depth-1           |
//! | I1  | issue       | *          | *         | *           | unknown          | -                       | -                  | S_OK                 | issued            |
//! | I2  | issue       | *          | *         | *           | *                | *                       | *                  | E_UNEXPECTED         | same              |
//! | S1  | dispatch    | *          | *         | *           | unknown          | -                       | -                  | pending              | same              |
//! | S2  | dispatch    | *          | *         | *           | *                | running/replied/skipped | *                  | E_UNEXPECTED         | same              |
//! | S3  | dispatch    | *          | *         | *           | *                | idle                    | completed/canceled | RPC_E_CALL_CANCELED  | server=skipped    |
//! | S4  | dispatch    | *          | *         | *           | expired          | idle                    | no                 | RPC_E_CALL_CANCELED  | server=skipped    |
//! | S5  | dispatch    | *          | caller    | *           | due              | idle                    | no                 | RPC_E_CALL_CANCELED  | server=skipped    |
//! | S6  | dispatch    | *          | *         | *           | *                | idle                    | no                 | S_OK                 | server=running    |
//! | T1  | test        | *          | *         | *           | unknown          | -                       | -                  | RPC_E_CALL_COMPLETE  | same              |
//! | T2  | test        | *          | *         | *           | open/due/expired | *                       | *                  | RPC_E_CALL_CANCELED  | same              |
//! | T3  | test        | *          | *         | *           | none             | *                       | *                  | RPC_S_CALLPENDING    | same              |
//! | O1  | test-object | *          | *         | *           | unknown          | -                       | -                  | E_NOINTERFACE        | same              |
//! | O2  | test-object | *          | *         | *           | *                | *                       | canceled           | RPC_E_CALL_CANCELED  | same              |
//! | O3  | test-object | *          | *         | *           | *                | *                       | completed          | RPC_E_CALL_COMPLETE  | same              |
//! | O4  | test-object | *          | *         | *           | *                | replied                 | no                 | RPC_E_CALL_COMPLETE  | same              |
//! | O5  | test-object | *          | *         | *           | open/due/expired | *                       | no                 | RPC_E_CALL_CANCELED  | same              |
//! | O6  | test-object | *          | *         | *           | none             | *                       | no                 | RPC_S_CALLPENDING    | same              |
//! | R1  | reply       | *          | *         | *           | unknown          | -                       | -                  | E_UNEXPECTED         | same              |
//! | R2  | reply       | *          | *         | *           | *                | idle/replied/skipped    | *                  | E_UNEXPECTED         | same              |
//! | R3  | reply       | *          | *         | *           | *                | running                 | completed/canceled | S_OK                 | same              |
//! | R4  | reply       | *          | *         | *           | *                | running                 | no                 | S_OK                 | server=replied    |
//! | A1  | await       | *          | *         | *           | unknown          | -                       | -                  | pending              | same              |
//! | A2  | await       | *          | *         | *           | *                | *                       | completed/canceled | E_UNEXPECTED         | same              |
//! | A3  | await       | *          | *         | *           | *                | replied                 | no                 | reply                | settled=completed |
//! | A4  | await       | *          | *         | *           | expired          | *                       | no                 | RPC_E_CALL_CANCELED  | settled=canceled  |
//! | A5  | await       | *          | caller    | *           | due              | *                       | no                 | RPC_E_CALL_CANCELED  | settled=canceled  |
//! | A6  | await       | *          | *         | *           | *                | *                       | no                 | pending              | same              |
//! | F1  | give-up     | *          | *         | *           | unknown          | -                       | -                  | pending              | same              |
//! | F2  | give-up     | *          | *         | *           | *                | *                       | completed/canceled | pending              | same              |
//! | F3  | give-up     | *          | *         | *           | *                | replied                 | no                 | pending              | same              |
//! | F4  | give-up     | *          | *         | *           | *                | *                       | no                 | RPC_E_CALL_CANCELED  | settled=canceled  |
//! | G1  | get         | *          | *         | *           | unknown          | -                       | -                  | E_NOINTERFACE        | same              |
//! | G2  | get         | *          | *         | *           | *                | *                       | completed/canceled | E_NOINTERFACE        | same              |
//! | G3  | get         | at-request | *         | 0           | *                | *                       | no                 | CO_E_CANCEL_DISABLED | same              |
//! | G4  | get         | *          | *         | *           | *                | *                       | no                 | advanced             | same              |
//! | C1  | request     | *          | *         | *           | unknown          | -                       | -                  | E_NOINTERFACE        | same              |
//! | C2  | request     | *          | *         | *           | *                | *                       | completed          | RPC_E_CALL_COMPLETE  | same              |
//! | C3  | request     | *          | *         | *           | *                | replied                 | no                 | RPC_E_CALL_COMPLETE  | same              |
//! | C4  | request     | *          | *         | *           | *                | *                       | canceled           | RPC_E_CALL_CANCELED  | same              |
//! | C5  | request     | *          | *         | *           | open/due/expired | *                       | no                 | RPC_E_CALL_CANCELED  | same              |
//! | C6  | request     | at-issue   | *         | issued-at-0 | none             | *                       | no                 | CO_E_CANCEL_DISABLED | same              |
//! | C7  | request     | at-request | *         | 0           | none             | *                       | no                 | CO_E_CANCEL_DISABLED | same              |
//! | C8  | request-0   | *          | *         | *           | none             | *                       | no                 | S_OK                 | request=expired   |
//! | C9  | request     | *          | caller    | *           | none             | *                       | no                 | S_OK                 | request=open      |
//! | C10 | request     | *          | canceller | *           | none             | *                       | no                 | advanced             | request=open      |
//! | W1  | wait        | *          | canceller | *           | *                | *                       | completed          | RPC_E_CALL_COMPLETE  | same              |
//! | W2  | wait        | *          | canceller | *           | *                | replied                 | no                 | RPC_E_CALL_COMPLETE  | same              |
//! | W3  | wait        | *          | canceller | *           | due              | *                       | no/canceled        | S_OK                 | request=expired   |
//! | W4  | wait        | *          | canceller | *           | open             | *                       | no/canceled        | pending              | same              |
//!
//! A `Cancel` of a thread runs the steps *get*, *request*, *wait*; a `Cancel` on a held object
//! starts at *request*. Rows C1 to C7 also hold for *request-0*, a request of 0 seconds. An
//! operation that only gets a cancel object is the step *get* alone; it answers `S_OK` where row G4
//! says *advanced*.
//!
//! # Custom cancel objects
//!
//! The stack of cancel objects has the calls' own and the custom ones that CoSetCancelObject has
//! pushed. *get* takes the topmost of either kind. For a custom one the host runs what its `Cancel`
//! does; the machine has no part in that (`Stage::Custom`). CoSetCancelObject with none takes the
//! topmost custom object away, also from below a call. When a call leaves the stack, what was above
//! it is above the call below.
//!
//! # Invariants
//!
//! 1. `settled` is terminal, and only `await` and its filter's *give-up* set it: one outcome per
//!    call.
//! 2. `request` never goes back: none, open, expired, in that order.
//! 3. A reply that has landed wins over an expired request (A3 comes before A4).
//! 4. The stack holds exactly the issued calls that are not settled, in issue order.
//! 5. A request that is refused changes nothing (C1 to C7).
//! 6. A step that answers *pending* changes nothing, so polling again is harmless.
//! 7. `server` never goes back, and a late reply (R3) reaches no other call.
//! 8. `cancelable_at_issue` never changes.
//! 9. *Advanced* always moves the operation to a later stage, so that none goes on for ever.

mod call;
mod op;
#[cfg(test)]
mod properties;
mod stack;
#[cfg(test)]
mod table;

pub use call::{Call, CallId, CustomId, HeldObject, Request, Server, Settled};
pub use op::{CancelTarget, Op, Poll, Stage};
use stack::Custom;

use crate::{Cancelable, Code, Reading, Ticks, Waiter, Window};

/// The cancel state of one COM thread. See the [module documentation](self) for its table.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Machine {
    reading: Reading,
    depth: u64,
    stack: Vec<CallId>,
    /// The calls that the thread has issued, sorted by id.
    calls: Vec<(CallId, Call)>,
    /// The custom cancel objects on the stack, the topmost last.
    customs: Vec<Custom>,
}

impl Machine {
    /// A thread with no call pending and the given enable depth.
    pub fn new(reading: Reading, depth: u32) -> Machine {
        Machine {
            reading,
            depth: u64::from(depth),
            stack: Vec::new(),
            calls: Vec::new(),
            customs: Vec::new(),
        }
    }

    /// One atomic step of `op` at the time `now`: it finishes the operation, advances its stage, or
    /// reports that it has to wait. An operation on a call goes to the machine of the thread that
    /// issued the call.
    pub fn poll(&mut self, op: &mut Op, now: Ticks) -> Poll {
        match op {
            Op::Enable => self.enable(),
            Op::Disable => self.disable(),
            Op::Issue { call } => self.issue(*call),
            Op::Await { call } => self.await_call(*call, now),
            Op::GiveUp { call } => self.give_up(*call),
            Op::SetCancelObject { object, has_interface } => {
                Poll::Ready(self.set_cancel_object(*object, *has_interface))
            }
            Op::Dispatch { call } => self.dispatch(*call, now),
            Op::Reply { call, code } => self.reply(*call, *code),
            Op::TestCancel { serving } => Poll::Ready(self.test_cancel(*serving)),
            Op::TestCancelObject { object } => Poll::Ready(self.test_cancel_object(*object)),
            Op::GetCancelObject { got } => Poll::Ready(match self.cancel_object() {
                Ok(object) => {
                    *got = Some(object);
                    Code::S_OK
                }
                Err(code) => code,
            }),
            Op::Cancel { target, window, stage } => match *stage {
                Stage::Start => self.start_cancel(*target, *window, stage, now),
                Stage::Request(call) => self.request(call, *window, stage, now),
                Stage::Custom(_) => Poll::Pending { deadline: None },
                Stage::Wait { call, deadline } => self.wait(call, deadline, now),
            },
        }
    }

    /// The earliest time after `now` at which a request expires by itself (`waiter = caller`);
    /// `None` when there is none. Under `waiter = canceller` the deadline is reported in
    /// [`Poll::Pending`] instead.
    pub fn deadline(&self, now: Ticks) -> Option<Ticks> {
        if self.reading.waiter == Waiter::Canceller {
            return None;
        }
        self.stack
            .iter()
            .filter_map(|id| self.call(*id)?.request.deadline())
            .filter(|deadline| *deadline > now)
            .min()
    }

    /// Sets the clock back by these ticks, to `now`: every deadline moves with it, and one that has
    /// passed is at `now`. For explorers, in whose states the time is always the same.
    pub fn set_back(&mut self, ticks: u64, now: Ticks) {
        self.shift(0, ticks, now);
    }

    /// Sets the clock forward or back by these ticks, to `now`, as [`Machine::set_back`] does.
    pub fn shift(&mut self, forward: u64, back: u64, now: Ticks) {
        for (_, call) in &mut self.calls {
            if let Request::Open { deadline: Some(deadline) } = &mut call.request {
                *deadline = deadline.shifted(forward, back, now);
            }
        }
    }

    /// No server will see these of the calls that are settled and were not dispatched.
    pub fn abandon(&mut self, is_meant: impl Fn(CallId) -> bool) {
        for (id, call) in &mut self.calls {
            if call.server == Server::Idle && call.settled != Settled::No && is_meant(*id) {
                call.server = Server::Skipped;
            }
        }
    }

    /// Gives calls other ids, and forgets those that get none. For explorers, in whose states a
    /// call that nobody can reach any more has no part.
    pub fn rename(&mut self, renamed: impl Fn(CallId) -> Option<CallId>) {
        self.calls.retain_mut(|(id, _)| renamed(*id).inspect(|new| *id = *new).is_some());
        self.calls.sort_unstable_by_key(|(id, _)| *id);
        self.stack.retain_mut(|id| renamed(*id).inspect(|new| *id = *new).is_some());
        for custom in &mut self.customs {
            custom.above = custom.above.and_then(&renamed);
        }
    }

    /// The thread's enable depth; 0 means that cancellation is disabled.
    pub fn depth(&self) -> u64 {
        self.depth
    }

    /// The calls that the thread has issued and not settled, the innermost last.
    pub fn stack(&self) -> &[CallId] {
        &self.stack
    }

    /// The call with this id, if this thread has issued it.
    pub fn call(&self, id: CallId) -> Option<&Call> {
        let at = self.calls.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        Some(&self.calls[at].1)
    }

    /// All calls that this thread has issued, by id.
    pub fn calls(&self) -> impl DoubleEndedIterator<Item = (CallId, &Call)> + ExactSizeIterator {
        self.calls.iter().map(|(id, call)| (*id, call))
    }

    /// The reading that this machine follows.
    pub fn reading(&self) -> Reading {
        self.reading
    }

    fn call_mut(&mut self, id: CallId) -> Option<&mut Call> {
        let at = self.calls.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        Some(&mut self.calls[at].1)
    }

    fn enable(&mut self) -> Poll {
        self.depth += 1;
        Poll::Ready(Code::S_OK)
    }

    fn disable(&mut self) -> Poll {
        if self.depth == 0 {
            return Poll::Ready(Code::CO_E_CANCEL_DISABLED);
        }
        self.depth -= 1;
        Poll::Ready(Code::S_OK)
    }

    fn issue(&mut self, id: CallId) -> Poll {
        let Err(at) = self.calls.binary_search_by_key(&id, |(id, _)| *id) else {
            return Poll::Ready(Code::E_UNEXPECTED);
        };
        self.calls.insert(at, (id, Call::new(self.depth > 0)));
        self.stack.push(id);
        Poll::Ready(Code::S_OK)
    }

    fn dispatch(&mut self, id: CallId, now: Ticks) -> Poll {
        let waiter = self.reading.waiter;
        let Some(call) = self.call_mut(id) else {
            return Poll::Pending { deadline: None };
        };
        if call.server != Server::Idle {
            return Poll::Ready(Code::E_UNEXPECTED);
        }
        if call.settled != Settled::No || call.request.has_expired(waiter, now) {
            call.server = Server::Skipped;
            return Poll::Ready(Code::RPC_E_CALL_CANCELED);
        }
        call.server = Server::Running;
        Poll::Ready(Code::S_OK)
    }

    fn test_cancel(&self, serving: Option<CallId>) -> Code {
        match serving.and_then(|id| self.call(id)) {
            None => Code::RPC_E_CALL_COMPLETE,
            Some(call) if call.request != Request::None => Code::RPC_E_CALL_CANCELED,
            Some(_) => Code::RPC_S_CALLPENDING,
        }
    }

    fn test_cancel_object(&self, object: Option<CallId>) -> Code {
        let Some(call) = object.and_then(|id| self.call(id)) else {
            return Code::E_NOINTERFACE;
        };
        match call.settled {
            Settled::Canceled => Code::RPC_E_CALL_CANCELED,
            _ if call.is_complete() => Code::RPC_E_CALL_COMPLETE,
            _ if call.request != Request::None => Code::RPC_E_CALL_CANCELED,
            _ => Code::RPC_S_CALLPENDING,
        }
    }

    fn reply(&mut self, id: CallId, code: Code) -> Poll {
        match self.call_mut(id) {
            Some(call) if call.server == Server::Running => {
                // Invariant 7: the reply to a settled call is dropped.
                if call.settled == Settled::No {
                    call.server = Server::Replied(code);
                }
                Poll::Ready(Code::S_OK)
            }
            _ => Poll::Ready(Code::E_UNEXPECTED),
        }
    }

    fn await_call(&mut self, id: CallId, now: Ticks) -> Poll {
        let waiter = self.reading.waiter;
        let Some(call) = self.call_mut(id) else {
            return Poll::Pending { deadline: None };
        };
        if call.settled != Settled::No {
            return Poll::Ready(Code::E_UNEXPECTED);
        }
        let result = match call.server {
            // Invariant 3: test for a reply before testing for an expired request.
            Server::Replied(code) => {
                call.settled = Settled::Completed;
                code
            }
            _ if call.request.has_expired(waiter, now) => {
                call.settled = Settled::Canceled;
                Code::RPC_E_CALL_CANCELED
            }
            _ => {
                let own = waiter == Waiter::Caller;
                let deadline = call.request.deadline().filter(|_| own);
                return Poll::Pending { deadline };
            }
        };
        self.leave_stack(id);
        Poll::Ready(result)
    }

    fn give_up(&mut self, id: CallId) -> Poll {
        match self.call_mut(id) {
            Some(call) if call.settled == Settled::No && !call.is_complete() => {
                call.settled = Settled::Canceled;
                self.leave_stack(id);
                Poll::Ready(Code::RPC_E_CALL_CANCELED)
            }
            _ => Poll::Pending { deadline: None },
        }
    }

    fn start_cancel(
        &mut self,
        target: CancelTarget,
        window: Window,
        stage: &mut Stage,
        now: Ticks,
    ) -> Poll {
        match target {
            CancelTarget::Object(Some(call)) => self.request(call, window, stage, now),
            CancelTarget::Object(None) => Poll::Ready(Code::E_NOINTERFACE),
            CancelTarget::Thread => match self.cancel_object() {
                Ok(HeldObject::Call(call)) => {
                    *stage = Stage::Request(call);
                    Poll::Advanced
                }
                Ok(HeldObject::Custom(object)) => {
                    *stage = Stage::Custom(object);
                    Poll::Advanced
                }
                Err(code) => Poll::Ready(code),
            },
        }
    }

    fn request(&mut self, id: CallId, window: Window, stage: &mut Stage, now: Ticks) -> Poll {
        let Reading { cancelable, waiter } = self.reading;
        let depth = self.depth;
        let Some(call) = self.call_mut(id) else {
            return Poll::Ready(Code::E_NOINTERFACE);
        };
        if call.is_complete() {
            return Poll::Ready(Code::RPC_E_CALL_COMPLETE);
        }
        if call.settled == Settled::Canceled || call.request != Request::None {
            return Poll::Ready(Code::RPC_E_CALL_CANCELED);
        }
        let is_cancelable = match cancelable {
            Cancelable::AtIssue => call.cancelable_at_issue,
            Cancelable::AtRequest => depth > 0,
        };
        if !is_cancelable {
            return Poll::Ready(Code::CO_E_CANCEL_DISABLED);
        }
        if window == Window::Seconds(0) {
            call.request = Request::Expired;
            return Poll::Ready(Code::S_OK);
        }
        let deadline = window.deadline(now);
        call.request = Request::Open { deadline };
        if waiter == Waiter::Caller {
            return Poll::Ready(Code::S_OK);
        }
        *stage = Stage::Wait { call: id, deadline };
        Poll::Advanced
    }

    fn wait(&mut self, id: CallId, deadline: Option<Ticks>, now: Ticks) -> Poll {
        let Some(call) = self.call_mut(id) else {
            return Poll::Ready(Code::E_NOINTERFACE);
        };
        if call.is_complete() {
            return Poll::Ready(Code::RPC_E_CALL_COMPLETE);
        }
        if deadline.is_some_and(|deadline| deadline <= now) {
            call.request = Request::Expired;
            return Poll::Ready(Code::S_OK);
        }
        Poll::Pending { deadline }
    }
}
