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
        Fault::DuplicateActor { .. } | Fault::DuplicateName { .. } => "expected another name",
        Fault::OnlyDaemons => "expected an actor that has to finish",
        Fault::ReservedActor => "expected another name",
        Fault::EmptyName => "expected at least one character",
        Fault::HiddenInName { .. } => "expected characters that can be seen",
        Fault::UnknownActor { .. } => "no such actor",
        Fault::UnknownCall { .. } => "no step issues it",
        Fault::UnknownObject { .. } => "no earlier step gets it",
        Fault::UnknownEvent { .. } => "no such event",
        Fault::UnknownLock { .. } => "no such lock",
        Fault::UnknownCancelObject { .. } => "no such cancel object",
        Fault::ObjectGotLater { .. } => "used here",
        Fault::ObjectOfAnother { .. } => "this actor has not got it",
        Fault::IssuedTwice { .. } => "issued again here",
        Fault::AwaitedByAnother { .. } => "not issued by this actor",
        Fault::AwaitedBeforeIssued { .. } => "awaited here",
        Fault::AwaitedTwice { .. } => "awaited again here",
        Fault::ReplyWithoutDispatch => "no call is being served here",
        Fault::BreakOutside { .. } => "there is nothing to leave",
        Fault::ReturnInHandler => "a handler runs to its end",
        Fault::EmptyIf => "expected steps in `then` or `else`",
        Fault::NoPasses => "expected at least 1",
        Fault::SilentPass => "it could go round without an end",
        Fault::EmptyCondition => "expected at least one entry",
        Fault::EmptyHandler => "expected a `dispatch`",
        Fault::HandlerWithoutDispatch => "expected a `dispatch`",
        Fault::JoinsItself => "expected another actor",
        Fault::StepOfObject { .. } => "not a step of a cancel object",
        Fault::HeldByObject => "expected a `thread`",
        Fault::CancelsItself { .. } => "this may run the object again",
        Fault::NoReturns => "expected at least one code",
        Fault::DurationTooLong | Fault::WindowTooLong => "expected fewer seconds",
        Fault::ClauseId { .. } => "expected a clause that can be violated",
        Fault::NoReadings => "expected at least one",
        Fault::ReadingTwice { .. } => "listed again here",
        Fault::CodesTwice { .. } | Fault::StuckTwice { .. } => "listed again here",
        Fault::CodesOfDaemon { .. } => "expected an actor that has to finish",
        Fault::StuckDaemon { .. } => "expected an actor that has to finish",
        Fault::StuckWithoutVerdict => "expected the verdict \"stuck\", or none",
        Fault::NobodyStuck => "expected at least one actor",
        Fault::EmptyQuestion => "expected `code`, `stuck` or both",
        Fault::QuestionNeverAsked => "the file names none of these",
        Fault::UnknownCode { .. } => "no such code",
        Fault::UnknownWho { .. } => "expected an actor, a call or a step",
        Fault::UnknownStepOf { .. } => "no such step",
        Fault::CodesCount { steps, lists, .. } => {
            return format!("expected {}, found {lists}", count(*steps as u64, "list"));
        }
    };
    text.to_owned()
}

fn related_label(fault: &Fault) -> String {
    let text = match fault {
        Fault::DuplicateActor { .. } | Fault::DuplicateName { .. } => "first named here",
        Fault::CancelsItself { .. } => "this object",
        Fault::ObjectGotLater { .. } => "got only here",
        Fault::ObjectOfAnother { .. } => "got here",
        Fault::AwaitedByAnother { .. } => "issued here",
        Fault::IssuedTwice { .. } => "first issued here",
        Fault::AwaitedBeforeIssued { .. } => "issued only here",
        Fault::AwaitedTwice { .. } => "first awaited here",
        _ => "first listed here",
    };
    text.to_owned()
}

fn advise(diagnostic: Diagnostic, fault: &Fault, scenario: &Scenario) -> Diagnostic {
    if let Some((nearest, note)) = known_names(fault, scenario) {
        return diagnostic.suggest(nearest.as_deref()).note(note);
    }
    match fault {
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
        Fault::NoReadings => diagnostic.help("leave `readings` out to check all of them"),
        Fault::CodesCount { actor, .. } => diagnostic.note(coded_steps(scenario, actor)),
        _ => advise_programs(diagnostic, fault),
    }
}

