//! A copy of the monitor with one seeded mistake: in how the machine is locked, waited for and
//! notified, or in the machine itself.
//!
//! It is the loop of [`calloff_model::Monitor`], cut into pieces so that each mistake has a place.
//! With [`Bug::None`] and the real machine it does exactly what the real monitor does; a test
//! checks that.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use calloff_model::{
    Call, CallId, CancelTarget, Code, HeldObject, Op, Poll, Reading, Runtime, Stage, ThreadId,
    Ticks, Waiter, Window,
};
use calloff_protocol::faults::shell::Bug;
use calloff_protocol::faults::{Seeded, requested_call};
use calloff_protocol::world::ThreadMachine;

use crate::drive::{Implementation, Make, Process};

/// A monitor with a seeded bug.
pub(crate) struct FaultyMonitor<R: Runtime> {
    runtime: R,
    bug: Bug,
    threads: Vec<Thread<R>>,
    registry: R::Mutex<()>,
}

struct Thread<R: Runtime> {
    state: R::Mutex<State>,
    changed: R::Condvar,
    /// The condition variable on which a caller waits if it is notified only of its own return.
    returned: R::Condvar,
    journal: R::Mutex<()>,
    /// The calls that have completed, one bit for each.
    completed: R::Atomic,
    /// The answer of the first call of the file.
    published: R::Atomic,
}

#[derive(Hash)]
struct State {
    machine: ThreadMachine,
    /// The call that the caller waits for at `returned`.
    awaited: Option<CallId>,
    /// The waiters on `changed`, in the order in which they started to wait.
    queue: Vec<Queued>,
}

/// A waiter, for the bugs that keep account of waiters.
#[derive(Hash)]
struct Queued {
    op: Op,
    deadline: Option<Ticks>,
    is_notified: bool,
}

/// The locks of one critical section, and what was read before they were taken.
struct Section<'m, R: Runtime> {
    journal: Option<R::Guard<'m, ()>>,
    state: R::Guard<'m, State>,
    completed_before: u64,
}

/// The call whose result can be read without the lock.
const PUBLISHED: CallId = CallId(0);

fn bit(call: CallId) -> u64 {
    1_u64.checked_shl(call.0).unwrap_or(0)
}

/// What makes monitors with that bug; none is in them without one.
pub(crate) fn make<R: Runtime>(fault: Option<Seeded>) -> Make<R, FaultyMonitor<R>> {
    Arc::new(move |runtime, reading, process: &Process| {
        FaultyMonitor::with(fault, runtime, reading, process)
    })
}

impl<R: Runtime> FaultyMonitor<R> {
    fn with(fault: Option<Seeded>, runtime: R, reading: Reading, process: &Process) -> Self {
        let of_machine = fault.and_then(Seeded::machine);
        let bug = fault.and_then(Seeded::shell).map_or(Bug::None, |fault| fault.bug);
        let thread = |depth: &u32| Thread {
            state: runtime.mutex(State {
                machine: ThreadMachine::new(reading, *depth, of_machine),
                awaited: None,
                queue: Vec::new(),
            }),
            changed: runtime.condvar(),
            returned: runtime.condvar(),
            journal: runtime.mutex(()),
            completed: runtime.atomic(0),
            published: runtime.atomic(0),
        };
        let threads = process.depths.iter().map(thread).collect();
        let registry = runtime.mutex(());
        FaultyMonitor { runtime, bug, threads, registry }
    }

    fn has(&self, bug: Bug) -> bool {
        self.bug == bug
    }

    /// Runs an operation on the machine of a thread until it is over.
    fn run(&self, thread: ThreadId, op: &mut Op) -> Code {
        let at = &self.threads[thread.0 as usize];
        let holds_all = self.has(Bug::LockHeldWhileWaiting);
        let _registry = holds_all.then(|| self.runtime.lock(&self.registry));
        let mut is_woken = false;
        let published = self.read_published(at, op);
        let mut section = self.enter(at, op);
        loop {
            let before = *op;
            let mut now = self.runtime.now();
            let (next, poll) = self.step(at, section, op, &mut now, is_woken);
            section = next;
            match poll {
                Poll::Pending { .. } if is_woken && self.trusts_wake_ups(&section.state, op) => {
                    return Code::RPC_E_CALL_CANCELED;
                }
                Poll::Pending { deadline } => {
                    section = self.wait(at, section, op, deadline);
                    is_woken = true;
                    continue;
                }
                poll => {
                    self.tell(at, &mut section.state, &before, poll, now);
                    if let Poll::Ready(code) = poll {
                        let code = published.unwrap_or(code);
                        return self.answer(code, &before, section.completed_before);
                    }
                }
            }
            // Advanced: unlock, so that other operations may step before this one continues.
            drop(section);
            is_woken = false;
            self.runtime.knows_only(op);
            section = self.enter(at, op);
        }
    }

