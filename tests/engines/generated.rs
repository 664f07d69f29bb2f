//! Generated races are valid, reproducible and varied, and every engine agrees on them.
//!
//! `CALLOFF_CASES=N cargo test --release -p calloff-tests --test engines generated::`
//! checks N cases with the `protocol` engine in place of the few of every run of the tests, and a
//! tenth as many with all engines. Then it also looks for the faults that only thousands of cases
//! show.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use calloff_model::Reading;
use calloff_protocol::exploration::{Bound, Engine, Limits, Reductions, Stop};
use calloff_protocol::faults;
use calloff_protocol::faults::shell::SHELL_FAULTS;
use calloff_protocol::faults::{FAULTS, Seeded};
use calloff_protocol::history::TimePolicy;
use calloff_protocol::judge::{Options, Source};
use calloff_protocol::plan::{Axes, Plan};
use calloff_protocol::program::{Case, Program};
use calloff_protocol::scenario::validate::validate;
use calloff_protocol::scenario::{ExpectedVerdict, Scenario};
use calloff_protocol::search;
use calloff_reports::json;
use calloff_sim::check;
use calloff_sim::generate::{self, Campaign, Ended, Racing, Report, Size, VACUOUS_AFTER};
use calloff_sim::settle::{is_live, settle};
use calloff_tests::{loom_worker, options};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

/// The number of cases, unless the environment sets it.
fn cases(default: u64) -> u64 {
    match std::env::var("CALLOFF_CASES") {
        Ok(cases) => cases.parse().expect("CALLOFF_CASES is a number"),
        Err(_) => default,
    }
}

fn campaign(engines: &[Engine], fault: Option<Seeded>, cases: u64) -> Campaign {
    // Sampling executions is slow in a test build.
    let limits = Limits { executions_max: 40, ..Limits::default() };
    let options = Options { limits, worker: Some(loom_worker()), ..options(engines, fault) };
    let (size, cases) = (Size::default(), Some(cases));
    let (part, grows) = (None, false);
    Campaign { seed: 0, first: 0, cases, part, size, grows, options, jobs: 2, goes_on: false }
}

fn run(campaign: &Campaign) -> Report {
    campaign.run(&Stop::default(), &|_| ())
}

fn expect_nothing_found(report: &Report, cases: u64) {
    let broken = report.findings.iter().flat_map(|finding| {
        finding.runs.iter().filter(|run| !run.violations.is_empty()).map(|run| {
            format!("{} {}\n{:?}", finding.scenario.to_toml(), run.reading, run.violations)
        })
    });
    let broken: Vec<String> = broken.collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(report.vacuous.is_empty(), "{:?}", report.vacuous);
    assert_eq!((report.ended, report.coverage.cases), (Ended::Complete, cases));
    assert!(report.inconclusive * 100 <= cases, "{} inconclusive", report.inconclusive);
}

/// What `protocol` says of the default campaign.
fn by_default() -> &'static Report {
    static REPORT: OnceLock<Report> = OnceLock::new();
    REPORT.get_or_init(|| run(&campaign(&[Engine::Protocol], None, cases(VACUOUS_AFTER))))
}

#[test]
fn generated_races_hold_and_everything_that_must_be_seen_is_seen() {
    expect_nothing_found(by_default(), cases(VACUOUS_AFTER));
}

#[test]
fn what_is_proven_of_generated_races_does_not_depend_on_the_reductions() {
    let limits = Limits { states_max: 10_000, ..Limits::default() };
    let (mut held, stop) = (0, Stop::default());
    for index in 0..cases(60) {
        let scenario = generate::scenario(5, index, &Size::default());
        for reading in Reading::ALL {
            let case = Case::new(&scenario, reading);
            let full = search::explore(&case, None, &limits, &stop);
            if full.bound != Bound::Exhausted {
                continue;
            }
            let found = search::prove(&case, None, &limits, Reductions::default(), &stop);
            let what = format!("{reading}\n{}", scenario.to_toml());
            assert_eq!(found.bound, Bound::Exhausted, "{what}");
            assert!(found.states <= full.states, "{what}");
            assert!(found.outcomes.keys().eq(full.outcomes.keys()), "{what}");
            assert!(found.violations.is_empty() && full.violations.is_empty(), "{what}");
            assert_eq!(found.seen, full.seen, "{what}");
            assert!(found.returned.keys().eq(full.returned.keys()), "{what}");
            held += 1;
        }
    }
    assert!(held >= 2 * cases(60), "{held}");
}

