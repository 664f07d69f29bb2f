//! The judges, one function per clause, by what they look at.
//!
//! Each is named after its clause. They accuse only when no order of the operations in flight
//! explains what was seen.

pub(super) mod answers;
pub(super) mod endings;
pub(super) mod outcomes;
pub(super) mod requests;
pub(super) mod servers;
pub(super) mod views;
pub(super) mod windows;
pub(super) mod witnesses;
