//! Tests of `calloff witness` and of the deciding pair: what is found is right, and nothing is
//! missed.

use calloff_model::{Code, Reading};
use calloff_protocol::exploration::{Bound, Exploration, Limits, Stop};
use calloff_protocol::goal::{By, Goal, Wanted, Which};
use calloff_protocol::history::ActorId;
use calloff_protocol::judge::Violated;
use calloff_protocol::pair::{Change, Decision, Pair, Point};
use calloff_protocol::program::{Case, Program};
use calloff_protocol::scenario::{ExpectedCodes, Scenario};
use calloff_protocol::trace::{Schedule, Trace};
use calloff_protocol::world::World;
use calloff_protocol::{pair, search, trace};
use calloff_reports::lanes::{Layout, Picture};

fn lowered(scenario: Scenario) -> (Scenario, Program) {
    let program = Program::new(&scenario);
    (scenario, program)
}

fn corpus() -> Vec<(Scenario, Program)> {
    let scenarios = calloff_tests::corpus().into_iter().map(|source| source.scenario);
    scenarios.map(lowered).collect()
}

fn named(name: &str) -> (Scenario, Program) {
    lowered(calloff_tests::scenario(name))
}

fn find(program: &Program, reading: Reading, goal: &Goal) -> search::Hunt {
    let world = World::new(program, reading, None);
    search::find(program, world, goal, &Limits::default(), &Stop::default())
}

fn explored(program: &Program, reading: Reading) -> Exploration {
    let case = Case { program: program.clone().into(), reading };
    search::explore(&case, None, &Limits::default(), &Stop::default())
}

fn run(program: &Program, reading: Reading, schedule: &Schedule) -> Trace {
    trace::replay(program, reading, None, schedule).expect("a schedule that was found is possible")
}

/// The code that the step returned in a trace; `None` if it did not return.
fn code(trace: &Trace, actor: ActorId, at: u32) -> Option<Code> {
    let world = trace.steps.last().map_or(&trace.start, |step| &step.world);
    let codes = world.actor(actor).codes.to_vec();
    codes.into_iter().find(|(of, _)| *of == at).map(|(_, code)| code)
}

const CODES: [Code; 7] = [
    Code::S_OK,
    Code::S_FALSE,
    Code::RPC_E_CALL_CANCELED,
    Code::RPC_S_CALLPENDING,
    Code::RPC_E_CALL_COMPLETE,
    Code::CO_E_CANCEL_DISABLED,
    Code::E_NOINTERFACE,
];

#[test]
fn a_code_is_found_exactly_if_some_outcome_has_it_and_no_earlier_step_does() {
    let (mut found, mut impossible) = (0, 0);
    for (scenario, program) in corpus() {
        let reading = scenario.expect.readings[0];
        let whole = explored(&program, reading);
        if whole.states > 600 {
            continue;
        }
        for actor in program.actors() {
            for at in 0..program.lanes[actor.0 as usize].returning.len() as u32 {
                for wanted in CODES {
                    let goal = Goal::Ends {
                        codes: vec![Wanted {
                            by: By::Actor(actor),
                            step: Which::At(at),
                            code: wanted,
                        }],
                        stuck: Vec::new(),
                    };
                    let hunt = find(&program, reading, &goal);
                    let mut ends = whole.outcomes.keys();
                    let is_there =
                        ends.any(|end| end.codes[actor.0 as usize].contains(&(at, wanted)));
                    assert_eq!(hunt.found.is_some(), is_there, "{} {goal:?}", scenario.name);
                    if let Some(schedule) = hunt.found {
                        let trace = run(&program, reading, &schedule);
                        assert_eq!(code(&trace, actor, at), Some(wanted), "{}", scenario.name);
                        let before = Schedule(schedule.0[..schedule.0.len() - 1].to_vec());
                        assert_eq!(code(&run(&program, reading, &before), actor, at), None);
                        found += 1;
                    } else {
                        assert_eq!((hunt.bound, hunt.states), (Bound::Exhausted, whole.states));
                        impossible += 1;
                    }
                }
            }
        }
    }
    assert!(found > 300 && impossible > 300, "{found} found, {impossible} impossible");
}

