//! Checks the table at the top of the machine's module, row by row, against the code.

use super::*;

const SOURCE: &str = include_str!("mod.rs");
const CALL: CallId = CallId(7);
const REPLY: Code = Code::S_FALSE;
const NOW: Ticks = Ticks(10);
const OPERATIONS: [&str; 13] = [
    "enable",
    "disable",
    "issue",
    "dispatch",
    "test",
    "test-object",
    "reply",
    "await",
    "give-up",
    "get",
    "request",
    "request-0",
    "wait",
];

/// One row of the table, cell by cell.
struct Row {
    cells: Vec<String>,
}

/// One state in which an operation may start a step; `call` is `None` when it was never issued.
#[derive(Clone, Debug)]
struct State {
    reading: Reading,
    depth: u64,
    call: Option<Call>,
}

fn rows() -> Vec<Row> {
    let lines = SOURCE.lines().filter_map(|line| line.strip_prefix("//! |"));
    lines
        .map(|line| Row {
            cells: line.trim_end_matches('|').split('|').map(|c| c.trim().to_owned()).collect(),
        })
        .filter(|row| row.cells[0].starts_with(|c: char| c.is_ascii_uppercase()))
        .collect()
}

fn either(pattern: &str, value: &str) -> bool {
    pattern == "*" || pattern == "-" || pattern.split('/').any(|one| one == value)
}

impl Row {
    fn id(&self) -> &str {
        &self.cells[0]
    }

    fn matches(&self, operation: &str, state: &State) -> bool {
        let applies = self.cells[1] == operation
            || (operation == "request-0" && self.cells[1] == "request" && self.is_refusal());
        let depth = match self.cells[4].as_str() {
            "issued-at-0" => state.call.is_some_and(|call| !call.cancelable_at_issue),
            pattern => either(pattern, &state.depth.to_string()),
        };
        let call = match state.call {
            None => self.cells[5] == "unknown" || self.cells[5] == "-",
            Some(call) => {
                either(&self.cells[5], request_name(call.request))
                    && either(&self.cells[6], server_name(call.server))
                    && either(&self.cells[7], settled_name(call.settled))
            }
        };
        applies
            && depth
            && call
            && either(&self.cells[2], state.reading.cancelable.name())
            && either(&self.cells[3], state.reading.waiter.name())
    }

    fn is_refusal(&self) -> bool {
        self.cells[9] == "same"
    }

    fn result(&self, operation: &str, poll: Poll) -> bool {
        match (self.cells[8].as_str(), poll) {
            ("pending", Poll::Pending { .. }) | ("advanced", Poll::Advanced) => true,
            ("advanced", Poll::Ready(code)) => operation == "get" && code == Code::S_OK,
            ("reply", Poll::Ready(code)) => code == REPLY,
            (name, Poll::Ready(code)) => name == code.name(),
            _ => false,
        }
    }

    /// The machine after the change that the row's last column names.
    fn after(&self, before: &Machine, window: Window) -> Machine {
        let mut machine = before.clone();
        let (part, value) = self.cells[9].split_once('=').unwrap_or((&self.cells[9], ""));
        match (part, value) {
            ("same", _) => {}
            ("depth+1", _) => machine.depth += 1,
            ("depth-1", _) => machine.depth -= 1,
            ("issued", _) => {
                machine.calls.push((CALL, Call::new(machine.depth > 0)));
                machine.stack.push(CALL);
            }
            ("server", "skipped") => machine.call_mut(CALL).unwrap().server = Server::Skipped,
            ("server", "running") => machine.call_mut(CALL).unwrap().server = Server::Running,
            ("server", "replied") => {
                machine.call_mut(CALL).unwrap().server = Server::Replied(REPLY);
            }
            ("settled", outcome) => {
                machine.call_mut(CALL).unwrap().settled =
                    if outcome == "completed" { Settled::Completed } else { Settled::Canceled };
                machine.stack.clear();
            }
            ("request", "expired") => machine.call_mut(CALL).unwrap().request = Request::Expired,
            ("request", "open") => {
                machine.call_mut(CALL).unwrap().request =
                    Request::Open { deadline: window.deadline(NOW) };
            }
            other => panic!("row {}: unknown effect {other:?}", self.id()),
        }
        machine
    }
}

fn request_name(request: Request) -> &'static str {
    match request {
        Request::None => "none",
        Request::Open { deadline } if deadline.is_some_and(|deadline| deadline <= NOW) => "due",
        Request::Open { .. } => "open",
        Request::Expired => "expired",
    }
}

fn server_name(server: Server) -> &'static str {
    match server {
        Server::Idle => "idle",
        Server::Running => "running",
        Server::Replied(_) => "replied",
        Server::Skipped => "skipped",
    }
}

