//! What an execution does next, as the search sees it.

use calloff_protocol::exploration::NodeId;
use calloff_protocol::history::ActorId;
use calloff_protocol::world::Choice;

use super::states::{StateId, Step};
use crate::engine::stage;
use crate::runtime::board::{Board, Names, Task};

/// A choice that is still to be made at a node.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) node: NodeId,
    /// `None`: the very first execution, without a prefix.
    pub(super) choice: Option<Chosen>,
    /// The task that ran last.
    pub(super) current: Option<Task>,
}

/// A choice in a state.
#[derive(Clone, Copy)]
pub(super) struct Chosen {
    pub(super) state: StateId,
    pub(super) choice: Choice,
    /// What it is called in every execution that comes to this state: identical actors may have
    /// been exchanged.
    pub(super) name: Choice,
}

impl Chosen {
    /// The step that it makes.
    pub(super) fn step(self, board: &Board) -> Step {
        let is_spurious = match self.choice {
            Choice::Actor(ActorId(task)) => board.is_spurious(task as usize),
            // Whoever gives a wait up has a reason.
            Choice::Way(..) | Choice::Clock => false,
        };
        Step { from: self.state, choice: self.name, is_spurious, finishes: None }
    }
}

pub(super) fn named(choice: Choice, names: &Names) -> Choice {
    match choice {
        Choice::Actor(ActorId(task)) => stage::choice(names.name(task as usize)),
        other => other,
    }
}

/// The execution has come to a state, at which nobody has looked yet.
pub(super) struct Arrival {
    pub(super) board: Board,
    pub(super) node: NodeId,
    /// The task that ran last.
    pub(super) current: Option<Task>,
    /// The step that led there.
    pub(super) came_by: Option<Step>,
}

/// A choice that is made now.
pub(super) struct Next {
    pub(super) chosen: Chosen,
    /// The board in that state, if it is at hand.
    pub(super) board: Option<Board>,
    pub(super) node: NodeId,
    pub(super) current: Option<Task>,
}

/// The state that an execution has come to.
#[derive(Clone, Copy)]
pub(super) struct Seen {
    pub(super) state: StateId,
    pub(super) node: NodeId,
    /// The task that ran last.
    pub(super) current: Option<Task>,
    /// The choice that lets it go on.
    pub(super) going_on: Option<Chosen>,
    pub(super) is_end: bool,
}

/// A step that has to be run.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    pub(super) from: NodeId,
    /// `None`: no step, only the first state.
    pub(super) choice: Option<Chosen>,
    pub(super) to: NodeId,
    /// The task that ran last before it.
    pub(super) current: Option<Task>,
}

/// How an execution goes on.
pub(super) enum Course {
    Next(Box<Next>),
    /// It has come to a state that was seen before, and is over.
    Over,
    /// It is run, and goes on from there, to find out whether it does what is known of it.
    Recheck(NodeId),
}
