//! Reports: the results of a check, for people and for programs.

pub mod changes;
pub mod codes_seen;
pub mod describe;
pub mod github;
pub mod human;
pub mod json;
pub mod junit;
pub mod lanes;
pub mod operations;
pub mod replay;
pub mod seed_table;
pub mod witness;
pub mod zoo;

/// The width of pictures and sentences, in columns, without a terminal.
pub const WIDTH: usize = 80;

/// The width of the terminal in columns, or [`WIDTH`].
pub fn width() -> usize {
    terminal_size::terminal_size().map_or(WIDTH, |(width, _)| usize::from(width.0))
}
