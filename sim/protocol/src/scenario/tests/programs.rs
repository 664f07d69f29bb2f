//! Tests of client programs: what their files mean, and what is refused in them.

use calloff_model::Code;

use super::super::validate::{Fault, Field, Location, Problem, validate};
use super::super::{
    Condition, CustomObject, EventObject, ExpectedVerdict, Millis, Scenario, Step, Until, Waiting,
};
use super::{PROGRAM, of_actors, parse, titles};

/// A file with all that the steps in these tests name: an actor `a` with these steps, one `b`, the
/// call `other`, an event, a lock and a cancel object.
fn file(steps: &str) -> String {
    format!(
        "schema = 1\nname = \"n\"\n[[event]]\nname = \"e\"\n[[lock]]\nname = \"l\"\n\
         [[cancel_object]]\nname = \"mine\"\n[[actor]]\nname = \"a\"\nsteps = [{steps}]\n\
         [[actor]]\nname = \"b\"\nsteps = [{{ issue = \"other\" }}]\n"
    )
}

fn steps_of(steps: &str) -> Vec<Step> {
    let scenario = parse(&file(steps)).unwrap_or_else(|errors| panic!("{errors}"));
    scenario.actors[0].steps.clone()
}

/// The titles of what is wrong with these steps.
fn wrong(steps: &str) -> Vec<String> {
    titles(&file(steps))
}

fn name(text: &str) -> String {
    text.to_owned()
}

#[test]
fn a_program_with_every_construct_is_good_and_prints_as_itself() {
    let scenario = parse(PROGRAM).unwrap_or_else(|errors| panic!("{errors}"));
    let printed = parse(&scenario.to_toml()).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(printed, scenario);
}

#[test]
fn what_actors_share_has_its_defaults() {
    let text = "schema = 1\nname = \"n\"\n[[event]]\nname = \"e\"\n[[event]]\nname = \"f\"\n\
                reset = \"auto\"\nset = true\n[[lock]]\nname = \"e\"\n[[cancel_object]]\n\
                name = \"e\"\n[[cancel_object]]\nname = \"f\"\ninterface = false\n\
                steps = [{ set = \"e\" }]\nreturns = [\"S_OK\", \"E_NOTIMPL\"]\n\
                [[actor]]\nname = \"e\"\nsteps = []\n[[actor]]\nname = \"f\"\ndaemon = true\n\
                steps = []\n";
    let scenario = parse(text).unwrap_or_else(|errors| panic!("{errors}"));
    let event = |text: &str, is| EventObject { name: name(text), is_auto: is, is_set: is };
    assert_eq!(scenario.events, [event("e", false), event("f", true)]);
    assert_eq!(scenario.locks, ["e"]);
    let first = CustomObject {
        name: name("e"),
        has_interface: true,
        steps: Vec::new(),
        returns: vec![Code::S_OK],
    };
    let second = CustomObject {
        name: name("f"),
        has_interface: false,
        steps: vec![Step::Set(name("e"))],
        returns: vec![Code::S_OK, Code::E_NOTIMPL],
    };
    assert_eq!(scenario.cancel_objects, [first, second]);
    assert_eq!(scenario.actors.iter().map(|a| a.is_daemon).collect::<Vec<_>>(), [false, true]);
}

#[test]
fn a_duration_is_whole_seconds_or_text_with_a_unit() {
    let sleep = |time: &str| steps_of(&format!("{{ sleep = {time} }}")).remove(0);
    for (time, millis) in [("2", 2000), ("\"2s\"", 2000), ("\"250ms\"", 250), ("\"0ms\"", 0)] {
        assert_eq!(sleep(time), Step::Sleep(Millis(millis)), "{time}");
    }
    for time in
        ["\"2\"", "\"ms\"", "\"-1s\"", "\"1 s\"", "\"1.5s\"", "\"1e3ms\"", "\"+1s\"", "\"\""]
    {
        let title = format!("`{}` is not a duration", time.trim_matches('"'));
        assert_eq!(wrong(&format!("{{ work = {time} }}")), [title]);
    }
    let long = "{ wait = { event = \"e\", timeout = \"99999999999999999999999s\" } }";
    assert_eq!(wrong(long), ["the duration is too long"]);
    assert_eq!(sleep("\"4294967295s\""), Step::Sleep(Millis::seconds(u32::MAX)));
    assert_eq!(wrong("{ sleep = \"4294967295001ms\" }"), ["the duration is too long"]);
}

