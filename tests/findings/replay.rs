//! Findings are portable: each can be reproduced from its file, on the machine and on the real
//! code.

use calloff_model::{Monitor, Reading};
use calloff_protocol::exploration::{Engine, Granularity, Limits, Stop};
use calloff_protocol::faults::shell::SHELL_FAULTS;
use calloff_protocol::faults::{FAULTS, Seeded};
use calloff_protocol::finding::{Counterexample, Shown};
use calloff_protocol::history::EndKind;
use calloff_protocol::judge::{Options, Run, Source};
use calloff_protocol::operations::Script;
use calloff_protocol::plan::{Axes, Plan};
use calloff_protocol::program::{Case, Program};
use calloff_protocol::world::Choice;
use calloff_protocol::{faults, search, trace};
use calloff_reports::replay::render;
use calloff_sim::check::execute;
use calloff_sim::engine::follow::follow;
use calloff_sim::replay::replay;
use calloff_sim::{check, drive};
use calloff_tests::{corpus, options, whole_corpus};

/// The number of replays of each finding, unless `CALLOFF_REPLAYS` sets it.
const TIMES: usize = 100;

fn times() -> usize {
    let asked = std::env::var("CALLOFF_REPLAYS").ok();
    asked.map_or(TIMES, |text| text.parse().expect("CALLOFF_REPLAYS is a number"))
}

/// The scenarios of the corpus with at most that many actors, small ones first.
fn sources(actors_max: usize) -> Vec<Source> {
    small(corpus(), actors_max)
}

/// The same of the client programs.
fn client_programs(actors_max: usize) -> Vec<Source> {
    let mut sources = whole_corpus();
    sources.retain(|source| Program::new(&source.scenario).is_client);
    small(sources, actors_max)
}

fn small(mut sources: Vec<Source>, actors_max: usize) -> Vec<Source> {
    sources.retain(|source| source.scenario.actors.len() <= actors_max);
    let steps = |s: &Source| s.scenario.actors.iter().map(|actor| actor.steps.len()).sum::<usize>();
    sources.sort_by_key(|source| (source.scenario.actors.len(), steps(source)));
    sources
}

/// The counterexamples of a run, as they come back from their files.
fn counterexamples(sources: &[Source], run: &Run, options: &Options) -> Vec<Counterexample> {
    let source = &sources[run.source];
    let found = run.violations.iter().map(|v| Counterexample::of(source, run, v, options));
    let found = found.filter(|finding| finding.shown == Shown::Execution);
    let reread = |finding: Counterexample| {
        let read = Counterexample::parse(finding.to_json().as_bytes()).expect("a good file");
        assert_eq!(read, finding, "what is written is read again");
        read
    };
    found.map(reread).collect()
}

fn shown(finding: &Counterexample) -> (String, bool, Option<bool>) {
    let replay = replay(finding, None, &Stop::default());
    (render(finding, &replay, 80), replay.has_diverged(), replay.is_seen_again)
}

#[test]
fn the_shortest_counterexample_of_every_fault_is_seen_again_a_hundred_times() {
    let (mut claims, mut departures) = (0, 0);
    for fault in &FAULTS {
        let options = options(&[Engine::Protocol], Some(Seeded::Machine(fault)));
        let sources = if fault.of_clients { client_programs(5) } else { sources(5) };
        let plan = Plan { sources, axes: Axes::default(), options: options.clone(), jobs: 2 };
        let runs = execute(&plan, &Stop::default(), &|_| ());
        let all = runs.iter().flat_map(|run| counterexamples(&plan.sources, run, &options));
        let id = |finding: &Counterexample| finding.claim.as_ref().expect("a claim").what.id();
        let rank = |f: &Counterexample| (id(f) != fault.caught_by, f.schedule.0.len());
        let finding = all.min_by_key(rank).unwrap_or_else(|| panic!("{} is silent", fault.name));
        claims += usize::from(id(&finding) == fault.caught_by);
        let first = shown(&finding);
        assert_eq!((first.1, first.2), (false, Some(true)), "{}:\n{}", fault.name, first.0);
        departures += usize::from(first.0.contains("which does not have the bug, departs at"));
        for _ in 1..times() {
            assert_eq!(shown(&finding), first, "{}", fault.name);
        }
    }
    // The real monitor runs no client program.
    let of_races = FAULTS.iter().filter(|fault| !fault.of_clients).count();
    assert!(departures > of_races / 2, "the real monitor departs from {departures} alone");
    assert!(claims >= FAULTS.len() - 6, "only {claims} by the clause that must catch them");
}

