//! The language's tables as Markdown, for the documentation.

use std::fmt::Write;

use super::{Key, Presence, STEPS, Shape, StepKind};

/// The table of steps: how each is written, whether it returns a code, what it does.
pub fn steps_table() -> String {
    let mut out = String::from("| step | returns a code | what it does |\n|---|---|---|\n");
    for kind in STEPS {
        let code = if kind.returns_code { "yes" } else { "no" };
        let _ = writeln!(out, "| {} | {code} | {} |", forms(kind), kind.doc);
    }
    out
}

/// The table of the keys of one table of the language, such as [`super::FILE`].
pub fn keys_table(keys: &[Key]) -> String {
    let mut out = String::from("| key | value | needed | what it means |\n|---|---|---|---|\n");
    for key in keys {
        let needed = match key.presence {
            Presence::Required => "yes",
            Presence::Optional => "no",
            Presence::ExactlyOne => "exactly one of these",
            Presence::AtLeastOne => "at least one of these",
            Presence::AtMostOne => "at most one of these",
        };
        let value = key.shape.expected();
        let _ = writeln!(out, "| `{}` | {value} | {needed} | {} |", key.name, key.doc);
    }
    out
}

fn forms(kind: &StepKind) -> String {
    match kind.argument {
        None => format!("`\"{}\"`", kind.name),
        Some(argument) => {
            let plain = if kind.plain { format!("`\"{}\"`, ", kind.name) } else { String::new() };
            let note = match argument {
                Shape::Duration => " (seconds)",
                _ => "",
            };
            let long = kind.long.map_or(String::new(), |long| format!(", `{long}`"));
            format!("{plain}`{}`{note}{long}", kind.example)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_and_every_key_has_its_row() {
        let steps = steps_table();
        for kind in STEPS {
            assert!(steps.contains(&format!("| {} |", forms(kind))), "{steps}");
            assert!(!kind.doc.is_empty(), "{} has no description", kind.name);
        }
        let keys = keys_table(super::super::ACTOR);
        assert!(keys.contains("| `depth` | a whole number from 0 to 4294967295 | no |"), "{keys}");
    }
}
