//! The harness: scenarios, the explored world, the engines, the clauses that judge, the reports.

pub mod clauses;
pub mod history;
pub mod scenario;
