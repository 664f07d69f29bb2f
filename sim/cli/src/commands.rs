//! The subcommands and their help.

use clap::{Parser, Subcommand, ValueEnum};

use super::args::{Check, Color, Fuzz, Keep, List, Replay, Schema, Shrink};

/// Proves what COM call cancellation returns, in every interleaving.
#[derive(Parser, Debug)]
#[command(name = "calloff", version, after_help = AFTER_HELP)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// When to use colours. The variable NO_COLOR also turns them off.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN",
          display_order = 4)]
    pub color: Color,
}

const AFTER_HELP: &str = "\
Examples:
  calloff check                          verify the shipped corpus of scenarios
  calloff check my-race.toml             verify a scenario of your own
  calloff check --format json dir/       verify a folder, with a report in JSON
  calloff check my-race.toml --fault complete-on-expiry
                                         see a seeded bug caught (exit code 1)
  calloff explore cancel-meets-reply --open
                                         play the scheduler, in your browser
  calloff list                           what is in the corpus
  calloff explain S_OK                   what a code, a step or a clause means
  calloff witness my-race.toml --code canceller=S_OK
                                         the shortest schedule to a result
  calloff step my-race.toml              play the scheduler
  calloff faults                         seeded bugs, and what catches them
  calloff replay finding.json            run a counterexample again
  calloff new implementation my-cancel   begin an implementation of your own, and verify it
  calloff fuzz --cases 10000             check random scenarios
  calloff merge shards/*.jsonl           one report of what many machines did
  calloff shrink my-race.toml --fault complete-on-expiry
                                         find the smallest scenario that is violated (exit code 1)

Exit codes: 0 expectations met, 1 violated, 2 usage, 3 inconclusive, 4 bad file,
5 replay diverged, 70 internal error, 74 output not written, 130 interrupted,
143 terminated.";

/// The subcommands.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Explore every interleaving of scenarios, and check the clauses.
    Check(Check),
    /// Write a web page in which you choose who steps, and see the consequences.
    Explore(super::explore::Explore),
    /// List the scenarios of the corpus, or of files and folders.
    List(List),
    /// Print the JSON schema of scenario files.
    Schema(Schema),
    /// Run a counterexample again, on the machine and on the implementation.
    Replay(Replay),
    /// Keep a counterexample as a regression test: its scenario, and its schedule.
    Keep(Keep),
    /// Explain a code, a clause, a step, a scenario, a reading or a seeded bug, with a picture.
    Explain(super::explain::Explain),
    /// Find the shortest schedule to a given result, or prove that there is none.
    Witness(super::witness::Witness),
    /// Play the scheduler: choose who steps, and see the consequences.
    Step(super::step::Step),
    /// List the seeded bugs, run the corpus under each, and show which clauses catch it.
    Faults(super::faults::Faults),
    /// Check random scenarios, until a violation is found.
    Fuzz(Fuzz),
    /// Put the results of shards together, and report as one machine would.
    Merge(super::merge::Merge),
    /// Find the smallest scenario, and the simplest schedule, that still show a violation.
    Shrink(Shrink),
    /// Begin something of your own: an implementation to verify.
    #[command(subcommand)]
    New(super::new::New),
    /// Explore the job on standard input, for an engine that runs each case in its own process.
    #[command(hide = true)]
    Worker {
        /// The engine.
        engine: WorkerEngine,
    },
}

/// An engine that has workers.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub enum WorkerEngine {
    /// The implementation under loom.
    Loom,
}
