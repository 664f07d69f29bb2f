//! The runtime for executions under shuttle, which runs one task at a time.
//!
//! shuttle provides the tasks and asks a scheduler which one runs next; the meaning of each
//! operation is defined on the [`Board`], and so is where tasks can be interrupted.
//!
//! # Unwinding
//!
//! An execution that is not explored any further is abandoned: each task unwinds at the operation
//! that it is in. Destructors run then, and may use the runtime; so may the destructors that run
//! after a panic. An operation of a thread that is unwinding never unwinds once more, which would
//! abort the process, and lets no other task step. The one exception is a lock that another task
//! holds: that task has to release it first.

use std::hash::Hash;
use std::ops::{Deref, DerefMut};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use calloff_model::{Runtime, Shared, Ticks};

use super::Host;
use super::board::{Board, ObjectKey, Operation, Pending};
use crate::pool::panic_text;

/// A board shared by the tasks of an execution and the scheduler. They all run on one thread, so
/// the lock around the board is never contended.
#[derive(Clone, Default)]
pub struct SharedBoard {
    board: Arc<Mutex<Board>>,
    uses: Arc<AtomicU64>,
}

impl SharedBoard {
    /// Locks the board, to read or to change it.
    pub fn lock(&self) -> MutexGuard<'_, Board> {
        self.uses.fetch_add(1, Ordering::Relaxed);
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts as a use of the board: an engine does something that takes time, and runs no code.
    pub fn touch(&self) {
        self.uses.fetch_add(1, Ordering::Relaxed);
    }

    /// How often the board was used: a number that stays the same while code runs that uses nothing
    /// of the runtime.
    pub fn uses(&self) -> u64 {
        self.uses.load(Ordering::Relaxed)
    }
}

/// The payload that unwinds a task of an abandoned execution.
struct Abandoned;

/// Locks, condition variables, atomics and a virtual clock, under shuttle.
#[derive(Clone)]
pub struct ShuttleRuntime {
    board: SharedBoard,
    turn: Arc<shuttle::sync::atomic::AtomicBool>,
}

impl ShuttleRuntime {
    /// The runtime of one execution; create it inside the execution.
    pub fn new(board: SharedBoard) -> ShuttleRuntime {
        let turn = Arc::new(shuttle::sync::atomic::AtomicBool::new(false));
        ShuttleRuntime { board, turn }
    }

    /// Announces the task's next operation, and lets others step before the task performs it.
    fn announce(&self, pending: Pending) {
        let mut board = self.board.lock();
        let joins = board.joins(pending);
        if joins && !board.is_over() {
            return;
        }
        if std::thread::panicking() {
            let is_blocked = match pending {
                Pending::Lock(key) => board.perform(&Operation::LookAt(key)) != 0,
                _ => false,
            };
            if board.is_over() || !is_blocked {
                return;
            }
        }
        board.perform(&Operation::Announce(pending));
        drop(board);
        self.await_turn();
    }

    fn await_turn(&self) {
        // Reading a shuttle atomic is a scheduling point, and has no other effect.
        if !self.board.lock().is_over() {
            self.turn.load(Ordering::SeqCst);
        }
        let mut board = self.board.lock();
        let unwinds = board.is_over() && board.begins_to_unwind();
        drop(board);
        if unwinds {
            resume_unwind(Box::new(Abandoned));
        }
    }

