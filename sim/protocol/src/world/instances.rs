//! Instances of calls that are issued again and again: which of them still matter, and their ids.
//!
//! An instance that nobody can reach any more is no part of a state, and the others are known by
//! their order. So a loop that comes back to the same situation comes back to the same state.

use std::sync::Arc;

use calloff_model::{Call, CallId, Server, Settled};

use super::World;
use crate::program::Program;

/// More than this is taken for a sign that there will be more and more.
const MANY: u32 = 8;

impl World {
    /// Forgets the instances that nobody can reach any more, and numbers the others anew.
    pub(super) fn forget_instances(&mut self, program: &Program) {
        for name in (0..program.calls.len() as u32).map(CallId) {
            if program.repeats(name) {
                self.forget_instances_of(program, name);
            }
        }
    }

    fn forget_instances_of(&mut self, program: &Program, name: CallId) {
        let caller = program.caller(name);
        let calls = self.subject(caller).machine().calls();
        let instances: Vec<(CallId, bool)> = calls
            .filter(|(id, _)| program.named(*id) == name)
            .map(|(id, call)| (id, self.is_reachable(id, call)))
            .collect();
        if instances.iter().all(|(_, is_reachable)| *is_reachable) {
            return;
        }
        let kept = instances.iter().filter(|(_, is_reachable)| *is_reachable).map(|(id, _)| *id);
        let kept: Vec<CallId> = kept.collect();
        let renamed = |id: CallId| match program.named(id) == name {
            false => Some(id),
            true => {
                let before = kept.iter().position(|kept| *kept == id)?;
                Some(program.instance(name, before as u32))
            }
        };
        Arc::make_mut(&mut self.subjects[caller.0 as usize]).rename(renamed);
        for actor in &mut self.actors {
            if kept.iter().any(|id| actor.refers_to(*id)) {
                Arc::make_mut(actor).rename(|id| renamed(id).expect("it is reachable"));
            }
        }
        self.ledger.rename(program.calls.len(), renamed);
    }

    fn is_reachable(&self, id: CallId, call: &Call) -> bool {
        let waits = call.settled == Settled::No || call.server == Server::Idle;
        waits || self.actors.iter().any(|actor| actor.refers_to(id))
    }

    /// What part of this state is so large that it may well grow without bound, in a program whose
    /// graph was not explored to its end.
    pub(crate) fn growing(&self, program: &Program) -> Option<String> {
        let lock = program.lock_ids().find(|lock| self.shared().times(*lock) > MANY);
        if let Some(lock) = lock {
            let owner = self.shared().owner(lock).map(|owner| program.actor_name(owner));
            let (name, owner) = (program.lock_name(lock), owner.unwrap_or_default());
            return Some(format!(
                "`{owner}` enters `{name}` again and again, and leaves it less often"
            ));
        }
        program.actors().find_map(|actor| {
            let (name, machine) = (program.actor_name(actor), self.subject(actor).machine());
            let lane = &program.lanes[actor.0 as usize];
            if machine.depth() > u64::from(lane.depth) + u64::from(MANY) {
                return Some(format!("`{name}` enables more often than it disables"));
            }
            if self.actor(actor).serving.len() > MANY as usize {
                return Some(format!("`{name}` enters calls to which it does not reply"));
            }
            if machine.customs() > MANY as usize {
                return Some(format!("`{name}` sets cancel objects and does not unset them"));
            }
            let call = machine.stack().get(MANY as usize)?;
            let call = program.call_name(*call);
            Some(format!("`{name}` issues `{call}` again and again, and does not wait for it"))
        })
    }
}
