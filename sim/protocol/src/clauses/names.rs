//! Names for messages: actors and calls by name, operations and codes as their pages spell them.

use calloff_model::{CallId, Code, Window};

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
        format!("`{}`", self.calls[call.0 as usize].name)
    }

    /// The names of the calls, when the operation may be about any of them.
    pub(super) fn any_of(&self, calls: &CallSet) -> String {
        let names: Vec<String> = calls.iter().map(|call| self.call(call)).collect();
        match names.as_slice() {
            [] => "no call".to_owned(),
            names => names.join(" or "),
        }
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
                format!("Cancel({window}) of thread {}", self.actor(thread))
            }
            Action::CancelObject(object, window) => {
                format!("Cancel({window}) on {}", self.object(by, object))
            }
            Action::Sleep(seconds) => format!("sleep of {seconds} s"),
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
