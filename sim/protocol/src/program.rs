//! Programs: scenarios with every name resolved to a number, ready to run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use calloff_model::{CallId, Reading, Window};

use crate::clauses::{CallFacts, Context};
use crate::history::{Action, ActorId, ObjectId, TimePolicy};
use crate::scenario::{Scenario, Step, Target};
use crate::text::printable;

/// A lowered scenario: actors, calls and objects are numbers, and a `call` is an issue and an
/// await.
#[derive(Clone, Debug)]
pub struct Program {
    /// The lanes, in file order.
    pub lanes: Vec<Lane>,
    /// The calls, in the order in which the file issues them.
    pub calls: Vec<CallInfo>,
    /// When the clock may advance.
    pub time: TimePolicy,
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
    /// The seconds of those sleeps that the file calls `work` wherever they occur in this lane.
    pub works: BTreeSet<u32>,
}

/// One operation of an actor.
#[derive(Clone, Copy, Debug)]
pub struct Instruction {
    /// The operation. A server-side `TestCancel` gets the call that it is about when it runs.
    pub action: Action,
    /// The position of the step in the file, from 0.
    pub step: usize,
    /// Its position among the actor's code-returning steps; `None` if it returns no code.
    pub code: Option<u32>,
    /// The instruction that follows a `dispatch` whose call is skipped.
    pub skip_to: u32,
}

/// A call's name and its caller.
#[derive(Clone, Debug)]
pub struct CallInfo {
    /// The call's name.
    pub name: String,
    /// The actor that issues it.
    pub caller: ActorId,
}

impl Program {
    /// Lowers a valid scenario.
    ///
    /// # Panics
    ///
    /// If the scenario names something that it does not define; validation refuses such a scenario.
    pub fn new(scenario: &Scenario) -> Program {
        let names = Names::of(scenario);
        let lanes = scenario.actors.iter().map(|actor| lane(actor, &names)).collect();
        Program { lanes, calls: names.infos, time: scenario.time }
    }

    /// The context for the clauses: actors, calls, and their names.
    pub fn context(&self, reading: Reading) -> Context {
        let call = |info: &CallInfo| CallFacts { name: info.name.clone(), caller: info.caller };
        Context {
            reading,
            time: self.time,
            actors: self.lanes.iter().map(|lane| lane.name.clone()).collect(),
            depths: self.depths(),
            calls: self.calls.iter().map(call).collect(),
            objects: self.lanes.iter().map(|lane| lane.objects.clone()).collect(),
        }
    }

    /// The enable depth that each thread starts with.
    pub fn depths(&self) -> Vec<u32> {
        self.lanes.iter().map(|lane| lane.depth).collect()
    }

    /// The actor that issues the call: the thread whose machine knows it.
    pub fn caller(&self, call: CallId) -> ActorId {
        self.calls[call.0 as usize].caller
    }

    /// The call's name.
    pub fn call_name(&self, call: CallId) -> &str {
        &self.calls[call.0 as usize].name
    }

    /// The actor's name.
    pub fn actor_name(&self, actor: ActorId) -> &str {
        &self.lanes[actor.0 as usize].name
    }

    /// The operation, nearly as a scenario file writes it.
    pub fn operation(&self, actor: ActorId, action: Action) -> String {
        let lane = &self.lanes[actor.0 as usize];
        let call = |call| self.call_name(call);
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
            Action::Sleep(seconds) if lane.works.contains(&seconds) => format!("work {seconds} s"),
            Action::Sleep(seconds) => format!("sleep {seconds} s"),
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

    /// All actors, in file order.
    pub fn actors(&self) -> impl Iterator<Item = ActorId> + use<> {
        (0..id(self.lanes.len())).map(ActorId)
    }
}

fn window(window: Window) -> String {
    match window {
        Window::Seconds(seconds) => format!("{seconds} s"),
        Window::Infinite => "infinite".to_owned(),
    }
}

fn id(index: usize) -> u32 {
    u32::try_from(index).expect("a scenario file is too small for that many")
}

/// The numbers for the names of a scenario.
struct Names<'s> {
    actors: BTreeMap<&'s str, ActorId>,
    calls: BTreeMap<&'s str, CallId>,
    infos: Vec<CallInfo>,
}

