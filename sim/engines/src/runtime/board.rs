//! The board: the state of one execution under shuttle. It holds every lock, condition variable,
//! atomic and alarm, the clock, and the next operation of each task.
//!
//! The [shuttle runtime](super::shuttle) uses shuttle only to run tasks and to switch between them.
//! The meaning of each operation is defined here: a task announces its next visible operation, and
//! the scheduler, which sees the board, chooses among the tasks whose operation is possible. So a
//! state can be fingerprinted, a timed wait can expire, a wake-up can be spurious, and a deadlock
//! is a state in which no task can be chosen.
//!
//! # Example
//!
//! Task 0 waits on the condition variable `c` until `ready` is true; task 1 sets `ready`, which the
//! lock `m` protects, and notifies `c`. The board after each choice, without spurious wake-ups:
//!
//! ```text
//! choice   what the task does                           pending afterwards    m, c
//! 0        starts, announces its first operation        0: Lock(m)            m free
//! 1        starts, announces its first operation        1: Lock(m)            m free
//! 0        takes m, sees ready = false, waits on c      0: Woken(c, m)        m free, c: {0}
//! 1        takes m, sets ready, notifies c, frees m     1: Finished           m free, c: {}
//! 0        is woken, takes m, sees ready, frees m       0: Finished           m free, c: {}
//! ```
//!
//! Each line is one step, which no other task can interrupt. Lines 1 and 2 are always the same: the
//! engines first run every task up to its first operation. After line 3 only task 1 can be chosen.
//! If task 1 forgot to notify, then after line 4 task 0 would still be in `c`, and no task could be
//! chosen: a deadlock. If task 1 comes first in line 3, task 0 finds `ready` set and never waits.
//!
//! # Where tasks can be interrupted
//!
//! A task announces an operation, so that others may step before it, if the operation takes a lock
//! or does not commute with what others may do. By Lipton's reduction that is enough: taking a lock
//! is a right mover and releasing one is a left mover, so the sequence *lock, one other operation,
//! unlock* is atomic. Taking a lock is always announced; otherwise a deadlock could be missed.
//! `alarm` is a left mover: an advance of the clock between reading the time and setting the alarm
//! has the same effect as one after both. An alarm makes the clock stop; it wakes nobody.
//!
//! Monitors in the narrow sense need no more announcements. If everyone who notifies a condition
//! variable holds the lock that its waiters release, then nobody can notify between a waiter's
//! check and its wait, and nobody can start to wait during a notification. So waits and
//! notifications commute too, and an operation that locks, tests, and waits (or changes something
//! and notifies) is one step. The board assumes this of every condition variable and checks it at
//! each use. At the first use that breaks the assumption the search starts again with a *careful*
//! board, which announces waits and notifications too.

mod choosing;
mod deeds;
mod likeness;
mod memory;
mod operation;
mod packed;
mod print;
mod unwinding;
mod waiting;

use std::collections::BTreeMap;
use std::hash::Hash;

use calloff_model::Ticks;
use calloff_protocol::operations::Deed;
pub use likeness::{Kinds, Names};
use memory::Memory;
pub use memory::ROUNDS_MAX;
pub use operation::Operation;
use operation::Recording;
pub use packed::{Packed, Parts};
pub use print::Print;
use waiting::{CondvarState, Waking};

/// A task: an actor, by its position in the program.
pub type Task = usize;

/// A lock, condition variable or atomic: the task that created it (`None`: the setup before tasks
/// run) and a number among that creator's objects.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ObjectKey(pub Option<Task>, pub u32);

/// A step of the program that a task has finished.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct FinishedStep {
    /// Its instruction.
    pub at: u32,
    /// The task has taken a lock, or got through a wait.
    pub passes: bool,
}

/// The next operation of a task.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Pending {
    /// The task starts to run.
    Start,
    /// The task takes a lock.
    Lock(ObjectKey),
    /// The task returns from a wait and takes the lock again.
    Woken {
        /// The condition variable that it waits for.
        condvar: ObjectKey,
        /// The lock that it released.
        mutex: ObjectKey,
        /// The time at which the wait times out.
        deadline: Option<Ticks>,
        /// The task may give the wait up.
        may_give_up: bool,
    },
    /// The task goes on in one of so many ways.
    Pick(u32),
    /// The task sleeps until that time.
    Sleep(Ticks),
    /// An operation that is always possible.
    Step,
    /// The task has finished.
    Finished,
}

