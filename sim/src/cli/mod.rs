//! The command line.

mod args;
mod check;
mod exit;
mod faults;
mod list;
mod load;

pub use args::{Args, Command};
pub use exit::Exit;

use std::io::Write;

use anstream::AutoStream;

use crate::engine::loom::worker::{self, IMPLEMENTATIONS};

/// Runs the command and says how the program ends.
pub fn run(args: &Args) -> Exit {
    args.color.write_global();
    let result = match &args.command {
        Command::Check(check) => check::run(check),
        Command::List(list) => list::run(list),
        Command::Schema => schema(),
        Command::Faults(faults) => faults::run(faults),
        Command::Worker { engine: args::WorkerEngine::Loom } => {
            let (input, output) = (std::io::stdin().lock(), std::io::stdout().lock());
            std::process::exit(i32::from(worker::worker_main(input, output, &IMPLEMENTATIONS)))
        }
    };
    result.unwrap_or_else(|error| {
        // Standard output was closed by its reader: that is the reader's choice, not an error.
        if error.kind() == std::io::ErrorKind::BrokenPipe { Exit::Met } else { report(&error) }
    })
}

fn report(error: &std::io::Error) -> Exit {
    let _ = writeln!(stderr(), "error: {error}");
    Exit::Internal
}

fn schema() -> std::io::Result<Exit> {
    let schema = crate::scenario::json_schema();
    writeln!(std::io::stdout().lock(), "{schema:#}")?;
    Ok(Exit::Met)
}

fn stdout() -> AutoStream<std::io::StdoutLock<'static>> {
    anstream::stdout().lock()
}

fn stderr() -> AutoStream<std::io::StderrLock<'static>> {
    anstream::stderr().lock()
}
