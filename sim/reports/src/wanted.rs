//! Wanted codes as people write them (`NAME=CODE`), and goals in words.

use std::fmt;

use calloff_protocol::clauses::Kind;
use calloff_protocol::goal::{By, Goal, Wanted, Which, named, returning_kind};
use calloff_protocol::history::{Action, ActorId, Outcome};
use calloff_protocol::program::Program;
use calloff_protocol::scenario::language::STEPS;
use calloff_protocol::text::{hint, printable};

use crate::codes::{code_hint, parse_code};

/// Why a text names no code of a program.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadGoal {
    /// The code is unknown.
    #[error("`{0}` is neither the name of a code nor a number in hexadecimal digits{1}")]
    Code(String, String),
    /// Neither an actor nor a call nor a step is called so.
    #[error("`{0}` is no actor, no call and no step of the scenario{1}")]
    Name(String, String),
    /// The actor returns no such code.
    #[error("`{0}` has no step `{1}` that returns a code{2}")]
    Step(String, String, String),
}

/// Reads `CODE`, `NAME=CODE` or `NAME:STEP=CODE`; a `:` will do for the `=`. The name is an
/// actor's, a call's, or that of a kind of step; the step is its number in the actor's list, from
/// 1, or a kind.
///
/// # Errors
///
/// What is not known.
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
    let bad = || BadGoal::Step(printable(who), printable(step), returning_steps(program, actor));
    let returning = &program.lanes[actor.0 as usize].returning;
    let step = match step.parse::<usize>() {
        Ok(number) => Which::At(program.code_of_step(actor, number).ok_or_else(bad)?),
        Err(_) => Which::Kind(returning_kind(step).ok_or_else(bad)?),
    };
    let wanted = Wanted { by, step, code };
    let is_possible = |(at, action): (usize, &Action)| wanted.is_of(actor, at as u32, *action);
    if returning.iter().enumerate().any(is_possible) { Ok(wanted) } else { Err(bad()) }
}

/// The steps of the actor that return a code, as part of a sentence.
fn returning_steps(program: &Program, actor: ActorId) -> String {
    let returning = 0..program.lanes[actor.0 as usize].returning.len() as u32;
    let steps: Vec<String> = returning.map(|at| program.step_name(actor, at)).collect();
    match steps.is_empty() {
        true => "; none does".to_owned(),
        false => format!("; those that do: {}", steps.join(", ")),
    }
}

/// The sentence that no step of the scenario returns the code, if these are its ends under all
/// readings and none has it.
pub fn never_returned<'o>(
    wanted: &Wanted,
    program: &Program,
    outcomes: impl IntoIterator<Item = &'o Outcome>,
) -> Option<String> {
    let anybody = Wanted { by: By::Anyone, step: Which::Any, code: wanted.code };
    let known: Vec<String> = anybody.codes_in(program, outcomes).into_iter().collect();
    let names = [wanted.code.name(), wanted.code.cancel_name()];
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

/// The actor with that name.
///
/// # Errors
///
/// That there is none, and who there is.
pub fn actor(program: &Program, name: &str) -> Result<ActorId, String> {
    program.actors().find(|actor| program.actor_name(*actor) == name).ok_or_else(|| {
        format!("`{}` is no actor of the scenario; {}", printable(name), actors(program))
    })
}

/// Which actors there are, in words.
pub fn actors(program: &Program) -> String {
    let names: Vec<String> =
        program.actors().map(|actor| printable(program.actor_name(actor))).collect();
    format!("its actors: {}", names.join(", "))
}

/// What else a name could have been meant to be; and if there is no telling, who there is.
fn name_hint(name: &str, program: &Program) -> String {
    match hint(name, names(program)) {
        hint if hint.is_empty() => format!("; {}", actors(program)),
        hint => hint,
    }
}

fn names(program: &Program) -> Vec<String> {
    let actors = program.lanes.iter().map(|lane| lane.name.clone());
    let calls = program.calls.iter().map(|call| call.name.clone());
    let steps = STEPS.iter().filter(|kind| kind.returns_code);
    actors.chain(calls).chain(steps.map(|kind| kind.name.to_owned())).collect()
}

/// The goal in words.
pub fn describe<'g>(goal: &'g Goal, program: &'g Program) -> impl fmt::Display + use<'g> {
    Described { goal, program }
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
                let what = if clause.kind == Kind::Always { "broken" } else { "seen" };
                write!(f, "{} is {what}", clause.id)
            }
            Goal::Taken(kind) => write!(f, "`{}` is done", kind.name()),
            Goal::Ends { codes, stuck } => {
                let codes = codes.iter().map(|wanted| describe_wanted(wanted, program));
                let name = |actor: &ActorId| printable(program.actor_name(*actor));
                let stuck = stuck.iter().map(|actor| format!("`{}` is stuck", name(actor)));
                f.write_str(&codes.chain(stuck).collect::<Vec<_>>().join(", and "))
            }
        }
    }
}

fn describe_wanted(wanted: &Wanted, program: &Program) -> String {
    // `Cancel` has a name of its own for one of the codes.
    let cancels = wanted.returning(program).all(Action::is_cancel);
    let code = if cancels { wanted.code.cancel_name() } else { wanted.code.name() };
    format!("{} returns {code}", subject(wanted, program))
}

/// Whose step is meant, in words.
pub fn subject(wanted: &Wanted, program: &Program) -> String {
    let step = match wanted.step {
        Which::Kind(kind) => format!("`{}`", kind.name()),
        _ => String::new(),
    };
    match (wanted.by, wanted.step) {
        (By::Call(call), _) => format!("the call `{}`", printable(program.call_name(call))),
        (By::Actor(actor), which) => {
            let name = printable(program.actor_name(actor));
            match which {
                Which::Any => format!("a step of `{name}`"),
                Which::Kind(_) => format!("{step} of `{name}`"),
                Which::At(at) => program.step_name(actor, at),
            }
        }
        (By::Anyone, Which::Kind(_)) => step,
        (By::Anyone, _) => "some step".to_owned(),
    }
}
