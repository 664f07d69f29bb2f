//! The command `calloff witness`: finds the shortest schedule with a certain result.

use std::io;
use std::path::PathBuf;

use calloff_model::Reading;
use clap::ValueEnum;

use super::machine::MachineFlags;
use super::{Exit, check, complain, load, show};
use crate::check::Violated;
use crate::clauses;
use crate::engine::protocol::{self, Hunt};
use crate::engine::{Limits, Stop};
use crate::goal::{self, Goal, Wanted};
use crate::program::Program;
use crate::report::describe::printable;
use crate::report::lanes::Picture;
use crate::report::width;
use crate::report::witness::{Witness as Report, is_proven_impossible};
use crate::world::World;

/// Flags of `witness`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  calloff witness cancel-meets-reply --code canceller=S_OK --and work=S_FALSE
                                         accepted, and yet the call completes
  calloff witness cancel-meets-reply --code work=RPC_E_CALL_CANCELED
  calloff witness one-shot-timeout --stuck caller
  calloff witness my-race.toml --clause K6 --fault complete-on-expiry
  calloff witness my-race.toml --code caller:2=S_OK --format svg > race.svg

A code is wanted of any step (S_OK), of an actor (canceller=S_OK), of a call
(work=S_OK), of a kind of step (cancel=S_OK), of an actor's n-th step that
returns a code (canceller:2=S_OK) or of one of its kinds (caller:enable=S_OK).

Exit codes: 0 found, 1 proven that there is none, 2 usage, 3 not found, but a
limit was hit, 4 bad file, 70 internal error, 130 interrupted.")]
pub struct Witness {
    /// The scenario: a file, or the name of one of the corpus.
    #[arg(value_name = "FILE|NAME")]
    pub scenario: PathBuf,
    /// A code that is to be returned; may be given several times.
    #[arg(long, visible_alias = "and", value_name = "[WHO=]CODE")]
    pub code: Vec<String>,
    /// An actor that is to be stuck in the end; may be given several times.
    #[arg(long, value_name = "ACTOR")]
    pub stuck: Vec<String>,
    /// A clause that is to be broken (with a seeded bug, as a rule), or seen if it is one that must
    /// be seen at least once.
    #[arg(long, value_name = "ID", conflicts_with_all = ["code", "stuck"])]
    pub clause: Option<String>,
    #[command(flatten)]
    pub(super) machine: MachineFlags,
    /// Give up under a reading after that many states.
    #[arg(long, default_value_t = Limits::default().states_max, value_name = "N",
          value_parser = clap::value_parser!(u64).range(1..=u64::from(u32::MAX)))]
    pub states_max: u64,
    /// The form: text, JSON, or the picture of the lanes alone.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// The form of the answer.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// The lanes as a drawing.
    Svg,
    /// The lanes as a sequence diagram.
    Mermaid,
    /// The lanes as a table for a page.
    Html,
}

pub(super) fn run(args: &Witness) -> io::Result<Exit> {
    let source = match load::one(&args.scenario) {
        Ok(source) => source,
        Err(exit) => return Ok(exit),
    };
    if args.code.is_empty() && args.stuck.is_empty() && args.clause.is_none() {
        complain("error: nothing to look for: say --code, --stuck or --clause (see --help)");
        return Ok(Exit::Usage);
    }
    let program = Program::new(&source.scenario);
    let goal = goal(args, &program).map_err(|why| {
        complain(&format!("error: {why}"));
        Exit::Usage
    });
    let (goal, fault) = match (goal, args.machine.fault()) {
        (Ok(goal), Ok(fault)) => (goal, fault),
        (Err(exit), _) | (_, Err(exit)) => return Ok(exit),
    };
    let readings = args.machine.readings.axes().readings(&source.scenario.expect.readings);
    let stop = Stop::default();
    check::stop_at_ctrl_c(&stop);
    let limits = Limits { states_max: args.states_max, ..Limits::default() };
    let hunt = |reading: Reading| {
        let world = World::new(&program, reading, fault);
        (reading, protocol::find(&program, world, &goal, &limits, &stop))
    };
    let hunts: Vec<(Reading, Hunt)> = readings.into_iter().map(hunt).collect();
    let scenario = args.scenario.display().to_string();
    let report =
        Report { scenario: &scenario, program: &program, fault, goal: &goal, hunts: &hunts };
    let picture = |picture| match report.layout() {
        Some(layout) => layout.render(picture, width()),
        None => String::new(),
    };
    show(&match args.format {
        Format::Text => report.render(width()),
        Format::Json => format!("{:#}\n", report.json()),
        Format::Svg => picture(Picture::Svg),
        Format::Mermaid => picture(Picture::Mermaid),
        Format::Html => picture(Picture::Html),
    })?;
    Ok(match report.best() {
        Some(_) => Exit::Met,
        None if stop.is_interrupted() => Exit::Interrupted,
        None if hunts.iter().all(|(_, hunt)| is_proven_impossible(hunt)) => Exit::Violated,
        None => Exit::Inconclusive,
    })
}

fn goal(args: &Witness, program: &Program) -> Result<Goal, String> {
    if let Some(id) = &args.clause {
        return match Violated::find(&id.to_uppercase()) {
            Some(Violated::Clause(clause)) => Ok(Goal::Clause(clause)),
            _ => Err(format!("`{}` is no clause; they are {}", printable(id), clauses::ids())),
        };
    }
    let wanted = |text: &String| {
        let wanted = |text: &str| Wanted::parse(program, text);
        wanted(text).map_err(|why| {
            let parts: Vec<&str> = text.split_whitespace().collect();
            match parts.len() > 1 && parts.iter().all(|part| wanted(part).is_ok()) {
                true => format!("one code at a time: --code {}", parts.join(" --and ")),
                false => why.to_string(),
            }
        })
    };
    let codes = args.code.iter().map(wanted).collect::<Result<_, _>>()?;
    let stuck = args.stuck.iter().map(|name| goal::actor(program, name));
    Ok(Goal::Ends { codes, stuck: stuck.collect::<Result<_, _>>()? })
}
