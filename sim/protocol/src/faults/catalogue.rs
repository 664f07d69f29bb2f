//! All faults of the machine, with the clause that must catch each.

use super::{clients, objects, replies, requests, threads};
use crate::world::{Fault, FaultyPoll};

const fn fault(
    name: &'static str,
    caught_by: &'static str,
    poll: FaultyPoll,
    summary: &'static str,
) -> Fault {
    Fault { name, summary, caught_by, of_clients: false, poll, passes_on: |code| code }
}

/// The same, in something that only client programs have.
const fn of_clients(
    name: &'static str,
    caught_by: &'static str,
    poll: FaultyPoll,
    summary: &'static str,
) -> Fault {
    Fault { of_clients: true, ..fault(name, caught_by, poll, summary) }
}

/// Every fault of the machine, in the order of `calloff faults`.
pub static FAULTS: [Fault; 43] = [
    fault(
        "accepted-with-nothing-pending",
        "K1",
        objects::accepted_with_nothing_pending,
        "a cancel of a thread without a pending call reports success",
    ),
    fault(
        "accepted-means-canceled",
        "K2",
        replies::accepted_means_canceled,
        "once a cancel was accepted, the server's reply is thrown away",
    ),
    fault(
        "already-canceled-at-once",
        "K3",
        requests::already_canceled_at_once,
        "the first cancel of a call returns that the call was already canceled",
    ),
    fault(
        "disabled-looked-up-late",
        "K4",
        requests::disabled_looked_up_late,
        "a call issued with cancellation enabled is refused after a disable",
    ),
    fault(
        "disabled-still-cancels",
        "K5",
        requests::disabled_still_cancels,
        "a cancel refused as disabled still releases the caller",
    ),
    fault(
        "disabled-ignored",
        "K23",
        requests::disabled_ignored,
        "calls can be canceled on a thread that never enabled cancellation",
    ),
    fault(
        "complete-on-expiry",
        "K6",
        requests::complete_on_expiry,
        "the end of the window is reported as completion",
    ),
    fault(
        "complete-before-reply",
        "K6",
        requests::complete_before_reply,
        "a call whose server is still running is reported as complete",
    ),
    fault(
        "reply-loses-to-expiry",
        "K6",
        replies::reply_loses_to_expiry,
        "a call returns canceled although its reply has arrived",
    ),
    fault(
        "whole-stack-canceled",
        "K7",
        requests::whole_stack_canceled,
        "one cancel releases every pending call of the thread",
    ),
    fault(
        "stale-handle-hits-next-call",
        "K7",
        objects::stale_handle_hits_next_call,
        "a handle on a settled call cancels the call that came after it",
    ),
    fault(
        "result-flattened",
        "K8",
        replies::result_flattened,
        "every completed call returns S_OK, whatever its server replied",
    ),
    fault(
        "late-reply-to-next-call",
        "K9",
        replies::late_reply_to_next_call,
        "the late reply of a canceled call is delivered to the next one",
    ),
    fault(
        "late-reply-delivered",
        "K10",
        replies::late_reply_delivered,
        "a late reply turns a canceled call into a completed one",
    ),
    fault(
        "second-cancel-accepted",
        "K11",
        requests::second_cancel_accepted,
        "a cancel of a call that was already canceled is accepted again",
    ),
    fault("zero-window-waits", "K12", requests::zero_window_waits, "Cancel(0) waits for a second"),
    fault(
        "window-ignored",
        "K13",
        requests::window_ignored,
        "Cancel(n) gives the server no time at all",
    ),
    fault(
        "infinite-as-seconds",
        "K14",
        requests::infinite_as_seconds,
        "an infinite window is taken as 4294967295 seconds",
    ),
    fault(
        "infinite-returns-at-once",
        "K14",
        requests::infinite_returns_at_once,
        "Cancel with an infinite window does not wait for the reply",
    ),
    fault(
        "test-cancel-forgets",
        "K15",
        replies::test_cancel_forgets,
        "TestCancel returns \"pending\" again after the window",
    ),
    fault(
        "outer-call-hit",
        "K16",
        objects::outer_call_hit,
        "a cancel of a thread reaches its outermost pending call",
    ),
    fault(
        "settled-call-found",
        "K16",
        objects::settled_call_found,
        "a cancel still finds a thread's last settled call",
    ),
    fault(
        "cancel-remembered",
        "K17",
        objects::cancel_remembered,
        "a cancel with nothing pending hits the next call that is issued",
    ),
    fault(
        "no-object-while-disabled",
        "K17",
        objects::no_object_while_disabled,
        "a thread with a call pending has no cancel object while it is disabled",
    ),
    fault(
        "depth-not-counted",
        "K18",
        threads::depth_not_counted,
        "enabling twice has the effect of enabling once",
    ),
    fault(
        "disable-below-zero",
        "K18",
        threads::disable_below_zero,
        "disable reports success on a thread at depth 0",
    ),
    fault(
        "expiry-forgotten",
        "K19",
        requests::expiry_forgotten,
        "the end of the window does not release the caller",
    ),
    fault(
        "expired-call-entered",
        "K21",
        replies::expired_call_entered,
        "the method of a call whose request expired before dispatch is entered",
    ),
    of_clients(
        "own-object-preferred",
        "K24",
        clients::own_object_preferred,
        "a cancel by thread finds a call's own object below a custom one",
    ),
    of_clients(
        "bottom-object-found",
        "K24",
        clients::bottom_object_found,
        "a cancel by thread finds the custom object that was set first",
    ),
    of_clients(
        "bottom-object-unset",
        "K25",
        clients::bottom_object_unset,
        "CoSetCancelObject takes the custom object away that was set first",
    ),
    of_clients(
        "refused-object-set",
        "K25",
        clients::refused_object_set,
        "an object without ICancelMethodCalls is refused, and set nevertheless",
    ),
    of_clients(
        "unset-of-nothing-succeeds",
        "K26",
        clients::unset_of_nothing_succeeds,
        "taking a custom object away succeeds although none is set",
    ),
    Fault {
        passes_on: clients::flattened,
        ..of_clients(
            "custom-code-flattened",
            "K27",
            clients::no_mistake,
            "every failure that a custom object returns is passed on as E_FAIL",
        )
    },
    of_clients(
        "custom-cancel-hits-the-call",
        "K7",
        clients::custom_cancel_hits_the_call,
        "a cancel that finds a custom object cancels the innermost call, too",
    ),
    of_clients(
        "filter-ignores-the-reply",
        "K28",
        clients::filter_ignores_the_reply,
        "a message filter gives a wait up although the reply has arrived",
    ),
    of_clients(
        "filter-settles-nothing",
        "K1",
        clients::filter_settles_nothing,
        "a call that a message filter has given up stays pending",
    ),
    of_clients(
        "outer-canceled-instead",
        "K29",
        clients::outer_canceled_instead,
        "a cancel of a handler's call reaches the call that is waited for",
    ),
    of_clients(
        "inner-canceled-instead",
        "K29",
        clients::inner_canceled_instead,
        "a cancel of the call that is waited for reaches a handler's call",
    ),
    of_clients(
        "newest-instance-entered",
        "K30",
        clients::newest_instance_entered,
        "a dispatch enters the instance that was issued last",
    ),
    of_clients(
        "oldest-instance-awaited",
        "K30",
        clients::oldest_instance_awaited,
        "a wait is for the instance that was issued first",
    ),
    of_clients(
        "reply-to-the-next-instance",
        "K9",
        clients::reply_to_the_next_instance,
        "a reply is delivered to the next instance of its call",
    ),
    of_clients(
        "object-moves-on",
        "K30",
        clients::object_moves_to_the_next_instance,
        "the object of an instance that is over moves on to the next one",
    ),
];
