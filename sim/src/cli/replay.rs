//! `calloff replay` and `calloff keep`.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use calloff_model::Reading;

use super::args::{Keep, Replay};
use super::{Exit, complain, load, show};
use crate::engine::{Engine, Granularity, Stop};
use crate::finding::{self, BYTES_MAX, Counterexample, save};
use crate::program::Program;
use crate::report;
use crate::report::describe::printable;
use crate::report::lanes::Picture;
use crate::trace::Schedule;

pub(super) fn replay(args: &Replay) -> io::Result<Exit> {
    let finding = match &args.file {
        Some(file) => read(file),
        None => spelled_out(args),
    };
    let finding = match finding {
        Ok(finding) => finding,
        Err(exit) => return Ok(exit),
    };
    let replay = finding::replay::replay(&finding, &Stop::default());
    if args.format == Picture::Text {
        show(&report::replay::render(&finding, &replay, report::width()))?;
    } else {
        match report::replay::picture(&finding, &replay, args.format) {
            Some(picture) => show(&picture)?,
            None => {
                complain("error: only schedules of the machine's steps have lanes to draw");
                return Ok(Exit::Usage);
            }
        }
    }
    let is_lost = replay.has_diverged() || replay.is_seen_again == Some(false);
    Ok(if is_lost { Exit::Diverged } else { Exit::Met })
}

/// Reads a counterexample, or says on standard error why not.
pub(super) fn read(path: &Path) -> Result<Counterexample, Exit> {
    let refuse = |what: String| {
        complain(&format!("error: `{}`: {what}", printable(&path.display().to_string())));
        Err(Exit::BadFile)
    };
    let mut bytes = Vec::new();
    let limit = BYTES_MAX as u64 + 1;
    match fs::File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes)) {
        Err(error) => refuse(error.to_string()),
        Ok(_) => Counterexample::parse(&bytes).or_else(|bad| refuse(bad.to_string())),
    }
}

/// The execution that flags describe.
fn spelled_out(args: &Replay) -> Result<Counterexample, Exit> {
    let paths: Vec<_> = args.scenario.iter().cloned().collect();
    let Ok([source]) = <[_; 1]>::try_from(load::load(&paths)?) else {
        complain("error: --scenario names more than one scenario");
        return Err(Exit::Usage);
    };
    let refuse = |what: String| {
        complain(&format!("error: --schedule: {what}"));
        Err(Exit::BadFile)
    };
    let names = match names(args.schedule.as_deref().unwrap_or_default()) {
        Ok(names) => names,
        Err(error) => return refuse(error.to_string()),
    };
    let schedule = match Schedule::from_names(&Program::new(&source.scenario), &names) {
        Ok(schedule) => schedule,
        Err(name) => {
            let name = printable(&name);
            return refuse(format!("`{name}` is neither an actor of the scenario nor `clock`"));
        }
    };
    Ok(Counterexample {
        reading: Reading {
            cancelable: args.cancelable.unwrap_or_default(),
            waiter: args.waiter.unwrap_or_default(),
        },
        engine: match args.granularity {
            Granularity::Step => Engine::Protocol,
            _ => Engine::Exhaustive,
        },
        granularity: args.granularity,
        fault: args.fault.as_ref().map(|name| name.0),
        claim: None,
        schedule,
        scenario: source.scenario,
    })
}

/// Names between spaces, or a JSON array of them.
fn names(text: &str) -> Result<Vec<String>, serde_json::Error> {
    match text.trim_start().starts_with('[') {
        true => serde_json::from_str(text),
        false => Ok(text.split_whitespace().map(str::to_owned).collect()),
    }
}

pub(super) fn keep(args: &Keep) -> io::Result<Exit> {
    let mut finding = match read(&args.file) {
        Ok(finding) => finding,
        Err(exit) => return Ok(exit),
    };
    let replay = finding::replay::replay(&finding, &Stop::default());
    if replay.has_diverged() || replay.is_seen_again != Some(true) {
        complain("error: the finding is not seen again: `calloff replay` shows why");
        return Ok(Exit::Diverged);
    }
    let name = args.name.clone().unwrap_or_else(|| finding.file_stem());
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !name.chars().all(is_plain) || name.starts_with('.') || name.is_empty() {
        complain("error: a name is letters, digits, `-`, `_` and `.`, and does not begin with `.`");
        return Ok(Exit::Usage);
    }
    finding.scenario.name.clone_from(&name);
    if finding.scenario.summary.is_empty() {
        let what = finding.claim.as_ref().map_or("", |claim| claim.what.id());
        finding.scenario.summary = format!("A finding that was kept: {what}.");
    }
    fs::create_dir_all(&args.dir)?;
    let (toml, json) = (format!("{name}.toml"), format!("{name}.json"));
    let header = header(&finding, &json);
    for (file, text) in [(&json, finding.to_json()), (&toml, header + &finding.scenario.to_toml())]
    {
        let path = args.dir.join(file);
        if !save::create(&path, &text)? && fs::read(&path)? != text.as_bytes() {
            let path = printable(&path.display().to_string());
            complain(&format!("error: `{path}` is there already, and is different: use --name"));
            return Ok(Exit::Usage);
        }
        show(&format!("{}\n", printable(&path.display().to_string())))?;
    }
    Ok(Exit::Met)
}

/// What a kept scenario says of itself, as comments.
fn header(finding: &Counterexample, json: &str) -> String {
    let claim = finding.claim.as_ref().expect("what is kept claims something");
    let what = format!("Kept finding: {}: {}", claim.what.id(), printable(&claim.message));
    let mut lines = vec![what];
    let by = format!("Found by {} under {}", finding.engine.name(), finding.reading);
    lines.push(match finding.fault {
        Some(fault) => format!("{by}, with the seeded bug {}.", fault.name()),
        None => format!("{by}."),
    });
    lines.push(format!("The execution that shows it: calloff replay {json}"));
    let commented = lines.iter().flat_map(|line| report::describe::wrap(line, 96));
    commented.map(|line| format!("# {line}\n")).collect::<String>() + "\n"
}
