//! Boards, packed: each part of a board is numbered the first time that it is seen, and a board is
//! a list of numbers.

use std::hash::Hash;

use calloff_protocol::digest::{FingerprintMap, fingerprint};

use super::waiting::CondvarState;
use super::{Board, MutexState, ObjectKey, TaskState};

/// The numbered parts of the boards of one search.
#[derive(Default)]
pub struct Parts {
    tasks: Numbered<TaskState>,
    mutexes: Numbered<(ObjectKey, MutexState)>,
    condvars: Numbered<(ObjectKey, CondvarState)>,
    atomics: Numbered<(ObjectKey, u64)>,
    rest: Numbered<Board>,
    first: Option<Board>,
}

/// A board, by the numbers of its parts.
pub struct Packed {
    numbers: Box<[u32]>,
    /// Where the locks, the condition variables and the atomics end.
    ends: [u16; 3],
}

impl Packed {
    /// The bytes that it takes.
    pub fn bytes(&self) -> usize {
        std::mem::size_of::<Packed>() + std::mem::size_of_val(&*self.numbers)
    }
}

struct Numbered<T> {
    numbers: FingerprintMap<u32>,
    all: Vec<T>,
}

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Numbered { numbers: FingerprintMap::default(), all: Vec::new() }
    }
}

impl<T: Hash + Clone> Numbered<T> {
    fn number(&mut self, part: &T) -> u32 {
        *self.numbers.entry(fingerprint(part)).or_insert_with(|| {
            self.all.push(part.clone());
            u32::try_from(self.all.len() - 1).expect("the limit on states fits")
        })
    }

    fn part(&self, number: u32) -> T {
        self.all[number as usize].clone()
    }
}

impl Parts {
    /// Packs a board between two steps.
    pub fn pack(&mut self, board: &Board) -> Packed {
        let parts = board.tasks.len() + 2 * board.mutexes.len() + board.atomics.len() + 1;
        let mut numbers = Vec::with_capacity(parts + board.condvars.len());
        let rest = Board { panics: board.panics.clone(), ..board.bare() };
        numbers.push(self.rest.number(&rest));
        numbers.extend(board.mutexes.iter().map(|(k, m)| self.mutexes.number(&(*k, m.clone()))));
        let locks = numbers.len();
        numbers.extend(board.condvars.iter().map(|(k, c)| self.condvars.number(&(*k, c.clone()))));
        let condvars = numbers.len();
        numbers.extend(board.atomics.iter().map(|(k, a)| self.atomics.number(&(*k, *a))));
        let ends = [locks, condvars, numbers.len()];
        numbers.extend(board.tasks.iter().map(|task| self.tasks.number(task)));
        let ends = ends.map(|end| u16::try_from(end).expect("there are few objects"));
        Packed { numbers: numbers.into(), ends }
    }

    /// The board that was kept as the first one.
    pub fn first(&self) -> Option<Board> {
        self.first.clone()
    }

    /// Keeps a board as the first one.
    pub fn keep_first(&mut self, board: &Board) {
        self.first = Some(board.clone());
    }

    /// The board that was packed.
    pub fn unpack(&self, packed: &Packed) -> Board {
        let [locks, condvars, atomics] = packed.ends.map(usize::from);
        let numbers = &packed.numbers;
        let of = |range: std::ops::Range<usize>| numbers[range].iter().copied();
        Board {
            mutexes: of(1..locks).map(|number| self.mutexes.part(number)).collect(),
            condvars: of(locks..condvars).map(|number| self.condvars.part(number)).collect(),
            atomics: of(condvars..atomics).map(|number| self.atomics.part(number)).collect(),
            tasks: of(atomics..numbers.len()).map(|number| self.tasks.part(number)).collect(),
            ..self.rest.part(numbers[0])
        }
    }
}

impl Board {
    /// The board without its tasks and objects, and without what is no part of the state.
    fn bare(&self) -> Board {
        Board {
            now: self.now,
            oldest: self.oldest,
            made: self.made,
            spurious: self.spurious,
            waking: self.waking,
            is_careful: self.is_careful,
            is_broken: self.is_broken,
            is_ready: self.is_ready,
            is_over: self.is_over,
            is_stepwise: self.is_stepwise,
            ..Board::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Operation;
    use super::*;

    #[test]
    fn a_board_that_is_unpacked_is_the_one_that_was_packed() {
        let mut board = Board::new(3, 1, false);
        let mutex = board.make();
        board.add_mutex(mutex, &7);
        let (condvar, atomic) = (board.make(), board.make());
        board.add_condvar(condvar);
        board.add_atomic(atomic, 3);
        board.set_ready();
        let mut parts = Parts::default();
        board.choose(1);
        let wait = Operation::Wait {
            condvar,
            mutex,
            content: board.print(&8),
            deadline: None,
            may_give_up: false,
        };
        for operation in [Operation::Lock(mutex), Operation::Load(atomic), wait] {
            let packed = parts.pack(&board);
            let mut unpacked = parts.unpack(&packed);
            assert_eq!(unpacked.fingerprint(), board.fingerprint(), "before {operation:?}");
            board.perform(&operation);
            assert_ne!(unpacked.fingerprint(), board.fingerprint(), "after {operation:?}");
        }
    }
}
