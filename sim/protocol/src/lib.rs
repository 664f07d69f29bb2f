//! What is explored and judged, and the search that does it: the pure part of calloff.
//!
//! A [`scenario`] is lowered to a [`program`]; the [`world`] takes its steps; the [`search`] tries
//! every order of them; the [`clauses`] judge what can be seen, and [`judge`] says whether that is
//! as it should be. Nothing here knows a thread, a clock, a file or a terminal, so that all of it
//! runs in a browser as well.

pub mod clauses;
pub mod code;
pub mod digest;
pub mod exploration;
pub mod fairness;
pub mod faults;
pub mod finding;
pub mod goal;
pub mod graph;
pub mod history;
pub mod judge;
mod names;
pub mod narrative;
pub mod operations;
pub mod pair;
pub mod plan;
pub mod program;
pub mod scenario;
pub mod search;
pub mod survey;
pub mod text;
pub mod trace;
pub mod world;
