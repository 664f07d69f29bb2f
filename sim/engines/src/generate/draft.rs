//! Drafts: the random raw material of a scenario, before it has names.
//!
//! A draft is a set of calls and a set of deeds, each at a moment of its own. A lane has the steps
//! of its actor in the order of their moments. So any call and any deed can be left out, and that
//! is how a draft shrinks. The indices of actors and calls are taken modulo the number that there
//! are.
//!
//! The moments of a call are in the order of a successful call: issued, dispatched, replied to,
//! awaited. So most calls complete, and still every order between the lanes is possible.

use calloff_model::{Code, Window};
use calloff_protocol::history::TimePolicy;
use proptest::collection::vec;
use proptest::prelude::*;

use super::Size;

/// All moments of a draft are below this number.
pub(super) const MOMENTS: u32 = 1000;

#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) time: TimePolicy,
    /// The enable depth with which each actor starts.
    pub(super) depths: Vec<u32>,
    pub(super) calls: Vec<Call>,
    pub(super) deeds: Vec<Deed>,
}

#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) caller: usize,
    /// The distance from the caller to the server, in actors; 0: the caller serves the call itself.
    pub(super) server: usize,
    /// The moments at which it is issued, dispatched, replied to and awaited.
    pub(super) moments: [u32; 4],
    pub(super) reply: Code,
    pub(super) course: Course,
}

/// How many of its four steps a call takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Course {
    Whole,
    NeverAwaited,
    NeverReplied,
    NeverDispatched,
}

/// An action other than making or serving a call.
#[derive(Clone, Debug)]
pub(super) struct Deed {
    pub(super) place: Place,
    pub(super) what: What,
    /// The call that it is about; a cancel by thread is aimed at the caller of this call.
    pub(super) call: usize,
}

/// The actor and the moment. A moment of the caller is in thousandths of the time for which the
/// call is pending; a moment of the server, of the time for which it is served; of another actor,
/// of the whole scenario.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    Caller(u32),
    Server(u32),
    Other { actor: usize, moment: u32 },
}

#[derive(Clone, Debug)]
pub(super) enum What {
    Enable,
    Disable,
    TestCancel,
    Sleep(u32),
    Work(u32),
    CancelThread(Window),
    /// A sleep, then a cancel: so the cancel comes at a time of its own.
    CancelLater(u32, Window),
    /// Gets a cancel object, and uses it later or keeps it.
    Hold {
        slot: bool,
        later: u32,
        then: Option<Use>,
    },
    Use {
        slot: bool,
        what: Use,
    },
}

/// The use of a cancel object.
#[derive(Clone, Copy, Debug)]
pub(super) enum Use {
    Test,
    Cancel(Window),
}

/// Draws any draft up to that size.
pub(super) fn draft(size: &Size) -> impl Strategy<Value = Draft> + use<> {
    let free = if size.timed { Just(TimePolicy::Urgent) } else { Just(TimePolicy::Free) };
    let time = prop_oneof![5 => free, 2 => Just(TimePolicy::Urgent)];
    let depths =
        vec(prop_oneof![5 => Just(1), 4 => Just(0_u32), 1 => 2..4_u32], 2..=size.actors_max);
    let calls = vec(call(), 1..=size.calls_max);
    let deeds = vec(deed(size), 2..=(size.steps_max / 2).max(2));
    (time, depths, calls, deeds).prop_map(|(time, depths, calls, deeds)| Draft {
        time,
        depths,
        calls,
        deeds,
    })
}

fn call() -> impl Strategy<Value = Call> {
    let caller = prop_oneof![6 => Just(0), 1 => 0..8_usize];
    let server = prop_oneof![30 => Just(1), 10 => 1..8_usize, 1 => Just(0)];
    let course = prop_oneof![
        20 => Just(Course::Whole),
        1 => Just(Course::NeverAwaited),
        1 => Just(Course::NeverReplied),
        1 => Just(Course::NeverDispatched),
    ];
    let order = prop_oneof![
        10 => Just(Order::Plain),
        8 => Just(Order::Brisk),
        1 => Just(Order::Crossed),
    ];
    let moments = (proptest::array::uniform4(0..MOMENTS), order).prop_map(ordered);
    (caller, server, moments, reply(), course).prop_map(
        |(caller, server, moments, reply, course)| Call { caller, server, moments, reply, course },
    )
}

/// The order of the moments of a call.
#[derive(Clone, Copy, Debug)]
enum Order {
    /// Issue, dispatch, reply, await.
    Plain,
    /// The plain order, with few other steps in between.
    Brisk,
    /// The server dispatches before the call is issued, and the caller awaits before the reply.
    Crossed,
}

