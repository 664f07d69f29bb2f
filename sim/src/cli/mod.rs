//! The command line of `calloff`.

mod args;
mod check;
mod exit;
mod explain;
mod explore;
mod faults;
mod fuzz;
mod list;
mod load;
mod machine;
mod replay;
mod shrink;
mod step;
mod witness;

pub use args::{Args, Command};
pub use exit::Exit;
pub(crate) use load::{load, named};

use std::io::Write;

use anstream::AutoStream;

use crate::engine::loom::worker::{self, implementations};
use crate::report::describe::wrap_hanging;
use crate::report::width;

/// Runs the command, and returns how the program ends.
pub fn run(args: &Args) -> Exit {
    args.color.write_global();
    let result = match &args.command {
        Command::Check(check) => check::run(check),
        Command::Explore(args) => explore::run(args),
        Command::List(list) => list::run(list),
        Command::Schema(args) => schema(args),
        Command::Replay(args) => replay::replay(args),
        Command::Keep(args) => replay::keep(args),
        Command::Faults(faults) => faults::run(faults),
        Command::Fuzz(fuzz) => fuzz::run(fuzz),
        Command::Shrink(shrink) => shrink::run(shrink),
        Command::Explain(explain) => explain::run(explain),
        Command::Witness(witness) => witness::run(witness),
        Command::Step(step) => step::run(step),
        Command::Worker { engine: args::WorkerEngine::Loom } => {
            let (input, output) = (std::io::stdin().lock(), std::io::stdout().lock());
            std::process::exit(i32::from(worker::worker_main(input, output, &implementations())))
        }
    };
    result.unwrap_or_else(|error| match error.kind() {
        // The reader of standard output closed it: that is the reader's decision, not an error.
        std::io::ErrorKind::BrokenPipe => Exit::Met,
        _ => {
            complain(&format!("error: {error}"));
            Exit::Internal
        }
    })
}

/// Writes a message to standard error; errors in doing so are ignored.
fn complain(text: &str) {
    let _ = writeln!(stderr(), "{text}");
}

/// Writes a paragraph to standard error, wrapped to the width of the terminal.
fn narrate(text: &str) {
    complain(&wrap_hanging(text, width(), 2));
}

fn schema(args: &args::Schema) -> std::io::Result<Exit> {
    let schema = match args.counterexample {
        true => crate::finding::json_schema(),
        false => crate::scenario::json_schema(),
    };
    writeln!(std::io::stdout().lock(), "{schema:#}")?;
    Ok(Exit::Met)
}

/// Prints a result. A reader that closes standard output early does not change the exit code.
fn show(text: &str) -> std::io::Result<()> {
    stdout().write_all(text.as_bytes()).or_else(|error| match error.kind() {
        std::io::ErrorKind::BrokenPipe => Ok(()),
        _ => Err(error),
    })
}

fn stdout() -> AutoStream<std::io::StdoutLock<'static>> {
    anstream::stdout().lock()
}

fn stderr() -> AutoStream<std::io::StderrLock<'static>> {
    anstream::stderr().lock()
}
