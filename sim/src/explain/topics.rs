//! Finds the topic for a name, and lists all topics.

use calloff_model::Code;

use super::number::eight_digits;
use super::{ANSWERS, GLOSSARY, READINGS, Topic, first_sentence, glossary, parse_code};
use crate::clauses::{self, CLAUSES};
use crate::engine::Engine;
use crate::faults::{self, Seeded};
use crate::goal::hint;
use crate::report::describe::printable;
use crate::scenario::Scenario;
use crate::scenario::language::{STEPS, StepKind};

/// The names used here for the functions and methods of the API. A method may be written with the
/// prefix `ICancelMethodCalls::`.
const API: [(&str, &str); 8] = [
    ("CoCancelCall", "cancel"),
    ("CoTestCancel", "test_cancel"),
    ("CoGetCancelObject", "get_cancel_object"),
    ("CoEnableCallCancellation", "enable"),
    ("CoDisableCallCancellation", "disable"),
    ("ICancelMethodCalls", "handle"),
    ("Cancel", "cancel"),
    ("TestCancel", "test_cancel"),
];

/// The topic with that name, ignoring case. Scenarios are those of the corpus.
///
/// # Errors
///
/// A sentence, with the nearest name if there is one.
pub fn find(name: &str) -> Result<Topic, String> {
    let name = of_api(name.trim());
    let lower = name.to_lowercase();
    if let Some(clause) = CLAUSES.iter().find(|clause| clause.id.eq_ignore_ascii_case(name)) {
        return Ok(Topic::Clause(clause));
    }
    if let Some(step) = StepKind::named(&lower) {
        return Ok(Topic::Step(step));
    }
    if let Some(reading) = READINGS.iter().find(|reading| reading.name == lower) {
        return Ok(Topic::Reading(reading));
    }
    if let Some(code) = parse_code(name) {
        return Ok(Topic::Code(code));
    }
    if let Some(fault) = faults::find(&lower) {
        return Ok(Topic::Fault(fault));
    }
    if let Some(engine) = Engine::ALL.into_iter().find(|engine| engine.name() == lower) {
        return Ok(Topic::Engine(engine));
    }
    if let Some(file) = crate::cli::named(name.as_ref()) {
        let scenario = Scenario::parse(&file.path, file.bytes).map_err(|e| e.to_string())?;
        return Ok(Topic::Scenario(stem(&file.path).to_owned(), Box::new(scenario)));
    }
    if let Some(word) = word(&lower) {
        return Ok(Topic::Word(word));
    }
    let name = printable(name);
    if is_clause_id(&lower) {
        return Err(format!("there is no clause `{name}`; they are {}", clauses::ids()));
    }
    let names = contents().into_iter().flat_map(|(_, entries)| entries);
    let names = names.map(|entry| entry.name);
    let names = names.chain(API.iter().map(|(name, _)| (*name).to_owned())).collect();
    let hint = code_hint(&name).unwrap_or_else(|| hint(&name, names));
    Err(format!("there is nothing to explain called `{name}`{hint}"))
}

/// The name used here for a name of the API; other names are returned unchanged.
fn of_api(name: &str) -> &str {
    const METHODS: &str = "ICancelMethodCalls::";
    let method = name.get(..METHODS.len()).filter(|class| class.eq_ignore_ascii_case(METHODS));
    let own = method.map_or(name, |class| &name[class.len()..]);
    API.iter().find(|(api, _)| api.eq_ignore_ascii_case(own)).map_or(name, |(_, name)| name)
}

/// The word of the reports with that name; its parts may be separated by blanks, `-` or `_`.
fn word(lower: &str) -> Option<&'static super::Word> {
    let parts = lower.split([' ', '-', '_']).filter(|part| !part.is_empty());
    let name = parts.collect::<Vec<_>>().join(" ");
    glossary::named(&name).or_else(|| glossary::named(&name.replace(' ', "-")))
}

fn is_clause_id(lower: &str) -> bool {
    let digits = lower.strip_prefix('k').unwrap_or_default();
    !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit())
}

/// A question with the code that a name was probably meant to be.
pub(crate) fn code_hint(name: &str) -> Option<String> {
    near_code(name).or_else(|| like_code(name))
}

/// A code with nearly the same name. Codes that operations return are preferred to other known
/// codes.
fn near_code(name: &str) -> Option<String> {
    if let Some(code) = eight_digits(name) {
        return Some(format!("; did you mean `0x{:08X}`?", code.0));
    }
    let answers = ANSWERS.iter().map(|answer| answer.code_name());
    let all = || Code::NAMED.iter().map(|(name, _)| (*name).to_owned()).collect();
    let hints = [hint(name, answers.collect()), hint(name, all())];
    hints.into_iter().find(|hint| !hint.is_empty())
}

/// A code that operations return and whose last word is nearly the same, if the name starts like a
/// code.
fn like_code(name: &str) -> Option<String> {
    let (first, _) = name.split_once('_')?;
    let (_, last) = name.rsplit_once('_')?;
    let begins = |code: &str| code.split('_').next().is_some_and(|c| c.eq_ignore_ascii_case(first));
    if !Code::NAMED.iter().any(|(code, _)| begins(code)) {
        return None;
    }
    let codes: Vec<String> = ANSWERS.iter().map(|answer| answer.code.name()).collect();
    let last_of = |code: &str| code.rsplit('_').next().unwrap_or_default().to_owned();
    let lasts: Vec<String> = codes.iter().map(|code| last_of(code)).collect();
    let nearest = crate::scenario::nearest(last, lasts.iter().map(String::as_str))?;
    let code = codes.iter().find(|code| last_of(code) == nearest)?;
    Some(format!("; did you mean `{code}`?"))
}

/// Something that can be explained.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// What it is about, in one sentence.
    pub about: String,
}

/// Everything that can be explained, grouped by kind, in reading order.
pub fn contents() -> Vec<(&'static str, Vec<Entry>)> {
    let entry = |name: &str, about: &str| Entry { name: name.to_owned(), about: about.to_owned() };
    let codes = Code::NAMED.iter().map(|(name, code)| entry(name, code.meaning()));
    let spelling = entry(Code::CANCEL_ALREADY_CANCELED, "how Cancel's page spells the same code");
    let scenarios = calloff_scenarios::corpus();
    let scenarios = scenarios.iter().map(|file| {
        let scenario = Scenario::parse(&file.path, file.bytes).expect("the corpus is valid");
        entry(stem(&file.path), &scenario.summary)
    });
    let about = |reading: &super::ReadingValue| format!("{}: {}", reading.axis, reading.meaning);
    vec![
        ("words", GLOSSARY.iter().map(|word| entry(word.name, word.short())).collect()),
        ("codes", codes.chain([spelling]).collect()),
        ("steps", STEPS.iter().map(|step| entry(step.name, first_sentence(step.doc))).collect()),
        ("clauses", CLAUSES.iter().map(|clause| entry(clause.id, clause.sentence)).collect()),
        ("readings", READINGS.iter().map(|r| entry(r.name, &about(r))).collect()),
        ("engines", Engine::ALL.iter().map(|e| entry(e.name(), e.summary())).collect()),
        ("seeded bugs", Seeded::all().map(|bug| entry(bug.name(), bug.summary())).collect()),
        ("scenarios", scenarios.collect()),
    ]
}

/// The name of a scenario file, without its folder and its extension.
pub(super) fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.strip_suffix(".toml").unwrap_or(name)
}