#[test]
fn all_engines_agree_on_generated_races() {
    let cases = cases(60).div_ceil(10);
    let report = run(&campaign(&Engine::ALL, None, cases));
    expect_nothing_found(&report, cases);
    for engine in Engine::ALL {
        let totals = &report.totals[&engine];
        assert_eq!(totals.runs, 4 * cases, "each case under each reading");
        let skipped: u64 = totals.skipped.values().sum();
        assert!(skipped < totals.runs, "engine {} has not run at all", engine.name());
    }
}

#[test]
fn a_generated_scenario_is_valid_and_prints_as_a_file_that_means_the_same() {
    for index in 0..100 {
        let scenario = generate::scenario(1, index, &Size::default());
        assert_eq!(validate(&scenario), []);
        let file = scenario.to_toml();
        let parsed = Scenario::parse("printed.toml", file.as_bytes());
        assert_eq!(parsed.unwrap_or_else(|errors| panic!("{errors}\n{file}")), scenario);
    }
}

#[test]
fn a_case_depends_on_its_seed_its_index_and_its_size_alone() {
    let size = Size::default();
    let forwards: Vec<Scenario> = (0..40).map(|i| generate::scenario(3, i, &size)).collect();
    let backwards = (0..40).rev().map(|index| {
        let drawn = std::thread::spawn(move || generate::scenario(3, index, &Size::default()));
        drawn.join().expect("it is drawn")
    });
    let mut backwards: Vec<Scenario> = backwards.collect();
    backwards.reverse();
    assert_eq!(forwards, backwards);
    let files: BTreeSet<String> = forwards.iter().map(Scenario::to_toml).collect();
    assert_eq!(files.len(), 40, "they differ from each other");
    assert_ne!(generate::scenario(4, 0, &size).actors, forwards[0].actors);
}

#[test]
fn a_scenario_keeps_to_its_size() {
    for size in [
        Size { actors_max: 2, calls_max: 1, steps_max: 4, seconds_max: 1, timed: false },
        Size { actors_max: 6, calls_max: 5, steps_max: 20, seconds_max: 1, timed: false },
    ] {
        let (mut actors, mut steps) = (0, 0);
        for index in 0..40 {
            let scenario = generate::scenario(0, index, &size);
            actors = actors.max(scenario.actors.len());
            steps = steps.max(scenario.actors.iter().map(|actor| actor.steps.len()).sum());
        }
        assert!(actors <= size.actors_max && steps <= size.steps_max, "{actors} {steps} {size:?}");
        assert!(actors >= 2 && steps * 2 > size.steps_max, "{actors} {steps} {size:?}");
    }
}

#[test]
fn a_report_is_the_same_each_time() {
    for index in 0..12 {
        let scenario = generate::scenario(0, index, &Size::default());
        let engines = [Engine::Protocol, Engine::Exhaustive, Engine::Shuttle];
        let options = campaign(&engines, None, 0).options;
        let sources = vec![Source { file: scenario.name.clone(), scenario }];
        let plan = Plan { sources, axes: Axes::default(), options, jobs: 1 };
        let report = || {
            let runs: Vec<_> = Reading::ALL
                .into_iter()
                .flat_map(|reading| {
                    let scenario = &plan.sources[0].scenario;
                    check::check(0, scenario, reading, &plan.options, &Stop::default())
                })
                .collect();
            let mut bytes = Vec::new();
            json::write(&json::report(&plan, &runs, &[]), &mut bytes).expect("a vector takes all");
            bytes
        };
        assert_eq!(report(), report());
    }
}