/// One task.
#[derive(Clone, Hash, Debug)]
struct TaskState {
    pending: Pending,
    /// A fingerprint of the task's local state when it finished its last step.
    position: u128,
    /// What the task has learned since then.
    memory: Memory,
    /// Whether the task has done anything but take a lock since its last announcement.
    has_acted: bool,
    /// The number of objects that the task has created.
    made: u32,
    /// Whether the task unwinds because its execution is abandoned.
    is_unwinding: bool,
    /// Whether a destructor of the unwinding task needs a lock that another task holds.
    is_held_up: bool,
    /// The instruction that the task is in; part of its `position`, too.
    at: u32,
    /// The next lock that the task takes belongs to the step that it is in.
    joins: bool,
}

#[derive(Clone, Hash, Debug)]
struct MutexState {
    holder: Option<Task>,
    content: Print,
}

/// The whole shared state of one execution.
#[derive(Clone, Hash, Debug, Default)]
pub struct Board {
    now: Ticks,
    /// Points in time count by how far they are from now, and what is longer ago than this as just
    /// that. `None`: they count from the start.
    oldest: Option<u64>,
    tasks: Vec<TaskState>,
    mutexes: BTreeMap<ObjectKey, MutexState>,
    condvars: BTreeMap<ObjectKey, CondvarState>,
    atomics: BTreeMap<ObjectKey, u64>,
    made: u32,
    /// The number of spurious wake-ups that may still happen.
    spurious: u32,
    running: Option<Task>,
    /// The step of the program that the task that ran last has finished. No part of the state.
    finished: Option<FinishedStep>,
    /// In which way the task goes on that was chosen last. No part of the state.
    way: u32,
    /// A pending `notify_one` with several waiters: the next choice names the task that is woken.
    waking: Option<Waking>,
    /// Announce waits and notifications as well; see the module documentation.
    is_careful: bool,
    /// A condition variable was used in a way that only a careful board can handle.
    is_broken: bool,
    /// All tasks were created.
    is_ready: bool,
    /// The execution is being abandoned: operations of unwinding tasks do not count.
    is_over: bool,
    /// The messages of tasks that panicked.
    panics: Vec<String>,
    /// What tasks did, if it is being recorded.
    deeds: Option<Vec<Deed>>,
    /// The names of objects, if they are being recorded.
    names: BTreeMap<ObjectKey, String>,
    /// Announce every operation whose order others could observe.
    is_stepwise: bool,
    recording: Recording,
}

impl Board {
    /// A board for this number of tasks, none of which has run.
    pub fn new(tasks: usize, spurious: u32, is_careful: bool) -> Board {
        let task = TaskState {
            pending: Pending::Start,
            position: 0,
            memory: Memory::default(),
            is_unwinding: false,
            is_held_up: false,
            at: 0,
            has_acted: false,
            made: 0,
            joins: false,
        };
        Board { tasks: vec![task; tasks], spurious, is_careful, ..Board::default() }
    }

    /// A fingerprint of the state between two steps. It does not depend on which task took the last
    /// step.
    pub fn fingerprint(&mut self) -> u128 {
        let running = self.running.take();
        let step = (self.finished.take(), std::mem::take(&mut self.way));
        let fingerprint = self.print(self).hash;
        (self.running, (self.finished, self.way)) = (running, step);
        fingerprint
    }

    /// The number of tasks.
    pub fn tasks(&self) -> usize {
        self.tasks.len()
    }

    /// The step of the program that the task that ran last has finished, if it has.
    pub fn finished_step(&self) -> Option<FinishedStep> {
        self.finished
    }

    /// Whether the task has finished.
    pub fn has_finished(&self, task: Task) -> bool {
        self.tasks[task].pending == Pending::Finished
    }

    /// Whether every task has finished.
    pub fn is_finished(&self) -> bool {
        self.tasks.iter().all(|task| task.pending == Pending::Finished)
    }

    /// A task that has not yet run up to its first operation.
    pub fn fresh_task(&self) -> Option<Task> {
        self.tasks.iter().position(|task| task.pending == Pending::Start)
    }

    /// Records that all tasks were created; from now on they may run.
    pub fn set_ready(&mut self) {
        self.is_ready = true;
    }

    /// Whether all tasks were created.
    pub fn is_ready(&self) -> bool {
        self.is_ready
    }

    /// Whether the search has to start again with a careful board.
    pub fn is_broken(&self) -> bool {
        self.is_broken
    }

    /// Whether waits and notifications are announced.
    pub fn is_careful(&self) -> bool {
        self.is_careful
    }

    // Operations of the running task.

    fn me(&mut self) -> Option<&mut TaskState> {
        let running = self.running?;
        self.tasks.get_mut(running)
    }

    /// The running task has finished.
    fn finish_running(&mut self) {
        self.released_in_unwinding();
        self.announce(Pending::Finished);
    }

