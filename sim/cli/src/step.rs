//! The command `calloff step`: plays the scheduler in a terminal.

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::PathBuf;

use calloff_reports::play::{Command, Game, Talk, Wrong};
use calloff_sim::exit::Exit;

use super::machine::MachineFlags;
use super::{Early, complain, stdout};
use crate::{load_one, width};

/// Flags of `step`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  calloff step cancel-meets-reply
  calloff step my-race.toml --waiter caller
  printf 'caller\\ncanceller\\nlanes\\n' | calloff step cancel-meets-reply

At each turn it shows who can step, how many ends stay possible after each
choice, and who waits for what. `help` lists the commands, which may be
abbreviated.

Exit codes: 0 no mistake, 2 usage, or an unknown command, 4 bad file, 5 a choice
that is not possible. On a terminal, mistakes do not affect the exit code.")]
pub struct Step {
    /// The scenario: a file, or the name of a scenario of the corpus.
    #[arg(value_name = "FILE|NAME")]
    pub scenario: PathBuf,
    #[command(flatten)]
    pub(super) machine: MachineFlags,
}

pub(super) fn run(args: &Step) -> Result<Exit, Early> {
    let source = load_one(&args.scenario)?;
    let fault = args.machine.fault()?;
    let readings = args.machine.readings.axes().readings(&source.scenario.expect.readings);
    let reading = *readings.first().expect("a file names a reading");
    let game = Game::new(source.scenario, reading, fault);
    let scenario = args.scenario.display().to_string();
    play(Talk { game, scenario, width: width() })
}

/// Reads commands until there are no more. On a terminal there is a prompt; else commands are
/// repeated, so that the output can be read by itself.
fn play(mut talk: Talk) -> Result<Exit, Early> {
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
        let line = line.map_err(|error| {
            complain(&format!("error: cannot read standard input: {error}"));
            Exit::Usage
        })?;
        let command = Command::parse(talk.game.program(), &line);
        if !is_terminal && command != Ok(None) {
            writeln!(out, "\n> {}", calloff_protocol::text::printable(line.trim()))?;
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
