//! What can be explained, by name.

use calloff_model::Code;

use super::{READINGS, Topic, parse_code};
use crate::clauses::CLAUSES;
use crate::engine::Engine;
use crate::faults::{self, Seeded};
use crate::goal::hint;
use crate::report::describe::printable;
use crate::scenario::Scenario;
use crate::scenario::language::{STEPS, StepKind};

/// The topic with that name, in any case. Scenarios are those of the corpus.
///
/// # Errors
///
/// A sentence, with the nearest name if one is near.
pub fn find(name: &str) -> Result<Topic, String> {
    let name = name.trim();
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
    let names = contents().into_iter().flat_map(|(_, names)| names).collect();
    let hint = hint(name, names);
    Err(format!("there is nothing to explain called `{}`{hint}", printable(name)))
}

/// Every name that can be explained, by what kind of thing it is, in reading order.
pub fn contents() -> Vec<(&'static str, Vec<String>)> {
    let owned = |name: &str| name.to_owned();
    let codes = Code::NAMED.iter().map(|(name, _)| *name);
    let codes = codes.chain([Code::CANCEL_ALREADY_CANCELED]).map(owned);
    let scenarios = calloff_scenarios::corpus();
    let scenarios = scenarios.iter().map(|file| stem(&file.path).to_owned());
    vec![
        ("codes", codes.collect()),
        ("steps", STEPS.iter().map(|step| owned(step.name)).collect()),
        ("clauses", CLAUSES.iter().map(|clause| owned(clause.id)).collect()),
        ("readings", READINGS.iter().map(|reading| owned(reading.name)).collect()),
        ("engines", Engine::ALL.iter().map(|engine| owned(engine.name())).collect()),
        ("seeded bugs", Seeded::all().map(|fault| owned(fault.name())).collect()),
        ("scenarios", scenarios.collect()),
    ]
}

/// The name of a scenario file, without its folder and its ending.
pub(super) fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.strip_suffix(".toml").unwrap_or(name)
}
