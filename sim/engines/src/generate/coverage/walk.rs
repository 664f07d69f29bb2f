//! The order of racing events on the same call, observed in a random walk.

use std::collections::{BTreeMap, BTreeSet};

use calloff_model::{CallId, CancelTarget, HeldObject, Op, Reading, Request, Stage, Ticks};
use calloff_protocol::history::{Action, ActorId};
use calloff_protocol::program::Program;
use calloff_protocol::world::{Choice, Fault, Phase, World};
use proptest::prelude::Rng;
use proptest::test_runner::TestRng;
use serde::{Deserialize, Serialize};

/// What races on a call.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Racing {
    /// A `Cancel` makes its request, whatever the answer.
    Cancel,
    /// The server replies, even if too late.
    Completion,
    /// The thread that issued the call enables or disables while the call is pending.
    Toggle,
    /// The window of an accepted request ends, even if the call is already over.
    Expiry,
}

impl Racing {
    /// All of them.
    pub const ALL: [Racing; 4] =
        [Racing::Cancel, Racing::Completion, Racing::Toggle, Racing::Expiry];

    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Racing::Cancel => "cancel",
            Racing::Completion => "completion",
            Racing::Toggle => "toggle",
            Racing::Expiry => "expiry",
        }
    }
}

/// Walks from the start to an end, with a random choice in each state. Returns the pairs of events
/// that happened in this order on the same call.
pub(super) fn orders(
    program: &Program,
    reading: Reading,
    fault: Option<&'static Fault>,
    chance: &mut TestRng,
) -> BTreeSet<(Racing, Racing)> {
    let mut world = World::new(program, reading, fault);
    let mut seen = Seen::default();
    loop {
        let mut steps = world.successors(program).steps;
        if steps.is_empty() {
            return seen.orders;
        }
        let drawn = chance.next_u64() % steps.len() as u64;
        let step = steps.swap_remove(usize::try_from(drawn).expect("less than there are steps"));
        if let Choice::Actor(actor) = step.choice {
            seen.step(program, &world, actor);
        }
        world = world.after(program, step, &mut ());
        seen.deadlines(program, &world);
    }
}

#[derive(Default)]
struct Seen {
    /// The events so far, by call.
    events: BTreeMap<CallId, BTreeSet<Racing>>,
    /// For each call with an accepted request, the end of its window; `None`: it has ended.
    windows: BTreeMap<CallId, Option<Ticks>>,
    orders: BTreeSet<(Racing, Racing)>,
}

impl Seen {
    fn event(&mut self, call: CallId, event: Racing) {
        let events = self.events.entry(call).or_default();
        self.orders.extend(events.iter().map(|earlier| (*earlier, event)));
        events.insert(event);
    }

    /// Records what the next step of the actor does to calls.
    fn step(&mut self, program: &Program, world: &World, actor: ActorId) {
        match (world.actor(actor).phase, world.action(program, actor)) {
            (Phase::Before, Some(Action::Reply(call, _))) => self.event(call, Racing::Completion),
            (Phase::Before, Some(Action::Enable | Action::Disable)) => {
                for call in world.subject(actor).machine().stack() {
                    self.event(*call, Racing::Toggle);
                }
            }
            (Phase::Before, Some(Action::CancelObject(object, _))) => {
                let held = world.actor(actor).objects[object.0 as usize];
                if let Some(HeldObject::Call(call)) = held {
                    self.event(call, Racing::Cancel);
                }
            }
            (Phase::Inside(Op::Cancel { stage, target, .. }), _) => {
                if let (Stage::Request(call), CancelTarget::Thread) = (stage, target) {
                    self.event(call, Racing::Cancel);
                }
            }
            _ => {}
        }
    }

    /// Records the windows that have ended.
    fn deadlines(&mut self, program: &Program, world: &World) {
        for thread in program.actors() {
            for (call, state) in world.subject(thread).machine().calls() {
                let ends = match state.request {
                    Request::None | Request::Open { deadline: None } => continue,
                    Request::Open { deadline: Some(deadline) } => deadline,
                    Request::Expired => world.now(),
                };
                let window = self.windows.entry(call).or_insert(Some(ends));
                if window.is_some_and(|ends| ends <= world.now()) {
                    *window = None;
                    self.event(call, Racing::Expiry);
                }
            }
        }
    }
}
