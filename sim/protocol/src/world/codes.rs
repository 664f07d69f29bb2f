//! The codes that an actor's steps have returned so far.

use calloff_model::Code;

/// For each code-returning step that ran: its position, and the code of its last run. Sorted.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Codes(Vec<(u32, Code)>);

impl Codes {
    /// Notes the code of a step, by its position among those that return a code.
    pub fn note(&mut self, position: u32, code: Code) {
        match self.0.binary_search_by_key(&position, |(at, _)| *at) {
            Ok(at) => self.0[at].1 = code,
            Err(at) => self.0.insert(at, (position, code)),
        }
    }

    /// The whole list, in the order of the steps.
    pub fn to_vec(&self) -> Vec<(u32, Code)> {
        self.0.clone()
    }

    /// A step whose last code is another one than before, with that code.
    pub fn changed_since(&self, before: &Codes) -> Option<(u32, Code)> {
        self.0.iter().find(|noted| !before.0.contains(noted)).copied()
    }

    /// How many steps have returned a code.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no step has returned a code.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_run_of_a_step_counts_and_steps_stand_in_order() {
        let mut codes = Codes::default();
        codes.note(1, Code::S_FALSE);
        let before = codes.clone();
        codes.note(0, Code::S_OK);
        codes.note(1, Code::S_FALSE);
        assert_eq!(codes.to_vec(), [(0, Code::S_OK), (1, Code::S_FALSE)]);
        assert_eq!(codes.changed_since(&before), Some((0, Code::S_OK)));
        codes.note(1, Code::E_FAIL);
        assert_eq!(codes.to_vec(), [(0, Code::S_OK), (1, Code::E_FAIL)]);
    }
}
