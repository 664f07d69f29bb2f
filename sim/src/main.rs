//! The `calloff` command.

use std::process::ExitCode;

use calloff_sim::cli::{self, Args};
use clap::Parser;

fn main() -> ExitCode {
    cli::run(&Args::parse()).into()
}
