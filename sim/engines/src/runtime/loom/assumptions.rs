//! Assumptions about an implementation that make checking it cheaper, and that are given up when
//! wrong.

/// The assumptions about an implementation. Each one makes executions cheaper and is checked in
/// every execution; the engine gives it up when an execution breaks it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Assumptions {
    /// No alarm is ever set: nothing changes by itself when the clock reaches some time.
    pub no_alarms: bool,
    /// A condition variable is notified only by a thread that holds the lock that its waiters
    /// release.
    pub notifies_inside: bool,
    /// A lock or an atomic word that an actor creates while it runs is used by that actor alone.
    pub own_locks: bool,
}

/// One of the [`Assumptions`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Assumption {
    /// [`Assumptions::no_alarms`]
    NoAlarms,
    /// [`Assumptions::notifies_inside`]
    NotifiesInside,
    /// [`Assumptions::own_locks`]
    OwnLocks,
}

impl Assumptions {
    /// All assumptions: the cheapest executions.
    pub const ALL: Assumptions =
        Assumptions { no_alarms: true, notifies_inside: true, own_locks: true };

    /// These assumptions without the broken one.
    #[must_use]
    pub fn without(self, broken: Assumption) -> Assumptions {
        match broken {
            Assumption::NoAlarms => Assumptions { no_alarms: false, ..self },
            Assumption::NotifiesInside => Assumptions { notifies_inside: false, ..self },
            Assumption::OwnLocks => Assumptions { own_locks: false, ..self },
        }
    }
}
