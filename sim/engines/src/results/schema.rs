//! The format of a file with results as a JSON schema (draft 2020-12), for any one line of it.

use calloff_protocol::exploration::{Engine, Granularity};
use calloff_protocol::judge::Violated;
use serde_json::{Value, json};

use super::FORMAT;

/// The schema of a line of a file with results: of the first one, or of one of the others.
pub fn json_schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "calloff results, a line",
        "description": "The first line says which work the others are of. `sum` is a hash of the \
                        text of the line behind it.",
        "oneOf": [header(), unit()],
    })
}

fn id(about: &str) -> Value {
    json!({ "type": "string", "pattern": "^[0-9a-f]{32}$", "description": about })
}

fn count(about: &str) -> Value {
    json!({ "type": ["integer", "null"], "minimum": 0, "description": about })
}

fn header() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": [
            "sum", "format", "tool", "command", "arguments", "work", "shard", "costs", "units",
            "nanoseconds_max"
        ],
        "properties": {
            "sum": id("A hash of the rest of the line."),
            "format": { "const": FORMAT, "description": "The version of this format." },
            "tool": { "type": "string", "description": "What wrote the file, with its version." },
            "command": { "enum": ["check", "fuzz", "faults"] },
            "arguments": {
                "type": "object",
                "description": "What decides what is found, under the names of the flags.",
            },
            "work": id("A hash of all units and of the names of their files."),
            "shard": { "type": "string", "pattern": "^[1-9][0-9]*/[1-9][0-9]*$" },
            "costs": { "oneOf": [{ "type": "null" }, id("A hash of the record of costs.")] },
            "units": count("The number of units in this shard; null: not counted."),
            "nanoseconds_max": count("The limit on wall-clock time; null: there is none."),
        },
    })
}

fn unit() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["sum", "unit", "result"],
        "properties": {
            "sum": id("A hash of the rest of the line."),
            "unit": id("A hash of the content of the unit."),
            "result": {
                "description": "`check`: the runs of all engines. `fuzz`, `faults`: \
                                an object that merging alone reads.",
                "oneOf": [{ "type": "array", "items": run() }, { "type": "object" }],
            },
        },
    })
}

fn run() -> Value {
    let violated: Vec<&str> = Violated::all().map(Violated::id).collect();
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": [
            "is_client", "reading", "engine", "skipped", "verdict", "is_as_expected", "violations",
            "exploration"
        ],
        "properties": {
            "reading": { "type": "object" },
            "engine": { "enum": Engine::ALL.map(Engine::name) },
            "skipped": { "type": ["string", "null"], "description": "Why it did not run." },
            "verdict": { "enum": ["holds", "violated", "inconclusive"] },
            "is_client": { "type": "boolean" },
            "is_as_expected": { "type": "boolean" },
            "violations": { "type": "array", "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["what", "message", "schedule", "granularity"],
                "properties": {
                    "what": { "enum": violated },
                    "message": { "type": "string" },
                    "schedule": {
                        "type": ["array", "null"],
                        "description": "Who steps: an actor by its position, or the clock.",
                    },
                    "granularity": { "enum": Granularity::ALL.map(Granularity::name) },
                },
            } },
            "exploration": {
                "type": "object",
                "description": "What was counted and seen; a schedule is in the violations.",
            },
        },
    })
}
