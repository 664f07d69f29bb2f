//! What the file of a counterexample is called.

use super::{Claim, Counterexample};

/// The longest name of a scenario in a file name, in bytes; a longer one is cut.
const NAME_MAX: usize = 80;

impl Counterexample {
    /// What a file with it is called, without the ending: the scenario, what is violated, the
    /// reading, the engine and the seeded bug. Different findings may have the same name.
    pub fn file_stem(&self) -> String {
        let what = self.claim.as_ref().map_or("execution", |claim: &Claim| claim.what.id());
        let (cancelable, waiter) = (self.reading.cancelable.name(), self.reading.waiter.name());
        let engine = self.engine.name();
        let mut stem =
            format!("{}.{what}.{cancelable}.{waiter}.{engine}", plain(&self.scenario.name));
        if let Some(fault) = self.fault {
            stem = format!("{stem}.{}", fault.name());
        }
        stem
    }
}

/// Letters, digits, `-` and `_` alone: a name that every file system takes.
fn plain(name: &str) -> String {
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    name.chars().map(|c| if is_plain(&c) { c } else { '-' }).take(NAME_MAX).collect()
}
