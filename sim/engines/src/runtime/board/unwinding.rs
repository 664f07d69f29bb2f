//! Abandoning an execution: every task unwinds, one after the other.

use super::{Board, ObjectKey, Pending, Task};

impl Board {
    /// Abandons the execution.
    pub fn give_up(&mut self) {
        self.is_over = true;
        self.waking = None;
    }

    /// While the execution is being abandoned: the task that unwinds next. One whose destructor
    /// needs a lock that another task holds comes after the others, which release their locks.
    pub fn unfinished_task(&self) -> Option<Task> {
        let is_left = |task: &Task| self.tasks[*task].pending != Pending::Finished;
        (0..self.tasks.len()).filter(is_left).min_by_key(|task| self.tasks[*task].is_held_up)
    }

    /// A task that unwinds has released a lock or has finished: whoever was held up tries again.
    pub fn released_in_unwinding(&mut self) {
        self.tasks.iter_mut().for_each(|task| task.is_held_up = false);
    }

    /// Whether none of the tasks that are left can unwind: each one has a destructor that needs a
    /// lock of another one.
    pub fn is_jammed(&self) -> bool {
        self.is_over && self.unfinished_task().is_some_and(|task| self.tasks[task].is_held_up)
    }

    /// Whether the running task unwinds because its execution is abandoned; from now on it does.
    pub fn begins_to_unwind(&mut self) -> bool {
        self.me().is_some_and(|me| !std::mem::replace(&mut me.is_unwinding, true))
    }

    /// Whether a destructor of the running task, which unwinds, needs a lock that another one
    /// holds.
    pub fn set_held_up(&mut self, is_held_up: bool) {
        if let Some(me) = self.me() {
            me.is_held_up = is_held_up;
        }
    }

    /// Whether the execution is being abandoned.
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// Whether the lock is held, and not by the running task.
    pub(super) fn is_held_by_other(&self, key: ObjectKey) -> bool {
        let holder = self.mutexes.get(&key).and_then(|mutex| mutex.holder);
        holder.is_some() && holder != self.running
    }
}