#[test]
fn the_real_monitor_takes_every_step_of_the_machine_to_every_end() {
    let mut ends = 0;
    // A monitor announces the next time at which something changes by itself. Once it has come,
    // nobody announces the one after it until somebody steps on that thread; the machine's clock
    // goes on at once. No end depends on it: `exhaustive` has the same ones.
    let is_known = |source: &Source| source.file.starts_with("looks/time-");
    for source in sources(usize::MAX).into_iter().filter(|source| !is_known(source)) {
        for reading in Reading::ALL {
            let (limits, case) = (Limits::default(), Case::new(&source.scenario, reading));
            let program = &*case.program;
            let found = search::explore(&case, None, &limits, &Stop::default());
            for (outcome, node) in &found.outcomes {
                let schedule = found.schedule(*node).expect("protocol remembers");
                let trace = trace::replay(program, reading, None, &schedule).expect("possible");
                let script = Script::Steps(trace);
                let followed = follow(&drive::make::<_, Monitor<_>>(), &case, &script);
                let of = format!("{} under {reading}: {:?}", source.file, schedule.names(program));
                assert_eq!(followed.divergence, None, "{of}");
                assert_eq!(&followed.outcome, outcome, "{of}");
                assert!(followed.is_end, "{of}");
                ends += 1;
            }
        }
    }
    assert!(ends > 1000, "only {ends} ends");
}

/// The first counterexample that `exhaustive` finds for the fault.
fn first_of_the_shell(fault: Seeded, engine: Engine) -> Option<Counterexample> {
    let options = options(&[Engine::Protocol, engine], Some(fault));
    let sources = sources(4);
    for (index, source) in sources.iter().enumerate() {
        for &reading in &source.scenario.expect.readings {
            let scenario = &source.scenario;
            let runs = check::check(index, scenario, reading, &options, &Stop::default());
            let found = runs.iter().flat_map(|run| counterexamples(&sources, run, &options)).next();
            if found.is_some() {
                return found;
            }
        }
    }
    None
}

#[test]
fn a_counterexample_of_every_fault_of_the_shell_is_seen_again_a_hundred_times() {
    let mut seen = 0;
    for fault in SHELL_FAULTS.iter().filter(|fault| fault.caught_by == Engine::Exhaustive) {
        let found = first_of_the_shell(Seeded::Shell(fault), Engine::Exhaustive);
        let Some(finding) = found else { panic!("{} is silent", fault.name) };
        let first = shown(&finding);
        assert_eq!((first.1, first.2), (false, Some(true)), "{}:\n{}", fault.name, first.0);
        // Each time an exploration is needed to see that an end is absent.
        let times = if finding.granularity == Granularity::Step { times() / 10 } else { times() };
        for _ in 1..times.max(2) {
            assert_eq!(shown(&finding), first, "{}", fault.name);
        }
        seen += 1;
        let is_own = finding.granularity != Granularity::Step;
        assert!(is_own || fault.shows == EndKind::Missing, "{}", fault.name);
    }
    assert!(seen > 15, "only {seen}");
}

#[test]
fn what_a_fault_of_the_machine_shows_in_code_is_seen_again() {
    let sources = sources(3);
    let name = "cancel-meets-dispatch";
    let at = sources.iter().position(|source| source.scenario.name == name).expect("in the corpus");
    // One foreign end, and two absent ends, whose schedules are those of the right machine.
    for name in ["result-flattened", "expired-call-entered", "accepted-means-canceled"] {
        let fault = faults::find(name).expect("a fault");
        let options = options(&[Engine::Protocol, Engine::Exhaustive], Some(fault));
        let (scenario, stop) = (&sources[at].scenario, Stop::default());
        let runs = check::check(at, scenario, scenario.expect.readings[0], &options, &stop);
        let found = counterexamples(&sources, &runs[1], &options);
        let is_difference =
            |f: &Counterexample| f.claim.as_ref().unwrap().what.id() == "cross-check";
        let finding = found.into_iter().find(is_difference).expect("code shows it");
        let (text, has_diverged, is_seen) = shown(&finding);
        assert_eq!((has_diverged, is_seen), (false, Some(true)), "{name}:\n{text}");
    }
}

