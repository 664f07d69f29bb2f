//! The shipped corpus catches the faults of the shell, and accepts an implementation without a
//! fault.

use calloff_protocol::exploration::{Engine, Stop};
use calloff_protocol::faults::Seeded;
use calloff_protocol::faults::shell::{SHELL_FAULTS, SOUND};
use calloff_protocol::judge::Source;
use calloff_sim::catch::{Catch, catches};
use calloff_tests::{corpus, loom_worker, races};

fn search(fault: Option<Seeded>, engine: Engine, sources: &[Source]) -> Option<Catch> {
    catches(fault, engine, sources, Some(&loom_worker()), &Stop::default())
}

#[test]
fn every_fault_of_the_shell_is_caught_by_the_engine_that_it_names() {
    let sources = corpus();
    for fault in &SHELL_FAULTS {
        let (name, engine) = (fault.name, fault.caught_by.name());
        let found = search(Some(Seeded::Shell(fault)), fault.caught_by, &sources);
        let found = found.unwrap_or_else(|| panic!("{engine} must catch {name}"));
        assert_eq!(found.shows, fault.shows, "{name} in {}: {}", found.file, found.message);
    }
}

#[test]
fn a_result_that_is_read_with_relaxed_loads_is_caught_by_loom_alone() {
    let mut sources = races();
    sources.retain(|source| source.scenario.actors.len() <= 3);
    let fault = SHELL_FAULTS.iter().find(|fault| fault.name == "result-read-unlocked");
    let fault = fault.map(Seeded::Shell);
    assert!(fault.is_some(), "in the catalogue");
    for engine in [Engine::Exhaustive, Engine::Shuttle] {
        assert!(search(fault, engine, &sources).is_none(), "{}", engine.name());
    }
    assert!(search(fault, Engine::Loom, &sources).is_some());
}

#[test]
fn a_monitor_without_a_fault_is_not_caught() {
    let sound = Some(Seeded::Shell(&SOUND));
    // What `exhaustive` makes of the monitor that ships, the tests of the corpus look at.
    let pairs =
        [(None, Engine::Shuttle, 3), (sound, Engine::Shuttle, 3), (sound, Engine::Exhaustive, 4)];
    for (fault, engine, actors_max) in pairs {
        let mut sources = races();
        sources.retain(|source| source.scenario.actors.len() <= actors_max);
        let found = search(fault, engine, &sources);
        assert!(found.is_none(), "{fault:?} under {}: {found:?}", engine.name());
    }
}
