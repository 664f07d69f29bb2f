//! Finds the topic for a name, and lists all topics.

use calloff_model::Code;
use calloff_protocol::clauses::CLAUSES;
use calloff_protocol::exploration::Engine;
use calloff_protocol::faults::Seeded;
use calloff_protocol::scenario::Scenario;
use calloff_protocol::scenario::language::{STEPS, StepKind};
use calloff_protocol::text::{hint, printable};
use calloff_protocol::{clauses, faults};

use super::{GLOSSARY, Topic, first_sentence, glossary};
use crate::answers::READINGS;
use crate::codes::{code_hint, parse_code};
use crate::field::FIELD_CODES;

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
    if let Some(file) = calloff_scenarios::named(name) {
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
    let spelling = entry(Code::CANCEL_ALREADY_CANCELED, "Cancel's spelling of RPC_E_CALL_CANCELED");
    let met =
        FIELD_CODES.iter().map(|field| entry(field.name, "met by clients; no step returns it"));
    let scenarios = calloff_scenarios::corpus();
    let scenarios = scenarios.iter().map(|file| {
        let scenario = Scenario::parse(&file.path, file.bytes).expect("the corpus is valid");
        entry(stem(&file.path), &scenario.summary)
    });
    let about =
        |reading: &crate::answers::ReadingValue| format!("{}: {}", reading.axis, reading.meaning);
    vec![
        ("words", GLOSSARY.iter().map(|word| entry(word.name, word.short())).collect()),
        ("codes", codes.chain([spelling]).chain(met).collect()),
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
