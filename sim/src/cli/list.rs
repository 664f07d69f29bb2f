//! The command `calloff list`: lists scenarios.

use std::io::{self, Write};

use super::args::List;
use super::{Exit, load, stdout};
use crate::report::describe::{printable, wrap_hanging};
use crate::report::width;

pub(super) fn run(args: &List) -> io::Result<Exit> {
    let sources = match load::load(&args.paths) {
        Ok(sources) => sources,
        Err(exit) => return Ok(exit),
    };
    let mut out = stdout();
    for source in &sources {
        let scenario = &source.scenario;
        writeln!(out, "{}", printable(&source.file))?;
        let summary = match scenario.summary.as_str() {
            "" => &scenario.name,
            summary => summary,
        };
        writeln!(out, "    {}", wrap_hanging(&printable(summary), width(), 4))?;
    }
    writeln!(out, "\n{} scenarios", sources.len())?;
    Ok(Exit::Met)
}
