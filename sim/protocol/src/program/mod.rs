//! Programs: scenarios with every name resolved to a number, ready to run.
//!
//! A lane's steps are *instructions*. What comes after an instruction is found in the lane's
//! [`Flow`]: loops, decisions on codes and ends, which take no step of their own.
//!
//! # Example
//!
//! ```text
//! { repeat = { steps = ["enable", { if = { is = "failed", then = ["break"] } }] } }
//!
//! flow  0  step 0 (enable)
//!       1  if the last code is a failure go to 2, else to 3
//!       2  go to 4
//!       3  go to 0
//!       4  end
//! ```

mod flow;
mod lower;
mod names;
mod skips;

use std::collections::BTreeSet;
use std::sync::Arc;

use calloff_model::{CallId, Code, CustomId, Reading, Ticks, Window};
pub use flow::{Flow, Test};

use crate::clauses::{CallFacts, Context, CustomFacts};
use crate::history::{Action, ActorId, EventId, LockId, ObjectId, TimePolicy};
use crate::scenario::{EventObject, Scenario};
use crate::text::printable;

/// A lowered scenario: actors, calls and objects are numbers, and a `call` is an issue and an
/// await.
#[derive(Clone, Debug)]
pub struct Program {
    /// The lanes, in file order.
    pub lanes: Vec<Lane>,
    /// The calls, in the order in which the file issues them. A call that is issued again and again
    /// has *instances*: its id, and that plus the number of calls, and so on.
    pub calls: Vec<CallInfo>,
    /// The events.
    pub events: Vec<EventObject>,
    /// The names of the locks.
    pub locks: Vec<String>,
    /// The custom cancel objects.
    pub customs: Vec<CustomInfo>,
    /// When the clock may advance.
    pub time: TimePolicy,
    /// How many ticks of the clock are a second: 1000 if the file has durations that are no whole
    /// seconds, else 1.
    pub ticks_per_second: u32,
    /// It has steps that only client programs have.
    pub is_client: bool,
    /// It has loops that may go on for ever.
    pub has_cycles: bool,
}

/// A custom cancel object.
#[derive(Clone, Debug)]
pub struct CustomInfo {
    /// Its name.
    pub name: String,
    /// It has `ICancelMethodCalls`.
    pub has_interface: bool,
    /// What its `Cancel` may return.
    pub returns: Vec<Code>,
}

/// What an engine explores: a program under a reading.
#[derive(Clone, Debug)]
pub struct Case {
    /// What races.
    pub program: Arc<Program>,
    /// What the machine is to do where the sources allow two meanings.
    pub reading: Reading,
}

impl Case {
    /// A valid scenario, lowered, under a reading.
    pub fn new(scenario: &Scenario, reading: Reading) -> Case {
        Case { program: Arc::new(Program::new(scenario)), reading }
    }

    /// The same program under another reading.
    #[must_use]
    pub fn under(&self, reading: Reading) -> Case {
        Case { program: self.program.clone(), reading }
    }
}

/// One actor's instructions.
#[derive(Clone, Debug)]
pub struct Lane {
    /// The actor's name.
    pub name: String,
    /// The enable depth that its thread starts with.
    pub depth: u32,
    /// The instructions, in order.
    pub instructions: Vec<Instruction>,
    /// The names under which it keeps cancel objects.
    pub objects: Vec<String>,
    /// The operations that return a code, in order.
    pub returning: Vec<Action>,
    /// The ticks of those sleeps that the file calls `work` wherever they occur in this lane.
    pub works: BTreeSet<u64>,
    /// It need not finish.
    pub is_daemon: bool,
    /// What comes after an instruction.
    pub flow: Vec<Flow>,
    /// The tests of the instructions that look at events and actors.
    pub tests: Vec<Test>,
    /// Where the steps of each custom cancel object begin, for the lanes that may run them.
    pub customs: Vec<u32>,
    /// How many loops count their passes.
    pub counters: usize,
    /// Some decision is on the last code.
    pub decides_on_codes: bool,
}