fn settled_name(settled: Settled) -> &'static str {
    match settled {
        Settled::No => "no",
        Settled::Completed => "completed",
        Settled::Canceled => "canceled",
    }
}

fn all_calls() -> Vec<Option<Call>> {
    let open = |deadline| Request::Open { deadline };
    let requests = [
        Request::None,
        open(None),
        open(Some(Ticks(11))),
        open(Some(NOW)),
        open(Some(Ticks(9))),
        Request::Expired,
    ];
    let servers = [Server::Idle, Server::Running, Server::Replied(REPLY), Server::Skipped];
    let mut calls = vec![None];
    for request in requests {
        for server in servers {
            for settled in [Settled::No, Settled::Completed, Settled::Canceled] {
                for cancelable_at_issue in [false, true] {
                    calls.push(Some(Call { cancelable_at_issue, request, server, settled }));
                }
            }
        }
    }
    calls
}

fn all_states() -> Vec<State> {
    let mut states = Vec::new();
    for reading in Reading::ALL {
        for depth in 0..=2 {
            states.extend(all_calls().into_iter().map(|call| State { reading, depth, call }));
        }
    }
    states
}

/// Whether the operation can occur in the state: *wait* needs an open window of its own.
fn can_meet(operation: &str, state: &State) -> bool {
    operation != "wait"
        || (state.reading.waiter == Waiter::Canceller
            && state.call.is_some_and(|call| matches!(call.request, Request::Open { .. })))
}

fn machine(state: &State) -> Machine {
    let mut machine = Machine::new(state.reading, 0);
    machine.depth = state.depth;
    if let Some(call) = state.call {
        machine.calls.push((CALL, call));
        if call.settled == Settled::No {
            machine.stack.push(CALL);
        }
    }
    machine
}

fn op(operation: &str, state: &State, window: Window) -> Op {
    let cancel = |stage| Op::Cancel { target: CancelTarget::Thread, window, stage };
    match operation {
        "enable" => Op::Enable,
        "disable" => Op::Disable,
        "issue" => Op::Issue { call: CALL },
        "dispatch" => Op::Dispatch { call: CALL },
        "test" => Op::TestCancel { serving: Some(CALL) },
        "test-object" => Op::TestCancelObject { object: Some(CALL) },
        "reply" => Op::Reply { call: CALL, code: REPLY },
        "await" => Op::Await { call: CALL },
        "give-up" => Op::GiveUp { call: CALL },
        "get" => Op::GetCancelObject { got: None },
        "request" | "request-0" => cancel(Stage::Request(CALL)),
        "wait" => {
            let deadline = state.call.and_then(|call| call.request.deadline());
            cancel(Stage::Wait { call: CALL, deadline })
        }
        other => panic!("unknown operation {other}"),
    }
}

fn windows(operation: &str) -> Vec<Window> {
    match operation {
        "request" => vec![Window::Seconds(1), Window::Seconds(u32::MAX - 1), Window::Infinite],
        _ => vec![Window::Seconds(0)],
    }
}

#[test]
fn every_state_and_operation_does_what_its_row_says_and_every_row_is_needed() {
    let rows = rows();
    let mut used = vec![0_u32; rows.len()];
    for operation in OPERATIONS {
        for state in all_states().iter().filter(|state| can_meet(operation, state)) {
            let row = rows.iter().position(|row| row.matches(operation, state));
            let row = row.unwrap_or_else(|| panic!("no row for {operation} in {state:?}"));
            used[row] += 1;
            for window in windows(operation) {
                check(&rows[row], operation, state, window);
            }
        }
    }
    let unused: Vec<&str> =
        rows.iter().zip(used).filter(|(_, n)| *n == 0).map(|(row, _)| row.id()).collect();
    assert!(unused.is_empty(), "rows that no state reaches: {unused:?}");
}

fn check(row: &Row, operation: &str, state: &State, window: Window) {
    let before = machine(state);
    let mut after = before.clone();
    let mut op = op(operation, state, window);
    let poll = after.poll(&mut op, NOW);
    let row_id = row.id();
    assert!(row.result(operation, poll), "row {row_id}: {poll:?} from {state:?}, window {window}");
    assert_eq!(after, row.after(&before, window), "row {row_id}: {state:?}, window {window}");
}

