//! Boards that are equal up to an exchange of identical tasks.
//!
//! Tasks are identical if they run the same code with the same arguments. Exchanging what two of
//! them have done so far then leads to a state with the same future, but for their names. A task is
//! seen on the board by its own state, by the locks that it holds, by the condition variables that
//! it waits on, and by whether it is in the middle of a `notify_one`; no other task's state names
//! it. So identical tasks that agree in all of this can be taken for each other, and sorting
//! identical tasks by it gives equal boards for equal states.

use std::hash::{Hash, Hasher};

use calloff_protocol::digest::fingerprint;

use super::{Board, ObjectKey, Print, Task};

/// Which tasks are identical.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kinds {
    /// For each task, the first one that is identical to it.
    first: Vec<Task>,
    /// The tasks of each kind that has several.
    groups: Vec<Vec<Task>>,
}

impl Kinds {
    /// No task is identical to another one.
    pub fn all_different(tasks: usize) -> Kinds {
        Kinds { first: (0..tasks).collect(), groups: Vec::new() }
    }

    /// Tasks for which the function says that, of two tasks, they are identical.
    pub fn of(tasks: usize, are_identical: impl Fn(Task, Task) -> bool) -> Kinds {
        let first = |task| (0..task).find(|other| are_identical(*other, task)).unwrap_or(task);
        let first: Vec<Task> = (0..tasks).map(first).collect();
        let group = |kind| (kind..tasks).filter(|task| first[*task] == kind).collect();
        let groups: Vec<Vec<Task>> = (0..tasks).map(group).collect();
        let groups = groups.into_iter().filter(|group| group.len() > 1).collect();
        Kinds { first, groups }
    }

    /// The first task that is identical to this one.
    pub fn of_task(&self, task: Task) -> Task {
        self.first[task]
    }

    /// Whether no task is identical to another one.
    pub fn are_all_different(&self) -> bool {
        self.groups.is_empty()
    }

    /// The tasks of each kind that has several.
    pub fn groups(&self) -> &[Vec<Task>] {
        &self.groups
    }
}

/// The tasks of a board under names by which equal states name equal tasks.
#[derive(Clone, Debug)]
pub struct Names {
    /// For each place in the sorted board, the task that stands there.
    order: Vec<Task>,
    /// For each task, its place.
    places: Vec<Task>,
    /// For each task, the first place of those that stand for the same.
    names: Vec<Task>,
}

impl Names {
    /// The name of a task.
    pub fn name(&self, task: Task) -> Task {
        self.names[task]
    }

    /// The first task with that name.
    pub fn task(&self, name: Task) -> Task {
        self.order[name]
    }
}

impl Board {
    /// A fingerprint of all that a task knows, of its next operation, and of its kind.
    pub fn position(&self, task: Task, kinds: &Kinds) -> u128 {
        self.print(&(kinds.of_task(task), &self.tasks[task])).hash
    }

    /// A fingerprint of the steps of the program that a task has taken, and of its kind. It does
    /// not change while the task does nothing, whatever the time is.
    pub fn progress(&self, task: Task, kinds: &Kinds) -> u128 {
        let of_task = &self.tasks[task];
        fingerprint(&(kinds.of_task(task), of_task.position, self.has_finished(task)))
    }

    /// A fingerprint of what the task knows that runs if this one is chosen. What it does in its
    /// step depends on that and on what it sees. It knows what the locks protect that it holds,
    /// whatever it says that it knows.
    pub fn knowledge(&self, task: Task, kinds: &Kinds) -> u128 {
        match self.waking {
            Some(waking) => {
                let notifier = waking.notifier();
                self.print(&("goes on", self.position(notifier, kinds), self.held(notifier))).hash
            }
            None => self.print(&(self.position(task, kinds), self.held(task))).hash,
        }
    }

    /// Names for the tasks.
    pub fn names(&self, kinds: &Kinds) -> Names {
        let tasks = self.tasks.len();
        let mut names = Names {
            order: (0..tasks).collect(),
            places: (0..tasks).collect(),
            names: (0..tasks).collect(),
        };
        for group in kinds.groups() {
            let mut sorted: Vec<(u128, Task)> =
                group.iter().map(|task| (self.appearance(*task), *task)).collect();
            sorted.sort_unstable();
            let mut before = None;
            for (place, (appearance, task)) in group.iter().zip(sorted) {
                (names.order[*place], names.places[task]) = (task, *place);
                names.names[task] = match before {
                    Some((same, name)) if same == appearance => name,
                    _ => *place,
                };
                before = Some((appearance, names.names[task]));
            }
        }
        names
    }

