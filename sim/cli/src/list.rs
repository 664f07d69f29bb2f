//! The command `calloff list`: lists scenarios.

use std::io::Write;

use calloff_protocol::text::{count, printable, wrap_hanging};
use calloff_sim::exit::Exit;
use calloff_sim::load::{Loaded, load_each};

use super::args::List;
use super::{Early, stdout};
use crate::width;

pub(super) fn run(args: &List) -> Result<Exit, Early> {
    let Loaded { sources, bad, .. } = load_each(&args.paths);
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
    let gap = if sources.is_empty() { "" } else { "\n" };
    writeln!(out, "{gap}{}", count(sources.len() as u64, "scenario"))?;
    if bad.is_empty() { Ok(Exit::Met) } else { Err(bad.into()) }
}
