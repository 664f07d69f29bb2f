//! The command line: what it reads, what it answers, and how its process behaves.

mod bad_files;
mod bless;
mod cli;
mod explain;
mod far;
mod files;
mod formats;
mod new;
mod process;