#[test]
fn a_schedule_that_shuttle_met_by_chance_is_seen_again() {
    let fault = SHELL_FAULTS.iter().find(|fault| fault.name == "reply-not-notified");
    let fault = Seeded::Shell(fault.expect("in the catalogue"));
    let finding = first_of_the_shell(fault, Engine::Shuttle).expect("shuttle meets it");
    assert_eq!(finding.granularity, Granularity::Operation);
    let first = shown(&finding);
    assert_eq!((first.1, first.2), (false, Some(true)), "{}", first.0);
}

#[test]
fn what_a_fault_of_the_shell_shows_does_not_happen_without_the_fault() {
    let fault = SHELL_FAULTS.iter().find(|fault| fault.name == "reply-not-notified");
    let fault = Seeded::Shell(fault.expect("in the catalogue"));
    let mut finding = first_of_the_shell(fault, Engine::Exhaustive).expect("it is caught");
    finding.fault = None;
    let (text, _, is_seen) = shown(&finding);
    assert_eq!(is_seen, Some(false), "{text}");
}

#[test]
fn a_schedule_with_a_choice_too_many_diverges_and_says_where() {
    let scenario = &sources(3)[0].scenario;
    let schedule = trace::Schedule(vec![Choice::Clock; 3]);
    let mut finding = Counterexample {
        scenario: scenario.clone(),
        reading: Reading::default(),
        engine: Engine::Protocol,
        granularity: Granularity::Step,
        fault: None,
        claim: None,
        shown: Shown::Execution,
        schedule,
    };
    for granularity in Granularity::REPLAYABLE {
        finding.granularity = granularity;
        let (text, has_diverged, _) = shown(&finding);
        assert!(has_diverged, "{text}");
        assert!(text.contains("at choice 1:") && text.contains("enabled to step: `"), "{text}");
    }
}

/// Runs the program; returns its exit code and its output.
fn calloff(args: &[&str]) -> (i32, String) {
    let mut command = std::process::Command::new(calloff_tests::binary());
    let output = command.args(args).env("NO_COLOR", "1").output().expect("calloff runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.code().expect("an exit code"), text)
}

#[test]
fn what_check_saves_is_named_in_its_report_replayed_and_kept() {
    let folder = std::env::temp_dir().join(format!("calloff-replay-{}", std::process::id()));
    let (found, kept) = (folder.join("found"), folder.join("kept"));
    let (found, kept) = (found.to_str().expect("text"), kept.to_str().expect("text"));
    let file = calloff_tests::project_file("scenarios/races/cancel-meets-expiry.toml");
    let file = file.to_str().expect("text");
    let check = ["check", file, "--engine", "protocol", "--format", "json", "--save", found];
    let (code, report) = calloff(&[&check[..], &["--fault", "complete-on-expiry"]].concat());
    assert_eq!(code, 1);
    let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    let mut saved = Vec::new();
    for run in report["runs"].as_array().expect("runs") {
        for violation in run["violations"].as_array().expect("violations") {
            assert!(violation["counterexample"].is_string(), "{violation}");
            saved.extend(violation["counterexample"].as_str().map(str::to_owned));
        }
    }
    assert!(saved.len() > 2, "{saved:?}");
    for path in &saved {
        let (code, text) = calloff(&["replay", path]);
        assert_eq!(code, 0, "{path}:\n{text}");
    }
    let keep = ["keep", &saved[0], "--dir", kept, "--name", "early-answer"];
    let (code, text) = calloff(&keep);
    assert!(code == 0 && !text.contains("already"), "{text}");
    let (code, text) = calloff(&keep);
    assert!(
        code == 0 && text.matches("(was there already, and is the same)").count() == 2,
        "{text}"
    );
    assert_eq!(calloff(&["check", kept, "--engine", "protocol"]).0, 0, "it holds without the bug");
    let (code, text) = calloff(&["replay", &format!("{kept}/early-answer.json")]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("without the bug: not seen"), "{text}");
    std::fs::remove_dir_all(&folder).expect("removed");
}
