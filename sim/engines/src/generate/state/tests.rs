//! What is written reads back unchanged, and anything else is refused.

use calloff_model::Reading;
use calloff_protocol::clauses::ClauseId;
use calloff_protocol::exploration::{Engine, Limits, Reductions, Stop};
use calloff_protocol::faults;
use calloff_protocol::judge::Options;

use super::super::report::Checked;
use super::super::{Campaign, Ended, Size, Vacuous, property};
use super::*;

/// A campaign with a seeded bug in the shell: two engines, both of which have findings.
fn campaign() -> Campaign {
    Campaign {
        seed: 0,
        first: 3,
        cases: Some(6),
        part: None,
        size: Size { actors_max: 3, calls_max: 2, steps_max: 8, seconds_max: 2, timed: false },
        grows: true,
        options: Options {
            engines: vec![Engine::Protocol, Engine::Exhaustive, Engine::Std],
            fault: faults::find("reply-not-notified"),
            code: None,
            limits: Limits { states_max: 5_000, ..Limits::default() },
            reductions: Reductions::default(),
            seed: 0,
            worker: None,
        },
        jobs: 1,
        goes_on: true,
    }
}

/// A progress in which some cases are finished, and others wait for an earlier case.
fn progress(campaign: &Campaign) -> Progress {
    let report = campaign.run(&Stop::default(), &|_| ());
    assert_eq!(report.ended, Ended::Complete);
    assert!(!report.findings.is_empty(), "{:?}", report.totals);
    let mut progress = Progress { report, ..Progress::default() };
    let clause = ClauseId::sometimes().next().expect("one");
    let (facet, reading) = (clause.facets[0], Reading::ALL[2]);
    progress.report.vacuous = vec![Vacuous { clause, facet, reading }];
    for number in 7..20 {
        let (seed, index) = (campaign.seed, campaign.first + number);
        let options = &campaign.options;
        let tested = property(seed, index, &campaign.size(index), options, &Stop::default());
        progress.waiting.insert(number, Checked::of(tested, options.fault));
    }
    assert!(progress.waiting.values().any(|checked| checked.broken.is_some()));
    progress
}

fn state(campaign: &Campaign) -> State {
    let folder = std::env::temp_dir().join(format!("calloff-state-{}", std::process::id()));
    let state = State::open(&folder, campaign).expect("a folder of our own");
    fs::remove_dir_all(&folder).expect("it is there");
    state
}

#[test]
fn how_far_a_campaign_is_reads_back_as_what_it_was_and_no_part_of_it_does() {
    let campaign = campaign();
    let (state, progress) = (state(&campaign), progress(&campaign));
    let whole = state.text(&progress);
    let again = read(whole.as_bytes(), &state.identity, &campaign).expect("as it was written");
    assert_eq!(format!("{again:?}"), format!("{progress:?}"));
    assert_eq!(state.text(&again), whole);
    for end in (0..whole.len() - 1).step_by(13).filter(|end| whole.is_char_boundary(*end)) {
        let part = read(&whole.as_bytes()[..end], &state.identity, &campaign);
        assert!(matches!(part, Err(BadState::Damaged(_))), "{}", &whole[..end]);
    }
}

#[test]
fn every_operation_of_the_language_has_a_name_that_is_known() {
    let names: Vec<&str> = super::super::shape::names().collect();
    let campaign = Campaign { cases: Some(60), grows: false, ..campaign() };
    let options = Options { engines: vec![Engine::Protocol], fault: None, ..campaign.options };
    let report = Campaign { options, ..campaign }.run(&Stop::default(), &|_| ());
    for (operation, _) in report.coverage.codes.keys() {
        assert!(names.contains(operation), "{operation} is not among {names:?}");
    }
    assert!(names.len() == 12 && report.coverage.codes.len() > 20);
}
