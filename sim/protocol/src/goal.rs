//! Goals: what a schedule is wanted for.
//!
//! A goal of codes is met as soon as all of them were returned, in whatever order; codes are only
//! ever added, so that it stays met. [`protocol::find`](crate::search::find) looks for
//! the shortest schedule.

use std::collections::BTreeSet;

use calloff_model::{CallId, Code};

use crate::clauses::ClauseId;
use crate::history::{Action, ActorId, Event, Outcome, What};
use crate::program::Program;
use crate::scenario::language::Keyword;
use crate::world::World;

/// What a schedule is wanted for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Goal {
    /// All of these codes are returned; and if somebody is listed as stuck, the execution ends with
    /// each of them unable to finish.
    Ends {
        /// The codes.
        codes: Vec<Wanted>,
        /// Who can never finish.
        stuck: Vec<ActorId>,
    },
    /// The clause has something to say: one that must always hold is violated, one that must be
    /// seen is seen.
    Clause(ClauseId),
    /// Some actor finishes such a step.
    Taken(Keyword),
}

/// A code that some step is to return.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// By whom or of what.
    pub by: By,
    /// By which step.
    pub step: Which,
    /// The code.
    pub code: Code,
}

/// Whose step is meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    /// Anybody's.
    Anyone,
    /// That actor's.
    Actor(ActorId),
    /// The step that returns the result of that call.
    Call(CallId),
}

/// Which of the steps is meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Which {
    /// Any of them.
    Any,
    /// The one at that position among the actor's code-returning steps, from 0.
    At(u32),
    /// One of that kind.
    Kind(Keyword),
}

impl Wanted {
    /// The codes that the steps which are meant return in these ends, by name.
    pub fn codes_in<'o>(
        &self,
        program: &Program,
        outcomes: impl IntoIterator<Item = &'o Outcome>,
    ) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for outcome in outcomes {
            for (actor, codes) in program.actors().zip(&outcome.codes) {
                let returning = &program.lanes[actor.0 as usize].returning;
                let meant = codes.iter().map(|(at, code)| (*at, returning[*at as usize], *code));
                let meant = meant.filter(|(at, action, _)| self.is_of(actor, *at, *action));
                names.extend(meant.map(|(_, action, code)| action.code_name(code)));
            }
        }
        names
    }

    /// Whether a step of anybody will do, whatever it is.
    pub fn is_of_anyone(&self) -> bool {
        (self.by, self.step) == (By::Anyone, Which::Any)
    }

    /// Whether the step at that position among the actor's code-returning steps is meant.
    pub fn is_of(&self, actor: ActorId, at: u32, action: Action) -> bool {
        let by = match self.by {
            By::Anyone => true,
            By::Actor(by) => by == actor,
            By::Call(call) => action == Action::Await(call),
        };
        let step = match self.step {
            Which::Any => true,
            Which::At(position) => position == at,
            Which::Kind(kind) => keyword(action) == kind,
        };
        by && step
    }

    fn is_among<'c>(
        &self,
        program: &Program,
        codes: impl IntoIterator<Item = &'c Vec<(u32, Code)>>,
    ) -> bool {
        codes.into_iter().zip(program.actors()).any(|(codes, actor)| {
            let returning = &program.lanes[actor.0 as usize].returning;
            codes.iter().any(|(at, code)| {
                *code == self.code && self.is_of(actor, *at, returning[*at as usize])
            })
        })
    }

    /// The steps of the program that may return the code.
    pub fn returning<'p>(&'p self, program: &'p Program) -> impl Iterator<Item = Action> + use<'p> {
        program.actors().flat_map(move |actor| {
            let returning = program.lanes[actor.0 as usize].returning.iter().enumerate();
            let is_meant =
                move |(at, action): &(usize, &Action)| self.is_of(actor, *at as u32, **action);
            returning.filter(is_meant).map(|(_, action)| *action)
        })
    }
}

/// The kind of step that an action belongs to; of a `call`, that is an `issue` or an `await`.
pub fn keyword(action: Action) -> Keyword {
    match action {
        Action::Enable => Keyword::Enable,
        Action::Disable => Keyword::Disable,
        Action::Issue(_) => Keyword::Issue,
        Action::Await(_) => Keyword::Await,
        Action::Dispatch(_) => Keyword::Dispatch,
        Action::TestCancel(_) | Action::TestCancelObject(_) => Keyword::TestCancel,
        Action::Reply(..) => Keyword::Reply,
        Action::GetCancelObject(..) => Keyword::GetCancelObject,
        Action::CancelThread(..) | Action::CancelObject(..) => Keyword::Cancel,
        Action::Sleep(_) => Keyword::Sleep,
    }
}

impl Goal {
    /// Whether the codes that were returned so far are all that is wanted.
    pub fn is_met_in(&self, program: &Program, world: &World) -> bool {
        let Goal::Ends { codes, stuck } = self else { return false };
        let so_far = || program.actors().map(|actor| world.actor(actor).codes.to_vec());
        stuck.is_empty() && has_all(program, codes, &so_far().collect::<Vec<_>>())
    }

    /// Whether an execution that ends so is wanted.
    pub fn is_met_by(&self, program: &Program, outcome: &Outcome) -> bool {
        let Goal::Ends { codes, stuck } = self else { return false };
        has_all(program, codes, &outcome.codes) && stuck.iter().all(|s| outcome.stuck.contains(s))
    }

    /// Whether this event is what is wanted. Clauses are not judged here.
    pub fn is_met_when(&self, event: &Event) -> bool {
        let Goal::Taken(kind) = self else { return false };
        matches!(event.what, What::Return(_, action, _) if keyword(action) == *kind)
    }
}

fn has_all(program: &Program, wanted: &[Wanted], codes: &[Vec<(u32, Code)>]) -> bool {
    wanted.iter().all(|wanted| wanted.is_among(program, codes))
}
