//! The progress bar that commands show while they work, if standard error is a terminal.

use std::fmt;
use std::io::{self, IsTerminal};
use std::time::Duration;

use calloff_protocol::exploration::Stop;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

/// A bar that counts up to `length`, or without an end if that is not known.
///
/// `what` is the template of indicatif that follows the number: what is counted, and what else is
/// shown. Its key `{states}` is the number of states that the exploration with `stop` has found.
pub(crate) fn bar(length: Option<u64>, what: &str, stop: &Stop) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    }
    let count = if length.is_some() { "{bar:30} {pos}/{len}" } else { "{spinner} {pos}" };
    let template = format!("{count} {what}, {{elapsed}}");
    let style = ProgressStyle::with_template(&template).expect("a fixed template");
    let stop = stop.clone();
    let states = move |_: &ProgressState, out: &mut dyn fmt::Write| {
        let _ = write!(out, "{}", stop.states());
    };
    let bar = length.map_or_else(ProgressBar::no_length, ProgressBar::new);
    let bar = bar.with_style(style.with_key("states", states));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
