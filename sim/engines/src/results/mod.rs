//! Results on disk, one line for each unit of work, so that work can go on after it was killed at
//! any moment, and so that the work of many machines comes together.
//!
//! # Invariants
//!
//! 1. A file is only ever appended to. A line counts once it is on disk, whole, with its end: each
//!    has a sum over its own text. So a unit's result is there, or it is not.
//! 2. What was cut off at the end of a file is no result. It is taken away, and said to be. Any
//!    other damage is an error, and leaves the file as it is.
//! 3. A file of another format, version, command, or of other units is refused.
//! 4. Nothing in a line depends on the machine, on the time, or on the number of threads. With more
//!    than one thread, the order of the lines does.

mod line;
mod merged;
mod record;
mod schema;

use std::io;

use calloff_protocol::text::printable;
pub(crate) use line::line;
pub use line::{Line, Whole, read};
pub use merged::{Double, Merged, Missing};
pub use record::{Opened, Recorder, record_all};
pub use schema::json_schema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::shards::{Shard, UnitId};

/// The version of the format that is written, and the only one that is read.
pub const FORMAT: u64 = 1;

/// The program that writes results, with its version: results of another one may differ.
pub const TOOL: &str = concat!("calloff ", env!("CARGO_PKG_VERSION"));

/// The command whose results a file has.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// `calloff check`: a unit is a scenario under a reading, with the runs of all engines.
    Check,
    /// `calloff fuzz`: a unit is a generated scenario, under every reading.
    Fuzz,
    /// `calloff faults`: a unit is a seeded bug.
    Faults,
}

/// The first line of a file: which work its results are of.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The version of the format.
    pub format: u64,
    /// What has written the file, with its version.
    pub tool: String,
    /// The command.
    pub command: Kind,
    /// What decides what is found, under the names of the flags.
    pub arguments: Map<String, Value>,
    /// The id of all units together: of the scenarios as they were read.
    pub work: UnitId,
    /// The part of the work that is in this file.
    pub shard: Shard,
    /// The id of the record of costs, if the work was divided by costs.
    pub costs: Option<UnitId>,
    /// The number of units in this shard; `null` if they were not counted.
    pub units: Option<u64>,
    /// The limit on wall-clock time, in nanoseconds: it decides how much is done, and not what is
    /// found. `null`: there is none.
    pub nanoseconds_max: Option<u64>,
}

impl Header {
    /// How the work of this file differs from other work, a line for each difference; empty: it is
    /// the same work, of whatever shard.
    pub fn differences(&self, here: &Header) -> Vec<String> {
        let mut lines = Vec::new();
        let mut differ = |name: &str, there: &Value, here: &Value| {
            let show = |value: &Value| match value {
                Value::Null => "nothing".to_owned(),
                value => value.to_string(),
            };
            if there != here {
                lines.push(format!(
                    "{}: {} there, {} here",
                    printable(name),
                    show(there),
                    show(here)
                ));
            }
        };
        let name = |kind: Kind| serde_json::to_value(kind).unwrap_or_default();
        differ("tool", &self.tool.as_str().into(), &here.tool.as_str().into());
        differ("command", &name(self.command), &name(here.command));
        let mut names: Vec<&String> = self.arguments.keys().chain(here.arguments.keys()).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let of = |header: &Header| header.arguments.get(name).cloned().unwrap_or_default();
            differ(name, &of(self), &of(here));
        }
        if lines.is_empty() && self.work != here.work {
            lines.push("the scenarios: their files are others, or have changed".to_owned());
        }
        lines
    }
}

/// Why a file with results is refused. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum BadResults {
    /// It cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(io::Error),
    /// It cannot be written.
    #[error("cannot be written: {0}")]
    Unwritable(io::Error),
    /// It is there, and was not to be continued.
    #[error("it is there already: `--resume` goes on with it; else take another file")]
    Exists,
    /// Another process uses it.
    #[error("another calloff is using it; wait for that one, or take another file")]
    Busy,
    /// It is something else.
    #[error("it is no file with results of calloff: {0}; take another file")]
    Foreign(String),
    /// It is of another format.
    #[error(
        "it has format {0}, and this calloff reads {FORMAT}; \
         take the calloff that wrote it, or another file"
    )]
    Format(u64),
    /// It has results of other work.
    #[error("it has results of other work:\n{0}\ngive the same flags, or take another file")]
    Another(String),
    /// A line is damaged that is not the last one.
    #[error("line {line} is damaged: {why}; delete the line, and its unit is done again")]
    Damaged {
        /// The number of the line, from 1.
        line: usize,
        /// Why.
        why: String,
    },
}
