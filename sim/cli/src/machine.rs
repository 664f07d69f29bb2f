//! The flags that select the machine: its readings, and a seeded bug.

use calloff_protocol::faults::Seeded;
use calloff_protocol::world::Fault;
use calloff_sim::exit::Exit;

use super::args::{FaultFlag, ReadingFlags};
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
