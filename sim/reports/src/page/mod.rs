//! Pages: the explored graph of a scenario as one HTML file, in which a reader plays the scheduler.
//!
//! Invariants:
//!
//! 1. The page holds states and steps as data. No line of its script knows what a step does: the
//!    machine is written once.
//! 2. A page is one file, loads nothing and sends nothing: its own policy forbids all but the one
//!    script and the one style sheet in it.
//! 3. Text from a scenario is text on the page, whatever it says.
//! 4. Equal scenarios give equal pages, byte for byte.

pub mod data;
pub mod diagram;
pub mod goals;
mod hash;
pub mod levels;

use data::Data;

const PAGE: &str = include_str!("page.html");

/// The parts of the style sheet.
const STYLES: [&str; 2] = [include_str!("css/page.css"), include_str!("css/parts.css")];

/// The parts of the script, in the order in which they run.
const SCRIPTS: [&str; 19] = [
    include_str!("js/dom.js"),
    include_str!("js/graph.js"),
    include_str!("js/measure.js"),
    include_str!("js/session.js"),
    include_str!("js/pair.js"),
    include_str!("js/decides.js"),
    include_str!("js/layout.js"),
    include_str!("js/text.js"),
    include_str!("js/svg.js"),
    include_str!("js/mermaid.js"),
    include_str!("js/play.js"),
    include_str!("js/lanes.js"),
    include_str!("js/outcomes.js"),
    include_str!("js/goals.js"),
    include_str!("js/levels.js"),
    include_str!("js/state.js"),
    include_str!("js/link.js"),
    include_str!("js/export.js"),
    include_str!("js/main.js"),
];

/// The page as one HTML file.
///
/// # Panics
///
/// Never: the data of a page can always be written as JSON.
pub fn render(title: &str, data: &Data) -> String {
    let json = serde_json::to_string(data).expect("plain data");
    // A browser hashes the text after it has normalised the line ends.
    let script = format!("(() => {{\n\"use strict\";\n{}}})();\n", SCRIPTS.join("\n"));
    let (script, style) = (script.replace('\r', ""), STYLES.join("\n").replace('\r', ""));
    let policy = format!(
        "default-src 'none'; script-src '{}'; style-src '{}'; base-uri 'none'; form-action 'none'",
        hash::source(&script),
        hash::source(&style)
    );
    let parts = [
        ("{{policy}}", policy),
        ("{{title}}", as_text(title)),
        ("{{style}}", style),
        ("{{diagram}}", diagram::svg()),
        ("{{data}}", as_data(&json)),
        ("{{script}}", script),
    ];
    let mut page = String::with_capacity(json.len() + (1 << 16));
    let mut rest = PAGE;
    for (mark, text) in parts {
        let (before, after) = rest.split_once(mark).expect("the page has every mark, in order");
        page.push_str(before);
        page.push_str(&text);
        rest = after;
    }
    page + rest
}

/// Escapes text between tags.
fn as_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Escapes JSON within a script element, so that no string can end the element.
fn as_data(json: &str) -> String {
    json.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}
