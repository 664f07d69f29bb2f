//! The command line.

mod args;
mod bless;
mod check;
mod commands;
mod conclude;
mod explain;
mod explore;
mod far;
mod faults;
mod fuzz;
mod interrupt;
pub mod junit;
mod list;
mod machine;
mod merge;
mod new;
mod progress;
mod replay;
mod shrink;
mod step;
mod witness;
pub mod zoo;

use std::io::{self, Write};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use anstream::AutoStream;
use calloff_protocol::judge::Source;
use calloff_protocol::text::{printable_path, wrap_hanging};
use calloff_reports::WIDTH;
use calloff_sim::engine::loom::worker;
use calloff_sim::exit::Exit;
use calloff_sim::load::{BadFiles, load};
use calloff_sim::subjects;
pub use commands::{Args, Command};

/// Runs the command and says how the program ends.
pub fn run(args: &Args) -> Exit {
    args.color.write_global();
    let result = match &args.command {
        Command::Check(check) => check::run(check),
        Command::Explore(args) => explore::run(args),
        Command::List(list) => list::run(list),
        Command::New(args) => new::run(args),
        Command::Schema(args) => schema(args),
        Command::Replay(args) => replay::replay(args),
        Command::Keep(args) => replay::keep(args),
        Command::Faults(faults) => faults::run(faults),
        Command::Fuzz(fuzz) => fuzz::run(fuzz),
        Command::Merge(args) => merge::run(args),
        Command::Shrink(shrink) => shrink::run(shrink),
        Command::Explain(explain) => explain::run(explain),
        Command::Witness(witness) => witness::run(witness),
        Command::Step(step) => step::run(step),
        Command::Worker { engine: commands::WorkerEngine::Loom } => {
            let (input, output) = (std::io::stdin().lock(), std::io::stdout().lock());
            std::process::exit(i32::from(worker::worker_main(
                input,
                output,
                &subjects::implementations(),
            )))
        }
    };
    result.unwrap_or_else(ended)
}

/// Says why, if nobody has yet.
fn ended(early: Early) -> Exit {
    match early {
        Early::Said(exit) => exit,
        Early::Bad(files) => {
            complain(&files.to_colored());
            Exit::BadFile
        }
        // Standard output was closed by its reader: that is the reader's choice, not an error.
        Early::Stdout(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Met,
        Early::Stdout(error) => {
            complain(&format!("error: cannot write standard output: {error}"));
            Exit::Unwritable
        }
        Early::File(path, error) => {
            complain(&format!("error: cannot write `{}`: {error}", printable_path(&path)));
            Exit::Unwritable
        }
    }
}

/// Says what is wrong with the arguments, or what help was asked for.
pub fn say(said: &clap::Error) -> Exit {
    let exit = if said.use_stderr() { Exit::Usage } else { Exit::Met };
    said.print().map_or_else(|error| ended(Early::Stdout(error)), |()| exit)
}

/// Why a command ends before it is through.
enum Early {
    /// It has said why.
    Said(Exit),
    /// These files are bad, and nobody was told yet.
    Bad(BadFiles),
    /// Standard output cannot be written.
    Stdout(io::Error),
    /// A file cannot be written, or not in this folder.
    File(PathBuf, io::Error),
}

impl From<Exit> for Early {
    fn from(exit: Exit) -> Early {
        Early::Said(exit)
    }
}

impl From<BadFiles> for Early {
    fn from(files: BadFiles) -> Early {
        Early::Bad(files)
    }
}

impl From<io::Error> for Early {
    fn from(error: io::Error) -> Early {
        Early::Stdout(error)
    }
}

/// Why that file cannot be written.
fn unwritable(path: &Path) -> impl FnOnce(io::Error) -> Early {
    |error| Early::File(path.to_owned(), error)
}

/// Narration. Nobody has to listen.
fn complain(text: &str) {
    let _ = writeln!(stderr(), "{text}");
}

/// Narration in a paragraph, as wide as the terminal.
fn narrate(text: &str) {
    complain(&wrap_hanging(text, width(), 2));
}

fn schema(args: &args::Schema) -> Result<Exit, Early> {
    let schema = match (args.counterexample, args.results) {
        (true, _) => calloff_protocol::finding::json_schema(),
        (_, true) => calloff_sim::results::json_schema(),
        _ => calloff_protocol::scenario::json_schema(),
    };
    writeln!(std::io::stdout().lock(), "{schema:#}")?;
    Ok(Exit::Met)
}

/// Prints a result.
fn show(text: &str) -> io::Result<()> {
    unless_closed(stdout().write_all(text.as_bytes()))
}

/// Whoever closes standard output early has seen enough; the verdict stands.
fn unless_closed(written: io::Result<()>) -> io::Result<()> {
    written.or_else(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Ok(()),
        _ => Err(error),
    })
}

fn stdout() -> AutoStream<std::io::StdoutLock<'static>> {
    anstream::stdout().lock()
}

fn stderr() -> AutoStream<std::io::StderrLock<'static>> {
    anstream::stderr().lock()
}

/// The narrowest width that COLUMNS may ask for, and the widest.
const COLUMNS: RangeInclusive<usize> = 20..=1000;

/// The width of the terminal in columns; without one, what COLUMNS says, or [`WIDTH`].
fn width() -> usize {
    let asked = || std::env::var("COLUMNS").ok()?.parse().ok().filter(|w| COLUMNS.contains(w));
    let terminal = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    terminal.or_else(asked).unwrap_or(WIDTH)
}

/// The one scenario that a path or a name stands for.
fn load_one(path: &Path) -> Result<Source, Early> {
    <[Source; 1]>::try_from(load(&[path.to_owned()])?).map(|[source]| source).map_err(|_| {
        complain("error: this takes one scenario, not a folder of them");
        Exit::Usage.into()
    })
}
