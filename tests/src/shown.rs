//! Extracts the commands that a Markdown page or a `--help` shows, with their expected exit codes.
//!
//! A command is a line of a block in the language `sh`; the text after `$ ` in a block in the
//! language `console`, where its output follows; the whole of a `picture` block; or a step of a
//! `yaml` file. Text that begins with `calloff` or `cargo` in another block, in a report, or as
//! code in a sentence is a command too. Its exit code is 0 or what its comment says:
//! `# exit code 3`, or, after a sentence, `<!-- exit code 3 -->`, which the page does not show.

use std::ops::Range;

/// A command, and what the page says about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shown {
    /// The line of the page, from 1.
    pub line: usize,
    /// The text to run.
    pub text: String,
    /// The exit code that a reader expects.
    pub ends_with: i32,
    /// The place in the page.
    pub place: Place,
}

/// The place of a command in a page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    /// In a block, without output.
    Block,
    /// Above its output, which are these lines of the page, from 0.
    AboveOutput(Range<usize>),
    /// In the place of the picture that it draws.
    Picture,
    /// In a sentence, where it may be just the name of a command.
    Sentence,
}

/// An item of a page; items are in the order of the page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Item {
    /// A file that the reader has to write: its name and its text.
    File(String, String),
    /// A command.
    Command(Shown),
}

/// The items of a Markdown page.
///
/// # Panics
///
/// If a block does not end.
pub fn in_markdown(page: &str) -> Vec<Item> {
    let lines: Vec<&str> = page.lines().collect();
    let (mut items, mut at) = (Vec::new(), 0);
    while at < lines.len() {
        let is_over = |line: &str| line.is_empty() || line.starts_with("```");
        if let Some(language) = lines[at].strip_prefix("```") {
            let end = (at + 1..lines.len()).find(|end| lines[*end] == "```");
            let end = end.unwrap_or_else(|| panic!("the block in line {} ends", at + 1));
            block(language, &lines, at + 1..end, &mut items);
            at = end + 1;
        } else if is_over(lines[at]) {
            at += 1;
        } else {
            let end = (at..lines.len()).find(|end| is_over(lines[*end])).unwrap_or(lines.len());
            sentences(at, &lines[at..end].join("\n"), &mut items);
            at = end;
        }
    }
    items
}

/// The items in the examples of a `--help`.
pub fn in_help(help: &str) -> Vec<Item> {
    let lines: Vec<&str> = help.lines().collect();
    let first = lines.iter().position(|line| *line == "Examples:").map_or(lines.len(), |at| at + 1);
    let mut items: Vec<Item> = Vec::new();
    for at in (first..lines.len()).take_while(|at| !lines[*at].is_empty()) {
        let (line, is_remark) = (lines[at].trim_start(), lines[at].starts_with("    "));
        match items.last_mut() {
            // A remark on the command in the line before it.
            Some(Item::Command(shown)) if is_remark => {
                shown.ends_with = exit_code(line).unwrap_or(shown.ends_with);
            }
            _ => {
                let (text, remark) = line.split_once("   ").unwrap_or((line, ""));
                let ends_with = exit_code(remark).unwrap_or(0);
                items.push(command(at, text, ends_with, Place::Block));
            }
        }
    }
    items
}

fn command(at: usize, text: &str, ends_with: i32, place: Place) -> Item {
    Item::Command(Shown { line: at + 1, text: text.trim().to_owned(), ends_with, place })
}

fn block(language: &str, lines: &[&str], range: Range<usize>, items: &mut Vec<Item>) {
    let all = range.clone().map(|at| lines[at]).collect::<Vec<_>>().join("\n");
    match language {
        "sh" => {
            for at in range.filter(|at| !lines[*at].is_empty()) {
                let remark = lines[at].split_once(" # ").map_or("", |(_, remark)| remark);
                items.push(command(at, lines[at], exit_code(remark).unwrap_or(0), Place::Block));
            }
        }
        "console" => console(lines, range, items),
        "picture" => items.push(command(range.start, &all, 0, Place::Picture)),
        "toml" => {
            let name = all.lines().next().and_then(|line| line.strip_prefix("# "));
            if let Some(name) = name.filter(|name| name.ends_with(".toml")) {
                items.push(Item::File(name.to_owned(), all.clone() + "\n"));
            }
        }
        _ => suggestions(lines, range, 0, items),
    }
}

