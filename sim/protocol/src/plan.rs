//! A whole check: many scenarios under their readings, on several threads, with results in fixed
//! order.

use calloff_model::{Cancelable, Reading, Waiter};

use crate::judge::{Options, Source};

/// What is checked, and how.
#[derive(Clone)]
pub struct Plan {
    /// The scenarios.
    pub sources: Vec<Source>,
    /// Readings to use in place of those that the files name.
    pub axes: Axes,
    /// The engines, the seeded bug, the limits.
    pub options: Options,
    /// The number of threads. The result does not depend on it.
    pub jobs: usize,
}

/// Values for the axes of readings, in place of those that a file names.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Axes {
    /// What decides whether a call can be canceled.
    pub cancelable: Option<Cancelable>,
    /// Which side waits for the window.
    pub waiter: Option<Waiter>,
}

impl Axes {
    /// The readings to check for a file that names these readings, in the order of
    /// [`Reading::ALL`]. An axis without a value keeps the values that the file names.
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
