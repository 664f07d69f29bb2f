//! Prints one step, on one line or with the steps within it on lines of their own.

use calloff_model::{Code, Window};

use super::{LINE_MAX, string};
use crate::scenario::language::{FAILED, INFINITE, SUCCEEDED};
use crate::scenario::{Condition, Millis, Step, Target, Until, Waiting};

/// How much further to the right the steps within a step begin.
const INDENT: usize = 4;

impl Step {
    /// The step as TOML, on one line: an element of an actor's `steps`.
    pub fn to_toml(&self) -> String {
        write(self, &flat)
    }
}

/// A list of steps that begins at this column, in a line that is indented by so much: within the
/// line if there is room, or with one step per line.
pub(super) fn list(steps: &[Step], column: usize, indent: usize) -> String {
    let line = flat(steps);
    if column + line.chars().count() <= LINE_MAX {
        return line;
    }
    let inner = indent + INDENT;
    let margin = " ".repeat(inner);
    let elements = steps.iter().map(|step| format!("{margin}{},\n", at(step, inner)));
    format!("[\n{}{}]", elements.collect::<String>(), " ".repeat(indent))
}

/// The steps on one line.
fn flat(steps: &[Step]) -> String {
    let steps: Vec<String> = steps.iter().map(Step::to_toml).collect();
    format!("[{}]", steps.join(", "))
}

/// The step on a line that is indented by so much, with a comma after it.
fn at(step: &Step, indent: usize) -> String {
    let line = step.to_toml();
    if indent + line.chars().count() < LINE_MAX || step.lists().iter().all(|list| list.is_empty()) {
        return line;
    }
    write(step, &|steps| match steps.is_empty() {
        true => "[]".to_owned(),
        // A column behind the limit: each step gets a line.
        false => list(steps, LINE_MAX, indent),
    })
}

/// The step, its lists written by `list`.
fn write(step: &Step, list: &dyn Fn(&[Step]) -> String) -> String {
    let name = step.keyword().name();
    let argument = match step {
        Step::Enable | Step::Disable | Step::TestCancel => return string(name),
        Step::Break | Step::Return | Step::UnsetCancelObject => return string(name),
        Step::Issue(text)
        | Step::Dispatch(text)
        | Step::Set(text)
        | Step::Reset(text)
        | Step::Lock(text)
        | Step::Unlock(text)
        | Step::SetCancelObject(text) => string(text),
        Step::Await(waiting) | Step::Call(waiting) => self::waiting(waiting, list),
        Step::TestCancelObject(object) => format!("{{ object = {} }}", string(object)),
        Step::Reply(code) => string(&code.name()),
        Step::GetCancelObject { thread, object } => {
            format!("{{ thread = {}, as = {} }}", string(thread), string(object))
        }
        Step::Cancel { target, window } => {
            let target = match target {
                Target::Thread(thread) => format!("thread = {}", string(thread)),
                Target::Object(object) => format!("object = {}", string(object)),
            };
            format!("{{ {target}, seconds = {} }}", seconds(*window))
        }
        Step::Sleep(time) | Step::Work(time) => duration(*time),
        Step::Wait { event, timeout } => timed("event", event, *timeout),
        Step::Join { actor, timeout } => timed("actor", actor, *timeout),
        Step::Repeat { steps, until } => {
            let until = match until {
                Until::Never => String::new(),
                Until::Met(condition) => format!(", until = {}", self::condition(condition)),
                Until::Times(times) => format!(", times = {times}"),
            };
            format!("{{ steps = {}{until} }}", list(steps))
        }
        Step::If { condition, then, otherwise } => {
            let branch = |key: &str, steps: &[Step]| match steps.is_empty() {
                true => String::new(),
                false => format!(", {key} = {}", list(steps)),
            };
            let is = self::condition(condition);
            format!("{{ is = {is}{}{} }}", branch("then", then), branch("else", otherwise))
        }
    };
    format!("{{ {name} = {argument} }}")
}

fn waiting(waiting: &Waiting, list: &dyn Fn(&[Step]) -> String) -> String {
    if waiting.serving.is_empty() && !waiting.has_filter {
        return string(&waiting.call);
    }
    let mut text = format!("{{ call = {}", string(&waiting.call));
    if !waiting.serving.is_empty() {
        let handlers: Vec<String> = waiting.serving.iter().map(|steps| list(steps)).collect();
        text += &format!(", serving = [{}]", handlers.join(", "));
    }
    if waiting.has_filter {
        text += ", filter = \"cancel\"";
    }
    text + " }"
}

fn timed(key: &str, name: &str, timeout: Option<Millis>) -> String {
    match timeout {
        None => string(name),
        Some(time) => format!("{{ {key} = {}, timeout = {} }}", string(name), duration(time)),
    }
}

fn duration(time: Millis) -> String {
    match time.as_seconds() {
        Some(seconds) => seconds.to_string(),
        None => string(&format!("{}ms", time.0)),
    }
}

fn seconds(window: Window) -> String {
    match window {
        Window::Infinite => string(INFINITE),
        Window::Seconds(seconds) => seconds.to_string(),
    }
}

fn condition(condition: &Condition) -> String {
    let all = |key: &str, inner: &[Condition]| {
        let inner: Vec<String> = inner.iter().map(self::condition).collect();
        format!("{{ {key} = [{}] }}", inner.join(", "))
    };
    match condition {
        Condition::Succeeded => string(SUCCEEDED),
        Condition::Failed => string(FAILED),
        Condition::Codes(codes) => {
            let codes: Vec<String> = codes.iter().map(|code: &Code| string(&code.name())).collect();
            match codes.as_slice() {
                [only] => only.clone(),
                codes => format!("[{}]", codes.join(", ")),
            }
        }
        Condition::Set(event) => format!("{{ set = {} }}", string(event)),
        Condition::Finished(actor) => format!("{{ finished = {} }}", string(actor)),
        Condition::Not(inner) => format!("{{ not = {} }}", self::condition(inner)),
        Condition::All(inner) => all("all", inner),
        Condition::Any(inner) => all("any", inner),
    }
}
