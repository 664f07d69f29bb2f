//! Reads the table `[expect]`.

use calloff_model::{Cancelable, Code, Reading, Waiter};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Span;
use super::Walk;
use super::places::{CodesPlaces, ListPlaces, Places, QuestionPlaces, ReadingsPlaces};
use super::value::wrong_type;
use crate::scenario::error::Diagnostic;
use crate::scenario::language::{CANCELABLES, EXPECT, QUESTION, READING, VERDICTS, WAITERS};
use crate::scenario::{Expect, ExpectedCodes, ExpectedVerdict, Question};

type Value<'i> = Spanned<DeValue<'i>>;

impl Walk<'_> {
    /// The expectations; a value that cannot be used counts as absent.
    pub(super) fn expect(&mut self, value: &Value<'_>, places: &mut Places) -> Expect {
        let mut expect = Expect::default();
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_brackets(value, "expect");
            return expect;
        };
        self.check_keys(table, EXPECT, "[expect]", Some(value.span()));
        if let Some(verdict) = self.verdict(table, places) {
            expect.verdict = verdict;
        }
        if let Some(value) = table.get("readings")
            && let Some(readings) = self.readings(value, &mut places.readings)
        {
            expect.readings = readings;
        }
        if let Some(value) = table.get("codes") {
            expect.codes = self.codes(value, places);
        }
        if let Some(value) = table.get("stuck") {
            expect.stuck = self.names(value).map(|(names, entries)| {
                places.stuck = Some(ListPlaces { whole: value.span(), entries });
                names
            });
            if !table.contains_key("verdict") {
                expect.verdict = ExpectedVerdict::Stuck;
            }
        }
        expect.never = self.questions(table, "never", &mut places.never);
        expect.possible = self.questions(table, "possible", &mut places.possible);
        expect
    }

    fn verdict(&mut self, table: &DeTable<'_>, places: &mut Places) -> Option<ExpectedVerdict> {
        let given = table.get("verdict");
        let word = match given {
            Some(value) => self.word(value, "verdict", VERDICTS)?,
            None => VERDICTS[0],
        };
        let clause = match table.get("clause") {
            Some(value) => Some(self.string(value, "clause")?),
            None => None,
        };
        match (word, clause) {
            ("violated", Some((clause, span))) => {
                places.clause = Some(span);
                Some(ExpectedVerdict::Violated { clause })
            }
            ("violated", None) => {
                let span = given.map_or(0..0, Spanned::span);
                let diagnostic = Diagnostic::new(span, "missing `clause`", "which clause?");
                self.report(diagnostic.help("add `clause = \"K…\"`, the id of the clause"));
                None
            }
            (word, Some((_, span))) => {
                let title = format!("a clause with the verdict \"{word}\"");
                let diagnostic = Diagnostic::new(span, title, "no clause is violated");
                let diagnostic = match given {
                    Some(verdict) => diagnostic.related(verdict.span(), "by this verdict"),
                    None => diagnostic,
                };
                let help = "write `verdict = \"violated\"`, or leave the clause out";
                self.report(diagnostic.help(help));
                None
            }
            ("stuck", None) => Some(ExpectedVerdict::Stuck),
            _ => Some(ExpectedVerdict::Holds),
        }
    }

    /// The names in an array, and their places; `None` if some entry could not be used.
    fn names(&mut self, value: &Value<'_>) -> Option<(Vec<String>, Vec<Span>)> {
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong_type(value, "an array of strings");
            return None;
        };
        let mut is_whole = true;
        let mut names = (Vec::new(), Vec::new());
        for item in items {
            match item.get_ref() {
                DeValue::String(text) => names.extend([(text.clone().into_owned(), item.span())]),
                _ => {
                    self.wrong_type(item, "a string");
                    is_whole = false;
                }
            }
        }
        is_whole.then_some(names)
    }

    /// The questions under a key, those that can be used.
    fn questions(
        &mut self,
        table: &DeTable<'_>,
        key: &str,
        places: &mut Vec<QuestionPlaces>,
    ) -> Vec<Question> {
        let Some(value) = table.get(key) else { return Vec::new() };
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong_brackets(value, &format!("expect.{key}"));
            return Vec::new();
        };
        let mut questions = Vec::new();
        for item in items {
            if let Some((question, place)) = self.question(item) {
                questions.push(question);
                places.push(place);
            }
        }
        questions
    }

    fn question(&mut self, value: &Value<'_>) -> Option<(Question, QuestionPlaces)> {
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_type(value, "a table with `code`, `stuck` or both");
            return None;
        };
        self.check_keys(table, QUESTION, "a question", Some(value.span()));
        let why = table.get("why").map(|value| self.string(value, "why"));
        let codes = table.get("code").map(|value| self.names(value));
        let stuck = table.get("stuck").map(|value| self.names(value));
        let mut places = QuestionPlaces { whole: value.span(), ..QuestionPlaces::default() };
        let readings =
            table.get("readings").map(|value| self.readings(value, &mut places.readings));
        let is_known = |key: &str| QUESTION.iter().any(|known| known.name == key);
        if !table.keys().all(|key| is_known(key.get_ref())) {
            return None;
        }
        let why = why.map_or(Some(String::new()), |why| why.map(|(why, _)| why));
        let (codes, of_codes) = codes.unwrap_or_else(|| Some((Vec::new(), Vec::new())))?;
        let (stuck, of_stuck) = stuck.unwrap_or_else(|| Some((Vec::new(), Vec::new())))?;
        let readings = match readings {
            Some(readings) => Some(readings?),
            None => None,
        };
        (places.codes, places.stuck) = (of_codes, of_stuck);
        Some((Question { why: why?, codes, stuck, readings }, places))
    }

    /// The readings; `None` if some entry could not be used.
    fn readings(&mut self, value: &Value<'_>, places: &mut ReadingsPlaces) -> Option<Vec<Reading>> {
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong_type(value, "an array of tables");
            return None;
        };
        places.whole = Some(value.span());
        let mut readings = Vec::new();
        let mut is_whole = true;
        for item in items {
            match self.reading(item) {
                Some(mut some) => {
                    // Entries may overlap, but an entry that adds no reading is a mistake.
                    if some.iter().any(|reading| !readings.contains(reading)) {
                        some.retain(|reading| !readings.contains(reading));
                    }
                    places.each.extend(some.iter().map(|_| item.span()));
                    readings.extend(some);
                }
                None => is_whole = false,
            }
        }
        is_whole.then_some(readings)
    }

    /// The readings that one entry stands for: an absent axis stands for both of its values.
    fn reading(&mut self, value: &Value<'_>) -> Option<Vec<Reading>> {
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_type(value, "a table with `cancelable`, `waiter` or both");
            return None;
        };
        self.check_keys(table, READING, "a reading", Some(value.span()));
        let cancelable = table.get("cancelable");
        let cancelable = cancelable.map(|value| self.word(value, "cancelable", CANCELABLES));
        let waiter = table.get("waiter").map(|value| self.word(value, "waiter", WAITERS));
        if cancelable == Some(None) || waiter == Some(None) || table.is_empty() {
            return None;
        }
        let is_wanted = |reading: &Reading| {
            let is =
                |given: Option<Option<&str>>, name| given.is_none_or(|word| word == Some(name));
            is(cancelable, Cancelable::name(reading.cancelable))
                && is(waiter, Waiter::name(reading.waiter))
        };
        Some(Reading::ALL.into_iter().filter(is_wanted).collect())
    }

    /// The expected codes, in the order of the file.
    fn codes(&mut self, value: &Value<'_>, places: &mut Places) -> Vec<ExpectedCodes> {
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_type(value, "a table from actor names to arrays");
            return Vec::new();
        };
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        let mut codes = Vec::new();
        for (key, value) in entries {
            let Some(steps) = self.code_sets(value) else {
                continue;
            };
            codes.push(ExpectedCodes { actor: key.get_ref().clone().into_owned(), steps });
            places.codes.push(CodesPlaces { actor: key.span(), lists: value.span() });
        }
        codes
    }

    /// One set of codes per step; `None` if the value has another form.
    fn code_sets(&mut self, value: &Value<'_>) -> Option<Vec<Vec<Code>>> {
        let expected = "an array of arrays of codes";
        let help = "write one inner array per code-returning step: `[[\"S_OK\"], …]`";
        let DeValue::Array(lists) = value.get_ref() else {
            self.report(wrong_type(value, expected).help(help));
            return None;
        };
        let mut sets = Vec::new();
        for list in lists {
            let DeValue::Array(items) = list.get_ref() else {
                self.report(wrong_type(list, "an array of codes").help(help));
                return None;
            };
            sets.push(items.iter().filter_map(|item| self.code(item)).collect());
        }
        Some(sets)
    }
}
