//! Who can step next, and when the clock can advance.

use calloff_model::Ticks;

use super::waiting::Waking;
use super::{Board, ObjectKey, Operation, Pending, Task};

impl Board {
    /// The tasks that can be chosen, in order: those whose next operation is possible.
    pub fn enabled(&self) -> impl Iterator<Item = Task> + '_ {
        (0..self.tasks.len()).filter(|task| self.is_enabled(*task))
    }

    /// Whether the task can be chosen: its next operation is possible or, during a `notify_one`, it
    /// may be the task that is woken.
    pub fn is_enabled(&self, task: Task) -> bool {
        if let Some(Waking { condvar, .. }) = self.waking {
            return self.waits(task, condvar);
        }
        let is_free = |mutex| self.mutexes.get(&mutex).is_none_or(|m| m.holder.is_none());
        match self.tasks[task].pending {
            Pending::Start | Pending::Step | Pending::Pick(_) => true,
            Pending::Lock(mutex) => is_free(mutex),
            Pending::Woken { condvar, mutex, deadline, .. } => {
                let is_due = deadline.is_some_and(|deadline| deadline <= self.now);
                is_free(mutex) && (!self.waits(task, condvar) || is_due || self.spurious > 0)
            }
            Pending::Sleep(until) => until <= self.now,
            Pending::Finished => false,
        }
    }

    /// In how many ways besides the first the task can go on.
    pub fn other_ways(&self, task: Task) -> u32 {
        if self.is_waking() {
            return 0;
        }
        match self.tasks[task].pending {
            Pending::Pick(ways) => ways - 1,
            Pending::Woken { mutex, may_give_up: true, .. } => {
                u32::from(self.mutexes.get(&mutex).is_none_or(|m| m.holder.is_none()))
            }
            _ => 0,
        }
    }

    /// Whether the task can only not go on because another one holds a lock.
    pub fn is_at_held_lock(&self, task: Task) -> bool {
        let is_held = |mutex| self.mutexes.get(&mutex).is_some_and(|m| m.holder.is_some());
        match self.tasks[task].pending {
            Pending::Lock(mutex) => is_held(mutex),
            Pending::Woken { condvar, mutex, deadline, .. } => {
                let is_due = deadline.is_some_and(|deadline| deadline <= self.now);
                is_held(mutex) && (!self.waits(task, condvar) || is_due)
            }
            _ => false,
        }
    }

    /// Chooses a task that goes on in another way than the first.
    pub fn choose_way(&mut self, task: Task, way: u32) -> Task {
        let runs = self.choose(task);
        self.way = way;
        runs
    }

    /// Whether only a spurious wake-up makes the task's next operation possible.
    pub fn is_spurious(&self, task: Task) -> bool {
        match self.tasks[task].pending {
            Pending::Woken { condvar, deadline, .. } if self.waking.is_none() => {
                self.waits(task, condvar) && deadline.is_none_or(|deadline| deadline > self.now)
            }
            _ => false,
        }
    }

    /// The time to which the clock would advance next, if there is one.
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

    /// Advances the clock. That wakes nobody: a wait whose deadline is due becomes possible to end,
    /// and an alarm that is due is over.
    pub fn advance(&mut self, to: Ticks) {
        self.now = to;
        for condvar in self.condvars.values_mut() {
            condvar.alarm = condvar.alarm.filter(|at| *at > to);
        }
    }

    /// The current time.
    pub fn now(&self) -> Ticks {
        self.now
    }

    /// Chooses a task, and returns the task that runs now. Usually that is the chosen one, which
    /// performs the operation that it announced. During a `notify_one` the choice names the task
    /// that is woken, and the notifier continues.
    pub fn choose(&mut self, task: Task) -> Task {
        if let Some(waking) = self.waking.take() {
            return self.wake(waking, task);
        }
        self.running = Some(task);
        (self.finished, self.way) = (None, 0);
        let state = &mut self.tasks[task];
        // A fresh task announces its first operation, whatever it is.
        state.has_acted = state.pending == Pending::Start;
        // The fact of being scheduled counts, even if the step observes nothing.
        self.learn(());
        task
    }

    /// The next lock that the running task takes belongs to the step that it is in.
    pub fn join_next(&mut self) {
        if let Some(me) = self.me() {
            me.joins = true;
        }
    }

    /// Whether the running task takes this lock in the step that it is in.
    pub fn joins(&mut self, pending: Pending) -> bool {
        let joins = self.me().is_some_and(|me| std::mem::take(&mut me.joins));
        match pending {
            Pending::Lock(key) if joins => self.perform(&Operation::Join(key)) == 0,
            _ => false,
        }
    }

    /// Begins anew in the middle of a step, at a lock; whether another task holds it instead.
    pub(super) fn join(&mut self, key: ObjectKey) -> bool {
        let is_held = self.is_held_by_other(key);
        if let Some(me) = self.me().filter(|_| !is_held) {
            me.has_acted = false;
        }
        is_held
    }
}
