//! The generated parts of the documentation, which are between markers with their names.
//!
//! A test generates each part again and compares. With `CALLOFF_BLESS=1` it writes the page
//! instead.

use std::fmt::Write;
use std::fs;

use crate::project_file;

const BEGIN: &str = "<!-- begin generated: ";
const END: &str = "<!-- end generated -->";

/// Compares every generated part of a page with the result of `part` for its name, or writes the
/// page. Returns the number of parts.
///
/// # Panics
///
/// If the page is not up to date, or its markers are wrong.
pub fn hold(page: &str, part: impl Fn(&str) -> String) -> usize {
    let path = project_file(page);
    let text = fs::read_to_string(&path).expect("a page");
    let (fresh, parts) = regenerate(&text, part);
    if std::env::var_os("CALLOFF_BLESS").is_some() {
        fs::write(&path, &fresh).expect("the page can be written");
    } else {
        assert!(text == fresh, "{page} is not up to date: run this test with CALLOFF_BLESS=1");
    }
    parts
}

/// The page with every part generated again, and the number of parts.
fn regenerate(text: &str, part: impl Fn(&str) -> String) -> (String, usize) {
    let (mut out, mut rest, mut parts) = (String::new(), text, 0);
    while let Some(begin) = rest.find(BEGIN) {
        let name_at = begin + BEGIN.len();
        let name_end = name_at + rest[name_at..].find(" -->").expect("the marker is closed");
        let end = name_end + rest[name_end..].find(END).expect("a generated part ends");
        let table = part(&rest[name_at..name_end]);
        let _ = write!(out, "{} -->\n\n{}\n\n", &rest[..name_end], table.trim_end());
        rest = &rest[end..];
        parts += 1;
    }
    out.push_str(rest);
    (out, parts)
}
