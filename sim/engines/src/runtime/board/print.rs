//! Fingerprints of values, on a board that counts time from the start or from now.

use std::hash::{Hash, Hasher};

use calloff_model::Ticks;
use calloff_protocol::digest::{fingerprint, fingerprint_at};

use super::Board;

/// The fingerprint of a value and, if that matters, when it was taken: on a board that counts time
/// from now, for a value with points in time in it.
///
/// A deadline 2 s ahead when the fingerprint was taken, 5 s ago, has passed 3 s ago. So the age
/// matters as long as any point in time in the value may matter: for twice as long as a point in
/// time does that is its own fingerprint. `at` is later than the moment by that difference.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
pub struct Print {
    pub(super) hash: u128,
    pub(super) at: Option<Ticks>,
}

impl Hash for Print {
    fn hash<H: Hasher>(&self, to: &mut H) {
        self.hash.hash(to);
        if let Some(at) = self.at {
            at.hash(to);
        }
    }
}

impl Board {
    /// The same board, on which points in time count by how far they are from now: two states in
    /// which the same time is left until each deadline are equal. Nothing that is longer ago than
    /// `oldest` may matter any more.
    #[must_use]
    pub fn counting_from_now(self, oldest: u64) -> Board {
        Board { oldest: Some(oldest), ..self }
    }

    /// The fingerprint of a value now.
    pub fn print(&self, value: &impl Hash) -> Print {
        match self.oldest {
            None => Print { hash: fingerprint(value), at: None },
            Some(oldest) => {
                let (hash, has_times) = fingerprint_at(self.now, oldest, value);
                Print { hash, at: has_times.then(|| Ticks(self.now.0 + oldest)) }
            }
        }
    }

    /// What a task sees now of a value whose fingerprint was taken.
    pub(super) fn seen(&self, print: Print) -> u128 {
        if print.at.is_some() { self.print(&print).hash } else { print.hash }
    }
}
