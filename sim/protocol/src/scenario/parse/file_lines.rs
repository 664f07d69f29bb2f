//! The lines of a file in which its steps and its expectations stand.

use std::collections::BTreeMap;

use toml::de::DeTable;

use super::{Gaps, Walk};
use crate::scenario::error::{Lines, Sink};

/// The lines of the parts of a scenario file; the first line is 1.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FileLines {
    /// For each actor, the line of each of its steps; each step comes before those within it.
    pub steps: Vec<Vec<usize>>,
    /// The line of each actor's expected codes, by the actor's name.
    pub codes: BTreeMap<String, usize>,
    /// The line of the list of stuck actors.
    pub stuck: Option<usize>,
    /// The line of each question about what never happens.
    pub never: Vec<usize>,
    /// The line of each question about what happens in some execution.
    pub possible: Vec<usize>,
}

impl FileLines {
    /// The lines of a file that is a scenario; of another one, those that can be found.
    pub fn of(text: &str) -> FileLines {
        let (tree, errors) = DeTable::parse_recoverable(text);
        let mut sink = Sink::default();
        let is_broken = !errors.is_empty();
        let mut walk = Walk { sink: &mut sink, gaps: Gaps::default(), is_broken };
        let Some((scenario, places)) = walk.file(tree.get_ref()) else {
            return FileLines::default();
        };
        let lines = Lines::of(text);
        let line = |offset: usize| lines.line_of(offset) + 1;
        let of_actor = |actor: &super::OwnerPlaces| {
            actor.steps.iter().map(|step| line(step.whole.start)).collect()
        };
        let of_questions = |questions: &[super::places::QuestionPlaces]| {
            questions.iter().map(|question| line(question.whole.start)).collect()
        };
        let codes = scenario.expect.codes.into_iter().zip(&places.codes);
        FileLines {
            steps: places.actors.iter().map(of_actor).collect(),
            codes: codes.map(|(codes, place)| (codes.actor, line(place.actor.start))).collect(),
            stuck: places.stuck.as_ref().map(|stuck| line(stuck.whole.start)),
            never: of_questions(&places.never),
            possible: of_questions(&places.possible),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_and_codes_stand_in_their_lines() {
        let head =
            "schema = 1\nname = \"x\"\n\n[[actor]]\nname = \"a\"\nsteps = [\n  \"enable\",\n";
        let rest = "  # a gap\n  \"disable\", \"enable\",\n]\n\n[expect.codes]\na = [[], [], []]\n";
        let text = &format!("{head}{rest}");
        let lines = FileLines::of(text);
        assert_eq!(lines.steps, [vec![7, 9, 9]]);
        assert_eq!(lines.codes["a"], 13);
        assert_eq!(FileLines::of("[["), FileLines::default());
    }

    #[test]
    fn steps_within_steps_stand_in_their_lines_in_the_order_of_their_numbers() {
        let text = "schema = 1\nname = \"x\"\n[[actor]]\nname = \"a\"\nsteps = [\n\
                    { if = { is = \"failed\", else = [\n\"enable\",\n], then = [\n\
                    \"disable\",\n\"enable\",\n] } },\n\"enable\",\n]\n\
                    [expect]\nstuck = [\"a\"]\n[[expect.possible]]\ncode = [\"S_OK\"]\n";
        let lines = FileLines::of(text);
        // The `if`, its `then`, its `else`, and what follows.
        assert_eq!(lines.steps, [vec![6, 9, 10, 7, 12]]);
        assert_eq!((lines.stuck, lines.never, lines.possible), (Some(15), vec![], vec![16]));
    }
}
