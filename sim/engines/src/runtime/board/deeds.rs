//! A record of what tasks do on the board, for those who explain an execution to people.
//!
//! Locks, condition variables and atomics are numbered, each kind from 1, in the order in which the
//! implementation created them.

use calloff_protocol::operations::{Deed, Object, ObjectNames, Obstacle};

use super::{Board, ObjectKey, Pending, Task};

fn number<'k>(mut keys: impl Iterator<Item = &'k ObjectKey>, key: ObjectKey) -> usize {
    keys.position(|known| *known == key).map_or(0, |at| at + 1)
}

impl Board {
    /// Makes the board record what tasks do.
    #[must_use]
    pub fn narrated(self) -> Board {
        Board { deeds: Some(Vec::new()), ..self }
    }

    /// Makes tasks announce every operation whose order others could observe.
    #[must_use]
    pub fn stepwise(self) -> Board {
        Board { is_stepwise: true, ..self }
    }

    /// Gives an object a name, if anybody wants to know it.
    pub fn name(&mut self, key: ObjectKey, name: &str) {
        if self.deeds.is_some() {
            self.names.insert(key, name.to_owned());
        }
    }

    /// The names that objects were given.
    pub fn object_names(&self) -> ObjectNames {
        let name = |(key, name): (&ObjectKey, &String)| {
            let object = match key {
                key if self.mutexes.contains_key(key) => Object::Lock(self.lock_number(*key)),
                key if self.condvars.contains_key(key) => {
                    Object::Condvar(self.condvar_number(*key))
                }
                key => Object::Atomic(self.atomic_number(*key)),
            };
            (object, name.clone())
        };
        ObjectNames(self.names.iter().map(name).collect())
    }

    /// Takes the recorded operations since the last call.
    pub fn take_deeds(&mut self) -> Vec<Deed> {
        self.deeds.as_mut().map(std::mem::take).unwrap_or_default()
    }

    pub(super) fn note(&mut self, deed: impl FnOnce(&Board) -> Deed) {
        if self.deeds.is_some() && self.running.is_some() && !self.is_over {
            let deed = deed(self);
            self.deeds.iter_mut().for_each(|deeds| deeds.push(deed));
        }
    }

    pub(super) fn lock_number(&self, key: ObjectKey) -> usize {
        number(self.mutexes.keys(), key)
    }

    pub(super) fn condvar_number(&self, key: ObjectKey) -> usize {
        number(self.condvars.keys(), key)
    }

    pub(super) fn atomic_number(&self, key: ObjectKey) -> usize {
        number(self.atomics.keys(), key)
    }

    /// Whether the task holds a lock.
    pub fn holds_lock(&self, task: Task) -> bool {
        self.mutexes.values().any(|mutex| mutex.holder == Some(task))
    }

    /// Whether the task sleeps.
    pub fn is_asleep(&self, task: Task) -> bool {
        matches!(self.tasks[task].pending, Pending::Sleep(_))
    }

    /// What prevents the task from continuing, if anything does. A possible spurious wake-up does
    /// not count.
    pub fn obstacle(&self, task: Task) -> Option<Obstacle> {
        if self.other_ways(task) > 0 || self.is_enabled(task) && !self.is_spurious(task) {
            return None;
        }
        let at_lock = |key| {
            let holder = self.mutexes.get(&key).and_then(|mutex| mutex.holder);
            Obstacle::Lock { lock: self.lock_number(key), holder }
        };
        match self.tasks[task].pending {
            Pending::Lock(key) => Some(at_lock(key)),
            Pending::Woken { condvar, deadline, .. } if self.waits(task, condvar) => {
                Some(Obstacle::Condvar { condvar: self.condvar_number(condvar), deadline })
            }
            Pending::Woken { mutex, .. } => Some(at_lock(mutex)),
            Pending::Sleep(until) => Some(Obstacle::Sleep(until)),
            Pending::Finished => Some(Obstacle::Finished),
            Pending::Start | Pending::Step | Pending::Pick(_) => None,
        }
    }
}
