//! The engines that run an implementation.

pub mod exhaustive;
pub mod follow;
pub mod loom;
pub mod real_threads;
pub mod sampled;
mod stage;

use calloff_protocol::program::{Flow, Program};

/// Why an engine that owns not every step cannot take the client program; `None` if it can.
fn skips_client(program: &Program) -> Option<&'static str> {
    if program.has_ways() {
        return Some("it has waits that serve or can be given up, or objects with several codes");
    }
    if program.has_cycles {
        return Some("it has loops that may go on for ever");
    }
    let has_many_passes = |place: &Flow| matches!(place, Flow::Again { times: 100.., .. });
    if program.lanes.iter().flat_map(|lane| &lane.flow).any(has_many_passes) {
        return Some("it has loops of many passes");
    }
    if program.lanes.iter().any(|lane| lane.is_daemon) {
        return Some("it has daemons");
    }
    if program.has_instances() {
        return Some("it issues a call again and again");
    }
    program.asks_who_has_finished().then_some("it asks who has finished")
}
