//! The `calloff` command.

use std::panic::catch_unwind;
use std::process::ExitCode;

use calloff::{Args, run, say};
use calloff_sim::exit::Exit;
use clap::Parser;

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(said) => return say(&said).into(),
    };
    // A panic is a bug of ours, and has been described on standard error.
    catch_unwind(|| run(&args)).unwrap_or(Exit::Internal).into()
}
