//! Reads what actors share: events, locks and custom cancel objects.

use calloff_model::Code;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Walk;
use super::places::{OwnerPlaces, Places};
use crate::scenario::language::{CANCEL_OBJECT, EVENT, Key, LOCK, RESETS};
use crate::scenario::{CustomObject, EventObject};

type Value<'i> = Spanned<DeValue<'i>>;

impl Walk<'_> {
    pub(super) fn events(&mut self, tree: &DeTable<'_>, places: &mut Places) -> Vec<EventObject> {
        let mut events = Vec::new();
        for value in self.tables(tree, "event") {
            let Some(table) = self.table_of(value, EVENT, "an event") else { continue };
            let name = table.get("name").and_then(|value| self.string(value, "name"));
            let reset = table.get("reset").and_then(|value| self.word(value, "reset", RESETS));
            let is_set = table.get("set").and_then(|value| self.truth(value)).unwrap_or(false);
            let Some((name, span)) = name else {
                self.gaps.objects = true;
                continue;
            };
            events.push(EventObject { name, is_auto: reset == Some("auto"), is_set });
            places.events.push(span);
        }
        events
    }

    pub(super) fn locks(&mut self, tree: &DeTable<'_>, places: &mut Places) -> Vec<String> {
        let mut locks = Vec::new();
        for value in self.tables(tree, "lock") {
            let Some(table) = self.table_of(value, LOCK, "a lock") else { continue };
            let Some((name, span)) = table.get("name").and_then(|value| self.string(value, "name"))
            else {
                self.gaps.objects = true;
                continue;
            };
            locks.push(name);
            places.locks.push(span);
        }
        locks
    }

    pub(super) fn cancel_objects(
        &mut self,
        tree: &DeTable<'_>,
        places: &mut Places,
    ) -> Vec<CustomObject> {
        let mut objects = Vec::new();
        for value in self.tables(tree, "cancel_object") {
            let Some(table) = self.table_of(value, CANCEL_OBJECT, "a cancel object") else {
                continue;
            };
            let name = table.get("name").and_then(|value| self.string(value, "name"));
            let interface = table.get("interface").and_then(|value| self.truth(value));
            let mut of_steps = Vec::new();
            let steps = table.get("steps").map(|value| self.steps(value, &mut of_steps));
            let returns = match table.get("returns") {
                Some(value) => self.returns(value),
                None => vec![Code::S_OK],
            };
            let Some((name, span)) = name else {
                self.gaps.objects = true;
                continue;
            };
            objects.push(CustomObject {
                name,
                has_interface: interface.unwrap_or(true),
                steps: steps.unwrap_or_default(),
                returns,
            });
            let returns = table.get("returns").map(Spanned::span);
            places.cancel_objects.push(OwnerPlaces { name: span, steps: of_steps, returns });
        }
        objects
    }

    /// One code or several; never none because of a mistake that was reported.
    fn returns(&mut self, value: &Value<'_>) -> Vec<Code> {
        let DeValue::Array(items) = value.get_ref() else {
            return vec![self.code(value).unwrap_or(Code::S_OK)];
        };
        items.iter().map(|item| self.code(item).unwrap_or(Code::S_OK)).collect()
    }

    /// The elements of an array of tables; none if it is absent.
    fn tables<'t, 'i>(&mut self, tree: &'t DeTable<'i>, key: &str) -> &'t [Value<'i>] {
        let Some(value) = tree.get(key) else { return &[] };
        match value.get_ref() {
            DeValue::Array(items) => items,
            _ => {
                self.gaps.objects = true;
                self.wrong_brackets(value, key);
                &[]
            }
        }
    }

    /// An element of an array of tables, its keys checked.
    fn table_of<'t, 'i>(
        &mut self,
        value: &'t Value<'i>,
        keys: &'static [Key],
        what: &str,
    ) -> Option<&'t DeTable<'i>> {
        let Some(table) = value.get_ref().as_table() else {
            self.gaps.objects = true;
            self.wrong_type(value, "a table with `name`");
            return None;
        };
        self.check_keys(table, keys, what, Some(value.span()));
        Some(table)
    }
}
