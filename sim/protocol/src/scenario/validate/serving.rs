//! Checks that no actor replies while it cannot be serving a call.

use super::{Fault, Field, Location, Problem};
use crate::scenario::{Step, Until};

/// How many calls may be being served at most; `None` where no execution comes.
type Bound = Option<usize>;

/// There is no limit: a loop enters more calls than it replies to.
const UNBOUNDED: usize = usize::MAX;

/// Checks the replies of an actor.
pub(super) fn check(steps: &[Step], actor: usize, problems: &mut Vec<Problem>) {
    let mut pass = Pass { next: 0, wrong: Vec::new() };
    pass.list(steps, Some(0), &mut None);
    problems.extend(pass.wrong.into_iter().map(|step| {
        let location = Location::Step { actor, step, field: Field::Whole };
        Problem::new(location, Fault::ReplyWithoutDispatch)
    }));
}

struct Pass {
    /// The number of the next step.
    next: usize,
    /// The replies while nothing is served.
    wrong: Vec<usize>,
}

impl Pass {
    /// The bound after the steps; adds to `breaks` those where the innermost loop is left.
    fn list(&mut self, steps: &[Step], start: Bound, breaks: &mut Bound) -> Bound {
        let mut bound = start;
        for step in steps {
            let number = self.next;
            self.next += 1;
            bound = self.step(number, step, bound, breaks);
        }
        bound
    }

    fn step(&mut self, number: usize, step: &Step, bound: Bound, breaks: &mut Bound) -> Bound {
        match step {
            Step::Dispatch(_) => bound.map(|bound| bound.saturating_add(1)),
            Step::Reply(_) => match bound {
                Some(0) => {
                    self.wrong.push(number);
                    bound
                }
                Some(UNBOUNDED) | None => bound,
                Some(bound) => Some(bound - 1),
            },
            Step::If { then, otherwise, .. } => {
                let then = self.list(then, bound, breaks);
                then.max(self.list(otherwise, bound, breaks))
            }
            Step::Repeat { steps, until } => self.repeat(steps, until, bound),
            Step::Break => {
                *breaks = (*breaks).max(bound);
                None
            }
            Step::Return => None,
            Step::Await(waiting) | Step::Call(waiting) => {
                for handler in &waiting.serving {
                    // A handler answers the calls that it enters, and no others.
                    self.list(handler, Some(0), &mut None);
                }
                bound
            }
            _ => bound,
        }
    }

    fn repeat(&mut self, steps: &[Step], until: &Until, start: Bound) -> Bound {
        let (next, wrong) = (self.next, self.wrong.len());
        let mut breaks = None;
        let mut end = self.list(steps, start, &mut breaks);
        if start.is_some_and(|start| end > Some(start)) {
            self.next = next;
            self.wrong.truncate(wrong);
            end = self.list(steps, Some(UNBOUNDED), &mut breaks);
        }
        match until {
            Until::Never => breaks,
            Until::Met(_) | Until::Times(_) => breaks.max(end),
        }
    }
}
