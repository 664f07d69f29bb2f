//! The format of a counterexample as a JSON schema (draft 2020-12).

use calloff_model::{Cancelable, Waiter};
use serde_json::{Value, json};

use super::FORMAT;
use crate::exploration::{Engine, Granularity};
use crate::faults::Seeded;
use crate::judge::Violated;

/// The schema of a counterexample file.
pub fn json_schema() -> Value {
    let engines = Engine::ALL.map(Engine::name);
    let granularities = Granularity::ALL.map(Granularity::name);
    let faults: Vec<&str> = Seeded::all().map(Seeded::name).collect();
    let violated: Vec<&str> = Violated::all().map(Violated::id).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "calloff counterexample",
        "type": "object",
        "additionalProperties": false,
        "required": [
            "format", "tool", "scenario", "reading", "engine", "granularity", "schedule"
        ],
        "properties": {
            "format": {
                "enum": (1..=FORMAT).collect::<Vec<_>>(),
                "description": "The version of this format.",
            },
            "tool": { "type": "string", "description": "What wrote the file." },
            "scenario": { "type": "string", "description": "The scenario file, as TOML." },
            "reading": {
                "type": "object",
                "additionalProperties": false,
                "required": ["cancelable", "waiter"],
                "properties": {
                    "cancelable": { "enum": Cancelable::ALL.map(Cancelable::name) },
                    "waiter": { "enum": Waiter::ALL.map(Waiter::name) },
                },
            },
            "engine": { "enum": engines, "description": "The engine that found it." },
            "granularity": {
                "enum": granularities,
                "description": "What one choice of the schedule stands for.",
            },
            "fault": {
                "enum": faults.into_iter().map(Value::from).chain([Value::Null])
                    .collect::<Vec<_>>(),
                "description": "The seeded bug that it was found under.",
            },
            "violated": {
                "description": "What the execution violates; null: it is just an execution.",
                "oneOf": [{ "type": "null" }, {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["clause", "message"],
                    "properties": {
                        "clause": { "enum": violated },
                        "message": { "type": "string" },
                    },
                }],
            },
            "exploration": exploration(),
            "schedule": {
                "type": "array",
                "items": { "type": "string" },
                "description": "Who steps, by name; `clock` for an advance of the clock.",
            },
        },
    })
}

/// The schema of the extent of an exploration.
fn exploration() -> Value {
    let number = || json!({ "type": "integer", "minimum": 0 });
    json!({
        "description": "How far to explore, to see again what no execution shows that \
                        can be replayed; null: the schedule is replayed. Not in format 1.",
        "oneOf": [{ "type": "null" }, {
            "type": "object",
            "additionalProperties": false,
            "required": ["seed", "states_max", "executions_max", "preemptions_max"],
            "properties": {
                "seed": number(),
                "states_max": number(),
                "executions_max": number(),
                "preemptions_max": number(),
            },
        }],
    })
}
