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
    vec![
        peers::group(args),
        touches::group(args),
        monitor::group(args),
        exhaustive::group(args),
        loom::group(args),
        zoo::group(args),
    ]
}
