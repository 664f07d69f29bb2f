//! The page of `calloff explore`, played in a browser as a person would.

mod browser;

use std::path::{Path, PathBuf};

use browser::browser;
use calloff_model::Reading;
use calloff_sim::explore::levels::{Made, Wanted, make};
use calloff_sim::explore::render;
use calloff_sim::faults;
use calloff_sim::scenario::Scenario;
use calloff_sim::trace::Schedule;

fn scenario(name: &str) -> Scenario {
    let mut corpus = calloff_tests::corpus().into_iter();
    corpus.find(|source| source.scenario.name == name).expect("a shipped scenario").scenario
}

fn made(scenario: &Scenario, readings: &[Reading], fault: Option<&str>) -> Made {
    let fault = fault.map(|name| faults::find(name).and_then(|f| f.machine()).expect("a fault"));
    let (readings, start) = (readings.to_vec(), Schedule::default());
    make(&Wanted { scenario, readings, fault, start, states_max: 20_000 }).expect("no schedule")
}

/// Writes the page of a scenario to a file.
fn page(scenario: &Scenario, fault: Option<&str>) -> PathBuf {
    let made = made(scenario, &scenario.expect.readings, fault);
    write(
        &format!("{}-{}", scenario.name, fault.unwrap_or("right")),
        &render(&scenario.name, &made.data),
    )
}

fn write(name: &str, page: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.html"));
    std::fs::write(&path, page).expect("a folder for tests");
    path
}

#[test]
fn a_race_is_played_by_clicking_to_its_end() {
    let page = page(&scenario("cancel-meets-reply"), None);
    let mut browser = browser();
    browser.open(&page, "");
    assert_eq!(browser.text("h1"), "cancel-meets-reply");
    for who in ["caller", "canceller", "server", "server", "server", "caller", "canceller"] {
        browser.click(&format!("[data-who={who}]"));
    }
    assert!(browser.text("#lanes").contains("RPC_E_CALL_COMPLETE"));
    assert!(browser.text("#over").contains("The race is over"), "{}", browser.text("#play"));
    assert_eq!(browser.troubles(), [""; 0]);
}