    /// The result of a completed call, read without the lock.
    fn read_published(&self, at: &Thread<R>, op: &Op) -> Option<Code> {
        if !self.has(Bug::ResultReadUnlocked) || *op != (Op::Await { call: PUBLISHED }) {
            return None;
        }
        let is_complete = self.runtime.load(&at.completed, Ordering::Relaxed) & bit(PUBLISHED) != 0;
        let result = is_complete.then(|| self.runtime.load(&at.published, Ordering::Relaxed))?;
        u32::try_from(result).ok().map(Code)
    }

    /// Takes the locks that the next step needs.
    fn enter<'m>(&self, at: &'m Thread<R>, op: &Op) -> Section<'m, R> {
        let requests = requested_call(op).is_some();
        let keeps_journal = self.has(Bug::LocksInOppositeOrders);
        let mut completed_before = u64::MAX;
        if self.has(Bug::StaleCompletionFlag) && requests {
            completed_before = self.runtime.load(&at.completed, Ordering::SeqCst);
        }
        let mut journal = (keeps_journal && requests).then(|| self.runtime.lock(&at.journal));
        let state = self.runtime.lock(&at.state);
        if keeps_journal && matches!(op, Op::Reply { .. }) {
            journal = Some(self.runtime.lock(&at.journal));
        }
        Section { journal, state, completed_before }
    }

    /// Releases the lock for a moment and takes it again.
    fn reenter<'m>(&self, at: &'m Thread<R>, section: Section<'m, R>) -> Section<'m, R> {
        let completed_before = section.completed_before;
        drop(section);
        Section { journal: None, state: self.runtime.lock(&at.state), completed_before }
    }

    /// One step of the machine.
    fn step<'m>(
        &self,
        at: &'m Thread<R>,
        mut section: Section<'m, R>,
        op: &mut Op,
        now: &mut Ticks,
        is_woken: bool,
    ) -> (Section<'m, R>, Poll) {
        let mut copy = section.state.machine.clone();
        match self.bug {
            Bug::NotifiedBeforeTheChange
                if !matches!(copy.poll(&mut op.clone(), *now), Poll::Pending { .. }) =>
            {
                self.runtime.notify_all(&at.changed);
                section = self.reenter(at, section);
                *now = self.runtime.now();
            }
            Bug::CancelDecidesThenActs if requested_call(op).is_some() => {
                return self.decide_then_act(at, section, op, *now);
            }
            Bug::AwaitDecidesThenSettles if matches!(op, Op::Await { .. }) => {
                return self.decide_then_act(at, section, op, *now);
            }
            Bug::ReplyOverwrites if matches!(op, Op::Reply { .. }) => {
                let poll = copy.poll(op, *now);
                section = self.reenter(at, section);
                section.state.machine = copy;
                return (section, poll);
            }
            Bug::LooksUpTwice => look_up_again(&mut section.state.machine, op, *now),
            Bug::DeadlineWraps => wrap(op, *now),
            Bug::WindowRestarts if is_woken => {
                let poll = section.state.machine.poll(op, *now);
                return (section, rearm(poll, op, *now));
            }
            _ => {}
        }
        let poll = section.state.machine.poll(op, *now);
        (section, poll)
    }

    /// Decides in one critical section what to return, and carries it out in another.
    fn decide_then_act<'m>(
        &self,
        at: &'m Thread<R>,
        section: Section<'m, R>,
        op: &mut Op,
        now: Ticks,
    ) -> (Section<'m, R>, Poll) {
        let mut later = *op;
        let poll = section.state.machine.clone().poll(op, now);
        if matches!(poll, Poll::Pending { .. }) {
            return (section, poll);
        }
        let mut section = self.reenter(at, section);
        section.state.machine.poll(&mut later, now);
        (section, poll)
    }

    /// Whether the operation takes a wake-up as proof that it is finished.
    fn trusts_wake_ups(&self, state: &State, op: &Op) -> bool {
        let is_await = matches!(op, Op::Await { .. });
        is_await && (self.has(Bug::NoSecondLook) || self.waits_alone(state, op))
    }

    /// Whether the operation waits where only its own end is notified.
    fn waits_alone(&self, state: &State, op: &Op) -> bool {
        self.has(Bug::TrustsItsNotification)
            && matches!(op, Op::Await { .. })
            && state.machine.machine().reading().waiter == Waiter::Canceller
    }

    /// Waits until there may be something to do.
    fn wait<'m>(
        &self,
        at: &'m Thread<R>,
        mut section: Section<'m, R>,
        op: &Op,
        deadline: Option<Ticks>,
    ) -> Section<'m, R> {
        if self.has(Bug::UnlockedBeforeTheWait) {
            section = self.reenter(at, section);
        }
        let Section { journal, mut state, completed_before } = section;
        drop(journal);
        // The wake-up is part of what the caller of this function knows from now on.
        self.runtime.knows_only(&(*op, true));
        let deadline = deadline.filter(|_| !self.has(Bug::DeadlineNotWaitedFor));
        if let Op::Await { call } = op
            && self.waits_alone(&state, op)
        {
            state.awaited = Some(*call);
            state = self.runtime.wait(&at.returned, state, deadline);
            state.awaited = None;
        } else {
            if self.has(Bug::CountsOnTheOldest) {
                state.queue.push(Queued { op: *op, deadline, is_notified: false });
            }
            state = self.runtime.wait(&at.changed, state, deadline);
            state.queue.retain(|queued| queued.op != *op);
        }
        Section { journal: None, state, completed_before }
    }

    /// Notifies others that something changed.
    fn tell(&self, at: &Thread<R>, state: &mut State, before: &Op, poll: Poll, now: Ticks) {
        let is_accepted = poll == Poll::Ready(Code::S_OK);
        let (bug, runtime) = (self.bug, &self.runtime);
        let is_cancel = requested_call(before).is_some() && is_accepted;
        let is_forgotten = match (bug, before) {
            (Bug::ReplyNotNotified, Op::Reply { .. }) => true,
            (Bug::IssueNotNotified, Op::Issue { .. }) => true,
            (Bug::ExpiryNotNotified, Op::Cancel { stage: Stage::Wait { .. }, .. }) => is_accepted,
            (Bug::ZeroWindowNotNotified, Op::Cancel { window: Window::Seconds(0), .. }) => {
                is_cancel
            }
            (Bug::RequestNotNotified, Op::Cancel { window, .. }) => {
                is_cancel && *window != Window::Seconds(0)
            }
            (Bug::NotifiedBeforeTheChange, _) => true,
            _ => false,
        };
        if let Op::Reply { call, code } = before
            && state.machine.machine().call(*call).is_some_and(Call::is_complete)
        {
            if bug == Bug::StaleCompletionFlag {
                let known = runtime.load(&at.completed, Ordering::SeqCst);
                runtime.store(&at.completed, known | bit(*call), Ordering::SeqCst);
            }
            if bug == Bug::ResultReadUnlocked && *call == PUBLISHED {
                runtime.store(&at.published, u64::from(code.0), Ordering::Relaxed);
                runtime.store(&at.completed, bit(PUBLISHED), Ordering::Relaxed);
            }
        }
        if bug != Bug::DeadlineNotWaitedFor {
            runtime.alarm(&at.changed, state.machine.machine().deadline(now));
        }
        if is_forgotten {
            return;
        }
        match bug {
            Bug::NotifyOne => runtime.notify_one(&at.changed),
            Bug::CountsOnTheOldest => {
                (0..count_concerned(state, now)).for_each(|_| runtime.notify_one(&at.changed));
            }
            _ => runtime.notify_all(&at.changed),
        }
        if let Some(call) = state.awaited {
            let poll = state.machine.clone().poll(&mut Op::Await { call }, now);
            if !matches!(poll, Poll::Pending { .. }) {
                runtime.notify_all(&at.returned);
            }
        }
    }

    /// The code that the operation returns.
    fn answer(&self, code: Code, before: &Op, completed_before: u64) -> Code {
        let Some(call) = requested_call(before) else { return code };
        // The bug: the call was not complete a moment ago, so this answer is not believed.
        let is_stale = completed_before & bit(call) == 0 && code == Code::RPC_E_CALL_COMPLETE;
        if is_stale { Code::S_OK } else { code }
    }
}

