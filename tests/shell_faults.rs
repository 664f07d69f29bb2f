//! The faults of the shell are caught on the shipped corpus; an implementation without one is not.

use calloff_model::Monitor;
use calloff_sim::check::Source;
use calloff_sim::engine::follow::follow;
use calloff_sim::engine::{Engine, Stop, exhaustive, loom, sampled};
use calloff_sim::faults::shell::{Catch, SHELL_FAULTS, SOUND, ShellFault, Shows, catches};
use calloff_sim::runtime::loom::LoomRuntime;
use calloff_sim::runtime::shuttle::ShuttleRuntime;
use calloff_tests::{corpus, loom_worker};

fn search(fault: &ShellFault, engine: Engine, sources: &[Source]) -> Option<Catch> {
    catches(fault, engine, sources, Some(&loom_worker()), &Stop::default())
}

#[test]
fn every_fault_of_the_shell_is_caught_by_the_engine_that_it_names() {
    let sources = corpus();
    for fault in &SHELL_FAULTS {
        let (name, engine) = (fault.name, fault.caught_by.name());
        let found = search(fault, fault.caught_by, &sources);
        let found = found.unwrap_or_else(|| panic!("{engine} must catch {name}"));
        assert_eq!(found.shows, fault.shows, "{name} in {}: {}", found.file, found.message);
    }
}

#[test]
fn a_result_that_is_read_with_relaxed_loads_is_caught_by_loom_alone() {
    let mut sources = corpus();
    sources.retain(|source| source.scenario.actors.len() <= 3);
    let fault = SHELL_FAULTS.iter().find(|fault| fault.name == "result-read-unlocked");
    let fault = fault.expect("in the catalogue");
    for engine in [Engine::Exhaustive, Engine::Shuttle] {
        assert!(search(fault, engine, &sources).is_none(), "{}", engine.name());
    }
    assert!(search(fault, Engine::Loom, &sources).is_some());
}

#[test]
fn a_monitor_without_a_fault_is_not_caught() {
    let mut sources = corpus();
    sources.retain(|source| source.scenario.actors.len() <= 4);
    let real = ShellFault {
        name: "real",
        summary: "the monitor that ships",
        caught_by: Engine::Exhaustive,
        shows: Shows::ForeignEnd,
        exhaustive: exhaustive::explore::<Monitor<ShuttleRuntime>>,
        loom: loom::explore::<Monitor<LoomRuntime>>,
        follow: follow::<Monitor<ShuttleRuntime>>,
        sampled: sampled::explore::<Monitor<ShuttleRuntime>>,
    };
    for sound in [&real, &SOUND] {
        for engine in [Engine::Exhaustive, Engine::Shuttle] {
            let found = search(sound, engine, &sources);
            assert!(found.is_none(), "{} under {}: {found:?}", sound.name, engine.name());
        }
    }
}
