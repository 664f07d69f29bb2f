//! `calloff list`.

use std::io::Write;

use super::args::List;
use calloff_sim::load;
use calloff_sim::exit::Exit;
use super::{stdout, Early};
use crate::width;
use calloff_protocol::text::{printable, wrap_hanging};

pub(super) fn run(args: &List) -> Result<Exit, Early> {
    let sources = load::load(&args.paths)?;
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
