//! `calloff witness`.

use std::io;
use std::path::PathBuf;

use calloff_model::Reading;
use clap::ValueEnum;

use super::machine::MachineFlags;
use calloff_sim::load;
use calloff_sim::exit::Exit;
use super::{check, complain, show};
use calloff_protocol::judge::Violated;
use calloff_protocol::clauses;
use calloff_protocol::search;
use calloff_protocol::search::Hunt;
use calloff_protocol::exploration::{Limits, Stop};
use calloff_protocol::goal;
use calloff_protocol::goal::{Goal, Wanted};
use calloff_protocol::program::Program;
use calloff_protocol::text::printable;
use calloff_reports::lanes::Picture;
use crate::width;
use calloff_reports::witness::{is_proven_impossible, Witness as Report};
use calloff_protocol::world::World;

/// Flags of `witness`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  calloff witness cancel-meets-reply --code canceller=S_OK --and work=S_FALSE
                                         accepted, but the call completes
  calloff witness cancel-meets-reply --code work=RPC_E_CALL_CANCELED
  calloff witness one-shot-timeout --stuck caller
  calloff witness my-race.toml --clause K6 --fault complete-on-expiry
  calloff witness my-race.toml --code caller:2=S_OK --format svg > race.svg

A code can be requested from any step (S_OK), an actor (canceller=S_OK), a call
(work=S_OK), a kind of step (cancel=S_OK), an actor's n-th step that returns a
code (canceller:2=S_OK), or an actor's steps of a kind (caller:enable=S_OK).

Exit codes: 0 found, 1 proven that there is none, 2 usage, 3 not found, but a
limit was hit, 4 bad file, 70 internal error, 130 interrupted.")]
pub struct Witness {
    /// The scenario: a file, or the name of a scenario of the corpus.
    #[arg(value_name = "FILE|NAME")]
    pub scenario: PathBuf,
    /// A code that must be returned; may be given several times.
    #[arg(long, visible_alias = "and", value_name = "[WHO=]CODE")]
    pub code: Vec<String>,
    /// An actor that must be stuck at the end; may be given several times.
    #[arg(long, value_name = "ACTOR")]
    pub stuck: Vec<String>,
    /// A clause: an "always" clause must be broken (usually with `--fault`), a "sometimes" clause
    /// must be seen.
    #[arg(long, value_name = "ID", conflicts_with_all = ["code", "stuck"])]
    pub clause: Option<String>,
    #[command(flatten)]
    pub(super) machine: MachineFlags,
    /// Give up under a reading after this number of states.
    #[arg(long, default_value_t = Limits::default().states_max, value_name = "N",
          value_parser = clap::value_parser!(u64).range(1..=u64::from(u32::MAX)))]
    pub states_max: u64,
    /// The format: text, JSON, or only a picture of the lanes.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// The format of the answer.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// The lanes as an SVG image.
    Svg,
    /// The lanes as a Mermaid sequence diagram.
    Mermaid,
    /// The lanes as an HTML table.
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
        (reading, search::find(&program, world, &goal, &limits, &stop))
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
