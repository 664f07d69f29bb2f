//! A whole check: many scenarios under their readings, on several threads, in one order.

use calloff_model::{Cancelable, Reading, Waiter};

use crate::judge::{Options, Source};

/// What is to be checked, and how.
#[derive(Clone)]
pub struct Plan {
    /// The scenarios.
    pub sources: Vec<Source>,
    /// Which readings, if not those that the files name.
    pub axes: Axes,
    /// The engines, the seeded bug, the limits.
    pub options: Options,
    /// How many threads explore at once. The result does not depend on it.
    pub jobs: usize,
}

/// Values that readings are to have, instead of those that a file names.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Axes {
    /// What decides whether a call can be canceled.
    pub cancelable: Option<Cancelable>,
    /// Which side waits for the window.
    pub waiter: Option<Waiter>,
}

impl Axes {
    /// The readings that are meant where a file names these, in the order of [`Reading::ALL`]. An
    /// axis without a value takes those that the file names.
    pub fn readings(self, named: &[Reading]) -> Vec<Reading> {
        let is_meant = |reading: &Reading| {
            let cancelable = match self.cancelable {
                Some(value) => value == reading.cancelable,
                None => named.iter().any(|name| name.cancelable == reading.cancelable),
            };
            let waiter = match self.waiter {
                Some(value) => value == reading.waiter,
                None => named.iter().any(|name| name.waiter == reading.waiter),
            };
            cancelable && waiter
        };
        let all = Reading::ALL.into_iter();
        match self {
            Axes { cancelable: None, waiter: None } => {
                all.filter(|reading| named.contains(reading)).collect()
            }
            _ => all.filter(is_meant).collect(),
        }
    }
}

impl Plan {
    /// The pairs of scenario and reading, in the order of the report.
    pub fn runs(&self) -> Vec<(usize, Reading)> {
        let of = |(index, source): (usize, &Source)| {
            let readings = self.axes.readings(&source.scenario.expect.readings);
            readings.into_iter().map(move |reading| (index, reading))
        };
        self.sources.iter().enumerate().flat_map(of).collect()
    }
}
