//! The stack of a thread's cancel objects: those of its calls, and the custom ones between them.

use super::{CallId, CustomId, HeldObject, Machine};
use crate::{Cancelable, Code};

/// A custom cancel object on a thread's stack.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Custom {
    id: CustomId,
    /// The call that it is above of; `None`: all calls are above it.
    pub(super) above: Option<CallId>,
}

impl Machine {
    /// How many custom cancel objects are on the thread's stack.
    pub fn customs(&self) -> usize {
        self.customs.len()
    }

    /// The custom cancel objects on the thread's stack, the topmost last.
    pub fn custom_objects(&self) -> impl DoubleEndedIterator<Item = CustomId> {
        self.customs.iter().map(|custom| custom.id)
    }

    /// Takes a call off the stack. What was above it is then above the call below.
    pub(super) fn leave_stack(&mut self, id: CallId) {
        let Some(at) = self.stack.iter().position(|pending| *pending == id) else { return };
        self.stack.remove(at);
        let below = at.checked_sub(1).map(|below| self.stack[below]);
        for custom in self.customs.iter_mut().filter(|custom| custom.above == Some(id)) {
            custom.above = below;
        }
    }

    pub(super) fn set_cancel_object(
        &mut self,
        object: Option<CustomId>,
        has_interface: bool,
    ) -> Code {
        match object {
            Some(_) if !has_interface => Code::E_NOINTERFACE,
            Some(id) => {
                self.customs.push(Custom { id, above: self.stack.last().copied() });
                Code::S_OK
            }
            None => self.customs.pop().map_or(Code::E_INVALIDARG, |_| Code::S_OK),
        }
    }

    /// The topmost cancel object.
    pub(super) fn cancel_object(&self) -> Result<HeldObject, Code> {
        let call = self.stack.last().copied();
        let custom = self.customs.last().filter(|custom| custom.above == call);
        let custom = custom.map(|custom| HeldObject::Custom(custom.id));
        let object = custom.or(call.map(HeldObject::Call)).ok_or(Code::E_NOINTERFACE)?;
        if self.reading.cancelable == Cancelable::AtRequest && self.depth == 0 {
            return Err(Code::CO_E_CANCEL_DISABLED);
        }
        Ok(object)
    }
}
