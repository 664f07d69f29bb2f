//! Runs `calloff` commands from the documentation. A block in the language `picture` is a command
//! whose interleaving the book draws.

use std::path::Path;
use std::process::{Command, Output};

use crate::binary;

/// The start of a block with a command that is drawn.
pub const PICTURE: &str = "```picture\n";
/// The end of a block.
pub const END: &str = "```\n";

/// Runs a command line that begins with `calloff`, with additional arguments, in that folder.
///
/// # Panics
///
/// If it is another command, or cannot be run.
pub fn execute(command: &str, more: &[&str], folder: &Path) -> Output {
    let words = words(command);
    let (program, arguments) = words.split_first().expect("a command");
    assert_eq!(program, "calloff", "in {command}");
    let mut calloff = Command::new(binary());
    calloff.args(arguments).args(more).current_dir(folder);
    calloff.env("COLUMNS", "80").env("NO_COLOR", "1").env_remove("CALLOFF_SEED");
    calloff.output().expect("it runs")
}

/// The words of a command line. Double quotes keep a word together; `#` starts a comment.
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
