//! The example of an implementation of your own: it has the same ends as the machine, and its
//! planted bug is found.

#[path = "../../sim/engines/examples/your_own/packed.rs"]
mod packed;

use std::path::PathBuf;

use calloff_model::{Cancelable, Reading, Waiter};
use calloff_protocol::exploration::Engine;
use calloff_sim::exit::Exit;
use calloff_sim::runtime::shuttle::ShuttleRuntime;
use calloff_sim::verify::{Finding, Subject, verify};
use calloff_tests::handmade::{Handmade, Panics};
use packed::Packed;

/// Scenarios of three actors are enough to show the planted bug. Those that only look take `packed`
/// a minute.
fn small() -> Subject {
    of(&["clients", "lifetimes", "races", "readings", "seed"])
}

/// Enough of them for what is found to be the same every time, and to say what it must.
fn races() -> Subject {
    of(&["races"])
}

fn of(folders: &[&str]) -> Subject {
    let path = |folder| format!("{}/../scenarios/{folder}", env!("CARGO_MANIFEST_DIR")).into();
    let paths: Vec<PathBuf> = folders.iter().map(path).collect();
    let subject = Subject::files(&paths).expect("the corpus is valid");
    subject.actors_max(3).engines(&[Engine::Exhaustive])
}

/// Every scenario of up to three actors, under the readings with that waiter: the tests run in
/// parallel.
fn ends_as_the_machine_does(waiter: Waiter) {
    let readings = Cancelable::ALL.map(|cancelable| Reading { cancelable, waiter });
    let report = verify::<Packed<ShuttleRuntime>>(&small().readings(&readings));
    assert_eq!(report.exit(), Exit::Met, "{report}");
    assert!(report.runs > 50, "{report}");
}

#[test]
fn the_packed_word_ends_exactly_as_the_machine_does_when_cancellers_wait() {
    ends_as_the_machine_does(Waiter::Canceller);
}

#[test]
fn the_packed_word_ends_exactly_as_the_machine_does_when_callers_wait() {
    ends_as_the_machine_does(Waiter::Caller);
}

#[test]
fn a_store_where_an_exchange_belongs_is_found_with_the_schedule_that_shows_it() {
    let report = verify::<Packed<ShuttleRuntime, true>>(&races());
    assert_eq!(report.exit(), Exit::Violated);
    for finding in &report.findings {
        assert!(finding.message.contains("in a way that the machine cannot"), "{report}");
        assert!(finding.schedule.contains(&"caller".to_owned()), "{report}");
    }
}

#[test]
fn code_that_follows_one_reading_is_verified_under_that_one_alone() {
    let reading = Reading { cancelable: Cancelable::AtRequest, ..Reading::default() };
    let one_reading = || verify::<Packed<ShuttleRuntime, true>>(&races().readings(&[reading]));
    let report = one_reading();
    assert_eq!(report.to_string(), one_reading().to_string(), "a report is the same every time");
    assert!(report.findings.iter().all(|finding| finding.reading == reading));
    assert_eq!(report.exit(), Exit::Violated);
    let nothing = verify::<Packed<ShuttleRuntime>>(&small().readings(&[]));
    assert_eq!(nothing.exit(), Exit::Inconclusive, "nothing was verified");
}

#[test]
fn a_panic_of_the_implementation_is_a_finding_with_its_message() {
    let report = verify::<Handmade<ShuttleRuntime, Panics>>(&races());
    let is_named = |finding: &Finding| finding.message.contains("panicked: no calls today");
    assert!(report.findings.iter().any(is_named), "{report}");
    assert_eq!(report.exit(), Exit::Violated);
}

#[test]
fn engines_that_remember_nothing_are_held_against_the_proof() {
    let named = |name: &str| calloff_scenarios::named(name).expect("one of the corpus").path;
    let path = format!(
        "{}/../scenarios/{}",
        env!("CARGO_MANIFEST_DIR"),
        named("get-object-meets-completion")
    );
    let subject = Subject::files(&[path.into()]).expect("a good file");
    let report = verify::<Packed<ShuttleRuntime>>(&subject);
    assert_eq!(report.exit(), Exit::Met, "{report}");
    for engine in [Engine::Exhaustive, Engine::Shuttle, Engine::Std] {
        assert!(report.made.keys().any(|(made, _)| *made == engine), "{report}");
    }
    assert!(report.skipped.keys().any(|(skipped, _)| *skipped == Engine::Loom), "{report}");
    assert!(report.rechecked > 0);
    let broken = verify::<Packed<ShuttleRuntime, true>>(&subject.engines(&[Engine::Exhaustive]));
    assert_eq!(broken.exit(), Exit::Violated);
    let story = &broken.findings[0].story;
    assert!(story.contains("uses atomic") && story.contains("= RPC_E"), "{story}");
}

#[test]
fn the_first_finding_is_the_same_on_any_number_of_threads() {
    let first = |jobs| {
        let subject = races().end_at_first().jobs(jobs);
        verify::<Packed<ShuttleRuntime, true>>(&subject).to_string()
    };
    assert_eq!(first(1), first(4));
}

#[test]
fn code_of_ones_own_is_verified_on_generated_races_too() {
    let generated = Subject::generated(0, 10);
    let report = verify::<Packed<ShuttleRuntime>>(&generated);
    assert_eq!(report.exit(), Exit::Met, "{report}");
    assert!(report.runs >= 10, "{report}");
    let report = verify::<Handmade<ShuttleRuntime, Panics>>(&generated);
    assert_eq!(report.exit(), Exit::Violated, "{report}");
}

#[test]
fn where_there_are_client_programs_only_nothing_is_verified() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios/clients/event-reader.toml");
    let subject = Subject::files(&[file.into()]).expect("a file of the corpus");
    let report = verify::<Packed<ShuttleRuntime>>(&subject.engines(&[Engine::Exhaustive]));
    assert_eq!(report.exit(), Exit::Inconclusive, "{report}");
    assert!(report.to_string().contains("nothing was verified"), "{report}");
}