/// Advice on what only client programs have.
fn advise_programs(diagnostic: Diagnostic, fault: &Fault) -> Diagnostic {
    match fault {
        Fault::OnlyDaemons => diagnostic.note("an execution is over when all others have finished"),
        Fault::BreakOutside { is_in_handler: true } => {
            diagnostic.note("a handler does not leave a loop round its wait")
        }
        Fault::BreakOutside { .. } => diagnostic.help("`\"return\"` ends the actor"),
        Fault::SilentPass => diagnostic
            .help("add a step to the body, such as `{ sleep = \"10ms\" }`")
            .note("a condition on codes is no step; one on events or actors is"),
        Fault::HandlerWithoutDispatch | Fault::EmptyHandler => {
            diagnostic.note("a handler may run when the call that it enters was issued")
        }
        Fault::StepOfObject { .. } => diagnostic
            .note("a cancel object neither makes nor serves calls, nor ends its canceller"),
        Fault::HeldByObject => diagnostic.help("cancel a `thread`"),
        Fault::CancelsItself { .. } => {
            diagnostic.note("the thread that it cancels may have the object on its stack")
        }
        Fault::NoReturns => diagnostic.help("leave `returns` out to return `S_OK`"),
        Fault::StuckWithoutVerdict => diagnostic.help("leave `verdict` out, or `stuck`"),
        Fault::NobodyStuck => diagnostic.help("leave `stuck` out if every actor finishes"),
        Fault::CodesOfDaemon { .. } | Fault::StuckDaemon { .. } => {
            diagnostic.help("leave the actor out, or its `daemon = true`")
        }
        Fault::UnknownCode { nearest, .. } | Fault::UnknownWho { nearest, .. } => diagnostic
            .suggest(nearest.as_deref())
            .note("a question is about `CODE`, `WHO=CODE` or `ACTOR:STEP=CODE`"),
        Fault::UnknownStepOf { .. } => {
            diagnostic.note("a step is its number in the file, from 1, or its name")
        }
        _ => diagnostic,
    }
}

/// For a name that stands for nothing: what was probably meant, and a note on what there is.
fn known_names<'f>(fault: &'f Fault, scenario: &Scenario) -> Option<(&'f Option<String>, String)> {
    let (nearest, note) = match fault {
        Fault::UnknownActor { nearest, .. } => {
            let names = scenario.actors.iter().map(|actor| actor.name.as_str());
            (nearest, known("actors", names))
        }
        Fault::UnknownCall { nearest, .. } => (nearest, known("calls", calls(scenario))),
        Fault::UnknownEvent { nearest, .. } => {
            let names = scenario.events.iter().map(|event| event.name.as_str());
            (nearest, known("events", names))
        }
        Fault::UnknownLock { nearest, .. } => {
            (nearest, known("locks", scenario.locks.iter().map(String::as_str)))
        }
        Fault::UnknownCancelObject { nearest, .. } => {
            let names = scenario.cancel_objects.iter().map(|object| object.name.as_str());
            (nearest, known("cancel objects", names))
        }
        _ => return None,
    };
    Some((nearest, note))
}

fn coded_steps(scenario: &Scenario, name: &str) -> String {
    let actor = scenario.actors.iter().find(|actor| actor.name == name);
    let steps = actor.into_iter().flat_map(|actor| Step::all(&actor.steps));
    let names = steps.filter(|step| step.returns_code()).map(|step| step.keyword().name());
    let mut names = names.peekable();
    if names.peek().is_none() {
        return format!("no step of {} returns a code", quoted(name));
    }
    let list = list(names, LISTED_MAX);
    format!("one list for each step of {} that returns a code: {list}", quoted(name))
}

fn calls(scenario: &Scenario) -> impl Iterator<Item = &str> {
    let steps = scenario.actors.iter().flat_map(|actor| Step::all(&actor.steps));
    steps.filter_map(|step| match step {
        Step::Issue(call) => Some(call.as_str()),
        Step::Call(waiting) => Some(waiting.call.as_str()),
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