/// The number of waiters from the front of the queue up to the last one that a change concerns,
/// without those already notified. They count as notified from now on, as if they were woken in
/// their order.
fn count_concerned(State { machine, queue, .. }: &mut State, now: Ticks) -> usize {
    let is_concerned = |queued: &Queued| {
        let poll = machine.clone().poll(&mut queued.op.clone(), now);
        poll != Poll::Pending { deadline: queued.deadline }
    };
    let mut waiting: Vec<_> = queue.iter_mut().filter(|queued| !queued.is_notified).collect();
    let last = waiting.iter().rposition(|queued| is_concerned(queued));
    let count = last.map_or(0, |last| last + 1);
    waiting[..count].iter_mut().for_each(|queued| queued.is_notified = true);
    count
}

/// Looks the call up again when it is to be canceled: whatever is innermost by now.
fn look_up_again(machine: &mut ThreadMachine, op: &mut Op, now: Ticks) {
    if let Op::Cancel { target: CancelTarget::Thread, stage, .. } = op
        && matches!(stage, Stage::Request(_))
    {
        *stage = Stage::Start;
        machine.poll(op, now);
    }
}

/// The bug: a deadline in 32 bits that overflows lies in the past.
fn wrap(op: &mut Op, now: Ticks) {
    if requested_call(op).is_some()
        && let Op::Cancel { window: window @ Window::Seconds(_), .. } = op
        && let Some(deadline) = window.deadline(now)
        && deadline.0 > u64::from(u32::MAX)
    {
        *window = Window::Seconds(0);
    }
}

