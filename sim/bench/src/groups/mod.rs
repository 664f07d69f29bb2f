//! Everything that is measured. A new comparison is one module more, and one line here.

pub mod exhaustive;
pub mod loom;
pub mod monitor;
pub mod peers;
pub mod touches;
pub mod zoo;

use crate::args::Args;
use crate::group::Group;

/// All groups, in the order in which they run.
pub fn all(args: &Args) -> Vec<Group> {
    let groups = [
        peers::group(args),
        touches::group(args),
        monitor::group(args),
        exhaustive::group(args),
        loom::group(args),
        zoo::group(args),
    ];
    groups.into_iter().map(|group| limited(group, args.seconds_max)).collect()
}

/// The group with a lower limit.
fn limited(group: Group, seconds_max: Option<u32>) -> Group {
    let Some(seconds_max) = seconds_max.map(f64::from) else { return group };
    Group {
        seconds_max: group.seconds_max.min(seconds_max),
        seconds_enough: group.seconds_enough.min(seconds_max / 2.0),
        ..group
    }
}
