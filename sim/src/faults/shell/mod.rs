//! Faults of the shell: wrong implementations of the blocking monitor.
//!
//! The machine inside is right; what is wrong is how it is locked, waited for, or notified. So no
//! clause sees them on the machine, and `protocol` cannot: they are caught by running the
//! faulty code in its interleavings, and holding its ends against those of the machine.

mod catalogue;
mod catch;
mod monitor;

use std::sync::Arc;

use calloff_model::Reading;

pub use catalogue::{SHELL_FAULTS, SOUND};
pub use catch::{Catch, catches};
pub use monitor::FaultyMonitor;

use super::requested_call;
use crate::engine::follow::Follow;
use crate::engine::loom::worker::Explore;
use crate::engine::{Engine, Exploration, Limits, Stop};
use crate::program::Program;

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
    /// Runs a program against it in every interleaving.
    pub exhaustive: fn(&Arc<Program>, Reading, &Limits, &Stop) -> Exploration,
    /// Runs a program against it under loom.
    pub loom: Explore,
    /// Follows a schedule on it.
    pub follow: Follow,
    /// Runs a program against it that many times, in all, with that seed.
    pub sampled: fn(&Arc<Program>, Reading, u64, u64, &Stop) -> Exploration,
}

/// How a fault of the shell shows, held against the machine.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Shows {
    /// Somebody is stuck who cannot be.
    Stuck,
    /// An operation returns what it cannot return.
    ForeignEnd,
    /// The machine has an end that never comes.
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

/// The mistakes of [`FaultyMonitor`].
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

impl Bug {
    /// All of them, each at the position that it is numbered with.
    const ALL: [Bug; 23] = [
        Bug::None,
        Bug::ReplyNotNotified,
        Bug::ExpiryNotNotified,
        Bug::ZeroWindowNotNotified,
        Bug::IssueNotNotified,
        Bug::RequestNotNotified,
        Bug::NotifiedBeforeTheChange,
        Bug::NotifyOne,
        Bug::CountsOnTheOldest,
        Bug::UnlockedBeforeTheWait,
        Bug::CancelDecidesThenActs,
        Bug::AwaitDecidesThenSettles,
        Bug::ReplyOverwrites,
        Bug::LooksUpTwice,
        Bug::StaleCompletionFlag,
        Bug::ResultReadUnlocked,
        Bug::NoSecondLook,
        Bug::TrustsItsNotification,
        Bug::WindowRestarts,
        Bug::DeadlineWraps,
        Bug::DeadlineNotWaitedFor,
        Bug::LockHeldWhileWaiting,
        Bug::LocksInOppositeOrders,
    ];
}

/// The fault of the shell with this name.
pub fn find(name: &str) -> Option<&'static ShellFault> {
    SHELL_FAULTS.iter().find(|fault| fault.name == name)
}
