//! The harness: scenarios, the explored world, the engines, the clauses that judge, the reports.

pub mod check;
pub mod clauses;
pub mod cli;
pub mod digest;
pub mod drive;
pub mod engine;
pub mod explain;
pub mod explore;
pub mod faults;
pub mod finding;
pub mod generate;
pub mod goal;
pub mod graph;
pub mod history;
pub mod pair;
pub mod plan;
pub mod play;
pub mod program;
pub mod report;
pub mod runtime;
pub mod scenario;
pub mod shrink;
pub mod text;
pub mod trace;
pub mod verify;
pub mod world;
