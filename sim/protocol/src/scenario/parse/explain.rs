//! Turns each problem of a whole scenario into a diagnostic for people.

use super::clock_note;
use super::places::Places;
use crate::clauses::Clause;
use crate::scenario::error::Diagnostic;
use crate::scenario::validate::{Fault, Problem};
use crate::scenario::{Scenario, Step};
use crate::text::{count, list, quoted};

/// The number of a scenario's names that a note lists.
const LISTED_MAX: usize = 8;

const HIDDEN: &str = "a name has no controls, nothing that is invisible or changes the direction \
                      of text, and no space but the plain one";

/// The problem with its place in the file.
pub(super) fn diagnostic(problem: &Problem, scenario: &Scenario, places: &Places) -> Diagnostic {
    let title = problem.fault.to_string();
    let label = label(&problem.fault);
    let mut diagnostic = match places.of(problem.location) {
        Some(span) => Diagnostic::new(span, title, label),
        None => Diagnostic::of_file(title, label),
    };
    if let Some(span) = problem.related.and_then(|location| places.of(location)) {
        diagnostic = diagnostic.related(span, related_label(&problem.fault));
    }
    advise(diagnostic, &problem.fault, scenario)
}

/// The label: what was expected, or what is there instead.
fn label(fault: &Fault) -> String {
    let text = match fault {
        Fault::NoActors => "expected at least one actor",
        Fault::DuplicateActor { .. } => "expected another name",
        Fault::ReservedActor => "expected another name",
        Fault::EmptyName => "expected at least one character",
        Fault::HiddenInName { .. } => "expected characters that can be seen",
        Fault::UnknownActor { .. } => "no such actor",
        Fault::UnknownCall { .. } => "no step issues it",
        Fault::UnknownObject { .. } => "no earlier step gets it",
        Fault::ObjectGotLater { .. } => "used here",
        Fault::ObjectOfAnother { .. } => "this actor has not got it",
        Fault::IssuedTwice { .. } => "issued again here",
        Fault::AwaitedByAnother { .. } => "not issued by this actor",
        Fault::AwaitedBeforeIssued { .. } => "awaited here",
        Fault::AwaitedTwice { .. } => "awaited again here",
        Fault::DispatchedTwice { .. } => "dispatched again here",
        Fault::ReplyWithoutDispatch => "no call is being served here",
        Fault::WindowTooLong => "expected fewer seconds",
        Fault::ClauseId { .. } => "expected a clause that can be violated",
        Fault::NoReadings => "expected at least one",
        Fault::ReadingTwice { .. } => "listed again here",
        Fault::CodesTwice { .. } => "listed again here",
        Fault::CodesCount { steps, lists, .. } => {
            return format!("expected {}, found {lists}", count(*steps as u64, "list"));
        }
    };
    text.to_owned()
}

fn related_label(fault: &Fault) -> String {
    let text = match fault {
        Fault::DuplicateActor { .. } => "first named here",
        Fault::ObjectGotLater { .. } => "got only here",
        Fault::ObjectOfAnother { .. } => "got here",
        Fault::AwaitedByAnother { .. } => "issued here",
        Fault::IssuedTwice { .. } => "first issued here",
        Fault::AwaitedBeforeIssued { .. } => "issued only here",
        Fault::AwaitedTwice { .. } => "first awaited here",
        Fault::DispatchedTwice { .. } => "first dispatched here",
        _ => "first listed here",
    };
    text.to_owned()
}

fn advise(diagnostic: Diagnostic, fault: &Fault, scenario: &Scenario) -> Diagnostic {
    match fault {
        Fault::UnknownActor { nearest, .. } => {
            let names = scenario.actors.iter().map(|actor| actor.name.as_str());
            diagnostic.suggest(nearest.as_deref()).note(known("actors", names))
        }
        Fault::UnknownCall { nearest, .. } => {
            diagnostic.suggest(nearest.as_deref()).note(known("calls", calls(scenario)))
        }
        Fault::UnknownObject { nearest: Some(name), .. } => diagnostic.suggest(Some(name)),
        Fault::UnknownObject { name, .. } => {
            let name = quoted(name).replace('`', "");
            let step = format!("{{ get_cancel_object = {{ thread = \"…\", as = \"{name}\" }} }}");
            diagnostic.help(format!("get it with `{step}` before this step"))
        }
        Fault::ReservedActor => diagnostic.note(clock_note()),
        Fault::HiddenInName { .. } => diagnostic.note(HIDDEN),
        Fault::IssuedTwice { .. } => diagnostic.help("give each call of the file its own name"),
        Fault::AwaitedByAnother { caller, .. } => {
            diagnostic.note(format!("only its caller awaits a call, here {}", quoted(caller)))
        }
        Fault::DispatchedTwice { .. } => diagnostic.note("a call has one server side"),
        Fault::ObjectOfAnother { owner, .. } => {
            let owner = quoted(owner);
            diagnostic.note(format!("an object belongs to the actor that gets it, here {owner}"))
        }
        Fault::ReplyWithoutDispatch => {
            diagnostic.help("enter a call with `{ dispatch = \"…\" }` before each reply")
        }
        Fault::AwaitedTwice { .. } => diagnostic.note("`call` issues and awaits"),
        Fault::ClauseId { .. } => diagnostic.note(format!(
            "the clauses that can be violated are {}",
            Clause::violable().collect::<Vec<_>>().join(", ")
        )),
        Fault::NoReadings => diagnostic.help("leave `readings` out to check all four"),
        Fault::CodesCount { actor, .. } => diagnostic.note(coded_steps(scenario, actor)),
        _ => diagnostic,
    }
}

fn coded_steps(scenario: &Scenario, name: &str) -> String {
    let actor = scenario.actors.iter().find(|actor| actor.name == name);
    let steps = actor.into_iter().flat_map(|actor| &actor.steps);
    let names = steps.filter(|step| step.returns_code()).map(|step| step.keyword().name());
    let mut names = names.peekable();
    if names.peek().is_none() {
        return format!("no step of {} returns a code", quoted(name));
    }
    let list = list(names, LISTED_MAX);
    format!("one list for each step of {} that returns a code: {list}", quoted(name))
}

fn calls(scenario: &Scenario) -> impl Iterator<Item = &str> {
    let steps = scenario.actors.iter().flat_map(|actor| &actor.steps);
    steps.filter_map(|step| match step {
        Step::Issue(call) | Step::Call(call) => Some(call.as_str()),
        _ => None,
    })
}

fn known<'a>(what: &str, names: impl Iterator<Item = &'a str>) -> String {
    let mut names = names.peekable();
    if names.peek().is_none() {
        return format!("the file has no {what}");
    }
    format!("the {what} of the file are {}", list(names, LISTED_MAX))
}
