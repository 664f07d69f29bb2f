//! Prints a scenario as a file: normalised TOML, which parses back to an equal scenario.
//!
//! Default values are omitted, and a long array has one element per line.

use std::fmt::{self, Write};

use calloff_model::{Code, Reading, Window};

use super::language::{INFINITE, SCHEMA};
use super::{Actor, Expect, ExpectedVerdict, Scenario, Step, Target, TimePolicy};
use crate::text::is_visible;

/// The longest line that may hold a whole array, in characters.
const LINE_MAX: usize = 100;

impl Scenario {
    /// The scenario as TOML. A valid scenario parses back to an equal one.
    pub fn to_toml(&self) -> String {
        let mut out = String::new();
        self.write(&mut out).expect("writing to a string never fails");
        out
    }

    fn write(&self, out: &mut String) -> fmt::Result {
        writeln!(out, "schema = {SCHEMA}")?;
        writeln!(out, "name = {}", string(&self.name))?;
        if !self.summary.is_empty() {
            writeln!(out, "summary = {}", string(&self.summary))?;
        }
        if self.time != TimePolicy::default() {
            writeln!(out, "time = {}", string(self.time.name()))?;
        }
        for actor in &self.actors {
            write_actor(out, actor)?;
        }
        if self.expect != Expect::default() {
            write_expect(out, self)?;
        }
        Ok(())
    }
}

impl Step {
    /// The step as TOML: an element of an actor's `steps`.
    pub fn to_toml(&self) -> String {
        let name = self.keyword().name();
        match self {
            Step::Enable | Step::Disable | Step::TestCancel => string(name),
            Step::Issue(call) | Step::Await(call) | Step::Call(call) | Step::Dispatch(call) => {
                format!("{{ {name} = {} }}", string(call))
            }
            Step::TestCancelObject(object) => {
                format!("{{ {name} = {{ object = {} }} }}", string(object))
            }
            Step::Reply(code) => format!("{{ {name} = {} }}", string(&code.name())),
            Step::GetCancelObject { thread, object } => {
                let (thread, object) = (string(thread), string(object));
                format!("{{ {name} = {{ thread = {thread}, as = {object} }} }}")
            }
            Step::Cancel { target, window } => {
                let target = match target {
                    Target::Thread(thread) => format!("thread = {}", string(thread)),
                    Target::Object(object) => format!("object = {}", string(object)),
                };
                format!("{{ {name} = {{ {target}, seconds = {} }} }}", seconds(*window))
            }
            Step::Sleep(seconds) | Step::Work(seconds) => format!("{{ {name} = {seconds} }}"),
        }
    }
}

fn write_actor(out: &mut String, actor: &Actor) -> fmt::Result {
    writeln!(out, "\n[[actor]]\nname = {}", string(&actor.name))?;
    if actor.depth != 0 {
        writeln!(out, "depth = {}", actor.depth)?;
    }
    write_array(out, "steps", actor.steps.iter().map(Step::to_toml))
}

fn write_expect(out: &mut String, scenario: &Scenario) -> fmt::Result {
    let expect = &scenario.expect;
    if expect.verdict != ExpectedVerdict::Holds || expect.readings != Reading::ALL {
        writeln!(out, "\n[expect]")?;
    }
    match &expect.verdict {
        ExpectedVerdict::Holds => {}
        ExpectedVerdict::Violated { clause } => {
            writeln!(out, "verdict = \"violated\"\nclause = {}", string(clause))?;
        }
        ExpectedVerdict::Stuck => writeln!(out, "verdict = \"stuck\"")?,
    }
    if expect.readings != Reading::ALL {
        write_array(out, "readings", expect.readings.iter().map(reading))?;
    }
    if !expect.codes.is_empty() {
        writeln!(out, "\n[expect.codes]")?;
        for codes in &expect.codes {
            let actor = scenario.actors.iter().find(|actor| actor.name == codes.actor);
            let steps = actor.into_iter().flat_map(|actor| &actor.steps);
            let mut returning = steps.filter(|step| step.returns_code());
            let sets = codes.steps.iter().map(|set| code_set(set, returning.next()));
            write_array(out, &key(&codes.actor), sets)?;
        }
    }
    Ok(())
}

fn write_array(out: &mut String, key: &str, items: impl Iterator<Item = String>) -> fmt::Result {
    let items: Vec<String> = items.collect();
    let line = format!("{key} = [{}]", items.join(", "));
    if line.chars().count() <= LINE_MAX {
        return writeln!(out, "{line}");
    }
    writeln!(out, "{key} = [")?;
    for item in items {
        writeln!(out, "    {item},")?;
    }
    writeln!(out, "]")
}

fn reading(reading: &Reading) -> String {
    let (cancelable, waiter) = (reading.cancelable.name(), reading.waiter.name());
    format!("{{ cancelable = \"{cancelable}\", waiter = \"{waiter}\" }}")
}

/// The names of the codes, as this step's page spells them.
fn code_set(codes: &[Code], step: Option<&Step>) -> String {
    let is_cancel = matches!(step, Some(Step::Cancel { .. }));
    let name = |code: &Code| if is_cancel { code.cancel_name() } else { code.name() };
    let codes: Vec<String> = codes.iter().map(|code| string(&name(code))).collect();
    format!("[{}]", codes.join(", "))
}

fn seconds(window: Window) -> String {
    match window {
        Window::Infinite => string(INFINITE),
        Window::Seconds(seconds) => seconds.to_string(),
    }
}

fn key(name: &str) -> String {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !name.is_empty() && name.bytes().all(is_bare) { name.to_owned() } else { string(name) }
}

/// A TOML basic string.
fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if !is_visible(c) => {
                let _ = match u32::from(c) {
                    code @ ..=0xffff => write!(out, "\\u{code:04X}"),
                    code => write!(out, "\\U{code:08X}"),
                };
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
