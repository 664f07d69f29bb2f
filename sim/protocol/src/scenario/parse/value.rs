//! Reading single values and the keys of tables, with a diagnostic for everything unexpected.

use std::ops::RangeInclusive;

use calloff_model::Code;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::places::StepPlaces;
use super::{Span, Walk};
use crate::scenario::Millis;
use crate::scenario::error::Diagnostic;
use crate::scenario::language::{
    ACTOR, CANCEL_OBJECT, DURATION_SECONDS_MAX, EVENT, EXPECT, FILE, Key, Presence, QUESTION, Shape,
};
use crate::scenario::validate::Field;
use crate::text::{list, nearest, quoted};

/// The number of names that a note lists.
const LISTED_MAX: usize = 20;

/// Every table with its keys, to tell where a misplaced key belongs.
const TABLES: [(&str, &[Key]); 6] = [
    ("the top of the file", FILE),
    ("an [[actor]]", ACTOR),
    ("[expect]", EXPECT),
    ("an [[event]]", EVENT),
    ("a [[cancel_object]]", CANCEL_OBJECT),
    ("an [[expect.never]] or [[expect.possible]]", QUESTION),
];

impl Walk<'_> {
    /// Reports a diagnostic, unless it is about a value that the TOML parser has inserted.
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        let is_made_up = diagnostic.span.as_ref().is_some_and(|span| span.is_empty());
        if !(self.is_broken && is_made_up) {
            self.sink.push(diagnostic);
        }
    }

    pub(super) fn wrong_type(&mut self, value: &Spanned<DeValue<'_>>, expected: &str) {
        self.report(wrong_type(value, expected));
    }

    /// Reports `[actor]` instead of `[[actor]]`, or `[[expect]]` instead of `[expect]`.
    pub(super) fn wrong_brackets(&mut self, value: &Spanned<DeValue<'_>>, key: &str) {
        let diagnostic = match value.get_ref() {
            DeValue::Table(_) => wrong_type(value, "an array of tables")
                .help(format!("write `[[{key}]]`, with two brackets, for each of them")),
            DeValue::Array(_) => wrong_type(value, "a table")
                .help(format!("write `[{key}]`, with one bracket, once")),
            _ => wrong_type(value, "a table"),
        };
        self.report(diagnostic);
    }

    pub(super) fn string(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        key: &str,
    ) -> Option<(String, Span)> {
        match value.get_ref() {
            DeValue::String(text) => Some((text.clone().into_owned(), value.span())),
            _ => {
                self.wrong_type(value, &format!("a string for `{key}`"));
                None
            }
        }
    }

    /// Reads one of a few fixed words.
    pub(super) fn word(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        key: &str,
        words: &'static [&'static str],
    ) -> Option<&'static str> {
        let expected = Shape::Word(words).expected();
        let DeValue::String(text) = value.get_ref() else {
            self.wrong_type(value, &expected);
            return None;
        };
        let word = words.iter().copied().find(|word| *word == &**text);
        if word.is_none() {
            let title = format!("{} is not a value of `{key}`", quoted(text));
            let diagnostic = Diagnostic::new(value.span(), title, format!("expected {expected}"));
            self.report(diagnostic.suggest(nearest(text, words.iter().copied())));
        }
        word
    }

    /// Reads a whole number within a range; `expected` describes the range.
    pub(super) fn whole_number(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        range: RangeInclusive<i128>,
        expected: &str,
    ) -> Option<i128> {
        let DeValue::Integer(number) = value.get_ref() else {
            self.wrong_type(value, expected);
            return None;
        };
        let parsed = i128::from_str_radix(number.as_str(), number.radix()).ok();
        let fitting = parsed.filter(|number| range.contains(number));
        if fitting.is_none() {
            let is_negative = number.as_str().starts_with('-');
            let title = if is_negative { "a negative number" } else { "the number is too large" };
            self.report(Diagnostic::new(value.span(), title, format!("expected {expected}")));
        }
        fitting
    }

    /// Reads a number that fits into 32 bits: seconds to sleep, or a depth.
    pub(super) fn number(&mut self, value: &Spanned<DeValue<'_>>) -> Option<u32> {
        let range = 0..=i128::from(u32::MAX);
        let number = self.whole_number(value, range, &Shape::Number.expected())?;
        u32::try_from(number).ok()
    }

    /// Reads true or false.
    pub(super) fn truth(&mut self, value: &Spanned<DeValue<'_>>) -> Option<bool> {
        let truth = value.get_ref().as_bool();
        if truth.is_none() {
            self.wrong_type(value, &Shape::Bool.expected());
        }
        truth
    }

    /// Reads a duration: whole seconds, or text with a unit.
    pub(super) fn duration(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        field: Field,
        places: &mut StepPlaces,
    ) -> Option<Millis> {
        places.parts.insert(field, value.span());
        let expected = Shape::Duration.expected();
        let text = match value.get_ref() {
            DeValue::String(text) => text,
            DeValue::Integer(_) => return self.number(value).map(Millis::seconds),
            DeValue::Float(_) => {
                let help = "write a part of a second in milliseconds, such as `\"500ms\"`";
                self.report(wrong_type(value, &expected).help(help));
                return None;
            }
            _ => {
                self.wrong_type(value, &expected);
                return None;
            }
        };
        let millis = match text.strip_suffix("ms") {
            Some(digits) => digits_of(digits),
            None => text.strip_suffix('s').and_then(digits_of).map(|n| n.saturating_mul(1000)),
        };
        let label = format!("expected {expected}");
        match millis {
            Some(millis) if millis <= u64::from(DURATION_SECONDS_MAX) * 1000 => {
                return Some(Millis(millis));
            }
            Some(_) => {
                let label = format!("expected at most {DURATION_SECONDS_MAX} seconds");
                self.report(Diagnostic::new(value.span(), "the duration is too long", label));
            }
            None => {
                let title = format!("{} is not a duration", quoted(text));
                let diagnostic = Diagnostic::new(value.span(), title, label);
                self.report(match text.parse::<u32>() {
                    Ok(_) => diagnostic.help("write seconds without quotes, or add the unit"),
                    Err(_) => diagnostic,
                });
            }
        }
        None
    }

    pub(super) fn code(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Code> {
        let DeValue::String(text) = value.get_ref() else {
            let diagnostic = wrong_type(value, "a code in quotes");
            let is_number = value.get_ref().is_integer();
            let help = "write a number as a string, such as \"0x80004005\"";
            self.report(if is_number { diagnostic.help(help) } else { diagnostic });
            return None;
        };
        let code = text.parse().ok();
        if code.is_none() {
            let title = format!("unknown code {}", quoted(text));
            let names = || Code::NAMED.iter().map(|(name, _)| *name);
            let all = names().chain([Code::CANCEL_ALREADY_CANCELED]);
            let diagnostic = Diagnostic::new(value.span(), title, "no such code");
            let known = list(names(), LISTED_MAX);
            let note =
                format!("known codes: {known}, or \"0x\" and up to eight hexadecimal digits");
            self.report(diagnostic.suggest(nearest(text, all)).note(note));
        }
        code
    }

    /// The elements of an array; none if the value is absent.
    pub(super) fn items<'t, 'i>(
        &mut self,
        value: &'t Spanned<DeValue<'i>>,
        what: &str,
    ) -> &'t [Spanned<DeValue<'i>>] {
        match value.get_ref() {
            DeValue::Array(items) => items,
            _ => {
                self.gaps.steps = true;
                self.wrong_type(value, &format!("an array of {what}"));
                &[]
            }
        }
    }

    /// Reports the unknown keys of a table and the missing ones. `place` is the text to underline
    /// for missing keys.
    pub(super) fn check_keys(
        &mut self,
        table: &DeTable<'_>,
        keys: &'static [Key],
        what: &str,
        place: Option<Span>,
    ) {
        let mut meant = Vec::new();
        let mut has_unknown = false;
        for (key, _) in table {
            if !keys.iter().any(|known| known.name == &**key.get_ref()) {
                has_unknown = true;
                meant.extend(nearest(key.get_ref(), keys.iter().map(|key| key.name)));
                let diagnostic = unknown_key(key.get_ref(), key.span(), keys, what);
                self.report(diagnostic);
            }
        }
        if self.is_broken {
            return;
        }
        for key in keys {
            let is_there = table.contains_key(key.name) || meant.contains(&key.name);
            if key.presence == Presence::Required && !is_there {
                self.report(missing_key(key, what, place.clone()));
            }
        }
        let is_one = |key: &Key| key.presence == Presence::ExactlyOne;
        let is_meant = keys.iter().any(|key| is_one(key) && meant.contains(&key.name));
        let is_answered = is_meant || (has_unknown && keys.iter().all(is_one));
        self.check_choice(table, keys, is_answered, place);
    }

    /// Checks the keys of which exactly one, or at least one, is required. `is_answered`: an
    /// unknown key, which was reported, stands for the one.
    fn check_choice(
        &mut self,
        table: &DeTable<'_>,
        keys: &[Key],
        is_answered: bool,
        place: Option<Span>,
    ) {
        let Some(place) = place else { return };
        let choice = |presence| keys.iter().filter(move |key| key.presence == presence);
        let one = choice(Presence::ExactlyOne);
        let given = one.clone().filter(|key| table.contains_key(key.name)).count();
        let names = list(one.clone().map(|key| key.name), LISTED_MAX);
        let (either, not_both) = match one.clone().count() {
            2 => {
                let names = names.replace(", ", " or ");
                (names.clone(), format!("{names}, not both"))
            }
            _ => (format!("one of {names}"), format!("more than one of {names}")),
        };
        if one.count() > 0 && given == 0 && !is_answered {
            let title = format!("missing {either}");
            self.report(Diagnostic::new(place.clone(), title, "needs one"));
        } else if given > 1 {
            self.report(Diagnostic::new(place.clone(), not_both, "expected one of them"));
        }
        let most = choice(Presence::AtMostOne);
        let given: Vec<_> = most.filter(|key| table.contains_key(key.name)).collect();
        if given.len() > 1 {
            let names = list(given.iter().map(|key| key.name), LISTED_MAX).replace(", ", " or ");
            let title = format!("{names}, not both");
            self.report(Diagnostic::new(place.clone(), title, "expected one of them, or none"));
        }
        let any = choice(Presence::AtLeastOne);
        if table.is_empty() && any.clone().count() == keys.len() {
            let names = list(any.map(|key| key.name), LISTED_MAX).replace(", ", " or ");
            let title = "a reading that says nothing";
            self.report(Diagnostic::new(place, title, format!("needs {names}, or both")));
        }
    }
}