#[test]
fn a_cancel_of_a_thread_is_get_then_request_and_a_get_alone_yields_the_handle() {
    for state in all_states() {
        let (mut one, mut two) = (machine(&state), machine(&state));
        let mut get = Op::GetCancelObject { got: None };
        let mut cancel = Op::cancel_thread(Window::Seconds(1));
        match (one.poll(&mut get, NOW), two.poll(&mut cancel, NOW)) {
            (Poll::Ready(Code::S_OK), Poll::Advanced) => {
                assert_eq!(get, Op::GetCancelObject { got: Some(HeldObject::Call(CALL)) });
                let is_next = matches!(cancel, Op::Cancel { stage: Stage::Request(CALL), .. });
                assert!(is_next, "{cancel:?}");
            }
            (alone, inside) => assert_eq!(alone, inside, "a failure is passed on unchanged"),
        }
        assert_eq!((&one, &two), (&machine(&state), &machine(&state)), "a get changes nothing");
    }
}

#[test]
fn an_operation_on_no_object_or_no_call_says_so() {
    let mut machine = Machine::new(Reading::default(), 1);
    let mut poll = |mut op: Op| machine.poll(&mut op, NOW);
    let no_object = Poll::Ready(Code::E_NOINTERFACE);
    assert_eq!(poll(Op::cancel_object(None, Window::Infinite)), no_object);
    assert_eq!(poll(Op::TestCancelObject { object: None }), no_object);
    let complete = Poll::Ready(Code::RPC_E_CALL_COMPLETE);
    assert_eq!(poll(Op::TestCancel { serving: None }), complete);
}

/// The object that a cancel by thread finds.
fn topmost(machine: &mut Machine) -> Option<HeldObject> {
    let mut op = Op::GetCancelObject { got: None };
    machine.poll(&mut op, NOW);
    match op {
        Op::GetCancelObject { got } => got,
        _ => None,
    }
}

#[test]
fn custom_objects_and_calls_are_on_one_stack() {
    let mut machine = Machine::new(Reading::default(), 1);
    let (one, two) = (CustomId(1), CustomId(2));
    let push = |object| Op::SetCancelObject { object: Some(object), has_interface: true };
    let pop = Op::SetCancelObject { object: None, has_interface: true };
    let mut take = |mut op: Op| {
        let poll = machine.poll(&mut op, NOW);
        (poll, topmost(&mut machine))
    };
    let done = |top| (Poll::Ready(Code::S_OK), top);
    assert_eq!(take(pop), (Poll::Ready(Code::E_INVALIDARG), None));
    let refused = Op::SetCancelObject { object: Some(one), has_interface: false };
    assert_eq!(take(refused), (Poll::Ready(Code::E_NOINTERFACE), None));
    assert_eq!(take(push(one)), done(Some(HeldObject::Custom(one))));
    assert_eq!(take(Op::Issue { call: CALL }), done(Some(HeldObject::Call(CALL))));
    assert_eq!(take(push(two)), done(Some(HeldObject::Custom(two))));
    // The call leaves from below the second object, which stays the topmost.
    let canceled = Poll::Ready(Code::RPC_E_CALL_CANCELED);
    assert_eq!(take(Op::GiveUp { call: CALL }), (canceled, Some(HeldObject::Custom(two))));
    assert_eq!(take(pop), done(Some(HeldObject::Custom(one))));
    assert_eq!(take(Op::Issue { call: CallId(8) }), done(Some(HeldObject::Call(CallId(8)))));
    // With none, the topmost custom object goes, also from below a call.
    assert_eq!(take(pop), done(Some(HeldObject::Call(CallId(8)))));
    assert_eq!(take(Op::GiveUp { call: CallId(8) }), (canceled, None));
}

#[test]
fn a_cancel_of_a_thread_leaves_a_custom_object_to_its_host() {
    let mut machine = Machine::new(Reading::default(), 1);
    let mut push = Op::SetCancelObject { object: Some(CustomId(3)), has_interface: true };
    machine.poll(&mut push, NOW);
    let mut cancel = Op::cancel_thread(Window::Seconds(1));
    assert_eq!(machine.poll(&mut cancel, NOW), Poll::Advanced);
    let is_custom = |op: &Op| matches!(op, Op::Cancel { stage: Stage::Custom(CustomId(3)), .. });
    assert!(is_custom(&cancel));
    assert_eq!(machine.poll(&mut cancel, NOW), Poll::Pending { deadline: None });
}

#[test]
fn calls_that_get_no_new_id_are_forgotten_and_the_others_keep_what_they_are() {
    let mut machine = Machine::new(Reading::default(), 1);
    for call in [CallId(1), CallId(2)] {
        machine.poll(&mut Op::Issue { call }, NOW);
    }
    machine.poll(&mut Op::GiveUp { call: CallId(1) }, NOW);
    machine.rename(|call| (call == CallId(2)).then_some(CallId(1)));
    assert_eq!(machine.stack(), [CallId(1)]);
    assert_eq!(machine.calls().count(), 1);
    assert_eq!(machine.call(CallId(1)).map(|call| call.settled), Some(Settled::No));
}
