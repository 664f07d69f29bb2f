//! The command `calloff step`: plays the scheduler in a terminal.

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::PathBuf;

use super::machine::MachineFlags;
use super::{Exit, load, stdout};
use crate::play::{Command, Game, Talk, Wrong};
use crate::report::width;

/// Flags of `step`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  calloff step cancel-meets-reply
  calloff step my-race.toml --waiter caller
  printf 'caller\\ncanceller\\nlanes\\n' | calloff step cancel-meets-reply

At each turn it says who can step, how many ends each choice leaves, and who
waits for what. `help` lists the commands; a beginning that is clear is enough.

Exit codes: 0 played, 2 usage, or a command that is not understood, 4 bad file,
5 a choice that is not possible. On a terminal mistakes do not count.")]
pub struct Step {
    /// The scenario: a file, or the name of one of the corpus.
    #[arg(value_name = "FILE|NAME")]
    pub scenario: PathBuf,
    #[command(flatten)]
    pub(super) machine: MachineFlags,
}

pub(super) fn run(args: &Step) -> io::Result<Exit> {
    let source = match load::one(&args.scenario) {
        Ok(source) => source,
        Err(exit) => return Ok(exit),
    };
    let fault = match args.machine.fault() {
        Ok(fault) => fault,
        Err(exit) => return Ok(exit),
    };
    let readings = args.machine.readings.axes().readings(&source.scenario.expect.readings);
    let reading = *readings.first().expect("a file names a reading");
    let game = Game::new(source.scenario, reading, fault);
    let scenario = args.scenario.display().to_string();
    play(Talk { game, scenario, width: width() })
}

/// Reads and carries out commands until the input ends. On a terminal there is a prompt; otherwise
/// each command is echoed, so that the output can be understood alone.
fn play(mut talk: Talk) -> io::Result<Exit> {
    let is_terminal = io::stdin().is_terminal();
    let mut worst = Exit::Met;
    let mut out = stdout();
    write!(out, "{}", talk.welcome())?;
    let mut lines = io::stdin().lock().lines();
    loop {
        if is_terminal {
            write!(out, "> ")?;
            out.flush()?;
        }
        let Some(line) = lines.next() else { break };
        let line = line?;
        let command = Command::parse(talk.game.program(), &line);
        if !is_terminal && command != Ok(None) {
            writeln!(out, "\n> {}", crate::report::describe::printable(line.trim()))?;
        }
        let (wrong, text) = match command {
            Ok(None) => continue,
            Ok(Some(Command::Quit)) => break,
            Err(why) => (Some(Wrong::Unknown), format!("{why}\n")),
            Ok(Some(command)) => match talk.answer(&command) {
                Ok(text) => (None, text),
                Err((wrong, text)) => (Some(wrong), text),
            },
        };
        write!(out, "{text}")?;
        worst = match (worst, wrong) {
            (_, Some(Wrong::Impossible)) => Exit::Diverged,
            (Exit::Met, Some(Wrong::Unknown)) => Exit::Usage,
            (worst, _) => worst,
        };
    }
    Ok(if is_terminal { Exit::Met } else { worst })
}
