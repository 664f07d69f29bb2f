//! Lanes: an interleaving as a picture in text.
//!
//! One column per actor and one for the clock, one row per step. Where the lanes do not fit, the
//! narrow form lists the steps one below the other.

use std::fmt::Write;

use unicode_width::UnicodeWidthStr;

use super::{changes, describe};
use calloff_model::Code;

use crate::history::{Action, ActorId, What};
use crate::program::Program;
use crate::trace::{Trace, TraceStep};
use crate::world::Choice;

/// The longest code with its sign fits into a lane.
const LANE_MIN: usize = 23;
const LANE_MAX: usize = 36;

/// The signs used in the lanes.
const LEGEND: &str =
    "│ could step   ┊ waits   … still in flight   = returns   ▶ the clock advances";
/// The signs used in the narrow form.
const NARROW_LEGEND: &str = "┊ waits   … still in flight   = returns   ▶ the clock advances";

/// Draws the trace for a terminal of that width.
pub fn draw(program: &Program, trace: &Trace, width: usize) -> String {
    let times = trace.steps.iter().map(|step| clock(step).width());
    let clock = times.max().unwrap_or(0).max("clock".len()) + 1;
    let lane = width.saturating_sub(NUMBER + clock) / program.lanes.len().max(1);
    let (mut out, legend) = match lane >= LANE_MIN {
        true => (wide(program, trace, Columns { clock, lane: lane.min(LANE_MAX) }), LEGEND),
        false => (narrow(program, trace), NARROW_LEGEND),
    };
    let _ = writeln!(out, "\n{legend}");
    let stuck = stuck(program, trace);
    if !stuck.is_empty() {
        out.push_str("\nfor ever\n");
    }
    for line in stuck {
        let _ = writeln!(out, "     {line}");
    }
    out.push_str("\nwhat changed\n");
    let mut before = &trace.start;
    for (number, step) in trace.steps.iter().enumerate() {
        for change in changes::between(program, before, &step.world) {
            let _ = writeln!(out, "{:>3}  {change}", number + 1);
        }
        before = &step.world;
    }
    out
}

/// The widths of the columns behind that of the numbers.
#[derive(Clone, Copy)]
struct Columns {
    clock: usize,
    lane: usize,
}

const NUMBER: usize = 4;

/// The clock's column: the time, and a sign where it has just advanced.
fn clock(step: &TraceStep) -> String {
    let sign = if step.choice == Choice::Clock { "▶" } else { " " };
    format!("{sign}{}", step.world.now())
}

fn wide(program: &Program, trace: &Trace, columns: Columns) -> String {
    let names = program.lanes.iter().map(|l| vec![describe::printable(&l.name)]);
    let mut out = String::new();
    rows(&mut out, ["", "clock"], &names.collect::<Vec<_>>(), columns);
    let mut known: Vec<Option<String>> = vec![None; program.lanes.len()];
    for (number, step) in trace.steps.iter().enumerate() {
        let mut cells = Vec::new();
        for actor in program.actors() {
            let waits = wait_of(program, step, actor);
            let new = waits.as_deref().filter(|_| waits != known[actor.0 as usize]);
            cells.push(cell(program, step, actor, new, columns.lane));
            known[actor.0 as usize] = waits;
        }
        rows(&mut out, [&(number + 1).to_string(), &clock(step)], &cells, columns);
    }
    out
}

fn wait_of(program: &Program, step: &TraceStep, actor: ActorId) -> Option<String> {
    let (_, action) = step.blocked.iter().find(|(blocked, _)| *blocked == actor)?;
    Some(describe::wait(program, &step.world, actor, *action))
}

fn cell(
    program: &Program,
    step: &TraceStep,
    actor: ActorId,
    new_wait: Option<&str>,
    lane: usize,
) -> Vec<String> {
    let mut lines = if step.choice == Choice::Actor(actor) {
        wrap(&acted(program, step, actor), lane - 1)
    } else {
        Vec::new()
    };
    let is_blocked = step.blocked.iter().any(|(blocked, _)| *blocked == actor);
    if let Some(wait) = new_wait {
        lines
            .extend(wrap(&[wait.to_owned()], lane - 3).into_iter().map(|line| format!("┊ {line}")));
    } else if lines.is_empty() && is_blocked {
        lines.push("┊".to_owned());
    } else if lines.is_empty() && step.world.action(program, actor).is_some() {
        lines.push("│".to_owned());
    }
    lines
}

