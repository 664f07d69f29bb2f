//! Faults of the shell: wrong implementations of the blocking monitor.
//!
//! The machine inside is right; the mistake is in how it is locked, waited for, or notified. So the
//! clauses and `protocol`, which explore only the machine, cannot see these faults. They are caught
//! by running the faulty code in its interleavings and comparing its ends with those of the
//! machine.

mod catalogue;
mod catch;
mod monitor;

pub use catalogue::{SHELL_FAULTS, SOUND};
pub use catch::{Catch, catches};
pub(super) use catch::{by_size, under_loom};
pub(super) use monitor::make;

use super::requested_call;
use crate::engine::Engine;

/// A wrong implementation of the blocking monitor.
pub struct ShellFault {
    /// Its name, as `--fault` takes it.
    pub name: &'static str,
    /// What it does wrong, in one sentence.
    pub summary: &'static str,
    /// The weakest engine that must catch it on the shipped corpus.
    pub caught_by: Engine,
    /// How it shows.
    pub shows: Shows,
    pub(super) bug: Bug,
}

/// How a fault of the shell shows, compared with the machine.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Shows {
    /// An actor is stuck that cannot be stuck on the machine.
    Stuck,
    /// An operation returns a code that it cannot return on the machine.
    ForeignEnd,
    /// An end of the machine is absent.
    MissingEnd,
}

impl Shows {
    /// The name in the table of faults.
    pub fn name(self) -> &'static str {
        match self {
            Shows::Stuck => "stuck",
            Shows::ForeignEnd => "foreign end",
            Shows::MissingEnd => "missing end",
        }
    }
}

/// The mistakes of the monitor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Bug {
    None,
    ReplyNotNotified,
    ExpiryNotNotified,
    ZeroWindowNotNotified,
    IssueNotNotified,
    RequestNotNotified,
    NotifiedBeforeTheChange,
    NotifyOne,
    CountsOnTheOldest,
    UnlockedBeforeTheWait,
    CancelDecidesThenActs,
    AwaitDecidesThenSettles,
    ReplyOverwrites,
    LooksUpTwice,
    StaleCompletionFlag,
    ResultReadUnlocked,
    NoSecondLook,
    TrustsItsNotification,
    WindowRestarts,
    DeadlineWraps,
    DeadlineNotWaitedFor,
    LockHeldWhileWaiting,
    LocksInOppositeOrders,
}

/// The fault of the shell with this name.
pub fn find(name: &str) -> Option<&'static ShellFault> {
    SHELL_FAULTS.iter().find(|fault| fault.name == name)
}
