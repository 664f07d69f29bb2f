//! The clauses as data: each one's sentence, its source, and the function that judges it.

use super::judges::{answers, clients, endings, outcomes, requests, servers, windows, witnesses};
use super::{Clause, Kind, Level};

/// Every clause, in the order of the ids. Ids are never reused or renumbered.
pub const CLAUSES: [Clause; 35] = [
    Clause {
        id: "K1",
        kind: Kind::Always,
        level: Level::Doc,
        sentence: "`Cancel` returns `S_OK` only if its call was issued before: without a pending \
                   call, or without a cancel object, there is nothing to accept",
        source: "ICancelMethodCalls::Cancel, row S_OK: the request was made",
        facets: &[],
        of_clients: false,
        judge: answers::k1,
    },
    Clause {
        id: "K2",
        kind: Kind::Sometimes,
        level: Level::Doc,
        sentence: "After `S_OK` the call may still complete with the server's result",
        source: "ICancelMethodCalls::Cancel, row S_OK: it does not mean that the call was \
                   canceled",
        facets: &[witnesses::COMPLETED],
        of_clients: false,
        judge: witnesses::k2,
    },
    Clause {
        id: "K3",
        kind: Kind::Always,
        level: Level::Doc,
        sentence: "`Cancel` returns \"already canceled\" only if another `Cancel` on the same \
                   call was invoked before this one returned",
        source: "ICancelMethodCalls::Cancel, row RPC_S_CALL_CANCELED",
        facets: &[],
        of_clients: false,
        judge: answers::k3,
    },
    Clause {
        id: "K4",
        kind: Kind::Always,
        level: Level::Doc,
        sentence: "`CO_E_CANCEL_DISABLED` is returned only if, at-issue, the call was issued at \
                   depth 0; at-request, the depth of its thread may have been 0 at some moment \
                   between invocation and return",
        source: "ICancelMethodCalls::Cancel, row CO_E_CANCEL_DISABLED; CoEnableCallCancellation \
                   and CoDisableCallCancellation, remarks",
        facets: &[],
        of_clients: false,
        judge: answers::k4,
    },
    Clause {
        id: "K5",
        kind: Kind::Always,
        level: Level::Doc,
        sentence: "A `Cancel` that is refused as disabled has no effect: unless another one is \
                   accepted, the call returns the server's result, and no operation says that the \
                   call is canceled",
        source: "ICancelMethodCalls::Cancel, row CO_E_CANCEL_DISABLED; \
                   CoDisableCallCancellation, remarks",
        facets: &[],
        of_clients: false,
        judge: requests::k5,
    },
    Clause {
        id: "K6",
        kind: Kind::Always,
        level: Level::Doc,
        sentence: "`RPC_E_CALL_COMPLETE` is returned only if the call's reply was sent before; \
                   and that call returns the server's result",
        source: "ICancelMethodCalls::Cancel, row RPC_E_CALL_COMPLETE; \
                   ICancelMethodCalls::TestCancel, the same row",
        facets: &[],
        of_clients: false,
        judge: answers::k6,
    },
    Clause {
        id: "K7",
        kind: Kind::Always,
        level: Level::Doc,
        sentence: "A call returns `RPC_E_CALL_CANCELED`, other than as its server's reply, only \
                   if a `Cancel` on this call was accepted",
        source: "ICancelMethodCalls::Cancel, remark on canceled methods",
        facets: &[],
        of_clients: false,
        judge: outcomes::k7,
    },
    Clause {
        id: "K8",
        kind: Kind::Always,
        level: Level::Doc,
        sentence: "A call that is not canceled returns exactly the HRESULT that its server sent",
        source: "ICancelMethodCalls::Cancel, row S_OK and remark on canceled methods",
        facets: &[],
        of_clients: false,
        judge: outcomes::k8,
    },
    Clause {
        id: "K9",
        kind: Kind::Always,
        level: Level::Doc,
        sentence: "A late reply is dropped: no call returns the reply to another call",
        source: "ICancelMethodCalls::Cancel, remark on canceled methods",
        facets: &[],
        of_clients: false,
        judge: outcomes::k9,
    },
    Clause {
        id: "K10",
        kind: Kind::Always,
        level: Level::Doc,
        sentence: "A call has one outcome, which never changes: once the call has returned, no \
                   operation reports another one",
        source: "ICancelMethodCalls::TestCancel, rows RPC_E_CALL_CANCELED and \
                   RPC_E_CALL_COMPLETE",
        facets: &[],
        of_clients: false,
        judge: outcomes::k10,
    },
    Clause {
        id: "K11",
        kind: Kind::Always,
        level: Level::Ref,
        sentence: "At most one `Cancel` per call is accepted; the others return that the call is \
                   already canceled or complete",
        source: "a decision of this project, on ICancelMethodCalls::Cancel, row \
                 RPC_S_CALL_CANCELED",
        facets: &[],
        of_clients: false,
        judge: requests::k11,
    },
    Clause {
        id: "K12",
        kind: Kind::Always,
        level: Level::NinetyEight,
        sentence: "`Cancel(0)` never waits: it can take its steps in every state, and needs no \
                   time to pass",
        source: "the preliminary page of ICancelMethodCalls::Cancel (1998), parameter ulSeconds",
        facets: &[],
        of_clients: false,
        judge: windows::k12,
    },
    Clause {
        id: "K13",
        kind: Kind::Always,
        level: Level::Doc,
        sentence: "When the canceller waits, `Cancel(n)` with a finite n returns `S_OK` no \
                   earlier than n seconds after the request; on an urgent clock exactly then",
        source: "ICancelMethodCalls::Cancel and CoCancelCall, parameter ulSeconds",
        facets: &[],
        of_clients: false,
        judge: windows::k13,
    },
    Clause {
        id: "K14",
        kind: Kind::Always,
        level: Level::NinetyEight,
        sentence: "Only a reply ends an infinite window: a canceller that waits for it returns \
                   only after the reply, and the call is never canceled",
        source: "the preliminary page of ICancelMethodCalls::Cancel (1998), parameter \
                   ulSeconds: RPC_C_CANCEL_INFINITE_TIMEOUT",
        facets: &[],
        of_clients: false,
        judge: windows::k14,
    },
    Clause {
        id: "K15",
        kind: Kind::Always,
        level: Level::Doc,
        sentence: "`TestCancel` returns \"canceled\" only after a `Cancel` on that call was \
                   invoked; always if it starts after an accepted request and before the reply; \
                   and never \"pending\" after \"canceled\"",
        source: "ICancelMethodCalls::TestCancel and CoTestCancel, rows RPC_E_CALL_CANCELED and \
                   RPC_S_CALLPENDING",
        facets: &[],
        of_clients: false,
        judge: servers::k15,
    },
    Clause {
        id: "K16",
        kind: Kind::Always,
        level: Level::Doc,
        sentence: "A cancel by thread reaches only a call that was the thread's innermost pending \
                   one at some moment between invocation and return",
        source: "CoCancelCall and CoGetCancelObject, remarks on the thread's pending calls",
        facets: &[],
        of_clients: false,
        judge: requests::k16,
    },
    Clause {
        id: "K17",
        kind: Kind::Always,
        level: Level::Doc,
        sentence: "A cancel by thread returns `E_NOINTERFACE` only if the thread had no call \
                   pending at some moment between invocation and return; and the request does not \
                   affect a later call",
        source: "CoCancelCall and CoGetCancelObject, row E_NOINTERFACE",
        facets: &[],
        of_clients: false,
        judge: answers::k17,
    },
    Clause {
        id: "K18",
        kind: Kind::Always,
        level: Level::Test,
        sentence: "The enable depth is counted per thread: disable fails exactly at depth 0, and \
                   enable never fails",
        source: "CoEnableCallCancellation and CoDisableCallCancellation, as Wine's tests find \
                   them on Windows",
        facets: &[],
        of_clients: false,
        judge: answers::k18,
    },
    Clause {
        id: "K19",
        kind: Kind::Always,
        level: Level::Doc,
        sentence: "Nobody is stuck: a caller whose request has expired returns, a caller whose \
                   server replied returns, a `Cancel` whose window ends returns",
        source: "ICancelMethodCalls::Cancel, parameter ulSeconds and remark on canceled methods",
        facets: &[],
        of_clients: false,
        judge: endings::k19,
    },
    Clause {
        id: "K20",
        kind: Kind::Sometimes,
        level: Level::Doc,
        sentence: "`Cancel` returns each code in its documented table, and a canceled call \
                   returns that it was canceled",
        source: "ICancelMethodCalls::Cancel, return values and remark on canceled methods",
        facets: &[
            "S_OK",
            "RPC_S_CALL_CANCELED",
            "CO_E_CANCEL_DISABLED",
            "RPC_E_CALL_COMPLETE",
            witnesses::METHOD,
        ],
        of_clients: false,
        judge: witnesses::k20,
    },
    Clause {
        id: "K21",
        kind: Kind::Always,
        level: Level::Obs,
        sentence: "The method of a call whose request expired before its dispatch is never entered",
        source: "an observation on Windows: the server skips a canceled call that it has not \
                   dispatched",
        facets: &[],
        of_clients: false,
        judge: servers::k21,
    },
    Clause {
        id: "K22",
        kind: Kind::Sometimes,
        level: Level::Obs,
        sentence: "The canceled caller resumes, and issues another call, before the canceller's \
                   `Cancel` returns",
        source: "an observation on Windows: the canceled caller goes on first",
        facets: &[witnesses::RESUMED],
        of_clients: false,
        judge: witnesses::k22,
    },
    Clause {
        id: "K23",
        kind: Kind::Always,
        level: Level::Doc,
        sentence: "`Cancel` returns `S_OK` only if the call may have been cancelable: at-issue, it \
                   was issued at a depth above 0; at-request, the depth of its thread may have \
                   been above 0 at some moment between invocation and return",
        source: "ICancelMethodCalls::Cancel, row CO_E_CANCEL_DISABLED; CoEnableCallCancellation \
                   and CoDisableCallCancellation, remarks",
        facets: &[],
        of_clients: false,
        judge: answers::k23,
    },
    Clause {
        id: "K24",
        kind: Kind::Always,
        level: Level::Doc,
        sentence: "A cancel by thread, and CoGetCancelObject, find the cancel object that was \
                   topmost on the thread at some moment between invocation and return, a call's \
                   own or a custom one",
        source: "CoGetCancelObject, CoSetCancelObject and CoCancelCall, remarks on the thread's \
                   cancel objects",
        facets: &[],
        of_clients: true,
        judge: clients::k24,
    },
    Clause {
        id: "K25",
        kind: Kind::Always,
        level: Level::Doc,
        sentence: "CoSetCancelObject refuses exactly the objects without ICancelMethodCalls, with \
                   `E_NOINTERFACE`; and only an object that was set and not taken away is found",
        source: "CoSetCancelObject, parameter pUnk and row E_NOINTERFACE",
        facets: &[],
        of_clients: true,
        judge: clients::k25,
    },
    Clause {
        id: "K26",
        kind: Kind::Always,
        level: Level::Ref,
        sentence: "Taking a custom object away returns `E_INVALIDARG` exactly if none is set, and \
                   `TestCancel` on a custom object returns `E_NOTIMPL`",
        source: "a decision of this project, on CoSetCancelObject and \
                   ICancelMethodCalls::TestCancel",
        facets: &[],
        of_clients: true,
        judge: clients::k26,
    },
    Clause {
        id: "K27",
        kind: Kind::Always,
        level: Level::Doc,
        sentence: "A `Cancel` that has found a custom object returns the code that the object \
                   returns, unchanged",
        source: "CoCancelCall, return values; ICancelMethodCalls::Cancel, remark: what a cancel \
                   object does on a request is up to its implementer",
        facets: &[],
        of_clients: true,
        judge: clients::k27,
    },
    Clause {
        id: "K28",
        kind: Kind::Always,
        level: Level::Doc,
        sentence: "A message filter gives up only its own wait, once, and only before the reply; \
                   the wait then returns `RPC_E_CALL_CANCELED`",
        source: "IMessageFilter::MessagePending, row PENDINGMSG_CANCELCALL",
        facets: &[],
        of_clients: true,
        judge: clients::k28,
    },
    Clause {
        id: "K29",
        kind: Kind::Always,
        level: Level::Doc,
        sentence: "A wait that serves returns only after the handlers that it has begun; and a \
                   `Cancel` on a call that a handler has issued leaves the call that is waited \
                   for alone, and the other way round",
        source: "CoCancelCall and CoGetCancelObject, remarks on the thread's pending calls; \
                   IMessageFilter, remarks on incoming calls during an outgoing one",
        facets: &[],
        of_clients: true,
        judge: clients::k29,
    },
    Clause {
        id: "K30",
        kind: Kind::Always,
        level: Level::Ref,
        sentence: "Of the instances of a call the server enters the oldest one that is waiting, \
                   the caller waits for the newest one that is pending, and a cancel object stays \
                   on its own",
        source: "a decision of this project, on calls that are issued again and again",
        facets: &[],
        of_clients: true,
        judge: clients::k30,
    },
    Clause {
        id: "K31",
        kind: Kind::Sometimes,
        level: Level::Doc,
        sentence: "A cancel by thread finds a custom object, and returns that object's own code",
        source: "CoCancelCall, return values; CoSetCancelObject, remarks",
        facets: &[witnesses::PASSED_ON],
        of_clients: true,
        judge: witnesses::k31,
    },
    Clause {
        id: "K32",
        kind: Kind::Sometimes,
        level: Level::Doc,
        sentence: "A message filter gives a wait up while the server is executing the method",
        source: "IMessageFilter::MessagePending, row PENDINGMSG_CANCELCALL",
        facets: &[witnesses::GIVEN_UP],
        of_clients: true,
        judge: witnesses::k32,
    },
    Clause {
        id: "K33",
        kind: Kind::Sometimes,
        level: Level::Doc,
        sentence: "A `Cancel` is accepted on a call while a handler of the wait for it runs",
        source: "IMessageFilter, remarks on incoming calls during an outgoing one",
        facets: &[witnesses::UNDER_HANDLER],
        of_clients: true,
        judge: witnesses::k33,
    },
    Clause {
        id: "K34",
        kind: Kind::Sometimes,
        level: Level::Doc,
        sentence: "The cancel object of an earlier instance answers `RPC_E_CALL_COMPLETE` while a \
                   later instance of the call is pending",
        source: "ICancelMethodCalls::Cancel and ICancelMethodCalls::TestCancel, row \
                   RPC_E_CALL_COMPLETE",
        facets: &[witnesses::EARLIER],
        of_clients: true,
        judge: witnesses::k34,
    },
    Clause {
        id: MISUSE,
        kind: Kind::Always,
        level: Level::Doc,
        sentence: "An actor leaves only a critical section that it owns",
        source: "LeaveCriticalSection, remarks: it is an error if the thread does not own it",
        facets: &[],
        of_clients: false,
        judge: answers::misuse,
    },
];

/// The id of the clause that binds the program, not the implementation.
const MISUSE: &str = "misuse";
