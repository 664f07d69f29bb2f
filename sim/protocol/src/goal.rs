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
use crate::scenario::Question;
use crate::scenario::language::{Keyword, StepKind};
use crate::trace::Trace;
use crate::world::{Choice, World};

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

    /// Reads `CODE`, `NAME=CODE` or `ACTOR:STEP=CODE`, with codes as scenario files spell them.
    pub fn parse(program: &Program, text: &str) -> Option<Wanted> {
        let (name, code) = match text.rfind(['=', ':']) {
            Some(at) => (Some(text[..at].trim()), &text[at + 1..]),
            None => (None, text),
        };
        let code = code.trim().parse().ok()?;
        let Some(name) = name else {
            return Some(Wanted { by: By::Anyone, step: Which::Any, code });
        };
        if let Some((by, step)) = named(program, name) {
            return Some(Wanted { by, step, code });
        }
        let (who, step) = name.rsplit_once(':')?;
        let (by @ By::Actor(actor), Which::Any) = named(program, who.trim())? else { return None };
        let step = step.trim();
        let step = match step.parse::<usize>() {
            Ok(number) => program.code_of_step(actor, number).map(Which::At)?,
            Err(_) => Which::Kind(returning_kind(step)?),
        };
        Some(Wanted { by, step, code })
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

/// An actor, a call or a kind of step that returns a code, by its name.
pub fn named(program: &Program, name: &str) -> Option<(By, Which)> {
    if let Some(actor) = program.actors().find(|actor| program.actor_name(*actor) == name) {
        return Some((By::Actor(actor), Which::Any));
    }
    let mut calls = (0..program.calls.len() as u32).map(CallId);
    if let Some(call) = calls.find(|call| program.call_name(*call) == name) {
        return Some((By::Call(call), Which::Any));
    }
    Some((By::Anyone, Which::Kind(returning_kind(name)?)))
}

/// The kind of step with that name, if it returns a code; a `call` returns its code as an `await`.
pub fn returning_kind(name: &str) -> Option<Keyword> {
    let keyword = StepKind::named(name)?.keyword;
    keyword.kind().returns_code.then_some(match keyword {
        Keyword::Call => Keyword::Await,
        other => other,
    })
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
        Action::GiveUp(_) => Keyword::Await,
        Action::Set(_) => Keyword::Set,
        Action::Reset(_) => Keyword::Reset,
        Action::Wait(..) => Keyword::Wait,
        Action::Join(..) => Keyword::Join,
        Action::Lock(_) => Keyword::Lock,
        Action::Unlock(_) => Keyword::Unlock,
        Action::Look(_) => Keyword::If,
        Action::SetCancelObject(Some(_)) => Keyword::SetCancelObject,
        Action::SetCancelObject(None) => Keyword::UnsetCancelObject,
    }
}

/// Which of a goal's codes were returned so far, in any run of a step: their positions.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Met(BTreeSet<usize>);

impl Goal {
    /// What a question of a file asks for; `None` if a name in it is not known.
    pub fn of(program: &Program, question: &Question) -> Option<Goal> {
        let codes = question.codes.iter().map(|text| Wanted::parse(program, text));
        let actor = |name: &String| program.actors().find(|a| program.actor_name(*a) == name);
        let stuck = question.stuck.iter().map(actor);
        Some(Goal::Ends {
            codes: codes.collect::<Option<_>>()?,
            stuck: stuck.collect::<Option<_>>()?,
        })
    }

    /// What is wanted of the codes that the steps in this world have returned.
    pub fn met_in(&self, program: &Program, world: &World) -> Met {
        let Goal::Ends { codes, .. } = self else { return Met::default() };
        let so_far: Vec<_> = program.actors().map(|a| world.actor(a).codes.to_vec()).collect();
        let is_met = |wanted: &Wanted| wanted.is_among(program, &so_far);
        let met = codes.iter().enumerate().filter(|(_, wanted)| is_met(wanted));
        Met(met.map(|(at, _)| at).collect())
    }

