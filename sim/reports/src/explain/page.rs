//! Explanations as text: the meaning, the source, and a picture.

use std::collections::BTreeSet;
use std::fmt::Write;

use calloff_model::Code;
use calloff_protocol::clauses::{CLAUSES, Clause, ClauseId, Kind};
use calloff_protocol::exploration::{Bound, Engine, Limits, Stop};
use calloff_protocol::faults::{FAULTS, Seeded};
use calloff_protocol::scenario::language::{Keyword, StepKind};
use calloff_protocol::text::{printable, wrap, wrap_hanging};
use unicode_width::UnicodeWidthStr;

use super::search::{Shot, explored, pictures, soonest_end};
use super::{GLOSSARY, Topic, Word};
use crate::answers::{Answer, READINGS, ReadingValue, of_step, with_code};
use crate::field;
use crate::field::FieldCode;
use crate::shell::replay_command;
use crate::style::BOLD;

/// An explanation.
pub struct Explanation {
    /// The text, with colours (which a stream may strip).
    pub text: String,
    /// Whether everything is known; if not, the text says what is not, and which limit was hit.
    pub is_whole: bool,
}

/// Explains the topic, for a terminal of that width. A scenario is explored within the limits.
pub fn render(topic: &Topic, width: usize, limits: &Limits, stop: &Stop) -> Explanation {
    let mut page = Page { out: String::new(), width };
    let mut is_whole = true;
    let shots = match topic {
        Topic::Scenario(name, scenario) => {
            let explored = explored(scenario, limits, stop);
            is_whole = explored.iter().all(|(_, found)| found.bound == Bound::Exhausted);
            page.scenario(name, scenario, &explored);
            explored
                .iter()
                .find_map(|found| soonest_end(name, scenario, found))
                .into_iter()
                .collect()
        }
        topic => pictures(topic),
    };
    let mut shots = shots.into_iter();
    match topic {
        Topic::Code(code) => page.code(*code, &mut shots),
        Topic::Clause(clause) => page.clause(clause),
        Topic::Step(step) => page.step(step),
        Topic::Reading(reading) => page.reading(reading),
        Topic::Engine(engine) => page.engine(*engine),
        Topic::Fault(fault) => page.fault(*fault),
        Topic::Scenario(..) => {}
        Topic::Word(word) => page.word(word),
    }
    for shot in shots {
        page.shot(&shot);
    }
    if let Topic::Code(code) = topic {
        page.words(*code);
    }
    Explanation { text: page.out, is_whole }
}

pub(super) struct Page {
    pub(super) out: String,
    width: usize,
}

impl Page {
    pub(super) fn title(&mut self, name: &str, note: &str) {
        let _ = writeln!(self.out, "{BOLD}{}{BOLD:#}  {note}\n", printable(name));
    }

    pub(super) fn head(&mut self, text: &str) {
        let text = wrap_hanging(text, self.width, 2);
        let _ = writeln!(self.out, "\n{BOLD}{text}{BOLD:#}");
    }

    /// Writes an indented paragraph.
    pub(super) fn text(&mut self, indent: usize, text: &str) {
        for line in wrap(text, self.width.saturating_sub(indent).max(20)) {
            let _ = writeln!(self.out, "{:indent$}{line}", "");
        }
    }

    /// Writes a word and its explanation in two columns.
    pub(super) fn item(&mut self, column: usize, word: &str, text: &str) {
        let pad = " ".repeat(column.saturating_sub(word.width()));
        let indent = column + 4;
        let lines = wrap(text, self.width.saturating_sub(indent).max(20));
        let text = lines.join(&format!("\n{}", " ".repeat(indent)));
        let _ = writeln!(self.out, "  {word}{pad}  {text}");
    }

    fn source(&mut self, indent: usize, source: &str) {
        self.text(indent, &format!("Source: {source}."));
    }

    fn shot(&mut self, shot: &Shot) {
        let bug =
            shot.fault.map_or(String::new(), |fault| format!(", with the bug {}", fault.name));
        self.head(&format!("To see: {}", shot.caption));
        self.text(0, &format!("The scenario {} (reading {}{bug}):", shot.scenario, shot.reading));
        self.out.push('\n');
        self.out.push_str(&shot.layout().to_text(self.width));
        let Shot { scenario, program, reading, fault, schedule, .. } = shot;
        let command = replay_command(scenario, program, *reading, *fault, schedule);
        let _ = writeln!(self.out, "\n  {command}");
    }

    fn answer(&mut self, answer: &Answer) {
        let (operation, purpose) = spoken(answer.step);
        self.head(&format!("{} returned by {operation}", answer.code_name()));
        if !purpose.is_empty() {
            self.text(2, &format!("({operation} {purpose}.)"));
        }
        self.text(2, answer.meaning);
        if !answer.readings.is_empty() {
            self.text(2, &format!("Readings: {}", answer.readings));
        }
        self.source(2, answer.source);
        if let Some((text, source)) = field::remark(answer.step, answer.code) {
            self.text(2, &format!("In the field: {text} Source: {source}."));
        }
    }

