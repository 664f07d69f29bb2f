//! The command `calloff witness`: finds the shortest schedule with a certain result.

use std::path::PathBuf;

use calloff_model::Reading;
use calloff_protocol::exploration::Reductions;
use calloff_protocol::goal::Goal;
use calloff_protocol::judge::Violated;
use calloff_protocol::program::{Case, Program};
use calloff_protocol::search::Hunt;
use calloff_protocol::text::{printable, printable_json};
use calloff_protocol::{clauses, search};
use calloff_reports::lanes::Picture;
use calloff_reports::wanted;
use calloff_reports::witness::{Witness as Report, is_proven_impossible};
use calloff_sim::exit::Exit;
use clap::ValueEnum;

use super::interrupt::{stop_at_signals, unless_stopped};
use super::machine::{MachineFlags, SearchLimits};
use super::{Early, complain, show};
use crate::{load_one, width};

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
  calloff witness my-race.toml --code work=S_FALSE --never
                                         a test: it must never come

A code can be requested from any step (S_OK), an actor (canceller=S_OK), a call
(work=S_OK), a kind of step (cancel=S_OK), a step by its number in the actor's
list (caller:2=S_OK), or an actor's steps of a kind (caller:enable=S_OK).

Exit codes: 0 found, 1 proven that there is none (with --never: 0 proven that
there is none, 1 found), 2 usage, 3 not found, but a limit was hit, 4 bad file,
70 internal error, 74 output not written, 130 interrupted, 143 terminated.")]
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
    /// Expect that there is none: the exit code is 0 if that is proven, 1 if one is found, and 3 if
    /// a limit was hit before either.
    #[arg(long)]
    pub never: bool,
    #[command(flatten)]
    pub(super) machine: MachineFlags,
    #[command(flatten)]
    pub(super) limits: SearchLimits,
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

pub(super) fn run(args: &Witness) -> Result<Exit, Early> {
    let source = load_one(&args.scenario)?;
    if args.code.is_empty() && args.stuck.is_empty() && args.clause.is_none() {
        complain("error: nothing to look for: say --code, --stuck or --clause (see --help)");
        return Ok(Exit::Usage);
    }
    let case = Case::new(&source.scenario, Reading::default());
    let program = &*case.program;
    let goal = goal(args, program).map_err(|why| {
        complain(&format!("error: {why}"));
        Exit::Usage
    })?;
    let fault = args.machine.fault()?;
    let readings = args.machine.readings.axes().readings(&source.scenario.expect.readings);
    let (limits, stop) = (args.limits.limits(), args.limits.stop());
    stop_at_signals(&stop);
    let hunt = |reading: Reading| {
        (reading, search::seek(&case.under(reading), fault, &goal, &limits, &stop))
    };
    let hunts: Vec<(Reading, Hunt)> = readings.into_iter().map(hunt).collect();
    let scenario = args.scenario.display().to_string();
    let is_impossible = hunts.iter().all(|(_, hunt)| is_proven_impossible(hunt));
    let explore = |reading: Reading| {
        (reading, search::prove(&case.under(reading), fault, &limits, Reductions::default(), &stop))
    };
    let ends: Vec<_> = Reading::ALL.into_iter().filter(|_| is_impossible).map(explore).collect();
    let report = Report {
        scenario: &scenario,
        program,
        fault,
        goal: &goal,
        is_wanted: !args.never,
        hunts: &hunts,
        ends: &ends,
    };
    let picture = |picture| match report.layout() {
        Some(layout) => layout.render(picture, width()),
        None => String::new(),
    };
    show(&match args.format {
        Format::Text => report.render(width()),
        Format::Json => printable_json(&format!("{:#}\n", report.json())),
        Format::Svg => picture(Picture::Svg),
        Format::Mermaid => picture(Picture::Mermaid),
        Format::Html => picture(Picture::Html),
    })?;
    Ok(match report.best() {
        Some(_) if args.never => Exit::Violated,
        Some(_) => Exit::Met,
        None if is_impossible && args.never => Exit::Met,
        None if is_impossible => Exit::Violated,
        None => unless_stopped(&stop, Exit::Inconclusive),
    })
}

fn goal(args: &Witness, program: &Program) -> Result<Goal, String> {
    if let Some(id) = &args.clause {
        return match Violated::find(&id.to_uppercase()).or_else(|| Violated::find(id)) {
            Some(Violated::Clause(clause)) => Ok(Goal::Clause(clause)),
            _ => Err(format!("`{}` is no clause; they are {}", printable(id), clauses::ids())),
        };
    }
    let wanted = |text: &String| {
        let wanted = |text: &str| wanted::parse(program, text);
        wanted(text).map_err(|why| {
            let parts: Vec<&str> = text.split_whitespace().collect();
            match parts.len() > 1 && parts.iter().all(|part| wanted(part).is_ok()) {
                true => format!("one code at a time: --code {}", parts.join(" --and ")),
                false => why.to_string(),
            }
        })
    };
    let codes = args.code.iter().map(wanted).collect::<Result<_, _>>()?;
    let stuck = args.stuck.iter().map(|name| {
        let actor = wanted::actor(program, name)?;
        match program.lanes[actor.0 as usize].is_daemon {
            true => Err(format!("`{}` is a daemon, which need not finish", printable(name))),
            false => Ok(actor),
        }
    });
    Ok(Goal::Ends { codes, stuck: stuck.collect::<Result<_, _>>()? })
}
