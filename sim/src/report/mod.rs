//! Reports: what a check found, for people and for programs.

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

/// The width of the terminal in columns; 80 when there is none.
pub fn width() -> usize {
    terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0))
}
