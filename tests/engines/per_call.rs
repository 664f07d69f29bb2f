//! The implementation with a lock per call: it is right, and the corpus finds every bug that can be
//! planted in it.
//!
//! `CALLOFF_BLESS=1` measures the table of `docs/corpus.md` and writes it. By default each bug is
//! looked for where the table says, by `exhaustive` alone.

#[path = "../../sim/engines/examples/per_call/hunt.rs"]
mod hunt;
#[path = "../../sim/engines/examples/per_call/locks/mod.rs"]
mod locks;

use std::collections::BTreeSet;
use std::fs;

use calloff_model::{Cancelable, Reading, Waiter};
use calloff_protocol::exploration::Engine;
use calloff_protocol::judge::Worker;
use calloff_sim::exit::Exit;
use calloff_sim::pool;
use calloff_sim::runtime::shuttle::ShuttleRuntime;
use calloff_sim::verify::{Subject, verify};
use calloff_tests::generated::hold;
use calloff_tests::{binary, corpus, project_file};
use hunt::{Place, Row, measure, named, places, table};
use locks::{BUGS, Bug, PerCall, RIGHT};

const PAGE: &str = "docs/corpus.md";
const ACTORS_MAX: usize = 4;

/// The rows of the table on the page: a bug, where it shows, and when `exhaustive` notices it.
fn rows() -> Vec<(Bug, String, String)> {
    let page = fs::read_to_string(project_file(PAGE)).expect("a page");
    let rows = page.lines().filter(|line| line.starts_with("| `")).filter_map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let bug = named(cells[1].trim_matches('`'))?;
        Some((bug, cells[2].to_owned(), cells[3].to_owned()))
    });
    rows.collect()
}

fn ends_as_the_machine_does(waiter: Waiter) {
    let readings = Cancelable::ALL.map(|cancelable| Reading { cancelable, waiter });
    let subject = Subject::corpus().actors_max(3).readings(&readings);
    let subject = subject.engines(&[Engine::Exhaustive]);
    let report = verify::<PerCall<ShuttleRuntime>>(&subject);
    assert_eq!(report.exit(), Exit::Met, "{report}");
    assert!(report.runs > 150, "{report}");
}

#[test]
fn a_lock_per_call_ends_exactly_as_the_machine_does_when_cancellers_wait() {
    ends_as_the_machine_does(Waiter::Canceller);
}

#[test]
fn a_lock_per_call_ends_exactly_as_the_machine_does_when_callers_wait() {
    ends_as_the_machine_does(Waiter::Caller);
}

#[test]
fn every_planted_bug_is_noticed_where_the_page_says() {
    if std::env::var_os("CALLOFF_BLESS").is_some() {
        let worker = Worker {
            program: binary().with_file_name("examples").join("per_call"),
            args: vec!["worker".into(), "loom".into()],
        };
        let places = places(&corpus(), ACTORS_MAX);
        let rows = pool::run(BUGS, 2, |bug| measure(*bug, &places, Some(&worker)), &|_| ());
        assert_eq!(hold(PAGE, |_| table(&rows)), 1, "the table has its place");
        return;
    }
    let corpus = corpus();
    let look = |(bug, place, after): &(Bug, String, String)| {
        let (file, reading) = place.trim_end_matches(')').split_once(" (")?;
        let of_file = |path: &str| path.trim_end_matches(".toml") == file;
        let source = corpus.iter().find(|source| of_file(&source.file))?;
        let reading = Reading::ALL.into_iter().find(|known| known.to_string() == reading)?;
        let finding = Place::new(source, reading).find(*bug)?;
        let Row { engines: [exhaustive, ..], .. } = Row::of(*bug, place, &finding);
        let schedule = finding.schedule.join(" ");
        assert_eq!(exhaustive, *after, "{}: {}: {schedule}", bug.name(), finding.message);
        Some(())
    };
    let rows = rows();
    let noticed = pool::run(&rows, 2, look, &|_| ());
    let missed = rows.iter().zip(noticed).filter(|((_, place, _), seen)| {
        // What no scenario can show is explained on the page.
        place != "–" && seen.is_none()
    });
    let missed: Vec<&str> = missed.map(|((bug, ..), _)| bug.name()).collect();
    assert!(missed.is_empty(), "not noticed where the page says: {missed:?}");
}

#[test]
fn the_page_has_a_row_for_each_planted_bug_and_no_other() {
    let written: Vec<Bug> = rows().into_iter().map(|(bug, ..)| bug).collect();
    assert_eq!(written, BUGS);
    let sentences: BTreeSet<&str> = BUGS.iter().map(|bug| bug.sentence()).collect();
    assert_eq!(sentences.len(), BUGS.len(), "each bug has a sentence of its own");
}

#[test]
fn every_scenario_that_the_page_names_is_in_the_corpus() {
    let page = fs::read_to_string(project_file(PAGE)).expect("a page");
    let table = page.split("## The table").nth(1).and_then(|rest| rest.split("\n## ").next());
    let words = table.expect("the table").split('`').skip(1).step_by(2);
    let names: Vec<&str> = words.filter(|word| word.contains('-')).collect();
    assert!(names.len() > 40, "{names:?}");
    for name in names {
        assert!(calloff_scenarios::named(name).is_some(), "{name} is no scenario");
    }
}

#[test]
fn what_only_looks_like_a_bug_is_not_noticed() {
    let places = places(&corpus(), 2);
    let is_noticed = |kin: &Bug| places.iter().any(|place| place.find(*kin).is_some());
    let noticed = pool::run(RIGHT, 2, is_noticed, &|_| ());
    assert_eq!(noticed, [false; 4], "{RIGHT:?}");
}