    /// Says who may return a code that no operation of the machine does.
    fn not_an_answer(&mut self, in_the_field: Option<&FieldCode>) {
        self.out.push('\n');
        if let Some(field) = in_the_field {
            self.text(0, field.known);
            self.source(0, field.source);
            self.out.push('\n');
        }
        self.text(
            0,
            &format!(
                "No operation that a scenario has returns this code by itself. {} A server may \
                 reply with it, as with any code; then the call returns it unchanged (K8).",
                field::ANY_CODE
            ),
        );
    }

    /// Writes what the code means as an answer of its main operation, with the pictures for that;
    /// then what it means elsewhere.
    fn code(&mut self, code: Code, shots: &mut dyn Iterator<Item = Shot>) {
        let kind = if code.0 >> 31 == 1 { "a failure" } else { "a success" };
        let in_the_field = field::of_code(code);
        let name = in_the_field.map_or_else(|| code.name(), |field| field.name.to_owned());
        self.title(&name, &format!("0x{:08X}, {kind} code", code.0));
        let meaning = match code.meaning() {
            "" if in_the_field.is_some() => "a code that clients meet, and no scenario returns",
            "" => "a code without a name here",
            meaning => meaning,
        };
        self.text(0, &format!("{}.", capital(meaning)));
        if code.0 > 1 {
            let (unsigned, signed) = (code.0, code.0.cast_signed());
            self.text(0, &format!("In decimal: {unsigned}, or {signed} as a signed number."));
        }
        let mut answers = with_code(code);
        match answers.next() {
            Some(answer) => self.answer(answer),
            None if code == Code::WAIT_TIMEOUT => {
                let text = "In a client program, `wait` and `join` return it when their timeout \
                            has passed. A server may reply with it, as with any code.";
                self.out.push('\n');
                self.text(0, text);
            }
            None => self.not_an_answer(in_the_field),
        }
        for shot in shots {
            self.shot(&shot);
        }
        for answer in answers {
            self.answer(answer);
        }
        let name = code.name();
        let says = |clause: &&Clause| [clause.sentence, clause.source].join(" ").contains(&name);
        let clauses: Vec<&str> = CLAUSES.iter().filter(says).map(|clause| clause.id).collect();
        if !clauses.is_empty() && code != Code::S_OK {
            self.out.push('\n');
            let ids = clauses.join(", ");
            self.text(
                0,
                &format!("Clauses that mention it: {ids} (calloff explain {}).", clauses[0]),
            );
        }
    }

    fn clause(&mut self, clause: &'static Clause) {
        self.title(clause.id, &format!("{}: {}", clause.kind.name(), clause.kind.meaning()));
        self.text(0, &format!("{}.", clause.sentence));
        self.out.push('\n');
        self.source(0, clause.source);
        self.text(0, &format!("Evidence: {} ({}).", clause.level.meaning(), clause.level.name()));
        let named = |reading: &&ReadingValue| match reading.axis {
            "cancelable" => clause.sentence.contains(reading.name),
            _ => clause.sentence.contains(&format!("{} waits", reading.name)),
        };
        let named: Vec<&str> = READINGS.iter().filter(named).map(|reading| reading.name).collect();
        self.text(
            0,
            &match named.is_empty() {
                true => "Readings: it does not depend on them.".to_owned(),
                false => format!("Readings: see `calloff explain {}`.", named.join("`, `")),
            },
        );
        let bugs = FAULTS.iter().filter(|fault| fault.caught_by == clause.id);
        let bugs: Vec<&str> = bugs.map(|fault| fault.name).collect();
        if clause.kind == Kind::Always && !bugs.is_empty() {
            self.out.push('\n');
            self.text(
                0,
                &format!(
                    "It holds in every interleaving of the corpus. Seeded bugs that break it: {}.",
                    bugs.join(", ")
                ),
            );
        }
    }

