//! Reads the steps that contain steps, and conditions.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Walk;
use super::places::StepPlaces;
use super::value::wrong_type;
use crate::scenario::error::Diagnostic;
use crate::scenario::language::{
    AWAIT, CONDITION, FAILED, FILTERS, IF, REPEAT, SUCCEEDED, StepKind,
};
use crate::scenario::validate::Field;
use crate::scenario::{Condition, Step, Until, Waiting};
use crate::text::{nearest, quoted};

type Value<'i> = Spanned<DeValue<'i>>;

/// What a condition can be, for messages.
const EXPECTED: &str = "\"succeeded\", \"failed\", a code, an array of codes, or a table";

impl Walk<'_> {
    /// What is waited for: a call's name, or a table with it, handlers and a filter.
    pub(super) fn waiting(
        &mut self,
        value: &Value<'_>,
        kind: &StepKind,
        places: &mut Vec<StepPlaces>,
    ) -> Option<Waiting> {
        let at = places.len() - 1;
        if !value.get_ref().is_table() {
            return self.name(value, kind, Field::Call, &mut places[at]).map(Waiting::plain);
        }
        let table = self.argument(value, kind, AWAIT)?;
        let call = self.field(table, "call", Field::Call, &mut places[at]);
        let mut serving = Vec::new();
        if let Some(value) = table.get("serving") {
            for (handler, list) in self.items(value, "arrays of steps").iter().enumerate() {
                places[at].parts.insert(Field::Handler(handler), list.span());
                serving.push(self.steps(list, places));
            }
        }
        let filter = table.get("filter").map(|value| self.word(value, "filter", FILTERS));
        let has_filter = filter.is_some();
        Some(Waiting { call: call?, serving, has_filter })
    }

    pub(super) fn repeat(
        &mut self,
        value: &Value<'_>,
        kind: &StepKind,
        places: &mut Vec<StepPlaces>,
    ) -> Option<Step> {
        let at = places.len() - 1;
        let table = self.argument(value, kind, REPEAT)?;
        // A missing body was reported.
        self.gaps.steps |= !table.contains_key("steps");
        let steps = self.list_in(table, "steps", places);
        let until = match (table.get("until"), table.get("times")) {
            (Some(value), None) => Until::Met(self.condition(value, &mut places[at], &mut 0)?),
            (None, Some(value)) => {
                places[at].parts.insert(Field::Times, value.span());
                Until::Times(self.number(value)?)
            }
            (None, None) => Until::Never,
            (Some(_), Some(_)) => return None,
        };
        Some(Step::Repeat { steps, until })
    }

    pub(super) fn decision(
        &mut self,
        value: &Value<'_>,
        kind: &StepKind,
        places: &mut Vec<StepPlaces>,
    ) -> Option<Step> {
        let at = places.len() - 1;
        let table = self.argument(value, kind, IF)?;
        let then = self.list_in(table, "then", places);
        let otherwise = self.list_in(table, "else", places);
        let condition = self.condition(table.get("is")?, &mut places[at], &mut 0)?;
        Some(Step::If { condition, then, otherwise })
    }

    /// The steps under a key; none without the key. A missing key was reported before.
    fn list_in(
        &mut self,
        table: &DeTable<'_>,
        key: &str,
        places: &mut Vec<StepPlaces>,
    ) -> Vec<Step> {
        table.get(key).map_or_else(Vec::new, |value| self.steps(value, places))
    }

    /// A condition; `None` if a problem was reported. `next` numbers the conditions of the step,
    /// each before those within it.
    fn condition(
        &mut self,
        value: &Value<'_>,
        places: &mut StepPlaces,
        next: &mut usize,
    ) -> Option<Condition> {
        let field = Field::Condition(*next);
        *next += 1;
        places.parts.insert(field, value.span());
        match value.get_ref() {
            DeValue::String(text) if text == SUCCEEDED => Some(Condition::Succeeded),
            DeValue::String(text) if text == FAILED => Some(Condition::Failed),
            DeValue::String(text) => {
                if text.parse::<calloff_model::Code>().is_err()
                    && let Some(near) = nearest(text, [SUCCEEDED, FAILED])
                {
                    let title = format!("unknown condition {}", quoted(text));
                    let diagnostic = Diagnostic::new(value.span(), title, "no such condition");
                    self.report(diagnostic.suggest(Some(near)));
                    return None;
                }
                Some(Condition::Codes(vec![self.code(value)?]))
            }
            DeValue::Array(items) => {
                let codes: Vec<_> = items.iter().map(|item| self.code(item)).collect();
                Some(Condition::Codes(codes.into_iter().collect::<Option<_>>()?))
            }
            DeValue::Table(table) => self.table_condition(table, value, field, places, next),
            _ => {
                self.report(wrong_type(value, EXPECTED));
                None
            }
        }
    }

    fn table_condition(
        &mut self,
        table: &DeTable<'_>,
        value: &Value<'_>,
        field: Field,
        places: &mut StepPlaces,
        next: &mut usize,
    ) -> Option<Condition> {
        self.check_keys(table, CONDITION, "a condition", Some(value.span()));
        let mut entries = table.iter();
        let (Some((key, value)), None) = (entries.next(), entries.next()) else {
            return None;
        };
        match &**key.get_ref() {
            "set" => self.field(table, "set", field, places).map(Condition::Set),
            "finished" => self.field(table, "finished", field, places).map(Condition::Finished),
            "not" => Some(Condition::Not(Box::new(self.condition(value, places, next)?))),
            "all" => self.conditions(value, places, next).map(Condition::All),
            "any" => self.conditions(value, places, next).map(Condition::Any),
            _ => None,
        }
    }

    fn conditions(
        &mut self,
        value: &Value<'_>,
        places: &mut StepPlaces,
        next: &mut usize,
    ) -> Option<Vec<Condition>> {
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong_type(value, "an array of conditions");
            return None;
        };
        let mut conditions = Some(Vec::new());
        for item in items {
            let condition = self.condition(item, places, next);
            conditions = conditions.zip(condition).map(|(mut conditions, condition)| {
                conditions.push(condition);
                conditions
            });
        }
        conditions
    }
}
