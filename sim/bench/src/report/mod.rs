//! What a run shows: tables, a JSON document, plots, and the page of the last run.

mod bless;
mod json;
mod machine;
mod plot;
mod table;

pub use bless::bless;
pub use json::json;
pub use machine::Machine;
pub use plot::draw;
pub use table::{Form, tables};