/// Commands after `$ `, each with its output.
fn console(lines: &[&str], range: Range<usize>, items: &mut Vec<Item>) {
    let starts: Vec<usize> = range.clone().filter(|at| lines[*at].starts_with("$ ")).collect();
    assert_eq!(starts.first(), Some(&range.start), "the block begins with a command");
    let ends = starts[1..].iter().copied().chain([range.end]);
    for (&start, end) in starts.iter().zip(ends) {
        let output = start + 1..end;
        let ends_with = output.clone().find_map(|at| exit_code(lines[at].strip_prefix('[')?));
        let ends_with = ends_with.unwrap_or(0);
        let place = Place::AboveOutput(output.clone());
        items.push(command(start, &lines[start][2..], ends_with, place));
        suggestions(lines, output, ends_with, items);
    }
}

/// Commands that begin a line, or follow a colon or the dash of a list. A replay command ends with
/// 0; any other command ends like the command whose output suggests it.
fn suggestions(lines: &[&str], range: Range<usize>, parent: i32, items: &mut Vec<Item>) {
    for at in range {
        let line = lines[at].trim_start().trim_start_matches("- ");
        let found = [line].into_iter().chain(line.split_once(": ").map(|(_, rest)| rest));
        if let Some(text) = found.into_iter().find(|text| is_command(text)) {
            let ends_with = if text.starts_with("calloff replay") { 0 } else { parent };
            items.push(command(at, text, ends_with, Place::Block));
        }
    }
}

/// The commands in the code of a paragraph whose first line has the number `first`.
fn sentences(first: usize, paragraph: &str, items: &mut Vec<Item>) {
    let mut at = first;
    let parts: Vec<&str> = paragraph.split('`').collect();
    for (number, part) in parts.iter().enumerate() {
        if number % 2 == 1 && is_command(part) {
            let remark = parts.get(number + 1).and_then(|rest| rest.split_once("<!-- "));
            let ends_with = remark.and_then(|(_, remark)| exit_code(remark)).unwrap_or(0);
            items.push(command(at, &part.replace('\n', " "), ends_with, Place::Sentence));
        }
        at += part.matches('\n').count();
    }
}

/// Whether the text begins like a command, after any assignments of variables.
fn is_command(text: &str) -> bool {
    let is_assignment = |word: &&str| word.contains('=') && word.starts_with("CALLOFF_");
    let program = text.split([' ', '\n']).find(|word| !is_assignment(word));
    matches!(program, Some("calloff" | "cargo")) && text.contains([' ', '\n'])
}

/// The number after the words `exit code`.
fn exit_code(remark: &str) -> Option<i32> {
    let (_, rest) = remark.split_once("exit code ")?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commands(items: Vec<Item>) -> Vec<(usize, String, i32)> {
        let commands = items.into_iter().filter_map(|item| match item {
            Item::Command(shown) => Some((shown.line, shown.text, shown.ends_with)),
            Item::File(..) => None,
        });
        commands.collect()
    }

    #[test]
    fn commands_are_found_wherever_a_page_shows_one() {
        let page = "```sh\ncalloff a    # exit code 3\nX=1 b\n```\nSay `calloff\nc`, or \
                    `calloff d`.<!-- exit code 1 --> `calloff` is no command.\n\n```yaml\n\
                    - calloff e\n```\n```console\n$ calloff f\nTo see it: calloff replay g\n\
                    Again: calloff h\n[exit code 5]\n```\n```picture\ncalloff i\n```\n";
        let found = commands(in_markdown(page));
        let expected = [
            (2, "calloff a    # exit code 3", 3),
            (3, "X=1 b", 0),
            (5, "calloff c", 0),
            (6, "calloff d", 1),
            (9, "calloff e", 0),
            (12, "calloff f", 5),
            (13, "calloff replay g", 0),
            (14, "calloff h", 5),
            (18, "calloff i", 0),
        ];
        assert_eq!(found, expected.map(|(line, text, code)| (line, text.to_owned(), code)));
    }

    #[test]
    fn a_file_that_a_page_shows_is_one_that_the_reader_has() {
        let page = "```toml\n# a.toml\nb = 1\n```\n```toml\nc = 1\n```\n";
        let file = Item::File("a.toml".into(), "# a.toml\nb = 1\n".into());
        assert_eq!(in_markdown(page), [file]);
    }

    #[test]
    fn a_help_has_its_remarks_beside_its_examples_or_below() {
        let help = "Examples:\n  calloff a   ends (exit code 1)\n  calloff b\n      \
                    exit code 2\n  calloff c\n\nExit codes: 0";
        let expected = [(2, "calloff a", 1), (3, "calloff b", 2), (5, "calloff c", 0)];
        let expected = expected.map(|(line, text, code)| (line, text.to_owned(), code));
        assert_eq!(commands(in_help(help)), expected);
    }
}
