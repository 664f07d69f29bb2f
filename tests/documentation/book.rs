//! The book: its answers are right, its table of contents is whole. Its commands are run by
//! `tests/documentation/commands/`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use calloff_tests::console::execute;
use calloff_tests::project_file;

fn course() -> Vec<PathBuf> {
    let pages = markdown(&project_file("docs/course"));
    assert_eq!(pages.len(), 9, "the chapters of the course");
    pages.into_iter().chain([project_file("docs/introduction.md")]).collect()
}

fn markdown(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("a file").path());
    let mut pages: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|end| end == "md")).collect();
    pages.sort();
    pages
}

fn read(page: &Path) -> String {
    fs::read_to_string(page).expect("a page")
}

#[test]
fn the_answers_to_the_exercises_are_right_and_each_is_asked_for() {
    let folder = project_file("docs/course");
    let output = execute("calloff check answers --engine protocol", &[], &folder);
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{report}");
    let names = fs::read_dir(folder.join("answers")).expect("the answers");
    let answers: BTreeSet<String> =
        names.map(|entry| entry.expect("a file").file_name().into_string().unwrap()).collect();
    let pages: String = course().iter().map(|page| read(page)).collect();
    let linked = pages.split("](answers/").skip(1).filter_map(|rest| rest.split(')').next());
    assert_eq!(answers, linked.map(str::to_owned).collect());
}

#[test]
fn the_table_of_contents_has_every_page_once() {
    let summary = read(&project_file("docs/SUMMARY.md"));
    let linked = summary.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let linked: Vec<PathBuf> = linked.map(|name| project_file("docs").join(name)).collect();
    let pages = markdown(&project_file("docs")).into_iter().chain(course());
    let pages: BTreeSet<PathBuf> = pages.filter(|page| !page.ends_with("SUMMARY.md")).collect();
    assert_eq!(linked.len(), pages.len(), "a page stands there twice, or not at all");
    assert_eq!(linked.into_iter().collect::<BTreeSet<_>>(), pages);
}
