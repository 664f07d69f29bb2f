//! Prints a scenario as a file: normalised TOML, which parses back to an equal scenario.
//!
//! Default values are omitted, and a long array has one element per line.

mod step;

use std::fmt::{self, Write};

use calloff_model::{Code, Reading};

use super::language::SCHEMA;
use super::{
    Actor, CustomObject, EventObject, Expect, ExpectedVerdict, Question, Scenario, Step, TimePolicy,
};
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
        for event in &self.events {
            write_event(out, event)?;
        }
        for lock in &self.locks {
            writeln!(out, "\n[[lock]]\nname = {}", string(lock))?;
        }
        for object in &self.cancel_objects {
            write_cancel_object(out, object)?;
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

fn write_event(out: &mut String, event: &EventObject) -> fmt::Result {
    writeln!(out, "\n[[event]]\nname = {}", string(&event.name))?;
    if event.is_auto {
        writeln!(out, "reset = \"auto\"")?;
    }
    if event.is_set {
        writeln!(out, "set = true")?;
    }
    Ok(())
}

fn write_cancel_object(out: &mut String, object: &CustomObject) -> fmt::Result {
    writeln!(out, "\n[[cancel_object]]\nname = {}", string(&object.name))?;
    if !object.has_interface {
        writeln!(out, "interface = false")?;
    }
    if !object.steps.is_empty() {
        write_steps(out, &object.steps)?;
    }
    match object.returns.as_slice() {
        [Code::S_OK] => Ok(()),
        [code] => writeln!(out, "returns = {}", string(&code.name())),
        codes => write_array(out, "returns", codes.iter().map(|code| string(&code.name()))),
    }
}

fn write_actor(out: &mut String, actor: &Actor) -> fmt::Result {
    writeln!(out, "\n[[actor]]\nname = {}", string(&actor.name))?;
    if actor.depth != 0 {
        writeln!(out, "depth = {}", actor.depth)?;
    }
    if actor.is_daemon {
        writeln!(out, "daemon = true")?;
    }
    write_steps(out, &actor.steps)
}

fn write_steps(out: &mut String, steps: &[Step]) -> fmt::Result {
    let list = step::list(steps, "steps = ".len(), 0);
    writeln!(out, "steps = {list}")
}

fn write_expect(out: &mut String, scenario: &Scenario) -> fmt::Result {
    let expect = &scenario.expect;
    let is_stuck_implied = expect.stuck.is_some() && expect.verdict == ExpectedVerdict::Stuck;
    if expect.verdict != ExpectedVerdict::Holds || expect.readings != Reading::ALL {
        writeln!(out, "\n[expect]")?;
    }
    match &expect.verdict {
        ExpectedVerdict::Holds => {}
        ExpectedVerdict::Violated { clause } => {
            writeln!(out, "verdict = \"violated\"\nclause = {}", string(clause))?;
        }
        ExpectedVerdict::Stuck if is_stuck_implied => {}
        ExpectedVerdict::Stuck => writeln!(out, "verdict = \"stuck\"")?,
    }
    if let Some(stuck) = &expect.stuck {
        write_array(out, "stuck", stuck.iter().map(|name| string(name)))?;
    }
    if expect.readings != Reading::ALL {
        write_array(out, "readings", expect.readings.iter().map(reading))?;
    }
    if !expect.codes.is_empty() {
        writeln!(out, "\n[expect.codes]")?;
        for codes in &expect.codes {
            let actor = scenario.actors.iter().find(|actor| actor.name == codes.actor);
            let steps = actor.into_iter().flat_map(|actor| Step::all(&actor.steps));
            let mut returning = steps.filter(|step| step.returns_code());
            let sets = codes.steps.iter().map(|set| code_set(set, returning.next()));
            write_array(out, &key(&codes.actor), sets)?;
        }
    }
    let never = expect.never.iter().map(|question| ("never", question));
    let possible = expect.possible.iter().map(|question| ("possible", question));
    for (key, question) in never.chain(possible) {
        write_question(out, key, question)?;
    }
    Ok(())
}

fn write_question(out: &mut String, key: &str, question: &Question) -> fmt::Result {
    writeln!(out, "\n[[expect.{key}]]")?;
    if !question.why.is_empty() {
        writeln!(out, "why = {}", string(&question.why))?;
    }
    for (key, texts) in [("code", &question.codes), ("stuck", &question.stuck)] {
        if !texts.is_empty() {
            write_array(out, key, texts.iter().map(|text| string(text)))?;
        }
    }
    if let Some(readings) = &question.readings {
        write_array(out, "readings", readings.iter().map(reading))?;
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
