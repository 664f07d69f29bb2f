//! The command `calloff list`: lists scenarios.

use std::io::Write;

use calloff_protocol::text::{printable, wrap_hanging};
use calloff_sim::exit::Exit;

use super::args::List;
use super::{Early, stdout};
use crate::{load, width};

pub(super) fn run(args: &List) -> Result<Exit, Early> {
    let sources = load(&args.paths)?;
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
