//! Every seeded bug is noticed by the engine that must notice it, as soon as the documentation
//! says.
//!
//! `CALLOFF_ZOO=1` measures the whole table of `docs/zoo.md`, and `CALLOFF_BLESS=1` writes it. By
//! default only the columns of `protocol` and `exhaustive` are measured.

use std::fs;

use calloff::zoo::{cells, table};
use calloff_protocol::exploration::{Engine, Stop};
use calloff_protocol::faults::Seeded;
use calloff_protocol::faults::shell::SOUND;
use calloff_sim::zoo::{Measure, Row, measure, measure_all};
use calloff_tests::generated::hold;
use calloff_tests::{corpus, loom_worker, project_file, whole_corpus};

const PAGE: &str = "docs/zoo.md";

fn measured(faults: &[Seeded], what: &Measure) -> Vec<Row> {
    let rows = measure_all(faults, &whole_corpus(), what, 2, &Stop::default(), &|| ());
    rows.expect("nothing stops it")
}

fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some()
}

#[test]
fn every_fault_is_noticed_as_soon_as_the_page_says() {
    if is_set("CALLOFF_ZOO") || is_set("CALLOFF_BLESS") {
        let faults: Vec<Seeded> = Seeded::all().collect();
        let what = Measure::whole(50, Some(loom_worker()));
        let rows = measured(&faults, &what);
        let missed: Vec<&Row> = rows.iter().filter(|row| !row.is_caught()).collect();
        assert!(missed.is_empty(), "not noticed by the engine that must: {missed:?}");
        assert_eq!(hold(PAGE, |_| table(&rows)), 1, "the table has its place");
        return;
    }
    // It takes long to find a place for a bug that only loom notices.
    let is_quick = |fault: &Seeded| fault.shell().is_none_or(|f| f.caught_by != Engine::Loom);
    let faults: Vec<Seeded> = Seeded::all().filter(is_quick).collect();
    let engines = vec![Engine::Protocol, Engine::Exhaustive];
    let what = Measure { engines, seeds: 0, shrinks: false, worker: None };
    let page = fs::read_to_string(project_file(PAGE)).expect("a page");
    for row in measured(&faults, &what) {
        assert!(row.is_caught(), "not noticed by the engine that must: {row:?}");
        let name = format!("| `{}` ", row.fault.name());
        let line = page.lines().find(|line| line.starts_with(&name));
        let line = line.unwrap_or_else(|| panic!("{name}is not on {PAGE}"));
        let written: Vec<&str> = line.split('|').map(str::trim).skip(1).take(4).collect();
        assert_eq!(cells(&row)[..4], written, "{PAGE} is not up to date");
    }
}

#[test]
fn the_page_has_a_row_for_each_fault_and_no_other() {
    let page = fs::read_to_string(project_file(PAGE)).expect("a page");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let names: Vec<&str> = Seeded::all().map(Seeded::name).collect();
    assert_eq!(rows.collect::<Vec<_>>(), names);
}

#[test]
fn what_is_not_wrong_is_not_noticed() {
    let mut sources = corpus();
    sources.retain(|source| source.scenario.actors.len() <= 3);
    let engines = vec![Engine::Protocol, Engine::Exhaustive];
    let what = Measure { engines, seeds: 0, shrinks: false, worker: None };
    let row = measure(Seeded::Shell(&SOUND), &sources, &what, &Stop::default());
    let row = row.expect("nothing stops it");
    assert!(row.place.is_none() && !row.is_caught(), "{row:?}");
}

#[test]
fn a_measurement_does_not_depend_on_the_number_of_threads() {
    let faults: Vec<Seeded> =
        ["late-reply-delivered", "reply-not-notified", "stale-completion-flag"]
            .map(|name| calloff_protocol::faults::find(name).expect("a fault"))
            .into();
    let what = Measure { shrinks: false, ..Measure::whole(3, None) };
    let with = |jobs| measure_all(&faults, &corpus(), &what, jobs, &Stop::default(), &|| ());
    let one = with(1).expect("nothing stops it");
    assert_eq!(Some(&one), with(3).as_ref());
    let seeds: Vec<usize> = one[0].strategies.iter().map(Vec::len).collect();
    assert_eq!(seeds, [3; 4], "four strategies with three seeds each");
}
