//! The livelock that a search has found.

use calloff_protocol::exploration::{Bound, Livelock};
use calloff_protocol::operations::ObjectNames;
use calloff_protocol::trace::Schedule;

use super::Exhaustive;

impl Exhaustive {
    /// The states from which no end can be reached, unless the question was another one.
    pub(super) fn livelock(&self) -> Option<Livelock> {
        if !matches!(self.bound, Bound::Exhausted | Bound::Stopped { .. }) {
            return None;
        }
        let trap = self.states.trap()?;
        let mut way = self.paths.schedule(trap.node, None);
        way.0.extend(trap.way);
        let cycle = Schedule(trap.cycle);
        let (turns, names) = (Vec::new(), ObjectNames::default());
        let is_shortened = self.is_shortened;
        Some(Livelock { way, cycle, turns, names, is_proven: true, is_shortened })
    }
}
