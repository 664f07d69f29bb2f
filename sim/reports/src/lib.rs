//! What was found, for people and for programs: reports, pictures, pages, explanations. Pure, like
//! what is shown: values in, text out.

pub mod answers;
pub mod changes;
pub mod codes;
pub mod codes_seen;
pub mod describe;
pub mod explain;
pub mod field;
pub mod findings;
pub mod github;
pub mod human;
pub mod json;
pub mod lanes;
pub mod page;
pub mod play;
pub mod replay;
pub mod seed_table;
pub mod shell;
pub mod style;
pub mod unfinished;
pub mod wanted;
pub mod witness;

/// The width of pictures and sentences, in columns, without a terminal.
pub const WIDTH: usize = 80;
