//! What the ledger knows after an event, and what clauses say of it, remembered for each ledger and
//! each event.

use std::sync::Arc;

use calloff_model::Ticks;

use super::NOW;
use super::alike::Alike;
use super::parts::{Findings, Parts};
use super::tuples::{Numbers, Tuples};
use crate::clauses::{Context, Lane, Ledger};
use crate::history::{ActorId, Event, What};

/// Something that the ledger hears of.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) enum Happening {
    /// The events of one step.
    Events(Vec<What>),
    /// The clock advances by these seconds.
    Clock(u64),
}

/// The ledgers that were asked for so far.
pub(super) struct Ledgers {
    /// The context of the history.
    pub(super) context: Arc<Context>,
    judged_at: Ticks,
    happenings: Numbers<Happening>,
    /// The lanes in a certain order, the common part, and what happens.
    known: Tuples,
    /// For each of `known`: the lanes in the same order and the common part, afterwards.
    after: Vec<u32>,
    key: Vec<u32>,
    /// For each place in the key: the actor whose lane it is.
    places: Vec<usize>,
    sorted: Vec<(u32, usize)>,
}

impl Ledgers {
    pub(super) fn new(context: Arc<Context>, judged_at: Ticks) -> Ledgers {
        let actors = context.actors.len();
        Ledgers {
            context,
            judged_at,
            happenings: Numbers::default(),
            known: Tuples::new(actors + 2),
            after: Vec::new(),
            key: Vec::new(),
            places: Vec::new(),
            sorted: Vec::new(),
        }
    }

    /// The number of what happens.
    pub(super) fn number(&mut self, happening: &Happening) -> u32 {
        self.happenings.of(happening)
    }

    /// How many bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        self.known.bytes() + self.after.capacity() * size_of::<u32>()
    }

    /// Changes the lanes, and returns the next common part. `actor` is the one that steps, if it is
    /// an actor. What happens is named as if the first one of its group did it.
    pub(super) fn record(
        &mut self,
        (parts, findings): (&mut Parts, &mut Findings),
        alike: &Alike,
        actor: Option<usize>,
        happening: u32,
        (lanes, common): (&mut [u32], u32),
    ) -> u32 {
        self.arrange(alike, actor, lanes);
        self.key.extend([common, happening]);
        let (id, is_new) = self.known.insert(&self.key);
        let width = lanes.len() + 1;
        if is_new {
            self.find(parts, findings);
        }
        let after = &self.after[id as usize * width..][..width];
        for (lane, place) in after.iter().zip(&self.places) {
            lanes[*place] = *lane;
        }
        after[width - 1]
    }

    /// Puts the lanes of identical actors in order; that of the actor who steps comes first.
    fn arrange(&mut self, alike: &Alike, actor: Option<usize>, lanes: &[u32]) {
        let Ledgers { key, places, sorted, .. } = self;
        key.clear();
        key.extend_from_slice(lanes);
        places.clear();
        places.extend(0..lanes.len());
        for group in &alike.groups {
            sorted.clear();
            let others = group.iter().filter(|member| Some(**member) != actor);
            sorted.extend(others.map(|member| (lanes[*member], *member)));
            sorted.sort_unstable();
            let is_member = |actor: &usize| group.contains(actor);
            let own = actor.filter(is_member).map(|actor| (lanes[actor], actor));
            for (place, (lane, member)) in group.iter().zip(own.iter().chain(sorted.iter())) {
                key[*place] = *lane;
                places[*place] = *member;
            }
        }
    }

    /// Asks the clauses and the ledger about the key.
    fn find(&mut self, parts: &mut Parts, findings: &mut Findings) {
        let actors = self.key.len() - 2;
        let before: Vec<Lane> =
            self.key[..actors].iter().map(|lane| parts.lanes.get(*lane).clone()).collect();
        let common = parts.commons.get(self.key[actors]);
        let mut ledger = Ledger::from_parts(self.context.clone(), before, common);
        match self.happenings.get(self.key[actors + 1]).clone() {
            Happening::Events(events) => {
                for what in events {
                    let event = |at| Event { at, what: what.clone() };
                    findings.judge(&ledger, &event(self.judged_at));
                    ledger.record(&event(NOW));
                }
            }
            Happening::Clock(seconds) => {
                ledger.set_back(seconds, NOW);
                let event = Event { at: NOW, what: What::Clock };
                findings.judge(&ledger, &event);
                ledger.record(&event);
            }
        }
        for lane in ledger.lanes() {
            self.after.push(parts.lanes.of(lane));
        }
        self.after.push(parts.commons.of(&ledger.common()));
    }

    /// Shows the end of an execution to the clauses.
    pub(super) fn end(
        &self,
        (parts, findings): (&Parts, &mut Findings),
        blocked: Vec<(ActorId, crate::history::Action)>,
        (lanes, common): (&[u32], u32),
    ) {
        let lanes = lanes.iter().map(|lane| parts.lanes.get(*lane).clone()).collect();
        let common = parts.commons.get(common);
        let ledger = Ledger::from_parts(self.context.clone(), lanes, common);
        findings.judge(&ledger, &Event { at: self.judged_at, what: What::End(blocked) });
    }
}
