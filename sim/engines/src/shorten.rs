//! Shortens the schedule of a violation: it ends with the event that violates.
//!
//! `protocol` does so by itself. An engine that runs code keeps whole executions.

use calloff_protocol::exploration::Granularity;
use calloff_protocol::judge;
use calloff_protocol::judge::{Options, Violation};
use calloff_protocol::operations::Script;
use calloff_protocol::program::Case;
use calloff_protocol::scenario::Scenario;
use calloff_protocol::trace::Schedule;

use crate::subjects;

/// If a violation is that a step returns a code which the file does not expect, and its schedule is
/// in the implementation's own choices: cuts it off behind that return.
pub fn end_at_return(
    violation: &mut Violation,
    scenario: &Scenario,
    options: &Options,
    case: &Case,
) {
    let is_followed =
        matches!(violation.granularity, Granularity::Section | Granularity::Operation);
    let (Some(whole), Some(returned), true) =
        (violation.schedule.clone(), violation.returned.clone(), is_followed)
    else {
        return;
    };
    let is_careful = violation.granularity == Granularity::Operation;
    let cut = |length: usize| Schedule(whole.0[..length].to_vec());
    let program = &case.program;
    let returns = |length: usize| {
        let script = Script::Operations { schedule: cut(length), is_careful };
        let followed = subjects::follow(options, case, &script);
        followed.divergence.is_none()
            && judge::unexpected(scenario, program, &followed.outcome)
                .any(|found| found == returned)
    };
    let (mut before, mut after) = (0, whole.0.len());
    if !returns(after) {
        return;
    }
    while after - before > 1 {
        let middle = usize::midpoint(before, after);
        if returns(middle) { after = middle } else { before = middle }
    }
    violation.schedule = Some(cut(after));
}
