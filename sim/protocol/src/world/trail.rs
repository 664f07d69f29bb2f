//! The codes that an actor's steps have returned so far, cheap to copy and to compare.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use calloff_model::Code;

use crate::digest::fingerprint;

/// A list that only grows; all states that continue a list share it. Two trails are compared by
/// fingerprint.
#[derive(Clone, Debug, Default)]
pub struct Trail(Option<Arc<Node>>);

#[derive(Debug)]
struct Node {
    before: Trail,
    last: (u32, Code),
    digest: u128,
}

impl Trail {
    /// Adds a step, by its position among those that return a code, with the code that it returned.
    pub fn push(&mut self, position: u32, code: Code) {
        let before = std::mem::take(self);
        let digest = fingerprint(&(before.digest(), position, code));
        *self = Trail(Some(Arc::new(Node { before, last: (position, code), digest })));
    }

    /// The step that was added last.
    pub fn last(&self) -> Option<(u32, Code)> {
        self.0.as_ref().map(|node| node.last)
    }

    /// The whole list, oldest first.
    pub fn to_vec(&self) -> Vec<(u32, Code)> {
        let mut list = Vec::new();
        let mut at = self;
        while let Some(node) = &at.0 {
            list.push(node.last);
            at = &node.before;
        }
        list.reverse();
        list
    }

    fn digest(&self) -> u128 {
        self.0.as_ref().map_or(0, |node| node.digest)
    }
}

impl Drop for Trail {
    fn drop(&mut self) {
        // Drops the nodes in a loop: recursion would overflow the stack on a long list.
        let mut next = self.0.take();
        while let Some(mut node) = next.and_then(Arc::into_inner) {
            next = node.before.0.take();
        }
    }
}

impl PartialEq for Trail {
    fn eq(&self, other: &Trail) -> bool {
        self.digest() == other.digest()
    }
}

impl Eq for Trail {}

impl Hash for Trail {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.digest().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trail_keeps_its_order_and_copies_are_independent() {
        let mut one = Trail::default();
        one.push(0, Code::S_OK);
        let mut other = one.clone();
        one.push(1, Code::S_FALSE);
        other.push(2, Code::E_FAIL);
        assert_eq!(one.to_vec(), [(0, Code::S_OK), (1, Code::S_FALSE)]);
        assert_eq!(other.to_vec(), [(0, Code::S_OK), (2, Code::E_FAIL)]);
        assert_ne!(one, other);
    }

    #[test]
    fn a_very_long_trail_is_dropped_without_overflowing_the_stack() {
        let mut trail = Trail::default();
        (0..1_000_000).for_each(|position| trail.push(position, Code::S_OK));
        drop(trail);
    }
}
