//! Goals for the reader of a page, derived from what the operations of the race can return.
//!
//! A goal is a set of ends, or a violation to bring about. Some goals are impossible, which is
//! worth knowing too: then every state was explored, and no end meets the goal.

use calloff_model::Code;
use calloff_protocol::graph::Graph;
use calloff_protocol::history::{Action, ActorId, Outcome};
use calloff_protocol::judge::Violated;
use calloff_protocol::program::Program;
use calloff_protocol::text;
use serde::Serialize;

use crate::describe;

/// The most goals on a page, and the most impossible ones among them.
const GOALS_MAX: usize = 8;
const IMPOSSIBLE_MAX: usize = 3;

/// A goal for the reader.
#[derive(Serialize, Clone, PartialEq, Eq, Debug)]
pub struct PageGoal {
    /// What to do, in a sentence.
    pub text: String,
    /// The ends that meet it, by position in the graph's outcomes.
    pub ends: Vec<usize>,
    /// The violation that meets it, by position in the graph's list of violations.
    pub violated: Option<usize>,
}

/// The goals of a graph: what it violates first, then what its ends can be.
pub fn of(program: &Program, graph: &Graph) -> Vec<PageGoal> {
    let violated = graph.violated.iter().enumerate();
    let mut goals: Vec<PageGoal> =
        violated.map(|(position, what)| breaking(position, *what)).collect();
    let room = GOALS_MAX.saturating_sub(goals.len());
    goals.extend(selected(program, candidates(program, graph), graph).into_iter().take(room));
    if goals.is_empty() {
        let text = match (graph.is_whole, graph.outcomes.len()) {
            (true, _) => "Bring the race to its end: there is only one",
            (false, 1..) => "Bring the race to an end; others may be beyond this page",
            (false, 0) => "Bring the race to an end: none is in the part that this page holds",
        };
        let text = text.to_owned();
        goals.push(PageGoal { text, ends: (0..graph.outcomes.len()).collect(), violated: None });
    }
    goals
}

fn breaking(position: usize, what: Violated) -> PageGoal {
    let text = match what {
        Violated::Stuck => "Get somebody stuck for ever".to_owned(),
        Violated::Clause(clause) => {
            format!("Break {}: {}", clause.id, clause.sentence)
        }
        _ => format!("Break {}", what.id()),
    };
    PageGoal { text, ends: Vec::new(), violated: Some(position) }
}

/// Drops what every end meets, and what another goal asks for already; impossible ones come last.
fn selected(program: &Program, candidates: Vec<PageGoal>, graph: &Graph) -> Vec<PageGoal> {
    let (mut possible, mut impossible): (Vec<PageGoal>, Vec<PageGoal>) = (Vec::new(), Vec::new());
    for goal in candidates {
        let is_known = possible.iter().any(|known: &PageGoal| known.ends == goal.ends);
        if goal.ends.is_empty() {
            impossible.push(goal);
        } else if goal.ends.len() < graph.outcomes.len() && !is_known {
            possible.push(goal);
        }
    }
    // An end has the code of a step's last run only: in a client program another run may have
    // returned what no end has.
    impossible.truncate(if program.is_client { 0 } else { IMPOSSIBLE_MAX });
    possible.truncate(GOALS_MAX - impossible.len());
    possible.into_iter().chain(impossible).collect()
}

/// An operation that returned a code in some of the ends.
struct Place {
    actor: ActorId,
    position: usize,
    action: Action,
}

impl Place {
    fn code(&self, outcome: &Outcome) -> Option<Code> {
        let codes = &outcome.codes[self.actor.0 as usize];
        codes.iter().find(|(step, _)| *step as usize == self.position).map(|(_, code)| *code)
    }

    /// Whether it returns the result of a call that this actor made.
    fn is_result_of(&self, caller: ActorId) -> bool {
        self.actor == caller && matches!(self.action, Action::Await(_))
    }

    fn text(&self, program: &Program) -> String {
        let name = text::printable(program.actor_name(self.actor));
        let action = describe::action(program, self.actor, self.action).to_string();
        // Keep a number of seconds and its unit on one line.
        let action = match action.strip_suffix(" s") {
            Some(number) => format!("{number}\u{a0}s"),
            None => action,
        };
        let text = format!("{name}’s “{action}”");
        // The same operation may occur more than once.
        let returning = &program.lanes[self.actor.0 as usize].returning;
        let same = |actions: &[Action]| actions.iter().filter(|a| **a == self.action).count();
        match (same(&returning[..=self.position]), same(returning)) {
            (_, 1) => text,
            (number, of) => format!("{text} ({number} of {of})"),
        }
    }
}

