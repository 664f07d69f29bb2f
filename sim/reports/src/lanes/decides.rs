//! The sentence about the two steps whose order decides.
//!
//! The page of `calloff explore` builds the same sentences from the same templates.

use calloff_model::Code;
use calloff_protocol::clauses::Kind;
use calloff_protocol::history::ActorId;
use calloff_protocol::pair::{Change, Decision, Pair, Point};
use calloff_protocol::program::Program;
use calloff_protocol::text::count;
use calloff_protocol::trace::Trace;
use calloff_protocol::{pair, text};
use serde_json::{Value, json};

use super::layout::{Layout, Line, Mark, Row};
use super::words::filled;
use crate::describe;

/// The number of differences that are listed for the other order.
const CHANGES_MAX: usize = 3;

const PAIR: &str = "The order of ◀a and ◀b decides. If ◀b ({}) came before ◀a ({}){}: {}.";
const NOTHING: &str =
    "No two steps decide: swapping any two that can be swapped{} comes to the same.";
const UNKNOWN: &str = "Which two steps decide is not known: there are too many to swap.";
/// The text for a page that does not contain the whole graph.
const BEYOND: &str =
    "Which two steps decide is not known here: swapping them leads beyond what this page holds.";

/// Additions to the sentence if the execution shown stops before its end.
const RUN_ON: &str = ", and all ran on to the end";
const RUNNING_ON: &str = ", and running on to the end,";

const CODE: &str = "{}: {} = {}, not {}";
const NO_CODE: &str = "{}: {} does not return (here {})";
const NEW_CODE: &str = "{}: {} = {} (here it does not return)";
const IS_STUCK: &str = "{} is stuck for ever";
const IS_NOT_STUCK: &str = "{} is not stuck";
const IS_NOT_BROKEN: &str = "{} is not broken";
const IS_NOT_SEEN: &str = "{} is not seen";
const MORE: &str = "more difference";

const ADVANCES: &str = "the clock advances to {}";

pub(super) fn words() -> Value {
    json!({
        "swapsMax": pair::SWAPS_MAX,
        "changesMax": CHANGES_MAX,
        "pair": PAIR,
        "nothing": NOTHING,
        "unknown": UNKNOWN,
        "beyond": BEYOND,
        "runOn": RUN_ON,
        "runningOn": RUNNING_ON,
        "code": CODE,
        "noCode": NO_CODE,
        "newCode": NEW_CODE,
        "isStuck": IS_STUCK,
        "isNotStuck": IS_NOT_STUCK,
        "isNotBroken": IS_NOT_BROKEN,
        "more": MORE,
        "advances": ADVANCES,
    })
}

impl Layout {
    /// Adds the sentence about the pair of steps whose order decides what the trace
    /// shows; the two are marked.
    pub fn with_pair(mut self, program: &Program, trace: &Trace, point: &Point) -> Layout {
        if program.has_cycles && trace.comes_back().is_some() {
            // It goes on for ever: the other order has no end to compare with.
            return self;
        }
        if self.rows.len() < 2 {
            return self;
        }
        let is_over = trace.is_at_rest();
        self.decides = Some(match pair::deciding(program, trace, point) {
            Decision::Pair(pair) => {
                self.rows[pair.first].mark = Some(Mark::A);
                self.rows[pair.second].mark = Some(Mark::B);
                self.sentence(program, &pair, is_over)
            }
            Decision::Nothing => filled(NOTHING, &[if is_over { &"" } else { &RUNNING_ON }]),
            Decision::Unknown => UNKNOWN.to_owned(),
        });
        self
    }

    fn sentence(&self, program: &Program, pair: &Pair, is_over: bool) -> String {
        let [first, second] =
            [pair.first, pair.second].map(|position| self.rows[position].told(&self.lanes));
        let mut changes: Vec<String> =
            pair.changes.iter().take(CHANGES_MAX).map(|change| told(program, *change)).collect();
        if let more @ 1.. = pair.changes.len().saturating_sub(CHANGES_MAX) {
            changes.push(format!("and {}", count(more as u64, MORE)));
        }
        let run_on = if is_over { "" } else { RUN_ON };
        filled(PAIR, &[&second, &first, &run_on, &changes.join("; ")])
    }
}

impl Row {
    /// A short description of the actor and its step.
    fn told(&self, lanes: &[String]) -> String {
        let Some(lane) = self.lane else { return filled(ADVANCES, &[&self.time]) };
        let lines = self.cells[lane].lines.iter().map(|line| match line {
            Line::Begins(text) | Line::GoesOn(text) => text.clone(),
            Line::Returns(_) => line.signed(),
        });
        format!("{}: {}", lanes[lane], lines.collect::<Vec<_>>().join(", ").replace(", = ", " = "))
    }
}

fn told(program: &Program, change: Change) -> String {
    let name = |actor: ActorId| text::printable(program.actor_name(actor));
    match change {
        Change::Clause(clause) => {
            let what = if clause.kind == Kind::Always { IS_NOT_BROKEN } else { IS_NOT_SEEN };
            filled(what, &[&clause.id])
        }
        Change::Code { actor, action, here, there } => {
            let operation = describe::action(program, actor, action);
            let who = name(actor);
            let named = |code: Code| action.code_name(code);
            match (here, there) {
                (Some(here), Some(there)) => {
                    filled(CODE, &[&who, &operation, &named(there), &named(here)])
                }
                (Some(here), None) => filled(NO_CODE, &[&who, &operation, &named(here)]),
                (None, Some(there)) => filled(NEW_CODE, &[&who, &operation, &named(there)]),
                (None, None) => unreachable!("a change is from one to another"),
            }
        }
        Change::Stuck { actor, there } => {
            filled(if there { IS_STUCK } else { IS_NOT_STUCK }, &[&name(actor)])
        }
    }
}
