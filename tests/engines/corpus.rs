//! The shipped corpus: it holds, is explored exhaustively, witnesses every row, and catches every
//! fault.

use std::process::{Command, Output};
use std::sync::OnceLock;

use calloff_model::Reading;
use calloff_protocol::clauses::{CLAUSES, Clause, Kind};
use calloff_protocol::exploration::{Bound, Engine, Stop};
use calloff_protocol::faults::{FAULTS, Seeded};
use calloff_protocol::judge;
use calloff_protocol::judge::{Run, Source, Verdict, sometimes};
use calloff_protocol::plan::{Axes, Plan};
use calloff_protocol::program::Program;
use calloff_protocol::world::Fault;
use calloff_sim::check::{check, execute};
use calloff_tests::{corpus, options, whole_corpus};

fn plan(fault: Option<Seeded>, engines: &[Engine]) -> Plan {
    Plan { sources: corpus(), axes: Axes::default(), options: options(engines, fault), jobs: 2 }
}

/// The whole corpus on the machine without a fault.
fn whole_plan() -> Plan {
    Plan { sources: whole_corpus(), ..plan(None, &[Engine::Protocol]) }
}

fn run(fault: Option<Seeded>) -> Vec<Run> {
    execute(&plan(fault, &[Engine::Protocol]), &Stop::default(), &|_| ())
}

/// The runs of the corpus on the machine without a fault.
fn sound() -> &'static [Run] {
    static SOUND: OnceLock<Vec<Run>> = OnceLock::new();
    SOUND.get_or_init(|| execute(&whole_plan(), &Stop::default(), &|_| ()))
}

#[test]
fn the_real_monitor_ends_exactly_as_the_machine_does_in_every_scenario_of_five_actors() {
    let mut plan = plan(None, &[Engine::Protocol, Engine::Exhaustive]);
    plan.sources.retain(|source| source.scenario.actors.len() <= 5);
    let runs = execute(&plan, &Stop::default(), &|_| ());
    let exhausted = runs.iter().filter(|run| run.exploration.bound == Bound::Exhausted);
    assert_eq!(exhausted.count(), runs.len());
    for run in &runs {
        let (file, engine) = (&plan.sources[run.source].file, run.engine.name());
        assert!(run.skipped.is_none(), "{file} {engine}: {:?}", run.skipped);
        assert_eq!(run.verdict, Verdict::Holds, "{file} {engine}: {:?}", run.violations);
    }
}

#[test]
fn every_scenario_holds_under_every_reading_that_it_names_and_is_exhausted() {
    let (plan, runs) = (whole_plan(), sound());
    for run in runs {
        let file = &plan.sources[run.source].file;
        assert_eq!(run.exploration.bound, Bound::Exhausted, "{file} under {}", run.reading);
        assert_eq!(
            run.verdict,
            Verdict::Holds,
            "{file} under {}: {:?}",
            run.reading,
            run.violations
        );
    }
    for reading in Reading::ALL {
        assert!(runs.iter().filter(|run| run.reading == reading).count() > 30, "{reading}");
    }
}

#[test]
fn every_row_of_the_page_is_witnessed_under_every_reading() {
    let sometimes = sometimes(sound());
    assert_eq!(sometimes.len(), 11 * Reading::ALL.len(), "eleven things to see, four readings");
    for seen in sometimes {
        assert!(seen.witness.is_some(), "{} {} under {}", seen.clause, seen.facet, seen.reading);
    }
}

/// Whether some run of the corpus violates the clause that the fault names. One is enough.
fn is_violated(fault: &'static Fault, corpus: &[Source]) -> bool {
    let options = options(&[Engine::Protocol], Some(Seeded::Machine(fault)));
    corpus.iter().any(|Source { scenario, .. }| {
        scenario.expect.readings.iter().any(|reading| {
            let runs = check(0, scenario, *reading, &options, &Stop::default());
            judge::caught_by(&runs).contains(&fault.caught_by)
        })
    })
}

#[test]
fn every_fault_is_caught_by_the_clause_that_it_names() {
    let (of_clients, corpus): (Vec<Source>, Vec<Source>) =
        whole_corpus().into_iter().partition(|source| Program::new(&source.scenario).is_client);
    for fault in &FAULTS {
        let (name, clause) = (fault.name, fault.caught_by);
        let corpus = if fault.of_clients { &of_clients } else { &corpus };
        let kind = CLAUSES.iter().find(|known| known.id == clause).map(|known| known.kind);
        // What must be seen sometimes is missed only in the corpus as a whole.
        if kind == Some(Kind::Always) && is_violated(fault, corpus) {
            continue;
        }
        let caught = judge::caught_by(&run(Some(Seeded::Machine(fault))));
        assert!(caught.contains(&clause), "{name} must be caught by {clause}, not {caught:?}");
    }
}

#[test]
fn every_always_clause_catches_a_fault_that_names_it() {
    // `misuse` binds the program, not the machine.
    let of_machine = |clause: &&Clause| clause.kind == Kind::Always && clause.id != "misuse";
    for clause in CLAUSES.iter().filter(of_machine) {
        let named = FAULTS.iter().any(|fault| fault.caught_by == clause.id);
        assert!(named, "no fault is there to show that {} bites", clause.id);
    }
}

#[test]
fn every_scenario_states_the_exact_codes_of_every_actor() {
    for source in whole_corpus() {
        for actor in &source.scenario.actors {
            let returns = actor.steps.iter().any(|step| step.returns_code());
            let is_listed = source.scenario.expect.codes.iter().any(|c| c.actor == actor.name);
            let told = is_listed || actor.is_daemon || !returns;
            assert!(told, "{}: {}", source.file, actor.name);
        }
        let stem = source.file.rsplit('/').next().and_then(|name| name.strip_suffix(".toml"));
        assert_eq!(stem, Some(source.scenario.name.as_str()), "a file is called like its scenario");
        assert!(!source.scenario.summary.is_empty(), "{} has no summary", source.file);
    }
}

#[test]
fn the_corpus_has_a_scenario_of_seven_actors() {
    assert!(corpus().iter().any(|source| source.scenario.actors.len() >= 7));
}

#[test]
fn the_corpus_embeds_every_scenario_file_of_the_folder() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios");
    let on_disk = calloff(&["list", folder]);
    let embedded = calloff(&["list"]);
    let last =
        |output: &Output| String::from_utf8_lossy(&output.stdout).lines().last().map(str::to_owned);
    assert_eq!(last(&on_disk), last(&embedded));
}

#[test]
fn reports_are_byte_identical_on_one_thread_and_on_two() {
    for format in ["json", "human"] {
        let with = |jobs| {
            let check = ["check", "races", "--engine", "protocol", "--format", format];
            calloff(&[&check[..], &["--jobs", jobs]].concat()).stdout
        };
        let (one, two) = (with("1"), with("2"));
        assert!(!one.is_empty());
        assert!(one == two, "the {format} report depends on the number of threads");
        assert!(one == with("2"), "the {format} report differs between two runs");
    }
}

fn calloff(args: &[&str]) -> Output {
    Command::new(calloff_tests::binary()).args(args).output().expect("calloff runs")
}
