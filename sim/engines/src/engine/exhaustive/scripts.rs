//! Steps that need not be run, because they were run before.
//!
//! A task is deterministic code that learns of others by its operations alone. So what it does in a
//! step depends on what it knows when the step begins, and on what it sees during the step. Each
//! step that was run is recorded: its operations, and what the task saw by each of them. A step
//! that begins with the same knowledge consists of the same operations, as long as the task sees
//! the same; they are then performed on the board without the code.
//!
//! # Example
//!
//! A task that knows *k* takes the lock `m`, and does one of two things:
//!
//! ```text
//! k: Lock(m) ─ sees 7 ─ Unlock(m, 8) ─ FinishStep ─ Finish
//!            └ sees 8 ─ Wait(c, m)
//! ```
//!
//! The first time that the lock protects 7, the code is run, and the first time that it protects
//! 8. In every other state, whatever else is different in it, the step is known.

use calloff_protocol::digest::FingerprintMap;
use calloff_protocol::history::{ActorId, Outcome};
use calloff_protocol::program::Program;

use crate::drive::Record;
use crate::runtime::board::{Board, Kinds, Operation, Task};

/// Steps are recorded as long as they have at most so many operations in all.
const OPERATIONS_MAX: usize = 1_000_000;

/// The steps that were run, each kind of tasks' apart.
#[derive(Default)]
pub(super) struct Scripts {
    starts: FingerprintMap<u32>,
    nodes: Vec<Node>,
    /// What a task in a state has returned so far.
    results: FingerprintMap<Returned>,
}

/// What is known after some operations of a step.
enum Node {
    /// Nothing yet.
    Open,
    /// The step ends.
    End,
    /// An operation follows; what is known for each thing that the task may see by it.
    Then(Operation, Vec<(u128, u32)>),
}

#[derive(Clone, PartialEq)]
struct Returned {
    codes: Vec<(u32, calloff_model::Code)>,
    is_finished: bool,
}

/// The step was run before, and went otherwise.
pub(super) struct Differs;

impl Scripts {
    /// About how many bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        const PER_RESULT: usize = 160;
        const PER_OPERATION: usize = 160;
        self.nodes.len() * PER_OPERATION + self.results.len() * PER_RESULT
    }

    /// Records a step that began with that knowledge.
    pub(super) fn add(
        &mut self,
        knowledge: u128,
        step: Vec<(Operation, u128)>,
    ) -> Result<(), Differs> {
        let is_full = self.nodes.len() + step.len() > OPERATIONS_MAX;
        let mut at = match self.starts.get(&knowledge) {
            Some(start) => *start as usize,
            None if is_full => return Ok(()),
            None => {
                let start = self.open();
                self.starts.insert(knowledge, start);
                start as usize
            }
        };
        for (operation, seen) in step {
            match &self.nodes[at] {
                Node::Then(known, _) if *known != operation => return Err(Differs),
                Node::End => return Err(Differs),
                Node::Open if is_full => return Ok(()),
                Node::Open => self.nodes[at] = Node::Then(operation, Vec::new()),
                Node::Then(..) => {}
            }
            at = self.after(at, seen);
        }
        match self.nodes[at] {
            Node::Then(..) => return Err(Differs),
            Node::Open | Node::End => self.nodes[at] = Node::End,
        }
        Ok(())
    }

    fn open(&mut self) -> u32 {
        self.nodes.push(Node::Open);
        u32::try_from(self.nodes.len() - 1).expect("there are at most so many operations")
    }

    /// The node after an operation by which the task saw that.
    fn after(&mut self, at: usize, seen: u128) -> usize {
        let next = u32::try_from(self.nodes.len()).expect("there are at most so many operations");
        let Node::Then(_, after) = &mut self.nodes[at] else { unreachable!("it has an operation") };
        if let Some((_, node)) = after.iter().find(|(known, _)| *known == seen) {
            return *node as usize;
        }
        after.push((seen, next));
        self.open() as usize
    }

    /// Performs the step of the task that was chosen and runs now, if it is known; `knowledge` is
    /// what it began with. Otherwise the board is of no use any more.
    pub(super) fn perform(&self, knowledge: u128, board: &mut Board) -> Option<()> {
        let mut at = *self.starts.get(&knowledge)?;
        loop {
            match &self.nodes[at as usize] {
                Node::Open => return None,
                Node::End => return Some(()),
                Node::Then(operation, after) => {
                    let seen = board.perform_recorded(operation);
                    at = after.iter().find(|(known, _)| *known == seen)?.1;
                }
            }
        }
    }

    /// Records what a task has returned so far, in the state that it has on the board.
    pub(super) fn add_results(
        &mut self,
        board: &Board,
        task: Task,
        kinds: &Kinds,
        record: &Record,
    ) -> Result<(), Differs> {
        let (codes, is_finished) = record.of(task);
        let returned = Returned { codes, is_finished };
        let known =
            self.results.entry(board.progress(task, kinds)).or_insert_with(|| returned.clone());
        if *known == returned { Ok(()) } else { Err(Differs) }
    }

    /// The outcome of an execution that ends like this.
    pub(super) fn outcome(
        &self,
        board: &Board,
        kinds: &Kinds,
        program: &Program,
    ) -> Option<Outcome> {
        let mut outcome = Outcome { codes: Vec::new(), stuck: Vec::new() };
        for task in 0..board.tasks() {
            let progress = board.progress(task, kinds);
            let Returned { codes, is_finished } = self.results.get(&progress)?;
            outcome.codes.push(codes.clone());
            if !is_finished && !program.lanes[task].is_daemon {
                let task = u32::try_from(task).expect("a task is an actor");
                outcome.stuck.push(ActorId(task));
            }
        }
        Some(outcome)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWLEDGE: u128 = 1;

    fn step(sees: u128, last: Operation) -> Vec<(Operation, u128)> {
        vec![(Operation::Now, sees), (last, 0)]
    }

    #[test]
    fn what_a_task_does_may_depend_on_what_it_sees_and_on_nothing_else() {
        let mut scripts = Scripts::default();
        assert!(scripts.add(KNOWLEDGE, step(0, Operation::Acted)).is_ok());
        assert!(scripts.add(KNOWLEDGE, step(0, Operation::Acted)).is_ok());
        assert!(scripts.add(KNOWLEDGE, step(1, Operation::Finish)).is_ok());
        assert!(scripts.add(KNOWLEDGE, step(0, Operation::Finish)).is_err());
        assert!(scripts.add(KNOWLEDGE, step(0, Operation::Acted)[..1].to_vec()).is_err());
        let twice = [step(0, Operation::Acted), step(0, Operation::Acted)].concat();
        assert!(scripts.add(KNOWLEDGE, twice).is_err());
        assert!(scripts.add(KNOWLEDGE + 1, step(0, Operation::Finish)).is_ok());
    }

    #[test]
    fn a_step_is_known_where_the_task_sees_what_it_saw() {
        let mut scripts = Scripts::default();
        assert!(scripts.add(KNOWLEDGE, step(0, Operation::Finish)).is_ok());
        let board = || {
            let mut board = Board::new(1, 0, false);
            board.choose(0);
            board
        };
        let mut same = board();
        assert!(scripts.perform(KNOWLEDGE, &mut same).is_some() && same.is_finished());
        let mut later = board();
        later.advance(calloff_model::Ticks(1));
        assert!(scripts.perform(KNOWLEDGE, &mut later).is_none());
        assert!(scripts.perform(KNOWLEDGE + 1, &mut board()).is_none());
    }
}