/// One operation of an actor.
#[derive(Clone, Debug)]
pub struct Instruction {
    /// The operation. A server-side `TestCancel` gets the call that it is about when it runs.
    pub action: Action,
    /// The position of the step in the file, from 0.
    pub step: usize,
    /// Its position among the actor's code-returning steps; `None` if it returns no code.
    pub code: Option<u32>,
    /// Whether it returns a code to the actor.
    pub returns: bool,
    /// The place in the flow that follows.
    pub next: u32,
    /// The place in the flow that follows a `dispatch` whose call is skipped, and a look that finds
    /// its test false.
    pub skip_to: u32,
    /// Where the handlers begin that may run while it waits.
    pub handlers: Vec<u32>,
    /// A message filter may give its wait up.
    pub has_filter: bool,
}

/// A call's name and its caller.
#[derive(Clone, Debug)]
pub struct CallInfo {
    /// The call's name.
    pub name: String,
    /// The actor that issues it.
    pub caller: ActorId,
    /// It may be issued more than once.
    pub repeats: bool,
    /// Its wait may be given up by a message filter.
    pub has_filter: bool,
    /// The call in whose wait it is issued by a handler, if it is.
    pub within: Option<CallId>,
}

impl Program {
    /// Lowers a valid scenario.
    ///
    /// # Panics
    ///
    /// If the scenario names something that it does not define; validation refuses such a scenario.
    pub fn new(scenario: &Scenario) -> Program {
        lower::lower(scenario)
    }

    /// The context for the clauses: actors, calls, and their names.
    pub fn context(&self, reading: Reading) -> Context {
        let call = |info: &CallInfo| CallFacts {
            name: info.name.clone(),
            caller: info.caller,
            repeats: info.repeats,
            has_filter: info.has_filter,
            within: info.within,
        };
        let custom = |info: &CustomInfo| CustomFacts {
            name: info.name.clone(),
            has_interface: info.has_interface,
            returns: info.returns.clone(),
        };
        Context {
            reading,
            time: self.time,
            actors: self.lanes.iter().map(|lane| lane.name.clone()).collect(),
            depths: self.depths(),
            calls: self.calls.iter().map(call).collect(),
            objects: self.lanes.iter().map(|lane| lane.objects.clone()).collect(),
            customs: self.customs.iter().map(custom).collect(),
            locks: self.locks.clone(),
            is_endless: self.has_cycles,
            ticks_per_second: self.ticks_per_second,
        }
    }

    /// The enable depth that each thread starts with.
    pub fn depths(&self) -> Vec<u32> {
        self.lanes.iter().map(|lane| lane.depth).collect()
    }

    /// The actor that issues the call: the thread whose machine knows it.
    pub fn caller(&self, call: CallId) -> ActorId {
        self.calls[self.named(call).0 as usize].caller
    }

    /// The call that this is an instance of.
    pub fn named(&self, call: CallId) -> CallId {
        CallId(call.0 % id(self.calls.len().max(1)))
    }

    /// The instance of a call that has so many before it.
    pub fn instance(&self, name: CallId, before: u32) -> CallId {
        CallId(name.0 + before * id(self.calls.len()))
    }

    /// Whether a call of that name may be issued more than once.
    pub fn repeats(&self, call: CallId) -> bool {
        self.calls[self.named(call).0 as usize].repeats
    }

    /// In how many ways an actor may be able to step: handlers and a message filter are ways, and
    /// so is each code of a custom cancel object.
    pub fn ways(&self, actor: ActorId) -> usize {
        let lane = &self.lanes[actor.0 as usize];
        let of_waits = lane.instructions.iter().map(|i| match i.handlers.len() {
            0 if i.has_filter => 2,
            0 => 1,
            handlers => 2 + handlers,
        });
        let objects = self.customs.iter().filter(|_| !lane.customs.is_empty());
        of_waits.chain(objects.map(|object| object.returns.len())).max().unwrap_or(1)
    }

    /// Whether some actor may be able to step in several ways.
    pub fn has_ways(&self) -> bool {
        self.actors().any(|actor| self.ways(actor) > 1)
    }

    /// Whether some call may be issued more than once.
    pub fn has_instances(&self) -> bool {
        self.calls.iter().any(|call| call.repeats)
    }

