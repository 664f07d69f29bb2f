//! Goals: what a schedule has to show.
//!
//! A goal of codes is met as soon as all of them were returned, in any order; returned codes never
//! disappear, so it stays met. [`protocol::find`](crate::engine::protocol::find) looks for the
//! shortest schedule.

use std::collections::BTreeSet;
use std::fmt;

use calloff_model::{CallId, Code};

use crate::clauses::{CLAUSES, Kind};
use crate::engine::Outcome;
use crate::explain::{code_hint, parse_code};
use crate::history::{Action, ActorId, Event, What};
use crate::program::Program;
use crate::report::describe::printable;
use crate::scenario::language::Keyword;
use crate::world::World;

/// What a schedule has to show.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Goal {
    /// All of these codes are returned. If actors are listed as stuck, the execution ends with each
    /// of them unable to finish.
    Ends {
        /// The codes.
        codes: Vec<Wanted>,
        /// The actors that can never finish.
        stuck: Vec<ActorId>,
    },
    /// The clause with this position in [`CLAUSES`] has a finding: a clause that must always hold
    /// is violated, or one that must be witnessed is witnessed.
    Clause(usize),
    /// Some actor finishes a step of this kind.
    Taken(Keyword),
}

/// A code that some step has to return.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// Whose step.
    pub by: By,
    /// Which step.
    pub step: Which,
    /// The code.
    pub code: Code,
}

/// Whose step is meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    /// The step of any actor.
    Anyone,
    /// A step of that actor.
    Actor(ActorId),
    /// The step that returns the result of that call.
    Call(CallId),
}

/// Which of the steps is meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Which {
    /// Any of them.
    Any,
    /// The step at that position among the actor's code-returning steps, from 0.
    At(u32),
    /// A step of that kind.
    Kind(Keyword),
}

/// Why a text does not describe a code of a program.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadGoal {
    /// The code is unknown.
    #[error("`{0}` is neither the name of a code nor a number in hexadecimal digits{1}")]
    Code(String, String),
    /// No actor, call or step has this name.
    #[error("`{0}` is no actor, no call and no step of the scenario{1}")]
    Name(String, String),
    /// The actor has no such step that returns a code.
    #[error("`{0}` has no step `{1}` that returns a code")]
    Step(String, String),
}

impl Wanted {
    /// Reads `CODE`, `NAME=CODE` or `NAME:STEP=CODE`; `:` may be used in place of `=`. The name is
    /// that of an actor, a call, or a kind of step. The step is a number from 1, which counts the
    /// actor's code-returning steps, or a kind.
    ///
    /// # Errors
    ///
    /// What is unknown.
    pub fn parse(program: &Program, text: &str) -> Result<Wanted, BadGoal> {
        let (name, code) = match text.rfind(['=', ':']) {
            Some(at) => (Some(&text[..at]), &text[at + 1..]),
            None => (None, text),
        };
        let code = code.trim();
        let code = parse_code(code)
            .ok_or_else(|| BadGoal::Code(printable(code), code_hint(code).unwrap_or_default()))?;
        let Some(name) = name.map(str::trim) else {
            return Ok(Wanted { by: By::Anyone, step: Which::Any, code });
        };
        if let Some((by, step)) = named(program, name) {
            return Ok(Wanted { by, step, code });
        }
        let (who, step) = match name.rsplit_once(':') {
            Some((who, step)) => (who.trim(), step.trim()),
            None => return Err(BadGoal::Name(printable(name), name_hint(name, program))),
        };
        let Some((by @ By::Actor(actor), Which::Any)) = named(program, who) else {
            return Err(BadGoal::Name(printable(who), name_hint(who, program)));
        };
        let bad = || BadGoal::Step(printable(who), printable(step));
        let returning = &program.lanes[actor.0 as usize].returning;
        let step = match step.parse::<u32>() {
            Ok(number) if (1..=returning.len()).contains(&(number as usize)) => {
                Which::At(number - 1)
            }
            Ok(_) => return Err(bad()),
            Err(_) => Which::Kind(kind(step).ok_or_else(bad)?),
        };
        let wanted = Wanted { by, step, code };
        let is_possible = |(at, action): (usize, &Action)| wanted.is_of(actor, at as u32, *action);
        if returning.iter().enumerate().any(is_possible) { Ok(wanted) } else { Err(bad()) }
    }

