//! Tests of the page of `calloff explore`, used in a browser as a person would use it.

mod browser;
mod claims;
mod diagram;
mod links;
mod look;
mod pages;
mod pictures;
mod play;
mod pure;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use calloff_model::Reading;
use calloff_protocol::faults;
use calloff_protocol::scenario::Scenario;
use calloff_protocol::trace::Schedule;
use calloff_reports::page::levels::{Made, Wanted, make};
use calloff_reports::page::render;

/// The shipped scenario with that name.
fn scenario(name: &str) -> Scenario {
    let mut corpus = calloff_tests::corpus().into_iter();
    corpus.find(|source| source.scenario.name == name).expect("a shipped scenario").scenario
}

/// The content of the page of a scenario that opens at the start.
fn made(scenario: &Scenario, readings: &[Reading], fault: Option<&str>, states_max: usize) -> Made {
    let fault = fault.map(|name| faults::find(name).and_then(|f| f.machine()).expect("a fault"));
    let (readings, start) = (readings.to_vec(), Schedule::default());
    make(&Wanted { scenario, readings, fault, start, claim: None, states_max })
        .expect("no schedule")
}

/// Writes the page of a scenario like `calloff explore` without flags.
fn page(scenario: &Scenario) -> PathBuf {
    let made = made(scenario, &scenario.expect.readings, None, 20_000);
    write(&scenario.name, &render(&scenario.name, &made.data))
}

/// Writes a page to a new file: another test may be reading a page of the same scenario.
fn write(name: &str, page: &str) -> PathBuf {
    static PAGES: AtomicUsize = AtomicUsize::new(0);
    let number = PAGES.fetch_add(1, Ordering::Relaxed);
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{number}.html"));
    std::fs::write(&path, page).expect("a folder for tests");
    path
}

/// The data of a page, read back from its file.
fn data_of(page: &Path) -> serde_json::Value {
    let page = std::fs::read_to_string(page).expect("the page");
    let (_, rest) = page.split_once("id=\"data\">").expect("a page holds data");
    let (json, _) = rest.split_once("</script>").expect("the data ends");
    serde_json::from_str(json).expect("the data is JSON")
}