#[test]
fn a_campaign_reports_the_same_on_any_number_of_threads() {
    let fault = faults::find("expired-call-entered").expect("a fault");
    let on = |jobs: usize, goes_on: bool| {
        let report =
            run(&Campaign { jobs, goes_on, ..campaign(&[Engine::Protocol], Some(fault), 100) });
        let findings: Vec<u64> = report.findings.iter().map(|finding| finding.index).collect();
        (report.coverage, report.totals, findings, report.shapes, report.ended)
    };
    let alone = on(1, true);
    assert!(alone.2.len() > 1, "there is more than one kind of finding: {:?}", alone.3);
    assert_eq!(on(3, true), alone);
    let first = on(3, false);
    assert_eq!(first, on(1, false));
    assert_eq!(first.2, [alone.2[0]], "the first one is the one with the smallest index");
    assert_eq!(first.0.cases, alone.2[0] + 1);
}

#[test]
fn what_is_never_seen_is_a_finding() {
    // With a single call no caller has another call to issue.
    let size = Size { actors_max: 3, calls_max: 1, steps_max: 8, seconds_max: 2, timed: false };
    let report = run(&Campaign { size, ..campaign(&[Engine::Protocol], None, 10 * VACUOUS_AFTER) });
    assert_eq!((report.ended, report.coverage.cases), (Ended::Found, VACUOUS_AFTER));
    assert!(report.findings.is_empty());
    let missing: Vec<&str> = report.vacuous.iter().map(|missing| missing.clause.id).collect();
    assert_eq!(missing, ["K22"; 4], "under each reading");
}

#[test]
fn a_case_that_hits_a_limit_is_no_pass_and_no_finding() {
    let mut campaign = campaign(&[Engine::Protocol], None, 10);
    campaign.options.limits.states_max = 30;
    let report = run(&campaign);
    assert_eq!((report.ended, report.coverage.cases), (Ended::Complete, 10));
    assert!(report.inconclusive > 5 && report.findings.is_empty(), "{}", report.inconclusive);
}

#[test]
fn every_fault_of_the_machine_is_found_in_generated_races() {
    // Generated races have nothing that only client programs have.
    for fault in FAULTS.iter().filter(|fault| !fault.of_clients) {
        let report = run(&campaign(&[Engine::Protocol], Some(Seeded::Machine(fault)), 2_000));
        assert_eq!(report.ended, Ended::Found, "{} is not found", fault.name);
    }
}

/// Faults of the shell that need more cases than the default run has time for.
const RARE: [&str; 4] = ["deadline-wraps", "looks-up-twice", "notify-one", "window-restarts"];

#[test]
fn every_fault_of_the_shell_is_found_in_generated_races() {
    for fault in &SHELL_FAULTS {
        let is_rare = RARE.contains(&fault.name);
        if is_rare && std::env::var_os("CALLOFF_CASES").is_none() {
            continue;
        }
        // With the settings of `calloff fuzz --fault`.
        let cases = if is_rare { 5_000 } else { 300 };
        let mut campaign =
            campaign(&[Engine::Protocol, fault.caught_by], Some(Seeded::Shell(fault)), cases);
        campaign.grows = true;
        campaign.options.limits.states_max = 20_000;
        assert_eq!(run(&campaign).ended, Ended::Found, "{} is not found", fault.name);
    }
}

