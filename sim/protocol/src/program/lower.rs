//! Lowers a scenario to a program: names become numbers, and steps within steps become a flow.

use std::collections::BTreeSet;

use calloff_model::CallId;

use super::flow::Flow;
use super::names::{Names, every_step};
use super::{CustomInfo, Instruction, Lane, Program, id};
use crate::history::{Action, ObjectId};
use crate::scenario::{Actor, Condition, Millis, Scenario, Step, Target, Until, Waiting};

/// Lowers a valid scenario.
pub(super) fn lower(scenario: &Scenario) -> Program {
    let mut names = Names::of(scenario);
    let lanes: Vec<Lane> = scenario.actors.iter().map(|actor| lane(actor, &names)).collect();
    let has_cycles = every_step(scenario).any(|step| match step {
        Step::Repeat { until, .. } => !matches!(until, Until::Times(_)),
        _ => false,
    });
    let customs = scenario.cancel_objects.iter().map(|object| CustomInfo {
        name: object.name.clone(),
        has_interface: object.has_interface,
        returns: object.returns.clone(),
    });
    Program {
        lanes,
        calls: std::mem::take(&mut names.infos),
        events: scenario.events.clone(),
        locks: scenario.locks.clone(),
        customs: customs.collect(),
        time: scenario.time,
        ticks_per_second: names.ticks_per_second,
        is_client: is_client(scenario),
        has_cycles,
    }
}

/// Whether the file has something that only client programs have.
fn is_client(scenario: &Scenario) -> bool {
    let is_plain = |step: &Step| match step {
        Step::Await(waiting) | Step::Call(waiting) => {
            waiting.serving.is_empty() && !waiting.has_filter
        }
        Step::Sleep(duration) | Step::Work(duration) => duration.as_seconds().is_some(),
        Step::Enable
        | Step::Disable
        | Step::Issue(_)
        | Step::Dispatch(_)
        | Step::TestCancel
        | Step::TestCancelObject(_)
        | Step::Reply(_)
        | Step::GetCancelObject { .. }
        | Step::Cancel { .. } => true,
        _ => false,
    };
    let mut dispatched = BTreeSet::new();
    let mut is_twice =
        |step: &Step| matches!(step, Step::Dispatch(c) if !dispatched.insert(c.clone()));
    let has_objects = !scenario.cancel_objects.is_empty();
    has_objects
        || !scenario.events.is_empty()
        || !scenario.locks.is_empty()
        || scenario.actors.iter().any(|actor| actor.is_daemon)
        || every_step(scenario).any(|step| !is_plain(step) || is_twice(step))
}

fn lane(actor: &Actor, names: &Names) -> Lane {
    let lane = Lane {
        name: actor.name.clone(),
        depth: actor.depth,
        instructions: Vec::new(),
        objects: Vec::new(),
        returning: Vec::new(),
        works: works(actor, names),
        is_daemon: actor.is_daemon,
        flow: Vec::new(),
        tests: Vec::new(),
        customs: Vec::new(),
        counters: 0,
        decides_on_codes: false,
    };
    let mut lower = Lower {
        names,
        lane,
        step: 0,
        serving: Vec::new(),
        lists: Vec::new(),
        loops: Vec::new(),
        returns: Vec::new(),
        is_object: false,
    };
    lower.scope(&actor.steps);
    let end = lower.here();
    for place in std::mem::take(&mut lower.returns) {
        lower.lane.flow[place as usize] = Flow::Jump(end);
    }
    lower.lane.flow.push(Flow::End);
    let cancels = Step::all(&actor.steps).any(|step| matches!(step, Step::Cancel { .. }));
    for object in names.scenario.cancel_objects.iter().filter(|_| cancels) {
        lower.is_object = true;
        let begin = lower.here();
        lower.lane.customs.push(begin);
        lower.scope(&object.steps);
        lower.lane.flow.push(Flow::Leave);
    }
    lower.lane
}

/// The ticks of those sleeps that the actor's steps call `work`, and nowhere `sleep`.
fn works(actor: &Actor, names: &Names) -> BTreeSet<u64> {
    let ticks = |is_meant: fn(&Step) -> Option<Millis>| -> BTreeSet<u64> {
        Step::all(&actor.steps).filter_map(is_meant).map(|d| names.ticks(d)).collect()
    };
    let works = ticks(|step| if let Step::Work(duration) = step { Some(*duration) } else { None });
    let sleeps =
        ticks(|step| if let Step::Sleep(duration) = step { Some(*duration) } else { None });
    works.difference(&sleeps).copied().collect()
}

