//! The flags of the suite.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Measures calloff side by side with other tools, and prints tables.
///
/// Each measurement is a process of its own, and those that are compared take turns.
#[derive(Parser, Clone, Debug)]
#[command(name = "suite")]
pub struct Args {
    /// A minute's look: smaller cases, three repetitions.
    #[arg(long)]
    pub quick: bool,
    /// Also the case 3,5 of `peers`, with 28 million states: minutes more.
    #[arg(long)]
    pub large: bool,
    /// Measure this group only; may be repeated.
    #[arg(long, value_name = "GROUP")]
    pub only: Vec<String>,
    /// How often each measurement is repeated; 5 by default.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub repetitions: Option<u32>,
    /// Stop each measurement after that many seconds of CPU time, and leave a variant out after a
    /// case that took half of it; each group has limits of its own by default.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub seconds_max: Option<u32>,
    /// Write the JSON report to this file.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Draw the plots into this folder.
    #[arg(long, value_name = "FOLDER")]
    pub svg: Option<PathBuf>,
    /// Write the tables into docs/performance.md, the plots and the JSON report next to it; with
    /// `--only` just the tables and the plots of those groups.
    #[arg(long)]
    pub bless: bool,
    /// `cargo bench` gives this flag to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
    /// What else the program does.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What the program does when it is one measurement.
#[derive(Subcommand, Clone, Debug)]
pub enum Command {
    /// Runs one measurement, and prints its numbers.
    #[command(hide = true)]
    Worker {
        /// The group.
        group: String,
        /// The variant.
        variant: String,
        /// The case.
        case: String,
        /// The seed.
        seed: u64,
    },
}

impl Args {
    /// How often each measurement is repeated.
    pub fn repetitions(&self) -> u32 {
        self.repetitions.unwrap_or(if self.quick { 3 } else { 5 })
    }

    /// Whether that group is measured.
    pub fn wants(&self, group: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|name| name == group)
    }
}
