//! The commands `calloff replay` and `calloff keep`: run a counterexample again, or keep it.

use std::fs;
use std::path::Path;

use calloff_model::Reading;
use calloff_protocol::exploration::{Engine, Granularity, Stop};
use calloff_protocol::finding::{Counterexample, Shown};
use calloff_protocol::program::Program;
use calloff_protocol::text::{printable, printable_path};
use calloff_protocol::trace::Schedule;
use calloff_reports as report;
use calloff_reports::lanes::Picture;
use calloff_reports::wanted;
use calloff_sim::engine::loom::worker::this_program;
use calloff_sim::exit::Exit;
use calloff_sim::load::{self, load};
use calloff_sim::replay::keep::Kept;
use calloff_sim::replay::{explore, save};

use super::args::{Keep, Replay};
use super::interrupt::{stop_at_signals, unless_stopped};
use super::{Early, complain, show, unwritable};
use crate::width;

pub(super) fn replay(args: &Replay) -> Result<Exit, Early> {
    let mut finding = match &args.file {
        Some(file) => read(file)?,
        None => spelled_out(args)?,
    };
    let stop = Stop::default();
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
    let replay = calloff_sim::replay::replay(&finding, None, &stop);
    if args.format == Picture::Text {
        show(&report::replay::render(&finding, &replay, width()))?;
    } else {
        match report::replay::picture(&finding, &replay, args.format, width()) {
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

/// No execution shows the finding: the engine that had found it has to find it again.
fn explore_again(finding: &Counterexample, stop: &Stop) -> Result<Exit, Early> {
    stop_at_signals(stop);
    let worker = this_program().ok();
    let explored = explore::explore(finding, None, worker.as_ref(), stop);
    show(&report::replay::render_explored(finding, &explored, width()))?;
    let exit = if explored.is_seen_again { Exit::Met } else { Exit::Diverged };
    Ok(unless_stopped(stop, exit))
}

/// Reads a counterexample, or reports on standard error why it cannot be read.
pub(super) fn read(path: &Path) -> Result<Counterexample, Exit> {
    load::counterexample(path).map_err(|why| {
        let name = printable_path(path);
        let is_scenario = path.extension().is_some_and(|ending| ending == "toml")
            || (!path.exists() && path.to_str().and_then(calloff_scenarios::named).is_some());
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

/// The execution that flags describe.
fn spelled_out(args: &Replay) -> Result<Counterexample, Early> {
    let paths: Vec<_> = args.scenario.iter().cloned().collect();
    let Ok([source]) = <[_; 1]>::try_from(load(&paths)?) else {
        complain("error: --scenario names more than one scenario");
        return Err(Exit::Usage.into());
    };
    let refuse = |what: String| {
        complain(&format!("error: --schedule: {what}"));
        Err(Exit::BadFile.into())
    };
    let names = match names(args.schedule.as_deref().unwrap_or_default()) {
        Ok(names) => names,
        Err(error) => return refuse(printable(&error.to_string())),
    };
    let program = Program::new(&source.scenario);
    let schedule = match Schedule::from_names(&program, &names) {
        Ok(schedule) => schedule,
        Err(name) => {
            let (name, actors) = (printable(&name), wanted::actors(&program));
            return refuse(format!(
                "`{name}` is neither an actor of the scenario nor `clock`; {actors}"
            ));
        }
    };
    Ok(Counterexample {
        reading: Reading {
            cancelable: args.readings.cancelable.unwrap_or_default(),
            waiter: args.readings.waiter.unwrap_or_default(),
        },
        engine: match args.granularity {
            Granularity::Step => Engine::Protocol,
            _ => Engine::Exhaustive,
        },
        granularity: args.granularity,
        fault: args.fault.fault,
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

pub(super) fn keep(args: &Keep) -> Result<Exit, Early> {
    let finding = read(&args.file)?;
    if finding.shown != Shown::Execution {
        complain("error: only a finding with an execution that shows it can be kept");
        return Ok(Exit::Usage);
    }
    let stop = Stop::default();
    let replay = calloff_sim::replay::replay(&finding, None, &stop);
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
    fs::create_dir_all(&args.dir).map_err(unwritable(&args.dir))?;
    for (ending, text) in [("json", &kept.json), ("toml", &kept.toml)] {
        let path = args.dir.join(format!("{name}.{ending}"));
        let name = printable_path(&path);
        let is_new = save::create(&path, text).map_err(unwritable(&path))?;
        if !is_new && fs::read(&path).map_err(unwritable(&path))? != text.as_bytes() {
            complain(&format!("error: `{name}` is there already, and is different: use --name"));
            return Ok(Exit::Usage);
        }
        let note = if is_new { "" } else { " (was there already, and is the same)" };
        show(&format!("{name}{note}\n"))?;
    }
    if !kept.has_codes {
        complain(match finding.scenario.expect.codes.is_empty() {
            true => "its codes are not known, so that its [expect.codes] is yours to write",
            false => "its [expect.codes] are those of the finding, and do not name every actor",
        });
    }
    Ok(Exit::Met)
}
