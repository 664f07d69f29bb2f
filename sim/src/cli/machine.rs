//! The flags that select the machine: its readings, and a seeded bug.

use calloff_model::{Cancelable, Waiter};

use super::args::{FaultName, cancelable_names, parse_fault, waiter_names};
use super::{Exit, complain};
use crate::faults::{Fault, Seeded};
use crate::plan::Axes;

/// Flags that select readings.
#[derive(clap::Args, Debug)]
pub(super) struct ReadingFlags {
    /// Readings in which this decides whether a call can be canceled, instead of those that the
    /// file names.
    #[arg(long, value_parser = cancelable_names(), value_name = "WHEN")]
    pub(super) cancelable: Option<Cancelable>,
    /// Readings in which this side waits for the window, instead of those that the file names.
    #[arg(long, value_parser = waiter_names(), value_name = "WHO")]
    pub(super) waiter: Option<Waiter>,
}

impl ReadingFlags {
    pub(super) fn axes(&self) -> Axes {
        Axes { cancelable: self.cancelable, waiter: self.waiter }
    }
}

/// Flags of the commands that look at the machine alone.
#[derive(clap::Args, Debug)]
pub(super) struct MachineFlags {
    #[command(flatten)]
    pub(super) readings: ReadingFlags,
    /// The machine with this seeded bug (see `calloff faults`).
    #[arg(long, value_name = "NAME", value_parser = parse_fault)]
    pub(super) fault: Option<FaultName>,
}

impl MachineFlags {
    /// The seeded bug. If it is not one of the machine, an error goes to standard error.
    pub(super) fn fault(&self) -> Result<Option<&'static Fault>, Exit> {
        match self.fault.as_ref().map(|name| name.0) {
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
