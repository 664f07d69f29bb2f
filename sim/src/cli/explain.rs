//! The command `calloff explain`: explains a code, a step, a clause and so on.

use std::fmt::Write;
use std::io;
use std::path::Path;

use unicode_width::UnicodeWidthStr;

use super::{Exit, complain, load, show};
use crate::explain::{self, Entry, Topic};
use crate::report::describe::wrap_hanging;
use crate::report::human::BOLD;
use crate::report::width;

/// Flags of `explain`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  calloff explain                        what can be explained
  calloff explain S_OK                   why it does not mean canceled
  calloff explain 0x80010117             a code from a log, by its number
  calloff explain -- -2147417833         the same, as a signed number
  calloff explain cancel                 what a step can return
  calloff explain K2                     a clause
  calloff explain window                 a word of the reports
  calloff explain cancel-meets-reply     a scenario of the corpus
  calloff explain my-race.toml           a scenario of your own

Exit codes: 0 explained, 2 there is nothing of that name, 4 bad file.")]
pub struct Explain {
    /// A code (by name or number), a step, a clause, a reading, a word of the reports, an engine, a
    /// seeded bug, a scenario of the corpus or a scenario file; without one: a list of all there
    /// is.
    #[arg(value_name = "NAME", allow_negative_numbers = true)]
    pub name: Vec<String>,
}

pub(super) fn run(args: &Explain) -> io::Result<Exit> {
    if args.name.is_empty() {
        show(&contents(width()))?;
        return Ok(Exit::Met);
    }
    let name = args.name.join(" ");
    let topic = if Path::new(&name).is_file() {
        match load::one(Path::new(&name)) {
            Ok(source) => Topic::Scenario(name, Box::new(source.scenario)),
            Err(exit) => return Ok(exit),
        }
    } else {
        match explain::find(&name) {
            Ok(topic) => topic,
            Err(why) => {
                complain(&format!("error: {why}\n`calloff explain` lists what can be explained"));
                return Ok(Exit::Usage);
            }
        }
    };
    show(&explain::render(&topic, width()))?;
    Ok(Exit::Met)
}

/// Lists everything that can be explained, with a short description. The many scenarios have a list
/// of their own.
fn contents(width: usize) -> String {
    let mut out = String::new();
    for (kind, entries) in explain::contents() {
        if kind == "scenarios" {
            let all = entries.len();
            let _ = writeln!(out, "{BOLD}{kind}{BOLD:#}\n  {all}: calloff list has them all");
            continue;
        }
        let _ = writeln!(out, "{BOLD}{kind}{BOLD:#}");
        let column = entries.iter().map(|entry| entry.name.width()).max().unwrap_or(0);
        for Entry { name, about } in entries {
            let about = wrap_hanging(about.trim_end_matches('.'), width, column + 4);
            let _ = writeln!(out, "  {name:<column$}  {about}");
        }
    }
    out.push_str("\nTo begin with: calloff explain S_OK\n");
    out
}
