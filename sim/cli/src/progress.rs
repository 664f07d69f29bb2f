//! The progress that commands show while they work: a bar if standard error is a terminal, else a
//! line now and then.

use std::fmt;
use std::io::{self, IsTerminal};
use std::thread;
use std::time::{Duration, Instant};

use calloff_protocol::exploration::Stop;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::narrate;

/// The time between two lines, where there is no terminal.
const BETWEEN_LINES: Duration = Duration::from_secs(60);

/// A bar that counts up to `length`, or without an end if that is not known.
///
/// `what` is the template of indicatif that follows the number: what is counted, and what else is
/// shown. Its key `{states}` is the number of states that the exploration with `stop` has found,
/// `{rate}` how many of them in a second, and `{doing}` what is explored now.
pub(crate) fn bar(length: Option<u64>, what: &str, stop: &Stop) -> ProgressBar {
    if !io::stderr().is_terminal() {
        let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::hidden());
        report_now_and_then(&bar, stop.clone());
        return bar;
    }
    let count = if length.is_some() { "{bar:20} {pos}/{len}" } else { "{spinner} {pos}" };
    let template = format!("{count} {what}");
    let style = ProgressStyle::with_template(&template).expect("a fixed template");
    let (counted, timed, named) = (stop.clone(), stop.clone(), stop.clone());
    let states = move |_: &ProgressState, out: &mut dyn fmt::Write| {
        let _ = write!(out, "{}", counted.states());
    };
    let rate = move |bar: &ProgressState, out: &mut dyn fmt::Write| {
        let _ = write!(out, "{}/s", per_second(timed.states(), bar.elapsed()));
    };
    let doing = move |_: &ProgressState, out: &mut dyn fmt::Write| {
        let _ = write!(out, "{}", named.doing());
    };
    let style = style.with_key("states", states).with_key("rate", rate).with_key("doing", doing);
    let bar = length.map_or_else(ProgressBar::no_length, ProgressBar::new);
    let bar = bar.with_style(style);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn per_second(number: u64, time: Duration) -> u64 {
    number * 1000 / u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1)
}

/// Writes a line to standard error now and then, until the bar is finished.
fn report_now_and_then(bar: &ProgressBar, stop: Stop) {
    let (bar, started) = (bar.downgrade(), Instant::now());
    thread::spawn(move || {
        let mut next = BETWEEN_LINES;
        loop {
            thread::sleep(Duration::from_millis(500));
            let Some(bar) = bar.upgrade().filter(|bar| !bar.is_finished()) else { return };
            if started.elapsed() >= next {
                next += BETWEEN_LINES;
                narrate(&line(&bar, &stop, started.elapsed()));
            }
        }
    });
}

/// "after 60 s: 3 of 40 done, 123456 states (2057/s); now seven-actors (…)".
fn line(bar: &ProgressBar, stop: &Stop, time: Duration) -> String {
    let done = match bar.length() {
        Some(length) => format!("{} of {length} done", bar.position()),
        None => format!("{} done", bar.position()),
    };
    let (seconds, states) = (time.as_secs(), stop.states());
    let now = match stop.doing() {
        doing if doing.is_empty() => doing,
        doing => format!("; now {doing}"),
    };
    format!("after {seconds} s: {done}, {states} states ({}/s){now}", per_second(states, time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_how_far_it_is_and_what_is_explored_now() {
        let (bar, stop) = (ProgressBar::hidden(), Stop::default());
        bar.set_length(40);
        bar.set_position(3);
        for states in 1..=1024 {
            stop.check(states).expect("no limit");
        }
        stop.begin("race (at-issue / caller, protocol)".to_owned());
        let time = Duration::from_secs(60);
        assert_eq!(
            line(&bar, &stop, time),
            "after 60 s: 3 of 40 done, 1025 states (17/s); now race (at-issue / caller, protocol)"
        );
    }
}