    /// The codes that these steps return in these ends, by name.
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

    /// Whether any step of any actor will do.
    pub fn is_of_anyone(&self) -> bool {
        (self.by, self.step) == (By::Anyone, Which::Any)
    }

    /// The statement that no step of the scenario returns the code, if these are its ends under all
    /// readings and none has the code.
    pub fn never_returned<'o>(
        &self,
        program: &Program,
        outcomes: impl IntoIterator<Item = &'o Outcome>,
    ) -> Option<String> {
        let anybody = Wanted { by: By::Anyone, step: Which::Any, code: self.code };
        let known: Vec<String> = anybody.codes_in(program, outcomes).into_iter().collect();
        let names = [self.code.name(), self.code.cancel_name()];
        if known.iter().any(|name| names.contains(name)) {
            return None;
        }
        let hint = hint(&names[0], known.clone());
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        let name = &names[0];
        Some(format!(
            "no step of this scenario can return {name}, under any reading; those that it can: \
             {known}{hint}"
        ))
    }

    fn is_of(&self, actor: ActorId, at: u32, action: Action) -> bool {
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
}

/// The actor, call or kind of step with that name.
fn named(program: &Program, name: &str) -> Option<(By, Which)> {
    if let Some(actor) = program.actors().find(|actor| program.actor_name(*actor) == name) {
        return Some((By::Actor(actor), Which::Any));
    }
    let mut calls = (0..program.calls.len() as u32).map(CallId);
    if let Some(call) = calls.find(|call| program.call_name(*call) == name) {
        return Some((By::Call(call), Which::Any));
    }
    Some((By::Anyone, Which::Kind(kind(name)?)))
}

/// The kind of step with that name; a `call` returns its code as an `await`.
fn kind(name: &str) -> Option<Keyword> {
    let keyword = crate::scenario::language::StepKind::named(name)?.keyword;
    keyword.kind().returns_code.then_some(match keyword {
        Keyword::Call => Keyword::Await,
        other => other,
    })
}

/// The actor with that name.
///
/// # Errors
///
/// A sentence that there is no such actor, with the names of all actors.
pub fn actor(program: &Program, name: &str) -> Result<ActorId, String> {
    program.actors().find(|actor| program.actor_name(*actor) == name).ok_or_else(|| {
        format!("`{}` is no actor of the scenario; {}", printable(name), actors(program))
    })
}

/// The names of all actors, for messages.
pub fn actors(program: &Program) -> String {
    let names: Vec<String> =
        program.actors().map(|actor| printable(program.actor_name(actor))).collect();
    format!("its actors: {}", names.join(", "))
}

/// A suggestion for an unknown name: the nearest name or, if none is near, the names of all actors.
fn name_hint(name: &str, program: &Program) -> String {
    match hint(name, names(program)) {
        hint if hint.is_empty() => format!("; {}", actors(program)),
        hint => hint,
    }
}

fn names(program: &Program) -> Vec<String> {
    let actors = program.lanes.iter().map(|lane| lane.name.clone());
    let calls = program.calls.iter().map(|call| call.name.clone());
    let steps = crate::scenario::language::STEPS.iter().filter(|kind| kind.returns_code);
    actors.chain(calls).chain(steps.map(|kind| kind.name.to_owned())).collect()
}

/// The nearest of the names, as a question; empty if none is near.
pub(crate) fn hint(name: &str, names: Vec<String>) -> String {
    let nearest = crate::scenario::nearest(name, names.iter().map(String::as_str));
    nearest.map_or(String::new(), |nearest| format!("; did you mean `{}`?", printable(nearest)))
}