    /// The call's name.
    pub fn call_name(&self, call: CallId) -> &str {
        &self.calls[self.named(call).0 as usize].name
    }

    /// Whether some step finds out who has not finished yet.
    pub fn asks_who_has_finished(&self) -> bool {
        self.lanes.iter().any(|lane| {
            let mut actions = lane.instructions.iter().map(|instruction| instruction.action);
            lane.tests.iter().any(Test::looks_at_actors)
                || actions.any(|action| matches!(action, Action::Join(_, Some(_))))
        })
    }

    /// The longest sleep, timeout or finite window, in ticks.
    pub fn longest(&self) -> u64 {
        let ticks = |instruction: &Instruction| match instruction.action {
            Action::Sleep(ticks) | Action::Wait(_, Some(ticks)) | Action::Join(_, Some(ticks)) => {
                ticks
            }
            Action::CancelThread(_, Window::Seconds(ticks))
            | Action::CancelObject(_, Window::Seconds(ticks)) => u64::from(ticks),
            _ => 0,
        };
        let instructions = self.lanes.iter().flat_map(|lane| &lane.instructions);
        instructions.map(ticks).max().unwrap_or(0)
    }

    /// The time in words.
    pub fn time(&self, at: Ticks) -> String {
        let per_second = u64::from(self.ticks_per_second);
        match per_second {
            1 => at.to_string(),
            _ => format!("{}.{:03}s", at.0 / per_second, at.0 % per_second),
        }
    }

    /// The duration in words.
    pub fn duration(&self, ticks: u64) -> String {
        match ticks % u64::from(self.ticks_per_second) {
            0 => format!("{} s", ticks / u64::from(self.ticks_per_second)),
            _ => format!("{ticks} ms"),
        }
    }

    /// The actor's name.
    pub fn actor_name(&self, actor: ActorId) -> &str {
        &self.lanes[actor.0 as usize].name
    }

    /// The operation, nearly as a scenario file writes it.
    pub fn operation(&self, actor: ActorId, action: Action) -> String {
        let lane = &self.lanes[actor.0 as usize];
        let call = |call| self.call_name(call);
        let window = |window| self.window(window);
        let object = |object: ObjectId| lane.objects[object.0 as usize].as_str();
        let text = match action {
            Action::Enable => "enable".to_owned(),
            Action::Disable => "disable".to_owned(),
            Action::Issue(c) => format!("issue {}", call(c)),
            Action::Await(c) => format!("await {}", call(c)),
            Action::Dispatch(c) => format!("dispatch {}", call(c)),
            Action::TestCancel(_) => "test_cancel".to_owned(),
            Action::TestCancelObject(o) => format!("test_cancel {}", object(o)),
            Action::Reply(c, code) => format!("reply {code} to {}", call(c)),
            Action::GetCancelObject(thread, o) => {
                format!("get_cancel_object {} as {}", self.actor_name(thread), object(o))
            }
            Action::CancelThread(thread, w) => {
                format!("cancel {}, {}", self.actor_name(thread), window(w))
            }
            Action::CancelObject(o, w) => format!("cancel {}, {}", object(o), window(w)),
            Action::Sleep(ticks) if lane.works.contains(&ticks) => {
                format!("work {}", self.duration(ticks))
            }
            Action::Sleep(ticks) => format!("sleep {}", self.duration(ticks)),
            Action::GiveUp(c) => format!("give up {}", call(c)),
            Action::Set(event) => format!("set {}", self.event_name(event)),
            Action::Reset(event) => format!("reset {}", self.event_name(event)),
            Action::Wait(event, timeout) => {
                format!("wait {}{}", self.event_name(event), self.at_most(timeout))
            }
            Action::Join(other, timeout) => {
                format!("join {}{}", self.actor_name(other), self.at_most(timeout))
            }
            Action::Lock(lock) => format!("lock {}", self.lock_name(lock)),
            Action::Unlock(lock) => format!("unlock {}", self.lock_name(lock)),
            Action::Look(test) => format!("look whether {}", self.test(&lane.tests[test as usize])),
            Action::SetCancelObject(Some(object)) => {
                format!("set_cancel_object {}", self.custom_name(object))
            }
            Action::SetCancelObject(None) => "unset_cancel_object".to_owned(),
        };
        printable(&text)
    }

