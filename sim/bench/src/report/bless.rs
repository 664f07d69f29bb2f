//! Writes a run into `docs/performance.md`, between its markers.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Form, Machine, draw, json, tables};
use crate::args::Args;
use crate::run::Results;

/// The folder of the pages.
fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}

/// Writes the tables of each group that was run, the description of the machine, the plots and, if
/// all groups are to run, the JSON report. Groups that were not run stay as they are.
///
/// # Errors
///
/// A file cannot be read or written, or a marker is not there.
pub fn bless(args: &Args, machine: &Machine, results: &[Results]) -> Result<(), String> {
    let repetitions = args.repetitions();
    let page = docs().join("performance.md");
    let mut text = fs::read_to_string(&page).map_err(|error| format!("{page:?}: {error}"))?;
    for one in results {
        let (name, group) = (one.group.name, &one.group.title);
        let shown =
            format!("{group}; medians of {repetitions}:\n\n{}", tables(one, Form::Markdown));
        text = replaced(&text, name, &shown)?;
    }
    text = replaced(&text, "machine", &machine.text())?;
    let folder = docs().join("performance");
    let written = fs::create_dir_all(&folder).and_then(|()| fs::write(&page, text));
    written.map_err(|error| format!("{page:?}: {error}"))?;
    if args.only.is_empty() {
        let report = folder.join("last-run.json");
        fs::write(&report, json(machine, repetitions, results))
            .map_err(|error| format!("{report:?}: {error}"))?;
    }
    draw(results, &folder)
}

/// The page with something else between the two markers of that name.
fn replaced(text: &str, name: &str, by: &str) -> Result<String, String> {
    let begin = format!("<!-- begin measured: {name} -->");
    let end = "<!-- end measured -->";
    let missing = || format!("the page has no place for `{name}`");
    let (before, rest) = text.split_once(&begin).ok_or_else(missing)?;
    let (_, after) = rest.split_once(end).ok_or_else(missing)?;
    Ok(format!("{before}{begin}\n\n{}\n\n{end}{after}", by.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_markers_is_written_anew() {
        let place = |name: &str, what: &str| {
            format!("<!-- begin measured: {name} -->\n\n{what}\n\n<!-- end measured -->\n")
        };
        let page = format!("a\n{}b\n{}c\n", place("one", "1"), place("two", "2"));
        let expected = format!("a\n{}b\n{}c\n", place("one", "1"), place("two", "new"));
        assert_eq!(replaced(&page, "two", "new\n"), Ok(expected));
        assert!(replaced(&page, "three", "").is_err());
    }
}
