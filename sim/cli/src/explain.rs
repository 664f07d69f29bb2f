//! The command `calloff explain`: explains a code, a step, a clause and so on.

use std::fmt::Write;
use std::path::Path;

use calloff_protocol::text::wrap_hanging;
use calloff_reports::explain;
use calloff_reports::explain::{Entry, Topic};
use calloff_reports::style::BOLD;
use calloff_sim::exit::Exit;
use unicode_width::UnicodeWidthStr;

use super::interrupt::{stop_at_signals, unless_stopped};
use super::machine::SearchLimits;
use super::{Early, complain, show};
use crate::{load_one, width};

/// Flags of `explain`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  calloff explain                        what can be explained
  calloff explain S_OK                   why it does not mean canceled
  calloff explain 0x80010117             a code from a log, by its number
  calloff explain -- -2147417833         that code, as a signed number
  calloff explain cancel                 what a step can return
  calloff explain K2                     a clause
  calloff explain window                 a word of the reports
  calloff explain cancel-meets-reply     a scenario of the corpus
  calloff explain my-race.toml           a scenario of your own

Exit codes: 0 explained, 2 unknown name, 3 a limit was hit, so that not all is
known, 4 bad file, 74 output not written, 130 interrupted, 143 terminated.")]
pub struct Explain {
    /// A code (by name or number), a step, a clause, a reading, a word of the reports, an engine, a
    /// seeded bug, a scenario of the corpus or a scenario file [default: list everything].
    #[arg(value_name = "NAME", allow_negative_numbers = true)]
    pub name: Vec<String>,
    #[command(flatten)]
    pub(super) limits: SearchLimits,
}

pub(super) fn run(args: &Explain) -> Result<Exit, Early> {
    if args.name.is_empty() {
        show(&contents(width()))?;
        return Ok(Exit::Met);
    }
    let name = args.name.join(" ");
    let topic = if Path::new(&name).is_file() {
        let source = load_one(Path::new(&name))?;
        Topic::Scenario(name, Box::new(source.scenario))
    } else {
        match explain::find(&name) {
            Ok(topic) => topic,
            Err(why) => {
                complain(&format!("error: {why}\n`calloff explain` lists what can be explained"));
                return Ok(Exit::Usage);
            }
        }
    };
    let (limits, stop) = (args.limits.limits(), args.limits.stop());
    stop_at_signals(&stop);
    let explanation = explain::render(&topic, width(), &limits, &stop);
    show(&explanation.text)?;
    let exit = if explanation.is_whole { Exit::Met } else { Exit::Inconclusive };
    Ok(unless_stopped(&stop, exit))
}

/// Lists everything that can be explained, with a short description. The many scenarios have a list
/// of their own.
fn contents(width: usize) -> String {
    let mut out = String::new();
    for (kind, entries) in explain::contents() {
        if kind == "scenarios" {
            let all = entries.len();
            let _ = writeln!(out, "{BOLD}{kind}{BOLD:#}\n  {all}, listed by calloff list");
            continue;
        }
        let _ = writeln!(out, "{BOLD}{kind}{BOLD:#}");
        let column = entries.iter().map(|entry| entry.name.width()).max().unwrap_or(0);
        for Entry { name, about } in entries {
            let about = wrap_hanging(about.trim_end_matches('.'), width, column + 4);
            let _ = writeln!(out, "  {name:<column$}  {about}");
        }
    }
    out.push_str("\nTo start: calloff explain S_OK\n");
    out
}
