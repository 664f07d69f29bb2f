//! The machine.

/// A call, by an id that its host gave it; unique among the calls of one process.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CallId(pub u32);
