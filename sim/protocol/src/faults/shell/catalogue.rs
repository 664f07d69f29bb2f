//! All faults of the shell, with how each one shows and the weakest engine that must catch it.

use super::{Bug, ShellFault};
use crate::exploration::Engine;
use crate::history::EndKind;

const fn fault(
    bug: Bug,
    name: &'static str,
    caught_by: Engine,
    shows: EndKind,
    summary: &'static str,
) -> ShellFault {
    ShellFault { name, summary, caught_by, shows, bug }
}

/// The same code without a mistake, to show that it is the mistakes that are caught.
pub static SOUND: ShellFault =
    fault(Bug::None, "sound", Engine::Exhaustive, EndKind::Foreign, "nothing is wrong");

/// Every fault of the shell, in the order of `calloff faults`.
pub static SHELL_FAULTS: [ShellFault; 22] = [
    fault(
        Bug::ReplyNotNotified,
        "reply-not-notified",
        Engine::Exhaustive,
        EndKind::Stuck,
        "nobody is notified of a reply",
    ),
    fault(
        Bug::ExpiryNotNotified,
        "expiry-not-notified",
        Engine::Exhaustive,
        EndKind::Stuck,
        "nobody is notified when the canceller's window expires",
    ),
    fault(
        Bug::ZeroWindowNotNotified,
        "zero-window-not-notified",
        Engine::Exhaustive,
        EndKind::Stuck,
        "nobody is notified of an accepted cancel with 0 seconds",
    ),
    fault(
        Bug::IssueNotNotified,
        "issue-not-notified",
        Engine::Exhaustive,
        EndKind::Stuck,
        "nobody is notified of a new call, so its dispatch keeps waiting",
    ),
    fault(
        Bug::RequestNotNotified,
        "request-not-notified",
        Engine::Exhaustive,
        EndKind::Stuck,
        "a waiting caller is not notified that its wait now has a deadline; only the clock is",
    ),
    fault(
        Bug::NotifiedBeforeTheChange,
        "notified-before-the-change",
        Engine::Exhaustive,
        EndKind::Stuck,
        "everyone is notified before the state changes, in another critical section",
    ),
    fault(
        Bug::NotifyOne,
        "notify-one",
        Engine::Exhaustive,
        EndKind::Stuck,
        "one waiter is notified, but the change concerns another one",
    ),
    fault(
        Bug::CountsOnTheOldest,
        "counts-on-the-oldest",
        Engine::Exhaustive,
        EndKind::Stuck,
        "waiters are notified one at a time, as if the longest-waiting one always woke first",
    ),
    fault(
        Bug::UnlockedBeforeTheWait,
        "unlocked-before-the-wait",
        Engine::Exhaustive,
        EndKind::Stuck,
        "the lock is released between the check and the wait",
    ),
    fault(
        Bug::CancelDecidesThenActs,
        "cancel-decides-then-acts",
        Engine::Exhaustive,
        EndKind::Foreign,
        "a cancel checks in one critical section and acts in another",
    ),
    fault(
        Bug::AwaitDecidesThenSettles,
        "await-decides-then-settles",
        Engine::Exhaustive,
        EndKind::Foreign,
        "the caller reads its result in one critical section and settles in another",
    ),
    fault(
        Bug::ReplyOverwrites,
        "reply-overwrites",
        Engine::Exhaustive,
        EndKind::Foreign,
        "a reply writes back a copy of the state that it took earlier",
    ),
    fault(
        Bug::LooksUpTwice,
        "looks-up-twice",
        Engine::Exhaustive,
        EndKind::Missing,
        "a cancel of a thread looks for the innermost call a second time",
    ),
    fault(
        Bug::StaleCompletionFlag,
        "stale-completion-flag",
        Engine::Exhaustive,
        EndKind::Foreign,
        "a cancel acts on a flag that it read before it took the lock",
    ),
    fault(
        Bug::ResultReadUnlocked,
        "result-read-unlocked",
        Engine::Loom,
        EndKind::Foreign,
        "a caller that finds its call complete reads the result without the lock, with relaxed \
         loads",
    ),
    fault(
        Bug::NoSecondLook,
        "no-second-look",
        Engine::Exhaustive,
        EndKind::Foreign,
        "a woken caller returns without checking its condition again",
    ),
    fault(
        Bug::TrustsItsNotification,
        "trusts-its-notification",
        Engine::Exhaustive,
        EndKind::Foreign,
        "a caller takes every wake-up for the end of its call, also a spurious one",
    ),
    fault(
        Bug::WindowRestarts,
        "window-restarts",
        Engine::Exhaustive,
        EndKind::Foreign,
        "every wake-up starts the canceller's window again",
    ),
    fault(
        Bug::DeadlineWraps,
        "deadline-wraps",
        Engine::Exhaustive,
        EndKind::Foreign,
        "deadlines are computed in 32 bits, and overflow",
    ),
    fault(
        Bug::DeadlineNotWaitedFor,
        "deadline-not-waited-for",
        Engine::Exhaustive,
        EndKind::Stuck,
        "waits ignore their deadline",
    ),
    fault(
        Bug::LockHeldWhileWaiting,
        "lock-held-while-waiting",
        Engine::Exhaustive,
        EndKind::Stuck,
        "a lock that every operation takes is held during waits",
    ),
    fault(
        Bug::LocksInOppositeOrders,
        "locks-in-opposite-orders",
        Engine::Exhaustive,
        EndKind::Stuck,
        "a cancel and a reply take two locks in opposite orders",
    ),
];