#[test]
fn a_wait_is_for_a_name_or_for_a_table_with_it() {
    let timeout = Some(Millis(500));
    let steps = steps_of(
        "{ wait = \"e\" }, { wait = { event = \"e\" } }, \
         { wait = { event = \"e\", timeout = \"500ms\" } }, { join = \"b\" }, \
         { join = { actor = \"b\", timeout = \"500ms\" } }",
    );
    let wait = |timeout| Step::Wait { event: name("e"), timeout };
    let join = |timeout| Step::Join { actor: name("b"), timeout };
    assert_eq!(steps, [wait(None), wait(None), wait(timeout), join(None), join(timeout)]);
    let steps = steps_of(
        "{ issue = \"x\" }, { issue = \"y\" }, { await = { call = \"x\" } }, \
         { await = { call = \"y\", serving = [[{ dispatch = \"other\" }], \
         [{ dispatch = \"x\" }]], filter = \"cancel\" } }",
    );
    assert_eq!(steps[2], Step::Await(Waiting::plain("x")));
    let handlers = ["other", "x"].map(|call| vec![Step::Dispatch(name(call))]);
    let waiting = Waiting { call: name("y"), serving: handlers.into(), has_filter: true };
    assert_eq!(steps[3], Step::Await(waiting));
}

#[test]
fn a_loop_ends_by_a_condition_by_a_number_or_not_at_all() {
    let until = |rest: &str| {
        let text = format!("{{ repeat = {{ steps = [\"enable\"]{rest} }} }}");
        let Step::Repeat { until, .. } = steps_of(&text).remove(0) else { panic!("{text}") };
        until
    };
    assert_eq!(until(""), Until::Never);
    assert_eq!(until(", times = 3"), Until::Times(3));
    let condition = |text: &str| match until(&format!(", until = {text}")) {
        Until::Met(condition) => condition,
        other => panic!("{other:?}"),
    };
    assert_eq!(condition("\"succeeded\""), Condition::Succeeded);
    assert_eq!(condition("\"failed\""), Condition::Failed);
    assert_eq!(condition("\"0x1\""), Condition::Codes(vec![Code::S_FALSE]));
    let codes = vec![Code::WAIT_TIMEOUT, Code::RPC_E_CALL_CANCELED];
    assert_eq!(condition("[\"WAIT_TIMEOUT\", \"RPC_S_CALL_CANCELED\"]"), Condition::Codes(codes));
    let (set, finished) = (Condition::Set(name("e")), Condition::Finished(name("b")));
    assert_eq!(condition("{ set = \"e\" }"), set);
    let all = Condition::All(vec![finished, Condition::Failed]);
    let any = Condition::Any(vec![set, Condition::Not(Box::new(all))]);
    let text =
        "{ any = [{ set = \"e\" }, { not = { all = [{ finished = \"b\" }, \"failed\"] } }] }";
    assert_eq!(condition(text), any);
}

#[test]
fn steps_are_numbered_in_file_order_each_before_those_within_it() {
    let text = file(
        "\"enable\", { if = { is = \"failed\", else = [{ lock = \"x\" }], then = [{ lock = \"y\" \
         }] } }, { repeat = { steps = [{ sleep = 1 }], until = { not = { set = \"z\" } } } }",
    );
    let Err(errors) = parse(&text) else { panic!("unknown names are refused") };
    // `then` counts before `else`, wherever it stands.
    assert_eq!(errors.total(), 3);
    let steps = vec![
        Step::Enable,
        Step::If {
            condition: Condition::Failed,
            then: vec![Step::Lock(name("y"))],
            otherwise: vec![Step::Lock(name("x"))],
        },
        Step::Repeat {
            steps: vec![Step::Sleep(Millis(1))],
            until: Until::Met(Condition::Not(Box::new(Condition::Set(name("z"))))),
        },
    ];
    let places: Vec<Location> =
        validate(&of_actors([("a", steps)])).iter().map(|problem| problem.location).collect();
    let at = |step, field| Location::Step { actor: 0, step, field };
    assert_eq!(places, [at(2, Field::Lock), at(3, Field::Lock), at(4, Field::Condition(1))]);
}