    /// The step of the file that is at this position among the actor's code-returning steps: its
    /// number in the actor's list, the actor, and the operation. Every report names a step so.
    pub fn step_name(&self, actor: ActorId, position: u32) -> String {
        let lane = &self.lanes[actor.0 as usize];
        let mut returning = lane.instructions.iter().filter(|i| i.code == Some(position));
        let Instruction { action, step, .. } = *returning.next().expect("a step that returns");
        let is_issued_here = |call| {
            let issue = |i: &Instruction| i.step == step && i.action == Action::Issue(call);
            lane.instructions.iter().any(issue)
        };
        let operation = match action {
            Action::Await(call) if is_issued_here(call) => {
                printable(&format!("call {}", self.call_name(call)))
            }
            action => self.operation(actor, action),
        };
        format!("step {} of `{}` ({operation})", step + 1, printable(&lane.name))
    }

    fn window(&self, window: Window) -> String {
        match window {
            Window::Seconds(ticks) => self.duration(u64::from(ticks)),
            Window::Infinite => "infinite".to_owned(),
        }
    }

    fn at_most(&self, timeout: Option<u64>) -> String {
        timeout.map_or_else(String::new, |ticks| format!(", at most {}", self.duration(ticks)))
    }

    /// The event's name.
    pub fn event_name(&self, event: EventId) -> &str {
        &self.events[event.0 as usize].name
    }

    /// All events, in file order.
    pub fn event_ids(&self) -> impl Iterator<Item = EventId> + use<> {
        (0..id(self.events.len())).map(EventId)
    }

    /// All locks, in file order.
    pub fn lock_ids(&self) -> impl Iterator<Item = LockId> + use<> {
        (0..id(self.locks.len())).map(LockId)
    }

    /// The lock's name.
    pub fn lock_name(&self, lock: LockId) -> &str {
        &self.locks[lock.0 as usize]
    }

    /// The custom cancel object's name.
    pub fn custom_name(&self, object: CustomId) -> &str {
        &self.customs[object.0 as usize].name
    }

    /// The test in words.
    fn test(&self, test: &Test) -> String {
        let list = |tests: &[Test], word: &str| {
            tests.iter().map(|test| self.test(test)).collect::<Vec<_>>().join(word)
        };
        match test {
            Test::Succeeded => "the last code is a success".to_owned(),
            Test::Failed => "the last code is a failure".to_owned(),
            Test::Codes(codes) => {
                let names: Vec<String> = codes.iter().map(|code| code.name()).collect();
                format!("the last code is {}", names.join(" or "))
            }
            Test::Set(event) => format!("{} is set", self.event_name(*event)),
            Test::Finished(actor) => format!("{} has finished", self.actor_name(*actor)),
            Test::Not(test) => format!("not ({})", self.test(test)),
            Test::All(tests) => list(tests, " and "),
            Test::Any(tests) => list(tests, " or "),
        }
    }

    /// The position among the actor's code-returning steps of the step with this number in its
    /// list, from 1.
    pub fn code_of_step(&self, actor: ActorId, number: usize) -> Option<u32> {
        let lane = &self.lanes[actor.0 as usize];
        lane.instructions.iter().filter(|i| i.step + 1 == number).find_map(|i| i.code)
    }

    /// All actors, in file order.
    pub fn actors(&self) -> impl Iterator<Item = ActorId> + use<> {
        (0..id(self.lanes.len())).map(ActorId)
    }
}

/// The window as the machine gets it: in ticks.
fn in_ticks(window: Window, ticks_per_second: u32) -> Window {
    match window {
        Window::Seconds(seconds) => {
            let ticks = seconds.saturating_mul(ticks_per_second);
            Window::Seconds(ticks.min(Window::INFINITE - 1))
        }
        Window::Infinite => Window::Infinite,
    }
}

fn id(index: usize) -> u32 {
    u32::try_from(index).expect("a scenario file is too small for that many")
}
