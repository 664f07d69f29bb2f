//! Tests of the whole front end: parsing, checking and printing scenarios.

mod checking;
mod generated;
mod hostile;
mod naming;
mod parsing;
mod programs;

use super::{Actor, Expect, Scenario, ScenarioErrors, Step, TimePolicy};

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

/// A client program with every construct of the language.
const PROGRAM: &str = r#"
schema = 1
name = "program"

[[event]]
name = "stop"
reset = "auto"
set = true

[[lock]]
name = "state"

[[cancel_object]]
name = "mine"
interface = true
steps = [{ set = "stop" }, { if = { is = "failed", else = [{ reset = "stop" }] } }]
returns = ["S_OK", "E_NOTIMPL"]

[[actor]]
name = "worker"
steps = [
  { set_cancel_object = "mine" },
  { repeat = { steps = [
    { lock = "state" },
    { call = { call = "work", serving = [
      [{ dispatch = "back" }, { reply = "S_OK" }],
    ], filter = "cancel" } },
    { if = { is = ["E_FAIL", "0x1"], then = ["break"], else = [{ unlock = "state" }] } },
    { wait = { event = "stop", timeout = "250ms" } },
  ], until = { any = [
    { not = { set = "stop" } },
    { all = ["succeeded", { finished = "server" }] },
  ] } } },
  "unset_cancel_object",
  "return",
]

[[actor]]
name = "server"
daemon = true
steps = [{ dispatch = "work" }, { call = "back" }, { reply = "S_OK" }]

[[actor]]
name = "canceller"
steps = [
  { repeat = { steps = [
    { cancel = { thread = "worker", seconds = 0 } },
    { sleep = "2s" },
  ], times = 3 } },
  { join = { actor = "worker", timeout = 5 } },
]

[expect]
stuck = ["worker"]

[[expect.never]]
why = "a reason"
code = ["worker:set_cancel_object=E_FAIL", "work=S_OK"]
stuck = ["canceller"]

[[expect.possible]]
code = ["WAIT_TIMEOUT"]
readings = [{ waiter = "caller" }]
"#;

fn parse(text: &str) -> Result<Scenario, ScenarioErrors> {
    Scenario::parse("test.toml", text.as_bytes())
}

/// A scenario with these actors, and nothing else.
fn of_actors<'n>(actors: impl IntoIterator<Item = (&'n str, Vec<Step>)>) -> Scenario {
    let actor = |(name, steps): (&str, Vec<Step>)| Actor {
        name: name.to_owned(),
        depth: 0,
        is_daemon: false,
        steps,
    };
    Scenario {
        name: "n".to_owned(),
        summary: String::new(),
        time: TimePolicy::Free,
        events: Vec::new(),
        locks: Vec::new(),
        cancel_objects: Vec::new(),
        actors: actors.into_iter().map(actor).collect(),
        expect: Expect::default(),
    }
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
