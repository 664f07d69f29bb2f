//! The zoo of this implementation: what can be planted in it, one thing at a time.

/// Declares what can be planted: each with its name and one sentence.
macro_rules! plants {
    (
        wrong { $($bug:ident $name:literal $sentence:literal)* }
        right { $($kin:ident $kin_name:literal $kin_sentence:literal)* }
    ) => {
        /// One thing that is otherwise.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub(crate) enum Bug {
            $(#[doc = $sentence] $bug,)*
            $(#[doc = $kin_sentence] $kin,)*
        }

        /// Every bug, in the order of the documentation.
        pub(crate) const BUGS: &[Bug] = &[$(Bug::$bug,)*];

        /// What looks like a bug, and is none: the ends are the same.
        pub(crate) const RIGHT: &[Bug] = &[$(Bug::$kin,)*];

        impl Bug {
            /// Its name on the command line.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Bug::$bug => $name,)* $(Bug::$kin => $kin_name,)* }
            }

            /// What the code does.
            pub(crate) fn sentence(self) -> &'static str {
                match self { $(Bug::$bug => $sentence,)* $(Bug::$kin => $kin_sentence,)* }
            }
        }
    };
}

plants! {
  wrong {
    // Who is told, and when.
    ReplyTellsNobody "reply-tells-nobody" "A reply wakes nobody."
    ReplyTellsOne "reply-tells-one"
        "A reply wakes one waiter, though a caller and a canceller may wait."
    ReplyTellsBefore "reply-tells-before" "A reply wakes the waiters before it is there."
    ReplyTellsTheInnermost "reply-tells-the-innermost"
        "A reply wakes those who wait for the innermost call."
    IssueTellsNobody "issue-tells-nobody" "An issued call wakes no server that waits for it."
    ZeroTellsNobody "zero-tells-nobody" "A request of zero seconds does not wake the caller."
    ExpiryTellsNobody "expiry-tells-nobody"
        "A canceller whose window ends does not wake the caller."
    OpeningTellsNobody "opening-tells-nobody"
        "A caller that waits without a deadline is not told of its new one."
    AwaitLooksAway "await-looks-away"
        "The caller looks, releases the lock, and then waits without another look."
    DispatchLooksAway "dispatch-looks-away"
        "The server looks, releases the lock, and then waits without another look."
    AwaitTrustsWaking "await-trusts-waking" "A caller that is woken takes its call for canceled."
    CancellerTrustsWaking "canceller-trusts-waking"
        "A canceller that is woken takes the call for complete."
    CancellerWaitsForEver "canceller-waits-for-ever"
        "A canceller waits for the reply alone, without its deadline."
    AwaitForgetsDeadline "await-forgets-deadline"
        "A caller waits without the deadline of its request."
    // The alarm, and locks.
    AlarmNotSet "alarm-not-set" "Nobody announces when a request expires by itself."
    AlarmNotWithdrawn "alarm-not-withdrawn"
        "A settled call still announces when its request expires."
    AlarmGoesWithReply "alarm-goes-with-reply"
        "A reply withdraws the alarm, before the call is settled."
    LocksInOppositeOrders "locks-in-opposite-orders"
        "A request takes the lock of the call first, everyone else that of the thread."
    RequestDecidesThenActs "request-decides-then-acts"
        "A request decides in one critical section and acts in the next."
    AwaitDecidesThenSettles "await-decides-then-settles"
        "The caller decides in one critical section and settles in the next."
    DepthReadTooEarly "depth-read-too-early"
        "A request reads the enable depth before it takes the lock of the call, and lets it go."
    CancelableNotedLate "cancelable-noted-late"
        "A call is found a moment before it is noted that it can be canceled."
    LeavesBeforeItSettles "leaves-before-it-settles"
        "A call leaves the stack a moment before it is settled."
    SettlesBeforeItLeaves "settles-before-it-leaves"
        "A call is settled a moment before it leaves the stack."
    // The stack.
    CanceledStays "canceled-stays" "A canceled call stays on the stack."
    CompletedStays "completed-stays" "A completed call stays on the stack."
    InnermostLeaves "innermost-leaves" "The innermost call leaves the stack, whichever is settled."
    FindsTheOutermost "finds-the-outermost" "A cancel object is of the outermost pending call."
    FallsToTheOuterCall "falls-to-the-outer-call"
        "A cancel by thread whose call is complete goes on to the call below it."
    RequestedIsPassedOver "requested-is-passed-over"
        "No cancel object is given of a call on which there is a request."
    RepliedIsPassedOver "replied-is-passed-over"
        "No cancel object is given of a call that was replied to."
    ThirdNestedIsLost "third-nested-is-lost"
        "A stack has room for two calls; a third one is not found."
    // The order of facts, and the readings.
    DisabledBeforeComplete "disabled-before-complete"
        "A request looks first whether the call can be canceled."
    DisabledBeforeCanceled "disabled-before-canceled"
        "A second request looks whether the call can be canceled."
    CanceledBeforeComplete "canceled-before-complete"
        "A second request on a complete call answers that it was canceled."
    DisabledBeforeNothing "disabled-before-nothing"
        "A thread that is disabled and idle says that it is disabled."
    ObjectWhileDisabled "object-while-disabled"
        "At-request, a disabled thread gives its objects away."
    NoObjectAtIssue "no-object-at-issue" "At-issue, a disabled thread gives no object."
    DepthOfNow "depth-of-now" "At-issue, the depth of now decides."
    DepthOfTheIssue "depth-of-the-issue" "At-request, the depth at the issue decides."
    // The depth.
    EnableSetsOne "enable-sets-one" "An enable sets the depth to one."
    DisableClears "disable-clears" "A disable sets the depth to zero."
    DisableOwes "disable-owes" "A disable that fails takes the effect of the next enable."
    DisableUnderflows "disable-underflows"
        "A disable that fails goes below zero, to the largest depth."
    DepthIsAByte "depth-is-a-byte" "A depth is counted in eight bits."
    DepthIsAWord "depth-is-a-word" "A depth is counted in thirty-two bits."
    OnlyOneEnables "only-one-enables" "A call can be canceled at a depth of exactly one."
    ToggleReachesBack "toggle-reaches-back" "At-issue, a toggle changes the calls that are pending."
    CanceledUsesUp "canceled-uses-up" "A canceled call takes one enable with it."
    DepthOfTheFirst "depth-of-the-first" "All threads have one depth."
    // Requests.
    SecondAfterExpiry "second-after-expiry"
        "A second request is accepted once the first one has expired."
    SecondExtends "second-extends" "A second request moves the end of the window."
    ZeroOverrules "zero-overrules"
        "A second request of zero seconds ends the window of the first one."
    SecondWaitsToo "second-waits-too" "A second request returns only when the call is over."
    FourthIsAccepted "fourth-is-accepted"
        "The requests on a call are counted modulo three: the fourth one is the first again."
    RefusedIsRemembered "refused-is-remembered"
        "A test says canceled after a request that was refused as disabled."
    IdleIsRemembered "idle-is-remembered" "A cancel with nothing pending is kept for the next call."
    ZeroOpensAWindow "zero-opens-a-window"
        "A request of zero seconds opens a window, and expires a moment later."
    InfiniteIsANumber "infinite-is-a-number" "An infinite window ends after 4294967295 seconds."
    LongIsNegative "long-is-negative"
        "A window of 2147483648 seconds or more has ended before it begins."
    LongIsCut "long-is-cut" "A window of 2147483648 seconds or more is cut to 2147483647."
    DeadlineWraps "deadline-wraps" "A deadline is a number of thirty-two bits, and wraps."
    WindowRestarts "window-restarts" "A canceller that is woken waits for the whole window again."
    WindowIsShort "window-is-short" "A window ends one second early."
    CompletionSaysAccepted "completion-says-accepted"
        "A reply in the window answers S_OK to the canceller."
    ExpirySaysCanceled "expiry-says-canceled"
        "The end of the window answers to the canceller that the call was canceled."
    ExpiryIsSeenFirst "expiry-is-seen-first"
        "A canceller looks at its deadline before it looks for a reply."
    WindowIsIgnored "window-is-ignored" "The request expires at once; only the canceller waits."
    // Cancel objects, and what becomes of a call.
    StaleReachesTheNext "stale-reaches-the-next"
        "An object of a settled call cancels the innermost call instead."
    StaleTestsTheNext "stale-tests-the-next"
        "A test on an object of a settled call is about the innermost call."
    ObjectsShareASlot "objects-share-a-slot"
        "All objects of a thread are about the call that was found last."
    FailedGetEmptiesObjects "failed-get-empties-objects"
        "The objects of a thread answer E_NOINTERFACE once none could be given."
    SettledIsForgotten "settled-is-forgotten" "A settled call is unknown to its objects."
    DoneIsForgotten "done-is-forgotten"
        "A canceled call is unknown to its objects once its server replies."
    ThirdLookIsRefused "third-look-is-refused"
        "A complete call answers two requests, and is unknown to the third."
    // Replies.
    LateReplyIsTaken "late-reply-is-taken" "A late reply turns a canceled call into a complete one."
    LateReplyToTheNext "late-reply-to-the-next" "A late reply answers the innermost call."
    ReplyLosesToExpiry "reply-loses-to-expiry"
        "An expired request wins over a reply that has landed."
    CanceledReplyCancels "canceled-reply-cancels"
        "A call whose server replies RPC_E_CALL_CANCELED counts as canceled."
    FailedReplyIsNoReply "failed-reply-is-no-reply"
        "A request on a call whose server replied with a failure is accepted."
    LateReplyPanics "late-reply-panics" "A late reply breaks an assertion."
    // Dispatch and tests.
    ExpiredIsEntered "expired-is-entered"
        "The method of a call is entered until the caller has given up."
    DueIsEntered "due-is-entered" "The method of a call is entered though its deadline has passed."
    RequestedIsSkipped "requested-is-skipped"
        "The method of a call is skipped as soon as there is a request."
    TestForgetsAfterExpiry "test-forgets-after-expiry"
        "A test says pending again once the request has expired."
    TestWaitsForExpiry "test-waits-for-expiry" "A test says pending until the window ends."
    TestTellsOnce "test-tells-once" "A test says canceled once, and then pending."
    TestAsksTheRequestFirst "test-asks-the-request-first"
        "A test on an object says canceled of a complete call with a request."
    TestMissesTheReply "test-misses-the-reply"
        "A test on an object does not see a reply until the caller has it."
    TestMissesTheRequest "test-misses-the-request"
        "A test on an object does not see a request until the call is canceled."
  }
  right {
    CancelLooksTwice "cancel-looks-twice"
        "A cancel by thread gets an object twice, and goes on with the second one."
    CallerEndsItself "caller-ends-itself"
        "A caller ends its call itself at the deadline of a canceller who waits."
    ReplyDecidesThenActs "reply-decides-then-acts"
        "A reply looks whether the call is settled in one critical section, and lands in the next."
    DispatchDecidesThenActs "dispatch-decides-then-acts"
        "A server decides in one critical section, and enters in the next."
  }
}
