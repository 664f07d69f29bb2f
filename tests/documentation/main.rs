//! The documentation: its commands are run, its tables are generated, its example is verified.

mod book;
mod commands;
mod docs;
mod your_own;