fn candidates(program: &Program, graph: &Graph) -> Vec<PageGoal> {
    let places = places(program);
    let is_cancel = |place: &&Place| place.action.is_cancel();
    let cancels: Vec<&Place> = places.iter().filter(is_cancel).collect();
    let goal = |text: String, is_met: &dyn Fn(&Outcome) -> bool| {
        let ends = graph.outcomes.iter().enumerate().filter(|(_, outcome)| is_met(outcome));
        PageGoal { text, ends: ends.map(|(position, _)| position).collect(), violated: None }
    };
    let mut goals = Vec::new();
    let accepted = |place: &Place, outcome: &Outcome| place.code(outcome) == Some(Code::S_OK);
    for cancel in &cancels {
        for result in &places {
            let Action::Await(call) = result.action else { continue };
            if !can_reach(program, cancel, result.actor) {
                continue;
            }
            let (who, call_name) = (cancel.text(program), program.call_name(call));
            let call_name = text::printable(call_name);
            let reply = reply(program, call);
            // If there are several calls, another one may have been canceled.
            let results = places.iter().filter(|place| place.is_result_of(result.actor));
            let all_the_same = if results.count() == 1 { " all the same" } else { "" };
            goals.push(goal(
                format!("Make {who} return S_OK, and “{call_name}” complete{all_the_same}"),
                &|o| accepted(cancel, o) && reply.is_some() && result.code(o) == reply,
            ));
        }
    }
    for result in places.iter().filter(|place| place.is_result_of(place.actor)) {
        let code = Code::RPC_E_CALL_CANCELED;
        let text = format!("Get {} from {}", result.action.code_name(code), result.text(program));
        goals.push(goal(text, &|o| result.code(o) == Some(code)));
    }
    if cancels.len() > 1 {
        let text = match cancels.len() {
            2 => "Make both cancels lose: neither returns S_OK",
            _ => "Make all cancels lose: none returns S_OK",
        };
        goals.push(goal(text.to_owned(), &|o| {
            cancels.iter().all(|c| c.code(o).is_some_and(|code| code != Code::S_OK))
        }));
        goals.push(goal("Have more than one cancel return S_OK".to_owned(), &|o| {
            cancels.iter().filter(|c| accepted(c, o)).count() > 1
        }));
    }
    for code in [
        Code::RPC_E_CALL_COMPLETE,
        Code::RPC_E_CALL_CANCELED,
        Code::E_NOINTERFACE,
        Code::CO_E_CANCEL_DISABLED,
        Code::S_OK,
    ] {
        for place in &cancels {
            let text = format!("Get {} from {}", place.action.code_name(code), place.text(program));
            goals.push(goal(text, &|o| place.code(o) == Some(code)));
        }
    }
    for place in places.iter().filter(|place| !place.action.is_cancel()) {
        for code in seen(place, graph) {
            let text = format!("Get {} from {}", place.action.code_name(code), place.text(program));
            goals.push(goal(text, &|o| place.code(o) == Some(code)));
        }
    }
    if !graph.violated.contains(&Violated::Stuck) {
        goals.push(goal("Get somebody stuck for ever".to_owned(), &|o| !o.stuck.is_empty()));
    }
    goals
}

/// Whether a cancel can be about a call of that thread.
fn can_reach(program: &Program, cancel: &Place, thread: ActorId) -> bool {
    let instructions = &program.lanes[cancel.actor.0 as usize].instructions;
    let is_got = |object| {
        let wanted = Action::GetCancelObject(thread, object);
        instructions.iter().any(|instruction| instruction.action == wanted)
    };
    match cancel.action {
        Action::CancelThread(of, _) => of == thread,
        Action::CancelObject(object, _) => is_got(object),
        _ => false,
    }
}

fn places(program: &Program) -> Vec<Place> {
    let of = |actor: ActorId| {
        let returning = program.lanes[actor.0 as usize].returning.iter().enumerate();
        returning.map(move |(position, action)| Place { actor, position, action: *action })
    };
    program.actors().flat_map(of).collect()
}

fn seen(place: &Place, graph: &Graph) -> Vec<Code> {
    let mut codes: Vec<Code> = graph.outcomes.iter().filter_map(|o| place.code(o)).collect();
    codes.sort();
    codes.dedup();
    codes
}

/// The code with which the server of the call replies.
fn reply(program: &Program, call: calloff_model::CallId) -> Option<Code> {
    let instructions = program.lanes.iter().flat_map(|lane| &lane.instructions);
    let reply = |action: Action| match action {
        Action::Reply(of, code) if of == call => Some(code),
        _ => None,
    };
    let code = instructions.filter_map(|i| reply(i.action)).next()?;
    // If the server itself replies "canceled", the code does not tell a reply from a cancellation.
    (code != Code::RPC_E_CALL_CANCELED).then_some(code)
}
