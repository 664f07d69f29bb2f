//! The states that were seen: each is a list of numbers, packed into as few words as they need.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::tuples::{hash, number};

/// Lists of numbers, one per actor and one more, in the order in which they came.
pub(super) struct States {
    layout: Layout,
    data: Vec<u64>,
    index: HashTable<u32>,
    key: Vec<u64>,
}

/// How many bits each number has. None of them crosses the border of a word.
#[derive(Clone)]
struct Layout {
    actors: usize,
    /// Of an actor's number.
    own: u32,
    /// Of the last number.
    common: u32,
    words: usize,
}

impl Layout {
    fn new(actors: usize, own: u32, common: u32) -> Layout {
        let mut layout = Layout { actors, own, common, words: 0 };
        let mut key = Vec::new();
        layout.pack(&vec![0; actors + 1], &mut key);
        layout.words = key.len();
        layout
    }

    fn bits(&self, position: usize) -> u32 {
        if position < self.actors { self.own } else { self.common }
    }

    /// Whether every number has enough bits.
    fn takes(&self, numbers: &[u32]) -> bool {
        let needed = |number: &u32| u32::BITS - number.leading_zeros();
        let mut all = numbers.iter().enumerate();
        all.all(|(position, number)| needed(number) <= self.bits(position))
    }

    /// A layout that takes these numbers, too.
    fn for_more(&self, numbers: &[u32]) -> Layout {
        let needed = |number: &u32| u32::BITS - number.leading_zeros();
        let own = numbers[..self.actors].iter().map(needed).max().unwrap_or(0);
        let common = needed(&numbers[self.actors]);
        Layout::new(self.actors, self.own.max(own), self.common.max(common))
    }

    fn pack(&self, numbers: &[u32], into: &mut Vec<u64>) {
        let (mut word, mut used) = (0, 0);
        for (position, number) in numbers.iter().enumerate() {
            let bits = self.bits(position);
            if used + bits > u64::BITS {
                into.push(word);
                (word, used) = (0, 0);
            }
            // `used` is 64 only if this number has no bits.
            word |= u64::from(*number).checked_shl(used).unwrap_or(0);
            used += bits;
        }
        into.push(word);
    }

    fn unpack(&self, mut words: &[u64], into: &mut Vec<u32>) {
        let mut used = 0;
        for position in 0..=self.actors {
            let bits = self.bits(position);
            if used + bits > u64::BITS {
                (words, used) = (&words[1..], 0);
            }
            let mask = (1_u64 << bits) - 1;
            into.push((words[0].checked_shr(used).unwrap_or(0) & mask) as u32);
            used += bits;
        }
    }
}

impl States {
    /// An empty table, for that many actors.
    pub(super) fn new(actors: usize) -> States {
        let layout = Layout::new(actors, 1, 0);
        States { layout, data: Vec::new(), index: HashTable::new(), key: Vec::new() }
    }

    /// Adds a state; whether it is new.
    pub(super) fn insert(&mut self, numbers: &[u32]) -> bool {
        if !self.layout.takes(numbers) {
            self.widen(numbers);
        }
        self.key.clear();
        self.layout.pack(numbers, &mut self.key);
        let States { layout, data, index, key } = self;
        let at = |id: u32| &data[id as usize * layout.words..][..layout.words];
        let hashed = hash(key);
        match index.entry(hashed, |id| at(*id) == key.as_slice(), |id| hash(at(*id))) {
            Entry::Occupied(_) => false,
            Entry::Vacant(place) => {
                place.insert(number(data.len() / layout.words));
                data.extend_from_slice(key);
                true
            }
        }
    }

    /// Whether the state was seen.
    pub(super) fn contains(&mut self, numbers: &[u32]) -> bool {
        if !self.layout.takes(numbers) {
            return false;
        }
        self.key.clear();
        self.layout.pack(numbers, &mut self.key);
        let is_it = |id: &u32| self.at(*id) == self.key.as_slice();
        self.index.find(hash(&self.key), is_it).is_some()
    }

    /// Writes out the numbers of a state.
    pub(super) fn read(&self, id: u32, into: &mut Vec<u32>) {
        into.clear();
        self.layout.unpack(self.at(id), into);
    }

    fn at(&self, id: u32) -> &[u64] {
        &self.data[id as usize * self.layout.words..][..self.layout.words]
    }

    /// How many states there are.
    pub(super) fn len(&self) -> usize {
        self.data.len() / self.layout.words
    }

    /// How many bytes they take.
    pub(super) fn bytes(&self) -> usize {
        self.data.capacity() * size_of::<u64>() + self.index.allocation_size()
    }

    /// Packs all states anew, with as many bits as these numbers need. Numbers double between two
    /// times, so this happens seldom.
    fn widen(&mut self, numbers: &[u32]) {
        let layout = self.layout.for_more(numbers);
        let mut data = Vec::with_capacity(self.len() * layout.words);
        let mut unpacked = Vec::new();
        for id in 0..self.len() {
            self.read(id as u32, &mut unpacked);
            layout.pack(&unpacked, &mut data);
        }
        let at = |id: u32| &data[id as usize * layout.words..][..layout.words];
        let mut index = HashTable::with_capacity(self.len());
        for id in 0..self.len() as u32 {
            index.insert_unique(hash(at(id)), id, |id| hash(at(*id)));
        }
        (self.layout, self.data, self.index) = (layout, data, index);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_of_any_width_are_read_as_they_were_written() {
        for actors in [1, 2, 7, 63, 64, 65, 200] {
            let mut states = States::new(actors);
            let mut written = Vec::new();
            for round in 0..200_u32 {
                let number = |position: u32| (round * position) % (1 << (round % 32));
                let state: Vec<u32> = (0..=actors as u32).map(number).collect();
                let is_new = !written.contains(&state);
                assert_eq!(states.contains(&state), !is_new);
                assert_eq!(states.insert(&state), is_new);
                if is_new {
                    written.push(state);
                }
            }
            assert_eq!(states.len(), written.len());
            let mut read = Vec::new();
            for (id, state) in written.iter().enumerate() {
                states.read(id as u32, &mut read);
                assert_eq!(read, *state, "{actors} actors, state {id}");
                assert!(states.contains(state));
            }
        }
    }

    #[test]
    fn a_state_of_nine_actors_in_few_places_is_one_word() {
        let mut states = States::new(9);
        states.insert(&[31, 1, 2, 3, 4, 5, 6, 7, 8, 500]);
        assert_eq!(states.layout.words, 1);
    }
}
