//! The command line: what it reads, what it answers, and how its process behaves.

mod bad_files;
mod cli;
mod explain;
mod formats;
mod process;