pub(super) struct Lower<'s> {
    names: &'s Names<'s>,
    pub(super) lane: Lane,
    /// The number of the next step, in the order of the file.
    step: usize,
    /// The calls that are being served, as far as the order of the file tells.
    serving: Vec<CallId>,
    /// The lists that the current step is in, the innermost last.
    pub(super) lists: Vec<List<'s>>,
    /// For each loop round the current step: the places of its `break`s.
    loops: Vec<Vec<u32>>,
    /// The places of `return`s.
    returns: Vec<u32>,
    /// The steps are those of a custom cancel object, whose codes no report lists.
    is_object: bool,
}

/// A list of steps that is being lowered.
pub(super) struct List<'s> {
    pub(super) steps: &'s [Step],
    /// The current step.
    pub(super) at: usize,
    /// It is the body of a loop, a handler or all of the actor's steps: a skip ends here.
    pub(super) is_scope: bool,
    /// The dispatches that go on behind a step of the list if their call is skipped.
    pub(super) skips: Vec<(usize, u32)>,
    /// The dispatches that go on at the end of the list.
    pub(super) to_end: Vec<u32>,
}

impl<'s> Lower<'s> {
    fn here(&self) -> u32 {
        id(self.lane.flow.len())
    }

    /// A list at whose end a skip ends.
    fn scope(&mut self, steps: &'s [Step]) {
        self.list(steps, true);
    }

    fn list(&mut self, steps: &'s [Step], is_scope: bool) {
        let list = List { steps, at: 0, is_scope, skips: Vec::new(), to_end: Vec::new() };
        self.lists.push(list);
        for (at, step) in steps.iter().enumerate() {
            self.lists.last_mut().expect("it was pushed").at = at;
            self.step(step);
            let here = self.here();
            let list = self.lists.last_mut().expect("it was pushed");
            for (_, dispatch) in list.skips.extract_if(.., |(behind, _)| *behind == at) {
                self.lane.instructions[dispatch as usize].skip_to = here;
            }
        }
        let here = self.here();
        for dispatch in self.lists.pop().expect("it was pushed").to_end {
            self.lane.instructions[dispatch as usize].skip_to = here;
        }
    }

    fn step(&mut self, step: &'s Step) {
        match step {
            Step::Repeat { steps, until } => {
                self.step += 1;
                self.repeat(steps, until);
            }
            Step::If { condition, then, otherwise } => {
                self.step += 1;
                self.decide(condition, then, otherwise);
            }
            Step::Break => {
                self.step += 1;
                let here = self.here();
                self.loops.last_mut().expect("a `break` is in a loop").push(here);
                self.lane.flow.push(Flow::Jump(0));
            }
            Step::Return => {
                self.step += 1;
                self.returns.push(self.here());
                self.lane.flow.push(Flow::Jump(0));
            }
            Step::Call(waiting) => {
                let call = self.names.call(&waiting.call);
                self.add(Action::Issue(call), false);
                self.wait(call, waiting);
            }
            Step::Await(waiting) => self.wait(self.names.call(&waiting.call), waiting),
            plain => {
                let action = self.action(plain);
                self.add(action, plain.returns_code());
                self.step += 1;
                if let Action::Dispatch(call) = action {
                    self.serving.push(call);
                    self.skip();
                }
                if let Action::Reply(..) = action
                    && self.serving.len() > 1
                {
                    self.serving.pop();
                }
            }
        }
    }

    /// Adds an instruction; the next one follows.
    fn add(&mut self, action: Action, returns: bool) -> u32 {
        let at = id(self.lane.instructions.len());
        let code = (returns && !self.is_object).then(|| id(self.lane.returning.len()));
        self.lane.returning.extend(code.map(|_| action));
        self.lane.flow.push(Flow::Step(at));
        let (step, next) = (self.step, self.here());
        let (handlers, has_filter) = (Vec::new(), false);
        let instruction =
            Instruction { action, step, code, returns, next, skip_to: next, handlers, has_filter };
        self.lane.instructions.push(instruction);
        at
    }

    fn wait(&mut self, call: CallId, waiting: &'s Waiting) {
        let at = self.add(Action::Await(call), true) as usize;
        self.step += 1;
        self.lane.instructions[at].has_filter = waiting.has_filter;
        if waiting.serving.is_empty() {
            return;
        }
        let over = self.here() as usize;
        self.lane.flow.push(Flow::Jump(0));
        for handler in &waiting.serving {
            let (serving, loops) = (self.serving.clone(), std::mem::take(&mut self.loops));
            let begin = self.here();
            self.lane.instructions[at].handlers.push(begin);
            self.scope(handler);
            self.lane.flow.push(Flow::Leave);
            (self.serving, self.loops) = (serving, loops);
        }
        self.lane.flow[over] = Flow::Jump(self.here());
    }

