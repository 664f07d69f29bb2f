//! Candidates that take a client program apart: a loop becomes one pass of its body, a branch
//! becomes one of its sides, a wait loses a handler or its filter, and what is declared goes with
//! the steps that use it.

use calloff_protocol::program::Program;
use calloff_protocol::scenario::{Condition, Scenario, Step, Until, Waiting};

/// All of them, in order: large ones first. None for a scenario that is no client program.
pub(super) fn of(scenario: &Scenario) -> Vec<Scenario> {
    if !Program::new(scenario).is_client {
        return Vec::new();
    }
    let mut found = without_declarations(scenario);
    for actor in 0..scenario.actors.len() {
        for steps in simpler(&scenario.actors[actor].steps) {
            let mut smaller = scenario.clone();
            smaller.actors[actor].steps = steps;
            found.push(smaller);
        }
    }
    for object in 0..scenario.cancel_objects.len() {
        for steps in simpler(&scenario.cancel_objects[object].steps) {
            let mut smaller = scenario.clone();
            smaller.cancel_objects[object].steps = steps;
            found.push(smaller);
        }
    }
    for actor in 0..scenario.actors.len() {
        let mut smaller = scenario.clone();
        smaller.actors[actor].is_daemon = false;
        found.push(smaller);
    }
    found
}

/// The lists that differ from this one in one step, which is simpler there or gone.
fn simpler(steps: &[Step]) -> Vec<Vec<Step>> {
    let mut found = Vec::new();
    for (at, step) in steps.iter().enumerate() {
        for instead in instead_of(step) {
            found.push([&steps[..at], &instead, &steps[at + 1..]].concat());
        }
    }
    found
}

/// What a step may become: several steps, or none.
fn instead_of(step: &Step) -> Vec<Vec<Step>> {
    let mut found = vec![Vec::new()];
    match step {
        Step::Repeat { steps, until } => {
            found.push(without_breaks(steps));
            let again =
                |steps: Vec<Step>, until: &Until| Step::Repeat { steps, until: until.clone() };
            if let Until::Times(times) = until {
                let fewer = (1..*times).take(2).map(Until::Times);
                found.extend(fewer.map(|until| vec![again(steps.clone(), &until)]));
            }
            found.extend(simpler(steps).into_iter().map(|steps| vec![again(steps, until)]));
        }
        Step::If { condition, then, otherwise } => {
            found.extend([then.clone(), otherwise.clone()]);
            let side = |then: Vec<Step>, otherwise: Vec<Step>| {
                vec![Step::If { condition: condition.clone(), then, otherwise }]
            };
            found.extend(simpler(then).into_iter().map(|then| side(then, otherwise.clone())));
            found.extend(simpler(otherwise).into_iter().map(|other| side(then.clone(), other)));
        }
        Step::Await(waiting) => {
            found.extend(simpler_waits(waiting).into_iter().map(|w| vec![Step::Await(w)]));
        }
        Step::Call(waiting) => {
            found.extend(simpler_waits(waiting).into_iter().map(|w| vec![Step::Call(w)]));
        }
        Step::Wait { event, timeout: Some(_) } => {
            found.push(vec![Step::Wait { event: event.clone(), timeout: None }]);
        }
        Step::Join { actor, timeout: Some(_) } => {
            found.push(vec![Step::Join { actor: actor.clone(), timeout: None }]);
        }
        _ => {}
    }
    found
}

/// Waits without one of the handlers, without the filter, or with a simpler handler.
fn simpler_waits(waiting: &Waiting) -> Vec<Waiting> {
    let mut found = Vec::new();
    if waiting.has_filter {
        found.push(Waiting { has_filter: false, ..waiting.clone() });
    }
    for (at, handler) in waiting.serving.iter().enumerate() {
        let mut without = waiting.clone();
        without.serving.remove(at);
        found.push(without);
        for steps in simpler(handler) {
            let mut with = waiting.clone();
            with.serving[at] = steps;
            found.push(with);
        }
    }
    found
}

/// The body of a loop that is passed once: nothing leaves it any more.
fn without_breaks(steps: &[Step]) -> Vec<Step> {
    let mut found = Vec::new();
    for step in steps {
        match step {
            Step::Break => {}
            Step::If { condition, then, otherwise } => {
                let (then, otherwise) = (without_breaks(then), without_breaks(otherwise));
                if !(then.is_empty() && otherwise.is_empty()) {
                    found.push(Step::If { condition: condition.clone(), then, otherwise });
                }
            }
            other => found.push(other.clone()),
        }
    }
    found
}