#[test]
fn who_is_stuck_is_found_by_the_shortest_execution_that_ends_so() {
    for name in ["one-shot-timeout", "infinite-window-without-reply"] {
        let (scenario, program) = named(name);
        let reading = scenario.expect.readings[0];
        let whole = explored(&program, reading);
        let caller = ActorId(0);
        let goal = Goal::Ends { codes: Vec::new(), stuck: vec![caller] };
        let found = find(&program, reading, &goal).found.expect(name);
        let ends = whole.outcomes.iter().filter(|(end, _)| end.stuck.contains(&caller));
        let lengths = ends.map(|(_, node)| whole.schedule(*node).expect("a schedule").0.len());
        assert_eq!(Some(found.0.len()), lengths.min(), "{name}");
    }
}

#[test]
fn a_limit_is_no_proof() {
    let (scenario, program) = named("seven-actors");
    let world = World::new(&program, scenario.expect.readings[0], None);
    let wanted = Wanted { by: By::Anyone, step: Which::Any, code: Code::E_ABORT };
    let goal = Goal::Ends { codes: vec![wanted], stuck: Vec::new() };
    let limits = Limits { states_max: 100, ..Limits::default() };
    let hunt = search::find(&program, world, &goal, &limits, &Stop::default());
    assert_eq!(hunt.found, None);
    assert!(matches!(hunt.bound, Bound::Stopped { .. }));
}

fn schedule(program: &Program, names: &str) -> Schedule {
    let names: Vec<String> = names.split(' ').map(str::to_owned).collect();
    Schedule::from_names(program, &names).expect("names of the scenario")
}

fn deciding(program: &Program, trace: &Trace) -> Option<Pair> {
    match pair::deciding(program, trace, &Point::End) {
        Decision::Pair(pair) => Some(pair),
        Decision::Nothing | Decision::Unknown => None,
    }
}

#[test]
fn the_order_of_request_and_reply_decides_a_cancel_without_a_window() {
    let (_, program) = named("cancel-zero-meets-reply");
    let schedule = schedule(
        &program,
        "caller server server server clock server canceller server canceller caller",
    );
    let trace = run(&program, Reading::default(), &schedule);
    let pair = deciding(&program, &trace).expect("a pair");
    assert_eq!([pair.first, pair.second], [7, 8], "the reply, and the request behind it");
    let canceller = ActorId(2);
    let complete = Some(Code::RPC_E_CALL_COMPLETE);
    let is_of_cancel = |change: &&Change| match change {
        Change::Code { actor, here, .. } => *actor == canceller && *here == complete,
        _ => false,
    };
    assert!(pair.changes.iter().any(|change| is_of_cancel(&change)), "{:?}", pair.changes);
}

#[test]
fn a_step_that_sleeps_until_then_is_swapped_with_the_time_that_has_to_pass() {
    let text = "schema = 1\nname = \"timeout\"\n\
         [[actor]]\nname = \"caller\"\ndepth = 1\nsteps = [{ call = \"work\" }]\n\
         [[actor]]\nname = \"server\"\nsteps = [{ dispatch = \"work\" }, { reply = \"S_OK\" }]\n\
         [[actor]]\nname = \"timer\"\n\
         steps = [{ sleep = 5 }, { cancel = { thread = \"caller\", seconds = 0 } }]\n";
    let scenario = Scenario::parse("timeout.toml", text.as_bytes()).expect("a good scenario");
    let program = Program::new(&scenario);
    let schedule = schedule(&program, "caller timer clock timer timer timer caller");
    let trace = run(&program, Reading::default(), &schedule);
    let canceled =
        Wanted { by: By::Actor(ActorId(0)), step: Which::Any, code: Code::RPC_E_CALL_CANCELED };
    let goal = Goal::Ends { codes: vec![canceled], stuck: Vec::new() };
    match pair::deciding(&program, &trace, &Point::Goal(goal)) {
        Decision::Pair(pair) => assert_eq!([pair.first, pair.second], [0, 4]),
        other => panic!("the call before the request decides: {other:?}"),
    }
}