pub(super) fn wrong_type(value: &Spanned<DeValue<'_>>, expected: &str) -> Diagnostic {
    let article = match value.get_ref() {
        DeValue::Integer(_) => "an integer",
        DeValue::Array(_) => "an array",
        DeValue::String(_) => "a string",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Table(_) => "a table",
    };
    let title = format!("wrong type: {article}");
    Diagnostic::new(value.span(), title, format!("expected {expected}"))
}

fn unknown_key(key: &str, span: Span, keys: &[Key], what: &str) -> Diagnostic {
    let names = || keys.iter().map(|key| key.name);
    let title = format!("unknown key {}", quoted(key));
    let diagnostic = Diagnostic::new(span, title, format!("not a key of {what}"));
    let elsewhere = TABLES.iter().find(|(_, keys)| keys.iter().any(|known| known.name == key));
    let diagnostic = match (nearest(key, names()), elsewhere) {
        (Some(near), _) => diagnostic.suggest(Some(near)),
        (None, Some((place, _))) => diagnostic.help(format!("{} belongs to {place}", quoted(key))),
        (None, None) => diagnostic,
    };
    diagnostic.note(format!("the keys of {what} are {}", list(names(), LISTED_MAX)))
}

fn missing_key(key: &Key, what: &str, place: Option<Span>) -> Diagnostic {
    let title = format!("missing `{}`", key.name);
    let example = match (key.name, key.shape) {
        (_, Shape::Version) => "`schema = 1`",
        ("actor", _) => "`[[actor]]`, with a name and steps",
        ("name", _) => "`name = \"…\"`",
        ("steps", _) => "`steps = […]`",
        ("seconds", _) => "`seconds = …`, a number or \"infinite\"",
        ("call", _) => "`call = \"…\"`, the call that is waited for",
        ("event", _) => "`event = \"…\"`, the event that is waited for",
        ("is", _) => "`is = …`, a condition",
        ("as", _) => "`as = \"…\"`, a name to keep the object under",
        _ => "it",
    };
    let help = format!("add {example}");
    match place {
        Some(span) => Diagnostic::new(span, title, format!("{what} needs it")).help(help),
        None => Diagnostic::of_file(title, "every scenario file has it").help(help),
    }
}

/// The number that decimal digits mean, if there is nothing else and it is not beyond all.
fn digits_of(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}