#[test]
fn generated_races_have_everything_that_the_language_has_in_every_order() {
    let coverage = &by_default().coverage;
    let table = coverage.render();
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
    let steps = calloff_protocol::scenario::language::STEPS.iter();
    for kind in steps.filter(|kind| !kind.keyword.is_of_clients()) {
        assert!(coverage.steps.contains_key(kind.name) || kind.name == "cancel", "{}", kind.name);
    }
    for window in ["window of 0", "window of seconds", "window of ages", "infinite window"] {
        assert!(coverage.steps[window] > 5, "{table}");
    }
    for before in Racing::ALL {
        for after in Racing::ALL {
            // A call is replied to once, and has at most one window.
            let is_once = before == after && [Racing::Completion, Racing::Expiry].contains(&before);
            let seen = coverage.orders.get(&(before, after)).copied().unwrap_or(0);
            assert_eq!(seen == 0, is_once, "{} before {}\n{table}", before.name(), after.name());
        }
    }
    assert!(coverage.urgent > 0 && coverage.urgent < coverage.cases, "{table}");
    assert!(coverage.stuck * 3 < coverage.cases, "{table}");
}

#[test]
fn what_structure_says_of_being_stuck_is_so() {
    let parse = |steps: &str| {
        let actor = |name: &str, steps: &str| {
            format!("[[actor]]\nname = \"{name}\"\ndepth = 1\nsteps = [{steps}]\n")
        };
        let lanes: Vec<&str> = steps.split('|').collect();
        let lanes: String = ["a", "b", "c"].iter().zip(lanes).map(|(n, s)| actor(n, s)).collect();
        let text = format!("schema = 1\nname = \"n\"\n{lanes}");
        Scenario::parse("n", text.as_bytes()).unwrap_or_else(|errors| panic!("{errors}"))
    };
    let served = "{ dispatch = \"w\" }, { reply = \"S_OK\" }";
    let endless = "{ cancel = { thread = \"a\", seconds = \"infinite\" } }";
    let brief = "{ cancel = { thread = \"a\", seconds = 0 } }";
    for (lanes, is_stuck) in [
        (format!("{{ call = \"w\" }}|{served}"), false),
        (format!("{{ call = \"w\" }}|{served}|{brief}"), false),
        (format!("{{ call = \"w\" }}|{served}|{endless}"), false),
        (format!("{{ call = \"w\" }}|{endless}, {served}"), true),
        ("{ call = \"w\" }|\"enable\"".to_owned(), true),
        // Each of the two actors waits for the other one first.
        (format!("{{ call = \"w\" }}, {{ dispatch = \"v\" }}|{{ call = \"v\" }}, {served}"), true),
        // A method that is never entered never calls out.
        (
            "{ call = \"w\" }\
             |{ dispatch = \"w\" }, { call = \"v\" }, { reply = \"S_OK\" }, \
               { cancel = { thread = \"a\", seconds = 0 } }\
             |{ cancel = { thread = \"a\", seconds = 0 } }, { dispatch = \"v\" }, \
               { reply = \"S_OK\" }"
                .to_owned(),
            true,
        ),
    ] {
        let mut scenario = parse(&lanes);
        assert_eq!(is_live(&Program::new(&scenario)), !is_stuck, "{lanes}");
        settle(&mut scenario);
        assert_eq!(scenario.expect.verdict == ExpectedVerdict::Stuck, is_stuck, "{lanes}");
    }
}

#[test]
fn a_drawn_scenario_shrinks_by_leaving_things_out() {
    let mut runner = TestRunner::deterministic();
    let mut tree = generate::strategy(&Size::default()).new_tree(&mut runner).expect("a tree");
    let has_reply = |scenario: &Scenario| scenario.to_toml().contains("reply");
    let size = |scenario: &Scenario| scenario.actors.iter().map(|a| a.steps.len()).sum::<usize>();
    while !has_reply(&tree.current()) {
        tree = generate::strategy(&Size::default()).new_tree(&mut runner).expect("a tree");
    }
    while tree.simplify() {
        assert_eq!(validate(&tree.current()), []);
        while !has_reply(&tree.current()) && tree.complicate() {}
    }
    let smallest = tree.current();
    assert!(has_reply(&smallest) && size(&smallest) <= 5, "{}", smallest.to_toml());
    assert_eq!(smallest.time, TimePolicy::Free);
}