    /// Takes the value of a lock that the running task holds according to the board. A task that
    /// unwinds takes it as soon as the task that has it has unwound, too.
    fn value<'m, T>(&self, mutex: &'m Mutex<T>) -> MutexGuard<'m, T> {
        loop {
            match mutex.try_lock() {
                Ok(value) => return value,
                Err(TryLockError::Poisoned(value)) => return value.into_inner(),
                Err(TryLockError::WouldBlock) => {
                    self.board.lock().set_held_up(true);
                    self.turn.load(Ordering::SeqCst);
                    self.board.lock().set_held_up(false);
                }
            }
        }
    }

    /// Runs a task to its end, or until the execution is abandoned. A panic ends only this task.
    pub fn run_task(&self, task: impl FnOnce()) {
        // Unwinding stops here, not in shuttle, so that shuttle can reuse the task's stack.
        match catch_unwind(AssertUnwindSafe(task)) {
            Err(payload) if !payload.is::<Abandoned>() => {
                self.perform(&Operation::Panic(panic_text(&*payload).to_owned()))
            }
            _ => self.perform(&Operation::Finish),
        };
    }

    /// Performs an operation, whatever it is. What the task sees by it.
    fn perform(&self, operation: &Operation) -> u128 {
        self.board.lock().perform(operation)
    }

    /// Performs an operation other than taking a lock; announces it first if it does not commute.
    fn act(&self, commutes: bool, operation: &Operation) -> u128 {
        if !commutes && self.board.lock().must_announce() {
            self.announce(Pending::Step);
        }
        let mut board = self.board.lock();
        let seen = board.perform(operation);
        if !commutes {
            board.perform(&Operation::Acted);
        }
        seen
    }

    /// Replaces the value of an atomic by what the function makes of it, if anything; the value
    /// before.
    fn update(&self, atomic: &Handle, new: impl FnOnce(u64) -> Option<u64>) -> u64 {
        if self.board.lock().must_announce() {
            self.announce(Pending::Step);
        }
        let mut board = self.board.lock();
        let old = board.perform(&Operation::Load(atomic.key)) as u64;
        if let Some(new) = new(old) {
            board.perform(&Operation::Replace(atomic.key, new));
        }
        board.perform(&Operation::Acted);
        old
    }

    /// See [`Runtime::wait_or_give_up`].
    fn wait_on<'m, T: Shared>(
        &self,
        condvar: &Handle,
        mut guard: ShuttleGuard<'m, T>,
        deadline: Option<Ticks>,
        may_give_up: bool,
    ) -> ShuttleGuard<'m, T> {
        if self.board.lock().is_careful() {
            self.announce(Pending::Step);
        }
        let mutex = guard.mutex;
        let key = mutex.handle.key;
        let content = self.board.lock().print(&*guard);
        guard.value = None;
        // A thread that unwinds waits for nothing: its wait is over at once.
        if !(std::thread::panicking() && self.board.lock().is_over()) {
            let condvar = condvar.key;
            self.perform(&Operation::Wait { condvar, mutex: key, content, deadline, may_give_up });
            self.await_turn();
            self.perform(&Operation::Wake { condvar, mutex: key, deadline });
        }
        ShuttleGuard { mutex, value: Some(self.value(&mutex.value)) }
    }

    /// The task has finished a step, and is at the instruction `at`; `knowledge` is a fingerprint
    /// of all that it knows. By the step it has taken a lock or got through a wait, or not.
    pub fn step_finished(&self, at: u32, knowledge: u128, passes: bool) {
        self.perform(&Operation::FinishStep { at, position: knowledge, passes });
    }

    /// The board of the execution.
    pub fn board(&self) -> &SharedBoard {
        &self.board
    }

    /// Called by the main task: all other tasks were created, and the main task has nothing more to
    /// do.
    pub fn ready(&self) {
        self.board.lock().set_ready();
        self.turn.load(Ordering::SeqCst);
    }

    fn make(&self, add: impl FnOnce(&mut Board, ObjectKey)) -> Handle {
        let mut board = self.board.lock();
        let key = board.make();
        add(&mut board, key);
        Handle { key, board: self.board.clone() }
    }
}

/// An object on the board, removed from it when the handle is dropped.
pub struct Handle {
    key: ObjectKey,
    board: SharedBoard,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.board.lock().remove(self.key);
    }
}

/// A lock that protects a value.
pub struct ShuttleMutex<T> {
    handle: Handle,
    value: Mutex<T>,
}

/// A locked value.
pub struct ShuttleGuard<'m, T: Shared> {
    mutex: &'m ShuttleMutex<T>,
    /// `None` while the guard releases the lock.
    value: Option<MutexGuard<'m, T>>,
}

impl<T: Shared> Deref for ShuttleGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value.as_ref().expect("a guard in use has its value")
    }
}

impl<T: Shared> DerefMut for ShuttleGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.value.as_mut().expect("a guard in use has its value")
    }
}

impl<T: Shared> Drop for ShuttleGuard<'_, T> {
    fn drop(&mut self) {
        let Some(value) = self.value.take() else { return };
        let mut board = self.mutex.handle.board.lock();
        match board.is_over() {
            true => board.released_in_unwinding(),
            false => {
                let content = board.print(&*value);
                board.perform(&Operation::Unlock(self.mutex.handle.key, content));
            }
        }
    }
}

impl Host for ShuttleRuntime {
    fn join_next(&self) {
        self.board.lock().join_next();
    }