#[test]
fn the_pair_of_a_code_that_the_file_does_not_expect_is_about_that_code() {
    let (mut scenario, program) = named("cancel-meets-disable-after-call");
    let expected = vec![vec![Code::S_OK]];
    let actor = "canceller".to_owned();
    scenario.expect.codes = vec![ExpectedCodes { actor, steps: expected }];
    let names = "canceller caller server server caller caller";
    let trace = run(&program, Reading::default(), &schedule(&program, names));
    let point = Point::of(Violated::Expectation, &scenario, &program, &trace);
    match pair::deciding(&program, &trace, &point) {
        Decision::Pair(pair) => assert_eq!([pair.first, pair.second], [0, 1]),
        other => panic!("the request before the call decides: {other:?}"),
    }
    // The expectation of a file needs no pair of its own: its point is the end.
    scenario.expect.codes[0].steps = vec![vec![Code::E_NOINTERFACE]];
    let point = Point::of(Violated::Expectation, &scenario, &program, &trace);
    assert_eq!(point, Point::End);
}

#[test]
fn what_is_so_in_every_order_has_no_pair() {
    let (scenario, program) = named("depth-counts");
    let reading = scenario.expect.readings[0];
    let whole = explored(&program, reading);
    assert_eq!(whole.outcomes.len(), 1, "it ends in one way only");
    let node = whole.outcomes.values().next().expect("an end");
    let trace = run(&program, reading, &whole.schedule(*node).expect("a schedule"));
    let nothing = pair::deciding(&program, &trace, &Point::End);
    assert!(matches!(nothing, Decision::Nothing), "{nothing:?}");
}

#[test]
fn swapping_a_pair_of_neighbours_does_end_otherwise() {
    // Compare with a swap made by this test, for cases in which nothing has to be left out.
    let mut swapped = 0;
    for (scenario, program) in corpus() {
        let reading = scenario.expect.readings[0];
        let whole = explored(&program, reading);
        for (end, node) in whole.outcomes.iter().take(4) {
            let schedule = whole.schedule(*node).expect("a schedule");
            let trace = run(&program, reading, &schedule);
            let Some(pair) = deciding(&program, &trace) else { continue };
            assert!(!pair.changes.is_empty(), "{}", scenario.name);
            let mut other = schedule.clone();
            other.0.swap(pair.first, pair.second);
            if pair.second != pair.first + 1 {
                continue;
            }
            let Ok(other) = trace::replay(&program, reading, None, &other) else { continue };
            if !other.steps.last().expect("steps").is_at_rest {
                continue;
            }
            let world = &other.steps.last().expect("steps").world;
            let codes = program.actors().map(|actor| world.actor(actor).codes.to_vec());
            assert_ne!(codes.collect::<Vec<_>>(), end.codes, "{}", scenario.name);
            swapped += 1;
        }
    }
    assert!(swapped > 5, "{swapped}");
}

#[test]
fn every_form_of_a_picture_shows_every_step() {
    for (scenario, program) in corpus() {
        let reading = scenario.expect.readings[0];
        let whole = explored(&program, reading);
        let node = whole.outcomes.values().next().expect("an end");
        let trace = run(&program, reading, &whole.schedule(*node).expect("a schedule"));
        let layout = Layout::new(&program, &trace).with_pair(&program, &trace, &Point::End);
        let rows = trace.steps.len();
        let svg = layout.render(Picture::Svg, 80);
        assert_eq!(elements(&svg, "rect"), 1 + rows - clocks(&layout), "{}", scenario.name);
        let html = layout.render(Picture::Html, 80).replace("<br>", "<br/>");
        assert_eq!(elements(&html, "tr"), 1 + rows, "{}", scenario.name);
        let mermaid = layout.render(Picture::Mermaid, 80);
        for number in 1..=rows {
            assert!(mermaid.contains(&format!(": {number}. ")), "{mermaid}");
        }
        for width in [80, 120] {
            let text = layout.render(Picture::Text, width);
            let widest = text.lines().map(|line| line.chars().count()).max();
            assert!(widest <= Some(width), "{} at {width}:\n{text}", scenario.name);
            if layout.rows.iter().any(|row| row.mark.is_some()) {
                assert!(text.matches("◀a").count() >= 3, "{text}");
            }
        }
    }
}

fn clocks(layout: &Layout) -> usize {
    layout.rows.iter().filter(|row| row.lane.is_none()).count()
}

/// The number of elements with that name in a well-formed document.
fn elements(xml: &str, name: &str) -> usize {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut count = 0;
    loop {
        match reader.read_event().expect("well-formed") {
            Event::Start(tag) | Event::Empty(tag) if tag.name().as_ref() == name.as_bytes() => {
                count += 1
            }
            Event::Eof => return count,
            _ => {}
        }
    }
}
