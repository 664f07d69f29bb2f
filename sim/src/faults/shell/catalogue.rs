//! All faults of the shell, with how each one shows and the weakest engine that must catch it.

use super::{Bug, ShellFault, Shows};
use crate::engine::Engine;

const fn fault(
    bug: Bug,
    name: &'static str,
    caught_by: Engine,
    shows: Shows,
    summary: &'static str,
) -> ShellFault {
    ShellFault { name, summary, caught_by, shows, bug }
}

/// The same code without a mistake, to show that it is the mistakes that are caught.
pub static SOUND: ShellFault =
    fault(Bug::None, "sound", Engine::Exhaustive, Shows::ForeignEnd, "nothing is wrong");

/// Every fault of the shell, in the order of `calloff faults`.
pub static SHELL_FAULTS: [ShellFault; 22] = [
    fault(
        Bug::ReplyNotNotified,
        "reply-not-notified",
        Engine::Exhaustive,
        Shows::Stuck,
        "nobody is notified of a reply",
    ),
    fault(
        Bug::ExpiryNotNotified,
        "expiry-not-notified",
        Engine::Exhaustive,
        Shows::Stuck,
        "nobody is notified when the canceller's window expires",
    ),
    fault(
        Bug::ZeroWindowNotNotified,
        "zero-window-not-notified",
        Engine::Exhaustive,
        Shows::Stuck,
        "nobody is notified of an accepted cancel with 0 seconds",
    ),
    fault(
        Bug::IssueNotNotified,
        "issue-not-notified",
        Engine::Exhaustive,
        Shows::Stuck,
        "nobody is notified of a call, so that its dispatch waits on",
    ),
    fault(
        Bug::RequestNotNotified,
        "request-not-notified",
        Engine::Exhaustive,
        Shows::Stuck,
        "a waiting caller is not told that its wait has a deadline now",
    ),
    fault(
        Bug::NotifiedBeforeTheChange,
        "notified-before-the-change",
        Engine::Exhaustive,
        Shows::Stuck,
        "everyone is notified before the state changes, in another critical section",
    ),
    fault(
        Bug::NotifyOne,
        "notify-one",
        Engine::Exhaustive,
        Shows::Stuck,
        "one waiter is notified of a change that is for another",
    ),
    fault(
        Bug::CountsOnTheOldest,
        "counts-on-the-oldest",
        Engine::Exhaustive,
        Shows::Stuck,
        "those who wait are notified one by one up to the one concerned, as if in their order",
    ),
    fault(
        Bug::UnlockedBeforeTheWait,
        "unlocked-before-the-wait",
        Engine::Exhaustive,
        Shows::Stuck,
        "the lock is given up between the check and the wait",
    ),
    fault(
        Bug::CancelDecidesThenActs,
        "cancel-decides-then-acts",
        Engine::Exhaustive,
        Shows::ForeignEnd,
        "a cancel checks in one critical section and acts in another",
    ),
    fault(
        Bug::AwaitDecidesThenSettles,
        "await-decides-then-settles",
        Engine::Exhaustive,
        Shows::ForeignEnd,
        "the caller reads its result in one critical section and settles in another",
    ),
    fault(
        Bug::ReplyOverwrites,
        "reply-overwrites",
        Engine::Exhaustive,
        Shows::ForeignEnd,
        "a reply writes back a copy of the state that it took earlier",
    ),
    fault(
        Bug::LooksUpTwice,
        "looks-up-twice",
        Engine::Exhaustive,
        Shows::MissingEnd,
        "a cancel of a thread looks for the innermost call a second time",
    ),
    fault(
        Bug::StaleCompletionFlag,
        "stale-completion-flag",
        Engine::Exhaustive,
        Shows::ForeignEnd,
        "a cancel acts on a flag that it read before it took the lock",
    ),
    fault(
        Bug::ResultReadUnlocked,
        "result-read-unlocked",
        Engine::Loom,
        Shows::ForeignEnd,
        "a caller that finds its call complete reads the result without the lock, with relaxed \
         loads",
    ),
    fault(
        Bug::NoSecondLook,
        "no-second-look",
        Engine::Exhaustive,
        Shows::ForeignEnd,
        "a woken caller returns without looking again",
    ),
    fault(
        Bug::TrustsItsNotification,
        "trusts-its-notification",
        Engine::Exhaustive,
        Shows::ForeignEnd,
        "a caller who is notified of nothing but its return takes any wake-up for it",
    ),
    fault(
        Bug::WindowRestarts,
        "window-restarts",
        Engine::Exhaustive,
        Shows::ForeignEnd,
        "every wake-up starts the canceller's window again",
    ),
    fault(
        Bug::DeadlineWraps,
        "deadline-wraps",
        Engine::Exhaustive,
        Shows::ForeignEnd,
        "deadlines are computed in 32 bits",
    ),
    fault(
        Bug::DeadlineNotWaitedFor,
        "deadline-not-waited-for",
        Engine::Exhaustive,
        Shows::Stuck,
        "a wait is never told its deadline",
    ),
    fault(
        Bug::LockHeldWhileWaiting,
        "lock-held-while-waiting",
        Engine::Exhaustive,
        Shows::Stuck,
        "a lock that every operation takes is held during waits",
    ),
    fault(
        Bug::LocksInOppositeOrders,
        "locks-in-opposite-orders",
        Engine::Exhaustive,
        Shows::Stuck,
        "a cancel and a reply take two locks in opposite orders",
    ),
];