#[test]
fn a_pass_takes_a_step_on_every_way_through_it() {
    let silent = |body: &str, until: &str| {
        let titles = wrong(&format!("{{ repeat = {{ steps = [{body}]{until} }} }}"));
        assert!(
            titles.iter().all(|t| t == "a pass of this `repeat` may take no step"),
            "{titles:?}"
        );
        titles.len()
    };
    let looks = ", until = { set = \"e\" }";
    assert_eq!(silent("", ""), 1);
    assert_eq!(silent("", ", until = \"failed\""), 1);
    assert_eq!(silent("", looks), 0);
    assert_eq!(silent("\"break\"", ""), 0);
    assert_eq!(silent("\"return\"", ""), 0);
    let branch = |is: &str, then: &str, or: &str| {
        format!("{{ if = {{ is = {is}, then = [{then}], else = [{or}] }} }}")
    };
    assert_eq!(silent(&branch("\"failed\"", "\"enable\"", ""), ""), 1);
    assert_eq!(silent(&branch("\"failed\"", "\"enable\"", "\"disable\""), ""), 0);
    assert_eq!(silent(&branch("\"failed\"", "\"enable\"", "\"break\""), ""), 0);
    assert_eq!(silent(&branch("{ finished = \"b\" }", "\"enable\"", ""), ""), 0);
    let inner = |body: &str| format!("{{ repeat = {{ steps = [{body}] }} }}");
    assert_eq!(silent(&inner(&branch("\"failed\"", "\"break\"", "\"enable\"")), ""), 1);
    assert_eq!(silent(&inner("\"enable\", \"break\""), ""), 0);
    assert_eq!(silent(&inner(""), ""), 1, "only the inner one");
}

#[test]
fn break_and_return_stand_where_there_is_something_to_leave() {
    let outside = "`break` outside of a `repeat`";
    assert_eq!(wrong("\"break\""), [outside]);
    assert!(wrong("\"return\", { if = { is = \"failed\", then = [\"return\"] } }").is_empty());
    let served = |steps: &str| {
        wrong(&format!(
            "{{ repeat = {{ steps = [{{ call = {{ call = \"x\", serving = [[{{ dispatch = \
             \"other\" }}, {steps}]] }} }}] }} }}"
        ))
    };
    assert_eq!(served("\"break\""), [outside]);
    assert!(served("{ repeat = { steps = [\"enable\", \"break\"] } }").is_empty());
    let within = "{ repeat = { steps = [\"enable\", \"return\"] } }";
    assert_eq!(served(within), ["`return` in a handler"]);
}

#[test]
fn a_reply_is_refused_where_no_way_leads_that_has_a_call_to_reply_to() {
    let reply = "{ reply = \"S_OK\" }";
    let enter = "{ dispatch = \"other\" }";
    let none: [&str; 0] = [];
    let refused = ["reply without dispatch"];
    let repeat = |body: &str, rest: &str| format!("{{ repeat = {{ steps = [{body}]{rest} }} }}");
    let branch = |then: &str, or: &str| {
        format!("{{ if = {{ is = \"failed\", then = [{then}], else = [{or}] }} }}")
    };
    assert_eq!(wrong(&format!("{}, {reply}", branch(enter, "\"enable\""))), none);
    assert_eq!(wrong(&format!("{enter}, {}, {reply}", branch(reply, reply))), refused);
    assert_eq!(wrong(&format!("{enter}, {}", branch(reply, reply))), none);
    let twice = ", times = 2";
    assert_eq!(wrong(&format!("{}, {reply}, {reply}, {reply}", repeat(enter, twice))), none);
    assert_eq!(wrong(&repeat(&format!("{enter}, {reply}, {reply}"), twice)), refused);
    let leaves = format!("{enter}, {}, {reply}", branch("\"break\"", ""));
    assert_eq!(wrong(&format!("{}, {reply}", repeat(&leaves, ""))), none);
    assert_eq!(wrong(&format!("{}, {reply}, {reply}", repeat(&leaves, ""))), refused);
    let call = |handler: &str| format!("{{ call = {{ call = \"x\", serving = [[{handler}]] }} }}");
    assert_eq!(wrong(&format!("{enter}, {}, {reply}", call(enter))), none);
    assert_eq!(
        wrong(&format!("{enter}, {}", call(&format!("{enter}, {reply}, {reply}")))),
        refused
    );
    // Nobody comes behind a loop without an end.
    assert_eq!(wrong(&format!("{}, {reply}", repeat("\"enable\"", ""))), none);
}