    fn pick(&self, ways: usize) -> usize {
        let ways = u32::try_from(ways).expect("a program has fewer");
        self.announce(Pending::Pick(ways));
        self.perform(&Operation::Way) as usize
    }
}

impl Runtime for ShuttleRuntime {
    type Mutex<T: Shared> = ShuttleMutex<T>;
    type Guard<'m, T: Shared> = ShuttleGuard<'m, T>;
    type Condvar = Handle;
    type Atomic = Handle;

    fn mutex<T: Shared>(&self, value: T) -> ShuttleMutex<T> {
        let handle = self.make(|board, key| board.add_mutex(key, &value));
        ShuttleMutex { handle, value: Mutex::new(value) }
    }

    fn lock<'m, T: Shared>(&self, mutex: &'m ShuttleMutex<T>) -> ShuttleGuard<'m, T> {
        self.announce(Pending::Lock(mutex.handle.key));
        self.perform(&Operation::Lock(mutex.handle.key));
        ShuttleGuard { mutex, value: Some(self.value(&mutex.value)) }
    }

    fn condvar(&self) -> Handle {
        self.make(|board, key| board.add_condvar(key))
    }

    fn wait<'m, T: Shared>(
        &self,
        condvar: &Handle,
        guard: Self::Guard<'m, T>,
        deadline: Option<Ticks>,
    ) -> Self::Guard<'m, T> {
        self.wait_on(condvar, guard, deadline, false)
    }

    fn wait_or_give_up<'m, T: Shared>(
        &self,
        condvar: &Handle,
        guard: Self::Guard<'m, T>,
        deadline: Option<Ticks>,
    ) -> (Self::Guard<'m, T>, bool) {
        let guard = self.wait_on(condvar, guard, deadline, true);
        let gives_up = self.perform(&Operation::Way) != 0;
        (guard, gives_up)
    }

    fn notify_all(&self, condvar: &Handle) {
        let commutes = !self.board.lock().is_careful();
        self.act(commutes, &Operation::NotifyAll(condvar.key));
    }

    fn notify_one(&self, condvar: &Handle) {
        let commutes = !self.board.lock().is_careful();
        if self.act(commutes, &Operation::NotifyOne(condvar.key)) != 0 {
            self.await_turn();
        }
    }

    fn alarm(&self, condvar: &Handle, at: Option<Ticks>) {
        self.act(true, &Operation::Alarm(condvar.key, at));
    }

    fn now(&self) -> Ticks {
        self.act(false, &Operation::Now);
        self.board.lock().now()
    }

    fn sleep_until(&self, deadline: Ticks) {
        self.announce(Pending::Sleep(deadline));
    }

    fn knows_only(&self, knowledge: &impl Hash) {
        let knowledge = self.board.lock().print(knowledge);
        self.perform(&Operation::Know(knowledge));
    }

    fn atomic(&self, value: u64) -> Handle {
        self.make(|board, key| board.add_atomic(key, value))
    }

    fn load(&self, atomic: &Handle, _: Ordering) -> u64 {
        self.act(false, &Operation::Load(atomic.key)) as u64
    }

    fn store(&self, atomic: &Handle, value: u64, _: Ordering) {
        self.act(false, &Operation::Store(atomic.key, value));
    }

    fn swap(&self, atomic: &Handle, value: u64, _: Ordering) -> u64 {
        self.update(atomic, |_| Some(value))
    }

    fn fetch_add(&self, atomic: &Handle, value: u64, _: Ordering) -> u64 {
        self.update(atomic, |old| Some(old.wrapping_add(value)))
    }

    fn compare_exchange(
        &self,
        atomic: &Handle,
        current: u64,
        new: u64,
        _: Ordering,
        _: Ordering,
    ) -> Result<u64, u64> {
        let old = self.update(atomic, |old| (old == current).then_some(new));
        if old == current { Ok(old) } else { Err(old) }
    }

    fn mutex_named<T: Shared>(&self, name: &str, value: T) -> ShuttleMutex<T> {
        let mutex = self.mutex(value);
        self.board.lock().name(mutex.handle.key, name);
        mutex
    }

    fn condvar_named(&self, name: &str) -> Handle {
        let condvar = self.condvar();
        self.board.lock().name(condvar.key, name);
        condvar
    }

    fn atomic_named(&self, name: &str, value: u64) -> Handle {
        let atomic = self.atomic(value);
        self.board.lock().name(atomic.key, name);
        atomic
    }
}