/// The kind of step that an action belongs to; for a `call`, that is an `issue` or an `await`.
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
    /// Whether the codes returned so far meet the goal.
    pub fn is_met_in(&self, program: &Program, world: &World) -> bool {
        let Goal::Ends { codes, stuck } = self else { return false };
        let so_far = || program.actors().map(|actor| world.actor(actor).codes.to_vec());
        stuck.is_empty() && has_all(program, codes, &so_far().collect::<Vec<_>>())
    }

    /// Whether an execution with this end meets the goal.
    pub fn is_met_by(&self, program: &Program, outcome: &Outcome) -> bool {
        let Goal::Ends { codes, stuck } = self else { return false };
        has_all(program, codes, &outcome.codes) && stuck.iter().all(|s| outcome.stuck.contains(s))
    }

    /// Whether this event meets the goal. Clauses are not judged here.
    pub fn is_met_when(&self, event: &Event) -> bool {
        let Goal::Taken(kind) = self else { return false };
        matches!(event.what, What::Return(_, action, _) if keyword(action) == *kind)
    }

    /// A description of the goal.
    pub fn describe<'g>(&'g self, program: &'g Program) -> impl fmt::Display + use<'g> {
        Described { goal: self, program }
    }
}

fn has_all(program: &Program, wanted: &[Wanted], codes: &[Vec<(u32, Code)>]) -> bool {
    wanted.iter().all(|wanted| wanted.is_among(program, codes))
}

struct Described<'g> {
    goal: &'g Goal,
    program: &'g Program,
}

impl fmt::Display for Described<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Described { goal, program } = self;
        match goal {
            Goal::Clause(clause) => {
                let clause = &CLAUSES[*clause];
                let what = if clause.kind == Kind::Always { "broken" } else { "seen" };
                write!(f, "{} is {what}", clause.id)
            }
            Goal::Taken(kind) => write!(f, "`{}` is done", kind.name()),
            Goal::Ends { codes, stuck } => {
                let codes = codes.iter().map(|wanted| wanted.describe(program));
                let name = |actor: &ActorId| printable(program.actor_name(*actor));
                let stuck = stuck.iter().map(|actor| format!("`{}` is stuck", name(actor)));
                f.write_str(&codes.chain(stuck).collect::<Vec<_>>().join(", and "))
            }
        }
    }
}

impl Wanted {
    fn describe(&self, program: &Program) -> String {
        // `Cancel` has its own name for one of the codes.
        let cancels = self.returning(program).all(Action::is_cancel);
        let code = if cancels { self.code.cancel_name() } else { self.code.name() };
        format!("{} returns {code}", self.subject(program))
    }

    /// A description of the step that is meant.
    pub fn subject(&self, program: &Program) -> String {
        let step = match self.step {
            Which::Kind(kind) => format!("`{}`", kind.name()),
            _ => String::new(),
        };
        match (self.by, self.step) {
            (By::Call(call), _) => format!("the call `{}`", printable(program.call_name(call))),
            (By::Actor(actor), which) => {
                let name = printable(program.actor_name(actor));
                match which {
                    Which::Any => format!("a step of `{name}`"),
                    Which::Kind(_) => format!("{step} of `{name}`"),
                    Which::At(at) => {
                        let action = program.lanes[actor.0 as usize].returning[at as usize];
                        let action = crate::report::describe::action(program, actor, action);
                        format!("step {} of `{name}` ({action})", at + 1)
                    }
                }
            }
            (By::Anyone, Which::Kind(_)) => step,
            (By::Anyone, _) => "some step".to_owned(),
        }
    }

    /// The steps of the program that may return the code.
    fn returning<'p>(&'p self, program: &'p Program) -> impl Iterator<Item = Action> + use<'p> {
        program.actors().flat_map(move |actor| {
            let returning = program.lanes[actor.0 as usize].returning.iter().enumerate();
            let is_meant =
                move |(at, action): &(usize, &Action)| self.is_of(actor, *at as u32, **action);
            returning.filter(is_meant).map(|(_, action)| *action)
        })
    }
}