    /// A fingerprint of all that the board says of a task.
    fn appearance(&self, task: Task) -> u128 {
        let waits = self.condvars.iter().filter(|(_, condvar)| condvar.waiters.contains(&task));
        let waits: Vec<_> = waits.map(|(key, _)| key).collect();
        let notifies = self.waking.is_some_and(|waking| waking.notifier() == task);
        self.print(&(&self.tasks[task], self.held(task), waits, notifies)).hash
    }

    /// The locks that a task holds, with what they protected when it took them.
    fn held(&self, task: Task) -> Vec<(ObjectKey, Print)> {
        let held = self.mutexes.iter().filter(|(_, mutex)| mutex.holder == Some(task));
        held.map(|(key, mutex)| (*key, mutex.content)).collect()
    }

    /// A fingerprint of the state between two steps, with its tasks under these names.
    pub fn fingerprint_as(&self, names: &Names) -> u128 {
        self.print(&Named { board: self, names }).hash
    }
}

/// A board with its tasks under these names.
struct Named<'b> {
    board: &'b Board,
    names: &'b Names,
}

impl Hash for Named<'_> {
    fn hash<H: Hasher>(&self, to: &mut H) {
        let Names { order, places, .. } = self.names;
        let Board {
            now,
            oldest: _,
            tasks,
            mutexes,
            condvars,
            atomics,
            made,
            spurious,
            running: _,
            finished: _,
            way: _,
            waking,
            is_careful,
            is_broken,
            is_ready,
            is_over,
            panics,
            deeds: _,
            names: _,
            is_stepwise,
            recording: _,
        } = self.board;
        (now, made, spurious, panics, atomics).hash(to);
        (is_careful, is_broken, is_ready, is_over, is_stepwise).hash(to);
        order.iter().for_each(|task| tasks[*task].hash(to));
        for (key, mutex) in mutexes {
            (key, mutex.content, mutex.holder.map(|task| places[task])).hash(to);
        }
        for (key, condvar) in condvars {
            let mut waiters: Vec<Task> = condvar.waiters.iter().map(|task| places[*task]).collect();
            waiters.sort_unstable();
            (key, waiters, condvar.mutex(), condvar.alarm).hash(to);
        }
        waking.map(|waking| (waking.condvar, places[waking.notifier()])).hash(to);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Operation;
    use super::*;

    /// Three identical tasks and another one, of which the first ones have taken these locks.
    fn board(takers: &[Task]) -> Board {
        let mut board = Board::new(4, 0, false);
        let keys = [board.make(), board.make()];
        keys.iter().for_each(|key| board.add_mutex(*key, &0));
        for (task, key) in takers.iter().zip(keys) {
            board.choose(*task);
            board.perform(&Operation::Lock(key));
        }
        board
    }

    fn kinds() -> Kinds {
        Kinds::of(4, |one, other| one < 3 && other < 3)
    }

    fn sorted(board: &Board) -> u128 {
        board.fingerprint_as(&board.names(&kinds()))
    }

    #[test]
    fn identical_tasks_can_be_exchanged_and_others_cannot() {
        assert_eq!(sorted(&board(&[0, 1])), sorted(&board(&[2, 0])));
        assert_ne!(sorted(&board(&[0, 1])), sorted(&board(&[0, 3])));
        assert_ne!(sorted(&board(&[0])), sorted(&board(&[0, 1])));
        let different = Kinds::all_different(4);
        let as_they_are = |board: &Board| board.fingerprint_as(&board.names(&different));
        assert_ne!(as_they_are(&board(&[0, 1])), as_they_are(&board(&[2, 0])));
    }

    #[test]
    fn tasks_that_nobody_can_tell_apart_have_one_name() {
        let board = board(&[1]);
        let names = board.names(&kinds());
        assert_eq!(names.name(0), names.name(2));
        assert_ne!(names.name(0), names.name(1));
        assert_eq!(names.name(3), 3);
        for task in 0..4 {
            assert_eq!(names.name(names.task(names.name(task))), names.name(task));
        }
    }
}