impl<'s> Names<'s> {
    fn of(scenario: &'s Scenario) -> Names<'s> {
        let mut names =
            Names { actors: BTreeMap::new(), calls: BTreeMap::new(), infos: Vec::new() };
        for (index, actor) in scenario.actors.iter().enumerate() {
            let caller = ActorId(id(index));
            names.actors.insert(&actor.name, caller);
            for step in &actor.steps {
                if let Step::Issue(name) | Step::Call(name) = step {
                    names.calls.insert(name, CallId(id(names.infos.len())));
                    names.infos.push(CallInfo { name: name.clone(), caller });
                }
            }
        }
        names
    }

    fn actor(&self, name: &str) -> ActorId {
        self.actors[name]
    }

    fn call(&self, name: &str) -> CallId {
        self.calls[name]
    }
}

fn lane(actor: &crate::scenario::Actor, names: &Names) -> Lane {
    let mut lane = LaneBuilder { names, objects: Vec::new(), serving: Vec::new() };
    let mut instructions = Vec::new();
    let mut returning = Vec::new();
    for (step, what) in actor.steps.iter().enumerate() {
        for action in lane.actions(what) {
            let returns = what.returns_code() && !matches!(action, Action::Issue(_));
            let code = returns.then(|| id(returning.len()));
            returning.extend(returns.then_some(action));
            instructions.push(Instruction { action, step, code, skip_to: 0 });
        }
    }
    resolve_skips(&mut instructions);
    let mut works: BTreeSet<u32> = seconds(actor, |step| matches!(step, Step::Work(_)));
    for slept in seconds(actor, |step| matches!(step, Step::Sleep(_))) {
        works.remove(&slept);
    }
    let (name, depth) = (actor.name.clone(), actor.depth);
    Lane { name, depth, instructions, objects: lane.objects, returning, works }
}

/// The seconds of the actor's sleeps that are meant.
fn seconds(actor: &crate::scenario::Actor, is_meant: fn(&Step) -> bool) -> BTreeSet<u32> {
    let steps = actor.steps.iter().filter(|step| is_meant(step));
    let seconds = steps.filter_map(|step| match step {
        Step::Sleep(seconds) | Step::Work(seconds) => Some(*seconds),
        _ => None,
    });
    seconds.collect()
}

struct LaneBuilder<'s> {
    names: &'s Names<'s>,
    objects: Vec<String>,
    serving: Vec<CallId>,
}

impl LaneBuilder<'_> {
    fn actions(&mut self, step: &Step) -> Vec<Action> {
        let names = self.names;
        vec![match step {
            Step::Enable => Action::Enable,
            Step::Disable => Action::Disable,
            Step::Issue(call) => Action::Issue(names.call(call)),
            Step::Await(call) => Action::Await(names.call(call)),
            Step::Call(call) => {
                let call = names.call(call);
                return vec![Action::Issue(call), Action::Await(call)];
            }
            Step::Dispatch(call) => {
                let call = names.call(call);
                self.serving.push(call);
                Action::Dispatch(call)
            }
            Step::TestCancel => Action::TestCancel(self.serving.last().copied()),
            Step::TestCancelObject(object) => Action::TestCancelObject(self.object(object)),
            Step::Reply(code) => {
                Action::Reply(self.serving.pop().expect("a reply needs a call being served"), *code)
            }
            Step::GetCancelObject { thread, object } => {
                Action::GetCancelObject(names.actor(thread), self.object(object))
            }
            Step::Cancel { target: Target::Thread(thread), window } => {
                Action::CancelThread(names.actor(thread), *window)
            }
            Step::Cancel { target: Target::Object(object), window } => {
                Action::CancelObject(self.object(object), *window)
            }
            Step::Sleep(seconds) | Step::Work(seconds) => Action::Sleep(*seconds),
        }]
    }

    fn object(&mut self, name: &str) -> ObjectId {
        let index = self.objects.iter().position(|known| known == name).unwrap_or_else(|| {
            self.objects.push(name.to_owned());
            self.objects.len() - 1
        });
        ObjectId(id(index))
    }
}

/// A skipped call's method is never entered, so the actor goes on after the reply that ends it. A
/// method without a reply of its own ends after the next reply that leaves nothing else being
/// served, or with the actor.
fn resolve_skips(instructions: &mut [Instruction]) {
    let end = id(instructions.len());
    // Dispatches whose reply was not met yet, with the place after the last reply since then.
    let mut open: Vec<(usize, Option<u32>)> = Vec::new();
    for at in 0..instructions.len() {
        let after = id(at + 1);
        match instructions[at].action {
            Action::Dispatch(_) => open.push((at, None)),
            Action::Reply(..) => {
                if let Some((dispatch, _)) = open.pop() {
                    instructions[dispatch].skip_to = after;
                }
                if let Some((_, behind)) = open.last_mut() {
                    behind.get_or_insert(after);
                }
            }
            _ => {}
        }
    }
    for (dispatch, behind) in open {
        instructions[dispatch].skip_to = behind.unwrap_or(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skips(text: &str) -> Vec<u32> {
        let mut instructions: Vec<Instruction> = text
            .chars()
            .map(|c| match c {
                'd' => Action::Dispatch(CallId(0)),
                'r' => Action::Reply(CallId(0), calloff_model::Code::S_OK),
                _ => Action::Enable,
            })
            .map(|action| Instruction { action, step: 0, code: None, skip_to: 0 })
            .collect();
        resolve_skips(&mut instructions);
        let dispatches = instructions.iter().filter(|i| matches!(i.action, Action::Dispatch(_)));
        dispatches.map(|i| i.skip_to).collect()
    }

    #[test]
    fn a_skipped_call_goes_on_behind_its_own_reply() {
        assert_eq!(skips("dxrx"), [3]);
        assert_eq!(skips("drdr"), [2, 4]);
        assert_eq!(skips("ddrr"), [4, 3]);
    }

    #[test]
    fn a_method_without_a_reply_ends_with_the_next_reply_or_with_the_actor() {
        assert_eq!(skips("dxx"), [3]);
        assert_eq!(skips("ddrx"), [3, 3]);
        assert_eq!(skips("dddrrx"), [5, 5, 4]);
    }
}
