//! What is known of a run that a limit has stopped, and how much of each limit it used.
//!
//! A share of the limit on time is told only if that limit was hit: else no report would be the
//! same twice.

use calloff_protocol::exploration::{Engine, Exploration, Limit, Limits};
use calloff_protocol::judge::{Run, Verdict};
use calloff_protocol::text::count;

/// "within 3 steps".
pub(crate) fn within(depth: u64) -> String {
    format!("within {}", count(depth, "step"))
}

/// Why it was stopped, and after how much.
pub(crate) fn stopped(limit: Limit, after: &str) -> String {
    match limit {
        Limit::Interrupt => format!("interrupted after {after}"),
        limit => {
            let (name, advice) = (limit.name(), limit.advice());
            format!("the limit on {name} was hit after {after}; {advice}")
        }
    }
}

/// What is known nevertheless of a run that was stopped. A run that has found a violation is not
/// said to have none.
pub fn known(run: &Run) -> Option<String> {
    let Exploration { complete_depth, switches, .. } = &run.exploration;
    let is_broken = run.verdict == Verdict::Violated;
    let unanswered = run.exploration.answers.iter().filter(|answer| !answer.is_known()).count();
    let known = match (run.engine, *complete_depth) {
        (Engine::Protocol, None) if unanswered > 0 => {
            let questions = count(unanswered as u64, "question");
            return Some(format!("{questions} of the file not answered; all else was explored"));
        }
        (Engine::Protocol, Some(depth)) => within(depth),
        (Engine::Protocol, None) => return None,
        // It goes by context switches, and in depth: the number of steps says nothing.
        (Engine::Exhaustive, _) if *switches > 0 => {
            format!("in executions of fewer than {}", count(*switches, "context switch"))
                .replace("switchs", "switches")
        }
        _ => return None,
    };
    let grows = run.exploration.growing.as_ref().map(|what| format!(". More and more: {what}"));
    let grows = grows.unwrap_or_default();
    Some(match is_broken {
        true => format!("explored completely {known}; beyond that, unknown{grows}"),
        false => format!("no violation {known}; beyond that, unknown{grows}"),
    })
}

/// The share of each limit that was used.
pub(crate) fn used(run: &Run, limit: Limit, limits: &Limits) -> String {
    let Exploration { states, executions, bytes, .. } = run.exploration;
    let share = |used: u64, of: u64, name: &str| {
        let percent = (u128::from(used) * 100 / u128::from(of.max(1))).min(100);
        format!("{percent} % of {name}")
    };
    let executions_max = match run.engine {
        Engine::Protocol | Engine::Exhaustive => None,
        Engine::Loom => Some(limits.loom_executions_max),
        Engine::Shuttle => Some(limits.executions_max),
        Engine::Std => Some(limits.std_executions),
    };
    let of_states = (states > 0).then(|| share(states, limits.states_max, "states-max"));
    let of_memory = bytes.map(|bytes| share(bytes, limits.memory_max << 20, "memory-max"));
    let of_executions = executions_max.map(|max| share(executions, max, "executions-max"));
    let of_time = (limit == Limit::Seconds).then(|| "all of seconds-max".to_owned());
    let shares = [of_states, of_memory, of_executions, of_time];
    shares.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