    fn step(&mut self, step: &StepKind) {
        let kind = if step.returns_code { "a step that returns a code" } else { "a step" };
        self.title(step.name, kind);
        self.text(0, step.doc);
        let example = match step.plain && step.argument.is_some() {
            true => format!("\"{}\" or {}", step.name, step.example),
            false => step.example.to_owned(),
        };
        self.text(0, &format!("In a scenario file: {example}"));
        let column = of_step(step.keyword).map(|a| a.code_name().width()).max().unwrap_or(0);
        for (at, answer) in of_step(step.keyword).enumerate() {
            if at == 0 {
                self.head("What it returns");
            }
            self.item(column, &answer.code_name(), answer.meaning);
        }
        if matches!(step.keyword, Keyword::Await | Keyword::Call) {
            self.text(2, "Any other code is the server's reply.");
        }
        let readings: Vec<&Answer> =
            of_step(step.keyword).filter(|answer| !answer.readings.is_empty()).collect();
        if !readings.is_empty() {
            self.head("How the readings differ");
        }
        for answer in readings {
            self.item(column, &answer.code_name(), answer.readings);
        }
        let sources: BTreeSet<&str> = of_step(step.keyword).map(|answer| answer.source).collect();
        if !sources.is_empty() {
            self.out.push('\n');
            self.source(0, &sources.into_iter().collect::<Vec<_>>().join("; "));
        }
        let remarks = of_step(step.keyword).filter_map(|answer| {
            Some((answer.code_name(), field::remark(answer.step, answer.code)?))
        });
        for (at, (code, (text, _))) in remarks.enumerate() {
            if at == 0 {
                self.head("In the field");
            }
            self.item(column, &code, text);
        }
        if step.keyword == Keyword::Cancel {
            self.text(2, field::ANY_CODE);
        }
        let page = match step.keyword.is_of_clients() {
            true => "docs/client-programs.md",
            false => "docs/semantics.md, Operations",
        };
        self.text(0, &format!("More: {page}."));
    }

    fn reading(&mut self, reading: &ReadingValue) {
        let other = READINGS.iter().find(|o| o.axis == reading.axis && o.name != reading.name);
        let other = other.expect("each axis has two values");
        let is_default = READINGS.iter().find(|o| o.axis == reading.axis).map(|o| o.name);
        let note = if is_default == Some(reading.name) { ", the default" } else { "" };
        self.title(reading.name, &format!("a reading: {} = {}{note}", reading.axis, reading.name));
        self.text(0, "The sources allow two meanings here, and both are checked:");
        for value in [reading, other] {
            let text = format!("{}. Source: {}.", capital(value.meaning), value.source);
            self.item(other.name.len().max(reading.name.len()), value.name, &text);
        }
    }

    fn engine(&mut self, engine: Engine) {
        self.title(engine.name(), "an engine: a way to explore executions");
        self.text(0, engine.summary());
        self.text(
            0,
            &format!("More: docs/engines.md. To use it alone: --engine {}", engine.name()),
        );
    }

    fn word(&mut self, word: &Word) {
        self.title(word.name, "a word of the reports");
        self.text(0, word.meaning);
        self.out.push('\n');
        self.text(0, &format!("More: docs/{}; calloff explain {}.", word.page, word.see[0]));
    }

    /// Lists the glossary words that occur in the code's answers, and in any case `lane`, `reading`
    /// and `schedule`, which explain the pictures.
    fn words(&mut self, code: Code) {
        let text = with_code(code).flat_map(|answer| [answer.meaning, answer.readings]);
        let text = text.collect::<Vec<_>>().join(" ");
        let words: BTreeSet<&str> =
            text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).collect();
        let is_used = |word: &&Word| {
            words.contains(word.name) || matches!(word.name, "lane" | "reading" | "schedule")
        };
        let names: Vec<&str> = GLOSSARY.iter().filter(is_used).map(|word| word.name).collect();
        self.out.push('\n');
        let first = names.first().expect("lanes are among them");
        self.text(
            0,
            &format!("Words to look up (try calloff explain {first}): {}.", names.join(", ")),
        );
    }

    fn fault(&mut self, fault: Seeded) {
        self.title(fault.name(), "a seeded bug, planted to test the checks");
        self.text(0, &format!("What is wrong: {}.", fault.summary()));
        let caught = match fault {
            Seeded::Machine(fault) => {
                let clause = ClauseId::find(fault.caught_by).expect("a fault names a clause");
                let how = match clause.kind {
                    Kind::Always => "is broken",
                    Kind::Sometimes => "is never seen",
                };
                format!("It is caught because {} {how}: {}.", clause.id, clause.sentence)
            }
            Seeded::Shell(fault) => format!(
                "It is in the blocking code around the machine. The engine {} catches it: the ends \
                 differ from those of the machine.",
                fault.caught_by.name()
            ),
        };
        self.text(0, &caught);
        self.text(
            0,
            &format!("To see everything that it breaks: calloff check --fault {}", fault.name()),
        );
    }
}

/// The name of a kind of step in sentences, and its purpose.
fn spoken(step: Keyword) -> (&'static str, &'static str) {
    match step {
        Keyword::Cancel => {
            ("Cancel", "requests the cancellation of a call in which another thread waits")
        }
        Keyword::TestCancel => {
            ("TestCancel", "tells a server whether the cancellation of its call was requested")
        }
        Keyword::Await => ("the call itself (await)", ""),
        Keyword::GetCancelObject => {
            ("CoGetCancelObject", "gives a handle on the call in which a thread waits")
        }
        Keyword::Enable => {
            ("CoEnableCallCancellation", "permits the calls of its thread to be canceled")
        }
        Keyword::Disable => ("CoDisableCallCancellation", "undoes one enable"),
        other => (other.name(), ""),
    }
}

pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or(String::new(), |first| first.to_uppercase().collect::<String>() + chars.as_str())
}
