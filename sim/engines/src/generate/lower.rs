//! Lowers drafts to scenarios: lanes, names, and steps that fit together.

use std::collections::BTreeSet;

use calloff_model::{CallId, Window};
use calloff_protocol::history::Action;
use calloff_protocol::program::Program;
use calloff_protocol::scenario::{Actor, Expect, Millis, Scenario, Step, Target, Waiting};

use super::Size;
use super::draft::{Call, Course, Deed, Draft, MOMENTS, Place, Use, What};

/// How long before a call is issued, and after it is over, a deed of its actors may happen; but at
/// most half as long as the call itself takes.
const AROUND: u32 = 150;

/// The scenario for a draft, without expectations.
pub(super) fn lower(draft: &Draft, size: &Size) -> Scenario {
    let mut lanes = Lanes { draft, steps: vec![Vec::new(); draft.depths.len()], count: 0 };
    // Leave room for at least one cancel.
    let calls = draft.calls.len().min(size.steps_max.saturating_sub(2) / 4).max(1);
    for call in 0..calls {
        lanes.call(call);
    }
    for deed in &draft.deeds {
        if lanes.count + 2 <= size.steps_max {
            lanes.deed(deed, calls);
        }
    }
    let names = names(draft, calls);
    let lane = |(actor, mut steps): (usize, Vec<(u32, Todo)>)| {
        // The sort is stable: steps with the same moment stay in the order in which they were
        // added.
        steps.sort_by_key(|(moment, _)| *moment);
        let steps = named(steps.into_iter().map(|(_, todo)| todo), &names);
        let (name, depth) = (names[actor].clone(), draft.depths[actor]);
        Actor { name, depth, is_daemon: false, steps }
    };
    let mut actors: Vec<Actor> = lanes.steps.into_iter().enumerate().map(lane).collect();
    let targets: BTreeSet<String> =
        actors.iter().flat_map(|a| &a.steps).filter_map(thread).cloned().collect();
    actors.retain(|actor| !actor.steps.is_empty() || targets.contains(&actor.name));
    let mut scenario = Scenario {
        name: "generated".to_owned(),
        summary: String::new(),
        time: draft.time,
        events: Vec::new(),
        locks: Vec::new(),
        cancel_objects: Vec::new(),
        actors,
        expect: Expect::default(),
    };
    drop_orphans(&mut scenario);
    scenario
}

/// Removes each `await` that can be reached although its `issue` was skipped, together with the
/// method that contains it: the meaning of such a step is not defined.
fn drop_orphans(scenario: &mut Scenario) {
    let program = Program::new(scenario);
    for (actor, lane) in scenario.actors.iter_mut().zip(&program.lanes) {
        let position = |wanted: Action| {
            lane.instructions.iter().position(|instruction| instruction.action == wanted)
        };
        let is_orphan = |call: CallId, awaited: usize| {
            let issued =
                position(Action::Issue(call)).expect("awaited by the actor that issues it");
            lane.instructions[..issued].iter().any(|instruction| {
                let behind = instruction.skip_to as usize;
                matches!(instruction.action, Action::Dispatch(_))
                    && (issued + 1..=awaited).contains(&behind)
            })
        };
        let orphans: Vec<usize> = lane
            .instructions
            .iter()
            .enumerate()
            .filter_map(|(at, instruction)| match instruction.action {
                Action::Await(call) if is_orphan(call, at) => Some(instruction.step),
                _ => None,
            })
            .collect();
        for step in orphans.into_iter().rev() {
            actor.steps.remove(step);
        }
    }
}

/// A step in which threads and calls are numbers.
#[derive(Clone)]
enum Todo {
    Issue(usize),
    Await(usize),
    Dispatch(usize),
    Step(Step),
    Get {
        thread: usize,
        slot: bool,
    },
    Cancel {
        thread: usize,
        window: Window,
    },
    /// The use of a cancel object; without an object, a cancel of the thread.
    Use {
        thread: usize,
        slot: bool,
        what: Use,
    },
}

struct Lanes<'d> {
    draft: &'d Draft,
    steps: Vec<Vec<(u32, Todo)>>,
    count: usize,
}

