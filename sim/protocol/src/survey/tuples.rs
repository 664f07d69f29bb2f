//! Tables that give things numbers: parts of a world, and lists of such numbers.

use std::hash::{Hash, Hasher};

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use rustc_hash::FxHasher;

use crate::digest::FastMap;

/// Gives equal values the same number, from 0, in the order in which they come.
pub(super) struct Numbers<T> {
    values: Vec<T>,
    ids: FastMap<T, u32>,
}

impl<T> Default for Numbers<T> {
    fn default() -> Numbers<T> {
        Numbers { values: Vec::new(), ids: FastMap::default() }
    }
}

impl<T: Clone + Eq + Hash> Numbers<T> {
    /// The number of a value.
    pub(super) fn of(&mut self, value: &T) -> u32 {
        if let Some(id) = self.ids.get(value) {
            return *id;
        }
        let id = number(self.values.len());
        self.values.push(value.clone());
        self.ids.insert(value.clone(), id);
        id
    }

    /// The value with that number.
    pub(super) fn get(&self, id: u32) -> &T {
        &self.values[id as usize]
    }

    /// How many bytes its tables take, without what the values point to.
    pub(super) fn bytes(&self) -> usize {
        self.values.capacity() * size_of::<T>() + self.ids.capacity() * size_of::<(T, u32)>()
    }
}

/// Gives equal lists of numbers the same number. All lists have the same length.
pub(super) struct Tuples {
    width: usize,
    data: Vec<u32>,
    index: HashTable<u32>,
}

impl Tuples {
    /// A table of lists of that length.
    pub(super) fn new(width: usize) -> Tuples {
        Tuples { width, data: Vec::new(), index: HashTable::new() }
    }

    /// The number of a list, and whether it is new.
    pub(super) fn insert(&mut self, tuple: &[u32]) -> (u32, bool) {
        let Tuples { width, data, index } = self;
        let at = |id: u32| &data[id as usize * *width..][..*width];
        match index.entry(hash(tuple), |id| at(*id) == tuple, |id| hash(at(*id))) {
            Entry::Occupied(known) => (*known.get(), false),
            Entry::Vacant(place) => {
                let id = number(data.len() / *width);
                place.insert(id);
                data.extend_from_slice(tuple);
                (id, true)
            }
        }
    }

    /// How many bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        self.data.capacity() * size_of::<u32>() + self.index.allocation_size()
    }
}

/// A hash for tables that nobody goes through in order.
pub(super) fn hash(list: &[impl Hash]) -> u64 {
    let mut hasher = FxHasher::default();
    list.iter().for_each(|number| number.hash(&mut hasher));
    hasher.finish()
}

/// The number of what is at that position.
pub(super) fn number(position: usize) -> u32 {
    u32::try_from(position).expect("the limits on states and memory come first")
}
