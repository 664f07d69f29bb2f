//! The commands `calloff replay` and `calloff keep`: run a counterexample again, or keep it.

use std::fs;
use std::io;
use std::path::Path;

use calloff_model::Reading;

use super::args::{Keep, Replay};
use super::{Exit, check, complain, load, show};
use crate::engine::loom::worker::Worker;
use crate::engine::{Engine, Granularity, Stop};
use crate::finding::keep::Kept;
use crate::finding::{self, Counterexample, Shown, explore, save};
use crate::goal;
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
    let stop = Stop::default();
    let mut finding = finding;
    if finding.shown != Shown::Execution {
        match explore::execution(&finding, &stop) {
            None => return explore_again(&finding, &stop),
            Some(execution) => {
                let engines = (finding.engine.name(), execution.engine.name());
                show(&format!("{} found it; {} has an execution of it\n\n", engines.0, engines.1))?;
                finding = execution;
            }
        }
    }
    let replay = finding::replay::replay(&finding, &stop);
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

/// For a finding without an execution: the engine that found it has to find it again.
fn explore_again(finding: &Counterexample, stop: &Stop) -> io::Result<Exit> {
    check::stop_at_ctrl_c(stop);
    let worker = Worker::this_program().ok();
    let explored = explore::explore(finding, worker.as_ref(), stop);
    show(&report::replay::render_explored(finding, &explored, report::width()))?;
    Ok(match explored.is_seen_again {
        _ if stop.is_interrupted() => Exit::Interrupted,
        true => Exit::Met,
        false => Exit::Diverged,
    })
}

/// Reads a counterexample, or reports on standard error why it cannot be read.
pub(super) fn read(path: &Path) -> Result<Counterexample, Exit> {
    load::counterexample(path).map_err(|why| {
        let name = printable(&path.display().to_string());
        let is_scenario = path.extension().is_some_and(|ending| ending == "toml")
            || (!path.exists() && load::named(path).is_some());
        complain(&match is_scenario {
            true => format!(
                "error: `{name}` is a scenario, and a counterexample (JSON) is expected; a \
                 schedule of a\nscenario: calloff replay --scenario {name} --schedule \"NAME …\""
            ),
            false => format!("error: `{name}`: {why}"),
        });
        Exit::BadFile
    })
}

/// The execution that the flags describe.
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
    let program = Program::new(&source.scenario);
    let schedule = match Schedule::from_names(&program, &names) {
        Ok(schedule) => schedule,
        Err(name) => {
            let (name, actors) = (printable(&name), goal::actors(&program));
            return refuse(format!(
                "`{name}` is neither an actor of the scenario nor `clock`; {actors}"
            ));
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
        shown: Shown::Execution,
        schedule,
        scenario: source.scenario,
    })
}

/// Reads names separated by spaces, or a JSON array of names.
fn names(text: &str) -> Result<Vec<String>, serde_json::Error> {
    match text.trim_start().starts_with('[') {
        true => serde_json::from_str(text),
        false => Ok(text.split_whitespace().map(str::to_owned).collect()),
    }
}

pub(super) fn keep(args: &Keep) -> io::Result<Exit> {
    let finding = match read(&args.file) {
        Ok(finding) => finding,
        Err(exit) => return Ok(exit),
    };
    if finding.shown != Shown::Execution {
        complain("error: only a finding with an execution that shows it can be kept");
        return Ok(Exit::Usage);
    }
    let stop = Stop::default();
    let replay = finding::replay::replay(&finding, &stop);
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
    let kept = Kept::new(&finding, &name, &stop);
    fs::create_dir_all(&args.dir)?;
    for (ending, text) in [("json", &kept.json), ("toml", &kept.toml)] {
        let path = args.dir.join(format!("{name}.{ending}"));
        let (is_new, name) = (save::create(&path, text)?, printable(&path.display().to_string()));
        if !is_new && fs::read(&path)? != text.as_bytes() {
            complain(&format!("error: `{name}` is there already, and is different: use --name"));
            return Ok(Exit::Usage);
        }
        let note = if is_new { "" } else { " (was there already, and is the same)" };
        show(&format!("{name}{note}\n"))?;
    }
    if !kept.has_codes {
        complain("its codes are not known, so that its [expect.codes] is yours to write");
    }
    Ok(Exit::Met)
}
