//! What the search makes of the events of a step.

use calloff_model::Code;

use super::{Place, Search};
use crate::clauses::{self, Kind, Ledger};
use crate::goal::{self, Goal};
use crate::history::Event;
use crate::world::Watch;

/// Shows every event to every clause, and keeps the shortest finding of each.
pub(super) struct Judge<'s, 'a> {
    pub(super) search: &'s mut Search<'a>,
    pub(super) place: Place,
    /// The code that an operation returned.
    pub(super) returned: Option<Code>,
}

impl Watch for Judge<'_, '_> {
    fn event(&mut self, ledger: &Ledger, event: &Event) {
        let place = self.place;
        self.returned = self.returned.or(goal::returned(event));
        if self.search.sought.is_some_and(|goal| goal.is_met_when(event)) {
            self.search.meets(place);
        }
        for (clause, message) in clauses::judge_all(ledger, event) {
            let search = &mut *self.search;
            if search.sought == Some(&Goal::Clause(clause)) {
                search.meets(place);
            }
            match clause.kind {
                Kind::Always => {
                    let known = search.violations.get(&clause).map(|(place, _)| place.length);
                    if known.is_none_or(|length| place.length < length) {
                        search.violations.insert(clause, (place, message));
                    }
                }
                Kind::Sometimes => {
                    search.seen_facets.insert((clause, message));
                }
            }
        }
    }
}