#[test]
fn nested_loops_are_checked_in_little_time() {
    let mut steps = "{ dispatch = \"other\" }, { sleep = 1 }".to_owned();
    for _ in 0..24 {
        steps = format!("{{ dispatch = \"other\" }}, {{ repeat = {{ steps = [{steps}] }} }}");
    }
    assert!(wrong(&steps).is_empty());
}

#[test]
fn any_number_of_steps_may_dispatch_a_call() {
    let twice = "{ dispatch = \"other\" }, { dispatch = \"other\" }";
    assert!(wrong(twice).is_empty());
}

#[test]
fn only_in_a_list_that_runs_once_is_an_await_too_early_or_too_much() {
    let early = "{ await = \"x\" }, { issue = \"x\" }";
    assert_eq!(wrong(early), ["call `x` is awaited before it is issued"]);
    assert!(wrong(&format!("{{ repeat = {{ steps = [{early}], times = 2 }} }}")).is_empty());
    let twice = "{ issue = \"x\" }, { await = \"x\" }, { await = \"x\" }";
    assert_eq!(wrong(twice), ["call `x` is awaited twice"]);
    let branches = "{ issue = \"x\" }, { if = { is = \"failed\", then = [{ await = \"x\" }], \
                    else = [{ await = \"x\" }] } }, { await = \"x\" }";
    assert!(wrong(branches).is_empty());
}

#[test]
fn in_a_loop_an_object_may_be_used_before_the_step_that_gets_it() {
    let get = "{ get_cancel_object = { thread = \"b\", as = \"o\" } }";
    let cancel = "{ cancel = { object = \"o\", seconds = 0 } }";
    let repeat = |body: &str| format!("{{ repeat = {{ steps = [{body}], times = 2 }} }}");
    let late = ["object `o` is used before this actor gets it"];
    assert!(wrong(&repeat(&format!("{cancel}, {get}"))).is_empty());
    assert!(wrong(&repeat(&format!("{}, {get}", repeat(cancel)))).is_empty());
    assert_eq!(wrong(&format!("{}, {}", repeat(cancel), repeat(get))), late);
    let branch = format!("{{ if = {{ is = \"failed\", then = [{get}] }} }}");
    assert!(wrong(&format!("{branch}, {cancel}")).is_empty());
    assert_eq!(wrong(&format!("{cancel}, {branch}")), late);
}

/// A scenario in which `t` sets the objects of `set`, and `c` cancels `t`.
fn with_objects(objects: &[(&str, Vec<Step>)], set: &[&str]) -> Scenario {
    let sets = set.iter().map(|object| Step::SetCancelObject(name(object))).collect();
    let mut scenario = of_actors([("t", sets), ("c", vec![cancel("t")]), ("u", Vec::new())]);
    scenario.cancel_objects = objects
        .iter()
        .map(|(object, steps)| CustomObject {
            name: name(object),
            has_interface: true,
            steps: steps.clone(),
            returns: vec![Code::S_OK],
        })
        .collect();
    scenario
}

fn cancel(thread: &str) -> Step {
    use super::super::Target;
    let window = calloff_model::Window::Seconds(0);
    Step::Cancel { target: Target::Thread(name(thread)), window }
}

fn problems(scenario: &Scenario) -> Vec<Fault> {
    validate(scenario).into_iter().map(|problem: Problem| problem.fault).collect()
}

#[test]
fn an_object_that_can_come_to_cancel_itself_is_refused() {
    let itself = |object: &str| vec![Fault::CancelsItself { name: name(object) }];
    let one = with_objects(&[("o", vec![cancel("t")])], &["o"]);
    assert_eq!(problems(&one), itself("o"));
    let other_thread = with_objects(&[("o", vec![cancel("u")])], &["o"]);
    assert_eq!(problems(&other_thread), []);
    let never_set = with_objects(&[("o", vec![cancel("t")])], &[]);
    assert_eq!(problems(&never_set), []);
    let mut refused = one;
    refused.cancel_objects[0].has_interface = false;
    assert_eq!(problems(&refused), []);
    // Who runs `o` gets `p` onto its own stack: the canceller, whom `p` cancels.
    let pushed = |thread| {
        let sets_p = vec![Step::SetCancelObject(name("p"))];
        let mut scenario = with_objects(&[("o", sets_p), ("p", vec![cancel(thread)])], &["o"]);
        scenario.actors[2].steps.push(cancel("c"));
        scenario
    };
    assert_eq!(problems(&pushed("c")), itself("p"));
    assert_eq!(problems(&pushed("t")), []);
    let mut nobody_cancels = pushed("c");
    nobody_cancels.actors[2].steps.clear();
    assert_eq!(problems(&nobody_cancels), []);
}

