//! Tests of `calloff explain`: everything has an explanation, and each picture shows what it
//! claims.

use std::collections::BTreeSet;

use calloff_model::Code;
use calloff_protocol::clauses::{CLAUSES, ClauseId, Kind, Ledger};
use calloff_protocol::exploration::{Limits, Stop};
use calloff_protocol::faults::Seeded;
use calloff_protocol::goal::Goal;
use calloff_protocol::history::{Event, What};
use calloff_protocol::pair::Point;
use calloff_protocol::program::Program;
use calloff_protocol::scenario::language::Keyword;
use calloff_protocol::trace::Trace;
use calloff_protocol::world::{Watch, World};
use calloff_protocol::{clauses, trace};
use calloff_reports::answers::ANSWERS;
use calloff_reports::explain;
use calloff_reports::explain::{GLOSSARY, Shot, Topic};
use calloff_tests::project_file;

fn names() -> Vec<String> {
    explain::contents()
        .into_iter()
        .flat_map(|(_, entries)| entries)
        .map(|entry| entry.name)
        .collect()
}

fn topic(name: &str) -> Topic {
    explain::find(name).unwrap_or_else(|why| panic!("{name}: {why}"))
}

fn rendered(topic: &Topic, width: usize) -> String {
    let explanation = explain::render(topic, width, &Limits::default(), &Stop::default());
    assert!(explanation.is_whole);
    explanation.text
}

/// Whether the topic must have a picture; not if no single execution can show it.
fn is_shown(topic: &Topic) -> bool {
    match topic {
        Topic::Code(code) => ANSWERS.iter().any(|answer| answer.code == *code),
        Topic::Fault(Seeded::Machine(fault)) => {
            CLAUSES.iter().any(|c| c.id == fault.caught_by && c.kind == Kind::Always)
        }
        Topic::Fault(Seeded::Shell(_)) | Topic::Engine(_) | Topic::Word(_) => false,
        // These take no step of their own.
        Topic::Step(kind) => {
            !matches!(kind.keyword, Keyword::Repeat | Keyword::Break | Keyword::Return)
        }
        // No fault of the machine breaks what binds the program.
        Topic::Clause(clause) => clause.id != "misuse",
        _ => true,
    }
}

#[test]
fn everything_has_an_explanation_and_a_picture() {
    let names = names();
    assert!(names.len() > 150, "{names:?}");
    for name in &names {
        let topic = topic(name);
        let text = rendered(&topic, 80);
        assert!(text.lines().count() >= 4, "{name}:\n{text}");
        let mut ends = text.lines().filter(|line| line.starts_with("  ·"));
        assert!(ends.all(|line| line.chars().count() <= 80), "{name}:\n{text}");
        assert!(!is_shown(&topic) || text.contains("To see: "), "{name} shows nothing:\n{text}");
    }
}

#[test]
fn a_scenario_without_a_summary_leaves_no_gap_for_one() {
    let Topic::Scenario(name, mut scenario) = topic("cancel-meets-reply") else { panic!() };
    scenario.summary.clear();
    let text = rendered(&Topic::Scenario(name, scenario), 80);
    assert!(text.contains("Who does what") && !text.contains("\n\n\n"), "{text}");
}

#[test]
fn every_word_of_the_reports_has_two_sentences_and_a_page_to_read_on() {
    let summary = std::fs::read_to_string(project_file("docs/SUMMARY.md")).expect("the contents");
    for word in GLOSSARY {
        let sentences = word.meaning.matches(". ").count() + 1;
        assert!(sentences == 2 && word.meaning.ends_with('.'), "{word:?}");
        assert!(summary.contains(&format!("]({})", word.page)), "{word:?}");
        for name in [word.name].iter().chain(word.also) {
            let is_it = matches!(topic(name), Topic::Word(found) if found == word);
            assert!(is_it, "{name} is something else");
        }
        assert!(!word.see.is_empty());
        for name in word.see {
            topic(name);
        }
    }
    assert!(GLOSSARY.is_sorted_by_key(|word| word.name), "in the order of the alphabet");
}

#[test]
fn what_the_api_is_called_leads_to_what_it_is_called_here() {
    let steps = [
        ("CoCancelCall", "cancel"),
        ("ICancelMethodCalls::Cancel", "cancel"),
        ("icancelmethodcalls::testcancel", "test_cancel"),
        ("TestCancel", "test_cancel"),
        ("cotestcancel", "test_cancel"),
        ("CoGetCancelObject", "get_cancel_object"),
        ("CoEnableCallCancellation", "enable"),
        ("CODISABLECALLCANCELLATION", "disable"),
    ];
    for (name, step) in steps {
        assert!(matches!(topic(name), Topic::Step(kind) if kind.name == step), "{name}");
    }
    let words = [
        ("ICancelMethodCalls", "handle"),
        ("Cancelled", "settled"),
        ("timeout", "window"),
        ("pending", "pending"),
    ];
    for (name, meant) in words {
        assert!(matches!(topic(name), Topic::Word(word) if word.name == meant), "{name}");
    }
}

#[test]
fn a_word_is_found_however_its_parts_are_held_together() {
    for name in ["deciding pair", "Deciding-Pair", "deciding_pair", " pair "] {
        assert!(matches!(topic(name), Topic::Word(word) if word.name == "deciding pair"), "{name}");
    }
}