    fn repeat(&mut self, steps: &'s [Step], until: &Until) {
        let begin = self.here();
        self.loops.push(Vec::new());
        self.scope(steps);
        let counter = match until {
            Until::Never => {
                self.lane.flow.push(Flow::Jump(begin));
                None
            }
            Until::Met(condition) => {
                let decision = self.branch(condition);
                let after = self.here();
                self.settle(decision, after, begin);
                None
            }
            Until::Times(times) => {
                let counter = id(self.lane.counters);
                self.lane.counters += 1;
                self.lane.flow.push(Flow::Again { counter, times: *times, back: begin });
                Some(counter)
            }
        };
        let after = self.here();
        for place in self.loops.pop().expect("it was pushed") {
            self.lane.flow[place as usize] = Flow::Jump(after);
        }
        if let Some(counter) = counter {
            self.lane.flow.push(Flow::Clear { counter });
        }
    }

    fn decide(&mut self, condition: &Condition, then: &'s [Step], otherwise: &'s [Step]) {
        let decision = self.branch(condition);
        let (serving, yes) = (self.serving.clone(), self.here());
        self.list(then, false);
        let after_then = std::mem::replace(&mut self.serving, serving);
        let over = self.here() as usize;
        self.lane.flow.push(Flow::Jump(0));
        let no = self.here();
        self.list(otherwise, false);
        if self.serving.is_empty() {
            self.serving = after_then;
        }
        self.lane.flow[over] = Flow::Jump(self.here());
        self.settle(decision, yes, no);
    }

    /// Adds a decision, of which it is still open where it leads.
    fn branch(&mut self, condition: &Condition) -> Decision {
        let test = self.names.test(condition);
        self.lane.decides_on_codes |= test.looks_at_codes();
        if test.takes_a_step() {
            let number = id(self.lane.tests.len());
            self.lane.tests.push(test);
            return Decision::Look(self.add(Action::Look(number), false));
        }
        let place = self.here();
        self.lane.flow.push(Flow::Branch { test, yes: 0, no: 0 });
        Decision::Branch(place)
    }

    fn settle(&mut self, decision: Decision, to_yes: u32, to_no: u32) {
        match decision {
            Decision::Look(at) => {
                let look = &mut self.lane.instructions[at as usize];
                (look.next, look.skip_to) = (to_yes, to_no);
            }
            Decision::Branch(place) => {
                if let Flow::Branch { yes, no, .. } = &mut self.lane.flow[place as usize] {
                    (*yes, *no) = (to_yes, to_no);
                }
            }
        }
    }

    fn action(&mut self, step: &Step) -> Action {
        let names = self.names;
        match step {
            Step::Enable => Action::Enable,
            Step::Disable => Action::Disable,
            Step::Issue(call) => Action::Issue(names.call(call)),
            Step::Dispatch(call) => Action::Dispatch(names.call(call)),
            Step::TestCancel => Action::TestCancel(self.serving.last().copied()),
            Step::TestCancelObject(object) => Action::TestCancelObject(self.object(object)),
            Step::Reply(code) => {
                let serving = self.serving.last();
                Action::Reply(*serving.expect("a reply needs a call being served"), *code)
            }
            Step::GetCancelObject { thread, object } => {
                Action::GetCancelObject(names.actors[thread.as_str()], self.object(object))
            }
            Step::Cancel { target, window } => {
                let window = super::in_ticks(*window, names.ticks_per_second);
                match target {
                    Target::Thread(thread) => {
                        Action::CancelThread(names.actors[thread.as_str()], window)
                    }
                    Target::Object(object) => Action::CancelObject(self.object(object), window),
                }
            }
            Step::Sleep(duration) | Step::Work(duration) => Action::Sleep(names.ticks(*duration)),
            Step::Set(event) => Action::Set(names.events[event.as_str()]),
            Step::Reset(event) => Action::Reset(names.events[event.as_str()]),
            Step::Wait { event, timeout } => {
                let timeout = timeout.map(|timeout| names.ticks(timeout));
                Action::Wait(names.events[event.as_str()], timeout)
            }
            Step::Join { actor, timeout } => {
                let timeout = timeout.map(|timeout| names.ticks(timeout));
                Action::Join(names.actors[actor.as_str()], timeout)
            }
            Step::Lock(lock) => Action::Lock(names.locks[lock.as_str()]),
            Step::Unlock(lock) => Action::Unlock(names.locks[lock.as_str()]),
            Step::SetCancelObject(object) => {
                Action::SetCancelObject(Some(names.customs[object.as_str()]))
            }
            Step::UnsetCancelObject => Action::SetCancelObject(None),
            Step::Await(_)
            | Step::Call(_)
            | Step::Repeat { .. }
            | Step::If { .. }
            | Step::Break
            | Step::Return => unreachable!("these are no single operation"),
        }
    }

    fn object(&mut self, name: &str) -> ObjectId {
        let objects = &mut self.lane.objects;
        let index = objects.iter().position(|known| known == name).unwrap_or_else(|| {
            objects.push(name.to_owned());
            objects.len() - 1
        });
        ObjectId(id(index))
    }
}

/// A decision, by its instruction or by its place in the flow.
enum Decision {
    Look(u32),
    Branch(u32),
}
