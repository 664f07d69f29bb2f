//! The commands that the documentation shows.
//!
//! A block in the language `console` is a command and what it prints; one in the language
//! `picture` is a command whose interleaving the book draws.

use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Output};

use crate::binary;

const CONSOLE: &str = "```console\n";
/// Begins a block with a command that is drawn.
pub const PICTURE: &str = "```picture\n";
/// Ends a block.
pub const END: &str = "```\n";

/// The page with what its commands print in that folder, and how many it has.
///
/// # Panics
///
/// When a block is not what it should be.
pub fn run(page: &str, folder: &Path) -> (String, usize) {
    let (mut out, mut rest, mut commands) = (String::new(), page, 0);
    while let Some((text, block)) = rest.split_once(CONSOLE) {
        let (block, behind) = block.split_once(END).expect("a block ends");
        let command = block.lines().next().and_then(|line| line.strip_prefix("$ "));
        let command = command.expect("a block begins with a command");
        let _ = write!(out, "{text}{CONSOLE}$ {command}\n{}{END}", printed(command, folder));
        commands += 1;
        rest = behind;
    }
    (out + rest, commands)
}

/// The commands of the page that are drawn.
///
/// # Panics
///
/// When a block does not end.
pub fn pictures(page: &str) -> Vec<&str> {
    let blocks = page.split(PICTURE).skip(1);
    blocks.map(|block| block.split_once(END).expect("a block ends").0.trim()).collect()
}

/// What the command prints, and how it ends if not well.
fn printed(command: &str, folder: &Path) -> String {
    let output = execute(command, &[], folder);
    let mut text = String::from_utf8(output.stdout).expect("text").trim_end().to_owned();
    text.push('\n');
    if !output.status.success() {
        let code = output.status.code().expect("it ends by itself");
        let _ = writeln!(text, "[exit code {code}]");
    }
    text
}

/// Runs a command line that begins with `calloff`, with more arguments, in that folder.
///
/// # Panics
///
/// When it is another command, or cannot be run.
pub fn execute(command: &str, more: &[&str], folder: &Path) -> Output {
    let words = words(command);
    let (program, arguments) = words.split_first().expect("a command");
    assert_eq!(program, "calloff", "in {command}");
    let mut calloff = Command::new(binary());
    calloff.args(arguments).args(more).current_dir(folder);
    calloff.env("COLUMNS", "80").env("NO_COLOR", "1").env_remove("CALLOFF_SEED");
    calloff.output().expect("it runs")
}

/// The words of a command line; double quotes hold one together, `#` begins a comment.
pub fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut is_quoted) = (Vec::new(), None::<String>, false);
    for letter in line.chars() {
        match letter {
            '"' => {
                is_quoted = !is_quoted;
                word.get_or_insert_default();
            }
            ' ' if !is_quoted => words.extend(word.take()),
            '#' if !is_quoted && word.is_none() => break,
            _ => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words
}
