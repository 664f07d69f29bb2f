//! Reads one step.

use calloff_model::Window;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::places::StepPlaces;
use super::{Span, Walk};
use crate::scenario::error::Diagnostic;
use crate::scenario::language::{
    CANCEL, GET_CANCEL_OBJECT, INFINITE, Key, Keyword, STEPS, Shape, StepKind, TEST_CANCEL,
};
use crate::scenario::{Step, Target};
use crate::text::{list, nearest, quoted};

type Value<'i> = Spanned<DeValue<'i>>;

impl Walk<'_> {
    /// A step with its places; `None` if a problem was reported.
    pub(super) fn step(&mut self, value: &Value<'_>) -> Option<(Step, StepPlaces)> {
        let mut places = StepPlaces { whole: value.span(), ..StepPlaces::default() };
        let step = match value.get_ref() {
            DeValue::String(name) => self.plain_step(name, value.span())?,
            DeValue::Table(table) => self.table_step(table, value.span(), &mut places)?,
            _ => {
                self.wrong_type(value, "a step: a string or a table");
                return None;
            }
        };
        Some((step, places))
    }

    fn plain_step(&mut self, name: &str, span: Span) -> Option<Step> {
        let Some(kind) = StepKind::named(name) else {
            self.report(unknown_step(name, span));
            return None;
        };
        match kind.keyword {
            Keyword::Enable => Some(Step::Enable),
            Keyword::Disable => Some(Step::Disable),
            Keyword::TestCancel => Some(Step::TestCancel),
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
        places: &mut StepPlaces,
    ) -> Option<Step> {
        let mut entries = table.iter();
        let (Some((key, value)), None) = (entries.next(), entries.next()) else {
            self.report_many_keys(table, span);
            return None;
        };
        let name = key.get_ref();
        let Some(kind) = StepKind::named(name) else {
            self.report(unknown_step(name, key.span()));
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
        places: &mut StepPlaces,
    ) -> Option<Step> {
        Some(match kind.keyword {
            Keyword::Enable => Step::Enable,
            Keyword::Disable => Step::Disable,
            Keyword::Issue => Step::Issue(self.name(value, kind, &mut places.call)?),
            Keyword::Await => Step::Await(self.name(value, kind, &mut places.call)?),
            Keyword::Call => Step::Call(self.name(value, kind, &mut places.call)?),
            Keyword::Dispatch => Step::Dispatch(self.name(value, kind, &mut places.call)?),
            Keyword::TestCancel => {
                let table = self.argument(value, kind, TEST_CANCEL)?;
                Step::TestCancelObject(self.field(table, "object", &mut places.object)?)
            }
            Keyword::Reply => Step::Reply(self.code(value)?),
            Keyword::GetCancelObject => {
                let table = self.argument(value, kind, GET_CANCEL_OBJECT)?;
                let thread = self.field(table, "thread", &mut places.thread);
                let object = self.field(table, "as", &mut places.object);
                Step::GetCancelObject { thread: thread?, object: object? }
            }
            Keyword::Cancel => self.cancel(value, kind, places)?,
            Keyword::Sleep => Step::Sleep(self.number(value)?),
            Keyword::Work => Step::Work(self.number(value)?),
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
            self.field(table, "thread", &mut places.thread).map(Target::Thread)
        } else {
            self.field(table, "object", &mut places.object).map(Target::Object)
        };
        let seconds = table.get("seconds");
        places.seconds = seconds.map(Spanned::span);
        let window = seconds.and_then(|value| self.window(value));
        let is_one = !(table.contains_key("thread") && table.contains_key("object"));
        Some(Step::Cancel { target: target.filter(|_| is_one)?, window: window? })
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

    /// Reads a call's name that is the whole argument.
    fn name(
        &mut self,
        value: &Value<'_>,
        kind: &StepKind,
        place: &mut Option<Span>,
    ) -> Option<String> {
        let (name, span) = self.string(value, kind.name)?;
        *place = Some(span);
        Some(name)
    }

    /// Reads a name from a key of the argument. A missing key was reported before.
    fn field(
        &mut self,
        table: &DeTable<'_>,
        key: &str,
        place: &mut Option<Span>,
    ) -> Option<String> {
        let value = table.get(key)?;
        let (name, span) = self.string(value, key)?;
        *place = Some(span);
        Some(name)
    }

    fn argument<'t, 'i>(
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

    fn report_many_keys(&mut self, table: &DeTable<'_>, span: Span) {
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