/// The bug: an operation that still waits after a wake-up waits for the whole window again.
fn rearm(poll: Poll, op: &mut Op, now: Ticks) -> Poll {
    match (poll, op) {
        (Poll::Pending { .. }, Op::Cancel { window, stage: Stage::Wait { deadline, .. }, .. }) => {
            *deadline = window.deadline(now);
            Poll::Pending { deadline: *deadline }
        }
        (poll, _) => poll,
    }
}

impl<R: Runtime> Implementation<R> for FaultyMonitor<R> {
    type Object = (ThreadId, CallId);

    fn new(runtime: R, reading: Reading, process: &Process) -> Self {
        FaultyMonitor::with(None, runtime, reading, process)
    }
    fn enable(&self, thread: ThreadId) -> Code {
        self.run(thread, &mut Op::Enable)
    }
    fn disable(&self, thread: ThreadId) -> Code {
        self.run(thread, &mut Op::Disable)
    }
    fn issue(&self, thread: ThreadId, call: CallId) {
        self.run(thread, &mut Op::Issue { call });
    }
    fn await_call(&self, thread: ThreadId, call: CallId) -> Code {
        self.run(thread, &mut Op::Await { call })
    }
    fn dispatch(&self, thread: ThreadId, call: CallId) -> bool {
        self.run(thread, &mut Op::Dispatch { call }) == Code::S_OK
    }
    fn reply(&self, thread: ThreadId, call: CallId, code: Code) {
        self.run(thread, &mut Op::Reply { call, code });
    }
    fn test_cancel(&self, thread: ThreadId, call: CallId) -> Code {
        self.run(thread, &mut Op::TestCancel { serving: Some(call) })
    }
    fn get_cancel_object(&self, thread: ThreadId) -> Result<(ThreadId, CallId), Code> {
        let mut op = Op::GetCancelObject { got: None };
        let code = self.run(thread, &mut op);
        match op {
            Op::GetCancelObject { got: Some(HeldObject::Call(call)) } => Ok((thread, call)),
            _ => Err(code),
        }
    }
    fn test_cancel_object(&self, (thread, call): &(ThreadId, CallId)) -> Code {
        self.run(*thread, &mut Op::TestCancelObject { object: Some(*call) })
    }
    fn cancel(&self, (thread, call): &(ThreadId, CallId), window: Window) -> Code {
        self.run(*thread, &mut Op::cancel_object(Some(*call), window))
    }
    fn cancel_thread(&self, thread: ThreadId, window: Window) -> Code {
        self.run(thread, &mut Op::cancel_thread(window))
    }
}
