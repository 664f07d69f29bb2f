//! Faults of the shell: wrong implementations of the blocking monitor.
//!
//! The machine inside is right; the mistake is in how it is locked, waited for, or notified. So the
//! clauses and `protocol`, which explore only the machine, cannot see these faults. They are caught
//! by running the faulty code in its interleavings and comparing its ends with those of the
//! machine.

mod catalogue;

pub use catalogue::{SHELL_FAULTS, SOUND};

use crate::exploration::Engine;
use crate::history::EndKind;

/// A wrong implementation of the blocking monitor.
pub struct ShellFault {
    /// Its name, as `--fault` takes it.
    pub name: &'static str,
    /// What it does wrong, in one sentence.
    pub summary: &'static str,
    /// The weakest engine that must catch it on the shipped corpus.
    pub caught_by: Engine,
    /// How it shows.
    pub shows: EndKind,
    /// The mistake.
    pub bug: Bug,
}

/// The mistakes of the monitor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)] // the catalogue describes each of them
pub enum Bug {
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
