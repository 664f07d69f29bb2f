//! Commands to be pasted into a shell.

use std::fmt::Write;

use calloff_model::Reading;
use calloff_protocol::program::Program;
use calloff_protocol::trace::Schedule;
use calloff_protocol::world::Fault;

/// The command that shows a schedule again.
pub fn replay_command(
    scenario: &str,
    program: &Program,
    reading: Reading,
    fault: Option<&Fault>,
    schedule: &Schedule,
) -> String {
    let names = schedule.names(program);
    let is_plain = |name: &String| !name.is_empty() && !name.contains(char::is_whitespace);
    let names = match names.iter().all(is_plain) && !names.concat().starts_with('[') {
        true => names.join(" "),
        false => serde_json::json!(names).to_string(),
    };
    let mut command = format!("calloff replay --scenario {}", quoted(scenario));
    let default = Reading::default();
    if reading.cancelable != default.cancelable {
        let _ = write!(command, " --cancelable {}", reading.cancelable.name());
    }
    if reading.waiter != default.waiter {
        let _ = write!(command, " --waiter {}", reading.waiter.name());
    }
    if let Some(fault) = fault {
        let _ = write!(command, " --fault {}", fault.name);
    }
    command + " --schedule " + &in_quotes(&names)
}

/// An argument, in quotes if a shell would not take it as it is.
pub fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    match text.chars().all(is_plain) && !text.is_empty() {
        true => text.to_owned(),
        false => in_quotes(text),
    }
}

fn in_quotes(text: &str) -> String {
    match text.contains(['"', '$', '`', '\\', '!']) {
        false => format!("\"{text}\""),
        true => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_survives_a_shell() {
        assert_eq!(quoted("races/a-b.toml"), "races/a-b.toml");
        assert_eq!(quoted("my race.toml"), "\"my race.toml\"");
        assert_eq!(in_quotes("[\"it's\"]"), "'[\"it'\\''s\"]'");
    }
}
