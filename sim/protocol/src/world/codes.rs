//! The codes that an actor's steps have returned so far.

use std::hash::{Hash, Hasher};

use calloff_model::Code;

use crate::digest::fingerprint;

/// For each code-returning step that ran: its position, and the code of its last run. Sorted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Codes {
    all: Vec<(u32, Code)>,
    /// The fingerprints of all, put together: so that hashing a long list takes no longer than
    /// hashing a short one.
    together: u128,
}

impl Hash for Codes {
    fn hash<H: Hasher>(&self, to: &mut H) {
        self.together.hash(to);
    }
}

impl Codes {
    /// Notes the code of a step, by its position among those that return a code.
    pub fn note(&mut self, position: u32, code: Code) {
        let noted = (position, code);
        match self.all.binary_search_by_key(&position, |(at, _)| *at) {
            Ok(at) => {
                let before = std::mem::replace(&mut self.all[at], noted);
                self.together ^= fingerprint(&before);
            }
            Err(at) => self.all.insert(at, noted),
        }
        self.together ^= fingerprint(&noted);
    }

    /// The whole list, in the order of the steps.
    pub fn to_vec(&self) -> Vec<(u32, Code)> {
        self.all.clone()
    }

    /// A step whose last code is another one than before, with that code.
    pub fn changed_since(&self, before: &Codes) -> Option<(u32, Code)> {
        self.all.iter().find(|noted| !before.all.contains(noted)).copied()
    }

    /// How many steps have returned a code.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether no step has returned a code.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_run_of_a_step_counts_and_steps_stand_in_order() {
        let mut codes = Codes::default();
        codes.note(1, Code::S_FALSE);
        let before = codes.clone();
        codes.note(0, Code::S_OK);
        codes.note(1, Code::S_FALSE);
        assert_eq!(codes.to_vec(), [(0, Code::S_OK), (1, Code::S_FALSE)]);
        assert_eq!(codes.changed_since(&before), Some((0, Code::S_OK)));
        codes.note(1, Code::E_FAIL);
        let mut other = Codes::default();
        other.note(1, Code::E_FAIL);
        assert_ne!(fingerprint(&codes), fingerprint(&other));
        other.note(0, Code::S_OK);
        assert_eq!(fingerprint(&codes), fingerprint(&other), "whatever came before");
        assert_eq!(codes.to_vec(), [(0, Code::S_OK), (1, Code::E_FAIL)]);
    }
}
