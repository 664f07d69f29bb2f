//! The corpus holds on the machine. Whoever changes one thing in the machine must break this: the
//! page `docs/corpus.md` tells how that is measured. No engine is needed, so it is built fast.

use calloff_protocol::exploration::{Engine, Limits, Stop};
use calloff_protocol::judge::{Run, Verdict};
use calloff_protocol::program::Case;
use calloff_protocol::scenario::Scenario;
use calloff_protocol::search;

/// Larger scenarios take longer than all the others together.
const ACTORS_MAX: usize = 5;

#[test]
fn every_scenario_has_the_codes_that_it_expects_and_violates_no_clause() {
    let limits = Limits::default();
    let mut runs = 0;
    for file in calloff_scenarios::corpus() {
        let scenario = Scenario::parse(&file.path, file.bytes).expect("the corpus is valid");
        if scenario.actors.len() > ACTORS_MAX {
            continue;
        }
        for reading in &scenario.expect.readings {
            let case = Case::new(&scenario, *reading);
            let found = search::explore(&case, None, &limits, &Stop::default());
            let run = Run::of(0, &scenario, &case, Engine::Protocol, Ok(found), Vec::new());
            let wrong = run.violations.first().map(|violation| &violation.message);
            let holds = run.is_as_expected && run.verdict == Verdict::Holds;
            assert!(holds, "{} under {reading}: {wrong:?}", file.path);
            runs += 1;
        }
    }
    assert!(runs > 300, "{runs} runs");
}
