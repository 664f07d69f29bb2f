//! The flags that select the machine (its readings, and a seeded bug), and limit a search in it.

use std::time::Duration;

use calloff_protocol::exploration::{Limits, Stop};
use calloff_protocol::faults::Seeded;
use calloff_protocol::world::Fault;
use calloff_sim::exit::Exit;
use calloff_sim::time::stop_within;

use super::args::{FaultFlag, ReadingFlags, parse_seconds};
use super::complain;

/// Flags of the commands that look at the machine alone.
#[derive(clap::Args, Debug)]
pub(super) struct MachineFlags {
    #[command(flatten)]
    pub(super) readings: ReadingFlags,
    #[command(flatten)]
    fault: FaultFlag,
}

impl MachineFlags {
    /// The seeded bug. If it is not one of the machine, an error goes to standard error.
    pub(super) fn fault(&self) -> Result<Option<&'static Fault>, Exit> {
        match self.fault.fault {
            None => Ok(None),
            Some(Seeded::Machine(fault)) => Ok(Some(fault)),
            Some(Seeded::Shell(fault)) => {
                complain(&format!(
                    "error: the seeded bug {} is in the implementation, and this looks at the \
                     machine: use `calloff check --fault {}`",
                    fault.name, fault.name
                ));
                Err(Exit::Usage)
            }
        }
    }
}

/// Flags that limit a search.
#[derive(clap::Args, Debug)]
pub(super) struct SearchLimits {
    /// Give up under a reading after this number of states.
    #[arg(long, default_value_t = Limits::default().states_max, value_name = "N",
          value_parser = clap::value_parser!(u64).range(1..=u64::from(u32::MAX)))]
    states_max: u64,
    /// Give up under a reading whose states need more memory than this (MiB, estimated).
    #[arg(long, default_value_t = Limits::default().memory_max, value_name = "MIB",
          value_parser = clap::value_parser!(u64).range(1..))]
    memory_max: u64,
    /// Stop after this number of seconds; fractions are allowed [default: no limit].
    #[arg(long, value_name = "SECONDS", value_parser = parse_seconds)]
    seconds_max: Option<Duration>,
}

impl SearchLimits {
    /// The limits on what is stored.
    pub(super) fn limits(&self) -> Limits {
        let (states_max, memory_max) = (self.states_max, self.memory_max);
        Limits { states_max, memory_max, ..Limits::default() }
    }

    /// What stops the search in time.
    pub(super) fn stop(&self) -> Stop {
        self.seconds_max.map_or_else(Stop::default, stop_within)
    }
}
