//! All faults of the shell, with how each shows and the weakest engine that must catch it.

use super::{Bug, FaultyMonitor, ShellFault, Shows};
use crate::engine::follow::follow;
use crate::engine::{Engine, exhaustive, loom, sampled};
use crate::runtime::loom::LoomRuntime;
use crate::runtime::shuttle::ShuttleRuntime;

const fn fault<const BUG: usize>(
    name: &'static str,
    caught_by: Engine,
    shows: Shows,
    summary: &'static str,
) -> ShellFault {
    ShellFault {
        name,
        summary,
        caught_by,
        shows,
        exhaustive: exhaustive::explore::<FaultyMonitor<ShuttleRuntime, BUG>>,
        loom: loom::explore::<FaultyMonitor<LoomRuntime, BUG>>,
        follow: follow::<FaultyMonitor<ShuttleRuntime, BUG>>,
        sampled: sampled::explore::<FaultyMonitor<ShuttleRuntime, BUG>>,
    }
}

/// The same code without a mistake, to show that it is the mistakes that are caught.
pub static SOUND: ShellFault = fault::<{ Bug::None as usize }>(
    "sound",
    Engine::Exhaustive,
    Shows::ForeignEnd,
    "nothing is wrong",
);

/// Every fault of the shell, in the order of `calloff faults`.
pub static SHELL_FAULTS: [ShellFault; 22] = [
    fault::<{ Bug::ReplyNotNotified as usize }>(
        "reply-not-notified",
        Engine::Exhaustive,
        Shows::Stuck,
        "nobody is notified of a reply",
    ),
    fault::<{ Bug::ExpiryNotNotified as usize }>(
        "expiry-not-notified",
        Engine::Exhaustive,
        Shows::Stuck,
        "nobody is notified when the canceller's window expires",
    ),
    fault::<{ Bug::ZeroWindowNotNotified as usize }>(
        "zero-window-not-notified",
        Engine::Exhaustive,
        Shows::Stuck,
        "nobody is notified of an accepted cancel with 0 seconds",
    ),
    fault::<{ Bug::IssueNotNotified as usize }>(
        "issue-not-notified",
        Engine::Exhaustive,
        Shows::Stuck,
        "nobody is notified of a call, so that its dispatch waits on",
    ),
    fault::<{ Bug::RequestNotNotified as usize }>(
        "request-not-notified",
        Engine::Exhaustive,
        Shows::Stuck,
        "a waiting caller is not told that its wait has a deadline now",
    ),
    fault::<{ Bug::NotifiedBeforeTheChange as usize }>(
        "notified-before-the-change",
        Engine::Exhaustive,
        Shows::Stuck,
        "everyone is notified before the state changes, in another critical section",
    ),
    fault::<{ Bug::NotifyOne as usize }>(
        "notify-one",
        Engine::Exhaustive,
        Shows::Stuck,
        "one waiter is notified of a change that is for another",
    ),
    fault::<{ Bug::CountsOnTheOldest as usize }>(
        "counts-on-the-oldest",
        Engine::Exhaustive,
        Shows::Stuck,
        "those who wait are notified one by one up to the one concerned, as if in their order",
    ),
    fault::<{ Bug::UnlockedBeforeTheWait as usize }>(
        "unlocked-before-the-wait",
        Engine::Exhaustive,
        Shows::Stuck,
        "the lock is given up between the check and the wait",
    ),
    fault::<{ Bug::CancelDecidesThenActs as usize }>(
        "cancel-decides-then-acts",
        Engine::Exhaustive,
        Shows::ForeignEnd,
        "a cancel checks in one critical section and acts in another",
    ),
    fault::<{ Bug::AwaitDecidesThenSettles as usize }>(
        "await-decides-then-settles",
        Engine::Exhaustive,
        Shows::ForeignEnd,
        "the caller reads its result in one critical section and settles in another",
    ),
    fault::<{ Bug::ReplyOverwrites as usize }>(
        "reply-overwrites",
        Engine::Exhaustive,
        Shows::ForeignEnd,
        "a reply writes back a copy of the state that it took earlier",
    ),
    fault::<{ Bug::LooksUpTwice as usize }>(
        "looks-up-twice",
        Engine::Exhaustive,
        Shows::MissingEnd,
        "a cancel of a thread looks for the innermost call a second time",
    ),
    fault::<{ Bug::StaleCompletionFlag as usize }>(
        "stale-completion-flag",
        Engine::Exhaustive,
        Shows::ForeignEnd,
        "a cancel acts on a flag that it read before it took the lock",
    ),
    fault::<{ Bug::ResultReadUnlocked as usize }>(
        "result-read-unlocked",
        Engine::Loom,
        Shows::ForeignEnd,
        "a caller that finds its call complete reads the result without the lock, with relaxed \
         loads",
    ),
    fault::<{ Bug::NoSecondLook as usize }>(
        "no-second-look",
        Engine::Exhaustive,
        Shows::ForeignEnd,
        "a woken caller returns without looking again",
    ),
    fault::<{ Bug::TrustsItsNotification as usize }>(
        "trusts-its-notification",
        Engine::Exhaustive,
        Shows::ForeignEnd,
        "a caller who is notified of nothing but its return takes any wake-up for it",
    ),
    fault::<{ Bug::WindowRestarts as usize }>(
        "window-restarts",
        Engine::Exhaustive,
        Shows::ForeignEnd,
        "every wake-up starts the canceller's window again",
    ),
    fault::<{ Bug::DeadlineWraps as usize }>(
        "deadline-wraps",
        Engine::Exhaustive,
        Shows::ForeignEnd,
        "deadlines are computed in 32 bits",
    ),
    fault::<{ Bug::DeadlineNotWaitedFor as usize }>(
        "deadline-not-waited-for",
        Engine::Exhaustive,
        Shows::Stuck,
        "a wait is never told its deadline",
    ),
    fault::<{ Bug::LockHeldWhileWaiting as usize }>(
        "lock-held-while-waiting",
        Engine::Exhaustive,
        Shows::Stuck,
        "a lock that every operation takes is held during waits",
    ),
    fault::<{ Bug::LocksInOppositeOrders as usize }>(
        "locks-in-opposite-orders",
        Engine::Exhaustive,
        Shows::Stuck,
        "a cancel and a reply take two locks in opposite orders",
    ),
];
