//! The judges: one function per clause, grouped by what they look at.
//!
//! Each function is named after its clause. It accuses only if no order of the operations in flight
//! explains what was observed.

pub(super) mod answers;
pub(super) mod clients;
pub(super) mod endings;
pub(super) mod outcomes;
pub(super) mod requests;
pub(super) mod servers;
pub(super) mod views;
pub(super) mod windows;
pub(super) mod witnesses;
