//! Small client programs with known answers: how they can end, who starves, and who leaves a lock
//! that it does not own. The answers stand in the files, and were worked out by hand.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use calloff_model::Reading;
use calloff_protocol::exploration::{Bound, Engine, Exploration, Limits, Stop};
use calloff_protocol::goal::{Goal, Wanted};
use calloff_protocol::history::Outcome;
use calloff_protocol::judge::{Run, Verdict};
use calloff_protocol::program::{Case, Program};
use calloff_protocol::scenario::Scenario;
use calloff_protocol::{search, trace};
use serde::Deserialize;

/// The line of a file that has its answers.
const EXPECTED: &str = "# expected: ";

/// What is known of a program: by reading, by one axis of it, or (`*`) under all.
type Answers = BTreeMap<String, Answer>;

#[derive(Deserialize, PartialEq, Eq, Debug)]
struct Answer {
    outcomes: BTreeSet<End>,
    starving: BTreeSet<String>,
    misuse: bool,
}

#[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct End {
    codes: BTreeMap<String, Vec<String>>,
    stuck: BTreeSet<String>,
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/client_programs");
    let entries = fs::read_dir(folder).expect("the folder of the programs");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

fn end(program: &Program, outcome: &Outcome) -> End {
    let names = program.lanes.iter().zip(&outcome.codes).map(|(lane, codes)| {
        let name =
            |(at, code): &(u32, calloff_model::Code)| lane.returning[*at as usize].code_name(*code);
        (lane.name.clone(), codes.iter().map(name).collect())
    });
    let stuck = outcome.stuck.iter().map(|actor| program.actor_name(*actor).to_owned());
    End { codes: names.collect(), stuck: stuck.collect() }
}

fn answer(program: &Program, found: &Exploration) -> Answer {
    let starving = found.starving.iter().map(|actor| program.actor_name(*actor).to_owned());
    Answer {
        outcomes: found.outcomes.keys().map(|outcome| end(program, outcome)).collect(),
        starving: starving.collect(),
        misuse: found.violations.keys().any(|clause| clause.id == "misuse"),
    }
}

/// Each program under each reading, with what was found and what is known.
fn runs() -> impl Iterator<Item = (String, Case, Exploration, Answer)> {
    files().into_iter().flat_map(|path| {
        let name = path.display().to_string();
        let text = fs::read_to_string(&path).expect("a file");
        let scenario = Scenario::parse(&name, text.as_bytes());
        let scenario = scenario.unwrap_or_else(|errors| panic!("{errors}"));
        Reading::ALL.into_iter().map(move |reading| {
            let line = text.lines().find_map(|line| line.strip_prefix(EXPECTED));
            let mut known: Answers =
                serde_json::from_str(line.expect("the answers")).expect("answers");
            let (cancelable, waiter) = (reading.cancelable.name(), reading.waiter.name());
            let keys = [&format!("{cancelable}/{waiter}"), cancelable, waiter, "*"];
            let expected = keys.into_iter().find_map(|key| known.remove(key));
            let case = Case::new(&scenario, reading);
            let found = search::explore(&case, None, &Limits::default(), &Stop::default());
            (format!("{name} under {reading}"), case, found, expected.expect("an answer"))
        })
    })
}

#[test]
fn small_programs_end_and_starve_as_is_known_of_them() {
    let mut count = 0;
    for (name, case, found, expected) in runs() {
        assert_eq!(found.bound, Bound::Exhausted, "{name}");
        assert_eq!(answer(&case.program, &found), expected, "{name}");
        count += 1;
    }
    assert!(count >= 180, "{count} runs");
}

#[test]
fn no_clause_accuses_the_machine_in_them() {
    for (name, _, found, _) in runs() {
        let wrong = found.violations.iter().find(|(clause, _)| clause.id != "misuse");
        assert!(wrong.is_none(), "{name}: {wrong:?}");
    }
}

#[test]
fn a_lasso_can_be_followed_and_comes_back_to_where_its_cycle_begins() {
    let mut lassos = 0;
    for (name, case, found, _) in runs() {
        for lasso in &found.lassos {
            let choices = lasso.way.0.iter().chain(&lasso.cycle.0).copied().collect();
            let schedule = trace::Schedule(choices);
            let trace = trace::replay(&case.program, case.reading, None, &schedule)
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(trace.comes_back() <= Some(lasso.way.0.len()), "{name}");
            assert!(trace.comes_back().is_some(), "{name}: {lasso:?}");
            lassos += 1;
        }
    }
    assert!(lassos > 20, "{lassos} lassos");
}

/// A daemon that goes round for ever, and a question about what it returns.
const ASKS: &str = r#"
schema = 1
name = "asks"

[[actor]]
name = "client"
steps = ["enable"]

[[actor]]
name = "server"
daemon = true
steps = [{ repeat = { steps = ["enable", "disable"] } }]

[[expect.never]]
code = ["client=E_FAIL", "server=S_OK"]
"#;

#[test]
fn a_question_that_met_a_limit_is_not_answered_and_the_run_does_not_hold() {
    let scenario = Scenario::parse("asks", ASKS.as_bytes()).expect("it is good");
    let (case, stop) = (Case::new(&scenario, Reading::default()), Stop::default());
    let verdict = |states_max| {
        let limits = Limits { states_max, ..Limits::default() };
        let found = search::explore(&case, None, &limits, &stop);
        assert_eq!(found.bound, Bound::Exhausted, "the question needs more than the graph");
        let found = found.with_answers(search::answers(&scenario, &case, None, &limits, &stop));
        Run::of(0, &scenario, &case, Engine::Protocol, Ok(found), Vec::new()).verdict
    };
    // Which codes were returned so far makes more states of those of the graph.
    let states = search::explore(&case, None, &Limits::default(), &stop).states;
    assert_eq!(verdict(states), Verdict::Inconclusive);
    assert_eq!(verdict(4 * states), Verdict::Holds);
}

#[test]
fn any_number_of_codes_can_be_wanted_at_once() {
    let scenario = Scenario::parse("asks", ASKS.as_bytes()).expect("it is good");
    let case = Case::new(&scenario, Reading::default());
    let wanted = |code| Wanted::parse(&case.program, code).expect("a code");
    let hunt = |codes: Vec<Wanted>| {
        let goal = Goal::Ends { codes, stuck: Vec::new() };
        search::seek(&case, None, &goal, &Limits::default(), &Stop::default()).found
    };
    let mut codes = vec![wanted("server=S_OK"); 100];
    assert!(hunt(codes.clone()).is_some());
    codes.push(wanted("client=E_FAIL"));
    assert!(hunt(codes).is_none());
}