impl Lanes<'_> {
    fn add(&mut self, actor: usize, moment: u32, todo: Todo) {
        self.steps[actor].push((moment, todo));
        self.count += 1;
    }

    fn call(&mut self, number: usize) {
        let call = &self.draft.calls[number];
        let (caller, server) = parties(self.draft, call);
        let [issued, dispatched, replied, awaited] = call.moments;
        self.add(caller, issued, Todo::Issue(number));
        if call.course != Course::NeverDispatched {
            self.add(server, dispatched, Todo::Dispatch(number));
            if call.course != Course::NeverReplied {
                self.add(server, replied.max(dispatched), Todo::Step(Step::Reply(call.reply)));
            }
        }
        if call.course != Course::NeverAwaited {
            self.add(caller, awaited.max(issued), Todo::Await(number));
        }
    }

    fn deed(&mut self, deed: &Deed, calls: usize) {
        let call = &self.draft.calls[deed.call % calls];
        let (caller, server) = parties(self.draft, call);
        let [issued, dispatched, replied, awaited] = call.moments;
        let within = |from: u32, to: u32, part: u32| {
            let to = to.max(from);
            let around = AROUND.min((to - from) / 2 + 1);
            let (from, to) = (from.saturating_sub(around), to + around);
            from + (to - from) * part / MOMENTS
        };
        let (actor, moment) = match deed.place {
            Place::Caller(part) => (caller, within(issued, awaited, part)),
            Place::Server(part) => (server, within(dispatched, replied, part)),
            Place::Other { actor, moment } => (actor % self.draft.depths.len(), moment),
        };
        let thread = caller;
        match deed.what {
            What::Enable => self.add(actor, moment, Todo::Step(Step::Enable)),
            What::Disable => self.add(actor, moment, Todo::Step(Step::Disable)),
            What::TestCancel => self.add(actor, moment, Todo::Step(Step::TestCancel)),
            What::Sleep(seconds) => {
                self.add(actor, moment, Todo::Step(Step::Sleep(Millis::seconds(seconds))))
            }
            What::Work(seconds) => {
                self.add(actor, moment, Todo::Step(Step::Work(Millis::seconds(seconds))))
            }
            What::CancelThread(window) => self.add(actor, moment, Todo::Cancel { thread, window }),
            What::CancelLater(after, window) => {
                self.add(actor, moment, Todo::Step(Step::Sleep(Millis::seconds(after))));
                self.add(actor, moment, Todo::Cancel { thread, window });
            }
            What::Hold { slot, later, then } => {
                self.add(actor, moment, Todo::Get { thread, slot });
                if let Some(what) = then {
                    self.add(actor, moment + later, Todo::Use { thread, slot, what });
                }
            }
            What::Use { slot, what } => self.add(actor, moment, Todo::Use { thread, slot, what }),
        }
    }
}

/// The caller and the server of a call.
fn parties(draft: &Draft, call: &Call) -> (usize, usize) {
    let actors = draft.depths.len();
    let caller = call.caller % actors;
    let others = actors - 1;
    let server = match call.server {
        0 => caller,
        after => (caller + 1 + (after - 1) % others) % actors,
    };
    (caller, server)
}

/// The actors' names, derived from their main role.
fn names(draft: &Draft, calls: usize) -> Vec<String> {
    let parties: Vec<_> = draft.calls[..calls].iter().map(|call| parties(draft, call)).collect();
    let role = |actor: usize| match actor {
        _ if parties.iter().any(|(caller, _)| *caller == actor) => "caller",
        _ if parties.iter().any(|(_, server)| *server == actor) => "server",
        _ => "canceller",
    };
    let roles: Vec<&str> = (0..draft.depths.len()).map(role).collect();
    let name = |(at, role): (usize, &&str)| match roles[..at]
        .iter()
        .filter(|earlier| *earlier == role)
        .count()
    {
        0 => (*role).to_owned(),
        earlier => format!("{role}-{}", earlier + 1),
    };
    roles.iter().enumerate().map(name).collect()
}

/// The steps of a lane with names, such that each cancel object is got before it is used.
fn named(todo: impl Iterator<Item = Todo>, names: &[String]) -> Vec<Step> {
    let call = |number: usize| format!("call-{}", number + 1);
    let object = |slot: bool| if slot { "spare" } else { "held" }.to_owned();
    let mut got = BTreeSet::new();
    let mut steps: Vec<Step> = Vec::new();
    for todo in todo {
        let cancel = |thread: usize, window| Step::Cancel {
            target: Target::Thread(names[thread].clone()),
            window,
        };
        let step = match todo {
            Todo::Issue(number) => Step::Issue(call(number)),
            Todo::Await(number) if steps.last() == Some(&Step::Issue(call(number))) => {
                steps.pop();
                Step::Call(Waiting::plain(call(number)))
            }
            Todo::Await(number) => Step::Await(Waiting::plain(call(number))),
            Todo::Dispatch(number) => Step::Dispatch(call(number)),
            Todo::Step(step) => step,
            Todo::Get { thread, slot } => {
                got.insert(slot);
                Step::GetCancelObject { thread: names[thread].clone(), object: object(slot) }
            }
            Todo::Cancel { thread, window } => cancel(thread, window),
            Todo::Use { slot, what: Use::Test, .. } if got.contains(&slot) => {
                Step::TestCancelObject(object(slot))
            }
            Todo::Use { slot, what: Use::Cancel(window), .. } if got.contains(&slot) => {
                Step::Cancel { target: Target::Object(object(slot)), window }
            }
            Todo::Use { what: Use::Test, .. } => Step::TestCancel,
            Todo::Use { thread, what: Use::Cancel(window), .. } => cancel(thread, window),
        };
        steps.push(step);
    }
    steps
}

/// The thread that a step names.
fn thread(step: &Step) -> Option<&String> {
    match step {
        Step::GetCancelObject { thread, .. } => Some(thread),
        Step::Cancel { target: Target::Thread(thread), .. } => Some(thread),
        _ => None,
    }
}