/// What the actor did in this step: the operation, and its code or how far it is.
pub(crate) fn acted(program: &Program, step: &TraceStep, actor: ActorId) -> Vec<String> {
    let mut lines = Vec::new();
    let mut is_over = false;
    for event in &step.events {
        match event.what {
            What::Invoke(_, action) => lines.push(describe::action(program, actor, action)),
            What::Return(_, action, code) => {
                if lines.is_empty() {
                    lines.push(format!("… {}", describe::action(program, actor, action)));
                }
                lines.extend(returned(action, code));
                is_over = true;
            }
            _ => {}
        }
    }
    if !is_over {
        if lines.is_empty() {
            let action = step.world.action(program, actor);
            lines.extend(action.map(|a| format!("… {}", describe::action(program, actor, a))));
        }
        lines.push(format!("… {}", describe::progress(step.world.actor(actor).phase)));
    }
    lines
}

/// What a return looks like; a step that returns no code may have nothing to show.
fn returned(action: Action, code: Code) -> Option<String> {
    match action {
        Action::Issue(_) | Action::Reply(..) => None,
        Action::Dispatch(_) if code == Code::S_OK => None,
        Action::Dispatch(_) => Some("= skipped".to_owned()),
        Action::Sleep(_) => Some("= over".to_owned()),
        _ => Some(format!("= {}", action.code_name(code))),
    }
}

/// Who can never go on, at the end of a trace in which nothing more can happen.
fn stuck(program: &Program, trace: &Trace) -> Vec<String> {
    let Some(last) = trace.steps.last() else { return Vec::new() };
    let wait = |(actor, action): &(ActorId, Action)| {
        let name = describe::printable(program.actor_name(*actor));
        format!("{name} {}", describe::wait(program, &last.world, *actor, *action))
    };
    if last.is_at_rest { last.blocked.iter().map(wait).collect() } else { Vec::new() }
}

fn narrow(program: &Program, trace: &Trace) -> String {
    let mut out = String::new();
    let name_width = program.lanes.iter().map(|l| l.name.width()).max().unwrap_or(0).clamp(5, 20);
    let mut known: Vec<Option<String>> = vec![None; program.lanes.len()];
    for (number, step) in trace.steps.iter().enumerate() {
        let (name, text) = match step.choice {
            Choice::Actor(actor) => (
                describe::printable(program.actor_name(actor)),
                acted(program, step, actor).join("  "),
            ),
            Choice::Clock => ("clock".to_owned(), format!("▶ {}", step.world.now())),
        };
        let time = step.world.now().to_string();
        let _ = writeln!(out, "{:>4}  {time:<5} {}  {text}", number + 1, pad(&name, name_width));
        for actor in program.actors() {
            let waits = wait_of(program, step, actor);
            if waits != known[actor.0 as usize]
                && let Some(wait) = &waits
            {
                let name = describe::printable(program.actor_name(actor));
                let _ = writeln!(out, "{:>11}{}  ┊ {wait}", "", pad(&name, name_width));
            }
            known[actor.0 as usize] = waits;
        }
    }
    out
}

/// One row of the table: each cell may take several lines.
fn rows(out: &mut String, [number, clock]: [&str; 2], cells: &[Vec<String>], columns: Columns) {
    let height = cells.iter().map(Vec::len).max().unwrap_or(0).max(1);
    for line in 0..height {
        let [number, clock] = if line == 0 { [number, clock] } else { [""; 2] };
        let mut text = format!("{number:>3} {}", pad(clock, columns.clock));
        for cell in cells {
            text.push_str(&pad(cell.get(line).map_or("", String::as_str), columns.lane));
        }
        out.push_str(text.trim_end());
        out.push('\n');
    }
}

fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

/// Breaks lines that are too wide for their lane.
fn wrap(lines: &[String], width: usize) -> Vec<String> {
    lines.iter().flat_map(|line| describe::wrap(line, width)).collect()
}
