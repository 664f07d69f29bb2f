//! The four styles of the reports for people.

use anstyle::{AnsiColor, Style};

/// Headings and names.
pub const BOLD: Style = Style::new().bold();
/// What is as it should be.
pub const GOOD: Style = AnsiColor::Green.on_default().bold();
/// What is wrong.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// What is not known.
pub const UNSURE: Style = AnsiColor::Yellow.on_default().bold();
