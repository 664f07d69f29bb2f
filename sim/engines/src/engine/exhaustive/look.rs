//! Looking at the states that executions come to.

use calloff_protocol::exploration::{Bound, Discovery, NodeId};
use calloff_protocol::world::Choice;

use super::course::{Arrival, Chosen, Course, Entry, Next, Seen, named};
use super::states::{About, Step};
use super::{Exhaustive, identical};
use crate::engine::stage;
use crate::runtime::board::{Board, Packed};

impl Exhaustive {
    /// The execution has come to a state. Queues the other choices of a new state, and continues
    /// with the task that ran last, if that choice was not yet made in this state.
    pub(super) fn look(&mut self, arrival: Arrival) -> Course {
        let Arrival { board, node, current, came_by } = arrival;
        self.stage.board.touch();
        if self.states.len() == 0 {
            self.kinds = self.kinds_in(&board);
            self.parts.keep_first(&board);
        }
        let names = board.names(&self.kinds);
        let (choices, is_end) = stage::choices_on(&board, &self.program);
        let chosen = |choice: &Choice| (*choice, named(*choice, &names));
        let choices: Vec<(Choice, Choice)> = choices.iter().map(chosen).collect();
        let fingerprint = board.fingerprint_as(&names);
        self.is_shortened |= board.is_shortened();
        let known = self.states.find(fingerprint);
        let possible = choices.iter().map(|(_, name)| *name);
        let is_left = |task: &usize| !board.has_finished(*task);
        let at_lock = |task: &usize| board.is_at_held_lock(*task);
        let bits = |is_meant: &dyn Fn(&usize) -> bool| {
            (0..board.tasks()).filter(is_meant).fold(0, |bits, task| bits | 1 << task)
        };
        let about = About { is_end, unfinished: bits(&is_left), at_lock: bits(&at_lock) };
        let add = || self.states.add(fingerprint, node, possible, about);
        let state = known.unwrap_or_else(add);
        let finishes = board.finished_step();
        if came_by.is_some_and(|by| !self.states.connect(Step { finishes, ..by }, state)) {
            let choices = self.paths.schedule(node, None).0;
            self.diverge(Discovery::hidden(&choices));
            return Course::Over;
        }
        let current_choice = current.map(stage::choice);
        let going_on = choices.iter().find(|(choice, _)| Some(*choice) == current_choice);
        let going_on = going_on.map(|&(choice, name)| Chosen { state, choice, name });
        let seen = Seen { state, node, current, going_on, is_end };
        if known.is_none() && !self.visit(&board, &choices, seen) {
            return Course::Over;
        }
        if let Some(chosen) = going_on.filter(|chosen| self.states.make(state, chosen.name)) {
            return Course::Next(Box::new(Next { chosen, board: Some(board), node, current }));
        }
        let is_chosen = known.is_some() && self.is_rechecked(fingerprint);
        if is_chosen { Course::Recheck(node) } else { Course::Over }
    }

    /// Records an end: a state in which nothing can happen apart from spurious wake-ups.
    fn end(&mut self, board: &Board, node: NodeId) {
        let outcome = match self.knows_steps() {
            true => self.scripts.outcome(board, &self.kinds, &self.program),
            false => Some(self.stage.outcome()),
        };
        let outcome = outcome.expect("each task's results were recorded");
        for panic in board.panics() {
            self.panics.entry(panic.clone()).or_insert(node);
        }
        if self.ends.contains_key(&outcome) {
            return;
        }
        let most = (self.limits.memory_max as usize) << 20;
        let all = identical::exchanged(&outcome, &self.kinds, most / outcome.size() + 1);
        let all = all.into_iter().filter(|(end, _)| !self.ends.contains_key(end));
        for (end, exchange) in all.collect::<Vec<_>>() {
            self.end_bytes += end.size();
            self.found_after.insert(end.clone(), self.executions);
            self.ends.insert(end.clone(), node);
            if end != outcome {
                self.exchanged.insert(end, exchange);
            }
        }
        if self.scope.is_done(&self.ends, &outcome) {
            self.bound = Bound::Sought;
        }
    }

    /// Queues the other choices of a new state; `false` if the search is over.
    fn visit(&mut self, board: &Board, choices: &[(Choice, Choice)], seen: Seen) -> bool {
        let Seen { state, node, current, going_on, is_end } = seen;
        if is_end {
            self.end(board, node);
            if self.bound == Bound::Sought {
                return false;
            }
        }
        let reached = self.stop.check(self.states.len()).and_then(|()| self.check_size());
        if let Err(limit) = reached {
            self.bound = Bound::Stopped { limit };
            return false;
        }
        if self.queue.len() < 2 {
            self.queue.resize_with(2, Vec::new);
        }
        let before = self.queue[1].len();
        let mut others: Vec<Chosen> = Vec::new();
        let going_on = going_on.map(|chosen| chosen.name);
        for &(choice, name) in choices {
            // Of actors that cannot be told apart, one stands for all.
            if Some(name) != going_on && others.iter().all(|other| other.name != name) {
                others.push(Chosen { state, choice, name });
            }
        }
        let entry = |chosen| Entry { node, choice: Some(chosen), current };
        self.queue[1].extend(others.into_iter().rev().map(entry));
        let is_kept = self.knows_steps() && self.queue[1].len() > before;
        let packed = is_kept.then(|| self.parts.pack(board));
        self.packed_bytes += packed.as_ref().map_or(0, Packed::bytes);
        self.packed.push(packed);
        true
    }
}