/// Candidates without one of the events, locks and objects that are declared, and without the steps
/// that name it.
fn without_declarations(scenario: &Scenario) -> Vec<Scenario> {
    let mut found = Vec::new();
    for at in 0..scenario.events.len() {
        let mut smaller = scenario.clone();
        let event = smaller.events.remove(at).name;
        drop_steps(&mut smaller, &|step| match step {
            Step::Set(name) | Step::Reset(name) | Step::Wait { event: name, .. } => *name == event,
            Step::If { condition, .. } => looks_at(condition, &event),
            Step::Repeat { until: Until::Met(condition), .. } => looks_at(condition, &event),
            _ => false,
        });
        found.push(smaller);
    }
    for at in 0..scenario.locks.len() {
        let mut smaller = scenario.clone();
        let lock = smaller.locks.remove(at);
        drop_steps(
            &mut smaller,
            &|step| matches!(step, Step::Lock(name) | Step::Unlock(name) if *name == lock),
        );
        found.push(smaller);
    }
    for at in 0..scenario.cancel_objects.len() {
        let mut smaller = scenario.clone();
        let object = smaller.cancel_objects.remove(at).name;
        drop_steps(
            &mut smaller,
            &|step| matches!(step, Step::SetCancelObject(name) if *name == object),
        );
        found.push(smaller);
    }
    found
}

fn looks_at(condition: &Condition, event: &str) -> bool {
    match condition {
        Condition::Set(name) => name == event,
        Condition::Not(inner) => looks_at(inner, event),
        Condition::All(all) | Condition::Any(all) => all.iter().any(|one| looks_at(one, event)),
        Condition::Succeeded | Condition::Failed | Condition::Codes(_) | Condition::Finished(_) => {
            false
        }
    }
}

/// Drops all steps of a kind, however deep they are.
fn drop_steps(scenario: &mut Scenario, is_out: &impl Fn(&Step) -> bool) {
    let actors = scenario.actors.iter_mut().map(|actor| &mut actor.steps);
    let objects = scenario.cancel_objects.iter_mut().map(|object| &mut object.steps);
    actors.chain(objects).for_each(|steps| drop_from(steps, is_out));
}

fn drop_from(steps: &mut Vec<Step>, is_out: &impl Fn(&Step) -> bool) {
    steps.retain(|step| !is_out(step));
    for step in steps {
        match step {
            Step::Repeat { steps, .. } => drop_from(steps, is_out),
            Step::If { then, otherwise, .. } => {
                drop_from(then, is_out);
                drop_from(otherwise, is_out);
            }
            Step::Await(waiting) | Step::Call(waiting) => {
                waiting.serving.iter_mut().for_each(|handler| drop_from(handler, is_out));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIENT: &str = r#"
schema = 1
name = "client"

[[event]]
name = "over"

[[lock]]
name = "unused"

[[actor]]
name = "a"
steps = [
    { repeat = { steps = [
        "enable",
        { if = { is = "S_OK", then = ["break"], else = ["disable"] } },
    ], until = { set = "over" } } },
]

[[actor]]
name = "b"
daemon = true
steps = [{ set = "over" }]
"#;

    fn candidates() -> Vec<String> {
        let scenario = Scenario::parse("client", CLIENT.as_bytes()).expect("it is good");
        super::super::candidates::of(&scenario).iter().map(Scenario::to_toml).collect()
    }

    #[test]
    fn a_loop_becomes_one_pass_and_a_branch_one_side() {
        let all = candidates();
        let has = |text: &str| all.iter().any(|candidate| candidate.contains(text));
        let one_pass = |c: &&String| !c.contains("repeat") && c.contains("\"enable\"");
        assert!(all.iter().any(|candidate| one_pass(&candidate)), "{all:#?}");
        assert!(has("steps = [\"enable\", \"break\"]"), "{all:#?}");
        assert!(has("steps = [\"enable\", \"disable\"]"), "{all:#?}");
        let without_lock = |c: &&String| !c.contains("[[lock]]") && c.contains("repeat");
        assert!(all.iter().any(|candidate| without_lock(&candidate)), "{all:#?}");
        let without_event = |c: &&String| !c.contains("over") && !c.contains("repeat");
        assert!(all.iter().any(|candidate| without_event(&candidate)), "{all:#?}");
    }
}