#[test]
fn whoever_looks_for_a_clause_or_a_code_that_is_not_there_is_told_what_is() {
    let why = |name: &str| explain::find(name).expect_err("there is no such thing");
    assert_eq!(why("K99"), "there is no clause `K99`; they are K1 to K34");
    let meant = [
        ("RPC_S_CALL_CANCELD", "RPC_S_CALL_CANCELED"),
        // Nearer to a code that no operation returns.
        ("RPC_S_CALL_CANCELLLED", "RPC_S_CALL_CANCELED"),
        ("S_FALS", "S_FALSE"),
        ("E_CANCELLED", "RPC_E_CALL_CANCELED"),
        ("8001011F", "0x8001011F"),
        ("CoCancelCal", "CoCancelCall"),
    ];
    for (name, code) in meant {
        assert!(why(name).ends_with(&format!("did you mean `{code}`?")), "{}", why(name));
    }
}

#[test]
fn every_code_that_an_operation_answers_is_told_operation_by_operation() {
    for answer in ANSWERS {
        let text = rendered(&topic(&answer.code.name()), 10_000);
        assert!(text.contains(answer.meaning), "{:?}", answer);
        assert!(text.contains(answer.source), "{:?}", answer);
        let text = rendered(&topic(answer.step.name()), 10_000);
        assert!(text.contains(answer.meaning), "{:?}", answer);
    }
    let text = rendered(&topic("S_OK"), 80);
    let of_cancel = text.find("returned by Cancel").expect("the row of the page");
    assert!(of_cancel < text.find("returned by the call").expect("another operation"));
}

/// What each clause says of an execution, event by event.
struct Said(BTreeSet<ClauseId>);

impl Watch for Said {
    fn event(&mut self, ledger: &Ledger, event: &Event) {
        self.0.extend(clauses::judge_all(ledger, event).map(|(clause, _)| clause));
    }
}

fn look(program: &Program, world: &World, said: &mut Said) {
    let next = world.successors(program);
    next.events(world.now()).for_each(|event| said.event(world.ledger(), &event));
}

/// The clauses that have something to say of the trace.
fn said(shot: &Shot, trace: &Trace) -> BTreeSet<ClauseId> {
    let mut said = Said(BTreeSet::new());
    let mut world = trace.start.clone();
    look(&shot.program, &world, &mut said);
    for step in &trace.steps {
        world.step(&shot.program, step.choice, &mut said).expect("it was possible before");
        look(&shot.program, &world, &mut said);
    }
    said.0
}

/// Every code that the trace returned, with the kind of step.
fn codes(trace: &Trace) -> Vec<(&'static str, Code)> {
    let events = trace.steps.iter().flat_map(|step| &step.events);
    let returned = events.filter_map(|event| match event.what {
        What::Return(_, action, code) => {
            Some((calloff_protocol::goal::keyword(action).name(), code))
        }
        _ => None,
    });
    returned.collect()
}

fn assert_shows(name: &str, shot: &Shot) {
    let Shot { program, reading, fault, schedule, point, .. } = shot;
    let trace = trace::replay(program, *reading, *fault, schedule).expect(name);
    match point {
        Point::Goal(Goal::Clause(clause)) => {
            assert!(said(shot, &trace).contains(clause), "{name}: {}", clause.id);
        }
        Point::Goal(Goal::Ends { codes: wanted, .. }) => {
            assert!(!wanted.is_empty());
            let seen = codes(&trace);
            for wanted in wanted {
                let calloff_protocol::goal::Which::Kind(kind) = wanted.step else {
                    panic!("{name}")
                };
                assert!(seen.contains(&(kind.name(), wanted.code)), "{name}: {wanted:?} {seen:?}");
            }
        }
        Point::Goal(Goal::Taken(kind)) => {
            assert!(codes(&trace).iter().any(|(step, _)| *step == kind.name()), "{name}");
        }
        Point::End => assert!(trace.is_at_rest() || trace.comes_back().is_some(), "{name}"),
        Point::Stuck => panic!("{name}: nothing is explained so"),
    }
}

#[test]
fn every_interleaving_that_is_shown_shows_what_is_claimed() {
    let mut shots = 0;
    for name in names() {
        let topic = topic(&name);
        let pictures = explain::pictures(&topic);
        assert!(!pictures.is_empty() || !is_shown(&topic), "{name}");
        for shot in &pictures {
            assert_shows(&name, shot);
            shots += 1;
        }
    }
    assert!(shots > 150, "{shots}");
}

#[test]
fn a_wrong_name_suggests_the_nearest() {
    for (wrong, right) in [
        ("RPC_E_CALL_COMPLET", "RPC_E_CALL_COMPLETE"),
        ("s_okay", "S_OK"),
        ("cancle", "cancel"),
        ("windwo", "window"),
        ("at-isue", "at-issue"),
        ("cancel-meet-reply", "cancel-meets-reply"),
        ("windows-ignored", "window-ignored"),
    ] {
        let why = explain::find(wrong).expect_err(wrong);
        assert!(why.contains(&format!("did you mean `{right}`?")), "{why}");
    }
    let why = explain::find("nothing like it").expect_err("no such thing");
    assert!(!why.contains("did you mean"), "{why}");
}
