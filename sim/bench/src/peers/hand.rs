//! A search made by hand for the family: what is left when nothing is general.
//!
//! Depth first, on one thread. The states themselves, eight bytes each, are in one flat table,
//! which doubles when it is half full.

use std::collections::BTreeSet;

use super::family::{Family, Mover};

/// What a search over the words of [`Family`] has seen.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Explored {
    /// Distinct states.
    pub states: u64,
    /// Steps, also to states that were known.
    pub transitions: u64,
    /// What can be seen of the ends: [`Family::end`].
    pub ends: BTreeSet<u64>,
}

/// Explores all of it.
pub fn explore(family: Family) -> Explored {
    let movers: Vec<Mover> = family.movers().collect();
    let (mut seen, mut found) = (Table::new(), Explored::default());
    let mut stack = vec![0];
    seen.insert(0);
    while let Some(state) = stack.pop() {
        let before = found.transitions;
        for next in movers.iter().filter_map(|mover| family.step(state, *mover)) {
            found.transitions += 1;
            if seen.insert(next) {
                stack.push(next);
            }
        }
        if found.transitions == before {
            found.ends.insert(family.end(state));
        }
    }
    found.states = seen.len as u64;
    found
}

/// A set of words. An entry is the word plus one, so that 0 is an empty one.
struct Table {
    entries: Vec<u64>,
    shift: u32,
    len: usize,
}

impl Table {
    fn new() -> Table {
        Table { entries: vec![0; 1 << 10], shift: 64 - 10, len: 0 }
    }

    /// Whether the word was not there.
    fn insert(&mut self, word: u64) -> bool {
        let entry = word + 1;
        let mask = self.entries.len() - 1;
        let mut at = self.home(entry);
        loop {
            match self.entries[at] {
                0 => break,
                other if other == entry => return false,
                _ => at = (at + 1) & mask,
            }
        }
        self.entries[at] = entry;
        self.len += 1;
        if self.len * 2 > self.entries.len() {
            self.grow();
        }
        true
    }

    fn home(&self, entry: u64) -> usize {
        let mixed = entry.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mixed = (mixed ^ (mixed >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        (mixed >> self.shift) as usize
    }

    fn grow(&mut self) {
        let entries = vec![0; self.entries.len() * 2];
        let old = std::mem::replace(&mut self.entries, entries);
        self.shift -= 1;
        let mask = self.entries.len() - 1;
        for entry in old.into_iter().filter(|entry| *entry != 0) {
            let mut at = self.home(entry);
            while self.entries[at] != 0 {
                at = (at + 1) & mask;
            }
            self.entries[at] = entry;
        }
    }
}
