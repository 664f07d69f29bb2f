//! Tests of the whole front end: parsing, checking and printing scenarios.

mod checking;
mod generated;
mod hostile;
mod naming;
mod parsing;

use super::{Scenario, ScenarioErrors};

/// The example of the language's documentation.
const EXAMPLE: &str = r#"
schema = 1
name = "cancel-meets-reply"
summary = "A cancel with a window races the server's reply."
time = "free"

[[actor]]
name = "caller"
depth = 0
steps = ["enable", { call = "work" }, "disable"]

[[actor]]
name = "server"
steps = [{ dispatch = "work" }, "test_cancel", { work = 2 }, { reply = "S_OK" }]

[[actor]]
name = "canceller"
steps = [{ cancel = { thread = "caller", seconds = 1 } }]

[expect]
verdict = "holds"
readings = [{ cancelable = "at-issue" }, { cancelable = "at-request", waiter = "caller" }]

[expect.codes]
canceller = [["S_OK", "RPC_E_CALL_COMPLETE", "E_NOINTERFACE", "CO_E_CANCEL_DISABLED"]]
"#;

fn parse(text: &str) -> Result<Scenario, ScenarioErrors> {
    Scenario::parse("test.toml", text.as_bytes())
}

/// A file with one actor `a` that takes these steps, and one `b` that issues the call `other`.
fn with_steps(steps: &str) -> String {
    format!(
        "schema = 1\nname = \"n\"\n[[actor]]\nname = \"a\"\nsteps = [{steps}]\n\
         [[actor]]\nname = \"b\"\nsteps = [{{ issue = \"other\" }}]\n"
    )
}

/// The titles of the diagnostics for the text.
fn titles(text: &str) -> Vec<String> {
    match parse(text) {
        Ok(_) => Vec::new(),
        Err(errors) => {
            let title = |text: &str| text.split(": ").next().unwrap_or_default().to_owned();
            errors.mistakes().iter().map(|mistake| title(&mistake.message)).collect()
        }
    }
}
