//! The pure part as a program for a browser: it checks the scenarios of the corpus that have at
//! most three actors with the engine `protocol`, and leaves the JSON report in its memory.
//!
//! WebAssembly without imports cannot print. Whoever runs `main` finds the report between marks.

use calloff_protocol::exploration::{Engine, Limits, Reductions, Stop};
use calloff_protocol::judge::{Options, Run, Source, sometimes};
use calloff_protocol::plan::{Axes, Plan};
use calloff_protocol::program::{Case, Program};
use calloff_protocol::scenario::Scenario;
use calloff_protocol::search;
use calloff_reports::json;

/// Scenarios of more actors take a while without optimization.
const ACTORS_MAX: usize = 3;

fn sources() -> Vec<Source> {
    let parse = |file: calloff_scenarios::File| {
        let scenario = Scenario::parse(&file.path, file.bytes).expect("the corpus is valid");
        Source { file: file.path, scenario }
    };
    let sources = calloff_scenarios::corpus().into_iter().map(parse);
    // Client programs are explored in full, which takes longer.
    let actors_max = |source: &Source| match Program::new(&source.scenario).is_client {
        true => ACTORS_MAX - 1,
        false => ACTORS_MAX,
    };
    sources.filter(|source| source.scenario.actors.len() <= actors_max(source)).collect()
}

fn main() {
    let (engines, limits) = (vec![Engine::Protocol], Limits::default());
    let options = Options {
        engines,
        fault: None,
        code: None,
        limits,
        reductions: Reductions::default(),
        seed: 0,
        worker: None,
    };
    let plan = Plan { sources: sources(), axes: Axes::default(), options, jobs: 1 };
    let run = |(source, reading): (usize, _)| {
        let scenario = &plan.sources[source].scenario;
        let case = Case::new(scenario, reading);
        let found = search::prove(&case, None, &limits, Reductions::default(), &Stop::default());
        Run::of(source, scenario, &case, Engine::Protocol, Ok(found), Vec::new())
    };
    let runs: Vec<Run> = plan.runs().into_iter().map(run).collect();
    let report = json::report(&plan, &runs, &sometimes(&runs));
    let mut text = Vec::new();
    json::write(&report, &mut text).expect("a vector takes all");
    let report = String::from_utf8(text).expect("text");
    // The marks are put together here, so that they stand in memory once.
    let (mark, end) = (["<", "report>"].concat(), ["<", "/report>"].concat());
    let marked = format!("{mark}{report}{end}");
    std::hint::black_box(Box::leak(marked.into_boxed_str()));
}
