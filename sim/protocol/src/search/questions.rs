//! The questions that a file asks.

use super::{Hunt, seek};
use crate::exploration::{Answer, Limits, Stop};
use crate::goal::Goal;
use crate::program::Case;
use crate::scenario::{Expect, Question, Scenario};
use crate::world::Fault;

/// The answers to the questions of a file that it asks under this reading.
pub fn answers(
    scenario: &Scenario,
    case: &Case,
    fault: Option<&'static Fault>,
    limits: &Limits,
    stop: &Stop,
) -> Vec<Answer> {
    let Expect { never, possible, readings, .. } = &scenario.expect;
    let of = |list: &[Question], is_never: bool| -> Vec<Answer> {
        let asked = |question: &&Question| {
            let own = question.readings.as_ref().unwrap_or(readings);
            readings.contains(&case.reading) && own.contains(&case.reading)
        };
        let answer = |(question, asked): (usize, &Question)| {
            let goal = Goal::of(&case.program, asked).expect("validation has read the question");
            let Hunt { found, round, bound, .. } = seek(case, fault, &goal, limits, stop);
            Answer { question, is_never, found, round, bound }
        };
        list.iter().enumerate().filter(|(_, q)| asked(q)).map(answer).collect()
    };
    let mut answers = of(never, true);
    answers.extend(of(possible, false));
    answers
}
