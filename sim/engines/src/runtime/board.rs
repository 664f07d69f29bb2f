//! The board: every lock, condition variable, atomic, alarm and the clock of one execution, and
//! what each task is about to do.
//!
//! The [shuttle runtime](super::shuttle) uses shuttle to run tasks and to choose between them. What
//! an operation *is* stands here: a task announces its next visible operation, and the scheduler,
//! who sees the board, chooses among the tasks whose operation is possible. So a state can be
//! fingerprinted, a timed wait can expire, a wake-up can be spurious, and a deadlock is nothing but
//! an empty choice.
//!
//! # Example
//!
//! Task 0 waits at a condition variable until task 1 has set a flag, both under one lock. The
//! columns are what the board knows of them after each choice of the scheduler:
//!
//! ```text
//! choice  what happens                      task 0              task 1             lock
//!         both have announced their lock    wants the lock      wants the lock     free
//! 0       locks, looks, waits               waits (condvar 1)   wants the lock     free
//! 1       locks, sets the flag, notifies,   woken, wants the    finished           free
//!         unlocks                           lock
//! 0       locks, looks, unlocks             finished            finished           free
//! ```
//!
//! After the first choice task 0 is not enabled, so the scheduler has one choice only. If task 1
//! forgot to notify, no task would be enabled in the third line while one has not finished: that is
//! a deadlock. The other order (1, then 0) never waits, and ends in the state of the last line.
//!
//! # Where tasks can be interrupted
//!
//! A task announces (and others may step) before it takes a lock, and before any other operation
//! that does not commute with what others may do. By Lipton's reduction that is enough: taking a
//! lock moves to the right past other tasks' steps, releasing one moves to the left, so that *lock,
//! one other operation, unlock* is atomic. Taking a lock is always announced, lest a deadlock is
//! hidden. `alarm` moves to the left: an advance of the clock that comes between reading the time
//! and setting the alarm may as well come after both.
//!
//! Monitors in the narrow sense need no more: when everyone who notifies a condition variable holds
//! the lock that it is waited for with, then nobody can notify between a waiter's check and its
//! wait, nor begin to wait around a notification; so both move, and an operation that locks, looks,
//! and waits or changes and notifies, is one step. That is assumed of every condition variable, and
//! checked whenever one is used. The first use that breaks the assumption makes the search start
//! again with a *careful* board, which announces waits and notifications, too.

mod deeds;
mod waiting;

use std::collections::BTreeMap;

use calloff_model::Ticks;
use calloff_protocol::digest::fingerprint;
use calloff_protocol::operations::Deed;
use waiting::{CondvarState, Waking};

/// A task: an actor, by its position in the program.
pub type Task = usize;

/// A lock, condition variable or atomic: who made it, and as which of its things.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ObjectKey(pub Option<Task>, pub u32);

/// What a task is about to do.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Pending {
    /// To run for the first time.
    Start,
    /// To take a lock.
    Lock(ObjectKey),
    /// To be woken, and then to take the lock again.
    Woken {
        /// The condition variable that it waits for.
        condvar: ObjectKey,
        /// The lock that it gave up.
        mutex: ObjectKey,
        /// When it wakes by itself.
        deadline: Option<Ticks>,
    },
    /// To let time pass.
    Sleep(Ticks),
    /// Something that is always possible.
    Step,
    /// Nothing any more.
    Finished,
}

/// One task.
#[derive(Clone, Hash, Debug)]
struct TaskState {
    pending: Pending,
    /// A digest of what it held when it finished its last step.
    position: u128,
    /// A digest of what it has learned since.
    knowledge: u128,
    /// Whether it has done, since its last announcement, anything but taking a lock.
    has_acted: bool,
    /// How many things it has made.
    made: u32,
}

#[derive(Clone, Hash, Debug)]
struct MutexState {
    holder: Option<Task>,
    content: u128,
}

/// Everything that tasks share, in one execution.
#[derive(Clone, Hash, Debug, Default)]
pub struct Board {
    now: Ticks,
    tasks: Vec<TaskState>,
    mutexes: BTreeMap<ObjectKey, MutexState>,
    condvars: BTreeMap<ObjectKey, CondvarState>,
    atomics: BTreeMap<ObjectKey, u64>,
    made: u32,
    /// Wake-ups for no reason that may still happen.
    spurious: u32,
    running: Option<Task>,
    /// A notification of one out of several: the next choice names who is woken.
    waking: Option<Waking>,
    /// Announce whatever need not commute; see the module documentation.
    is_careful: bool,
    /// Some condition variable was not used as a careless board assumes.
    is_broken: bool,
    /// All tasks exist.
    is_ready: bool,
    /// The execution is being abandoned: whatever unwinding tasks do is of no interest.
    is_over: bool,
    /// What tasks said when they panicked.
    panics: Vec<String>,
    /// What tasks did, if somebody wants to know.
    deeds: Option<Vec<Deed>>,
    /// Announce every operation that others could tell.
    is_stepwise: bool,
}