fn ordered((mut moments, order): ([u32; 4], Order)) -> [u32; 4] {
    moments.sort_unstable();
    match order {
        Order::Plain => {}
        Order::Brisk => {
            let first = moments[0];
            moments = moments.map(|moment| first + (moment - first) / 16);
        }
        Order::Crossed => {
            moments.swap(0, 1);
            moments.swap(2, 3);
        }
    }
    moments
}

fn reply() -> impl Strategy<Value = Code> {
    prop_oneof![
        4 => Just(Code::S_FALSE),
        3 => Just(Code::S_OK),
        2 => Just(Code::RPC_E_CALL_CANCELED),
        2 => proptest::sample::select(Code::NAMED.map(|(_, code)| code).to_vec()),
        1 => any::<u32>().prop_map(Code),
    ]
}

/// The additional weight of steps with a duration in a scenario about durations.
const TIMED: u32 = 20;

fn deed(size: &Size) -> impl Strategy<Value = Deed> + use<> {
    let seconds_max = size.seconds_max;
    let timed = if size.timed { TIMED } else { 0 };
    let at = 0..=MOMENTS;
    let by_caller = (at.clone().prop_map(Place::Caller), by_caller(seconds_max));
    let by_server = (at.prop_map(Place::Server), by_server(seconds_max, timed));
    let other = (prop_oneof![4 => Just(7), 2 => Just(6), 1 => 0..8_usize], 0..MOMENTS)
        .prop_map(|(actor, moment)| Place::Other { actor, moment });
    let by_other = (other, by_canceller(seconds_max, timed));
    let placed = prop_oneof![3 => by_caller, 3 + timed / 4 => by_server, 6 => by_other];
    let call = prop_oneof![2 => Just(0), 1 => 0..8_usize];
    (placed, call).prop_map(|((place, what), call)| Deed { place, what, call })
}

fn by_caller(seconds_max: u32) -> impl Strategy<Value = What> {
    prop_oneof![
        5 => Just(What::Enable),
        6 => Just(What::Disable),
        2 => seconds(seconds_max).prop_map(What::Sleep),
        2 => window(seconds_max).prop_map(What::CancelThread),
        2 => hold(seconds_max),
        1 => used(seconds_max),
    ]
}

fn by_server(seconds_max: u32, timed: u32) -> impl Strategy<Value = What> {
    let work = (1..=seconds_max).prop_map(What::Work);
    prop_oneof![
        6 => Just(What::TestCancel),
        5 => seconds(seconds_max).prop_map(What::Work),
        2 => window(seconds_max).prop_map(What::CancelThread),
        1 => Just(What::Enable),
        1 => Just(What::Disable),
        timed => work,
    ]
}

fn by_canceller(seconds_max: u32, timed: u32) -> impl Strategy<Value = What> {
    let last = prop_oneof![
        2 => (1..=seconds_max).prop_map(Window::Seconds),
        1 => Just(Window::Seconds(Window::INFINITE - 1)),
    ];
    prop_oneof![
        10 => window(seconds_max).prop_map(What::CancelThread),
        6 => hold(seconds_max),
        3 => used(seconds_max),
        3 => seconds(seconds_max).prop_map(What::Sleep),
        1 => Just(What::TestCancel),
        timed => last.clone().prop_map(What::CancelThread),
        timed => (1..=seconds_max, last).prop_map(|(after, how)| What::CancelLater(after, how)),
    ]
}

fn hold(seconds_max: u32) -> impl Strategy<Value = What> {
    let then = prop_oneof![
        4 => window(seconds_max).prop_map(|window| Some(Use::Cancel(window))),
        2 => Just(Some(Use::Test)),
        1 => Just(None),
    ];
    (slot(), 0..MOMENTS, then).prop_map(|(slot, later, then)| What::Hold { slot, later, then })
}

fn used(seconds_max: u32) -> impl Strategy<Value = What> {
    let what = prop_oneof![
        2 => window(seconds_max).prop_map(Use::Cancel),
        1 => Just(Use::Test),
    ];
    (slot(), what).prop_map(|(slot, what)| What::Use { slot, what })
}

fn slot() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.2)
}

/// Prefers few values, so that deadlines often coincide.
fn seconds(seconds_max: u32) -> impl Strategy<Value = u32> {
    prop_oneof![12 => Just(1), 8 => 1..=seconds_max, 1 => Just(0)]
}

fn window(seconds_max: u32) -> impl Strategy<Value = Window> {
    prop_oneof![
        12 => seconds(seconds_max).prop_map(Window::Seconds),
        5 => Just(Window::Seconds(0)),
        3 => Just(Window::Infinite),
        1 => Just(Window::Seconds(Window::INFINITE - 1)),
    ]
}
