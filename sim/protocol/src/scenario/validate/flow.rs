//! Checks of the order in which steps are taken: loops, decisions and handlers.

use super::index::{At, Owner};
use super::{Fault, Field, Problem};
use crate::scenario::{Condition, Step, Until};

/// Checks the steps of an actor or of a custom cancel object.
pub(super) fn check(steps: &[Step], owner: Owner, problems: &mut Vec<Problem>) {
    let mut pass = Pass { owner, next: 0, problems };
    pass.list(steps, Within { a_repeat: false, a_handler: false });
}

struct Pass<'p> {
    owner: Owner,
    /// The number of the next step.
    next: usize,
    problems: &'p mut Vec<Problem>,
}

/// What is round a step, out to the handler or to the end of the steps.
#[derive(Clone, Copy)]
struct Within {
    a_repeat: bool,
    a_handler: bool,
}

impl Pass<'_> {
    fn list(&mut self, steps: &[Step], within: Within) {
        for step in steps {
            let at = At { owner: self.owner, step: self.next };
            self.next += 1;
            self.step(at, step, within);
        }
    }

    fn step(&mut self, at: At, step: &Step, within: Within) {
        // In a cancel object neither `break` nor `return` is a step at all, wherever it stands.
        let is_actor = matches!(self.owner, Owner::Actor(_));
        match step {
            Step::Break if is_actor && !within.a_repeat => {
                let is_in_handler = within.a_handler;
                self.report(at, Field::Whole, Fault::BreakOutside { is_in_handler });
            }
            Step::Return if is_actor && within.a_handler => {
                self.report(at, Field::Whole, Fault::ReturnInHandler);
            }
            Step::If { then, otherwise, .. } => {
                if then.is_empty() && otherwise.is_empty() {
                    self.report(at, Field::Whole, Fault::EmptyIf);
                }
                self.list(then, within);
                self.list(otherwise, within);
            }
            Step::Repeat { steps, until } => {
                if *until == Until::Times(0) {
                    self.report(at, Field::Times, Fault::NoPasses);
                } else if silent(steps).falls && !matches!(until, Until::Met(c) if looks(c)) {
                    self.report(at, Field::Whole, Fault::SilentPass);
                }
                self.list(steps, Within { a_repeat: true, ..within });
            }
            Step::Await(waiting) | Step::Call(waiting) => {
                for (handler, steps) in waiting.serving.iter().enumerate() {
                    match steps.first() {
                        None => self.report(at, Field::Handler(handler), Fault::EmptyHandler),
                        Some(Step::Dispatch(_)) => {}
                        Some(_) => {
                            let first = At { owner: self.owner, step: self.next };
                            self.report(first, Field::Whole, Fault::HandlerWithoutDispatch);
                        }
                    }
                    self.list(steps, Within { a_repeat: false, a_handler: true });
                }
            }
            _ => {}
        }
    }

    fn report(&mut self, at: At, field: Field, fault: Fault) {
        self.problems.push(Problem::new(at.field(field), fault));
    }
}

/// How a list of steps may end without that any step was taken.
#[derive(Clone, Copy, Default)]
struct Silent {
    /// It comes to its end.
    falls: bool,
    /// It leaves the innermost loop round it.
    breaks: bool,
}

fn silent(steps: &[Step]) -> Silent {
    let mut silent_so_far = Silent { falls: true, breaks: false };
    for step in steps {
        let here = silent_step(step);
        silent_so_far.breaks |= here.breaks;
        silent_so_far.falls = here.falls;
        if !here.falls {
            break;
        }
    }
    silent_so_far
}

fn silent_step(step: &Step) -> Silent {
    match step {
        Step::Break => Silent { falls: false, breaks: true },
        Step::If { condition, then, otherwise } if !looks(condition) => {
            let (then, otherwise) = (silent(then), silent(otherwise));
            Silent { falls: then.falls || otherwise.falls, breaks: then.breaks || otherwise.breaks }
        }
        // Its passes take steps, or it is refused itself.
        Step::Repeat { steps, .. } => Silent { falls: silent(steps).breaks, breaks: false },
        _ => Silent::default(),
    }
}

/// Whether the condition is about an event or another actor, so that deciding it is a step.
fn looks(condition: &Condition) -> bool {
    match condition {
        Condition::Succeeded | Condition::Failed | Condition::Codes(_) => false,
        Condition::Set(_) | Condition::Finished(_) => true,
        Condition::Not(inner) => looks(inner),
        Condition::All(inner) | Condition::Any(inner) => inner.iter().any(looks),
    }
}
