//! Names for messages: actors and calls by name, operations and codes as their pages spell them.

use calloff_model::{CallId, Code, CustomId, Window};

use super::call_set::CallSet;
use super::context::Context;
use crate::history::{Action, ActorId, ObjectId};

impl Context {
    /// The actor's name, quoted.
    pub(super) fn actor(&self, actor: ActorId) -> String {
        format!("`{}`", self.actors[actor.0 as usize])
    }

    /// The call's name, quoted.
    pub(super) fn call(&self, call: CallId) -> String {
        format!("`{}`", self.facts(call).name)
    }

    /// The names of the calls, when the operation may be about any of them.
    pub(super) fn any_of(&self, calls: &CallSet) -> String {
        let names: Vec<String> = calls.iter().map(|call| self.call(call)).collect();
        match names.as_slice() {
            [] => "no call".to_owned(),
            names => names.join(" or "),
        }
    }

    /// The names of the custom objects, when it may be any of them.
    pub(super) fn any_custom(&self, objects: &[CustomId]) -> String {
        let name = |object: &CustomId| format!("`{}`", self.custom(*object).name);
        objects.iter().map(name).collect::<Vec<_>>().join(" or ")
    }

    /// The actor and its operation: "`canceller`'s Cancel(2) of thread `caller`".
    pub(super) fn operation(&self, by: ActorId, action: Action) -> String {
        format!("{}'s {}", self.actor(by), self.action(by, action))
    }

    fn action(&self, by: ActorId, action: Action) -> String {
        match action {
            Action::Enable => "CoEnableCallCancellation".to_owned(),
            Action::Disable => "CoDisableCallCancellation".to_owned(),
            Action::Issue(call) => format!("issue of {}", self.call(call)),
            Action::Await(call) => format!("wait for {}", self.call(call)),
            Action::Dispatch(call) => format!("dispatch of {}", self.call(call)),
            Action::TestCancel(Some(call)) => format!("TestCancel in {}", self.call(call)),
            Action::TestCancel(None) => "TestCancel outside any call".to_owned(),
            Action::TestCancelObject(object) => {
                format!("TestCancel on {}", self.object(by, object))
            }
            Action::Reply(call, code) => format!("reply {code} to {}", self.call(call)),
            Action::GetCancelObject(thread, _) => {
                format!("CoGetCancelObject of thread {}", self.actor(thread))
            }
            Action::CancelThread(thread, window) => {
                format!("Cancel({}) of thread {}", self.window(window), self.actor(thread))
            }
            Action::CancelObject(object, window) => {
                format!("Cancel({}) on {}", self.window(window), self.object(by, object))
            }
            Action::GiveUp(call) => format!("message filter in the wait for {}", self.call(call)),
            Action::SetCancelObject(Some(object)) => {
                format!("CoSetCancelObject of {}", self.any_custom(&[object]))
            }
            Action::SetCancelObject(None) => "CoSetCancelObject of none".to_owned(),
            Action::Unlock(lock) => {
                format!("LeaveCriticalSection of `{}`", self.locks[lock.0 as usize])
            }
            Action::Lock(lock) => {
                format!("EnterCriticalSection of `{}`", self.locks[lock.0 as usize])
            }
            Action::Wait(..) | Action::Join(..) | Action::Look(_) => "wait".to_owned(),
            Action::Set(_) | Action::Reset(_) => "change of an event".to_owned(),
            Action::Sleep(_) => "sleep".to_owned(),
        }
    }

    /// `ulSeconds`, in seconds.
    pub(super) fn window(&self, window: Window) -> String {
        match window {
            Window::Seconds(ticks) => self.seconds(u64::from(ticks)),
            Window::Infinite => window.to_string(),
        }
    }

    /// A number of ticks, in seconds.
    pub(super) fn seconds(&self, ticks: u64) -> String {
        let per_second = u64::from(self.ticks_per_second);
        match ticks % per_second {
            0 => (ticks / per_second).to_string(),
            rest => format!("{}.{rest:03}", ticks / per_second),
        }
    }

    fn object(&self, by: ActorId, object: ObjectId) -> String {
        let name = &self.objects[by.0 as usize][object.0 as usize];
        format!("the object `{name}`")
    }
}

/// The code as the page of the operation spells it.
pub(super) fn code_of(action: Action, code: Code) -> String {
    match window_of(action) {
        Some(_) => code.cancel_name(),
        None => code.name(),
    }
}

/// `ulSeconds` of a `Cancel`; `None` if the operation is not a `Cancel`.
pub(super) fn window_of(action: Action) -> Option<Window> {
    match action {
        Action::CancelThread(_, window) | Action::CancelObject(_, window) => Some(window),
        _ => None,
    }
}

/// Whether the code says "canceled", in any spelling, including those of foreign histories.
pub(super) fn says_canceled(code: Code) -> bool {
    [Code::RPC_E_CALL_CANCELED, Code::RPC_S_CALL_CANCELLED, Code::ERROR_CANCELLED].contains(&code)
}
