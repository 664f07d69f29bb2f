//! Verdicts, and whether they are those that the file expects.

use calloff_model::Reading;

use super::{Verdict, Violated, Violation};
use crate::exploration::{Bound, Exploration};
use crate::scenario::{ExpectedVerdict, Scenario};

/// The verdict on what was explored, with these violations; `skipped` is why it was not.
pub fn verdict(
    violations: &[Violation],
    exploration: &Exploration,
    skipped: Option<&str>,
) -> Verdict {
    let is_cut_short = skipped.is_some()
        || matches!(exploration.bound, Bound::Stopped { .. } | Bound::Diverged | Bound::Sought);
    match (violations.is_empty(), !is_cut_short) {
        (false, _) => Verdict::Violated,
        (true, true) => Verdict::Holds,
        (true, false) => Verdict::Inconclusive,
    }
}

/// A file that expects a violation excuses whatever else the same bug violates, but not what the
/// file itself says of the codes.
pub fn is_as_expected(
    scenario: &Scenario,
    reading: Reading,
    verdict: Verdict,
    violations: &[Violation],
) -> bool {
    let has = |what: &str| violations.iter().any(|v| v.what.id() == what);
    match &scenario.expect.verdict {
        ExpectedVerdict::Violated { clause } if scenario.expect.readings.contains(&reading) => {
            let own = [Violated::Expectation, Violated::CrossCheck, Violated::Never]
                .into_iter()
                .chain([Violated::Possible, Violated::NotFinishing]);
            has(clause) && !own.map(Violated::id).any(has)
        }
        _ => verdict == Verdict::Holds,
    }
}
