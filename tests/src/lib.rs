//! Code shared by the tests that need several crates.

pub mod console;
pub mod gate;
pub mod generated;
pub mod handmade;
pub mod litmus;
pub mod shown;

use std::path::{Path, PathBuf};

use calloff_protocol::exploration::{Engine, Limits, Reductions};
use calloff_protocol::faults::Seeded;
use calloff_protocol::judge::{Options, Source, Worker};
use calloff_protocol::program::Program;
use calloff_protocol::scenario::Scenario;

/// A file of the project, by its path from the root.
///
/// # Panics
///
/// Never: the tests are in a folder of the project.
pub fn project_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace").join(name)
}

/// The corpus without the scenarios that only look: they are many, and what pages and engines do
/// with scenarios shows on the others.
pub fn races() -> Vec<Source> {
    let mut sources = corpus();
    sources.retain(|source| !calloff_scenarios::only_looks(&source.file));
    sources
}

/// The shipped scenarios that every engine takes: all but the client programs.
pub fn corpus() -> Vec<Source> {
    let mut sources = whole_corpus();
    sources.retain(|source| !Program::new(&source.scenario).is_client);
    sources
}

/// The shipped scenarios.
///
/// # Panics
///
/// If one of them is invalid.
pub fn whole_corpus() -> Vec<Source> {
    let parse = |file: calloff_scenarios::File| {
        let scenario = Scenario::parse(&file.path, file.bytes);
        let scenario = scenario.unwrap_or_else(|errors| panic!("{errors}"));
        Source { file: file.path, scenario }
    };
    calloff_scenarios::corpus().into_iter().map(parse).collect()
}

/// The shipped scenario of that name.
///
/// # Panics
///
/// When there is none.
pub fn scenario(name: &str) -> Scenario {
    let found = whole_corpus().into_iter().find(|source| source.scenario.name == name);
    found.unwrap_or_else(|| panic!("{name} is no shipped scenario")).scenario
}

/// The scenario that a text is.
///
/// # Panics
///
/// When it is bad.
pub fn parse(text: &str) -> Scenario {
    Scenario::parse("test", text.as_bytes()).unwrap_or_else(|errors| panic!("{errors}"))
}

/// A check by these engines, under that seeded bug or none; all else is as by default.
pub fn options(engines: &[Engine], fault: Option<Seeded>) -> Options {
    let (engines, limits) = (engines.to_vec(), Limits::default());
    let reductions = Reductions::default();
    Options { engines, fault, code: None, limits, reductions, seed: 0, worker: None }
}

/// `calloff worker loom`.
///
/// # Panics
///
/// If it is not built.
pub fn loom_worker() -> Worker {
    Worker { program: binary(), args: vec!["worker".into(), "loom".into()] }
}

/// The `calloff` binary that cargo has built next to the tests.
///
/// # Panics
///
/// If it is not there: build the workspace first.
pub fn binary() -> PathBuf {
    let mut path = std::env::current_exe().expect("a test is a program");
    path.pop();
    if path.ends_with("deps") {
        path.pop();
    }
    path.push(format!("calloff{}", std::env::consts::EXE_SUFFIX));
    assert!(path.exists(), "{} is not built: run `cargo build --workspace`", path.display());
    path
}