impl Board {
    /// A board for that many tasks, none of which has run.
    pub fn new(tasks: usize, spurious: u32, is_careful: bool) -> Board {
        let task = TaskState {
            pending: Pending::Start,
            position: 0,
            knowledge: 0,
            has_acted: false,
            made: 0,
        };
        Board { tasks: vec![task; tasks], spurious, is_careful, ..Board::default() }
    }

    /// A fingerprint of the state between two steps. Who took the last one is not part of it.
    pub fn fingerprint(&mut self) -> u128 {
        let running = self.running.take();
        let fingerprint = fingerprint(self);
        self.running = running;
        fingerprint
    }

    /// Whether every task has finished.
    pub fn is_finished(&self) -> bool {
        self.tasks.iter().all(|task| task.pending == Pending::Finished)
    }

    /// A task that has not run up to its first operation.
    pub fn fresh_task(&self) -> Option<Task> {
        self.tasks.iter().position(|task| task.pending == Pending::Start)
    }

    /// The tasks that can be chosen, in order: those whose next operation is possible.
    pub fn enabled(&self) -> impl Iterator<Item = Task> + '_ {
        (0..self.tasks.len()).filter(|task| self.is_enabled(*task))
    }

    /// Whether the task can be chosen: its next operation is possible, or it may be the one to be
    /// woken.
    pub fn is_enabled(&self, task: Task) -> bool {
        if let Some(Waking { condvar, .. }) = self.waking {
            return self.waits(task, condvar);
        }
        let is_free = |mutex| self.mutexes.get(&mutex).is_none_or(|m| m.holder.is_none());
        match self.tasks[task].pending {
            Pending::Start | Pending::Step => true,
            Pending::Lock(mutex) => is_free(mutex),
            Pending::Woken { condvar, mutex, deadline } => {
                let is_due = deadline.is_some_and(|deadline| deadline <= self.now);
                is_free(mutex) && (!self.waits(task, condvar) || is_due || self.spurious > 0)
            }
            Pending::Sleep(until) => until <= self.now,
            Pending::Finished => false,
        }
    }

    /// Whether the task's next operation is possible only because it may wake up for no reason.
    pub fn is_spurious(&self, task: Task) -> bool {
        match self.tasks[task].pending {
            Pending::Woken { condvar, deadline, .. } if self.waking.is_none() => {
                self.waits(task, condvar) && deadline.is_none_or(|deadline| deadline > self.now)
            }
            _ => false,
        }
    }

    /// The time that the clock would advance to, if it may.
    pub fn next_deadline(&self) -> Option<Ticks> {
        if self.is_waking() {
            return None;
        }
        let of_tasks = self.tasks.iter().filter_map(|task| match task.pending {
            Pending::Woken { deadline, .. } => deadline,
            Pending::Sleep(until) => Some(until),
            _ => None,
        });
        let alarms = self.condvars.values().filter_map(|condvar| condvar.alarm);
        of_tasks.chain(alarms).filter(|deadline| *deadline > self.now).min()
    }

    /// Advances the clock, and wakes those who have waited for an alarm that goes off.
    pub fn advance(&mut self, to: Ticks) {
        self.now = to;
        for condvar in self.condvars.values_mut() {
            if condvar.alarm.is_some_and(|at| at <= to) {
                condvar.waiters.clear();
                condvar.alarm = None;
            }
        }
    }

    /// The current time.
    pub fn now(&self) -> Ticks {
        self.now
    }

    /// Chooses a task: the one who runs now and does what it has announced; or the one to be
    /// woken, and then the notifier runs on. Who runs.
    pub fn choose(&mut self, task: Task) -> Task {
        if let Some(waking) = self.waking.take() {
            return self.wake(waking, task);
        }
        self.running = Some(task);
        let state = &mut self.tasks[task];
        // Whatever a fresh task does first is announced.
        state.has_acted = state.pending == Pending::Start;
        // The fact of being scheduled counts, even if the step observes nothing.
        self.learn(());
        task
    }

    /// All tasks exist; from now on they may run.
    pub fn set_ready(&mut self) {
        self.is_ready = true;
    }

    /// Whether all tasks exist.
    pub fn is_ready(&self) -> bool {
        self.is_ready
    }

    /// Abandons the execution.
    pub fn give_up(&mut self) {
        self.is_over = true;
        self.waking = None;
    }

    /// Whether the search has to start again with a careful board.
    pub fn is_broken(&self) -> bool {
        self.is_broken
    }

    /// Whether waits and notifications are announced.
    pub fn is_careful(&self) -> bool {
        self.is_careful
    }

    /// The task whose turn it is while the execution is being abandoned.
    pub fn unfinished_task(&self) -> Option<Task> {
        self.tasks.iter().position(|task| task.pending != Pending::Finished)
    }

    /// Whether the execution is being abandoned.
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    // What the running task does.

    fn me(&mut self) -> Option<&mut TaskState> {
        let running = self.running?;
        self.tasks.get_mut(running)
    }

    /// The running task has nothing more to do.
    pub fn finish_running(&mut self) {
        self.announce(Pending::Finished);
    }

    /// The running task has panicked, and does nothing more.
    pub fn panicked(&mut self, message: String) {
        self.panics.push(message);
        self.finish_running();
    }

    /// What tasks said when they panicked.
    pub fn panics(&self) -> &[String] {
        &self.panics
    }

    /// The task says what it will do next, before others may step.
    pub fn announce(&mut self, pending: Pending) {
        if let Pending::Sleep(until) = pending {
            self.note(|_| Deed::Slept(until));
        }
        if let Some(me) = self.me() {
            me.pending = pending;
        }
    }

    /// Whether an operation must be announced: another one was done since the last announcement.
    pub fn must_announce(&self) -> bool {
        self.running.is_some_and(|running| self.is_stepwise || self.tasks[running].has_acted)
    }

    /// The running task has done something that others can tell.
    pub fn acted(&mut self) {
        if let Some(me) = self.me() {
            me.has_acted = true;
            me.pending = Pending::Step;
        }
    }

    /// The running task has learned something.
    pub fn learn(&mut self, what: impl std::hash::Hash) {
        if let Some(me) = self.me() {
            me.knowledge = fingerprint(&(me.knowledge, what));
        }
    }

    /// All that the running task has learned since its last finished step is this.
    pub fn know_only(&mut self, what: u128) {
        if let Some(me) = self.me() {
            me.knowledge = what;
        }
    }

    /// The running task has finished a step, and holds this now.
    pub fn finish_step(&mut self, position: u128) {
        if let Some(me) = self.me() {
            me.position = position;
            me.knowledge = 0;
        }
    }

    /// A name for a new thing of the running task.
    pub fn make(&mut self) -> ObjectKey {
        let running = self.running;
        let made = match self.me() {
            Some(me) => &mut me.made,
            None => &mut self.made,
        };
        *made += 1;
        ObjectKey(running, *made)
    }

    /// Adds a lock.
    pub fn add_mutex(&mut self, key: ObjectKey, content: u128) {
        self.mutexes.insert(key, MutexState { holder: None, content });
    }

    /// Adds a condition variable.
    pub fn add_condvar(&mut self, key: ObjectKey) {
        self.condvars.insert(key, CondvarState::default());
    }

    /// The value of an atomic.
    pub fn atomic(&mut self, key: ObjectKey) -> &mut u64 {
        self.note(|board| Deed::UsedAtomic(board.atomic_number(key)));
        self.atomics.entry(key).or_default()
    }

    /// Forgets a thing that is dropped.
    pub fn remove(&mut self, key: ObjectKey) {
        self.mutexes.remove(&key);
        self.condvars.remove(&key);
        self.atomics.remove(&key);
    }

    /// The running task takes a lock that is free, and sees what it protects.
    pub fn take_lock(&mut self, key: ObjectKey) {
        let running = self.running;
        let Some(mutex) = self.mutexes.get_mut(&key) else { return };
        assert!(mutex.holder.is_none(), "only a task whose operation is possible is chosen");
        mutex.holder = running;
        let content = mutex.content;
        self.note(|board| Deed::Locked(board.lock_number(key)));
        self.learn(content);
        if let Some(me) = self.me() {
            me.pending = Pending::Step;
        }
    }

    /// The running task gives a lock back, with what it protects now.
    pub fn release_lock(&mut self, key: ObjectKey, content: u128) {
        self.note(|board| Deed::Unlocked(board.lock_number(key)));
        self.free(key, content);
    }

    fn free(&mut self, key: ObjectKey, content: u128) {
        if let Some(mutex) = self.mutexes.get_mut(&key) {
            mutex.holder = None;
            mutex.content = content;
        }
        self.acted();
    }
}
