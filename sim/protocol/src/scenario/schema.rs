//! The language as a JSON schema (draft 2020-12), for editors and other tools.
//!
//! It is derived from the language's table. It refuses unknown keys, but it cannot express how
//! names refer to each other; only [`validate`](super::validate::validate) checks that.

use calloff_model::Code;
use serde_json::{Map, Value, json};

use super::language::{
    CONDITION, DURATION_SECONDS_MAX, FAILED, FILE, INFINITE, Key, Presence, SCHEMA, STEPS,
    SUCCEEDED, Shape, StepKind, WINDOW_SECONDS_MAX,
};
use crate::clauses::Clause;

/// The schema of a scenario file.
pub fn json_schema() -> Value {
    let mut schema = table(FILE);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("calloff scenario");
    schema["$defs"] = json!({
        "step": step(),
        "condition": condition(),
        "code": code(),
        "duration": duration(),
        "name": name(),
    });
    schema
}

fn shape(shape: Shape) -> Value {
    match shape {
        Shape::Version => json!({ "const": SCHEMA }),
        Shape::Name => json!({ "$ref": "#/$defs/name" }),
        Shape::Text => json!({ "type": "string" }),
        Shape::Word(words) => json!({ "enum": words }),
        Shape::Bool => json!({ "type": "boolean" }),
        Shape::Count => json!({ "type": "integer", "minimum": 1, "maximum": u32::MAX }),
        Shape::Duration => json!({ "$ref": "#/$defs/duration" }),
        Shape::Number => json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX }),
        Shape::Window => json!({ "oneOf": [
            { "type": "integer", "minimum": 0, "maximum": u64::from(WINDOW_SECONDS_MAX) + 1 },
            { "const": INFINITE },
        ] }),
        Shape::Code => json!({ "$ref": "#/$defs/code" }),
        Shape::Clause => json!({ "enum": Clause::violable().collect::<Vec<_>>() }),
        Shape::Step => json!({ "$ref": "#/$defs/step" }),
        Shape::Condition => json!({ "$ref": "#/$defs/condition" }),
        Shape::Either(one, other) => {
            json!({ "anyOf": [self::shape(*one), self::shape(*other)] })
        }
        Shape::Table(keys) => table(keys),
        Shape::List(item) => json!({ "type": "array", "items": self::shape(*item) }),
        Shape::ByActor(item) => {
            json!({ "type": "object", "additionalProperties": self::shape(*item) })
        }
    }
}

fn table(keys: &[Key]) -> Value {
    let properties: Map<String, Value> =
        keys.iter().map(|key| (key.name.to_owned(), property(key))).collect();
    let named = |presence| -> Vec<&str> {
        keys.iter().filter(|key| key.presence == presence).map(|key| key.name).collect()
    };
    let mut schema = json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    let required = named(Presence::Required);
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    let alternatives = |names: Vec<&str>| -> Vec<Value> {
        names.into_iter().map(|name| json!({ "required": [name] })).collect()
    };
    let one = named(Presence::ExactlyOne);
    if !one.is_empty() {
        schema["oneOf"] = json!(alternatives(one));
    }
    let any = named(Presence::AtLeastOne);
    if !any.is_empty() {
        schema["anyOf"] = json!(alternatives(any));
    }
    let most = named(Presence::AtMostOne);
    if !most.is_empty() {
        schema["not"] = json!({ "required": most });
    }
    schema
}

fn property(key: &Key) -> Value {
    let mut schema = shape(key.shape);
    schema["description"] = json!(key.doc);
    schema
}

fn step() -> Value {
    let plain = STEPS
        .iter()
        .filter(|kind| kind.plain)
        .map(|kind| json!({ "const": kind.name, "description": kind.doc }));
    let tables = STEPS.iter().filter_map(step_table);
    json!({ "oneOf": plain.chain(tables).collect::<Vec<Value>>() })
}

fn step_table(kind: &StepKind) -> Option<Value> {
    let argument = shape(kind.argument?);
    Some(json!({
        "type": "object",
        "description": kind.doc,
        "properties": { kind.name: argument },
        "required": [kind.name],
        "additionalProperties": false,
    }))
}

fn condition() -> Value {
    json!({ "anyOf": [
        { "enum": [SUCCEEDED, FAILED] },
        { "$ref": "#/$defs/code" },
        { "type": "array", "items": { "$ref": "#/$defs/code" }, "minItems": 1 },
        table(CONDITION),
    ] })
}

fn duration() -> Value {
    json!({ "anyOf": [
        { "type": "integer", "minimum": 0, "maximum": DURATION_SECONDS_MAX },
        { "type": "string", "pattern": "^[0-9]+(ms|s)$" },
    ] })
}

fn code() -> Value {
    let names = Code::NAMED.iter().map(|(name, _)| *name);
    let names: Vec<&str> = names.chain([Code::CANCEL_ALREADY_CANCELED]).collect();
    json!({ "anyOf": [
        { "enum": names },
        { "type": "string", "pattern": "^0[xX][0-9a-fA-F]{1,8}$" },
    ] })
}

fn name() -> Value {
    json!({ "type": "string", "pattern": r"^( |[^\p{C}\p{Z}])+$" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_knows_every_step_and_every_key_and_nothing_else() {
        let schema = json_schema();
        let text = schema.to_string();
        for kind in STEPS {
            assert!(text.contains(&format!("\"{}\"", kind.name)), "{}", kind.name);
        }
        for key in FILE {
            assert!(schema["properties"][key.name].is_object(), "{}", key.name);
        }
        assert_eq!(schema["required"], json!(["schema", "name", "actor"]));
        assert_eq!(text.matches("\"type\":\"object\"").count(), {
            let strict = text.matches("\"additionalProperties\":false").count();
            let by_actor = 1;
            strict + by_actor
        });
    }
}
