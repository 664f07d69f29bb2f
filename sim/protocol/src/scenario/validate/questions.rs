//! Checks of the questions: what they ask about exists.

use calloff_model::Code;

use super::expect::{check_readings, check_stuck_names};
use super::index::Index;
use super::{Asked, Fault, Location, Problem, QuestionPart};
use crate::scenario::language::{Keyword, STEPS, StepKind};
use crate::scenario::{Question, Scenario, Step};

/// Checks every question of the scenario.
pub(super) fn check(scenario: &Scenario, index: &Index<'_>, problems: &mut Vec<Problem>) {
    let expect = &scenario.expect;
    for (asked, questions) in [(Asked::Never, &expect.never), (Asked::Possible, &expect.possible)] {
        for (question, what) in questions.iter().enumerate() {
            let part = |part| Location::Question { asked, question, part };
            check_one(what, &part, scenario, index, problems);
        }
    }
}

fn check_one(
    question: &Question,
    part: &dyn Fn(QuestionPart) -> Location,
    scenario: &Scenario,
    index: &Index<'_>,
    problems: &mut Vec<Problem>,
) {
    if question.codes.is_empty() && question.stuck.is_empty() {
        problems.push(Problem::new(part(QuestionPart::Whole), Fault::EmptyQuestion));
    }
    for (entry, text) in question.codes.iter().enumerate() {
        if let Some(fault) = fault_of(text, scenario, index) {
            problems.push(Problem::new(part(QuestionPart::Code(entry)), fault));
        }
    }
    let stuck = |entry| part(QuestionPart::Stuck(entry));
    check_stuck_names(scenario, index, &question.stuck, stuck, problems);
    if let Some(readings) = &question.readings {
        let reading = |entry| part(QuestionPart::Reading(entry));
        check_readings(readings, part(QuestionPart::Readings), reading, problems);
        let of_file = &scenario.expect.readings;
        if !readings.is_empty() && !readings.iter().any(|reading| of_file.contains(reading)) {
            problems.push(Problem::new(part(QuestionPart::Readings), Fault::QuestionNeverAsked));
        }
    }
}

/// What is wrong with `CODE`, `WHO=CODE` or `ACTOR:STEP=CODE`; a `:` will do for the `=`.
fn fault_of(text: &str, scenario: &Scenario, index: &Index<'_>) -> Option<Fault> {
    let (who, code) = match text.rfind(['=', ':']) {
        Some(at) => (Some(text[..at].trim()), text[at + 1..].trim()),
        None => (None, text.trim()),
    };
    if code.parse::<Code>().is_err() {
        let names = Code::NAMED.iter().map(|(name, _)| *name);
        let names = names.chain([Code::CANCEL_ALREADY_CANCELED]);
        return Some(Fault::UnknownCode {
            name: code.to_owned(),
            nearest: index.suggest(code, names),
        });
    }
    let who = who?;
    if is_named(who, index) {
        return None;
    }
    let (actor, step) = match who.rsplit_once(':') {
        Some((actor, step)) => (actor.trim(), Some(step.trim())),
        None => (who, None),
    };
    match (index.actors.get(actor), step) {
        (Some(at), Some(step)) => {
            let is_there = has_step(&scenario.actors[*at].steps, step);
            let fault = || Fault::UnknownStepOf { actor: actor.to_owned(), step: step.to_owned() };
            (!is_there).then(fault)
        }
        _ => {
            let steps = returning().map(|kind| kind.name);
            let names = index.actors.keys().copied().chain(index.calls.keys().copied());
            let nearest = index.suggest(actor, names.chain(steps));
            Some(Fault::UnknownWho { name: actor.to_owned(), nearest })
        }
    }
}

/// Whether an actor, a call or a kind of step that returns a code has the name.
fn is_named(name: &str, index: &Index<'_>) -> bool {
    index.actors.contains_key(name)
        || index.calls.contains_key(name)
        || returning().any(|kind| kind.name == name)
}

fn returning() -> impl Iterator<Item = &'static StepKind> {
    STEPS.iter().filter(|kind| kind.returns_code)
}

/// Whether a step of the list that returns a code has this number, from 1, or is of this kind.
fn has_step(steps: &[Step], step: &str) -> bool {
    if let Ok(number) = step.parse::<usize>() {
        let step = number.checked_sub(1).and_then(|at| Step::all(steps).nth(at));
        return step.is_some_and(Step::returns_code);
    }
    let general = |keyword| match keyword {
        // A `call` is an issue and an `await`.
        Keyword::Call => Keyword::Await,
        other => other,
    };
    let Some(kind) = returning().find(|kind| kind.name == step) else { return false };
    Step::all(steps).any(|step| general(step.keyword()) == general(kind.keyword))
}