    /// The same, after a step has returned a code, by its position among the actor's steps that do.
    #[must_use]
    pub fn met_after(
        &self,
        mut met: Met,
        program: &Program,
        (actor, position, code): (ActorId, u32, Code),
    ) -> Met {
        let Goal::Ends { codes, .. } = self else { return met };
        let action = program.lanes[actor.0 as usize].returning[position as usize];
        let is_met = |wanted: &Wanted| wanted.code == code && wanted.is_of(actor, position, action);
        let more = codes.iter().enumerate().filter(|(_, wanted)| is_met(wanted));
        met.0.extend(more.map(|(at, _)| at));
        met
    }

    /// Whether these are all codes that are wanted.
    pub fn has_all(&self, met: &Met) -> bool {
        let Goal::Ends { codes, .. } = self else { return false };
        met.0.len() == codes.len()
    }

    /// Whether the codes that were returned so far are all that is wanted.
    pub fn is_met_in(&self, program: &Program, world: &World) -> bool {
        let Goal::Ends { stuck, .. } = self else { return false };
        stuck.is_empty() && self.has_all(&self.met_in(program, world))
    }

    /// Whether all of these never finish who are wanted not to.
    pub fn is_stuck_in(&self, never_finish: &[ActorId]) -> bool {
        let Goal::Ends { stuck, .. } = self else { return false };
        stuck.iter().all(|wanted| never_finish.contains(wanted))
    }

    /// Whether an execution that ends so is wanted.
    pub fn is_met_by(&self, program: &Program, outcome: &Outcome) -> bool {
        let Goal::Ends { codes, .. } = self else { return false };
        has_all(program, codes, &outcome.codes) && self.is_stuck_in(&outcome.stuck)
    }

    /// Whether an execution is wanted that goes as the trace does. If the trace comes back to a
    /// state, its end repeats for ever.
    pub fn is_met_on(&self, program: &Program, trace: &Trace) -> bool {
        let (mut before, mut met) = (&trace.start, self.met_in(program, &trace.start));
        for step in &trace.steps {
            let code = returned_by(program, before, step.choice, &step.events);
            if let Some(code) = code {
                met = self.met_after(met, program, code);
            }
            before = &step.world;
        }
        let goes_on = |actor: &ActorId| {
            trace.comes_back().is_some() && before.action(program, *actor).is_some()
        };
        let never: Vec<ActorId> = match trace.is_at_rest() {
            true => trace.outcome(program).stuck,
            false => program.actors().filter(goes_on).collect(),
        };
        self.has_all(&met) && self.is_stuck_in(&never)
    }

    /// Whether this event is what is wanted. Clauses are not judged here.
    pub fn is_met_when(&self, event: &Event) -> bool {
        let Goal::Taken(kind) = self else { return false };
        matches!(event.what, What::Return(_, action, _) if keyword(action) == *kind)
    }
}

/// The code that an operation returned to its actor.
pub(crate) fn returned(event: &Event) -> Option<Code> {
    match event.what {
        What::Return(_, _, code) | What::PassedBack(_, _, _, code) => Some(code),
        _ => None,
    }
}

/// The actor, and the position among its code-returning steps, if the choice may finish one of
/// those.
pub(crate) fn returning(
    program: &Program,
    before: &World,
    choice: Choice,
) -> Option<(ActorId, u32)> {
    let actor = choice.actor()?;
    match choice {
        // The dispatch of a handler returns no code to the wait that lists it.
        _ if before.begins_handler(program, choice) => None,
        _ => Some((actor, before.actor(actor).instruction(program, actor)?.code?)),
    }
}

/// The code that a step returned, if it is one of those of the file that do: the actor, the
/// position among its code-returning steps, and the code.
pub(crate) fn returned_by(
    program: &Program,
    before: &World,
    choice: Choice,
    events: &[Event],
) -> Option<(ActorId, u32, Code)> {
    let (actor, position) = returning(program, before, choice)?;
    Some((actor, position, events.iter().find_map(returned)?))
}

fn has_all(program: &Program, wanted: &[Wanted], codes: &[Vec<(u32, Code)>]) -> bool {
    wanted.iter().all(|wanted| wanted.is_among(program, codes))
}