#[test]
fn many_objects_are_checked_in_little_time() {
    let count = 3000;
    let names: Vec<String> = (0..count).map(|number| format!("o{number}")).collect();
    let objects: Vec<(&str, Vec<Step>)> = names
        .iter()
        .zip(names.iter().cycle().skip(1))
        .map(|(object, next)| {
            (object.as_str(), vec![cancel("u"), Step::SetCancelObject(next.clone())])
        })
        .collect();
    let set: Vec<&str> = names.iter().map(String::as_str).collect();
    assert!(
        problems(&with_objects(&objects, &set))
            .iter()
            .all(|fault| { matches!(fault, Fault::CancelsItself { .. }) })
    );
}

#[test]
fn stuck_actors_imply_the_verdict() {
    let with = |expect: &str| parse(&(file("\"enable\"") + "[expect]\n" + expect));
    let implied = with("stuck = [\"b\"]\n").expect("a verdict is not needed");
    assert_eq!(implied.expect.verdict, ExpectedVerdict::Stuck);
    assert_eq!(implied.expect.stuck, Some(vec![name("b")]));
    let said = with("verdict = \"stuck\"\nstuck = [\"b\"]\n").expect("a verdict may be there");
    assert_eq!(said, implied);
    assert!(with("verdict = \"holds\"\nstuck = [\"b\"]\n").is_err());
}

#[test]
fn a_question_names_an_actor_a_call_a_step_or_nobody() {
    let with = |code: &str| {
        let text = file("{ repeat = { steps = [{ wait = \"e\" }], times = 2 } }, \"enable\"");
        titles(&format!("{text}[[expect.never]]\ncode = [\"{code}\"]\nwhy = \"why\"\n"))
    };
    for good in [
        "E_FAIL",
        "0x5",
        "a=E_FAIL",
        "other = E_FAIL",
        "wait=WAIT_TIMEOUT",
        "a:2=S_OK",
        "a:wait=S_OK",
        "a:3:S_OK",
    ] {
        assert!(with(good).is_empty(), "{good}: {:?}", with(good));
    }
    for bad in
        ["E_FIAL", "x=S_OK", "sleep=S_OK", "a:1=S_OK", "a:4=S_OK", "a:0=S_OK", "a:cancel=S_OK"]
    {
        assert_eq!(with(bad).len(), 1, "{bad}");
    }
}

#[test]
fn the_codes_of_a_file_count_the_steps_within_steps() {
    let steps = "{ repeat = { steps = [\"enable\", { if = { is = \"failed\", then = [\"disable\"] \
                 } }], times = 2 } }, { sleep = 1 }, \"enable\"";
    let codes = |lists: &str| titles(&format!("{}[expect.codes]\na = [{lists}]\n", file(steps)));
    assert!(codes("[], [], []").is_empty());
    assert_eq!(codes("[], []"), ["wrong number of code lists for `a`"]);
}

#[test]
fn a_long_step_is_printed_on_several_lines() {
    let call = |call: &str| format!("{{ dispatch = \"{call}\" }}, {{ reply = \"S_OK\" }}");
    let long = "a-call-with-quite-a-long-name";
    let steps = format!(
        "{{ issue = \"{long}\" }}, {{ repeat = {{ steps = [{{ if = {{ is = \"failed\", then = \
         [{}], else = [{}, \"break\"] }} }}], times = 3 }} }}",
        call(long),
        call("other"),
    );
    let mut scenario = parse(&file(&steps)).unwrap_or_else(|errors| panic!("{errors}"));
    scenario.actors.truncate(1);
    let text = scenario.to_toml();
    let printed = text.split("name = \"a\"\n").nth(1).expect("the actor");
    let expected = "\
steps = [
    { issue = \"a-call-with-quite-a-long-name\" },
    { repeat = { steps = [
        { if = { is = \"failed\", then = [
            { dispatch = \"a-call-with-quite-a-long-name\" },
            { reply = \"S_OK\" },
        ], else = [
            { dispatch = \"other\" },
            { reply = \"S_OK\" },
            \"break\",
        ] } },
    ], times = 3 } },
]
";
    assert_eq!(printed, expected);
}
