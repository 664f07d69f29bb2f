//! Reads one step.

use calloff_model::Window;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::places::StepPlaces;
use super::{Span, Walk};
use crate::scenario::error::Diagnostic;
use crate::scenario::language::{
    CANCEL, GET_CANCEL_OBJECT, INFINITE, JOIN, Key, Keyword, STEPS, Shape, StepKind, TEST_CANCEL,
    WAIT,
};
use crate::scenario::validate::Field;
use crate::scenario::{Millis, Step, Target};
use crate::text::{list, nearest, quoted};

type Value<'i> = Spanned<DeValue<'i>>;

impl Walk<'_> {
    /// The steps of a list, those that can be used. Adds the places of each step before those of
    /// the steps within it.
    pub(super) fn steps(&mut self, value: &Value<'_>, places: &mut Vec<StepPlaces>) -> Vec<Step> {
        let mut steps = Vec::new();
        for item in self.items(value, "steps") {
            match self.step(item, places) {
                Some(step) => steps.push(step),
                None => self.gaps.steps = true,
            }
        }
        steps
    }

    /// A step; `None` if a problem was reported.
    fn step(&mut self, value: &Value<'_>, places: &mut Vec<StepPlaces>) -> Option<Step> {
        let at = places.len();
        places.push(StepPlaces { whole: value.span(), ..StepPlaces::default() });
        let step = match value.get_ref() {
            DeValue::String(name) => self.plain_step(name, value.span()),
            DeValue::Table(table) => self.table_step(table, value.span(), places),
            _ => {
                self.wrong_type(value, "a step: a string or a table");
                None
            }
        };
        if step.is_none() {
            places.truncate(at);
        }
        step
    }

    fn plain_step(&mut self, name: &str, span: Span) -> Option<Step> {
        let Some(kind) = StepKind::named(name) else {
            self.unknown_step(name, span);
            return None;
        };
        match kind.keyword {
            Keyword::Enable => Some(Step::Enable),
            Keyword::Disable => Some(Step::Disable),
            Keyword::TestCancel => Some(Step::TestCancel),
            Keyword::Break => Some(Step::Break),
            Keyword::Return => Some(Step::Return),
            Keyword::UnsetCancelObject => Some(Step::UnsetCancelObject),
            _ => {
                let title = format!("step `{name}` without its argument");
                let diagnostic = Diagnostic::new(span, title, "expected a table");
                self.report(diagnostic.help(format!("write it as `{}`", kind.example)));
                None
            }
        }
    }

    fn table_step(
        &mut self,
        table: &DeTable<'_>,
        span: Span,
        places: &mut Vec<StepPlaces>,
    ) -> Option<Step> {
        let mut entries = table.iter();
        let (Some((key, value)), None) = (entries.next(), entries.next()) else {
            self.report_many_keys(table, span);
            return None;
        };
        let name = key.get_ref();
        let Some(kind) = StepKind::named(name) else {
            self.unknown_step(name, key.span());
            return None;
        };
        if kind.argument.is_none() {
            let title = format!("step `{name}` takes no argument");
            let diagnostic = Diagnostic::new(span, title, "expected a string");
            self.report(diagnostic.help(format!("write it as `{}`", kind.example)));
            return None;
        }
        self.step_with(kind, value, places)
    }

    /// The step of this kind with this argument; the kind decides how the argument is read.
    fn step_with(
        &mut self,
        kind: &StepKind,
        value: &Value<'_>,
        places: &mut Vec<StepPlaces>,
    ) -> Option<Step> {
        match kind.keyword {
            Keyword::Await => return self.waiting(value, kind, places).map(Step::Await),
            Keyword::Call => return self.waiting(value, kind, places).map(Step::Call),
            Keyword::Repeat => return self.repeat(value, kind, places),
            Keyword::If => return self.decision(value, kind, places),
            _ => {}
        }
        let places = places.last_mut().expect("the place of the step was added before");
        Some(match kind.keyword {
            Keyword::Issue => Step::Issue(self.name(value, kind, Field::Call, places)?),
            Keyword::Dispatch => Step::Dispatch(self.name(value, kind, Field::Call, places)?),
            Keyword::TestCancel => {
                let table = self.argument(value, kind, TEST_CANCEL)?;
                Step::TestCancelObject(self.field(table, "object", Field::Object, places)?)
            }
            Keyword::Reply => Step::Reply(self.code(value)?),
            Keyword::GetCancelObject => {
                let table = self.argument(value, kind, GET_CANCEL_OBJECT)?;
                let thread = self.field(table, "thread", Field::Thread, places);
                let object = self.field(table, "as", Field::Object, places);
                Step::GetCancelObject { thread: thread?, object: object? }
            }
            Keyword::Cancel => self.cancel(value, kind, places)?,
            Keyword::Sleep => Step::Sleep(self.duration(value, Field::Seconds, places)?),
            Keyword::Work => Step::Work(self.duration(value, Field::Seconds, places)?),
            Keyword::Set => Step::Set(self.name(value, kind, Field::Event, places)?),
            Keyword::Reset => Step::Reset(self.name(value, kind, Field::Event, places)?),
            Keyword::Wait => {
                let (event, timeout) = self.timed(value, kind, WAIT, Field::Event, places)?;
                Step::Wait { event, timeout }
            }
            Keyword::Join => {
                let (actor, timeout) = self.timed(value, kind, JOIN, Field::Thread, places)?;
                Step::Join { actor, timeout }
            }
            Keyword::Lock => Step::Lock(self.name(value, kind, Field::Lock, places)?),
            Keyword::Unlock => Step::Unlock(self.name(value, kind, Field::Lock, places)?),
            Keyword::SetCancelObject => {
                Step::SetCancelObject(self.name(value, kind, Field::Object, places)?)
            }
            _ => unreachable!("a step without an argument, or one that was read above"),
        })
    }

    fn cancel(
        &mut self,
        value: &Value<'_>,
        kind: &StepKind,
        places: &mut StepPlaces,
    ) -> Option<Step> {
        let table = self.argument(value, kind, CANCEL)?;
        let target = if table.contains_key("thread") {
            self.field(table, "thread", Field::Thread, places).map(Target::Thread)
        } else {
            self.field(table, "object", Field::Object, places).map(Target::Object)
        };
        let seconds = table.get("seconds");
        places.parts.extend(seconds.map(|seconds| (Field::Seconds, seconds.span())));
        let window = seconds.and_then(|value| self.window(value));
        let is_one = !(table.contains_key("thread") && table.contains_key("object"));
        Some(Step::Cancel { target: target.filter(|_| is_one)?, window: window? })
    }

    /// What is waited for, and how long: a name, or a table with it and perhaps a `timeout`.
    fn timed(
        &mut self,
        value: &Value<'_>,
        kind: &StepKind,
        keys: &'static [Key],
        field: Field,
        places: &mut StepPlaces,
    ) -> Option<(String, Option<Millis>)> {
        if !value.get_ref().is_table() {
            return Some((self.name(value, kind, field, places)?, None));
        }
        let table = self.argument(value, kind, keys)?;
        let name = self.field(table, keys[0].name, field, places);
        let timeout = match table.get("timeout") {
            Some(value) => self.duration(value, Field::Seconds, places).map(Some),
            None => Some(None),
        };
        Some((name?, timeout?))
    }

    fn window(&mut self, value: &Value<'_>) -> Option<Window> {
        let expected = Shape::Window.expected();
        if let DeValue::String(text) = value.get_ref() {
            if text == INFINITE {
                return Some(Window::Infinite);
            }
            let title = format!("{} is not a number of seconds", quoted(text));
            let diagnostic = Diagnostic::new(value.span(), title, format!("expected {expected}"));
            let diagnostic = match text.parse::<u32>() {
                Ok(_) => diagnostic.help("write the number without quotes"),
                Err(_) => diagnostic.suggest(nearest(text, [INFINITE])),
            };
            self.report(diagnostic);
            return None;
        }
        let number = self.whole_number(value, 0..=i128::from(Window::INFINITE), &expected)?;
        u32::try_from(number).ok().map(Window::from_ul_seconds)
    }

    /// Reads a name that is the whole argument.
    pub(super) fn name(
        &mut self,
        value: &Value<'_>,
        kind: &StepKind,
        field: Field,
        places: &mut StepPlaces,
    ) -> Option<String> {
        let (name, span) = self.string(value, kind.name)?;
        places.parts.insert(field, span);
        Some(name)
    }

    /// Reads a name from a key of the argument. A missing key was reported before.
    pub(super) fn field(
        &mut self,
        table: &DeTable<'_>,
        key: &str,
        field: Field,
        places: &mut StepPlaces,
    ) -> Option<String> {
        let value = table.get(key)?;
        let (name, span) = self.string(value, key)?;
        places.parts.insert(field, span);
        Some(name)
    }

    pub(super) fn argument<'t, 'i>(
        &mut self,
        value: &'t Value<'i>,
        kind: &StepKind,
        keys: &'static [Key],
    ) -> Option<&'t DeTable<'i>> {
        let DeValue::Table(table) = value.get_ref() else {
            let title = format!("wrong argument for step `{}`", kind.name);
            let expected = format!("expected {}", Shape::Table(keys).expected());
            let diagnostic = Diagnostic::new(value.span(), title, expected);
            self.report(diagnostic.help(format!("write it as `{}`", kind.example)));
            return None;
        };
        self.check_keys(table, keys, &format!("`{}`", kind.name), Some(value.span()));
        Some(table)
    }

    /// Reports an unknown step; beyond the limit it is only counted, as the advice takes its time.
    fn unknown_step(&mut self, name: &str, span: Span) {
        match self.sink.is_full() {
            true => self.sink.count_more(1),
            false => self.report(unknown_step(name, span)),
        }
    }

    fn report_many_keys(&mut self, table: &DeTable<'_>, span: Span) {
        if self.sink.is_full() {
            return self.sink.count_more(1);
        }
        if table.is_empty() {
            let diagnostic = Diagnostic::new(span, "empty step", "expected one step");
            return self.report(diagnostic.note(known_steps()));
        }
        let mut known = table.keys().filter_map(|key| StepKind::named(key.get_ref()));
        let diagnostic = match (known.next(), known.next()) {
            (None, _) => {
                let key = table.keys().next().expect("the table is not empty");
                unknown_step(key.get_ref(), key.span())
            }
            (Some(only), None) => {
                let title = format!("step `{}` with keys beside its name", only.name);
                let help = format!("write it as `{}`", only.example);
                Diagnostic::new(span, title, "expected one key").help(help)
            }
            (Some(_), Some(_)) => {
                let help = "write each of them as a step of its own";
                Diagnostic::new(span, "two steps in one", "expected one key").help(help)
            }
        };
        self.report(diagnostic);
    }
}

/// Reports an unknown step. For text like `call work` or `call(work)` it shows the right form.
fn unknown_step(name: &str, span: Span) -> Diagnostic {
    let title = format!("unknown step {}", quoted(name));
    let diagnostic = Diagnostic::new(span, title, "no such step");
    let first = name.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next();
    let diagnostic = match first.and_then(StepKind::named) {
        Some(kind) => diagnostic.help(format!("write it as `{}`", kind.example)),
        None => diagnostic.suggest(nearest(name, STEPS.iter().map(|kind| kind.name))),
    };
    diagnostic.note(known_steps())
}

fn known_steps() -> String {
    format!("the steps are {}", list(STEPS.iter().map(|kind| kind.name), STEPS.len()))
}
