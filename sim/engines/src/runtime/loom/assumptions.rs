//! What is taken for granted of implementations, as long as it is true.

/// What is taken for granted of an implementation. Each makes executions cheaper, is watched in
/// every execution, and is given up when it turns out to be wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Assumptions {
    /// Nothing changes by itself when the clock reaches some time: no alarm is ever set.
    pub no_alarms: bool,
    /// A condition variable is only notified by a thread that holds the lock that waiters hold.
    pub notifies_inside: bool,
}

/// One of the [`Assumptions`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Assumption {
    /// [`Assumptions::no_alarms`]
    NoAlarms,
    /// [`Assumptions::notifies_inside`]
    NotifiesInside,
}

impl Assumptions {
    /// Everything that makes executions cheaper.
    pub const ALL: Assumptions = Assumptions { no_alarms: true, notifies_inside: true };

    /// All of these but that one.
    #[must_use]
    pub fn without(self, broken: Assumption) -> Assumptions {
        match broken {
            Assumption::NoAlarms => Assumptions { no_alarms: false, ..self },
            Assumption::NotifiesInside => Assumptions { notifies_inside: false, ..self },
        }
    }
}
