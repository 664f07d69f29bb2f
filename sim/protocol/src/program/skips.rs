//! Where an actor goes on when the call is skipped that it dispatches.

use super::id;
use super::lower::Lower;
use crate::scenario::Step;

impl Lower<'_> {
    /// Finds out where the dispatch that was just added goes on if its call is skipped: behind the
    /// reply that ends it. A method without a reply of its own ends with the next reply that leaves
    /// nothing else being served, or with the list.
    pub(super) fn skip(&mut self) {
        let dispatch = id(self.lane.instructions.len() - 1);
        let (mut inner, mut behind) = (0, None);
        for level in (0..self.lists.len()).rev() {
            let list = &self.lists[level];
            for (at, step) in list.steps.iter().enumerate().skip(list.at + 1) {
                match ends(step, &mut inner) {
                    Some(Ending::Own) => {
                        self.lists[level].skips.push((at, dispatch));
                        return;
                    }
                    Some(Ending::Inner) => {
                        behind.get_or_insert((level, at));
                    }
                    None => {}
                }
            }
            if list.is_scope {
                match behind {
                    Some((level, at)) => self.lists[level].skips.push((at, dispatch)),
                    None => self.lists[level].to_end.push(dispatch),
                }
                return;
            }
        }
    }
}

/// What a reply within a step ends.
enum Ending {
    /// The dispatch that is looked for.
    Own,
    /// The last of those after it that were still being served.
    Inner,
}

/// What the first reply within the step ends that ends something, if `inner` dispatches after the
/// one that is looked for are being served.
fn ends(step: &Step, inner: &mut usize) -> Option<Ending> {
    match step {
        Step::Dispatch(_) => {
            *inner += 1;
            None
        }
        Step::Reply(_) if *inner == 0 => Some(Ending::Own),
        Step::Reply(_) => {
            *inner -= 1;
            (*inner == 0).then_some(Ending::Inner)
        }
        Step::Repeat { .. } | Step::If { .. } => {
            let mut found = None;
            for step in step.lists().into_iter().flatten() {
                match ends(step, inner) {
                    Some(Ending::Own) => return Some(Ending::Own),
                    Some(Ending::Inner) => found = Some(Ending::Inner),
                    None => {}
                }
            }
            found
        }
        _ => None,
    }
}
