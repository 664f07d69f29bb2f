//! Instances of calls: the ledger forgets those that nobody can reach any more.

use calloff_model::CallId;

use super::call_set::CallSet;
use super::facts::{CallRecord, Entry, Held};
use super::ledger::Ledger;
use crate::history::Action;

impl Ledger {
    /// Gives calls other ids, and forgets those that get none. The first so many ids stand for
    /// calls by name. An operation in flight that may have been about a forgotten call was not.
    pub(crate) fn rename(&mut self, names: usize, renamed: impl Fn(CallId) -> Option<CallId>) {
        let set = |calls: &CallSet| -> CallSet { calls.iter().filter_map(&renamed).collect() };
        for lane in &mut self.facts.lanes {
            lane.stack.retain_mut(|entry| match entry {
                Entry::Call(id) => renamed(*id).inspect(|new| *id = *new).is_some(),
                Entry::Custom(_) => true,
            });
            for held in &mut lane.objects {
                if let Held::Calls(calls) = held {
                    *calls = set(calls);
                }
            }
            if let Some(flight) = &mut lane.flight {
                if let Some(call) = flight.action.call_mut()
                    && let Some(new) = renamed(*call)
                {
                    *call = new;
                }
                (flight.calls, flight.open) = (set(&flight.calls), set(&flight.open));
            }
        }
        for request in &mut self.facts.requests {
            let calls = set(&request.calls);
            request.or_gone |= calls.iter().count() < request.calls.iter().count();
            request.calls = calls;
        }
        self.facts.requests.retain(|request| !request.calls.is_empty());
        self.facts.requests.sort_unstable();
        let before = std::mem::take(&mut self.facts.calls);
        self.facts.calls = vec![CallRecord::UNKNOWN; names];
        for (id, record) in (0..).map(CallId).zip(before) {
            if record != CallRecord::UNKNOWN
                && let Some(new) = renamed(id)
            {
                *self.call_mut(new) = record;
            }
        }
    }
}

impl Action {
    /// The call that the action names.
    fn call_mut(&mut self) -> Option<&mut CallId> {
        match self {
            Action::Issue(call)
            | Action::Await(call)
            | Action::GiveUp(call)
            | Action::Dispatch(call)
            | Action::Reply(call, _) => Some(call),
            Action::TestCancel(call) => call.as_mut(),
            _ => None,
        }
    }
}