    /// The running task has panicked, which finishes it.
    fn panicked(&mut self, message: String) {
        self.panics.push(message);
        self.finish_running();
    }

    /// The messages of tasks that panicked.
    pub fn panics(&self) -> &[String] {
        &self.panics
    }

    /// The running task announces its next operation, before which others may step.
    fn announce(&mut self, pending: Pending) {
        if let Pending::Sleep(until) = pending {
            self.note(|_| Deed::Slept(until));
        }
        if let Some(me) = self.me() {
            me.pending = pending;
        }
    }

    /// Whether an operation must be announced: the task has already done another one since its last
    /// announcement.
    pub fn must_announce(&self) -> bool {
        self.running.is_some_and(|running| self.is_stepwise || self.tasks[running].has_acted)
    }

    /// The running task has done something that others can observe.
    fn acted(&mut self) {
        if let Some(me) = self.me() {
            me.has_acted = true;
            me.pending = Pending::Step;
        }
    }

    /// The running task has learned something.
    fn learn(&mut self, what: impl Hash) {
        let Some(task) = self.running.filter(|task| *task < self.tasks.len()) else { return };
        let observation = self.print(&what);
        let mut learned = self.print(&(self.tasks[task].memory.learned(), observation.hash));
        learned.at = learned.at.or(observation.at);
        self.tasks[task].memory.learn(observation.hash as u64, learned);
    }

    /// Whether some task has gone round, observing the same, more often than is told apart.
    pub fn is_shortened(&self) -> bool {
        self.tasks.iter().any(|task| task.memory.is_shortened())
    }

    /// Replaces all that the running task has learned since its last finished step by this.
    fn know_only(&mut self, what: Print) {
        if let Some(me) = self.me() {
            me.memory.replace(what);
        }
    }

    /// The task that runs, with the instruction that it is in.
    pub fn running(&self) -> Option<(Task, u32)> {
        self.running.and_then(|task| Some((task, self.tasks.get(task)?.at)))
    }

    /// The running task has finished a step, and is at the instruction `at`; `position` is the
    /// fingerprint of its local state.
    fn finish_step(&mut self, at: u32, position: u128, passes: bool) {
        if let Some(me) = self.me() {
            self.finished = Some(FinishedStep { at: me.at, passes });
        }
        if let Some(me) = self.me() {
            (me.at, me.position) = (at, position);
            me.memory.replace(Print::default());
        }
    }

    /// A key for a new object of the running task.
    pub fn make(&mut self) -> ObjectKey {
        let running = self.running;
        let made = match self.me() {
            Some(me) => &mut me.made,
            None => &mut self.made,
        };
        *made += 1;
        let key = ObjectKey(running, *made);
        self.record(Operation::Own(key), 0);
        key
    }

    /// Adds a lock.
    pub fn add_mutex(&mut self, key: ObjectKey, content: &impl Hash) {
        let content = self.print(content);
        self.mutexes.insert(key, MutexState { holder: None, content });
    }

    /// Adds a condition variable.
    pub fn add_condvar(&mut self, key: ObjectKey) {
        self.condvars.insert(key, CondvarState::default());
    }

    /// Adds an atomic.
    pub fn add_atomic(&mut self, key: ObjectKey, value: u64) {
        self.atomics.insert(key, value);
    }

    /// Removes an object that was dropped.
    pub fn remove(&mut self, key: ObjectKey) {
        self.record(Operation::Own(key), 0);
        self.mutexes.remove(&key);
        self.condvars.remove(&key);
        self.atomics.remove(&key);
    }

    /// The running task takes a free lock, and learns the value that the lock protects.
    fn take_lock(&mut self, key: ObjectKey) -> u128 {
        let running = self.running;
        let Some(mutex) = self.mutexes.get_mut(&key) else { return 0 };
        if self.is_over {
            return 0;
        }
        assert!(mutex.holder.is_none(), "only a task whose operation is possible is chosen");
        mutex.holder = running;
        let content = mutex.content;
        let seen = self.seen(content);
        self.note(|board| Deed::Locked(board.lock_number(key)));
        self.learn(content);
        if let Some(me) = self.me() {
            me.pending = Pending::Step;
        }
        seen
    }

    /// The running task releases a lock; `content` is the fingerprint of the protected value.
    fn release_lock(&mut self, key: ObjectKey, content: Print) {
        self.note(|board| Deed::Unlocked(board.lock_number(key)));
        self.free(key, content);
    }

    fn free(&mut self, key: ObjectKey, content: Print) {
        if let Some(mutex) = self.mutexes.get_mut(&key) {
            mutex.holder = None;
            mutex.content = content;
        }
        self.acted();
    }
}
