//! An execution of an implementation as a list of operations: the actor, the lock, and the
//! operation of the scenario that it belongs to.

use std::fmt::Write;

use unicode_width::UnicodeWidthStr;

use crate::operations::{Departure, Divergence, Followed, Move, Object, ObjectNames, Obstacle};
use crate::program::Program;
use crate::text::{printable, wrap_hanging};
use crate::world::Choice;

/// The greatest width of the column of names.
const NAME_MAX: usize = 20;

/// Draws the execution for a terminal of that width.
pub fn draw(program: &Program, followed: &Followed, width: usize) -> String {
    let names = followed.moves.iter().map(|step| name(program, step.choice).width());
    let names = names.max().unwrap_or(0).min(NAME_MAX);
    let times = followed.moves.iter().map(|step| step.now.to_string().width()).max().unwrap_or(0);
    let mut out = String::new();
    for (number, step) in followed.moves.iter().enumerate() {
        let who = name(program, step.choice);
        let pad = " ".repeat(names.saturating_sub(who.width()));
        let head = format!("{:>3}  {:<times$}  {who}{pad}  ", number + 1, step.now.to_string());
        let text =
            wrap_hanging(&told(program, step, &followed.names), width, head.width().min(width / 2));
        let _ = writeln!(out, "{head}{text}");
    }
    ending(&mut out, program, followed, width);
    out
}

/// The name of a choice.
pub fn name(program: &Program, choice: Choice) -> String {
    match choice {
        Choice::Actor(actor) => printable(program.actor_name(actor)),
        Choice::Way(actor, way) => format!("{}/{way}", printable(program.actor_name(actor))),
        Choice::Clock => "clock".to_owned(),
    }
}

fn told(program: &Program, step: &Move, names: &ObjectNames) -> String {
    let Some(actor) = step.choice.actor() else { return format!("▶ {}", step.now) };
    let mut parts: Vec<String> = step.deeds.iter().map(|deed| deed.text(names)).collect();
    if parts.is_empty() {
        parts.push("goes on".to_owned());
    }
    let within = step.within.map(|action| program.operation(actor, action));
    let mut text = match within {
        Some(within) => format!("{within}: {}", parts.join(", ")),
        None => parts.join(", "),
    };
    for (number, (action, code)) in step.finished.iter().enumerate() {
        let end = code.map_or("over".to_owned(), |code| action.code_name(code));
        // The first one is the operation with which the line begins.
        let _ = match number {
            0 => write!(text, " = {end}"),
            _ => write!(text, "; {} = {end}", program.operation(actor, *action)),
        };
    }
    text
}

/// Describes, for the end of an execution, what prevents each actor from continuing.
fn ending(out: &mut String, program: &Program, followed: &Followed, width: usize) {
    for panic in &followed.panics {
        let text = wrap_hanging(&format!("panicked: {}", printable(panic)), width, 2);
        let _ = writeln!(out, "\n{text}");
    }
    if followed.obstacles.is_empty() {
        return;
    }
    out.push_str(if followed.is_end { "\nfor ever\n" } else { "\nat the end\n" });
    for (actor, action, obstacle) in &followed.obstacles {
        let who = name(program, Choice::Actor(*actor));
        let action = program.operation(*actor, *action);
        let text =
            format!("{who}, in {action}: {}", obstacle_text(program, &followed.names, obstacle));
        let _ = writeln!(out, "     {}", wrap_hanging(&text, width.saturating_sub(5), 7));
    }
}

fn obstacle_text(program: &Program, names: &ObjectNames, obstacle: &Obstacle) -> String {
    let lock = |number: usize| names.show(Object::Lock(number));
    let condvar = |number: usize| names.show(Object::Condvar(number));
    match *obstacle {
        Obstacle::Lock { lock: number, holder: Some(holder) } => {
            format!("waits for {}, which `{}` holds", lock(number), program.lanes[holder].name)
        }
        Obstacle::Lock { lock: number, holder: None } => format!("waits for {}", lock(number)),
        Obstacle::Condvar { condvar: number, deadline: None } => {
            format!("waits at {}", condvar(number))
        }
        Obstacle::Condvar { condvar: number, deadline: Some(deadline) } => {
            format!("waits at {}, until {deadline}", condvar(number))
        }
        Obstacle::Sleep(until) => format!("sleeps until {until}"),
        Obstacle::Finished => "has nothing more to do".to_owned(),
    }
}

/// The names of choices, as part of a sentence.
pub fn list(program: &Program, choices: &[Choice]) -> String {
    match choices {
        [] => "nothing".to_owned(),
        some => some
            .iter()
            .map(|choice| format!("`{}`", name(program, *choice)))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

/// A sentence about how an implementation departs from its script.
pub fn departure(program: &Program, divergence: &Divergence) -> String {
    let enabled = list(program, &divergence.enabled);
    let text = match &divergence.what {
        Departure::NotEnabled(choice, obstacle) => {
            let why = match obstacle {
                Some(obstacle) => {
                    format!(": it {}", obstacle_text(program, &ObjectNames::default(), obstacle))
                }
                None => String::new(),
            };
            format!("`{}` cannot step{why}; enabled to step: {enabled}", name(program, *choice))
        }
        Departure::OtherCode { actor, action, expected, got } => format!(
            "`{}`, {}: returned {}, and on the machine {}",
            name(program, Choice::Actor(*actor)),
            program.operation(*actor, *action),
            action.code_name(*got),
            action.code_name(*expected),
        ),
        Departure::DidNotWait(actor) => {
            let who = name(program, Choice::Actor(*actor));
            format!("`{who}` went on, and on the machine it has to wait")
        }
        Departure::OtherTime { expected, got: Some(got) } => {
            format!("the clock would advance to {got}, and on the machine to {expected}")
        }
        Departure::OtherTime { expected, got: None } => {
            format!("the clock does not advance, and on the machine to {expected}")
        }
        Departure::Restless => "the step is never over".to_owned(),
    };
    format!("choice {}: {text}", divergence.position + 1)
}
