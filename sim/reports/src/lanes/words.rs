//! The material of pictures: signs, measures and templates, each defined once.
//!
//! The page of `calloff explore` draws the same pictures with its own script. Everything that the
//! script needs and does not compute is defined here and beside each renderer, and sent to the page
//! as data.

use std::fmt::{Display, Write};

use serde_json::{Value, json};

use super::layout::{GOES_ON, Mark, RETURNS};
use super::{decides, mermaid, svg, text};

/// The meaning of each sign.
pub(super) const LEGEND: [(&str, &str); 5] = [
    (READY, "could step"),
    (WAITS, "waits"),
    ("…", "still in flight"),
    ("=", "returns"),
    (ADVANCES, "the clock advances"),
];
/// The legends for the marks of a pair, and for a violation.
pub(super) const PAIR_LEGEND: (&str, &str) = ("◀a ◀b", "the order of these two decides");
pub(super) const BROKEN_LEGEND: (&str, &str) = ("✗", "breaks a clause");

pub(super) const READY: &str = "│";
pub(super) const WAITS: &str = "┊";
pub(super) const ADVANCES: &str = "▶";
/// The template for a clause and how it is violated.
pub(super) const BROKEN: &str = "✗ {}: {}";
/// The template for the stuck actors and their operations.
pub(super) const STUCK: &str = "for ever: {}";

pub(super) const STEP: &str = "row";
pub(super) const CLOCK: &str = "clock";
pub(super) const CHANGED: &str = "what changed";

/// The template with its gaps filled in order.
pub(crate) fn filled(template: &str, values: &[&dyn Display]) -> String {
    let mut out = String::with_capacity(template.len() + 16 * values.len());
    let mut values = values.iter();
    for (number, part) in template.split("{}").enumerate() {
        if number > 0 {
            let value = values.next().expect("a value for each gap");
            let _ = write!(out, "{value}");
        }
        out.push_str(part);
    }
    assert!(values.next().is_none(), "a gap for each value: {template}");
    out
}

/// All of it, for the script of a page.
pub(crate) fn words() -> Value {
    json!({
        "width": crate::WIDTH,
        "lineSigns": ["", GOES_ON, RETURNS],
        "marks": [Mark::A.sign(), Mark::B.sign()],
        "ready": READY,
        "waits": WAITS,
        "advances": ADVANCES,
        "broken": BROKEN,
        "stuck": STUCK,
        "head": { "step": STEP, "clock": CLOCK, "changed": CHANGED },
        "legend": LEGEND,
        "pairLegend": PAIR_LEGEND,
        "brokenLegend": BROKEN_LEGEND,
        "decides": decides::words(),
        "text": text::words(),
        "svg": svg::words(),
        "mermaid": mermaid::words(),
    })
}
